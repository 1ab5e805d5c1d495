"""Distilling from the best teacher so far."""

from collections.abc import Iterable

import keras
import numpy as np

from crd_keras.inference import evaluate_translation, image_batches
from crd_keras.metrics.image_set_metric import ImageSetMetric


class BestTeacher(keras.callbacks.Callback):
    """Evaluates the teacher every few epochs and has the student imitate the best.

    After each `every`-th epoch of the teacher's training its generator translates the
    source images. If the metric finds the result closer to the reference images than
    ever before, the student is distilled from that generator from the next epoch on
    (Section 3). Before the first evaluation it is distilled from the teacher as it is.

    The metric is logged as `teacher_<metric's name>`, NaN in epochs without an
    evaluation, so put this callback before those that write logs. The best score, its
    epoch and its weights are variables of the trainer, and so part of checkpoints.

    Args:
        metric: An `ImageSetMetric`, lower is better.
        source_images: Images of the source domain, `(count, height, width, channels)`
            in [-1, 1], or an iterable of batches that can be iterated again, such as a
            `tf.data.Dataset`.
        reference_images: Images of the target domain, in the same form.
        every: After how many epochs of the teacher's training to evaluate. The paper:
            10 (horse2zebra), 6 (summer2winter), 1 (edges2shoes).
        verbose: Whether to print the score.

    Raises:
        ValueError: If `every` is not positive.
    """

    def __init__(
        self,
        metric: ImageSetMetric,
        source_images: np.ndarray | Iterable,
        reference_images: np.ndarray | Iterable,
        every: int = 10,
        verbose: bool = True,
    ):
        super().__init__()
        if every < 1:
            raise ValueError(
                f"`every` must be a positive number of epochs. Received: every={every}"
            )
        self.metric = metric
        self.source_images = source_images
        self.reference_images = reference_images
        self.every = every
        self.verbose = verbose

    def on_train_begin(self, logs=None):
        if not self.metric.reference_count:
            for batch in image_batches(self.reference_images):
                self.metric.update_reference(batch)

    def on_epoch_end(self, epoch, logs=None):
        logs = {} if logs is None else logs
        name = f"teacher_{self.metric.name}"
        logs[name] = float("nan")
        trains_teacher, _ = self.model.schedule.trains(epoch)
        done = self.model.schedule.teacher_epochs(epoch)
        if not trains_teacher or done % self.every:
            return
        score = evaluate_translation(
            self.model.teacher.generator, self.source_images, self.metric
        )
        logs[name] = score
        best = float(self.model.best_score.numpy())
        if score < best:
            self.model.keep_teacher(score, epoch)
        if self.verbose:
            verdict = "the best so far" if score < best else f"best so far {best:.4g}"
            print(f"\nEpoch {epoch + 1}: {name} {score:.4g} ({verdict})")
