"""Unpaired images of two domains, and the pipeline that feeds them to a training."""

from crd_keras.data.evaluation import evaluation_batches, evaluation_images
from crd_keras.data.folder import folder_images, folder_source
from crd_keras.data.pipeline import unpaired_dataset
from crd_keras.data.sample import SampleSource, sample_source
from crd_keras.data.sample_animal import draw_animal
from crd_keras.data.source import Images, UnpairedSource
from crd_keras.data.tfds import tfds_source

__all__ = [
    "Images",
    "SampleSource",
    "UnpairedSource",
    "draw_animal",
    "evaluation_batches",
    "evaluation_images",
    "folder_images",
    "folder_source",
    "sample_source",
    "tfds_source",
    "unpaired_dataset",
]
