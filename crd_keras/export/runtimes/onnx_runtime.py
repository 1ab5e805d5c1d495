"""ONNX files in ONNX Runtime."""

import pathlib
from typing import Any

import numpy as np

from crd_keras.export.runtimes.tensors import only_tensor

# ONNX Runtime's names.
_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
}


class ONNXRuntimeModel:
    """See `ExportedModel`.

    Attributes:
        input_name: Name of the tensor that takes the images.

    Raises:
        ValueError: If it takes other numbers than images have.
    """

    def __init__(self, path: pathlib.Path, threads: int):
        self._session = make_session(str(path), threads)
        import onnxruntime

        self.runtime = f"ONNX Runtime {onnxruntime.__version__}"
        tensor = only_tensor(self._session.get_inputs(), "input")
        only_tensor(self._session.get_outputs(), "output")
        self.input_name = tensor.name
        # What is free has a name.
        shape = (s if isinstance(s, int) else None for s in tensor.shape)
        self.input_shape = tuple(shape)
        if tensor.type not in _DTYPES:
            raise ValueError(
                f"its input must be one of {', '.join(_DTYPES)}. "
                f"Received: {tensor.type}"
            )
        self.dtype = _DTYPES[tensor.type]

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return self._session.run(None, {self.input_name: images})[0]


def make_session(
    model: str | bytes, threads: int, profile_prefix: str | None = None
) -> Any:
    """An `onnxruntime.InferenceSession` on the processor.

    Args:
        model: Path or content of a file.
        threads: How many threads it may run on.
        profile_prefix: What the names of the profiler's files begin with. `None`: it
            does not run.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(
            'ONNX files need ONNX Runtime: `pip install "crd_keras[export]"`. '
            f"Received: {error}"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors
    # Threads that wait for the next run take the cores from all else meanwhile.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    if profile_prefix is not None:
        options.enable_profiling = True
        options.profile_file_prefix = profile_prefix
    return onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )
