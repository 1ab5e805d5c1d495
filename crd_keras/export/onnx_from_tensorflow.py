"""ONNX of a network on the TensorFlow backend."""

from typing import Any

import keras
import tensorflow as tf
import tf2onnx


def convert(network: keras.Model, opset_version: int) -> Any:
    """Converts with tf2onnx.

    Args:
        network: What `inference_graph` gave.
        opset_version: Version of ONNX' operators.

    Returns:
        An `onnx.ModelProto` that makes `translated` of `images`.
    """
    (images,) = network.inputs
    model, _ = tf2onnx.convert.from_function(
        tf.function(lambda images: {"translated": network(images, training=False)}),
        input_signature=[tf.TensorSpec(images.shape, images.dtype, name="images")],
        opset=opset_version,
    )
    return model
