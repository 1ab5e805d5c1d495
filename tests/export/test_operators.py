"""Which operators an exported file consists of: a slow or large network of the same
numbers is seen here only."""

from collections import Counter

import keras
import pytest

from crd_keras.export import ExportOptions
from crd_keras.models import mobile_resnet_generator

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "jax",
    reason="the others convert here; JAX has one of them do so in another process",
)
IN_TORCH = keras.backend.backend() == "torch"

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
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    (opset,) = model.opset_import
    assert (opset.domain, opset.version) == ("", 18)
    return model.graph.node


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
    assert counts["ConvTranspose"] == 2
    # PyTorch crops height and width one after the other.
    assert counts["Slice"] == (4 if IN_TORCH else 2)
    assert counts["InstanceNormalization"] == NORMS
    # After the convolutions at the ends: of 2 and 3 filters they make blocks of pixels.
    assert counts["DepthToSpace"] == 2
    # Channels are first, but at the two ends.
    assert counts["Transpose"] == 2
    # Nothing computes shapes, cuts images up or puts them together.
    assert counts.keys() == {
        *("Pad", "Conv", "ConvTranspose", "Slice", "InstanceNormalization"),
        *("Relu", "Add", "Tanh", "Transpose", "DepthToSpace"),
    }
    assert {node.name + node.doc_string for node in nodes} == {""}
    tensors = {name for node in nodes for name in (*node.input, *node.output)}
    assert {name for name in tensors if len(name) > 4} == {"images", "translated"}


@pytest.mark.skipif(IN_TORCH, reason="slow, and one model of free sizes is enough")
@pytest.mark.parametrize("image_size", [None, SIZE])
def test_onnx_of_free_sizes(generator, tmp_path, image_size):
    nodes = onnx_operators(
        generator, tmp_path / "x.onnx", image_size=image_size, batch_size=None
    )
    assert len(mirroring(nodes)) == PADDINGS
    counts = Counter(node.op_type for node in nodes)
    assert counts["InstanceNormalization"] == NORMS
    for name in ("Expand", "ReverseSequence", "Range", "GatherND", "Loop"):
        assert counts[name] == 0


@pytest.mark.skipif(IN_TORCH, reason="TensorFlow converts")
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
    # at the ends 12 of 3 pixels each, in the block 4. No more than five at once.
    assert counts["STRIDED_SLICE"] == 2 * 12 + 2 * 4
    assert counts["CONCATENATION"] == 2 * (2 * 3) + 2 * 2
    assert max(len(o.inputs) for o in graph.operators) <= 5
    # Transposed convolutions are plain ones. These, and those at the ends, which have
    # few filters, make blocks of pixels.
    convolutions = counts["CONV_2D"] + counts["DEPTHWISE_CONV_2D"]
    assert convolutions == CONVOLUTIONS + 2
    assert counts["DEPTH_TO_SPACE"] == 2 + 2
    assert counts["RSQRT"] == NORMS
    assert counts.keys() == {
        *("STRIDED_SLICE", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D"),
        *("DEPTH_TO_SPACE", "PAD", "RSQRT", "MEAN", "SUB", "MUL", "ADD", "TANH"),
    }
