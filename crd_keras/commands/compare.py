"""Compares the networks of runs that differ in their seed, with intervals.

    crd compare runs/seed0 runs/seed1 runs/seed2 --with=crd --output=results

Each run is a family of students of one teacher. Its networks are scored on its test
images, and on 400 draws of these with replacement. The scores of each seed are written
to `seedN.json` of the output folder, and are not computed again. `comparison.md` has
all seeds that are there: means, 95% intervals over images and seeds, and the
differences to one of the networks, paired by seed and image. `comparison.png` shows
some test images of the first run that is given.
"""

import argparse
import json
import pathlib
from collections.abc import Sequence

from crd_keras.experiment.comparison.grid import comparison_png
from crd_keras.experiment.comparison.markdown import comparison_markdown
from crd_keras.experiment.comparison.run_scores import finished_settings, score_run
from crd_keras.experiment.comparison.summary import summarize
from crd_keras.metrics.efficientnet_lite_features import EfficientNetLiteFeatures
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors
from crd_keras.utils.files import atomic_write


@accepts_debug
@one_line_errors("compare")
def main(argv: Sequence[str] | None = None) -> None:
    """Reads the arguments, scores the runs and writes the comparison.

    Args:
        argv: The arguments. Default: those of the command line.
    """
    arguments = _parser().parse_args(argv)
    folder = pathlib.Path(arguments.output)
    own_gans = _own_gans(arguments)
    features = None
    for run, own_gan in zip(arguments.runs, own_gans, strict=True):
        path = folder / f"seed{finished_settings(run).seed}.json"
        if path.exists():
            print(f"{path}: scored before, kept")
            continue
        features = features or EfficientNetLiteFeatures()
        scores = score_run(run, features, own_gan)
        folder.mkdir(parents=True, exist_ok=True)
        atomic_write(path, (json.dumps(scores) + "\n").encode())
        print(f"{path}: scored")
    files = sorted(folder.glob("seed*.json"))
    if not files:
        raise ValueError(
            f"`--output` must hold scores, or runs must be given. Received: {folder}"
        )
    scores_by_seed = [json.loads(path.read_bytes()) for path in files]
    try:
        summary = summarize(scores_by_seed, arguments.compared_with)
    except ValueError as error:
        raise ValueError(str(error).replace("`compared_with`", "`--with`")) from error
    text = comparison_markdown(summary)
    atomic_write(folder / "comparison.json", json.dumps(summary, indent=1).encode())
    atomic_write(folder / "comparison.md", (text + "\n").encode())
    if arguments.runs:
        atomic_write(
            folder / "comparison.png",
            comparison_png(arguments.runs[0], own_gans[0], arguments.rows),
        )
    print(text)


def _own_gans(arguments):
    own_gans = arguments.own_gan.split(",") if arguments.own_gan else []
    if own_gans and len(own_gans) != len(arguments.runs):
        raise ValueError(
            "`--own_gan` must name a run for each of the runs. Received: "
            f"{len(own_gans)} for {len(arguments.runs)}"
        )
    return own_gans or [None] * len(arguments.runs)


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", nargs="*", help="Folders of finished runs.")
    parser.add_argument(
        "--own_gan",
        metavar="RUN,RUN",
        help="A run for each of them, of the same seed, whose teacher has the "
        'student\'s size (--teacher_filters): the row "no distillation".',
    )
    parser.add_argument(
        "--with",
        dest="compared_with",
        required=True,
        metavar="NETWORK",
        help="The network that the others are compared with.",
    )
    parser.add_argument(
        "--rows", type=int, default=8, help="Test images in comparison.png."
    )
    parser.add_argument("--output", required=True, help="Folder of the comparison.")
    return parser
