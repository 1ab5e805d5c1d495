import numpy as np
import pytest

from crd_keras.data import Images, UnpairedSource
from crd_keras.data.source import SPLITS

pytestmark = pytest.mark.any_backend


def source_of(**counts):
    pictures = {name: np.zeros((n, 8, 8, 3), np.uint8) for name, n in counts.items()}
    return UnpairedSource(
        label="black", splits={name: Images(p) for name, p in pictures.items()}
    )


def test_split_by_name():
    source = source_of(trainA=3, trainB=2, testA=1, testB=4)
    assert [len(source.split(name)) for name in SPLITS] == [3, 2, 1, 4]


def test_splits_joined():
    source = source_of(trainA=3, trainB=2, testA=1, testB=4)
    source.splits["testB"].records[:] = 1
    joined = source.split("trainB+testB")
    assert [int(record.max()) for record in joined.records] == [0] * 2 + [1] * 4
    with pytest.raises(ValueError, match="`split`.*Received: 'trainB\\+valB'"):
        source.split("trainB+valB")
    other = Images(np.zeros((1, 8, 8, 3), np.uint8), load=lambda record: record)
    with pytest.raises(ValueError, match="`other` must have the same `load`"):
        joined + other


def test_reversed():
    source = source_of(trainA=3, trainB=2, testA=1, testB=4).reversed()
    assert [len(source.split(name)) for name in SPLITS] == [2, 3, 4, 1]
    assert source.label == "black, from B to A"


def test_errors_name_the_split():
    source = source_of(trainA=3, trainB=2, testA=1, testB=4)
    with pytest.raises(ValueError, match="`split` must be one .*Received: 'valA'"):
        source.split("valA")
    with pytest.raises(ValueError, match="`splits`.*Received: trainA, trainB$"):
        source_of(trainA=3, trainB=2)
    with pytest.raises(ValueError, match="Received: no images in testA, testB"):
        source_of(trainA=3, trainB=2, testA=0, testB=0)
