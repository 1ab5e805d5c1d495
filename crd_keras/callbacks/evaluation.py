"""Scoring networks every few epochs, and keeping them at their best."""

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

    After each `every`-th epoch of its training a network translates the source
    images, and the metric compares the result with the reference images. The network
    is kept if it is better than ever before, in the metric's own direction.

    The score is logged as `<role>_<metric's name>`, such as `teacher_fid`, and
    `crd16/student_fid` of a student of that name among several: NaN in epochs without
    an evaluation. So put this callback before those that write logs.
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
    def networks(self) -> dict[str, tuple[keras.Model, BestNetwork]]:
        """By role: the networks that are evaluated, and what remembers them."""

    @abc.abstractmethod
    def epochs_trained(self, epoch: int) -> int | None:
        """How many epochs they have been trained; `None` if not in this one."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = {} if logs is None else logs
        done = self.epochs_trained(epoch)
        is_due = done is not None and done % self.every == 0
        for role, (network, best) in self.networks().items():
            name = f"{role}_{self.metric.name}"
            logs[name] = (
                self._evaluate(role, network, best, epoch) if is_due else float("nan")
            )

    def _evaluate(self, role, network, best, epoch):
        score = evaluate_translation(
            network,
            self.source_images,
            self.reference_images,
            self.metric,
            description=f"Evaluating the {role}",
        )
        former = float(best.score.numpy()) if best.exists else float("nan")
        # Whatever the metric's own idea of it: NaN and infinity are no scores.
        is_best = math.isfinite(score) and self.metric.is_better(score, than=former)
        if is_best:
            best.keep(network, score, epoch)
        if self.verbose:
            verdict = "the best so far" if is_best else f"best so far {former:.4g}"
            name = f"{role}_{self.metric.name}"
            print(f"Epoch {epoch + 1}: {name} {score:.4g} ({verdict})")
        return score
