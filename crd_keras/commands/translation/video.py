"""Videos, read and written frame by frame with imageio and its PyAV plugin."""

import itertools
import pathlib
from collections.abc import Iterable, Iterator
from types import ModuleType

import numpy as np

from crd_keras.utils.files import atomic_path

# File name extension to the codec that is written.
CODECS = {
    ".mp4": "libx264",
    ".mov": "libx264",
    ".mkv": "libx264",
    ".webm": "libvpx-vp9",
}
EXTENSIONS = (*CODECS, ".avi", ".m4v")


def is_video(path: pathlib.Path) -> bool:
    return path.suffix.lower() in EXTENSIONS


class Video:
    """A video to read.

    Attributes:
        frame_rate: Frames per second; their average, should they vary.
        frame_count: About how many frames there are, `None` if that is not known.

    Raises:
        ImportError: If imageio or PyAV is not installed.
        ValueError: If the file cannot be read.
    """

    def __init__(self, path: pathlib.Path):
        self._path = path
        try:
            metadata = _imageio().immeta(path, plugin="pyav")
        except (OSError, ValueError, IndexError) as error:
            raise ValueError(f"{path} cannot be read: {error}") from error
        self.frame_rate: float = metadata["fps"]
        seconds = metadata.get("duration")
        self.frame_count = round(seconds * self.frame_rate) if seconds else None

    def frames(self) -> Iterator[np.ndarray]:
        """Frames, uint8 `(height, width, 3)`, one after the other.

        Raises:
            ValueError: If a frame cannot be read.
        """
        try:
            yield from _imageio().imiter(self._path, plugin="pyav")
        except (OSError, ValueError) as error:
            raise ValueError(f"{self._path} cannot be read: {error}") from error


def write(path: pathlib.Path, frames: Iterable[np.ndarray], frame_rate: float) -> None:
    """Writes a video without sound, which takes its name when it is complete.

    Args:
        path: File ending with one of `CODECS`.
        frames: uint8 images `(height, width, 3)` of one size.
        frame_rate: Frames per second.

    Raises:
        OSError: If it cannot be written.
        ValueError: If there is no frame.
    """
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise ValueError(f"there are no frames to write to {path}")
    # Colours at half the size, as all players know it, need an even size.
    is_even = first.shape[0] % 2 == 0 and first.shape[1] % 2 == 0
    pixel_format = "yuv420p" if is_even else "yuv444p"
    codec = CODECS[path.suffix.lower()]
    with atomic_path(path) as temporary:
        file = _imageio().imopen(temporary, "w", plugin="pyav")
        try:
            file.init_video_stream(codec, fps=frame_rate, pixel_format=pixel_format)
            for frame in itertools.chain([first], frames):
                file.write_frame(frame)
            file.close()
        except BaseException:
            # When it is deleted, imageio would try to close it again and print that.
            file.close = lambda: None
            raise


def _imageio() -> ModuleType:
    try:
        import av  # noqa: F401  imageio would not say that it is missing
        import imageio.v3
    except ImportError as error:
        raise ImportError(
            "videos need imageio and PyAV: "
            f'`pip install "crd_keras[video]"`. Received: {error}'
        ) from error
    return imageio.v3
