"""Unpaired data whose test images are known to be pairs."""

import numpy as np
import pytest

from crd_keras.data import Images, UnpairedSource, sample_source

pytestmark = pytest.mark.any_backend


def source(tests, **arguments):
    counts = {"trainA": 3, "trainB": 2, "testA": tests[0], "testB": tests[1]}
    splits = {
        name: Images(np.zeros((count, 8, 8, 3), "uint8"))
        for name, count in counts.items()
    }
    return UnpairedSource(label="black", splits=splits, **arguments)


def test_targets_are_known_or_not():
    assert source((2, 2)).targets is None
    known = source((2, 2), test_is_paired=True)
    assert known.targets is known.splits["testB"]
    assert known.reversed().targets is known.splits["testA"]


def test_targets_of_the_sample_are_the_same_animals():
    drawn = sample_source(image_size=16, train=1, test=2)
    np.testing.assert_array_equal(drawn.targets.records, drawn.ground_truth["testA"])
    turned = drawn.reversed()
    np.testing.assert_array_equal(turned.targets.records, drawn.ground_truth["testB"])


def test_as_many_test_images():
    assert len(source((2, 3)).split("testB")) == 3
    message = "`splits` must have as many images in testA.*Received: 2 and 3"
    with pytest.raises(ValueError, match=message):
        source((2, 3), test_is_paired=True)
