"""The runs of a table: each in a process of its own, none twice."""

import contextlib
import dataclasses
import pathlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.run_record import read_run_record
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.settings_flags import flag_text
from crd_keras.experiment.tables.row import Row, Table, slug
from crd_keras.utils.folder_lock import FolderInUseError, FolderLock
from crd_keras.utils.interruption import Interruption

_TRAIN = (sys.executable, "-m", "crd_keras", "train")


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """What one row needs of one seed.

    Attributes:
        row: The row; others with the same settings share the run.
        settings: All settings of the run, its seed and folder among them.
    """

    row: Row
    settings: Settings

    @property
    def folder(self) -> pathlib.Path:
        return pathlib.Path(self.settings.output_dir)

    @property
    def name(self) -> str:
        return f"{self.row.name}, seed {self.settings.seed}"

    @property
    def is_finished(self) -> bool:
        return (self.folder / "results.json").exists()


def plan(
    table: Table, seeds: Sequence[int], folder: pathlib.Path
) -> dict[tuple[str, int], Run]:
    """The run of each row and seed, by `(row.name, seed)`, the rows of a seed together.

    Raises:
        ValueError: If there is a run of other settings where one is to be.
    """
    runs, same = {}, {}
    for seed in seeds:
        for row in table.rows:
            key = (row.settings, row.discriminator_of, seed)
            if key not in same:
                same[key] = Run(row, _settings(row, seed, folder))
                _check_same_settings(same[key])
            runs[row.name, seed] = same[key]
    return runs


def run_all(
    runs: Sequence[Run],
    run: Callable[[Run], None],
    after_each: Callable[[], None],
) -> list[str]:
    """Runs what is not finished. A run that fails does not stop the others.

    Args:
        runs: All of the table's runs; those that begin with another's discriminator
            come after it.
        run: Runs one and raises a `RuntimeError` if it fails.
        after_each: Called after each run that did not fail.

    Returns:
        What failed: a line for each run.
    """
    failures = []
    runs = list(dict.fromkeys(runs))
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
            after_each()
    return failures


def run_recipe(run: Run, interruption: Interruption) -> None:
    """Runs the row's recipe, or goes on with what was cut.

    A recipe goes on when the program that started it is killed: it is waited for.

    Args:
        run: The run.
        interruption: What receives the signals that end this program.

    Raises:
        RuntimeError: If it fails.
        KeyboardInterrupt: At such a signal, when the recipe has ended.
    """
    weights = run.settings.discriminator_weights
    if weights is not None and not pathlib.Path(weights).exists():
        raise RuntimeError(f"there is no {weights}: that run must finish first")
    if run.folder.exists():
        with only_one(run.folder):
            pass
        if run.is_finished:
            return
    with subprocess.Popen(command(run)) as recipe:
        try:
            status = recipe.wait()
        except KeyboardInterrupt:
            # Ctrl-C reaches the recipe as well, and it writes a checkpoint.
            if interruption.received == signal.SIGTERM:
                recipe.terminate()
            recipe.wait()
            raise
    if status:
        raise RuntimeError(f"exit status {status}, see above")


def command(run: Run) -> list[str]:
    """The command line: the recipe, its preset and each setting that is another."""
    preset = RECIPES[run.row.recipe][run.row.preset]
    resume = (run.folder / "run.json").exists()
    settings = dataclasses.asdict(dataclasses.replace(run.settings, resume=resume))
    return [
        *_TRAIN,
        run.row.recipe,
        f"--preset={run.row.preset}",
        *(
            f"--{name}={flag_text(value)}"
            for name, value in settings.items()
            if value != getattr(preset, name)
        ),
    ]


@contextlib.contextmanager
def only_one(folder: pathlib.Path) -> Iterator[None]:
    """Waits until nobody else works in the folder, and keeps others from doing so.

    Args:
        folder: A table's or a run's, which holds this lock itself while it trains.
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


def _settings(row, seed, folder):
    settings = dataclasses.replace(
        row.settings, seed=seed, output_dir=str(folder / row.slug / f"seed{seed}")
    )
    if row.discriminator_of is None:
        return settings
    pretrained = folder.resolve() / slug(row.discriminator_of) / f"seed{seed}"
    path = pretrained / "discriminator.keras"
    return dataclasses.replace(settings, discriminator_weights=str(path))


def _check_same_settings(run):
    try:
        old = read_run_record(run.folder)["settings"]
    except FileNotFoundError:
        return
    # The folder may have been moved.
    places = {"output_dir", "resume", "discriminator_weights"}
    changed = [
        f"{name} ({old[name]!r}, now {value!r})"
        for name, value in dataclasses.asdict(run.settings).items()
        if name in old and name not in places and old[name] != value
    ]
    if changed:
        raise ValueError(
            f"`--output_dir` must not hold runs of other settings. Received: "
            f"{run.folder} with other values of {', '.join(changed)}"
        )
