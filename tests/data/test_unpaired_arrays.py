"""Two domains of different lengths in arrays."""

import keras
import numpy as np
import pytest

from crd_keras import callbacks
from crd_keras.data import unpaired_arrays, unpaired_dataset
from tests import tiny
from tests.data.test_pipeline import epochs, grey_source, levels

SOURCE, TARGET = tiny.images(5, seed=0), tiny.images(3, seed=1)


def passes(dataset, number):
    return [list(dataset) for _ in range(number)]


@pytest.mark.any_backend
@pytest.mark.parametrize("sizes", [(10, 4), (4, 10), (6, 6)])
def test_the_order_is_that_of_the_pipeline(sizes):
    source = grey_source(*sizes)
    settings = {"batch_size": 3, "seed": 2, "first_epoch": 1}
    expected = epochs(unpaired_dataset(source, 8, **settings), 2)
    greys = [source.split(f"train{domain}").records / 127.5 - 1 for domain in "AB"]
    dataset = unpaired_arrays(*greys, **settings)
    assert len(dataset) == max(sizes) // 3
    for received, epoch in zip(passes(dataset, 2), expected, strict=True):
        for domain in (0, 1):
            assert levels(received, domain) == levels(epoch, domain)
        for images in received[0]:
            assert images.shape == (3, 8, 8, 3) and images.dtype == np.float32


@pytest.mark.any_backend
def test_whatever_has_a_length_and_integer_indices():
    class Squares:
        def __len__(self):
            return len(TARGET)

        def __getitem__(self, index):
            assert type(index) is int
            return keras.ops.convert_to_tensor(TARGET[index])

    expected, received = (
        list(unpaired_arrays(source, target, batch_size=2))
        for source, target in ((SOURCE, TARGET), (list(SOURCE), Squares()))
    )
    for batch, other in zip(expected, received, strict=True):
        np.testing.assert_array_equal(batch, other)


@pytest.mark.any_backend
def test_a_pass_counts_when_it_is_left_early():
    whole, early = (unpaired_arrays(SOURCE, TARGET) for _ in range(2))
    list(whole)
    for _ in early:
        break
    np.testing.assert_array_equal(list(early), list(whole))


class Seen(keras.callbacks.Callback):
    """The batches' losses, one after the other; stops at a step."""

    def __init__(self, until=None):
        super().__init__()
        self.until, self.steps, self.losses = until, 0, []

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        self.losses.append(float(logs["teacher_loss"]))
        self.model.stop_training = self.steps == self.until


def train(folder, until=None, workers=1):
    """Goes on with a training of two epochs of five steps."""
    trainer, seen = tiny.trainer(schedule="phased"), Seen(until)
    checkpoint = callbacks.Checkpoint(folder, verbose=False)
    pairs = unpaired_arrays(
        SOURCE, TARGET, seed=4, first_epoch=checkpoint.first_epoch()
    )
    pairs.workers = workers
    trainer.fit(pairs, epochs=2, verbose=0, callbacks=[seen, checkpoint])
    return trainer, seen.losses


def test_a_training_goes_on_in_the_middle_of_an_epoch(tmp_path):
    trainer, whole = train(tmp_path / "whole")
    _, first = train(tmp_path / "cut", until=7)
    resumed, last = train(tmp_path / "cut", workers=2)
    assert (len(whole), len(first), len(last)) == (10, 7, 3)
    assert first + last == whole
    for a, b in zip(trainer.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source_images": iter(SOURCE)}, "`source_images` must be an array.*iterator"),
        ({"target_images": TARGET[:0]}, "`target_images` must be at least one.*: 0"),
        ({"source_images": SOURCE[0]}, "`source_images` .* of shape .*shape .16, 3."),
        (
            {"target_images": TARGET[:, :8]},
            r"`target_images` must be .*16, 16, 3.*Received: \(8, 16, 3\) of image 0",
        ),
        ({"batch_size": 6}, "`batch_size` must not be larger than the 5 .*: 6"),
        ({"batch_size": 1.5}, "`batch_size` must be an integer .*: 1.5"),
        ({"seed": -1}, "`seed` must be .*: -1"),
        ({"first_epoch": -1}, "`first_epoch` must be .*: -1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        unpaired_arrays(
            **{"source_images": SOURCE, "target_images": TARGET, **arguments}
        )


@pytest.mark.any_backend
def test_a_later_image_of_another_shape():
    images = [*SOURCE, SOURCE[0, :8]]
    with pytest.raises(ValueError, match=r"`source_images`.*\(8, 16, 3\) of image 5$"):
        list(unpaired_arrays(images, TARGET))
