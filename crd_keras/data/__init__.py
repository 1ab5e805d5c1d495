"""Unpaired images of two domains, and the pipeline that feeds them to a training."""

from crd_keras.data.sample import SampleSource as SampleSource
from crd_keras.data.sample import sample_source as sample_source
from crd_keras.data.sample_animal import draw_animal as draw_animal
from crd_keras.data.source import Images as Images
from crd_keras.data.source import UnpairedSource as UnpairedSource
