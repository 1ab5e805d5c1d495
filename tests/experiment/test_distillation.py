"""Distillation losses by name: which, with which weights, and on which layers."""

import dataclasses
from types import SimpleNamespace

import pytest

from crd_keras import losses, models
from crd_keras.experiment import distillation as distillation_losses
from crd_keras.experiment.distillation import (
    Sources,
    feature_layers,
    make_distillation,
)
from crd_keras.experiment.networks import describe_networks, make_generator
from crd_keras.experiment.settings import Settings

pytestmark = pytest.mark.any_backend


def settings(distillation, **changes) -> Settings:
    base = Settings(vgg_weights="random", vgg_blocks=2, batch_size=4)
    return dataclasses.replace(base, distillation=distillation, **changes)


def make(chosen):
    return make_distillation(chosen, Sources(chosen, seed=0))


def weights(distillation, **changes) -> dict[str, tuple[str, float]]:
    """Class and weight of each loss by name."""
    made = make(settings(distillation, **changes))
    return {k: (type(loss).__name__, weight) for k, (loss, weight) in made.items()}


def test_default_is_the_papers():
    received = weights(Settings.distillation)
    assert received == {
        "relation": ("ContentRelationLoss", 25.0),
        "perceptual": ("PerceptualLoss", 1.0),
    }
    assert weights(Settings.distillation, vgg_weights="none").keys() == {"relation"}


@pytest.mark.parametrize(
    ("distillation", "expected"),
    [
        ("none", {}),
        ("", {}),
        ("instance_relation", {"instance_relation": ("InstanceRelationLoss", 25.0)}),
        (
            "pixel_l1=10, pixel_l2",
            {"pixel_l1": ("PixelLoss", 10.0), "pixel_l2": ("PixelLoss", 1.0)},
        ),
        ("wavelet=0.5", {"wavelet": ("WaveletLoss", 0.5)}),
        ("wavelet", {"wavelet": ("WaveletLoss", 0.4)}),
        (
            "feature,channel",
            {
                "feature_distillation": ("FeatureMSELoss", 0.01),
                "channel_distillation": ("ChannelDistillation", 500.0),
            },
        ),
        ("content_relation=3", {"relation": ("ContentRelationLoss", 3.0)}),
        (
            "omgd=2",
            {
                "ssim": ("SSIMLoss", 20.0),
                "perceptual": ("PerceptualLoss", 2.0),
                "total_variation": ("TotalVariationLoss", 2e-5),
            },
        ),
    ],
)
def test_losses_by_name(distillation, expected):
    assert weights(distillation) == expected


@pytest.mark.parametrize("distillation", ["perceptual", "omgd"])
def test_features_of_another_network(distillation, monkeypatch):
    def random_weights(unit_scale):
        return models.efficientnet_lite_features(None, unit_scale=unit_scale, seed=0)

    monkeypatch.setattr(
        distillation_losses,
        "models",
        SimpleNamespace(efficientnet_lite_features=random_weights),
    )
    # What VGG-16 would be is not asked.
    chosen = settings(
        distillation, perceptual_features="efficientnet_lite", vgg_weights="none"
    )
    perceptual = make(chosen)["perceptual"].loss
    scales = [perceptual.features.get_layer(name).scale for name in ("stem", "stage3")]
    assert scales == [pytest.approx(1 / 1.97), pytest.approx(1 / 6.05)]
    assert describe_networks(chosen)["perceptual features"] == (
        "EfficientNet-Lite0 with ImageNet weights, its early stages scaled to 1"
    )


def test_losses_take_their_settings():
    made = make(
        settings(
            "content_relation,perceptual",
            contents="row,patch",
            patch_size=16,
            angle_weight=0.5,
            relation_reduction="sum",
            style_weight=7.0,
        )
    )
    relation, perceptual = made["relation"].loss, made["perceptual"].loss
    assert isinstance(relation, losses.ContentRelationLoss)
    assert (relation.contents, relation.patch_size) == (("row", "patch"), 16)
    assert (relation.angle_weight, relation.reduction) == (0.5, "sum")
    assert perceptual.style_weight == 7.0


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        (
            {"generator": "mobile_resnet", "blocks": 9},
            ("down2_relu", "block3", "block6", "block9"),
        ),
        ({"generator": "resnet", "blocks": 2}, ("down2_relu", "block1", "block2")),
        (
            {"generator": "unet", "downs": 8},
            ("down2_relu", "down4_relu", "skip4_relu", "skip2_relu"),
        ),
        (
            {"generator": "unet", "downs": 3},
            ("down2_relu", "skip2_relu"),
        ),
        ({"generator": "unet", "downs": 1}, ("down1_relu",)),
    ],
)
def test_feature_layers_exist(architecture, expected):
    chosen = settings("feature", **architecture)
    assert feature_layers(chosen) == expected
    generator = make_generator(chosen, filters=2)
    for name in expected:
        assert generator.get_layer(name)


def test_layers_of_omgd_in_u_nets():
    """Channels of the published taps, LeakyReLU twice and ReLU twice, of 2 filters."""
    chosen = settings("feature", generator="unet", downs=8)
    generator = make_generator(chosen, filters=2)
    layers = [generator.get_layer(name) for name in feature_layers(chosen)]
    kinds = [type(layer).__name__ for layer in layers]
    assert kinds == ["LeakyReLU", "LeakyReLU", "ReLU", "ReLU"]
    assert [layer.output.shape[-1] for layer in layers] == [4, 16, 32, 8]


@pytest.mark.parametrize(
    ("distillation", "changes", "message"),
    [
        ("row", {}, "`--distillation` must be .*each once. Received: row"),
        ("wavelet,wavelet", {}, "`--distillation` must be .*each once. Received"),
        ("wavelet=much", {}, "`--distillation` must give wavelet a number.*=much"),
        ("omgd,perceptual", {}, "must name each loss once; perceptual is also a part"),
        ("omgd", {"vgg_weights": "none"}, "`--vgg_weights` must give .*omgd"),
        ("instance_relation", {"batch_size": 2}, "`--batch_size` must .*Received: 2"),
    ],
)
def test_bad_names(distillation, changes, message):
    with pytest.raises(ValueError, match=message):
        make(settings(distillation, **changes))


def test_description():
    described = describe_networks(settings("pixel_l1=10"))
    assert described["distillation"] == "pixel_l1=10"
    assert described["perceptual features"] == "no perceptual loss"
