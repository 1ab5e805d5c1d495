"""Time and memory of a function."""

import concurrent.futures
import multiprocessing
import os
import pathlib
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
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


def seconds_of(
    function: Callable[[], Any], repeats: int, warm_up: int = 0
) -> tuple[list[float], float | None]:
    """How long each of some calls takes, and how busy others kept the machine.

    Args:
        function: What is called.
        repeats: How many calls are timed.
        warm_up: How many calls before them are not.

    Returns:
        Seconds of each call, and what `cores_used_by_others` returns.
    """
    for _ in range(warm_up):
        function()
    seconds = []
    work = Work()
    work.begin()
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    work.end()
    return seconds, cores_used_by_others([work])


def seconds_in_turns(
    functions: Sequence[Callable[[], Any]], repeats: int
) -> tuple[list[list[float]], float | None]:
    """As `seconds_of`, of several functions whose times are to be compared.

    They take turns, so that what else goes on at a time hits all of them. Each is
    called once before each call that is timed: by then the caches are its own, and
    the threads of the one before it have gone to sleep.

    Args:
        functions: What is called.
        repeats: How many calls of each are timed.

    Returns:
        For each function the seconds of its calls, and what `cores_used_by_others`
        returns.
    """
    seconds: list[list[float]] = [[] for _ in functions]
    work = Work()
    work.begin()
    for _ in range(repeats):
        for function, own in zip(functions, seconds, strict=True):
            function()
            start = time.perf_counter()
            function()
            own.append(time.perf_counter() - start)
    work.end()
    return seconds, cores_used_by_others([work])


class Work:
    """Processor time between `begin()` and `end()`.

    Attributes:
        wall: Seconds that went by.
        own: Seconds of processor time of this process.
        machine: Seconds of processor time of all processes of the machine. `None`
            where there is no Linux /proc to read it from.
    """

    wall: float
    own: float
    machine: float | None

    def begin(self) -> None:
        self._at_begin = self._now()

    def end(self) -> None:
        differences: Iterator[Any] = (
            None if now is None else now - before
            for now, before in zip(self._now(), self._at_begin, strict=True)
        )
        self.wall, self.own, self.machine = differences

    @staticmethod
    def _now() -> tuple[Any, ...]:
        return time.perf_counter(), time.process_time(), _busy_seconds()


def cores_used_by_others(works: list[Work]) -> float | None:
    """Cores that others used while some processes worked side by side, on average.

    Others' work does not only take its share: threads that wait for each other can
    take a hundred times as long when one of them has no core.

    Args:
        works: That of each of the processes.

    Returns:
        `None` where the machine does not tell.
    """
    if works[0].machine is None:
        return None
    own = sum(work.own for work in works)
    return max(0.0, works[0].machine - own) / works[0].wall


def _busy_seconds():
    """Processor time of the whole machine, of all processes."""
    statistics_of_kernel = pathlib.Path("/proc/stat")
    if not statistics_of_kernel.exists():
        return None
    with statistics_of_kernel.open() as file:
        user, nice, system, _, _, irq, softirq, steal = map(
            int, file.readline().split()[1:9]
        )
    ticks = user + nice + system + irq + softirq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


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
    def _available() -> bool:
        return pathlib.Path("/proc/self/clear_refs").exists()

    @staticmethod
    def _occupied(field: str) -> int:
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


def others_text(cores: float | None) -> str:
    return "unknown" if cores is None else f"{cores:.2f}"
