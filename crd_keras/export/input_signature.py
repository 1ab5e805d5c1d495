"""The `input_signature` of `keras.Model.export` in terms of this package's options."""

from typing import Any

import keras

_PIXELS = {None: "float", "float32": "float", "uint8": "uint8"}


def signature_options(model: keras.Model, input_signature: Any) -> dict[str, Any]:
    """Options of `export_model` for a signature.

    Args:
        model: The generator to export.
        input_signature: What describes one batch of images, `(batch, height, width,
            channels)`, as `keras.Model.export` takes it: a `keras.InputSpec`, a
            `tf.TensorSpec` or a tensor, by itself or in a list. The batch, or height
            and width, may be `None` for any. Its dtype is float32 or uint8.

    Returns:
        `image_size`, `batch_size` and `pixels`.

    Raises:
        ValueError: If it describes something else.
    """
    specs = keras.tree.flatten(input_signature)
    shape = getattr(specs[0], "shape", None) if len(specs) == 1 else None
    channels = model.input_shape[-1]
    if shape is None or len(shape) != 4 or shape[-1] not in (None, channels):
        raise ValueError(
            "`input_signature` must describe one batch of images, (batch, height, "
            f"width, {channels}). Received: {input_signature}"
        )
    batch_size, height, width, _ = shape
    if (height is None) != (width is None):
        raise ValueError(
            "`input_signature` must give both height and width, or neither. "
            f"Received: {input_signature}"
        )
    dtype = getattr(specs[0], "dtype", None)
    dtype = None if dtype is None else keras.backend.standardize_dtype(dtype)
    if dtype not in _PIXELS:
        raise ValueError(
            '`input_signature` must have the dtype "float32" or "uint8". '
            f"Received: {dtype}"
        )
    return {
        "image_size": None if height is None else (height, width),
        "batch_size": batch_size,
        "pixels": _PIXELS[dtype],
    }
