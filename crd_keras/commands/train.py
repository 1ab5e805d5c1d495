"""The command line of a recipe: a flag for each setting, and where they start from."""

from collections.abc import Mapping

from absl import app, flags

from crd_keras.experiment.settings import Settings, define_flags, settings_from_flags
from crd_keras.utils.interruption import Interruption


def main(name: str, presets: Mapping[str, Settings]) -> None:
    """Reads the flags and runs the experiment.

    Args:
        name: Name of the recipe.
        presets: Settings by the names of presets, the default first.
    """
    preset = flags.DEFINE_enum(
        "preset", next(iter(presets)), list(presets), "Where the settings start from."
    )
    define_flags(Settings)

    def run_preset(_):
        # Takes seconds: not before wrong flags are told, and Ctrl-C ends in a line.
        from crd_keras.experiment.run import run

        run(name, preset.value, settings_from_flags(presets[preset.value]))

    with Interruption(lambda: "Stopped before the training began"):
        app.run(run_preset)
