"""Conversion to a SavedModel. Runs where TensorFlow is the backend."""

import os

import keras

from crd_keras.export.inference_graph import export_form
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
        ValueError: See `export_form`.
    """
    form = export_form(model, options.image_size, options.batch_size, options.pixels)
    write_form(form, path)


def write_form(form: keras.Model, path: str | os.PathLike) -> None:
    """As `write_saved_model`, of what `export_form` gave."""
    import tensorflow as tf

    (images,) = form.inputs
    archive = keras.export.ExportArchive()
    archive.track(form)
    archive.add_endpoint(
        "serve",
        lambda images: {"translated": form(images, training=False)},
        input_signature=[tf.TensorSpec(images.shape, images.dtype, name="images")],
    )
    archive.write_out(str(path), verbose=False)
