"""What size of images a network takes, asked without running it."""

import keras

from crd_keras.utils.errors import first_line


def check_takes_images(network: keras.Model, image_shape: tuple, name: str) -> None:
    """Raises a `ValueError` if a network cannot take images of a shape.

    Nothing is known of a network of one's own class without `compute_output_shape`: it
    is let through.

    Args:
        network: A Keras model of images.
        image_shape: Shape of a batch of images, in the layout that the network takes;
            what is unknown is `None`. Where the network takes one number of channels
            only, that one counts (Pix2Pix joins source and image).
        name: What to call the network in the error.
    """
    own_shape = getattr(network, "input_shape", None) or image_shape
    shape = tuple(
        given if own is None else own
        for own, given in zip(own_shape, image_shape, strict=True)
    )
    try:
        network.compute_output_shape(shape)
    except NotImplementedError:
        pass
    except ValueError as error:
        reason, *_ = first_line(error).split(" Received")
        raise ValueError(
            f"`{name}` must fit the images, which may be too small for it: {reason} "
            f"Received: images of shape {tuple(image_shape[1:])}"
        ) from error


def translated_shape(generator: keras.Model, image_shape: tuple) -> tuple:
    """Shape of the images that a generator makes, if it keeps height and width.

    Args:
        generator: A Keras model of images. Where nothing is known of its shapes, images
            come out with as many channels as they go in.
        image_shape: Shape of a batch of images that go in, in the generator's layout;
            what is unknown is `None`.
    """
    taken = getattr(generator, "input_shape", None) or image_shape
    given = getattr(generator, "output_shape", None) or taken
    return tuple(
        size if before == after else after
        for size, before, after in zip(image_shape, taken, given, strict=True)
    )
