import numpy as np
import pytest
import torch

from crd_keras.metrics.bilinear import resize_bilinear

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 3), (17, 40), (64, 64), (256, 320), (299, 299), (600, 1000)]
)
def test_as_pytorch_interpolates(size):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, *size, 3)).astype("float32") / 255
    with torch.device("cpu"):
        expected = torch.nn.functional.interpolate(
            torch.from_numpy(images.transpose(0, 3, 1, 2).copy()),
            size=(299, 123),
            mode="bilinear",
            align_corners=False,
        )
    result = resize_bilinear(images, 299, 123)
    assert result.dtype == "float32"
    np.testing.assert_allclose(
        result, expected.numpy().transpose(0, 2, 3, 1), atol=5e-7
    )


def test_by_hand():
    row = np.array([0, 4, 8, 12], "float32").reshape(1, 1, 4, 1)
    # Centres 0.5 and 2.5 of the old pixels; no antialiasing.
    np.testing.assert_array_equal(resize_bilinear(row, 1, 2).ravel(), [2, 10])
    # Centres -0.25, 0.25, 0.75, ...; nothing is extrapolated.
    np.testing.assert_array_equal(
        resize_bilinear(row, 1, 8).ravel(), [0, 1, 3, 5, 7, 9, 11, 12]
    )


def test_images_stay_as_they_are():
    images = np.random.default_rng(0).random((1, 5, 7, 3), dtype="float32")
    before = images.copy()
    np.testing.assert_array_equal(resize_bilinear(images, 5, 7), before)
    resize_bilinear(images, 9, 3)
    np.testing.assert_array_equal(images, before)
