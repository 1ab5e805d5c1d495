"""Training steps of one teacher with more and more students.

The step of the paper's CycleGAN teacher with N students, beside as many separate
trainings of one student: N times the step of one, in the memory of one. The students
have 1, 3/4, 1/2 and 3/2 times `--student_filters` in turn, and every four of them
another weight of the relations. Weights are random. The sizes of the quick preset:

    --image_size=64 --batch_size=4 --teacher_filters=32 --student_filters=8 --blocks=2
    --discriminator_filters=32 --vgg_blocks=2 --patch_size=16

Fractions are together / separate: below 1 is faster. Students share the teacher's part,
which a step of the teacher alone tells. What each further student costs, by the largest
family, bounds the fractions of families of any size.

Each is measured in a process of its own. Peak memory is that of networks, optimizers,
the first step (compiling included) and all later ones, beyond what the imported
libraries occupy; times are those of the later steps. Fractions of wall time count only
if others used next to none of the cores meanwhile (last column). Those of processor
time suffer less, and say nothing on a GPU.
"""

import argparse
from typing import Any

from benchmarks import networks
from benchmarks.step import measure

from crd_keras.utils.measurement import (
    in_fresh_process,
    memory_text,
    others_text,
    time_text,
)
from crd_keras.utils.text_table import text_table

# Of each measurement: wall time, processor time.
TIMES = ("median_seconds", "processor_seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--students",
        nargs="+",
        type=int,
        default=[4, 12],
        help="How many beside one, at least 2, ascending.",
    )
    parser.add_argument("--image_size", type=int, default=256, help="In pixels.")
    parser.add_argument("--batch_size", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5, help="Steps that are timed.")
    networks.add_arguments(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    counts = arguments.students
    if sorted(set(counts)) != counts or counts[0] < 2:
        raise ValueError(
            f"`--students` must be at least 2 and ascending. Received: {counts}"
        )
    networks.check(arguments)
    shape = (arguments.batch_size, arguments.image_size, arguments.image_size, 3)

    def measured(step, students=1):
        sizes = networks.from_arguments(arguments) | {"students": students}
        return in_fresh_process(
            measure, "crd_keras", step, sizes, shape, arguments.repeats
        )

    return compared(
        measured("teacher"),
        measured("joint"),
        {count: measured("joint", count) for count in counts},
    )


def compared(
    teacher: dict[str, Any], one: dict[str, Any], families: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    """What is measured, with the fractions that follow from it.

    Args:
        teacher: Of a step of the teacher alone.
        one: Of a step with one student.
        families: Of steps with several, by their number.
    """
    largest = max(families)
    results: dict[str, Any] = {"teacher": teacher, "one": one, "families": []}
    for count, measured in families.items():
        fractions = {name: measured[name] / (count * one[name]) for name in TIMES}
        memory = measured["peak_extra_bytes"], one["peak_extra_bytes"]
        results["families"].append(
            {
                "students": count,
                **measured,
                "fractions": fractions,
                "memory_fraction": memory[0] / memory[1] if all(memory) else None,
            }
        )
    results["teachers_part"] = {name: teacher[name] / one[name] for name in TIMES}
    results["least_fractions"] = {
        name: (families[largest][name] - one[name]) / (largest - 1) / one[name]
        for name in TIMES
    }
    return results


def table(results: dict[str, Any]) -> str:
    rows = [
        (
            *("students", "time, median (least to most)", "of separate runs'"),
            *("processor time", "of separate runs'"),
            *("peak memory", "of one run's", "others' cores"),
        )
    ]
    measurements = [("none", results["teacher"]), (1, results["one"])]
    measurements += [(family["students"], family) for family in results["families"]]
    for students, measured in measurements:
        wall, processor = _fraction_texts(measured.get("fractions", {}))
        memory = measured.get("memory_fraction")
        rows.append(
            (
                students,
                time_text(measured["seconds"]),
                wall,
                f"{measured['processor_seconds']:.3g} s",
                processor,
                memory_text(measured["peak_extra_bytes"]),
                "" if memory is None else f"{memory:.2f}",
                others_text(measured["cores_used_by_others"]),
            )
        )
    part, least = (
        "{} of wall time, {} of processor time".format(*_fraction_texts(results[name]))
        for name in ("teachers_part", "least_fractions")
    )
    return "\n".join(
        [
            text_table(rows),
            f"the teacher's part of a step with one student: {part}",
            "a further student, of a step with one; no family's fraction is less: "
            f"{least}",
        ]
    )


def _fraction_texts(fractions):
    return [f"{fractions[name]:.2f}" if fractions else "" for name in TIMES]
