"""Parameters and multiply-accumulates of a model, wherever it is."""

import os
import pathlib

import keras

from crd_keras.complexity.counts import Complexity
from crd_keras.complexity.formats import naming_file, open_model_file
from crd_keras.complexity.keras_model import count_model
from crd_keras.models.load_model import load_model


def complexity(
    model: keras.Model | str | os.PathLike,
    image_size: int | tuple[int, int] = 256,
    input_shape: tuple[int, ...] | None = None,
    free_layers: tuple[type[keras.layers.Layer], ...] = (),
) -> Complexity:
    """Counts the parameters of a model and its MACs for one image.

    Counted are the kernels of convolutions (also depthwise, separable and transposed
    ones) and of dense layers or matrix products, wherever they are in the model and as
    often as they are called. Biases, normalisation, activations and operations without
    weights of their own are free, but for some normalisations in `macs_paper`.

    A Keras model is traced, not run. Of an exported graph only what the file holds is
    counted: see `GraphCounts`.

    Args:
        model: A built Keras model, or a `.keras`, `.tflite` or `.onnx` file.
        image_size: Height and width, or one number for both, wherever the model's
            inputs leave them open. Sizes that the model fixes are not changed.
        input_shape: Shape of the only input of a Keras model, without batch. By default
            it is that of the model's own inputs. Subclassed models need it.
        free_layers: Further layer classes of Keras models whose weights cost no MACs.

    Returns:
        The `Complexity`.

    Raises:
        ImportError: If a package that reads the file is not installed.
        NotCountedError: If the model has a layer or an operation with weights of which
            it is not known how they are multiplied. It is a ValueError.
        ValueError: If the model is not built or its input shape is not known, or the
            file is missing, of another kind or cannot be read.

    Example:

    ```python
    student = crd_keras.models.mobile_resnet_generator(filters=16)
    complexity(student).parameters  # 137347
    complexity(student).macs_paper / 1e9  # 1.408, at 256x256
    complexity("student.tflite").macs
    ```
    """
    if isinstance(model, keras.Model):
        return count_model(model, image_size, input_shape, free_layers)
    path = pathlib.Path(model)
    if path.suffix == ".keras":
        model = load_model(str(path))
        return count_model(model, image_size, input_shape, free_layers)
    if input_shape is not None or free_layers:
        raise ValueError(
            "`input_shape` and `free_layers` are for Keras models. Received: "
            f"input_shape={input_shape}, free_layers={free_layers} for {path}"
        )
    with naming_file(path):
        return open_model_file(path, image_size).count()
