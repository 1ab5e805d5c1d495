"""Which operators an exported file consists of: a slow or large network of the same
numbers is seen here only."""

from collections import Counter

import keras
import pytest

from crd_keras.export import ExportOptions
from crd_keras.models import mobile_resnet_generator

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="converts here; the other backends do so in another process",
)

SIZE = (16, 16)
# At the two ends, and before each of a block's two convolutions.
PADDINGS = 4
CONVOLUTIONS = 2 + 2 + 4  # At the two ends, on the way down, and in the block.
NORMS = 9


@pytest.fixture(scope="module")
def generator():
    return mobile_resnet_generator(filters=2, blocks=1, seed=0)


def onnx_operators(generator, path, **options):
    import onnx

    from crd_keras.export.onnx import write_onnx

    write_onnx(generator, path, ExportOptions("onnx", **options))
    return onnx.load(path).graph.node


def mirroring(nodes):
    return [
        node
        for node in nodes
        if any(
            attribute.name == "mode" and attribute.s == b"reflect"
            for attribute in node.attribute
        )
    ]


def test_onnx_of_a_fixed_size(generator, tmp_path):
    nodes = onnx_operators(generator, tmp_path / "x.onnx", image_size=SIZE)
    counts = Counter(node.op_type for node in nodes)
    # Those that a convolution fills up with zeros are a part of it.
    assert counts["Pad"] == len(mirroring(nodes)) == PADDINGS
    assert counts["Conv"] == CONVOLUTIONS
    assert counts["ConvTranspose"] == counts["Slice"] == 2
    assert counts["Sqrt"] == counts["Reciprocal"] == NORMS
    # Nothing computes shapes, cuts images up or puts them together.
    assert counts.keys() == {
        *("Pad", "Conv", "ConvTranspose", "Slice", "Sqrt", "Reciprocal"),
        *("GlobalAveragePool", "ReduceMean", "Sub", "Mul", "Add", "Relu", "Tanh"),
        *("Transpose", "Reshape"),
    }


@pytest.mark.parametrize("image_size", [None, SIZE])
def test_onnx_of_free_sizes(generator, tmp_path, image_size):
    nodes = onnx_operators(
        generator, tmp_path / "x.onnx", image_size=image_size, batch_size=None
    )
    assert len(mirroring(nodes)) == PADDINGS
    counts = Counter(node.op_type for node in nodes)
    for name in ("Expand", "ReverseSequence", "Range", "GatherND", "Loop"):
        assert counts[name] == 0


def test_tflite_of_a_fixed_size(generator, tmp_path):
    from ai_edge_litert import schema_py_generated as schema

    from crd_keras.export.tflite import write_tflite

    path = tmp_path / "x.tflite"
    write_tflite(generator, path, ExportOptions("litert", image_size=SIZE))
    names = {
        code: name
        for name, code in vars(schema.BuiltinOperator).items()
        if isinstance(code, int)
    }
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    (graph,) = model.subgraphs
    counts = Counter(
        names[model.operatorCodes[operator.opcodeIndex].builtinCode]
        for operator in graph.operators
    )
    # Slices, of which LiteRT puts a padding together faster than by its own operator:
    # at the ends 12 of 3 pixels each, in the block 4.
    assert counts["STRIDED_SLICE"] == 2 * 12 + 2 * 4
    assert counts["CONCATENATION"] == 2 * PADDINGS
    assert counts["CONV_2D"] + counts["DEPTHWISE_CONV_2D"] == CONVOLUTIONS
    assert counts["TRANSPOSE_CONV"] == counts["SLICE"] == 2
    assert counts["RSQRT"] == NORMS
    assert counts.keys() == {
        *("STRIDED_SLICE", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D"),
        *("TRANSPOSE_CONV", "SLICE", "PAD", "RSQRT"),
        *("MEAN", "SUB", "MUL", "ADD", "TANH"),
    }
