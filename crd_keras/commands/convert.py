"""Converts PyTorch checkpoints to Keras models, and Keras models to PyTorch.

    python tools/convert_torch.py --input=latest_net_G_A.pth --output=teacher.keras
    python tools/convert_torch.py --input=teacher.keras --output=net_G_A.pth

Checkpoints are state dicts of the public CycleGAN and Pix2Pix family: ResNet, mobile
ResNet and U-Net generators and PatchGAN discriminators, and torchvision's VGG-16 and
pytorch-fid's Inception; docs/pytorch_checkpoints.md has their names. What the file
holds, how wide and how deep, is told from names and shapes. No code in it is run.
"""

import argparse
import contextlib
import pathlib
from collections.abc import Sequence

from crd_keras.interop import (
    ARCHITECTURES,
    STATE_DICT_SUFFIXES,
    describe_network,
    read_network,
    to_state_dict,
    write_state_dict,
)
from crd_keras.models.load_model import load_model
from crd_keras.state_dicts.matching import first_names
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors
from crd_keras.utils.files import atomic_path
from crd_keras.utils.output_paths import check_output_file


@accepts_debug
@one_line_errors("convert_torch")
def main(argv: Sequence[str] | None = None) -> None:
    _convert(_parser().parse_args(argv))


def _convert(arguments):
    source, target = pathlib.Path(arguments.input), pathlib.Path(arguments.output)
    torch_files = ", ".join(STATE_DICT_SUFFIXES)
    to_keras = source.suffix in STATE_DICT_SUFFIXES
    if not to_keras and source.suffix != ".keras":
        raise ValueError(
            f"`--input` must end with .keras or one of {torch_files}. "
            f"Received: {source}"
        )
    if target.suffix not in ((".keras",) if to_keras else STATE_DICT_SUFFIXES):
        raise ValueError(
            f"`--output` must end with {'.keras' if to_keras else torch_files} for "
            f"this --input. Received: {target}"
        )
    check_output_file("--output", target, overwrite=arguments.overwrite)
    if to_keras:
        _to_keras(source, target, arguments.architecture)
    else:
        _to_torch(source, target)


def _to_keras(source, target, architecture):
    with _named_as_flag("path"):
        imported = read_network(source, architecture)
    with atomic_path(target) as path:
        imported.model.save(path)
    _report(target, imported.model)
    for what, names in (
        ("arrays left out, which Keras has not", imported.left_out),
        ("arrays converted to float32", imported.converted),
    ):
        if names:
            print(first_names(what, names))


def _to_torch(source, target):
    model = load_model(str(source))
    with _named_as_flag("model"):
        state = to_state_dict(model)
    write_state_dict(state, target)
    _report(target, model)


@contextlib.contextmanager
def _named_as_flag(argument):
    """Context in which errors about a function's argument are about `--input`."""
    try:
        yield
    except ValueError as error:
        message = str(error).replace(f"`{argument}`", "`--input`")
        raise ValueError(message) from error


def _report(target, model):
    print(f"{target}: {describe_network(model)}, {model.count_params():,} numbers")


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--input",
        required=True,
        help=f"A .keras file, or one of {', '.join(STATE_DICT_SUFFIXES)}.",
    )
    parser.add_argument(
        "--output", required=True, help="What to write, one of the other kind."
    )
    parser.add_argument(
        "--architecture",
        choices=list(ARCHITECTURES),
        help="What --input holds (default: told from the names of its arrays).",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="Replace a file that is there."
    )
    return parser
