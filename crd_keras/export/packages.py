"""Which packages an export needs, found out before the work."""

import importlib.util
from collections.abc import Iterable

import keras

_ONNX = {"onnx", "onnx_ir", "onnxruntime"}
# By format: the backends that convert to it, and what each needs to do so.
_CONVERTERS = {
    "tf_saved_model": {"tensorflow": {"tensorflow"}},
    "litert": {"tensorflow": {"tensorflow", "ai_edge_litert"}},
    "onnx": {
        "tensorflow": {"tensorflow", "tf2onnx", *_ONNX},
        "torch": {"torch", "onnxscript", *_ONNX},
    },
}
_RUNTIMES = {
    "tf_saved_model": {"tensorflow"},
    "litert": {"ai_edge_litert"},
    "onnx": {"onnxruntime"},
}
# The extra `export` brings neither: which TensorFlow or PyTorch is the user's choice.
_EXTRAS = {"tensorflow": "tensorflow-cpu", "torch": "torch"}


def converting_backend(format: str) -> str:
    """The backend that converts to a format.

    The active one is preferred. Another takes its place where that one cannot convert
    to the format, or lacks a package.

    Args:
        format: One of `crd_keras.export.options.FORMATS`.

    Returns:
        `"tensorflow"` or `"torch"`.
    """
    converters = _CONVERTERS[format]

    def obstacles(backend):
        missing = _missing(converters[backend])
        # Small packages are sooner installed than a framework.
        return backend in missing, bool(missing), backend != keras.backend.backend()

    return min(converters, key=obstacles)


def check_packages(formats: Iterable[str], run: bool = False) -> None:
    """Checks that what converts to some formats is installed.

    Args:
        formats: Of `crd_keras.export.options.FORMATS`.
        run: Whether what runs the files has to be there, too.

    Raises:
        ImportError: If not. It says what to install.
    """
    missing: dict[str, list[str]] = {}
    for format in formats:
        needed = _CONVERTERS[format][converting_backend(format)]
        missing[format] = _missing(needed | _RUNTIMES[format] if run else needed)
    packages = sorted({name for names in missing.values() for name in names})
    if packages:
        unfinished = ", ".join(format for format, names in missing.items() if names)
        extras = ["export", *(_EXTRAS[name] for name in packages if name in _EXTRAS)]
        raise ImportError(
            f"the export to {unfinished} needs {', '.join(packages)}: "
            f'`pip install "crd_keras[{",".join(extras)}]"`. Received: not installed'
        )


def _missing(packages):
    return [name for name in packages if importlib.util.find_spec(name) is None]
