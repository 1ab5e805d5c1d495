"""TFLite files in LiteRT."""

import importlib.metadata
import pathlib

import numpy as np

from crd_keras.export.runtimes.import_litert import import_litert
from crd_keras.export.runtimes.tensors import only_tensor


class LiteRTModel:
    """See `ExportedModel`."""

    def __init__(self, path: pathlib.Path, threads: int):
        interpreter = import_litert("interpreter")
        self.runtime = f"LiteRT {importlib.metadata.version('ai-edge-litert')}"
        self._interpreter = interpreter.Interpreter(
            model_content=path.read_bytes(), num_threads=threads
        )
        self._input = only_tensor(self._interpreter.get_input_details(), "input")
        self._output = only_tensor(self._interpreter.get_output_details(), "output")
        signature = self._input["shape_signature"]
        self.input_shape = tuple(None if s < 0 else int(s) for s in signature)
        self.dtype = np.dtype(self._input["dtype"]).name
        self._shape: tuple[int, ...] | None = None

    def __call__(self, images: np.ndarray) -> np.ndarray:
        if images.shape != self._shape:
            self._interpreter.resize_tensor_input(self._input["index"], images.shape)
            self._interpreter.allocate_tensors()
            self._shape = images.shape
        self._interpreter.set_tensor(self._input["index"], images)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output["index"])
