"""Checks a file for all that could run it."""

import os
import pathlib
from collections.abc import Callable

from crd_keras.export.targets.finding import Finding
from crd_keras.export.targets.full_integer import full_integer_findings
from crd_keras.export.targets.gpu_delegate import gpu_findings
from crd_keras.export.targets.xnnpack import xnnpack_findings
from crd_keras.export.tflite_graph import TFLiteGraph, read_tflite_graph

TARGETS: dict[str, Callable[[TFLiteGraph], list[Finding]]] = {
    "GPU delegate": gpu_findings,
    "whole numbers only (Edge TPU)": full_integer_findings,
    "XNNPACK (processor)": xnnpack_findings,
}
"""What runs TFLite files, and how a file is checked for it."""


def check_tflite(path: str | os.PathLike) -> dict[str, list[Finding]]:
    """What keeps a TFLite file from running as a whole on each of `TARGETS`.

    Only the file is read: what a phone does with it is for the phone to tell.

    Args:
        path: The file.

    Returns:
        The findings by the target's name. There are none where the whole file runs.

    Raises:
        ImportError: If LiteRT is not installed.
        OSError: If the file cannot be read.
        ValueError: If it is no TFLite file, or a damaged one.
    """
    graph = read_tflite_graph(pathlib.Path(path))
    return {name: find(graph) for name, find in TARGETS.items()}
