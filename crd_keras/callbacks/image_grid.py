"""Pictures of what teacher and students make, while they train."""

import io
import itertools
import os
import pathlib

import keras
import numpy as np

from crd_keras.inference import translate
from crd_keras.report.image_grid import image_grid
from crd_keras.utils.files import atomic_write
from crd_keras.utils.validation import check_at_least, check_image_range


class ImageGrid(keras.callbacks.Callback):
    """Writes rows of input | teacher | student, for a `CRDTrainer`.

    Several students have a column each, up to a limit. The teacher is the one that they
    are distilled from now: the best so far. A `StoredTeacher` has no column. Pictures
    are named by the number of finished epochs, `epoch_0005.png` after five; the last
    epoch of a training always gets one.

    Args:
        images: Input images `(count, height, width, channels)` in [-1, 1], one
            row each.
        directory: Folder of the pictures. It is made if it does not exist.
        every: Number of epochs from picture to picture.
        most_students: How many students are shown, the first ones.

    Raises:
        ValueError: If `images` are not of that form or range, or `every` or
            `most_students` is below 1.

    Example:

    ```python
    trainer.fit(pairs, epochs=100, callbacks=[ImageGrid(horses, "grids", every=5)])
    ```
    """

    def __init__(
        self,
        images: np.ndarray,
        directory: str | os.PathLike,
        every: int = 1,
        most_students: int = 12,
    ):
        super().__init__()
        check_at_least(1, every=every, most_students=most_students)
        self.images = np.asarray(images)
        if self.images.ndim != 4 or 0 in self.images.shape:
            raise ValueError(
                "`images` must have shape (count, height, width, channels). "
                f"Received: shape {self.images.shape}"
            )
        check_image_range(self.images.min(), self.images.max(), "images")
        self.directory = pathlib.Path(directory)
        self.every = every
        self.most_students = most_students
        self._finished = 0
        self._written = 0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._finished = self._written = 0
        # Now, not after the first epoch: a folder that cannot be made is told at once.
        self.directory.mkdir(parents=True, exist_ok=True)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._finished = epoch + 1
        if self._finished % self.every == 0:
            self._write()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if self._finished != self._written:
            self._write()

    def _write(self):
        trainer = self.model
        students = itertools.islice(trainer.students.items(), self.most_students)
        networks = {
            "teacher": trainer.distilled_from(),
            **{name: student.network for name, student in students},
        }
        columns = {
            name: translate(network, self.images)
            for name, network in networks.items()
            if network is not None
        }
        picture = image_grid({"input": self.images, **columns})
        file = io.BytesIO()
        picture.save(file, format="png")
        path = self.directory / f"epoch_{self._finished:04d}.png"
        atomic_write(path, file.getvalue())
        self._written = self._finished
