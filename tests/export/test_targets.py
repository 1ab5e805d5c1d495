"""What is told of files that do not run as a whole, on graphs made by hand."""

import pytest

from crd_keras.export.targets import TARGETS, Finding
from crd_keras.export.tflite_graph import TFLiteGraph, TFLiteOperator, TFLiteTensor

pytestmark = pytest.mark.any_backend

GPU, INTEGER, XNNPACK = TARGETS


def tensor(dtype="FLOAT32", shape=(1, 8, 8, 4), constant=False, scale=None):
    return TFLiteTensor(shape, dtype, constant, scale)


def graph(*operators, ends=None):
    ends = ends or tensor()
    return TFLiteGraph(operators, (ends,), (ends,))


def operator(name, *inputs, output=None):
    inputs = inputs or (tensor(),)
    return TFLiteOperator(name, inputs, (output or inputs[0],))


def whats(target, content):
    return [finding.what for finding in TARGETS[target](content)]


def int8(scale=1.0, **kwargs):
    return tensor("INT8", scale=scale, **kwargs)


def test_a_convolution_runs_everywhere():
    kernel, bias = int8(constant=True), tensor("INT32", constant=True)
    content = graph(operator("CONV_2D", int8(), kernel, bias), ends=int8())
    assert {name: find(content) for name, find in TARGETS.items()} == {
        GPU: [],
        INTEGER: [],
        XNNPACK: [],
    }


def test_operators_outside_the_lists():
    content = graph(*[operator("CUMSUM")] * 2, operator("RSQRT"), operator("ADD"))
    assert whats(GPU, content) == ["CUMSUM (2)", "RSQRT (1)"]
    assert whats(XNNPACK, content) == ["CUMSUM (2)"]
    newer = TARGETS[GPU](content)[1]
    assert "not documented, but" in newer.why and "recent LiteRT" in newer.advice
    content = graph(operator("CUMSUM", int8()), operator("RSQRT", int8()), ends=int8())
    assert whats(INTEGER, content) == ["CUMSUM (1)"]
    # Of what XNNPACK has for floats, it lacks this one for whole numbers.
    assert whats(XNNPACK, content) == ["CUMSUM (1), RSQRT (1)"]


def test_floats_and_whole_numbers():
    half = operator("DEQUANTIZE", int8(), output=tensor())
    content = graph(half, operator("ADD"), operator("ADD", int8()))
    floats, ends = TARGETS[INTEGER](content)
    assert floats.what == "1 of 3 operators"
    assert floats.advice == "crd export --quantization=full_int8"
    assert ends == Finding(
        "input and output",
        "FLOAT32: the processor converts them",
        "crd export --quantization=full_int8 --pixels=uint8",
    )
    assert whats(INTEGER, graph(operator("ADD", int8()), ends=tensor("UINT8"))) == []


@pytest.mark.parametrize(
    "shape, what", [((1, -1, -1, 4), "shapes"), ((2, 8, 8, 4), "batch")]
)
def test_shapes_of_whole_numbers(shape, what):
    image = int8(shape=shape)
    content = graph(operator("ADD", image), ends=image)
    assert whats(INTEGER, content) == [what]
    # What is constant may have any shape.
    kernel = int8(shape=(16, 3, 3, 4), constant=True)
    content = graph(operator("CONV_2D", int8(), kernel), ends=int8())
    assert whats(INTEGER, content) == []


@pytest.mark.parametrize(
    "ratio, found", [(2**-10, False), (2**-11, True), (255, False), (256, True)]
)
@pytest.mark.parametrize("name", ["ADD", "SUB", "MUL"])
def test_steps_of_operands(name, ratio, found):
    content = graph(operator(name, int8(), int8(ratio), output=int8()))
    assert whats(XNNPACK, content) == (
        [f"{name} (1)"] if found and name != "MUL" else []
    )


def test_tensors_that_are_put_together():
    five, six = (operator("CONCATENATION", *[tensor()] * n) for n in (5, 6))
    assert whats(XNNPACK, graph(five, six)) == ["CONCATENATION (1)"]
