"""Tells what keeps TFLite files from running as a whole on a phone's processors.

    crd check student.tflite

For each file: its operators that are outside the documented lists of LiteRT's GPU
delegate, of accelerators that compute with whole numbers only (the Edge TPU's rules),
and of XNNPACK, on which LiteRT runs files on processors. Each with the reason, and with
what to do about it. The lists' sources are in `crd_keras.export.targets`.

Findings are no error: the command fails only if a file cannot be read.
"""

import argparse
import pathlib
from collections.abc import Sequence

from crd_keras.export.targets import Finding, check_tflite
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors


@accepts_debug
@one_line_errors("check")
def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    for path in arguments.models:
        if path.suffix != ".tflite":
            raise ValueError(f"a file must end with .tflite. Received: {path}")
    for path in arguments.models:
        print(_text(path, check_tflite(path)))


def _text(path: pathlib.Path, findings: dict[str, list[Finding]]) -> str:
    lines = [str(path)]
    for target, found in findings.items():
        plural = "" if len(found) == 1 else "s"
        lines.append(f"  {target}: {len(found) or 'no'} finding{plural}")
        lines += [f"    {each.what}: {each.why}. Do: {each.advice}." for each in found]
    return "\n".join(lines)


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("models", nargs="+", type=pathlib.Path, help=".tflite files.")
    return parser
