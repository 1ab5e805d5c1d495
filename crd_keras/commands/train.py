"""Trains a recipe: a flag for each setting, and a preset where they start from.

crd train horse2zebra --preset=quick
"""

import sys
from collections.abc import Sequence

from absl import app, flags

from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.settings import Settings, define_flags, settings_from_flags
from crd_keras.utils.interruption import Interruption


def main(recipe: str | None = None, argv: Sequence[str] | None = None) -> None:
    """Reads the flags and runs the recipe.

    Args:
        recipe: Name of the recipe. `None`: the first of the arguments.
        argv: The arguments. Default: those of the command line.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if recipe is None:
        if not arguments or arguments[0] not in RECIPES:
            received = arguments[0] if arguments else "none"
            raise SystemExit(
                "train: the first argument must be a recipe, one of "
                f"{', '.join(RECIPES)}. Received: {received}"
            )
        recipe = arguments.pop(0)
    presets = RECIPES[recipe]
    preset = flags.DEFINE_enum(
        "preset", next(iter(presets)), list(presets), "Where the settings start from."
    )
    define_flags(Settings)

    def run_preset(_):
        # Takes seconds: not before wrong flags are told, and Ctrl-C ends in a line.
        from crd_keras.experiment.run import run

        run(recipe, preset.value, settings_from_flags(presets[preset.value]))

    with Interruption(lambda: "Stopped before the training began"):
        app.run(run_preset, [sys.argv[0], *arguments])
