import keras
import numpy as np
import pytest

from crd_keras.losses import omgd_losses
from tests.losses.image_loss_checks import noise
from tests.losses.test_perceptual import features, reference_terms
from tests.losses.test_ssim_loss import reference as dissimilarity
from tests.losses.test_total_variation import reference as total_variation


def test_the_published_sum():
    network = features()
    losses, weights = omgd_losses(network)
    teacher, student = noise((2, 12, 16, 3), 0), noise((2, 12, 16, 3), 1)
    style, feature = reference_terms(network, teacher, student)
    expected = (
        10 * dissimilarity(teacher, student, value_range=(0, 1))
        + 1e4 * style
        + 10 * feature
        # Of both images: it is summed over the batch.
        + 2 * 1e-5 * total_variation(np.float64(teacher), np.float64(student))
    )
    values = {name: loss(teacher, student) for name, loss in losses.items()}
    result = sum(
        weights[name] * float(keras.ops.convert_to_numpy(value))
        for name, value in values.items()
    )
    assert result == pytest.approx(expected, rel=1e-5)
    assert set(weights) == set(losses)


def test_the_layout_reaches_each_loss():
    losses, _ = omgd_losses(features("channels_first"), "channels_first")
    assert {loss.data_format for loss in losses.values()} == {"channels_first"}
