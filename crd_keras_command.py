"""The commands of the shell: `crd COMMAND`, or `python -m crd_keras COMMAND`.

This module lies beside the package, since importing the package imports Keras, which
takes seconds: `crd --help` need not wait for it.
"""

import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "train": "Train a recipe: a teacher and its student.",
    "settings": "Show the settings of the recipes, by preset.",
    "tables": "Train the rows of a table of the paper.",
    "translate": "Translate images or a video.",
    "teach": "Make a folder of a teacher's images, to learn from.",
    "evaluate": "Measure FID, KID and other metrics.",
    "export": "Write SavedModel, TFLite and ONNX files, and check them.",
    "check": "Tell what a TFLite file cannot run on, and why.",
    "web": "Make a web page that translates.",
    "compare": "Compare the networks of runs of several seeds.",
    "complexity": "Count parameters and MACs, measure size and latency.",
    "convert": "Convert PyTorch checkpoints, both ways.",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Runs one of `COMMANDS`.

    Args:
        argv: The command and its arguments. Default: those of the command line.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in ([], ["-h"], ["--help"]):
        print(_help())
        return
    if arguments[0] not in COMMANDS:
        raise SystemExit(
            f"crd: the command must be one of {', '.join(COMMANDS)}. "
            f"Received: {arguments[0]}"
        )
    try:
        module = importlib.import_module(f"crd_keras.commands.{arguments[0]}")
    except ImportError as error:
        raise SystemExit(f"crd: {error}") from error
    # What the command's usage begins with.
    sys.argv[0] = f"crd {arguments[0]}"
    module.main(argv=arguments[1:])


def _help():
    commands = "\n".join(f"  {name:<12}{what}" for name, what in COMMANDS.items())
    return (
        "usage: crd COMMAND [arguments]\n\n"
        f"{commands}\n\n"
        "`crd COMMAND --help` explains the arguments of a command, and `--debug` "
        "after\nthem shows the traceback of an error. KERAS_BACKEND chooses "
        "tensorflow, jax or torch."
    )
