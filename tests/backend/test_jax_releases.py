"""What a release of JAX makes of a loss, with its own settings."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.losses.relation_reference import relation_terms

PROGRAM = """
import jax
import keras
import numpy as np
from crd_keras.losses import ContentRelationLoss

loss = ContentRelationLoss("row")
images = np.random.default_rng(0).uniform(-1, 1, (2, 1, 128, 128, 3)).astype("float32")
step = jax.jit(jax.value_and_grad(lambda student: loss(images[0], student)))
print(float(step(images[1])[0]))
"""


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="It is a fault of XLA's.")
def test_rows_of_128_pixels_do_not_end_the_process(importing_environment):
    # The tests' own settings have XLA make other code.
    own = ("XLA_FLAGS", "JAX_DISABLE_MOST_OPTIMIZATIONS")
    environment = {k: v for k, v in importing_environment.items() if k not in own}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment | {"JAX_ENABLE_COMPILATION_CACHE": "false"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    images = np.random.default_rng(0).uniform(-1, 1, (2, 1, 128, 128, 3))
    images = images.astype("float32")
    distance, angle = relation_terms(images[0, 0], images[1, 0], "row", 1)
    assert float(done.stdout) == pytest.approx(distance + 2 * angle, rel=1e-4)
