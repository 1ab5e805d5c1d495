"""The printed settings against the paper's text and its published program."""

import dataclasses
import re

import pytest

from crd_keras import schedules
from crd_keras.commands import settings
from crd_keras.experiment.networks import make_trainer
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.settings import Settings
from tests import small_run

pytestmark = pytest.mark.any_backend

# In each, paper and program have the same.
_NETWORKS = {
    "image_size": "256",
    "teacher_filters": "64",
    "student_filters": "16",
    "discriminator_layers": "3",
    "learning_rate": "0.0002",
    "decay_epochs": "100",
    "contents": "row,column,patch",
    "patch_size": "32",
    "distance_weight": "1",
    "angle_weight": "2",
    "style_weight": "10000",
    "feature_weight": "10",
    "discriminator_regime": "updating-freezing",
    "vgg_weights": "imagenet",
    "metric": "fid",
    "inception_weights": "pytorch-fid",
    "schedule": "joint",
    "perceptual_weight": "1",
    "adversarial_weight": "1",
}
_CYCLE_GAN = _NETWORKS | {
    "gan": "cycle_gan",
    "generator": "mobile_resnet",
    "blocks": "9",
    "batch_size": "1",
    "discriminator_filters": "64",
    "discriminator_norm": "instance",
    "relation_weight": "25",
    "reference_split": "trainB+testB",
}
_PIX2PIX = _NETWORKS | {
    "dataset": "pix2pix/edges2shoes-r",
    "gan": "pix2pix",
    "generator": "unet",
    "downs": "8",
    "batch_size": "4",
    "discriminator_filters": "128",
    "discriminator_norm": "batch",
    "relation_weight": "2.5",
    "relation_reduction": "sum",
    "l1_weight": "100",
    "reference_split": "testB",
    "evaluate_every": "1",
}
_HORSES = {"dataset": "cycle_gan/horse2zebra", "evaluate_every": "10"}
_SUMMERS = {"dataset": "cycle_gan/summer2winter_yosemite", "evaluate_every": "6"}
_IN_TURN = {"schedule": "phased"}

FACTS = {
    ("horse2zebra", "paper"): _CYCLE_GAN | _HORSES | {"epochs": "100"},
    ("horse2zebra", "published"): _CYCLE_GAN
    | _HORSES
    | _IN_TURN
    | {"epochs": "1000", "teacher_epochs": "10", "student_epochs": "40"},
    ("summer2winter", "paper"): _CYCLE_GAN | _SUMMERS | {"epochs": "100"},
    ("summer2winter", "published"): _CYCLE_GAN
    | _SUMMERS
    | _IN_TURN
    | {"epochs": "1020", "teacher_epochs": "6", "student_epochs": "24"},
    ("edges2shoes", "paper"): _PIX2PIX | {"epochs": "100"},
    ("edges2shoes", "published"): _PIX2PIX
    | {"epochs": "200", "perceptual_weight": "2", "adversarial_weight": "0"},
}


def printed(capsys, *arguments) -> list[dict[str, dict[str, str]]]:
    """For each recipe its values by preset and setting, as they stand in the table."""
    settings.main(arguments)
    tables = []
    for text in capsys.readouterr().out.strip().split("\n\n"):
        header, *lines = text.splitlines()
        starts = {match[0]: match.start() for match in re.finditer(r"\S+", header)}
        (_, *columns) = starts.items()
        ends = [start for _, start in columns[1:]] + [None]
        tables.append(
            {
                preset: {line.split()[0]: line[start:end].strip() for line in lines}
                for (preset, start), end in zip(columns, ends, strict=True)
            }
        )
    return tables


@pytest.mark.parametrize("recipe", ["horse2zebra", "summer2winter", "edges2shoes"])
def test_presets_are_as_published(recipe, capsys):
    (table,) = printed(capsys, recipe, "--all")
    assert list(table) == ["paper", "published", "quick"]
    for preset in ("paper", "published"):
        assert list(table[preset]) == list(Settings.__dataclass_fields__)
        facts = FACTS[recipe, preset]
        assert {name: table[preset][name] for name in facts} == facts
    assert (table["quick"]["dataset"], table["quick"]["image_size"]) == ("sample", "64")


def test_only_differences_are_shown(capsys):
    tables = printed(capsys)
    assert [list(table) for table in tables] == [
        *[["paper", "published", "quick"]] * 3,
        ["quick"],
    ]
    horses, shoes = tables[0]["published"], tables[2]["published"]
    assert horses["epochs"] == "1000" and shoes["discriminator_norm"] == "batch"
    for name in ("max_steps", "precision", "angle_weight", "discriminator_norm"):
        assert name not in horses


def test_unknown_recipe():
    with pytest.raises(SystemExit, match="^settings: recipes must be.*Received: cats"):
        settings.main(["cats"])


@pytest.mark.parametrize(
    ("recipe", "teacher", "student"),
    [("horse2zebra", 200, 800), ("summer2winter", 204, 816)],
)
def test_turns_of_the_program(recipe, teacher, student):
    preset = RECIPES[recipe]["published"]
    schedule = make_trainer(
        dataclasses.replace(
            small_run.SETTINGS,
            schedule=preset.schedule,
            teacher_epochs=preset.teacher_epochs,
            student_epochs=preset.student_epochs,
        )
    ).schedule
    last = preset.epochs - 1
    assert isinstance(schedule, schedules.Phased)
    assert (schedule.teacher_epochs(last), schedule.student_epochs(last)) == (
        teacher,
        student,
    )
    # The rate is constant up to the last 100 epochs of the teacher.
    rates = schedules.learning_rates(schedule, 2e-4, preset.epochs, 100, 1).generator
    assert [rate == 2e-4 for rate in rates.rates].count(True) == teacher - 100
