import subprocess
import sys

import keras
import pytest

# Before TensorFlow computes, and again when it has.
PROGRAM = """
import tensorflow as tf
from crd_keras.backend import use_intra_op_threads
use_intra_op_threads(3)
tf.zeros(1) + 1
use_intra_op_threads(2)
print(tf.config.threading.get_intra_op_parallelism_threads())
"""


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's own")
def test_threads_are_those_that_the_process_began_with():
    output = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert int(output) == 3
