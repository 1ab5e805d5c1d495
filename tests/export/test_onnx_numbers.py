"""ONNX files of smaller numbers, in ONNX Runtime beside Keras."""

from collections import Counter

import keras
import numpy as np
import onnx
import pytest

from crd_keras.export import ExportOptions
from crd_keras.export.runtimes import load_exported
from crd_keras.models import mobile_resnet_generator
from tests import tiny

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "jax",
    reason="the others convert here; JAX has one of them do so in another process",
)

SIZE = 16
IMAGES = tiny.images(4, seed=0)


@pytest.fixture(scope="module")
def generator():
    """One whose channels are of very different size, as after a training."""
    model = mobile_resnet_generator(filters=5, blocks=1, seed=0)
    rng = np.random.default_rng(0)
    weights = model.get_weights()
    model.set_weights([w * 10 ** rng.uniform(-1, 1, w.shape[-1:]) for w in weights])
    return model


def exported(generator, path, **options):
    """The operators and constants of a file, and grey levels that it is off."""
    from crd_keras.export.onnx import write_onnx

    options = ExportOptions("onnx", (SIZE, SIZE), **options)
    write_onnx(generator, path, options, IMAGES)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    running = load_exported(path, threads=1)
    assert running.input_shape == (1, SIZE, SIZE, 3)
    difference = [
        running(image[None])[0] - expected
        for image, expected in zip(IMAGES, generator.predict_on_batch(IMAGES))
    ]
    return model.graph, 127.5 * np.array(difference)


def test_float16(generator, tmp_path):
    graph, difference = exported(generator, tmp_path / "x.onnx", quantization="float16")
    assert {tensor.data_type for tensor in graph.initializer} <= {
        onnx.TensorProto.FLOAT16,
        onnx.TensorProto.INT64,
    }
    for tensor in (*graph.input, *graph.output):
        assert tensor.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    counts = Counter(node.op_type for node in graph.node)
    assert counts["Cast"] == 2 and counts["InstanceNormalization"] == 9
    assert 0 < np.abs(difference).mean() < 0.25 and np.abs(difference).max() < 2


def test_static_int8(generator, tmp_path):
    graph, difference = exported(
        generator, tmp_path / "x.onnx", quantization="static_int8"
    )
    counts = Counter(node.op_type for node in graph.node)
    assert counts["Conv"] == 8 and counts["InstanceNormalization"] == 9
    sources = {output: node for node in graph.node for output in node.output}
    constants = {tensor.name: tensor for tensor in graph.initializer}
    quantized = 0
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1] in sources:
            images, kernel = (sources[name] for name in node.input[:2])
            assert {images.op_type, kernel.op_type} == {"DequantizeLinear"}
            values, scales, _ = (constants[name] for name in kernel.input)
            # One scale for each channel that comes out.
            assert values.data_type == onnx.TensorProto.INT8
            assert list(scales.dims) == values.dims[:1]
            quantized += 1
    # All but the depthwise ones.
    assert quantized == 6
    assert counts["QuantizeLinear"] == 2 * quantized and counts["Mul"] == 0
    assert 30 < 10 * np.log10(255**2 / np.mean(difference**2)) < 60
