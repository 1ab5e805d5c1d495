"""What unpaired data look like to the pipeline."""

from dataclasses import dataclass

from crd_keras.data.source import ImageSource


@dataclass(frozen=True, eq=False, kw_only=True)
class UnpairedSource(ImageSource):
    """Two domains of images, A and B, that do not belong together.

    Image i of one domain has nothing to do with image i of the other.

    Args:
        label: One line that says what the data are; it goes to the report.
        splits: The images by the names "trainA", "trainB", "testA" and "testB".
        directory: Folder that holds the data, if there is one.

    Raises:
        ValueError: If a split is missing, unknown or without images.
    """
