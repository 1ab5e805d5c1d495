"""Measures how fast crd_keras is and how much memory it takes.

    KERAS_BACKEND=jax python tools/benchmark.py relations
    python tools/benchmark.py relations --image_size=128 --json=relations.json

Each suite is a module of tools/benchmarks with `add_arguments(parser)`,
`run(arguments)`, which returns its results as plain lists and dicts, and
`table(results)`, which makes text of them. `SUITE --help` lists a suite's options.
"""

import argparse
import json
import pathlib
from collections.abc import Sequence

from benchmarks import environment, inference, pipeline, relations, scaling, step

from crd_keras.atomic_write import atomic_write

SUITES = {
    "inference": inference,
    "pipeline": pipeline,
    "relations": relations,
    "scaling": scaling,
    "step": step,
}


def main(argv: Sequence[str] | None = None) -> None:
    parser = _parser()
    arguments = parser.parse_args(argv)
    _check_numbers(parser, arguments)
    suite = SUITES[arguments.suite]
    surroundings = environment.describe()
    print(environment.text(surroundings), flush=True)
    results = suite.run(arguments)
    print(suite.table(results))
    if arguments.json:
        settings = {
            name: value
            for name, value in vars(arguments).items()
            if name not in ("suite", "json")
        }
        content = {
            "suite": arguments.suite,
            "settings": settings,
            "environment": surroundings,
            "results": results,
        }
        try:
            atomic_write(arguments.json, json.dumps(content, indent=2).encode())
        except OSError as error:
            raise SystemExit(f"benchmark: {error}") from error


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    suites = parser.add_subparsers(dest="suite", required=True, metavar="SUITE")
    for name, suite in SUITES.items():
        summary = suite.__doc__.splitlines()[0]
        subparser = suites.add_parser(
            name,
            help=summary,
            description=suite.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        suite.add_arguments(subparser)
        subparser.add_argument(
            "--json", type=_new_file, help="Write the results to this file as well."
        )
    return parser


def _check_numbers(parser, arguments):
    """Stops if a number, always a count or a size here, is not positive."""
    for name, value in vars(arguments).items():
        numbers = value if isinstance(value, list) else [value]
        if any(type(number) is int and number < 1 for number in numbers):
            parser.error(f"--{name} must be at least 1. Received: {value}")


def _new_file(path):
    # Found out now, not after minutes of measuring.
    if not pathlib.Path(path).parent.is_dir():
        raise argparse.ArgumentTypeError(
            f"the file's folder must exist. Received: {path}"
        )
    return path


if __name__ == "__main__":
    main()
