"""The base class of the metrics, through the simplest metric there is."""

import numpy as np
import pytest

from crd_keras.metrics import ImageSetMetric

pytestmark = pytest.mark.any_backend


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

    def compare(self, generated, reference):
        ours, theirs = (s.total / s.count for s in (generated, reference))
        return {self.name: abs(ours - theirs), "theirs": theirs}

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


def test_targets_are_not_looked_at():
    metric = BrightnessDistance("brightness")
    metric.update_reference(constant(0.5))
    metric.update_state(constant(1.0), constant(np.nan))
    assert metric.result() == 0.5


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


def test_results_begin_with_the_result():
    metric = BrightnessDistance("brightness")
    assert metric.evaluate([constant(1.0)], [constant(0.25)]) == 0.75
    assert metric.results() == {"brightness": 0.75, "theirs": 0.25}
    assert list(metric.results())[0] == metric.name


def test_evaluate_takes_the_streams_once_and_batch_by_batch():
    log = []

    def stream(name, values):
        for value in values:
            log.append(f"{name} made")
            yield constant(value)
            log.append(f"{name} left")

    metric = BrightnessDistance("brightness")
    metric.update_state(constant(-1.0))  # Forgotten.
    score = metric.evaluate(stream("fake", [0.5, 1.0]), stream("real", [0.0, 0.5]))
    assert score == 0.5
    assert log == ["real made", "real left"] * 2 + ["fake made", "fake left"] * 2
    # The reference is kept: the second one is not even looked at.
    assert metric.evaluate([constant(0.25)], stream("other", [1.0])) == 0.0
    assert metric.evaluate([constant(0.0)]) == 0.25
    assert len(log) == 8


def test_evaluate_keeps_no_half_reference():
    metric = BrightnessDistance("brightness")
    with pytest.raises(ValueError, match="finite"):
        metric.evaluate([constant(1.0)], [constant(0.5), constant(np.nan)])
    assert not metric.has_reference and metric.reference_count == 0
    assert metric.evaluate([constant(1.0, size=8)], [constant(0.0, size=8)]) == 1.0


def test_evaluate_without_reference():
    metric = BrightnessDistance("brightness")
    with pytest.raises(ValueError, match="`brightness` needs reference .*: .*=None"):
        metric.evaluate([constant(1.0)])


def test_is_better_respects_the_direction():
    lower = BrightnessDistance("brightness")
    higher = BrightnessDistance("brightness")
    higher.higher_is_better = True
    nan, inf = float("nan"), float("inf")
    assert lower.is_better(1.0, than=2.0) and higher.is_better(2.0, than=1.0)
    assert lower.is_better(1.0, than=inf) and higher.is_better(1.0, than=-inf)
    for metric in (lower, higher):
        assert not metric.is_better(1.0, than=1.0)
        assert not metric.is_better(nan, than=1.0)
        assert not metric.is_better(nan, than=nan)
        assert metric.is_better(1.0, than=nan)
    assert not lower.is_better(2.0, than=1.0)
    assert not higher.is_better(1.0, than=2.0)
