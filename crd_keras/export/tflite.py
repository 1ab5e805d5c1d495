"""Conversion to TFLite, for LiteRT. Runs where TensorFlow is the backend."""

import os
import pathlib
import tempfile

import keras
import numpy as np

from crd_keras.export.channel_equalization import equalize_channels
from crd_keras.export.inference_graph import inference_graph
from crd_keras.export.inference_layers import SlicedReflectionPadding2D
from crd_keras.export.options import ExportOptions
from crd_keras.export.representative_batches import representative_batches
from crd_keras.export.saved_model import write_inference_graph
from crd_keras.export.strip_names import strip_names


def write_tflite(
    model: keras.Model,
    path: str | os.PathLike,
    options: ExportOptions,
    representative_images: np.ndarray | None = None,
) -> None:
    """Converts a generator with TensorFlow's converter.

    Args:
        model: A generator, on the TensorFlow backend.
        path: The file to write.
        options: What it should be like.
        representative_images: See `export_model`.

    Raises:
        ValueError: See `inference_graph`.
    """
    import tensorflow as tf

    is_full_int8 = options.quantization == "full_int8"
    epsilons: dict[str, np.ndarray] = {}
    if is_full_int8:
        # `export_models` and the options saw to it.
        assert representative_images is not None and options.batch_size is not None
        batches = representative_batches(representative_images, options.batch_size)
        model, epsilons = equalize_channels(model, representative_images)
    # Where everything is whole numbers, the converter itself makes pixels of them.
    pixels = "float" if is_full_int8 else options.pixels
    network = inference_graph(
        model,
        options.image_size,
        options.batch_size,
        pixels,
        epsilons,
        padding_layer=SlicedReflectionPadding2D,
    )
    with tempfile.TemporaryDirectory() as folder:
        write_inference_graph(network, folder)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if options.quantization != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if options.quantization == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if is_full_int8:
            converter.representative_dataset = lambda: ([batch] for batch in batches)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            if options.pixels == "uint8":
                converter.inference_input_type = tf.uint8
                converter.inference_output_type = tf.uint8
        content = converter.convert()
    pathlib.Path(path).write_bytes(strip_names(content))
