"""FID's statistics, kept beside the data."""

import numpy as np
import pytest

from crd_keras.data import Images
from crd_keras.metrics import FrechetInceptionDistance
from crd_keras.metrics.reference import give_reference
from tests.metrics.fake_features import FakeFeatures
from tests.no_space import limited_file_size

pytestmark = pytest.mark.any_backend

IMAGES = Images(np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), np.uint8))


def reference(folder):
    metric = FrechetInceptionDistance(FakeFeatures(4))
    give_reference([metric], IMAGES, 16, folder)
    return metric._reference.mean


@pytest.mark.parametrize("cut", [0, 100])
def test_a_damaged_file_is_made_anew(tmp_path, caplog, cut):
    expected = reference(tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    np.testing.assert_array_equal(reference(tmp_path), expected)
    assert not caplog.records

    path.write_bytes(whole[:cut])
    np.testing.assert_array_equal(reference(tmp_path), expected)
    (warning,) = caplog.records
    assert warning.levelname == "WARNING" and "\n" not in warning.message
    assert "FID's statistics are made anew" in warning.message
    assert str(path) in warning.message
    with np.load(path) as file:
        np.testing.assert_array_equal(file["mu"], expected)


def test_a_full_disk_does_not_stop_the_run(tmp_path, caplog):
    with limited_file_size(10):
        assert reference(tmp_path).shape == (4,)
    (warning,) = caplog.records
    assert "FID's statistics are not kept: " in warning.message
    assert "fid-" in warning.message and "are free" in warning.message
    assert not list(tmp_path.iterdir())
