"""Metrics of a run by its settings, and how the report names them."""

import pytest

from crd_keras.experiment.metrics import make_metrics, protocol
from crd_keras.experiment.networks import describe_networks
from crd_keras.experiment.settings import Settings
from crd_keras.metrics import evaluate_all, lookup
from tests.metrics.fake_features import FakeFeatures, pictures

pytestmark = pytest.mark.any_backend


@pytest.fixture
def lite(monkeypatch):
    fake = FakeFeatures(label="features of EfficientNet-Lite0")
    monkeypatch.setattr(lookup, "EfficientNetLiteFeatures", lambda: fake)
    return fake


def test_features_of_efficientnet_lite_are_named_everywhere(lite):
    settings = Settings(metric="kid", metric_features="efficientnet_lite")
    metrics = make_metrics(settings, has_targets=False)
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


def test_known_targets_of_an_unpaired_run_are_reported():
    settings = Settings(metric="swd")
    metrics = make_metrics(settings, has_targets=True)
    assert [metric.name for metric in metrics] == ["swd", "mae", "psnr", "ssim"]
    images, targets = pictures(20, 1), pictures(20, 2)
    metrics[0].update_reference(targets)
    evaluate_all(metrics, [images], [targets])
    line = "Pairs: each image of testA and its right translation, of which the training"
    assert any(text.startswith(line) for text in protocol(metrics, settings))
    # Chosen by distances of sets all the same.
    with pytest.raises(ValueError, match="`--metric` must be fid, kid or swd"):
        make_metrics(Settings(metric="mae"), has_targets=True)


def test_other_metrics_need_no_features():
    settings = Settings(metric="swd", metric_features="efficientnet_lite")
    (swd,) = make_metrics(settings, has_targets=False)
    swd.evaluate([pictures(20, 1)], [pictures(20, 2)])
    assert "were chosen by swd, evaluated" in protocol([swd], settings)[-1]
    assert describe_networks(settings)["metric features"] == "none"
