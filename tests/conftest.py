"""Every test starts from the same seeds, whatever ran before it."""

import gc
import importlib.util
import os
import pathlib
import sys
import zipfile

import keras
import pytest

from crd_keras.utils import environment

# What the libraries made when they were imported stays: the garbage collector need not
# look at it again and again.
gc.freeze()

# TensorFlow, which also reads the data of other backends, runs each graph as it was
# traced: to optimise it takes a quarter of the time of a test, and most run it a few
# times. `optimized_graphs` has it do so.
tf = None
if importlib.util.find_spec("tensorflow"):
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


@pytest.fixture
def optimized_graphs():
    """TensorFlow optimises graphs, as it does where nothing else is said."""
    if tf is None:
        yield
        return
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


@pytest.fixture(autouse=True)
def fixed_seeds():
    keras.utils.set_random_seed(0)


@pytest.fixture(scope="module")
def described_here():
    """Commands ask for the device here: a process for it imports Keras for seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "in_fresh_process", lambda f, *a: f(*a))
        yield


@pytest.fixture(scope="session")
def importing_environment():
    """The environment of a process that imports what the tests can import."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture(scope="session")
def old_files(tmp_path_factory):
    """Folder of the files that commit fbc64e4 made, before the package's modules moved.

    `models`: `.keras` files of each architecture and of two whole trainers, with
    `outputs.npz`, what they make of the first of `tiny.images(4, seed=0)`, and
    `losses.json`, the losses of `losses.keras` on its build's backend.

    `run`: the finished run `crd train horse2zebra --preset=quick --max_steps=2` of tiny
    networks at 16 pixels, with its checkpoint. Copy it before a test writes to it.
    """
    folder = tmp_path_factory.mktemp("fbc64e4")
    path = pathlib.Path(__file__).parent / "files" / "fbc64e4.zip"
    zipfile.ZipFile(path).extractall(folder)
    return folder
