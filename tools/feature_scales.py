"""Prints the mean absolute value of each output of EfficientNet-Lite0 on pictures.

    python tools/feature_scales.py --image_size=256 trainA trainB

The pictures are every sixth one of each folder, by name.
"""

import argparse
import dataclasses

import keras
import numpy as np

from crd_keras.data import evaluation_batches, folder_images
from crd_keras.models.efficientnet_lite import (
    MEAN_ACTIVATIONS,
    efficientnet_lite_features,
)
from crd_keras.utils.text_table import text_table

_EVERY = 6


def mean_activations(folders: list[str], image_size: int) -> dict[str, float]:
    """The mean absolute value of each output, over all images of all folders."""
    network = efficientnet_lite_features(outputs=tuple(MEAN_ACTIVATIONS))
    sums, count = np.zeros(len(MEAN_ACTIVATIONS)), 0
    for folder in folders:
        images = folder_images(folder)
        images = dataclasses.replace(images, records=images.records[::_EVERY])
        for batch in map(np.asarray, evaluation_batches(images, image_size)):
            outputs = map(keras.ops.convert_to_numpy, network(batch))
            sums += [len(batch) * np.abs(output).mean() for output in outputs]
            count += len(batch)
    return dict(zip(MEAN_ACTIVATIONS, sums / count, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--image_size", type=int, default=256)
    arguments = parser.parse_args()
    means = mean_activations(arguments.folders, arguments.image_size)
    print(text_table([(name, f"{mean:.3f}") for name, mean in means.items()]))
