"""Metrics by their names."""

import pytest

from crd_keras.metrics import get_metric, lookup
from crd_keras.metrics.features import InceptionFeatures
from tests.metrics.fake_features import FakeFeatures, pictures

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize(
    "name, higher_is_better",
    [
        ("fid", False),
        ("kid", False),
        ("swd", False),
        ("mae", False),
        ("psnr", True),
        ("ssim", True),
    ],
)
def test_each_metric_evaluates_under_its_name(name, higher_is_better):
    metric = get_metric(name, features=FakeFeatures())
    score = metric.evaluate([pictures(20, 1)], [pictures(20, 2)])
    assert metric.name == name and metric.higher_is_better == higher_is_better
    assert metric.results()[name] == score == metric.result()
    assert "20" in metric.describe() and "\n" not in metric.describe()


def test_features_by_their_weights(tmp_path):
    metric = get_metric("kid", features="random")
    assert isinstance(metric.features, InceptionFeatures)
    assert metric.features.size == 2048
    with pytest.raises(ValueError, match="`weights` must be .*nothing.pth"):
        get_metric("fid", features=tmp_path / "nothing.pth")
    # Metrics without features do not ask for them.
    assert get_metric("swd", features=tmp_path / "nothing.pth").name == "swd"


def test_features_of_another_network(monkeypatch):
    fake = FakeFeatures(3)
    monkeypatch.setattr(lookup, "EfficientNetLiteFeatures", lambda: fake)
    for name in ("fid", "kid"):
        assert get_metric(name, "efficientnet_lite").features is fake


def test_unknown_name():
    with pytest.raises(ValueError) as error:
        get_metric("lpips")
    assert str(error.value) == (
        "`name` must be one of 'fid', 'kid', 'swd', 'mae', 'psnr', 'ssim'. "
        "Received: lpips"
    )
