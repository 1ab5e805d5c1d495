"""The base class of the metrics with targets, through the mean absolute error."""

import numpy as np
import pytest

from crd_keras.metrics import PairedMAE
from tests.metrics.fake_features import batches, pictures

pytestmark = pytest.mark.any_backend


def constant(level, count=2, size=4):
    """Images of one grey level of 255."""
    return np.full((count, size, size, 3), level / 127.5 - 1, dtype="float32")


def test_mean_and_standard_deviation_over_images():
    metric = PairedMAE()
    metric.update_state(constant(10, 3), constant(14, 3))
    metric.update_state(constant(20, 1), constant(12, 1))
    assert metric.result() == 5.0
    assert metric.results() == {"mae": 5.0, "mae_std": pytest.approx(3**0.5)}
    metric.reset_state()
    metric.update_state(constant(0.0, 1), constant(255.0, 1))
    assert metric.results() == {"mae": 255.0, "mae_std": 0.0}


def test_mae_matches_numpy_on_rounded_images():
    images, targets = pictures(9, 1), pictures(9, 2)
    levels = [np.rint(127.5 * x.astype("float64") + 127.5) for x in (images, targets)]
    expected = np.abs(levels[0] - levels[1]).mean()
    for size in (1, 4, 9):
        metric = PairedMAE()
        score = metric.evaluate(batches(images, size), batches(targets, size))
        np.testing.assert_allclose(score, expected, rtol=1e-12)


def test_images_are_rounded_and_clipped():
    metric = PairedMAE()
    metric.update_state(constant(99.6, 1), constant(100.4, 1))
    assert metric.result() == 0
    metric.update_state(constant(260.0, 1), constant(255.0, 1))
    assert metric.result() == 0


def test_evaluate_walks_the_streams_side_by_side():
    log = []

    def stream(name, levels):
        for level in levels:
            log.append(f"{name} {level}")
            yield constant(level)

    metric = PairedMAE()
    metric.update_state(constant(0), constant(255))  # Forgotten.
    assert metric.evaluate(stream("fake", [1, 2]), stream("real", [2, 4])) == 1.5
    assert log == ["fake 1", "real 2", "fake 2", "real 4"]


def test_streams_that_do_not_fit():
    metric = PairedMAE()
    two, three = [constant(1)] * 2, [constant(1)] * 3
    for generated, reference, message in (
        (two, three, "as many batches.*`generated` ended first, after 4 images"),
        (three, two, "as many batches.*`targets` ended first, after 4 images"),
        ([constant(1)], [constant(1, 3)], r"same shape.*\(2, 4, 4, 3\) and \(3, 4, 4"),
        ([constant(1)], [constant(1, size=8)], r"same shape.*\(2, 8, 8, 3\)"),
        (two, [constant(1), constant(1, size=8)], r"`targets`.*before.*\(8, 8, 3\)"),
        ([constant(1), constant(1, size=8)], two, r"`images`.*before.*\(8, 8, 3\)"),
        ([constant(np.nan)], [constant(1)], "`images` must be finite"),
        ([constant(1)], [constant(np.nan)], "`targets` must be finite"),
        ([], [], "`mae` needs at least one image.*Received: 0"),
        (two, None, "`mae` compares each image with its target.*reference=None"),
    ):
        with pytest.raises(ValueError, match=message) as error:
            metric.evaluate(generated, reference)
        assert "\n" not in str(error.value)


def test_targets_are_needed():
    with pytest.raises(ValueError, match="`mae` compares each .*: targets=None"):
        PairedMAE().update_state(constant(1))


def test_describe():
    metric = PairedMAE()
    assert metric.describe() == (
        "MAE in grey levels of 255, images rounded to uint8, mean over 0 pairs"
    )
    metric.update_state(constant(1, size=8), constant(1, size=8))
    assert metric.describe().endswith("mean over 2 pairs of 8x8 pixels")
    assert not metric.higher_is_better
