"""Time and memory of a function."""

import concurrent.futures
import multiprocessing
import pathlib
import statistics
import time
from collections.abc import Callable
from typing import Any

_MEBIBYTE = 2**20


def in_fresh_process(function: Callable, *arguments: Any) -> Any:
    """The result of a module's function, called in a new interpreter.

    What one measurement leaves behind (memory, caches, threads) is not there for the
    next one.
    """
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def seconds_of(function: Callable[[], Any], repeats: int) -> list[float]:
    """How long each of some calls takes."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return seconds


class PeakMemory:
    """The most memory that the process occupies in a `with` block, beyond before.

    Attributes:
        extra_bytes: The result after the block. `None` where there is no Linux /proc
            to read it from. It is the host's memory, not a GPU's.
    """

    extra_bytes: int | None = None

    def __enter__(self) -> "PeakMemory":
        if self._available():
            # Sets the peak so far to what is occupied now (man 5 proc).
            pathlib.Path("/proc/self/clear_refs").write_text("5")
            self._before = self._occupied("VmRSS")
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._available():
            self.extra_bytes = self._occupied("VmHWM") - self._before

    @staticmethod
    def _available():
        return pathlib.Path("/proc/self/clear_refs").exists()

    @staticmethod
    def _occupied(field):
        for line in pathlib.Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024
        raise OSError(f"/proc/self/status has no {field}")


def time_text(seconds: list[float]) -> str:
    """Median and spread in words."""
    median = statistics.median(seconds)
    unit, scale = ("s", 1) if median >= 1 else ("ms", 1000)
    median, low, high = (x * scale for x in (median, min(seconds), max(seconds)))
    return f"{median:.3g} {unit} ({low:.3g} to {high:.3g})"


def memory_text(number_of_bytes: int | None) -> str:
    if number_of_bytes is None:
        return "unknown"
    return f"{number_of_bytes / _MEBIBYTE:.0f} MiB"
