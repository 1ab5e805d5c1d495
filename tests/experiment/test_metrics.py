"""Metrics of a run by its settings, and how the report names them."""

import pytest

from crd_keras.experiment.metrics import make_metrics, protocol
from crd_keras.experiment.networks import describe_networks
from crd_keras.experiment.settings import Settings
from crd_keras.metrics import lookup
from tests.metrics.fake_features import FakeFeatures, pictures


@pytest.fixture
def lite(monkeypatch):
    fake = FakeFeatures(label="features of EfficientNet-Lite0")
    monkeypatch.setattr(lookup, "EfficientNetLiteFeatures", lambda: fake)
    return fake


def test_features_of_efficientnet_lite_are_named_everywhere(lite):
    settings = Settings(metric="kid", metric_features="efficientnet_lite")
    metrics = make_metrics(settings)
    assert [metric.name for metric in metrics] == ["kid", "fid", "swd"]
    kid, fid, swd = metrics
    assert kid.features is fid.features is lite
    for metric in (kid, fid):
        metric.evaluate([pictures(20, 1)], [pictures(20, 2)])
    lines = protocol([kid, fid], settings)
    assert lines[0].startswith("KID: features of EfficientNet-Lite0, 20 generated")
    assert lines[1].startswith("FID: features of EfficientNet-Lite0, 20 generated")
    assert "were chosen by kid (EfficientNet-Lite0 features), evaluated" in lines[-1]
    described = describe_networks(settings)["metric features"]
    assert described.startswith("EfficientNet-Lite0 with ImageNet weights, not the Inc")


def test_other_metrics_need_no_features():
    settings = Settings(metric="swd", metric_features="efficientnet_lite")
    (swd,) = make_metrics(settings)
    swd.evaluate([pictures(20, 1)], [pictures(20, 2)])
    assert "were chosen by swd, evaluated" in protocol([swd], settings)[-1]
    assert describe_networks(settings)["metric features"] == "none"
