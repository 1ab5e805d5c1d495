"""Scoring a network every few epochs, and keeping it at its best."""

import abc
import math
from collections.abc import Iterable

import keras
import numpy as np

from crd_keras.inference import evaluate_translation
from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.training.best_network import BestNetwork
from crd_keras.utils.validation import check_at_least


class Evaluation(keras.callbacks.Callback, abc.ABC):
    """What `BestTeacher` and `BestStudent` have in common.

    After each `every`-th epoch of its training the network translates the source
    images, and the metric compares the result with the reference images. The network
    is kept if it is better than ever before, in the metric's own direction.

    The score is logged as `<role>_<metric's name>`, such as `teacher_fid`, NaN in
    epochs without an evaluation, so put this callback before those that write logs.
    Score, epoch and weights of the best are variables of the trainer, and so part of
    its checkpoints.

    Args:
        metric: An `ImageMetric`. Two callbacks may share one, so that the reference
            images are looked at once.
        source_images: Images of the source domain, `(count, height, width, channels)`
            in [-1, 1], or an iterable of batches that can be iterated again, such as a
            `tf.data.Dataset`.
        reference_images: In the same form, images of the target domain, or for a
            paired metric the targets of the source images.
        every: After how many epochs of the network's training to evaluate.
        verbose: Whether to print the score.

    Raises:
        ValueError: If `every` is not positive, or arrays of images are too few for the
            metric.
    """

    role: str

    def __init__(
        self,
        metric: ImageMetric,
        source_images: np.ndarray | Iterable,
        reference_images: np.ndarray | Iterable,
        every: int = 10,
        verbose: bool = True,
    ):
        super().__init__()
        check_at_least(1, every=every)
        for name, images in (
            ("source_images", source_images),
            ("reference_images", reference_images),
        ):
            if isinstance(images, np.ndarray) and len(images) < metric.fewest_images:
                raise ValueError(
                    f"`{name}` must be at least {metric.fewest_images} images for "
                    f"{metric.name}. Received: {len(images)}"
                )
        self.metric = metric
        self.source_images = source_images
        self.reference_images = reference_images
        self.every = every
        self.verbose = verbose

    @abc.abstractmethod
    def network(self) -> keras.Model:
        """The network that is evaluated."""

    @abc.abstractmethod
    def best(self) -> BestNetwork:
        """What remembers it."""

    @abc.abstractmethod
    def epochs_trained(self, epoch: int) -> int | None:
        """How many epochs it has been trained; `None` if not in this one."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = {} if logs is None else logs
        name = f"{self.role}_{self.metric.name}"
        logs[name] = float("nan")
        done = self.epochs_trained(epoch)
        if done is None or done % self.every:
            return
        score = evaluate_translation(
            self.network(),
            self.source_images,
            self.reference_images,
            self.metric,
            description=f"Evaluating the {self.role}",
        )
        logs[name] = score
        best = self.best()
        former = float(best.score.numpy()) if best.exists else float("nan")
        # Whatever the metric's own idea of it: NaN and infinity are no scores.
        is_best = math.isfinite(score) and self.metric.is_better(score, than=former)
        if is_best:
            best.keep(self.network(), score, epoch)
        if self.verbose:
            verdict = "the best so far" if is_best else f"best so far {former:.4g}"
            print(f"Epoch {epoch + 1}: {name} {score:.4g} ({verdict})")
