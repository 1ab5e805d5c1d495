"""Conversion to ONNX. Runs where TensorFlow is the backend."""

import os
import pathlib

import keras

from crd_keras.export.inference_graph import inference_graph
from crd_keras.export.inference_layers import MirrorPadding2D
from crd_keras.export.options import ExportOptions


def write_onnx(
    model: keras.Model, path: str | os.PathLike, options: ExportOptions
) -> None:
    """Converts a generator with tf2onnx.

    Args:
        model: A generator, on the TensorFlow backend.
        path: The file to write.
        options: What it should be like.

    Raises:
        ValueError: See `inference_graph`.
    """
    import tensorflow as tf
    import tf2onnx

    network = inference_graph(
        model,
        options.image_size,
        options.batch_size,
        options.pixels,
        padding_layer=MirrorPadding2D,
    )
    (images,) = network.inputs
    graph, _ = tf2onnx.convert.from_function(
        tf.function(lambda images: {"translated": network(images, training=False)}),
        input_signature=[tf.TensorSpec(images.shape, images.dtype, name="images")],
        opset=options.opset_version,
    )
    _name_free_sizes(graph.graph)
    pathlib.Path(path).write_bytes(graph.SerializeToString())


def _name_free_sizes(graph):
    """Gives what is free a name, the same at both ends: a converter only numbers it."""
    for tensor in (*graph.input, *graph.output):
        dimensions = tensor.type.tensor_type.shape.dim
        for dimension, name in zip(dimensions, ("batch", "height", "width")):
            if not dimension.HasField("dim_value"):
                dimension.dim_param = name
