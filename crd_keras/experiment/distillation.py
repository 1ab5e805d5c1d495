"""The distillation losses of an experiment, chosen by name."""

import functools
from typing import Any, NamedTuple

import keras

from crd_keras import losses, models
from crd_keras.experiment.settings import Settings
from crd_keras.utils.validation import check_at_least


class Weighted(NamedTuple):
    """A distillation loss and its weight in the student's loss."""

    loss: keras.losses.Loss | losses.FeatureLoss
    weight: float


class Sources:
    """What the losses of all students have in common.

    Args:
        settings: The settings of the experiment.
        seed: Seed of random features, and of the weights that learn in losses.
    """

    def __init__(self, settings: Settings, seed: int):
        self.settings = settings
        self.seed = seed

    @functools.cached_property
    def features(self) -> keras.Model:
        """The network that perceptual losses look through: one for all.

        Raises:
            ImportError: If the package with its weights is missing.
            OSError: If the weights of VGG-16 cannot be had.
            ValueError: If they are not what they should be.
        """
        return _features(self.settings, self.seed)


def make_distillation(settings: Settings, sources: Sources) -> dict[str, Weighted]:
    """The losses that `settings.distillation` names.

    Args:
        settings: Its `distillation` is names, separated by commas, each of them with
            or without a weight: `"content_relation,pixel_l1=10"`. `"none"` or the
            empty string is no loss.
        sources: What they have in common with those of other students.

    Returns:
        Losses by name. One name may stand for several (`omgd`), or for none
        (`perceptual`, if `settings.vgg_weights` is "none" and VGG-16 its network).

    Raises:
        ValueError: If a name is unknown or given twice, a weight is no number, or a
            loss cannot be had with the other settings.
        ImportError: If the package with the weights of the features is missing.
        OSError: If the weights of VGG-16 cannot be had.
    """
    distillation: dict[str, Any] = {}
    for name, weight in _parse(settings.distillation):
        if weight is None:
            weight = _default_weight(name, settings)
        made = _LOSSES[name](settings, sources, weight)
        repeated = sorted(set(made) & set(distillation))
        if repeated:
            raise ValueError(
                f"`--distillation` must name each loss once; {', '.join(repeated)} is "
                f"also a part of omgd. Received: {settings.distillation}"
            )
        distillation |= made
    return distillation


def has_perceptual_features(settings: Settings) -> bool:
    """Whether the perceptual loss has a network to look through."""
    return settings.perceptual_features != "vgg16" or settings.vgg_weights != "none"


def looks_at_features(settings: Settings) -> bool:
    """Whether a loss looks at images through a network of features."""
    names = {name for name, _ in _parse(settings.distillation)}
    return has_perceptual_features(settings) and bool(names & {"perceptual", "omgd"})


