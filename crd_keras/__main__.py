"""The commands of the shell: `crd COMMAND`, or `python -m crd_keras COMMAND`."""

import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "train": "Train a recipe: a teacher and its student.",
    "tables": "Train the rows of a table of the paper.",
    "translate": "Translate images or a video.",
    "evaluate": "Measure FID, KID and other metrics.",
    "export": "Write SavedModel, TFLite and ONNX files.",
    "web": "Make a web page that translates.",
    "complexity": "Count parameters and MACs, measure size and latency.",
    "convert": "Convert PyTorch checkpoints, both ways.",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Runs one of `COMMANDS`."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in ([], ["-h"], ["--help"]):
        print("usage: crd COMMAND ...; crd COMMAND --help\n")
        for name, description in COMMANDS.items():
            print(f"  {name:<12}{description}")
        return
    if arguments[0] not in COMMANDS:
        raise SystemExit(
            f"crd: the command must be one of {', '.join(COMMANDS)}. "
            f"Received: {arguments[0]}"
        )
    module = importlib.import_module(f"crd_keras.commands.{arguments[0]}")
    module.main(argv=arguments[1:])


if __name__ == "__main__":
    main()
