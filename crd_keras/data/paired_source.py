"""What paired data look like to the pipeline."""

from dataclasses import dataclass

from crd_keras.data.source import Images, ImageSource


@dataclass(frozen=True, eq=False, kw_only=True)
class PairedSource(ImageSource):
    """Two domains of images, A and B, that belong together one by one.

    Image i of trainB is the right translation of image i of trainA, and so for testA
    and testB.

    Args:
        label: One line that says what the data are; it goes to the report.
        splits: The images by the names "trainA", "trainB", "testA" and "testB".
        directory: Folder that holds the data, if there is one.
        taught: What a teacher has made of trainA, image by image. `None`: nothing.

    Raises:
        ValueError: If a split is missing, unknown or without images, or the domains
            have different numbers of images.
    """

    @property
    def targets(self) -> Images:
        return self.splits["testB"]

    def __post_init__(self) -> None:
        super().__post_init__()
        for a, b in (("trainA", "trainB"), ("testA", "testB")):
            numbers = len(self.splits[a]), len(self.splits[b])
            if numbers[0] != numbers[1]:
                raise ValueError(
                    f"`splits` must have as many images in {a} as in {b}, since they "
                    f"are pairs. Received: {numbers[0]} and {numbers[1]}"
                )