def feature_layers(settings: Settings) -> tuple[str, ...]:
    """Names of the generators' layers that are compared: early, middle and late.

    Of ResNets the end of the way down and three residual blocks, as in GAN Compression
    and OMGD. Of U-Nets, as in OMGD, the activations of the second and the fourth level,
    on the way down and up again, or of the levels that there are.
    """
    if settings.generator == "unet":
        levels = [min(level, max(1, settings.downs - 1)) for level in (2, 4)]
        names = [f"down{level}_relu" for level in levels]
        if settings.downs > 1:
            names += [f"skip{level}_relu" for level in reversed(levels)]
    else:
        thirds = (-(-settings.blocks * third // 3) for third in (1, 2, 3))
        names = ["down2_relu", *(f"block{block}" for block in thirds)]
    return tuple(dict.fromkeys(names))


def _parse(text):
    """Pairs of a name and its weight or `None`."""
    pairs = []
    for entry in [] if text in ("", "none") else text.split(","):
        name, given, weight = entry.strip().partition("=")
        try:
            pairs.append((name, float(weight) if given else None))
        except ValueError as error:
            raise ValueError(
                f"`--distillation` must give {name} a number as its weight. "
                f"Received: {entry}"
            ) from error
        if given:
            check_at_least(0, **{f"--distillation={name}": float(weight)})
    names = [name for name, _ in pairs]
    if not set(names) <= set(_LOSSES) or len(set(names)) < len(names):
        raise ValueError(
            f'`--distillation` must be "none" or name some of {", ".join(_LOSSES)}, '
            f"each once. Received: {text}"
        )
    return pairs


def _default_weight(name, settings):
    # Where the published programs give a weight, it is theirs on horse2zebra: GAN
    # Compression's of features, OMGD's of channels and that of wavelet distillation.
    return {
        "content_relation": settings.relation_weight,
        "instance_relation": settings.relation_weight,
        "perceptual": settings.perceptual_weight,
        "feature": 0.01,
        "channel": 500.0,
        "wavelet": 0.4,
    }.get(name, 1.0)


def _content_relation(settings, sources, weight):
    reductions = {"mean": "sum_over_batch_size", "sum": "sum"}
    loss = losses.ContentRelationLoss(
        contents=settings.contents.split(","),
        patch_size=settings.patch_size,
        distance_weight=settings.distance_weight,
        angle_weight=settings.angle_weight,
        reduction=reductions.get(
            settings.relation_reduction, settings.relation_reduction
        ),
    )
    return {"relation": Weighted(loss, weight)}


def _instance_relation(settings, sources, weight):
    if settings.batch_size < 3:
        raise ValueError(
            "`--batch_size` must be at least 3 for --distillation=instance_relation, "
            f"which compares the images of a batch. Received: {settings.batch_size}"
        )
    loss = losses.InstanceRelationLoss(settings.distance_weight, settings.angle_weight)
    return {"instance_relation": Weighted(loss, weight)}


def _perceptual(settings, sources, weight):
    if not has_perceptual_features(settings):
        return {}
    loss = losses.PerceptualLoss(
        sources.features, settings.style_weight, settings.feature_weight
    )
    return {"perceptual": Weighted(loss, weight)}


def _omgd(settings, sources, weight):
    if not has_perceptual_features(settings):
        raise ValueError(
            "`--vgg_weights` must give --distillation=omgd its features. Received: none"
        )
    made, weights = losses.omgd_losses(sources.features)
    made["perceptual"] = losses.PerceptualLoss(
        made["perceptual"].features, settings.style_weight, settings.feature_weight
    )
    return {name: Weighted(loss, weight * weights[name]) for name, loss in made.items()}


def _single(name, make):
    """A loss that needs nothing but settings."""
    return lambda settings, sources, weight: {name: Weighted(make(settings), weight)}


def _of_features(name, loss_class):
    """A loss between the generators' features."""

    def make(settings, sources, weight):
        loss = loss_class(feature_layers(settings), seed=sources.seed)
        return {name: Weighted(loss, weight)}

    return make


def _features(settings, seed):
    if settings.perceptual_features == "efficientnet_lite":
        return models.efficientnet_lite_features(unit_scale=True)
    is_random = settings.vgg_weights == "random"
    return models.vgg16_features(
        None if is_random else settings.vgg_weights,
        layout=settings.vgg_layout,
        blocks=settings.vgg_blocks,
        seed=seed,
    )


_LOSSES = {
    "content_relation": _content_relation,
    "perceptual": _perceptual,
    "instance_relation": _instance_relation,
    "pixel_l1": _single("pixel_l1", lambda settings: losses.PixelLoss("l1")),
    "pixel_l2": _single("pixel_l2", lambda settings: losses.PixelLoss("l2")),
    # The weight belongs to the squares of the program, not to the L1 of its paper.
    "wavelet": _single("wavelet", lambda settings: losses.WaveletLoss(norm="l2")),
    "omgd": _omgd,
    "feature": _of_features("feature_distillation", losses.FeatureMSELoss),
    "channel": _of_features("channel_distillation", losses.ChannelDistillation),
}
