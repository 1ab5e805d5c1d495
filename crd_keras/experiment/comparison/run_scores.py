"""The scores of one run's networks on its test images, and on draws of these."""

import dataclasses
import json
import os
import pathlib
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from crd_keras.experiment.begun_settings import recorded_settings
from crd_keras.experiment.comparison.resampling import kid_draws, mean_draws
from crd_keras.experiment.network_scores import UNTRANSLATED
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.source import evaluation_images, make_source
from crd_keras.inference import translate
from crd_keras.metrics import SSIM, PairedMAE, SlicedWasserstein
from crd_keras.metrics.features import FeatureExtractor
from crd_keras.models.load_model import load_model
from crd_keras.utils.channels import with_channels
from crd_keras.utils.images import to_uint8

INPUT = "input"
TEACHER = "teacher"
OWN_GAN = "no distillation"

RESULTS = "results.json"

# Where a run lies says nothing of it.
_PLACES = ("output_dir", "students", "data_dir")

# Digits of what is written: more than the draws are sure of.
_DIGITS = 5


def score_run(
    folder: str | os.PathLike,
    features: FeatureExtractor,
    own_gan: str | os.PathLike | None = None,
) -> dict[str, Any]:
    """Scores the untranslated input, the teacher and the students of a finished run.

    Args:
        folder: The run's folder.
        features: What KID and the feature distance compare.
        own_gan: Folder of a run of the same seed and images, whose teacher is a GAN of
            the student's size that was trained by itself. It becomes the network
            `OWN_GAN`.

    Returns:
        JSON of the run's `seed` and settings, the `count` of test images, and for each
        of the `networks`, by metric, its `value` and the values of the `draws`:
        `kid`, `swd` (of no draws), and where the true pictures are known their
        `feature distance`, `mae` and `ssim`.

    Raises:
        FileNotFoundError: If a run is not finished.
        ValueError: If a folder holds no run, or `own_gan` one of another seed.
        OSError, ImportError: If the images cannot be had.
    """
    settings = finished_settings(folder)
    networks = run_networks(folder, own_gan)
    source = make_source(settings)
    test = evaluation_images(source.split("testA"), settings)
    reference = evaluation_images(source.split(settings.reference_split), settings)
    # Grey pictures are scored among colour ones as what they look like.
    shown = with_channels(test, reference.shape[-1])
    truth = source.targets and evaluation_images(source.targets, settings)
    scores = _Scores(features, reference, truth)
    found = {}
    for name, network in tqdm(
        {INPUT: None, **networks}.items(),
        desc="Comparing",
        unit="network",
        disable=None,
    ):
        made = shown if network is None else translate(network, test)
        found[name] = scores.of(made)
    return {
        "seed": settings.seed,
        "settings": {
            name: value
            for name, value in dataclasses.asdict(settings).items()
            if name not in _PLACES
        },
        "features": features.label,
        "count": len(test),
        "networks": found,
    }


class _Scores:
    """Scores images against the reference and the true pictures."""

    def __init__(self, features: Any, reference: Any, truth: Any) -> None:
        self._features = features
        self._reference = _measured(features, reference)
        self._truth = truth
        self._truths_features = None if truth is None else _measured(features, truth)
        self._swd = SlicedWasserstein()
        self._swd.update_reference(reference)

    def of(self, images: np.ndarray) -> dict[str, Any]:
        measured = _measured(self._features, images)
        kid, draws = kid_draws(measured, self._reference)
        self._swd.reset_state()
        self._swd.update_state(images)
        scores = {
            "kid": _written(kid, draws),
            "swd": _written(self._swd.result(), ()),
        }
        if self._truth is None:
            return scores
        pixels, true_pixels = to_uint8(images), to_uint8(self._truth)
        of_images = {
            "feature distance": np.linalg.norm(measured - self._truths_features, axis=1)
            / np.sqrt(measured.shape[1]),
            "mae": PairedMAE().scores(pixels, true_pixels),
            "ssim": SSIM().scores(pixels, true_pixels),
        }
        return scores | {
            name: _written(float(np.mean(values)), mean_draws(values))
            for name, values in of_images.items()
        }


def _measured(features, images):
    return np.concatenate(
        [features(images[i : i + 16]) for i in range(0, len(images), 16)]
    )


def _written(value, draws):
    def short(number):
        return float(f"{number:.{_DIGITS}g}")

    return {"value": short(value), "draws": [short(draw) for draw in draws]}


def finished_settings(folder: str | os.PathLike) -> Settings:
    """The settings of a finished run.

    Raises:
        FileNotFoundError: If there is none in the folder.
        ValueError: If its record is not that of a run.
    """
    settings = recorded_settings(folder)
    if settings is None or not (pathlib.Path(folder) / RESULTS).exists():
        raise FileNotFoundError(
            f"{folder} must hold a finished run: there is no {RESULTS} in it"
        )
    return settings


def run_networks(
    folder: str | os.PathLike, own_gan: str | os.PathLike | None = None
) -> dict[str, keras.Model]:
    """The teacher and the students of a finished run by name.

    Args:
        folder: The run's folder.
        own_gan: As for `score_run`.

    Raises:
        FileNotFoundError, ValueError: As `score_run` does.
    """
    settings = finished_settings(folder)
    networks = _networks(pathlib.Path(folder))
    if own_gan is None:
        return networks
    others = finished_settings(own_gan)
    if (others.seed, others.dataset) != (settings.seed, settings.dataset):
        raise ValueError(
            "`own_gan` must be a run of the same seed and data. Received: "
            f"{own_gan} of seed {others.seed} on {others.dataset}, for seed "
            f"{settings.seed} on {settings.dataset}"
        )
    return networks | {OWN_GAN: _networks(pathlib.Path(own_gan))[TEACHER]}


def _networks(folder: pathlib.Path) -> dict[str, keras.Model]:
    """The teacher and the students of a finished run by name."""
    rows = json.loads((folder / RESULTS).read_bytes())["metrics"]
    family = folder / "students"
    return {
        name: load_model(
            str(family / f"{name}.keras")
            if family.exists() and name != TEACHER
            else str(folder / f"{name}.keras")
        )
        for name in rows
        if name != UNTRANSLATED
    }
