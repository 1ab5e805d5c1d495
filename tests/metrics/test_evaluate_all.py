"""Several metrics in one pass over the images."""

import pytest

from crd_keras.metrics import (
    PSNR,
    FrechetInceptionDistance,
    KernelInceptionDistance,
    evaluate_all,
)
from tests.metrics.fake_features import FakeFeatures, batches, pictures

pytestmark = pytest.mark.any_backend

GENERATED, TARGETS = pictures(20, seed=0), pictures(20, seed=1)


def metrics():
    features = FakeFeatures(size=4)
    sets = FrechetInceptionDistance(features), KernelInceptionDistance(features)
    for metric in sets:
        metric.update_reference(TARGETS)
    return [*sets, PSNR()]


def test_as_each_by_itself():
    together = evaluate_all(metrics(), batches(GENERATED, 8), batches(TARGETS, 8))
    alone = {}
    for metric in metrics():
        metric.evaluate(batches(GENERATED, 8), batches(TARGETS, 8))
        alone |= metric.results()
    assert list(together) == ["fid", "kid", "kid_std", "psnr", "psnr_std"]
    assert together == pytest.approx(alone, rel=1e-12)


def test_what_was_fed_before_is_forgotten():
    used = metrics()
    evaluate_all(used, batches(TARGETS, 8), batches(TARGETS, 8))
    again = evaluate_all(used, batches(GENERATED, 8), batches(TARGETS, 8))
    new = evaluate_all(metrics(), batches(GENERATED, 8), batches(TARGETS, 8))
    assert again == pytest.approx(new, rel=1e-12)


def test_pairs_need_targets():
    with pytest.raises(ValueError, match="`psnr`.*target"):
        evaluate_all(metrics(), batches(GENERATED, 8))
