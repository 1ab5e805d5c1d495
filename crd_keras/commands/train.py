"""Trains a recipe: a flag for each setting, and a preset where they start from.

crd train horse2zebra --preset=quick
"""

import argparse
from collections.abc import Mapping, Sequence

from absl import flags

from crd_keras.commands.absl_flags import (
    add_flag_help,
    asks_for_help,
    help_parser,
    run_with_flags,
)
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.settings import Settings, grouped_fields
from crd_keras.experiment.settings_flags import (
    define_flags,
    plain_type,
    settings_from_flags,
)
from crd_keras.utils.errors import accepts_debug
from crd_keras.utils.interruption import Interruption

_PRESET_HELP = "Where the settings start from."

_METAVARS = {str: "TEXT", int: "N", float: "X", bool: None}


@accepts_debug
def main(argv: Sequence[str] | None = None, recipe: str | None = None) -> None:
    """Reads the flags and runs the recipe.

    Args:
        argv: The arguments. Default: those of the command line.
        recipe: Name of the recipe. `None`: the first of the arguments.
    """
    arguments = list(argv or ())
    if recipe is None:
        if arguments and asks_for_help(arguments[:1]):
            print(_help())
            return
        if not arguments or arguments[0] not in RECIPES:
            received = arguments[0] if arguments else "none"
            raise SystemExit(
                "train: the first argument must be a recipe, one of "
                f"{', '.join(RECIPES)}. Received: {received}"
            )
        recipe = arguments.pop(0)
    presets = RECIPES[recipe]
    if asks_for_help(arguments):
        print(_recipe_help(recipe, presets, arguments))
        return
    preset = flags.DEFINE_enum(
        "preset", next(iter(presets)), list(presets), _PRESET_HELP
    )
    define_flags(Settings)

    def run_preset(_):
        # Takes seconds: not before wrong flags are told, and Ctrl-C ends in a line.
        from crd_keras.experiment.run import run

        run(recipe, preset.value, _chosen_settings(recipe, preset.value))

    with Interruption(lambda: "Stopped before the training began"):
        run_with_flags(recipe, run_preset, arguments)


def _chosen_settings(recipe, preset):
    """The preset, or what a resumed run began with, with the flags' values."""
    from crd_keras.experiment.begun_settings import begun_settings
    from crd_keras.experiment.run_folder import run_path

    base = RECIPES[recipe][preset]
    settings = settings_from_flags(base)
    if not settings.resume:
        return settings
    try:
        base = begun_settings(run_path(recipe, preset, settings), base)
    except ValueError as error:
        raise SystemExit(f"{recipe}: {error}") from error
    return settings_from_flags(base)


def _help() -> str:
    recipes = "\n".join(
        f"  {name:<16}{next(iter(presets.values())).dataset}; "
        f"presets {', '.join(presets)}"
        for name, presets in RECIPES.items()
    )
    return help_parser(
        "crd train RECIPE [--preset=PRESET] [--FLAG=VALUE ...]",
        f"Trains a teacher and its student, and writes a report.\n\n"
        f"recipes, with their data sets:\n{recipes}\n\n"
        "`crd train RECIPE --help` explains the flags, with their defaults.",
    ).format_help()


def _recipe_help(
    recipe: str, presets: Mapping[str, Settings], arguments: Sequence[str]
) -> str:
    """The flags by group, with the defaults of the preset among the arguments."""
    chosen = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    chosen.add_argument("--preset", choices=presets, default=next(iter(presets)))
    preset = chosen.parse_known_args(arguments)[0].preset
    parser = help_parser(
        f"crd train {recipe} [--preset=PRESET] [--FLAG=VALUE ...]",
        f"Trains the recipe {recipe}. The defaults below are those of "
        f"--preset={preset};\n--preset=PRESET --help shows another's.",
    )
    add_flag_help(
        parser.add_argument,
        "preset",
        _PRESET_HELP,
        next(iter(presets)),
        choices=list(presets),
    )
    for title, fields in grouped_fields().items():
        group = parser.add_argument_group(title)
        for field in fields:
            choices = field.metadata["choices"]
            add_flag_help(
                group.add_argument,
                field.name,
                field.metadata["help"],
                getattr(presets[preset], field.name),
                None if choices else _METAVARS[plain_type(field.type)],
                choices,
            )
    return parser.format_help()
