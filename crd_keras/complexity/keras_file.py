"""A `.keras` file: Keras' compiled predict function on the current backend."""

import pathlib
from typing import Any

import keras

from crd_keras import backend
from crd_keras.complexity.keras_model import complexity
from crd_keras.complexity.record import image_shape, make_record, random_image
from crd_keras.models.load_model import load_model


def measure(path: pathlib.Path, image_size: int, repeats: int) -> dict[str, Any]:
    """See `make_record`.

    Raises:
        ValueError: If the file cannot be loaded, or is no model of images.
    """
    model = load_model(str(path))
    shapes = [tensor.shape for tensor in model.inputs]
    shape = image_shape(shapes, image_size)
    image = random_image(shape, model.inputs[0].dtype)
    model.jit_compile = backend.default_jit_compile()
    return make_record(
        path,
        f"Keras {keras.__version__}, {backend.name} {backend.version}",
        shape,
        _counts(model, image_size),
        lambda: model.predict_on_batch(image),
        repeats,
    )


def _counts(model, image_size):
    try:
        result = complexity(model, image_size)
    except ValueError as error:
        unknown = dict.fromkeys(("parameters", "macs", "macs_paper"))
        return {**unknown, "not_counted": [str(error)]}
    return {
        "parameters": result.parameters,
        "macs": result.macs,
        "macs_paper": result.macs_paper,
        "not_counted": [],
    }
