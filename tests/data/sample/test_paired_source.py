import numpy as np
import pytest

from crd_keras.data import draw_animal, paired_sample_source, sample_source

pytestmark = pytest.mark.any_backend


def test_pairs_are_the_same_animals():
    source = paired_sample_source(image_size=32, train=5, test=3, seed=2)
    assert source.label.endswith("seed 2")
    records = {name: images.records for name, images in source.splits.items()}
    for split, first, number in (("train", 0, 5), ("test", 2, 3)):
        assert len(records[f"{split}A"]) == len(records[f"{split}B"]) == number
        for i in range(number):
            plain, striped, _ = draw_animal(first + 4 * i, seed=2, image_size=32)
            np.testing.assert_array_equal(records[f"{split}A"][i], plain)
            np.testing.assert_array_equal(records[f"{split}B"][i], striped)


def test_the_test_pairs_are_those_of_the_unpaired_sample():
    paired = paired_sample_source(image_size=16, train=1, test=4)
    unpaired = sample_source(image_size=16, train=2, test=4)
    for images, expected in (
        (paired.split("testA"), unpaired.split("testA").records),
        (paired.split("testB"), unpaired.ground_truth["testA"]),
    ):
        np.testing.assert_array_equal(images.records, expected)


@pytest.mark.parametrize(
    "argument, value", [("image_size", 0), ("train", 0), ("test", -1), ("seed", -1)]
)
def test_bad_arguments(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must .*Received: {value}"):
        paired_sample_source(**{argument: value})
