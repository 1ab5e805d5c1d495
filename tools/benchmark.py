"""Measures how fast crd_keras is and how much memory it takes.

    KERAS_BACKEND=jax python tools/benchmark.py relations
    python tools/benchmark.py relations --image_size=128 --json=relations.json

Each suite is a module of tools/benchmarks with `add_arguments(parser)`,
`run(arguments)`, which returns its results as plain lists and dicts, and
`table(results)`, which makes text of them. `SUITE --help` lists a suite's options.
"""

import argparse
import json
from collections.abc import Sequence

from benchmarks import family, inference, pipeline, relations, scaling, step

from crd_keras.utils import environment
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors
from crd_keras.utils.files import atomic_write
from crd_keras.utils.output_paths import check_output_file

SUITES = {
    "family": family,
    "inference": inference,
    "pipeline": pipeline,
    "relations": relations,
    "scaling": scaling,
    "step": step,
}


@accepts_debug
@one_line_errors("benchmark")
def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    _check(arguments)
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
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    suites = parser.add_subparsers(dest="suite", required=True, metavar="SUITE")
    for name, suite in SUITES.items():
        summary = suite.__doc__.splitlines()[0]
        subparser = suites.add_parser(
            name,
            help=summary,
            description=suite.__doc__,
            epilog=DEBUG_HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        suite.add_arguments(subparser)
        subparser.add_argument(
            "--json", help="Write the results to this .json file as well."
        )
    return parser


def _check(arguments):
    """Finds out before the measuring what cannot be."""
    for name, value in vars(arguments).items():
        numbers = value if isinstance(value, list) else [value]
        # A number is always a count or a size here.
        if any(type(number) is int and number < 1 for number in numbers):
            raise ValueError(f"`--{name}` must be at least 1. Received: {value}")
    if arguments.json:
        check_output_file("--json", arguments.json, (".json",))


if __name__ == "__main__":
    main()
