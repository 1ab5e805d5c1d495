"""On JAX and PyTorch, crd_keras, its pipelines and its recipes need no TensorFlow.

Nor does `import crd_keras` import scikit-image or matplotlib.
"""

import subprocess
import sys

import keras
import pytest

from tests.data.image_folders import write_folders

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="the backend is what is missing"
)

# Imports of these fail, which Keras itself is prepared for.
BLOCKED = """
import sys
sys.modules |= dict.fromkeys({packages})
"""

ARRAYS = """
import numpy as np
import crd_keras
from tests import tiny

images = tiny.images(2, seed=0)
trainer = tiny.trainer()
history = trainer.fit(images, images, batch_size=1, verbose=0).history
assert np.isfinite(history["loss"]).all()
assert crd_keras.translate(trainer.student, images).shape == images.shape
source = crd_keras.data.sample_source(16, train=1, test=1)
assert source.ground_truth["testA"].shape == (1, 16, 16, 3)
try:
    crd_keras.data.unpaired_dataset(source, image_size=16, pipeline="tf")
except ImportError as error:
    print(error)
"""

RECIPE = """
import dataclasses
from crd_keras.data import evaluation_images, folder_source, unpaired_dataset
from crd_keras.experiment.run import run
from tests import small_run

folder = sys.argv[1]
source = folder_source(folder, on_corrupt="skip")
assert [len(images) for images in source.splits.values()] == [2, 2, 1, 1]
assert evaluation_images(source.split("testA"), 16).shape == (1, 16, 16, 3)
assert len(list(unpaired_dataset(source, 16))) == 2
settings = dataclasses.replace(
    small_run.SETTINGS, max_steps=2, output_dir=folder + "/run"
)
run("horse2zebra", "quick", settings)
"""


def run(program, environment, packages, *arguments):
    program = BLOCKED.format(packages=packages) + program
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_training_from_arrays(importing_environment):
    packages = ("tensorflow", "matplotlib", "skimage")
    output = run(ARRAYS, importing_environment, packages)
    # What needs TensorFlow says so.
    assert "need TensorFlow: `pip install" in output
    assert "crd_keras[data,tensorflow-cpu]" in output


@pytest.mark.any_backend
def test_a_recipe(importing_environment, tmp_path):
    write_folders(tmp_path, (2, 2, 1, 1))
    whole = (tmp_path / "trainA" / "0.jpg").read_bytes()
    (tmp_path / "trainA" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    packages = ("tensorflow", "tensorflow_datasets", "keras_cv")
    run(RECIPE, importing_environment, packages, str(tmp_path))
    folder = tmp_path / "run"
    assert (folder / "report.html").exists() and (folder / "student.keras").exists()
    assert list(folder.glob("tensorboard/train/events.out.tfevents.*"))
