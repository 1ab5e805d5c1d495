"""Training steps on more and more devices.

The step of teacher and student together, in `fit`, with the same batch for each device:
N devices take N times the images. Ideally the step takes as long as on one (an
efficiency of 100 %).

Devices are GPUs. Where there is none, they are virtual ones that share the cores: then
the efficiency says what dividing the work costs, and at best 1/N of it is left.
Peak memory is the host's. Times count only if others used next to none of the cores
meanwhile (last column).
"""

import argparse
import os
import statistics
import time
from typing import Any

import keras
import numpy as np
from benchmarks import networks
from benchmarks.step_programs import make_trainer

from crd_keras import use_devices
from crd_keras.utils.measurement import (
    PeakMemory,
    Work,
    cores_used_by_others,
    in_fresh_process,
    memory_text,
    others_text,
    time_text,
)
from crd_keras.utils.text_table import text_table

_JIT_COMPILE = {"auto": "auto", "true": True, "false": False}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--devices", nargs="+", type=int, default=[1, 2], help="How many, ascending."
    )
    parser.add_argument("--image_size", type=int, default=256, help="In pixels.")
    parser.add_argument("--batch_size", type=int, default=1, help="For each device.")
    parser.add_argument(
        "--repeats", type=int, default=5, help="Executions that are timed."
    )
    parser.add_argument(
        "--jit_compile", choices=_JIT_COMPILE, default="auto", help="As in `compile`."
    )
    parser.add_argument(
        "--steps_per_execution", type=int, default=1, help="As in `compile`."
    )
    networks.add_arguments(parser)


def run(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    if sorted(set(arguments.devices)) != arguments.devices:
        raise ValueError(
            f"`--devices` must be ascending. Received: {arguments.devices}"
        )
    networks.check(arguments)
    results = []
    for count in arguments.devices:
        measured = _in_processes(
            count,
            (count * arguments.batch_size, *[arguments.image_size] * 2, 3),
            arguments.repeats,
            networks.from_arguments(arguments)
            | {
                "jit_compile": _JIT_COMPILE[arguments.jit_compile],
                "steps_per_execution": arguments.steps_per_execution,
            },
        )
        results.append(_result(count, count * arguments.batch_size, measured))
    return with_efficiency(results)


def with_efficiency(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adds what each number of devices gains over the first one."""
    first = results[0]
    for result in results:
        result["speedup"] = result["images_per_second"] / first["images_per_second"]
        result["efficiency"] = result["speedup"] * first["devices"] / result["devices"]
    return results


def table(results: list[dict[str, Any]]) -> str:
    headings = (
        *("devices", "batch", "time, median (least to most)", "images/s", "speedup"),
        *("efficiency", "peak memory", "others' cores"),
    )
    rows = [headings]
    for result in results:
        rows.append(
            (
                result["devices"],
                result["batch_size"],
                time_text(result["seconds"]),
                f"{result['images_per_second']:.3g}",
                f"{result['speedup']:.2f}",
                f"{result['efficiency']:.0%}",
                memory_text(result["peak_extra_bytes"]),
                others_text(result["cores_used_by_others"]),
            )
        )
    return text_table(rows)


def _in_processes(count, *arguments):
    """What `_measure` returns in each of the processes that so many devices take."""
    if keras.backend.backend() != "torch" or count == 1:
        return [in_fresh_process(_measure, count, *arguments)]
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=count,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        start_method="spawn",
    )
    return list(elastic_launch(config, _measure)(count, *arguments).values())


def _measure(count, shape, repeats, trainer_arguments):
    """Runs in a process of its own."""
    if count > 1:
        _make_virtual_devices(count)
    rng = np.random.default_rng(0)
    steps_per_execution = trainer_arguments["steps_per_execution"]
    steps = (1 + repeats) * steps_per_execution
    source, target = rng.uniform(-1, 1, (2, steps * shape[0], *shape[1:])).astype("f4")
    clock = _StepClock()
    with PeakMemory() as memory:
        with use_devices(count):
            trainer = make_trainer("joint", **trainer_arguments)
        trainer.fit(source, target, batch_size=shape[0], verbose=0, callbacks=[clock])
    return {
        "seconds": (np.diff(clock.ends) / steps_per_execution).tolist(),
        "peak_extra_bytes": memory.extra_bytes,
        "work": clock.work,
    }


def _make_virtual_devices(count):
    """Makes so many of the processor, before the backend looks for its devices."""
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_num_cpu_devices", count)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * count
        )
    if keras.backend.backend() == "torch":
        import torch

        # As torchrun does, each process leaves the others their cores.
        torch.set_num_threads(max(1, len(os.sched_getaffinity(0)) // count))


class _StepClock(keras.callbacks.Callback):
    """When each execution ended. What the first one compiles is none of the `work`."""

    def on_train_begin(self, logs=None):
        self.ends = []
        self.work = Work()

    def on_train_batch_end(self, batch, logs=None):
        # Numbers: a device has then finished.
        for value in logs.values():
            float(value)
        self.ends.append(time.perf_counter())
        if len(self.ends) == 1:
            self.work.begin()

    def on_train_end(self, logs=None):
        self.work.end()


def _result(count, batch_size, measured):
    """Of all processes together."""
    # Each of them waits for the others at each step: one's time is that of all.
    seconds = measured[0]["seconds"]
    memory = [process["peak_extra_bytes"] for process in measured]
    return {
        "devices": count,
        "batch_size": batch_size,
        "seconds": seconds,
        "median_seconds": statistics.median(seconds),
        "images_per_second": batch_size / statistics.median(seconds),
        "peak_extra_bytes": None if None in memory else sum(memory),
        "cores_used_by_others": cores_used_by_others(
            [process["work"] for process in measured]
        ),
    }
