"""Conversion to a SavedModel. Runs where TensorFlow is the backend."""

import os

import keras

from crd_keras.export.inference_graph import inference_graph
from crd_keras.export.options import ExportOptions


def write_saved_model(
    model: keras.Model, path: str | os.PathLike, options: ExportOptions
) -> None:
    """Writes a folder whose signature `serving_default` translates `images`.

    Args:
        model: A generator, on the TensorFlow backend.
        path: The folder to write.
        options: What it should be like.

    Raises:
        ValueError: See `inference_graph`.
    """
    network = inference_graph(
        model, options.image_size, options.batch_size, options.pixels
    )
    write_inference_graph(network, path)


def write_inference_graph(network: keras.Model, path: str | os.PathLike) -> None:
    """As `write_saved_model`, of what `inference_graph` gave."""
    import tensorflow as tf

    (images,) = network.inputs
    archive = keras.export.ExportArchive()
    archive.track(network)
    archive.add_endpoint(
        "serve",
        lambda images: {"translated": network(images, training=False)},
        input_signature=[tf.TensorSpec(images.shape, images.dtype, name="images")],
    )
    archive.write_out(str(path), verbose=False)
