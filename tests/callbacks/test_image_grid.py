"""Which pictures are written when, and what they show."""

import keras
import numpy as np
import pytest
from PIL import Image

from crd_keras import Student
from crd_keras.callbacks.image_grid import ImageGrid


class Trainer(keras.Model):
    """What the callback needs of a `CRDTrainer`: generators and `fit`."""

    def __init__(self, students=1):
        super().__init__()
        inputs = keras.Input((8, 8, 3))
        negative = keras.Model(inputs, keras.ops.negative(inputs))
        self.distilled_from = lambda: negative
        self.students = {
            f"student{i}": Student(
                keras.Model(inputs, keras.layers.Rescaling(0.5 / (i + 1))(inputs))
            )
            for i in range(students)
        }
        self.dense = keras.layers.Dense(1)
        self.compile(loss="mse", optimizer="sgd")

    def call(self, inputs):
        return self.dense(inputs)


IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype("float32")


def train(directory, every, epochs, initial_epoch=0, students=1, **arguments):
    data = np.zeros((2, 3), "float32"), np.zeros((2, 1), "float32")
    callback = ImageGrid(IMAGES, directory, every, **arguments)
    Trainer(students).fit(
        *data,
        epochs=epochs,
        initial_epoch=initial_epoch,
        callbacks=[callback],
        verbose=0,
    )
    return sorted(path.name for path in directory.iterdir())


def test_every_other_epoch_and_the_last(tmp_path):
    directory = tmp_path / "made" / "grids"
    assert train(directory, every=2, epochs=5) == [
        "epoch_0002.png",
        "epoch_0004.png",
        "epoch_0005.png",
    ]


def test_nothing_is_written_twice_and_resuming_goes_on_counting(tmp_path):
    names = train(tmp_path, every=4, epochs=8, initial_epoch=5)
    assert names == ["epoch_0008.png"]
    assert train(tmp_path, every=4, epochs=8, initial_epoch=8) == names


def test_shows_input_teacher_and_students(tmp_path):
    train(tmp_path, every=1, epochs=1, students=3, most_students=2)
    picture = np.asarray(Image.open(tmp_path / "epoch_0001.png"))
    assert picture.shape == (26 + 2 * 132, 4 + 4 * 132, 3)
    for column, images in enumerate((IMAGES, -IMAGES, 0.5 * IMAGES, 0.25 * IMAGES)):
        for row, image in enumerate(images):
            # Each pixel is 16 x 16 large here.
            top, left = 26 + 132 * row, 4 + 132 * column
            cell = picture[top : top + 128 : 16, left : left + 128 : 16]
            np.testing.assert_allclose(cell, image * 127.5 + 127.5, atol=0.51)


def test_bad_arguments(tmp_path):
    with pytest.raises(ValueError, match="`every` must be at least 1. Received: 0"):
        ImageGrid(IMAGES, tmp_path, every=0)
    with pytest.raises(ValueError, match=r"`images` .*Received: shape \(8, 8, 3\)"):
        ImageGrid(IMAGES[0], tmp_path)
