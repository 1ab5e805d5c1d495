"""What a measurement was made on."""

import os
import pathlib
import platform
from typing import Any

import keras
import numpy as np

from crd_keras import backend
from crd_keras.utils.measurement import in_fresh_process


def describe() -> dict[str, Any]:
    """Backend, versions, device, processor, cores and load."""
    return {
        "backend": backend.name,
        "versions": {
            "python": platform.python_version(),
            "keras": keras.__version__,
            backend.name: backend.version,
            "numpy": np.__version__,
        },
        # In a process of its own: this one must not take a GPU's memory.
        "device": in_fresh_process(_device),
        "processor": _processor(),
        # How many threads a backend starts follows from these.
        "usable_cores": len(os.sched_getaffinity(0)),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS"),
        # Well above 0 at the start: others were at work, the times are too long.
        "load_average": os.getloadavg()[0],
    }


def text(environment: dict[str, Any]) -> str:
    versions = ", ".join(f"{k} {v}" for k, v in environment["versions"].items())
    threads = environment["OMP_NUM_THREADS"]
    return (
        f"{environment['backend']} on {environment['device']} ({versions})\n"
        f"{environment['processor']}, {environment['usable_cores']} usable cores, "
        f"OMP_NUM_THREADS {threads or 'not set'}, "
        f"load {environment['load_average']:.1f} at the start"
    )


def _device():
    return str(keras.ops.zeros(1).device)


def _processor():
    information = pathlib.Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
