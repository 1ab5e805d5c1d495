"""The losses of the paper, written out."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def rows(images: Tensor) -> Tensor:
    """`(batch, C, H, W)` to `(batch, H, W * C)`."""
    return images.permute(0, 2, 3, 1).flatten(2)


def columns(images: Tensor) -> Tensor:
    """`(batch, C, H, W)` to `(batch, W, H * C)`."""
    return images.permute(0, 3, 2, 1).flatten(2)


def patches(images: Tensor, size: int) -> Tensor:
    """`(batch, C, H, W)` to `(batch, number of patches, C * size * size)`."""
    return F.unfold(images, size, stride=size).transpose(1, 2)


def relation_loss(
    teacher_images: Tensor, student_images: Tensor, patch_size: int
) -> Tensor:
    """Distances and twice the angles of rows, columns and patches, a scalar."""
    total = 0.0
    for contents in (rows, columns, lambda images: patches(images, patch_size)):
        teacher = contents(teacher_images.detach())
        student = contents(student_images)
        for relation, weight in ((_distances, 1), (_cosines, 2)):
            total += weight * _mean_difference(relation, teacher, student)
    return total


def _mean_difference(
    relation: Callable[[Tensor], Tensor], teacher: Tensor, student: Tensor
) -> Tensor:
    losses = []
    for theirs, ours in zip(teacher, student, strict=True):
        with torch.no_grad():
            target = relation(theirs)
        losses.append(F.smooth_l1_loss(relation(ours), target))
    return torch.stack(losses).mean()


def _distances(x: Tensor) -> Tensor:
    """Relative distances of contents `(N, D)`, `(N, N)`."""
    squared = (x[:, None] - x[None]).square().sum(-1)
    # The derivative of a root is infinite at 0.
    distances = squared.clamp(min=1e-12).sqrt()
    distances = distances * (1 - torch.eye(len(x), device=x.device))
    return distances / distances[distances > 0].mean()


def _cosines(x: Tensor) -> Tensor:
    """Cosines of the angles between contents `(N, D)`, `(N, N, N)`."""
    directions = F.normalize(x[None] - x[:, None], dim=-1)
    return torch.bmm(directions, directions.transpose(1, 2))


def perceptual_loss(
    features: nn.Module, teacher_images: Tensor, student_images: Tensor
) -> tuple[Tensor, Tensor]:
    """Style and feature term, unweighted."""
    teacher, student = features(teacher_images.detach()), features(student_images)
    style = sum(
        F.l1_loss(_gram(ours), _gram(theirs))
        for theirs, ours in zip(teacher, student, strict=True)
    )
    return style, F.l1_loss(student[1], teacher[1])


def _gram(features: Tensor) -> Tensor:
    _, channels, height, width = features.shape
    x = features.flatten(2)
    return torch.bmm(x, x.transpose(1, 2)) / (channels * height * width)


def least_squares(scores: Tensor, is_real: bool) -> Tensor:
    return F.mse_loss(scores, torch.full_like(scores, float(is_real)))
