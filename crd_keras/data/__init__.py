"""Images of two domains, in pairs or not, and the pipelines that feed them to `fit`."""

from crd_keras.data.channels import source_with_channels
from crd_keras.data.edges import edge_picture, edges_source
from crd_keras.data.evaluation import evaluation_batches, evaluation_images
from crd_keras.data.flat2fluent.edges_source import edges2fluent_source
from crd_keras.data.flat2fluent.paired_source import paired_flat2fluent_source
from crd_keras.data.flat2fluent.source import flat2fluent_source
from crd_keras.data.folder import folder_images, folder_source
from crd_keras.data.held_out import held_out_source
from crd_keras.data.image_augmentation import IMAGE_AUGMENTATIONS, image_augmentation
from crd_keras.data.loader import Loader
from crd_keras.data.paired_folder import paired_folder_source
from crd_keras.data.paired_source import PairedSource
from crd_keras.data.pipeline import paired_dataset, unpaired_dataset
from crd_keras.data.sample.animal import draw_animal
from crd_keras.data.sample.paired_source import paired_sample_source
from crd_keras.data.sample.source import SampleSource, sample_source
from crd_keras.data.source import Images, ImageSource
from crd_keras.data.taught import taught_source
from crd_keras.data.tfds import tfds_source
from crd_keras.data.tfds_paired import tfds_paired_source
from crd_keras.data.unpaired_arrays import unpaired_arrays
from crd_keras.data.unpaired_source import UnpairedSource

__all__ = [
    "IMAGE_AUGMENTATIONS",
    "ImageSource",
    "Images",
    "Loader",
    "PairedSource",
    "SampleSource",
    "UnpairedSource",
    "draw_animal",
    "edge_picture",
    "edges2fluent_source",
    "edges_source",
    "evaluation_batches",
    "evaluation_images",
    "flat2fluent_source",
    "folder_images",
    "folder_source",
    "held_out_source",
    "image_augmentation",
    "paired_dataset",
    "paired_flat2fluent_source",
    "paired_folder_source",
    "paired_sample_source",
    "sample_source",
    "source_with_channels",
    "taught_source",
    "tfds_paired_source",
    "tfds_source",
    "unpaired_arrays",
    "unpaired_dataset",
]
