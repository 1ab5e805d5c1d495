"""Conversion to ONNX. Runs where TensorFlow or PyTorch is the backend."""

import importlib
import os
import pathlib

import keras
import numpy as np
from onnx_ir import from_proto, to_proto
from onnx_ir.passes import Sequential
from onnx_ir.passes.common import DeduplicateInitializersPass, TopologicalSortPass

from crd_keras.export.channel_equalization import equalize_channels
from crd_keras.export.inference_graph import inference_graph
from crd_keras.export.inference_layers import MirrorPadding2D
from crd_keras.export.onnx_names import shorten_names
from crd_keras.export.onnx_numbers import to_float16, to_static_int8
from crd_keras.export.onnx_runtime_optimizer import optimize
from crd_keras.export.options import ExportOptions
from crd_keras.export.representative_batches import representative_batches
from crd_keras.utils.images import to_uint8


def write_onnx(
    model: keras.Model,
    path: str | os.PathLike,
    options: ExportOptions,
    representative_images: np.ndarray | None = None,
) -> None:
    """Converts a generator with tf2onnx, or on PyTorch with PyTorch's own exporter.

    Args:
        model: A generator, on the TensorFlow or PyTorch backend.
        path: The file to write.
        options: What it should be like.
        representative_images: See `export_model`.

    Raises:
        ValueError: See `inference_graph`; or if PyTorch cannot convert the model.
    """
    backend = keras.backend.backend()
    converter = importlib.import_module(f"crd_keras.export.onnx_from_{backend}")
    epsilons: dict[str, np.ndarray] = {}
    if options.is_measured:
        # `export_models` and the options saw to it.
        assert representative_images is not None and options.batch_size is not None
        batches = representative_batches(representative_images, options.batch_size)
        model, epsilons = equalize_channels(
            model, representative_images, (keras.layers.Conv2D,)
        )
    network = inference_graph(
        model,
        options.image_size,
        options.batch_size,
        options.pixels,
        epsilons,
        padding_layer=MirrorPadding2D,
        norm_layer=converter.NORM_LAYER,
        subpixel_layer=converter.SUBPIXEL_LAYER,
    )
    onnx_model = optimize(converter.convert(network, options.opset_version))
    if options.quantization == "float16":
        onnx_model = to_float16(onnx_model)
    elif options.is_measured:
        if options.pixels == "uint8":
            batches = to_uint8(batches)
        onnx_model = to_static_int8(onnx_model, batches)
    onnx_model = _tidied(onnx_model)
    _name_free_sizes(onnx_model.graph)
    shorten_names(onnx_model)
    _keep_used_opsets(onnx_model)
    pathlib.Path(path).write_bytes(onnx_model.SerializeToString())


def _tidied(model):
    """The operators in order, and one of constants that are the same."""
    passes = Sequential(TopologicalSortPass(), DeduplicateInitializersPass())
    return to_proto(passes(from_proto(model)).model)


def _name_free_sizes(graph):
    """Gives what is free a name, the same at both ends: a converter only numbers it."""
    for tensor in (*graph.input, *graph.output):
        dimensions = tensor.type.tensor_type.shape.dim
        for dimension, name in zip(dimensions, ("batch", "height", "width")):
            if not dimension.HasField("dim_value"):
                dimension.dim_param = name


def _keep_used_opsets(model):
    """Drops sets of operators that are listed since a converter knows them."""
    used = {node.domain for node in model.graph.node}
    opsets = [each for each in model.opset_import if each.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(opsets)
