import copy

import numpy as np
import pytest

from crd_keras.experiment.comparison.markdown import comparison_markdown
from crd_keras.experiment.comparison.resampling import mean_draws
from crd_keras.experiment.comparison.summary import summarize

pytestmark = pytest.mark.any_backend

RANDOM = np.random.default_rng(0)
# Of each seed the errors of 50 images; the second network's are greater by 2.
ERRORS = [RANDOM.uniform(10 + seed, 20 + seed, 50) for seed in range(3)]


def score(errors):
    return {"value": float(errors.mean()), "draws": list(mean_draws(errors))}


def runs():
    return [
        {
            "seed": seed,
            "settings": {"seed": seed, "epochs": 5, "resume": seed == 1},
            "features": "some features",
            "count": 50,
            "networks": {
                "input": {"mae": score(errors + 9), "swd": {"value": 4.0, "draws": []}},
                "crd": {"mae": score(errors), "swd": {"value": 1.0, "draws": []}},
                "pixels": {
                    "mae": score(errors + 2),
                    "swd": {"value": 1.5, "draws": []},
                },
            },
        }
        for seed, errors in enumerate(ERRORS)
    ]


def test_means_intervals_and_paired_differences():
    summary = summarize(runs()[::-1], "crd")
    assert summary["seeds"] == [0, 1, 2] and summary["count"] == 50
    found = summary["networks"]["pixels"]["mae"]
    expected = [errors.mean() + 2 for errors in ERRORS]
    np.testing.assert_allclose(found["by_seed"], expected, rtol=1e-12)
    assert found["mean"] == pytest.approx(np.mean(expected))
    low, high = found["interval"]
    assert low < found["mean"] < high
    # Seeds and images vary much, their difference not at all.
    assert high - low > 1
    difference = found["difference"]
    np.testing.assert_allclose(difference["by_seed"], [2, 2, 2])
    np.testing.assert_allclose(difference["interval"], [2, 2])
    assert "difference" not in summary["networks"]["crd"]["mae"]
    assert "difference" not in summary["networks"]["input"]["mae"]
    swd = summary["networks"]["pixels"]["swd"]
    assert swd["interval"] is None and swd["difference"]["mean"] == 0.5


def test_interval_of_one_seed_is_that_of_its_images():
    run = runs()[:1]
    low, high = summarize(run, "crd")["networks"]["crd"]["mae"]["interval"]
    draws = run[0]["networks"]["crd"]["mae"]["draws"]
    np.testing.assert_allclose([low, high], np.percentile(draws, (2.5, 97.5)))


def test_as_tables():
    text = comparison_markdown(summarize(runs(), "crd"))
    means = [errors.mean() for errors in ERRORS]
    assert "| | MAE (lower is better) | SWD (lower is better) |" in text
    by_seed = ", ".join(f"{mean:.2f}" for mean in means)
    assert f"({by_seed})" in text
    assert "| pixels | **+2.00** [+2.00, +2.00] (+2.00, +2.00, +2.00) | +0.5 (" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda runs: runs.clear(), "`runs` must hold at least one run"),
        (lambda runs: runs[1].update(seed=0), r"different seeds.*\[0, 0, 2\]"),
        (lambda runs: runs[1].update(count=9), "one count. Received: 50 .* 9 with"),
        (lambda runs: runs[2]["networks"].pop("input"), "must have the same networks"),
        (lambda runs: runs[1]["settings"].update(epochs=9), "other values of epochs"),
    ],
)
def test_runs_that_differ_in_more_than_their_seed(change, message):
    changed = copy.deepcopy(runs())
    change(changed)
    with pytest.raises(ValueError, match=message):
        summarize(changed, "crd")


def test_settings_that_came_later_were_as_by_default():
    changed = copy.deepcopy(runs())
    changed[2]["settings"].update(framing="squash")
    summarize(changed, "crd")
    changed[0]["settings"].update(framing="pad")
    with pytest.raises(ValueError, match="other values of framing with seed 1"):
        summarize(changed, "crd")


def test_unknown_network():
    with pytest.raises(ValueError, match="`compared_with` must be one of input, crd"):
        summarize(runs(), "omgd")
