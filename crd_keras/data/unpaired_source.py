"""What unpaired data look like to the pipeline."""

from dataclasses import dataclass

from crd_keras.data.source import Images, ImageSource


@dataclass(frozen=True, eq=False, kw_only=True)
class UnpairedSource(ImageSource):
    """Two domains of images, A and B, that do not belong together.

    Image i of one domain has nothing to do with image i of the other.

    Args:
        label: One line that says what the data are; it goes to the report.
        splits: The images by the names "trainA", "trainB", "testA" and "testB".
        directory: Folder that holds the data, if there is one.
        taught: What a teacher has made of trainA, image by image. `None`: nothing.
        test_is_paired: Whether image i of testB is the right translation of image i of
            testA after all. Training takes no notice of it.

    Raises:
        ValueError: If a split is missing, unknown or without images, or if test images
            are pairs and their numbers differ.
    """

    test_is_paired: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        numbers = [len(self.splits[name]) for name in ("testA", "testB")]
        if self.test_is_paired and numbers[0] != numbers[1]:
            raise ValueError(
                "`splits` must have as many images in testA as in testB if "
                f"`test_is_paired`. Received: {numbers[0]} and {numbers[1]}"
            )

    @property
    def targets(self) -> Images | None:
        return self.splits["testB"] if self.test_is_paired else None
