"""Conversion to TFLite, for LiteRT. Runs where TensorFlow is the backend."""

import os
import pathlib

import keras
import numpy as np

from crd_keras.export.channel_equalization import equalize_channels
from crd_keras.export.inference_graph import inference_graph
from crd_keras.export.inference_layers import SlicedReflectionPadding2D, SubpixelConv2D
from crd_keras.export.options import ExportOptions
from crd_keras.export.small_means import small_means
from crd_keras.export.strip_names import strip_names
from crd_keras.export.tflite_converter import converted_tflite


def write_tflite(
    model: keras.Model,
    path: str | os.PathLike,
    options: ExportOptions,
    representative_images: np.ndarray | None = None,
) -> None:
    """Converts a generator, in the form that LiteRT runs fast.

    Args:
        model: A generator, on the TensorFlow backend.
        path: The file to write.
        options: What it should be like.
        representative_images: See `export_model`.

    Raises:
        ValueError: See `inference_graph`.
    """
    is_full_int8 = options.quantization == "full_int8"
    epsilons: dict[str, np.ndarray] = {}
    zero_means: set[str] = set()
    if is_full_int8:
        assert representative_images is not None  # `export_models` saw to it.
        model, epsilons = equalize_channels(model, representative_images)
        zero_means = small_means(model, representative_images)
    network = inference_graph(
        model,
        options.image_size,
        options.batch_size,
        # Where everything is whole numbers, the converter itself makes pixels of them.
        "float" if is_full_int8 else options.pixels,
        epsilons,
        padding_layer=SlicedReflectionPadding2D,
        # Not all accelerators can put blocks of pixels in their places.
        subpixel_layer=None if is_full_int8 else SubpixelConv2D,
        doubling=not is_full_int8,
        zero_means=zero_means,
    )
    content = converted_tflite(network, options, representative_images)
    pathlib.Path(path).write_bytes(strip_names(content))
