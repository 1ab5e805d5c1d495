"""Which backend converts, by what is installed."""

import importlib.util

import keras
import pytest

from crd_keras.export.packages import check_packages, converting_backend

TENSORFLOW = "export,tensorflow-cpu"


@pytest.fixture
def lacking(monkeypatch):
    """Has packages be missing, and a backend be the active one."""

    def lack(backend, *packages):
        monkeypatch.setattr(keras.backend, "backend", lambda: backend)
        monkeypatch.setattr(
            importlib.util, "find_spec", lambda name: None if name in packages else name
        )

    return lack


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("active", "missing", "converter"),
    [
        ("tensorflow", [], "tensorflow"),
        ("jax", [], "tensorflow"),
        ("torch", [], "torch"),
        # As it was before there was a choice.
        ("torch", ["onnxscript"], "tensorflow"),
        ("jax", ["tensorflow"], "torch"),
        ("jax", ["tf2onnx"], "torch"),
        # What is to be installed is a small package, and no framework.
        ("jax", ["tensorflow", "onnxscript"], "torch"),
        ("torch", ["tensorflow", "onnxscript"], "torch"),
        ("jax", ["tensorflow", "torch"], "tensorflow"),
    ],
)
def test_what_converts_to_onnx(lacking, active, missing, converter):
    lacking(active, *missing)
    assert converting_backend("onnx") == converter
    assert converting_backend("litert") == "tensorflow"


@pytest.mark.any_backend
def test_what_is_missing(lacking):
    cases = [
        (
            "torch",
            ["tensorflow", "onnxscript"],
            ["onnx"],
            "onnx",
            "onnxscript",
            "export",
        ),
        ("jax", ["tensorflow"], ["litert"], "litert", "tensorflow", TENSORFLOW),
        ("jax", ["tensorflow", "torch"], ["onnx"], "onnx", "tensorflow", TENSORFLOW),
        (
            *("torch", ["tensorflow", "onnx"], ["onnx", "tf_saved_model"]),
            *("onnx, tf_saved_model", "onnx, tensorflow", TENSORFLOW),
        ),
    ]
    for active, missing, formats, unfinished, packages, extras in cases:
        lacking(active, *missing)
        with pytest.raises(ImportError) as error:
            check_packages(formats)
        assert str(error.value) == (
            f"the export to {unfinished} needs {packages}: "
            f'`pip install "crd_keras[{extras}]"`. Received: not installed'
        )
    lacking("torch", "tensorflow", "tf2onnx")
    check_packages(["onnx"], run=True)
    lacking("tensorflow", "ai_edge_litert")
    check_packages(["onnx"], run=True)
    lacking("tensorflow", "onnx_ir")
    with pytest.raises(ImportError, match="the export to onnx needs onnx_ir: "):
        check_packages(["onnx"])
