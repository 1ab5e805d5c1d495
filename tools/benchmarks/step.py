"""Training steps beside those of a plain PyTorch program.

The steps of the paper's CycleGAN teacher, of its student, and of both (`joint`), of
CRDTrainer, compiled as `fit` compiles them, and of tools/benchmarks/plain_pytorch: the
same networks and losses as one writes them from the paper. Weights are random.

Each is measured in a process of its own. Peak memory is that of networks, optimizers,
the first step (compiling included) and all later ones, beyond what the imported
libraries occupy; times are those of the later steps. Fractions are ours / plain: below
1 is faster or smaller. Times count only if others used next to none of the cores
meanwhile (last column).
"""

import argparse
import statistics
import time
from typing import Any

import numpy as np
from benchmarks import networks
from benchmarks.step_programs import PROGRAMS

from crd_keras.utils.measurement import (
    PeakMemory,
    in_fresh_process,
    memory_text,
    others_text,
    seconds_of,
    time_text,
)
from crd_keras.utils.text_table import text_table

STEPS = ("teacher", "student", "joint")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    parser.add_argument("--image_size", type=int, default=256, help="In pixels.")
    parser.add_argument("--batch_size", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5, help="Steps that are timed.")
    networks.add_arguments(parser)


def run(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    networks.check(arguments)
    shape = (arguments.batch_size, arguments.image_size, arguments.image_size, 3)
    results = []
    for step in arguments.steps:
        measured = {
            program: in_fresh_process(
                measure,
                program,
                step,
                networks.from_arguments(arguments),
                shape,
                arguments.repeats,
            )
            for program in PROGRAMS
        }
        ours, plain = measured["crd_keras"], measured["plain_pytorch"]
        memory = ours["peak_extra_bytes"], plain["peak_extra_bytes"]
        results.append(
            {
                "step": step,
                **measured,
                "time_fraction": ours["median_seconds"] / plain["median_seconds"],
                "memory_fraction": memory[0] / memory[1] if all(memory) else None,
            }
        )
    return results


def table(results: list[dict[str, Any]]) -> str:
    headings = "time, median (least to most)", "peak memory", "others' cores"
    rows = [("step", "program", *headings)]
    for result in results:
        for program in PROGRAMS:
            measured = result[program]
            time = time_text(measured["seconds"])
            memory = memory_text(measured["peak_extra_bytes"])
            others = others_text(measured["cores_used_by_others"])
            rows.append((result["step"], program, time, memory, others))
        fraction = result["memory_fraction"]
        memory = "unknown" if fraction is None else f"{fraction:.2f}"
        time = f"{result['time_fraction']:.2f}"
        rows.append((result["step"], "fraction", time, memory, ""))
    return text_table(rows)


def measure(
    program: str,
    step: str,
    networks: dict[str, int],
    shape: tuple[int, int, int, int],
    repeats: int,
) -> dict[str, Any]:
    """Time and memory of a step. Runs in a process of its own.

    Args:
        program: Which of `PROGRAMS`.
        step: Which of `STEPS`.
        networks: Arguments of what makes the step.
        shape: `(batch, height, width, channels)` of the images.
        repeats: Steps that are timed.
    """
    rng = np.random.default_rng(0)
    source, target = rng.uniform(-1, 1, (2, *shape)).astype("float32")
    make, warm_up = PROGRAMS[program]
    warm_up()
    with PeakMemory() as memory:
        run_step = make(step, source, target, **networks)
        run_step()
        start = time.process_time()
        seconds, others = seconds_of(run_step, repeats)
        processor_seconds = (time.process_time() - start) / repeats
    return {
        "seconds": seconds,
        "median_seconds": statistics.median(seconds),
        "processor_seconds": processor_seconds,
        "peak_extra_bytes": memory.extra_bytes,
        "cores_used_by_others": others,
    }
