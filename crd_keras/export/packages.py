"""Which packages an export needs, found out before the work."""

import importlib.util
from collections.abc import Iterable

_CONVERTERS = {
    "tf_saved_model": {"tensorflow"},
    "litert": {"tensorflow"},
    "onnx": {"tensorflow", "onnx", "tf2onnx"},
}
_RUNTIMES = {
    "tf_saved_model": {"tensorflow"},
    "litert": {"ai_edge_litert"},
    "onnx": {"onnxruntime"},
}


def check_packages(formats: Iterable[str], run: bool = False) -> None:
    """Checks that what converts to some formats is installed.

    Args:
        formats: Of `crd_keras.export.options.FORMATS`.
        run: Whether what runs the files has to be there, too.

    Raises:
        ImportError: If not. It says what to install.
    """
    needed = set()
    for format in formats:
        needed |= _CONVERTERS[format]
        needed |= _RUNTIMES[format] if run else set()
    missing = sorted(name for name in needed if importlib.util.find_spec(name) is None)
    if missing:
        # The extra alone brings no TensorFlow: tensorflow and tensorflow-cpu hold the
        # same files, and one of them may be there already.
        extras = "export,tensorflow-cpu" if "tensorflow" in missing else "export"
        raise ImportError(
            f"the export needs {', '.join(missing)}: "
            f'`pip install "crd_keras[{extras}]"`. Received: not installed'
        )
