import numpy as np
import pytest

from crd_keras.data import Images, PairedSource

pytestmark = pytest.mark.any_backend


def pairs(train=(3, 3), test=(2, 2)):
    counts = {"trainA": train[0], "trainB": train[1], "testA": test[0]}
    counts["testB"] = test[1]
    pictures = {name: np.zeros((n, 8, 8, 3), np.uint8) for name, n in counts.items()}
    for name, records in pictures.items():
        records += len(name) * 10 + ord(name[-1])
    return PairedSource(
        label="flat", splits={name: Images(p) for name, p in pictures.items()}
    )


def test_reversed_is_paired_too():
    source = pairs()
    reversed_source = source.reversed()
    assert type(reversed_source) is PairedSource
    assert reversed_source.label == "flat, from B to A"
    for name, other in (("trainA", "trainB"), ("testB", "testA")):
        np.testing.assert_array_equal(
            reversed_source.split(name).records, source.split(other).records
        )


def test_domains_of_different_sizes_are_refused():
    with pytest.raises(ValueError, match="`splits`.*trainA.*trainB.*: 3 and 2$"):
        pairs(train=(3, 2))
    with pytest.raises(ValueError, match="`splits`.*testA.*testB.*: 1 and 2$"):
        pairs(test=(1, 2))
    with pytest.raises(ValueError, match="Received: no images in testB"):
        pairs(test=(1, 0))
