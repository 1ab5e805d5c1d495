"""Test images that are taken from the training images."""

from crd_keras.data.paired_source import PairedSource
from crd_keras.data.source import Images, ImageSource
from crd_keras.data.unpaired_source import UnpairedSource


def held_out_source(source: ImageSource, count: int) -> ImageSource:
    """Holds training images out, in place of the test images.

    Settings can be chosen by them: the test images are looked at when all is decided.

    Args:
        source: The data.
        count: How many training images of each domain become test images: the last
            ones.

    Returns:
        A source of the same kind, paired or unpaired. The right translations of test
        images that are no pairs are unknown.

    Raises:
        ValueError: If there are not more training images than that, or `count` is not
            positive.

    Example:

    ```python
    source = held_out_source(flat2fluent_source(), 200)
    ```
    """
    fewest = min(len(source.split(name)) for name in ("trainA", "trainB"))
    if not 1 <= count < fewest:
        raise ValueError(
            f"`count` must be from 1 to {fewest - 1}, as there are {fewest} training "
            f"images. Received: {count}"
        )
    splits = {}
    for domain in "AB":
        images = source.split(f"train{domain}")
        splits[f"train{domain}"] = Images(images.records[:-count], images.load)
        splits[f"test{domain}"] = Images(images.records[-count:], images.load)
    taught = source.taught
    if taught is not None:
        taught = Images(taught.records[:-count], taught.load)
    kind = PairedSource if isinstance(source, PairedSource) else UnpairedSource
    return kind(
        label=f"{source.label}, the last {count} training images held out for tests",
        splits=splits,
        taught=taught,
    )
