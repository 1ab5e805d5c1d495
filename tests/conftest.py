"""Every test starts from the same seeds, whatever ran before it."""

import gc

import keras
import pytest

# What the libraries made when they were imported stays: the garbage collector need not
# look at it again and again.
gc.freeze()


@pytest.fixture(autouse=True)
def fixed_seeds():
    keras.utils.set_random_seed(0)
