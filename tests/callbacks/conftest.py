import keras
import pytest


@pytest.fixture(scope="module")
def eager_steps():
    """TensorFlow runs a step as it is written, without a graph of it.

    To trace the graph of each trainer takes longer than its few steps, and callbacks
    see the same. What graphs compute is tested in tests/training.
    """
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
