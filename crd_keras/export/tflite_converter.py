"""TensorFlow's converter to TFLite, behind one function.

`tf.lite` is announced to leave TensorFlow. What then takes its place (litert-torch, or
litert-converter) need only do what this function does.
"""

import tempfile

import keras
import numpy as np

from crd_keras.export.options import ExportOptions
from crd_keras.export.representative_batches import representative_batches
from crd_keras.export.saved_model import write_inference_graph


def converted_tflite(
    network: keras.Model, options: ExportOptions, images: np.ndarray | None
) -> bytes:
    """A TFLite file of a network.

    Args:
        network: What `inference_graph` gave, on the TensorFlow backend.
        options: Which numbers the file shall have. Where all are whole ones, pixels
            become so, too.
        images: `(count, height, width, channels)` in [-1, 1], which ranges are measured
            on. Needed for full int8.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        write_inference_graph(network, folder)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if options.quantization != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if options.quantization == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if options.quantization == "full_int8":
            # `ExportOptions` and `export_models` saw to it.
            assert images is not None and options.batch_size is not None
            batches = representative_batches(images, options.batch_size)
            converter.representative_dataset = lambda: ([batch] for batch in batches)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            if options.pixels == "uint8":
                converter.inference_input_type = tf.uint8
                converter.inference_output_type = tf.uint8
        return converter.convert()
