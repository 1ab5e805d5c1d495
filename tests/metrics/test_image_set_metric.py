"""The base class of the metrics, through the simplest metric there is."""

import numpy as np
import pytest

from crd_keras.metrics import ImageSetMetric


class MeanOfSet:
    """Streaming statistics: the sum and the number of all values."""

    def __init__(self):
        self.total, self.count = 0.0, 0

    def update(self, images):
        self.total += float(images.sum(dtype="float64"))
        self.count += images.size


class BrightnessDistance(ImageSetMetric):
    def make_statistics(self, reference):
        return MeanOfSet()

    def distance(self, generated, reference):
        return abs(
            generated.total / generated.count - reference.total / reference.count
        )

    def describe(self):
        return "difference in brightness"


def constant(value, count=2, size=4):
    return np.full((count, size, size, 3), value, dtype="float32")


def test_distance_over_batches_and_reset():
    metric = BrightnessDistance("brightness")
    metric.update_reference(constant(0.5, 3))
    metric.update_reference(constant(-0.5, 1))
    metric.update_state(constant(1.0))
    assert metric.result() == 0.75
    assert (metric.reference_count, metric.generated_count) == (4, 2)
    assert metric.image_shape == (4, 4, 3)
    metric.reset_state()
    assert (metric.reference_count, metric.generated_count) == (4, 0)
    metric.update_state(constant(0.25))
    assert metric.result() == 0.0


def test_reset_without_reference_allows_another_size():
    metric = BrightnessDistance("brightness")
    metric.update_state(constant(0.0, size=4))
    metric.reset_state()
    assert metric.image_shape is None
    metric.update_state(constant(0.0, size=8))
    assert metric.image_shape == (8, 8, 3)


@pytest.mark.parametrize(
    "images, message",
    [
        (np.zeros((8, 8, 3)), r"shape \(batch, height, .* Received: shape \(8, 8, 3\)"),
        (np.zeros((0, 4, 4, 3)), r"at least one image .* Received: shape \(0, 4, 4, 3"),
        (constant(0, size=8), r"\(4, 4, 3\)\. Received: \(8, 8, 3\)"),
        (constant(np.nan, 1), r"`images` must be finite\. Received: 48 values"),
        (
            constant(255),
            r"`images` must have values in \[-1, 1\].*Received: 255 to 255",
        ),
    ],
)
def test_bad_images_are_refused_and_not_counted(images, message):
    metric = BrightnessDistance("brightness")
    metric.update_reference(constant(0.0))
    for update in (metric.update_reference, metric.update_state):
        with pytest.raises(ValueError, match=message) as error:
            update(images)
        assert "\n" not in str(error.value)
    assert (metric.reference_count, metric.generated_count) == (2, 0)


def test_refused_first_batch_does_not_fix_the_size():
    metric = BrightnessDistance("brightness")
    with pytest.raises(ValueError, match="finite"):
        metric.update_reference(constant(np.inf, size=8))
    metric.update_reference(constant(0.0, size=4))
    assert metric.image_shape == (4, 4, 3)


def test_each_side_needs_two_images():
    metric = BrightnessDistance("brightness")
    metric.update_state(constant(0.0))
    with pytest.raises(ValueError, match=r"`brightness` .*2 reference.*Received: 0"):
        metric.result()
    metric.update_reference(constant(0.0))
    metric.reset_state()
    metric.update_state(constant(0.0, 1))
    with pytest.raises(ValueError, match=r"2 generated.*`update_state.*Received: 1"):
        metric.result()
