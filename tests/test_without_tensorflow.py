"""On JAX and PyTorch, crd_keras and training from arrays need no TensorFlow.

Nor does `import crd_keras` import scikit-image or matplotlib.
"""

import subprocess
import sys

import keras
import pytest

PROGRAM = """
import sys
# Imports of these fail, which Keras itself is prepared for.
sys.modules |= dict.fromkeys(("tensorflow", "matplotlib", "skimage"))
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
    crd_keras.data.unpaired_dataset(source, image_size=16)
except ImportError as error:
    print(error)
"""


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="the backend is what is missing"
)
def test_training_from_arrays(importing_environment):
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=importing_environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    # The pipelines say what they need.
    assert "need TensorFlow: `pip install" in result.stdout
    assert "crd_keras[data,tensorflow-cpu]" in result.stdout
