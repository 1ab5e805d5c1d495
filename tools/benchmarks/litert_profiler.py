"""LiteRT's own profiler, which its Python package has, but for no Python function.

The functions are those of LiteRT's C headers (litert/c), the texts of options those of
litert/c/options. XNNPACK, which runs most of a file, reports its own operators.
"""

import ctypes
import pathlib
from typing import Any

import ai_edge_litert
import numpy as np

_CPU = 1
_ERRORS_ONLY = 3
_FOR_WRITING = 1
# An operator of the file, or one of XNNPACK's in its place.
_OPERATOR_EVENTS = (1 << 1, 1 << 3)
# More than the structure has.
_TENSOR_TYPE_BYTES = 256


class _LogLevel(ctypes.Structure):
    """`LiteRtEnvOption` of the tag MinLoggerSeverity."""

    _fields_ = [
        ("tag", ctypes.c_int),
        ("type", ctypes.c_int64),
        ("value", ctypes.c_int64),
    ]


class _Event(ctypes.Structure):
    """`ProfiledEventData`."""

    _fields_ = [
        ("tag", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("start", ctypes.c_uint64),
        ("microseconds", ctypes.c_uint64),
        ("memory", ctypes.c_size_t * 6),
        ("metadata", ctypes.c_uint64 * 2),
        ("source", ctypes.c_int),
    ]


def operator_times(
    path: pathlib.Path, threads: int, images: np.ndarray, runs: int
) -> list[list[tuple[str, float]]]:
    """What a TFLite file's operators take.

    Args:
        path: The file, of one input and one output.
        threads: How many threads LiteRT may run on.
        images: What it translates.
        runs: How many runs are measured.

    Returns:
        For each run, in order, the operators and their seconds.
    """
    model = _CompiledModel(path, threads, images)
    model.run()
    return [model.run() for _ in range(runs)]


class _CompiledModel:
    """A file in LiteRT, with its profiler. It lives as long as the process."""

    def __init__(self, path, threads, images):
        folder = pathlib.Path(ai_edge_litert.__file__).parent
        self._library = ctypes.CDLL(str(folder / "libLiteRt.so"))
        log_level = _LogLevel(25, 2, _ERRORS_ONLY)
        environment = self._make("CreateEnvironment", 1, ctypes.byref(log_level))
        model = self._make("CreateModelFromFile", environment, str(path).encode())
        self._model = self._make(
            "CreateCompiledModel", environment, model, self._options(threads)
        )
        graph = self._make("GetModelSubgraph", model, ctypes.c_size_t(0))
        self._input, self._output = (
            self._buffer(environment, graph, kind) for kind in ("Input", "Output")
        )
        address = self._make("LockTensorBuffer", self._input, then=(_FOR_WRITING,))
        ctypes.memmove(address, images.tobytes(), images.nbytes)
        self._call("UnlockTensorBuffer", self._input)
        self._profiler = self._make("CompiledModelGetProfiler", self._model)

    def run(self):
        """Runs it once. Gives the operators and their seconds."""
        one, profiler = ctypes.c_size_t(1), self._profiler
        self._call("ResetProfiler", profiler)
        self._call("StartProfiler", profiler)
        buffers = (ctypes.byref(self._input), one, ctypes.byref(self._output))
        self._call("RunCompiledModel", self._model, ctypes.c_size_t(0), one, *buffers)
        self._call("StopProfiler", profiler)
        count = ctypes.c_int()
        self._call("GetNumProfilerEvents", profiler, ctypes.byref(count))
        events = (_Event * count.value)()
        self._call("GetProfilerEvents", profiler, count, events)
        return [
            (event.tag.decode(), event.microseconds / 1e6)
            for event in events
            if event.type in _OPERATOR_EVENTS
        ]

    def _options(self, threads):
        c_library = ctypes.CDLL(None)
        c_library.strdup.restype = ctypes.c_void_p
        free = ctypes.cast(c_library.free, ctypes.c_void_p)
        options = self._make("CreateOptions")
        self._call("SetOptionsHardwareAccelerators", options, _CPU)
        for name, text in (
            (b"runtime_options_string", "enable_profiling = true"),
            (b"xnnpack", f"num_threads = {threads}"),
        ):
            # LiteRT frees its copy of the text.
            copy = ctypes.c_void_p(c_library.strdup(text.encode()))
            some = self._make("CreateOpaqueOptions", name, copy, free)
            self._call("AddOpaqueOptions", options, some)
        return options

    def _buffer(self, environment, graph, kind):
        """Memory for the only input or output."""
        first = ctypes.c_size_t(0)
        tensor = self._make(f"GetSubgraph{kind}", graph, first)
        tensor_type = ctypes.create_string_buffer(_TENSOR_TYPE_BYTES)
        self._call("GetRankedTensorType", tensor, tensor_type)
        name = f"GetCompiledModel{kind}BufferRequirements"
        needed = self._make(name, self._model, first, first)
        name = "CreateManagedTensorBufferFromRequirements"
        return self._make(name, environment, tensor_type, needed)

    def _make(self, name: str, *arguments: Any, then: tuple = ()) -> ctypes.c_void_p:
        """What a function gives through a pointer, its argument before `then`."""
        made = ctypes.c_void_p()
        self._call(name, *arguments, ctypes.byref(made), *then)
        return made

    def _call(self, name, *arguments):
        status = getattr(self._library, f"LiteRt{name}")(*arguments)
        if status:
            raise RuntimeError(f"LiteRt{name} has failed with status {status}")
