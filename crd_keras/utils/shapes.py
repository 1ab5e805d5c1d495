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
