"""How large and how fast the students are."""

import dataclasses
import json
import pathlib
import tempfile
from collections.abc import Mapping

import keras

from crd_keras.complexity import complexity, measure
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.students import students_of
from crd_keras.export import export_model
from crd_keras.export.packages import check_packages
from crd_keras.utils.files import atomic_write
from crd_keras.utils.image_size import image_sides


@dataclasses.dataclass(frozen=True)
class StudentSize:
    """The size of a student, for an image of the experiment's size.

    Attributes:
        parameters: Number of its weights.
        macs: True multiply-accumulates of an image.
        bytes: Of its TFLite file in float32; `None` if it was not measured.
        latency_ms: Milliseconds that LiteRT takes for an image, a median; `None` if it
            was not measured.
    """

    parameters: int
    macs: int
    bytes: int | None = None
    latency_ms: float | None = None


def student_sizes(
    networks: Mapping[str, keras.Model], settings: Settings, path: pathlib.Path
) -> dict[str, StudentSize]:
    """Counts, and measures where there is something to compare, the students.

    No size depends on the training. Bytes and latency are measured if students differ
    in size or a budget needs them. What `write_sizes` has kept is read, so that a
    resumed run chooses by the same numbers.

    Args:
        networks: The students by name.
        settings: The settings of the experiment.
        path: The file.

    Raises:
        ImportError: If a budget needs a TFLite file and what makes it is missing.
    """
    if path.exists():
        stored = json.loads(path.read_bytes())
        if set(stored) == set(networks):
            return {name: StudentSize(**stored[name]) for name in networks}
    counted = {
        name: complexity(network, settings.image_size)
        for name, network in networks.items()
    }
    sizes = {k: StudentSize(x.parameters, x.macs) for k, x in counted.items()}
    if _needs_files(settings):
        print("Measuring the students' TFLite files", flush=True)
        measured: dict[tuple[int, int], StudentSize] = {}
        for name, size in sizes.items():
            # Students of one size that differ in losses are one network here.
            key = size.parameters, size.macs
            if key not in measured:
                measured[key] = _measured(networks[name], size, settings.image_size)
            sizes[name] = measured[key]
    return sizes


def write_sizes(sizes: Mapping[str, StudentSize], path: pathlib.Path) -> None:
    """Keeps sizes in a file, once there is a run that they are of.

    Args:
        sizes: From `student_sizes`.
        path: The file.

    Raises:
        OSError: If it cannot be written.
    """
    content = {name: dataclasses.asdict(size) for name, size in sizes.items()}
    atomic_write(path, json.dumps(content, indent=2).encode())


def _needs_files(settings):
    if settings.max_bytes is not None or settings.max_latency_ms is not None:
        check_packages(["litert"], run=True)
        return True
    filters = {student.student_filters for student in students_of(settings).values()}
    if len(filters) == 1:
        return False
    try:
        check_packages(["litert"], run=True)
    except ImportError as error:
        print(f"Bytes and latency of the students are left out: {error}")
        return False
    return True


def _measured(network, size, image_size):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "student.tflite"
        export_model(network, path, "litert", image_sides(image_size), verbose=False)
        result = measure(path, image_size)
    return dataclasses.replace(
        size, bytes=result["bytes"], latency_ms=1000 * result["median_seconds"]
    )
