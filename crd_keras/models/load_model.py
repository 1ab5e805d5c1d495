"""Loading a model that a training has saved.

Python imports `crd_keras` before this module, and that registers the layers of its
models.
"""

import pathlib

import keras

from crd_keras.utils.errors import first_line


def load_model(path: str) -> keras.Model:
    """Loads a `.keras` file.

    Args:
        path: The file. Its optimizer and losses are left out.

    Raises:
        ValueError: If there is no such file, or it cannot be loaded: in one line.
    """
    if not pathlib.Path(path).is_file():
        raise ValueError(f"there is no model file {path}")
    if not path.endswith(".keras"):
        raise ValueError(f"a model file must end with .keras. Received: {path}")
    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras lets through whatever its readers raise.
        raise ValueError(f"{path} cannot be loaded: {first_line(error)}") from error


def load_generator(path: str, argument: str = "path") -> keras.Model:
    """Loads a `.keras` file of a model that makes images of images.

    Args:
        path: The file. Its optimizer and losses are left out.
        argument: What errors call the file, such as the flag that names it.

    Raises:
        ValueError: If there is no such file, it cannot be loaded, or is another model.
    """
    model = load_model(path)
    check_generator(model, path, argument)
    return model


def check_generator(model: keras.Model, path: str, argument: str) -> None:
    """Raises a `ValueError` unless a model makes images of images.

    Args:
        model: The model.
        path: The file that it comes from.
        argument: What errors call the file.
    """
    shapes = (model.input_shape, model.output_shape)
    # Several inputs have a list of shapes.
    if any(len(shape) != 4 or not isinstance(shape[-1], int) for shape in shapes):
        raise ValueError(
            f"`{argument}` must make images of images, (batch, height, width, "
            "channels) both. "
            f"Received: {path}, which makes {shapes[1]} of {shapes[0]}"
        )
