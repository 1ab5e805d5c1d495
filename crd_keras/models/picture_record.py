"""What a generator's file says of the pictures that it was trained on.

It stands in `metadata.json` of the `.keras` archive, which Keras writes and does not
read. So a copy of the file has it, and whatever loads the file goes on to do so.
"""

import dataclasses
import json
import os
import zipfile
from typing import Any

from crd_keras.utils.files import atomic_path
from crd_keras.utils.framing import BACKGROUND, check_framing
from crd_keras.utils.image_size import image_sides

_METADATA = "metadata.json"

KEY = "crd_keras"
"""The record's name, here and in the metadata of exported files."""


@dataclasses.dataclass(frozen=True)
class PictureRecord:
    """How a generator was shown pictures when it was trained.

    Args:
        image_size: Height and width of the images in pixels.
        framing: How pictures of another shape became such images: "squash", "crop" or
            "pad"; see `crd_keras.utils.framing.place_picture`.
        channels: How many channels the source and the target images have.

    Raises:
        ValueError: If there is no such framing, or a number is not positive.
    """

    image_size: tuple[int, int]
    framing: str = "squash"
    channels: tuple[int, int] = (3, 3)

    def __post_init__(self) -> None:
        check_framing(self.framing)
        # JSON has lists.
        for name in ("image_size", "channels"):
            pair = tuple(getattr(self, name))
            image_sides(pair)
            object.__setattr__(self, name, pair)

    def to_json(self) -> str:
        """The record as text, with the grey level beside padded pictures."""
        return json.dumps({**dataclasses.asdict(self), "background": BACKGROUND})

    @classmethod
    def from_json(cls, text: str | bytes) -> "PictureRecord":
        """Reads what `to_json` has written.

        Raises:
            ValueError: If it is something else.
        """
        try:
            content = dict(json.loads(text))
            return cls(*(content[field.name] for field in dataclasses.fields(cls)))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                "the record of a generator's pictures must have their size, framing "
                f"and channels. Received: {text!r}"
            ) from error


def write_picture_record(path: str | os.PathLike, record: PictureRecord) -> None:
    """Writes a record into a `.keras` file.

    Args:
        path: The file, as `keras.Model.save` has written it.
        record: The record.

    Raises:
        OSError: If the file cannot be written.
    """
    with atomic_path(path) as temporary:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(temporary, "w") as new:
            for member in old.infolist():
                content = old.read(member)
                if member.filename == _METADATA:
                    metadata = json.loads(content) | {KEY: json.loads(record.to_json())}
                    content = json.dumps(metadata).encode()
                new.writestr(member, content)


def read_picture_record(path: str | os.PathLike) -> PictureRecord | None:
    """The record in a `.keras` file, `None` where there is none.

    Raises:
        ValueError: If it is damaged: in one line.
    """
    with zipfile.ZipFile(path) as archive:
        if _METADATA not in archive.namelist():
            return None
        metadata: dict[str, Any] = json.loads(archive.read(_METADATA))
    if KEY not in metadata:
        return None
    try:
        return PictureRecord.from_json(json.dumps(metadata[KEY]))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
