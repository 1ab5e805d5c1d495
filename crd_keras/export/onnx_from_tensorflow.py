"""ONNX of a network on the TensorFlow backend."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from tf2onnx.graph_matcher import GraphMatcher, OpTypePattern

from crd_keras.export.inference_layers import (
    OneEpsilonInstanceNormalization,
    SubpixelConv2D,
)

NORM_LAYER = OneEpsilonInstanceNormalization
"""What instance norms are to be, so that they become ONNX' operator."""
SUBPIXEL_LAYER = SubpixelConv2D
"""Likewise convolutions that make several pixels at once."""


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
        custom_rewriter=[_put_instance_norms_together],
    )
    return model


def _pattern():
    """TensorFlow's operators of `NORM_LAYER.normalize`."""

    def pattern(types, *inputs, name=None, in_order=False):
        return OpTypePattern(types, name, list(inputs), allow_reorder=not in_order)

    def mean(images, axes):
        return pattern("Mean", images, pattern("Const", name=axes), in_order=True)

    images, centred = pattern("*", name="images"), pattern("*", name="centred")
    mean_of_images = mean(pattern("*", name="averaged"), "mean_axes")
    difference = pattern("Sub", images, mean_of_images, name="x", in_order=True)
    squares = pattern("Mul", centred, pattern("*", name="other"))
    variance = mean(squares, "variance_axes")
    shifted = pattern("Add|AddV2", variance, pattern("Const", name="epsilon"))
    return pattern("Mul", difference, pattern("Rsqrt", shifted), name="norm")


def _put_instance_norms_together(graph, operators):
    """A rewriter of tf2onnx: ONNX has one operator for what TensorFlow has seven."""
    for match in list(GraphMatcher(_pattern()).match_ops(operators)):
        (centred,) = match.get_op("x").output
        axes = [
            match.get_op(name).get_tensor_value()
            for name in ("mean_axes", "variance_axes")
        ]
        if (
            match.get_tensor("images") != match.get_tensor("averaged")
            or {match.get_tensor("centred"), match.get_tensor("other")} != {centred}
            or axes != [[1, 2], [1, 2]]
        ):
            continue
        norm = match.get_op("norm")
        result = _instance_norm(
            graph,
            match.get_tensor("images"),
            match.get_op("epsilon").get_tensor_value(),
        )
        graph.replace_all_inputs(norm.output[0], result)
        graph.remove_node(norm.name)
    return graph.get_nodes()


def _instance_norm(graph, images, epsilon):
    """Adds ONNX' operator, which wants its channels first. Gives its result's name."""
    ones = np.ones(graph.get_shape(images)[-1], "float32")
    scale, offset = (
        graph.make_const(tf2onnx.utils.make_name(name), values).output[0]
        for name, values in (("scale", ones), ("offset", 0 * ones))
    )
    first = graph.make_node("Transpose", [images], {"perm": [0, 3, 1, 2]}).output[0]
    inputs = [first, scale, offset]
    norm = graph.make_node("InstanceNormalization", inputs, {"epsilon": float(epsilon)})
    last = graph.make_node("Transpose", norm.output, {"perm": [0, 2, 3, 1]})
    return last.output[0]
