"""The runs of tables: each in a process of its own, none twice."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from crd_keras.experiment import run_record
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.settings_flags import flag_text
from crd_keras.experiment.students import students_text
from crd_keras.utils.files import atomic_write
from crd_keras.utils.folder_lock import FolderInUseError, FolderLock
from crd_keras.utils.interruption import Interruption

_TRAIN = (sys.executable, "-m", "crd_keras", "train")


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """One training of a teacher, and of all its students that rows ask for.

    Attributes:
        recipe: The recipe that runs it.
        preset: The recipe's preset.
        settings: All settings of the run: its seed, its folder and the file of its
            students among them.
        number: 1, or more where earlier runs of the same teacher lack its students.
        students: The settings of each student in which it may differ, by its name.
        rows: The rows that the run is for, as `(number of the table, name)`.
    """

    recipe: str
    preset: str
    settings: Settings
    number: int = 1
    students: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    rows: list[tuple[int, str]] = dataclasses.field(default_factory=list)

    @property
    def folder(self) -> pathlib.Path:
        return pathlib.Path(self.settings.output_dir)

    @property
    def students_file(self) -> pathlib.Path:
        """Beside the folder. Once it is there, the run has these students."""
        return pathlib.Path(str(self.settings.students))

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def is_begun(self) -> bool:
        return (self.folder / run_record.NAME).exists()

    @property
    def is_finished(self) -> bool:
        return (self.folder / "results.json").exists()


def run_all(
    runs: Sequence[Run],
    run: Callable[[Run], None],
    after_each: Callable[[Run], None],
) -> list[str]:
    """Runs what is not finished. A run that fails does not stop the others.

    Args:
        runs: All runs; those that begin with another's discriminator come after it.
        run: Runs one and raises a `RuntimeError` if it fails.
        after_each: Called with each run that did not fail.

    Returns:
        What failed: a line for each run.
    """
    failures = []
    for number, each in enumerate(runs, 1):
        title = f"[{number}/{len(runs)}] {each.name}"
        if each.is_finished:
            print(f"{title}: finished before", flush=True)
            continue
        print(f"{title}: {each.folder}", flush=True)
        try:
            run(each)
        except RuntimeError as error:
            failures.append(f"{each.name}: {error}")
            print(f"{title}: failed: {error}", flush=True)
        else:
            after_each(each)
    return failures


def run_recipe(run: Run, interruption: Interruption) -> None:
    """Runs the recipe, or goes on with what was cut.

    A recipe goes on when the program that started it is killed: it is waited for. One
    that has ended before it began anything leaves no file of students, so that the run
    may have others the next time.

    Args:
        run: The run.
        interruption: What receives the signals that end this program.

    Raises:
        RuntimeError: If it fails.
        KeyboardInterrupt: At such a signal, when the recipe has ended.
    """
    discriminators = [run.settings.discriminator_weights]
    discriminators += [x["student_discriminator"] for x in run.students.values()]
    for weights in discriminators:
        if weights is not None and not pathlib.Path(weights).exists():
            raise RuntimeError(f"there is no {weights}: that run must finish first")
    if run.folder.exists():
        with only_one(run.folder):
            pass
        if run.is_finished:
            return
    if not run.students_file.exists():
        write_students(run)
    try:
        status = _wait_for(command(run), interruption)
    finally:
        if not run.is_begun:
            run.students_file.unlink()
    if status:
        raise RuntimeError(f"exit status {status}, see above")


def command(run: Run) -> list[str]:
    """The command line: the recipe, its preset and each setting that is another."""
    preset = RECIPES[run.recipe][run.preset]
    settings = dataclasses.asdict(
        dataclasses.replace(run.settings, resume=run.is_begun)
    )
    return [
        *_TRAIN,
        run.recipe,
        f"--preset={run.preset}",
        *(
            f"--{name}={flag_text(name, value)}"
            for name, value in settings.items()
            if value != getattr(preset, name)
        ),
    ]


def write_students(run: Run) -> None:
    """Writes the file of the run's students, which settles them.

    Raises:
        OSError: If it cannot be written.
    """
    students = {
        name: {
            setting: value
            for setting, value in student.items()
            if value != getattr(run.settings, setting)
        }
        for name, student in run.students.items()
    }
    for changes in students.values():
        if discriminator := changes.get("student_discriminator"):
            # From the file's folder on.
            changes["student_discriminator"] = os.path.relpath(
                discriminator, run.students_file.parent
            )
    run.students_file.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(run.students_file, students_text(students).encode())


@contextlib.contextmanager
def only_one(folder: pathlib.Path) -> Iterator[None]:
    """Waits until nobody else works in the folder, and keeps others from doing so.

    Args:
        folder: The tables' or a run's, which holds this lock itself while it trains.
    """
    lock = FolderLock(folder)
    try:
        lock.acquire()
    except FolderInUseError as error:
        print(f"Waiting: {error}", flush=True)
        lock.acquire(wait=True)
    try:
        yield
    finally:
        lock.release()


def _wait_for(arguments, interruption):
    with subprocess.Popen(arguments) as recipe:
        try:
            return recipe.wait()
        except KeyboardInterrupt:
            # Ctrl-C reaches the recipe as well, and it writes a checkpoint.
            if interruption.received == signal.SIGTERM:
                recipe.terminate()
            recipe.wait()
            raise
