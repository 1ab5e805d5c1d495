"""A `.keras` file: Keras' compiled predict function on the current backend."""

import pathlib

import keras

from crd_keras import backend
from crd_keras.complexity.keras_model import count_model
from crd_keras.complexity.model_file import ModelFile, image_shape, random_image
from crd_keras.models.load_model import load_model


def load(path: pathlib.Path, image_size: int | tuple[int, int]) -> ModelFile:
    """See `open_model_file`."""
    model = load_model(str(path))
    shape = image_shape([tensor.shape for tensor in model.inputs], image_size)
    image = random_image(shape, model.inputs[0].dtype)
    model.jit_compile = backend.default_jit_compile()
    return ModelFile(
        f"Keras {keras.__version__}, {backend.name} {backend.version}",
        shape,
        lambda: count_model(model, image_size),
        lambda: model.predict_on_batch(image),
    )
