"""Several seeds together: means, 95% intervals and paired differences."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crd_keras.experiment.comparison.run_scores import INPUT, TEACHER
from crd_keras.experiment.settings import Settings

HIGHER_IS_BETTER = ("ssim",)


def summarize(runs: Sequence[Mapping[str, Any]], compared_with: str) -> dict[str, Any]:
    """What the scores of runs that differ in their seed say together.

    A draw of the bootstrap takes as many seeds as there are, with replacement, and of
    each the same test images. An interval is from the 2.5th to the 97.5th percentile
    of the draws: it holds what other test images and other seeds would do, as far as
    these tell.

    Args:
        runs: From `score_run`, one for each seed.
        compared_with: The network that the others' differences are taken to.

    Returns:
        JSON of the `seeds`, the `count` of test images, `compared_with`, and for each
        of the `networks`, by metric, its scores `by_seed`, their `mean` and its
        `interval` (`None` without draws), and the same of its `difference`.

    Raises:
        ValueError: If there is no run, two have one seed, or they differ in more.
    """
    _check_alike(runs, compared_with)
    runs = sorted(runs, key=lambda run: run["seed"])
    names = list(runs[0]["networks"])
    seeds_drawn = _seed_draws(len(runs), _draw_count(runs))
    values, draws = {}, {}
    for name in names:
        for metric in runs[0]["networks"][name]:
            scores = [run["networks"][name][metric] for run in runs]
            values[name, metric] = np.array([score["value"] for score in scores])
            # (draws, seeds); empty where a metric has none.
            draws[name, metric] = np.array([score["draws"] for score in scores]).T

    def described(of, of_draws):
        return {
            "by_seed": [float(value) for value in of],
            "mean": float(np.mean(of)),
            "interval": _interval(of_draws, seeds_drawn),
        }

    networks: dict[str, Any] = {name: {} for name in names}
    for name, metric in values:
        networks[name][metric] = described(values[name, metric], draws[name, metric])
        if name not in (compared_with, INPUT, TEACHER):
            other = compared_with, metric
            networks[name][metric]["difference"] = described(
                values[name, metric] - values[other],
                draws[name, metric] - draws[other],
            )
    return {
        "seeds": [run["seed"] for run in runs],
        "count": runs[0]["count"],
        "features": runs[0]["features"],
        "compared_with": compared_with,
        "networks": networks,
    }


def _draw_count(runs):
    return max(
        len(score["draws"])
        for scores in runs[0]["networks"].values()
        for score in scores.values()
    )


def _seed_draws(seeds, count):
    """How often each seed is taken in each draw, `(count, seeds)`, as a share."""
    random = np.random.default_rng(1)
    return random.multinomial(seeds, np.full(seeds, 1 / seeds), size=count) / seeds


def _interval(draws, seeds_drawn):
    if not draws.size:
        return None
    means = (draws * seeds_drawn).sum(axis=1)
    return [float(bound) for bound in np.percentile(means, (2.5, 97.5))]


def _check_alike(runs, compared_with):
    if not runs:
        raise ValueError("`runs` must hold at least one run. Received: none")
    seeds = [run["seed"] for run in runs]
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"`runs` must have different seeds. Received: {seeds}")
    first, *others = runs
    if compared_with not in first["networks"]:
        raise ValueError(
            f"`compared_with` must be one of {', '.join(first['networks'])}. "
            f"Received: {compared_with}"
        )
    for run in others:
        for key in ("count", "features"):
            if run[key] != first[key]:
                raise ValueError(
                    f"`runs` must have one {key}. Received: {first[key]} with seed "
                    f"{first['seed']}, {run[key]} with seed {run['seed']}"
                )
        if list(run["networks"]) != list(first["networks"]):
            raise ValueError(
                "`runs` must have the same networks. Received: "
                f"{', '.join(first['networks'])} with seed {first['seed']}, "
                f"{', '.join(run['networks'])} with seed {run['seed']}"
            )
        settings, firsts = _all_settings(run), _all_settings(first)
        changed = sorted(
            name
            for name in settings.keys() | firsts.keys()
            if name not in _MAY_DIFFER and settings.get(name) != firsts.get(name)
        )
        if changed:
            raise ValueError(
                "`runs` must differ in their seed alone. Received: other values of "
                f"{', '.join(changed)} with seed {run['seed']}"
            )


def _all_settings(run):
    """A run's settings. What was none yet when it was scored was as by default."""
    return dataclasses.asdict(Settings()) | run["settings"]


# What changes no number but by the seed.
_MAY_DIFFER = (
    "seed",
    "resume",
    "cache_mebibytes",
    "checkpoint_minutes",
    "grid_every",
    "profile",
)
