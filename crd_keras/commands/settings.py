"""Shows the settings of recipes: a column for each preset.

    crd settings                     # of all recipes
    crd settings horse2zebra --all   # each setting, whether they differ in it or not

Without `--all` the rows are the settings in which the presets of a recipe differ from
one another or from the defaults, which are horse2zebra's of `paper`. `paper` is what
the paper's text says, `published` what its program does, `quick` small networks on
small images. Empty: none.
"""

import argparse
import dataclasses
from collections.abc import Mapping, Sequence

from crd_keras.commands.absl_flags import default_text
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.settings import Settings
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors
from crd_keras.utils.text_table import text_table


@accepts_debug
@one_line_errors("settings")
def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    unknown = [name for name in arguments.recipes if name not in RECIPES]
    if unknown:
        raise ValueError(
            f"recipes must be some of {', '.join(RECIPES)}. "
            f"Received: {', '.join(unknown)}"
        )
    names = arguments.recipes or list(RECIPES)
    tables = (settings_table(name, RECIPES[name], arguments.all) for name in names)
    print("\n\n".join(tables))


def settings_table(
    recipe: str, presets: Mapping[str, Settings], every: bool = False
) -> str:
    """The settings of a recipe as text: a row for each, a column for each preset.

    Args:
        recipe: Its name, which heads the first column.
        presets: Settings by the preset's name.
        every: Whether to show those as well that are the default in all presets.
    """
    rows = [(recipe, *presets)]
    default = Settings()
    for field in dataclasses.fields(Settings):
        values = [getattr(settings, field.name) for settings in presets.values()]
        if every or any(value != getattr(default, field.name) for value in values):
            rows.append((field.name, *map(default_text, values)))
    return text_table(rows)


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "recipes", nargs="*", metavar="RECIPE", help="Default: all recipes."
    )
    parser.add_argument("--all", action="store_true", help="Show each setting.")
    return parser
