"""On JAX and PyTorch, crd_keras and its pipelines need no TensorFlow.

Nor does `import crd_keras` import scikit-image or matplotlib. What commands need:
see tools/check_without_tensorflow.sh.
"""

import subprocess
import sys

import keras
import pytest

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


def run(program, environment, packages):
    program = BLOCKED.format(packages=packages) + program
    result = subprocess.run(
        [sys.executable, "-c", program],
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
