"""Pairs of edges and pictures, made from pictures alone."""

import io
import os

import numpy as np
from PIL import Image

from crd_keras.data.decoding import decode_rgb
from crd_keras.data.folder import folder_images
from crd_keras.data.image_files import map_with_progress
from crd_keras.data.paired_source import PairedSource
from crd_keras.data.source import Images
from crd_keras.utils.image_size import ImageSize, image_sides, image_size_text
from crd_keras.utils.validation import check_above


def edges_source(
    train_dir: str | os.PathLike,
    test_dir: str | os.PathLike,
    image_size: ImageSize = 256,
    sigma: float = 1.0,
    on_corrupt: str = "refuse",
) -> PairedSource:
    """Takes the pictures of two folders as domain B, and their edges as domain A.

    The edges are drawn once at the start, at the size that the training needs: those
    of a large picture would fade when it is made small. They are kept in memory,
    encoded (a few kilobytes each).

    Args:
        train_dir: Folder with the training pictures.
        test_dir: Folder with the test pictures.
        image_size: Height and width of the edge pictures in pixels, or one number for
            both: those of the images that the networks will see.
        sigma: See `edge_picture`.
        on_corrupt: What happens with a corrupt or truncated image: "refuse" raises an
            error, "skip" leaves it out with a warning.

    Returns:
        The source, in the order of the pictures' names.

    Raises:
        ValueError: If a folder is missing or has no images, an image is corrupt and not
            to be skipped, `image_size` or `sigma` is not positive, or `on_corrupt` is
            neither of the two.
    """
    image_sides(image_size)
    check_above(0, sigma=sigma)
    splits = {}
    for split, folder in (("train", train_dir), ("test", test_dir)):
        pictures = folder_images(folder, on_corrupt)
        splits[f"{split}A"] = _edges(pictures, image_size, sigma)
        splits[f"{split}B"] = pictures
    return PairedSource(
        label=f"edges (Canny, sigma {sigma}, image size "
        f"{image_size_text(image_size)}) of {train_dir} and {test_dir}",
        splits=splits,
    )


def edge_picture(
    picture: Image.Image, image_size: ImageSize, sigma: float = 1.0
) -> Image.Image:
    """Draws the edges of a picture: black lines on white.

    They are those of Canny's detector, as scikit-image has it with its default
    thresholds, on the brightness of the resized picture.

    Args:
        picture: The picture.
        image_size: Height and width of the result in pixels, or one number for both.
        sigma: Width of the Gaussian in pixels that smooths the picture before. The
            larger, the fewer edges.

    Returns:
        A picture of mode "L" that is 0 on edges and 255 elsewhere.
    """
    # Imported when it is needed: `import crd_keras` must not wait for it.
    from skimage.feature import canny

    height, width = image_sides(image_size)
    resized = picture.convert("L").resize((width, height), Image.Resampling.BICUBIC)
    edges = canny(np.asarray(resized, np.float64) / 255, sigma=sigma)
    return Image.fromarray(np.where(edges, 0, 255).astype(np.uint8))


def _edges(pictures: Images, image_size: ImageSize, sigma: float) -> Images:
    def encoded_edges(path):
        with Image.open(path) as picture:
            edges = edge_picture(picture, image_size, sigma)
        file = io.BytesIO()
        edges.save(file, "PNG")
        return file.getvalue()

    encoded = map_with_progress(encoded_edges, pictures.records, "Drawing edges")
    # As objects: NumPy's own strings would lose zero bytes at the end.
    return Images(np.array(encoded, dtype=object), decode_rgb)
