"""What has to work where TensorFlow is not installed, as a program.

    KERAS_BACKEND=torch python -m tests.without_tensorflow FOLDER

tools/check_without_tensorflow.sh makes such an environment and runs this in it. Two
recipes train: on the built-in sample, where the training is killed and resumed, and on
a folder, whose student translates, is evaluated and exported.
"""

import dataclasses
import importlib.metadata
import importlib.util
import pathlib
import signal
import sys

from crd_keras.experiment.presets.horse2zebra import QUICK
from crd_keras.experiment.run import run
from crd_keras.experiment.settings import Settings
from crd_keras_command import main as crd
from tests import small_run
from tests.data.image_folders import write_folders
from tests.faults.trainings import Trainings

ABSENT = ("tensorflow", "tensorflow_datasets", "keras_cv", "tf2onnx")


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    check_absence()
    check_sample(folder)
    check_folder(folder)
    check_messages(folder)


def check_absence() -> None:
    """Neither importable nor, as some libraries ask, on the list of distributions."""
    assert [name for name in ABSENT if importlib.util.find_spec(name)] == []
    names = (d.name.lower() for d in importlib.metadata.distributions())
    assert [name for name in names if name.startswith(("tensorflow", "keras-cv"))] == []


def check_sample(folder: pathlib.Path) -> None:
    """A training that is killed while it writes a checkpoint ends as a whole one."""
    trainings = Trainings(folder)
    number = trainings.checkpoint_operation("fsync")
    assert trainings.interrupt(number, signal.SIGKILL) == []
    assert (trainings.whole / "report.html").exists()


def check_folder(folder: pathlib.Path) -> None:
    """The commands, from a folder of pictures to a file that ONNX Runtime runs."""
    images = write_folders(folder / "images", (16, 16, 8, 8))
    whole = (images / "trainA" / "0.jpg").read_bytes()
    (images / "trainA" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    # As the sample's training, whose step JAX then need not compile again.
    settings = dataclasses.replace(
        small_run.SETTINGS,
        decay_epochs=1,
        data_dir=str(images),
        on_corrupt="skip",
        output_dir=str(folder / "run"),
    )
    command("train", "horse2zebra", "--preset=quick", *flags_of(settings))
    assert (folder / "run" / "report.html").exists()
    assert list(folder.glob("run/tensorboard/train/events.out.tfevents.*"))
    command(
        *("translate", f"--model={folder}/run/student.keras"),
        *(f"--input={images}/testA", f"--output={folder}/translated"),
    )
    command(
        *("evaluate", f"--images={folder}/translated", f"--reference={images}/testB"),
        "--metrics=swd,psnr",
    )
    # It ends with an error if the file is not close to Keras.
    command(
        *("export", f"--model={folder}/run", "--format=onnx", "--repeats=1"),
        *("--quantization=float32", f"--images={images}/testA"),
        f"--output_dir={folder}/exported",
    )
    assert (folder / "exported" / "student.onnx").exists()


def check_messages(folder: pathlib.Path) -> None:
    """What needs TensorFlow ends in one line that says how to install it."""
    message = line_of(crd, ["export", f"--model={folder}/run", "--output_dir=none"])
    assert message.startswith("export: the export to tf_saved_model, litert needs ")
    assert "crd_keras[export,tensorflow-cpu]" in message
    for changes in (
        {"dataset": "cycle_gan/horse2zebra"},
        {"pipeline": "tf"},
        {"augmentation": "hue"},
    ):
        settings = dataclasses.replace(
            small_run.SETTINGS, output_dir=str(folder / "none"), **changes
        )
        message = line_of(run, "horse2zebra", "quick", settings)
        assert "need TensorFlow: `pip install" in message


def flags_of(settings: Settings) -> list[str]:
    """The flags that make these settings of the preset quick."""
    new, preset = dataclasses.asdict(settings), dataclasses.asdict(QUICK)
    return [f"--{name}={new[name]}" for name in new if new[name] != preset[name]]


def command(*arguments: str) -> None:
    """Runs a command of `crd`, which must succeed."""
    try:
        crd(arguments)
    except SystemExit as end:
        if end.code:
            raise


def line_of(function, *arguments) -> str:
    """The one line with which a call ends."""
    try:
        function(*arguments)
    except SystemExit as end:
        assert isinstance(end.code, str) and "\n" not in end.code
        return end.code
    raise AssertionError(f"{arguments} did not end with a message")


if __name__ == "__main__":
    main()
