"""Some test images of a run, as all of its networks translate them."""

import io
import os

import numpy as np

from crd_keras.experiment.comparison.run_scores import (
    INPUT,
    finished_settings,
    run_networks,
)
from crd_keras.experiment.source import evaluation_images, make_source
from crd_keras.inference import translate
from crd_keras.report.image_grid import image_grid


def comparison_png(
    folder: str | os.PathLike, own_gan: str | os.PathLike | None, rows: int
) -> bytes:
    """A PNG with a column for the input, the true picture and each network.

    Args:
        folder: The run's folder.
        own_gan: As for `score_run`.
        rows: How many test images, evenly spread over all.
    """
    settings = finished_settings(folder)
    source = make_source(settings)
    test = evaluation_images(source.split("testA"), settings)
    chosen = np.linspace(0, len(test) - 1, min(rows, len(test))).astype(int)
    columns = {INPUT: test[chosen]}
    if source.targets is not None:
        truth = evaluation_images(source.targets, settings)
        columns["true picture"] = truth[chosen]
    for name, network in run_networks(folder, own_gan).items():
        columns[name] = translate(network, test[chosen])
    picture = io.BytesIO()
    image_grid(columns).save(picture, format="PNG", optimize=True)
    return picture.getvalue()
