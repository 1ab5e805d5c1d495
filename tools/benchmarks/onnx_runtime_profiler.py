"""ONNX Runtime's own profiler."""

import json
import pathlib
import tempfile

import numpy as np

from crd_keras.export.runtimes.onnx_runtime import make_session


def operator_times(
    path: pathlib.Path, threads: int, images: np.ndarray, runs: int
) -> list[list[tuple[str, float]]]:
    """What an ONNX file's operators take. See `litert_profiler.operator_times`.

    ReorderInput and ReorderOutput are ONNX Runtime's own, from the file's order of
    channels to the one that its convolutions want, and back.
    """
    with tempfile.TemporaryDirectory() as folder:
        prefix = str(pathlib.Path(folder) / "profile")
        session = make_session(str(path), threads, profile_prefix=prefix)
        (tensor,) = session.get_inputs()
        for _ in range(1 + runs):
            session.run(None, {tensor.name: images})
        trace = json.loads(pathlib.Path(session.end_profiling()).read_text())
    times = [
        (event["args"]["op_name"], event["dur"] / 1e6)
        for event in trace
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time")
    ]
    count = len(times) // (1 + runs)
    return [times[i : i + count] for i in range(count, len(times), count)]
