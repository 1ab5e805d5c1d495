"""Scores of translations whose ground truth is known."""

import numpy as np
import pytest

from crd_keras.data.sample.score import ground_truth_score

pytestmark = pytest.mark.any_backend


def test_numbers():
    images = np.zeros((1, 2, 2, 3))
    masks = np.array([[[True, False], [False, False]]])
    ground_truth = images.copy()
    ground_truth[0, 0, 0] = 1.0
    translated = images.copy()
    translated[0, 0, 0] = 0.8
    translated[0, 1, 1] = -0.3
    score = ground_truth_score(images, translated, ground_truth, masks)
    assert score.object_error == pytest.approx(0.2 * 127.5)
    assert score.object_change == pytest.approx(0.8 * 127.5)
    assert score.background_change == pytest.approx(0.1 * 127.5)


def test_shapes_must_fit():
    images = np.zeros((2, 4, 4, 3))
    with pytest.raises(ValueError, match="`masks` of .*Received: .*\\(2, 4, 5\\)"):
        ground_truth_score(images, images, images, np.zeros((2, 4, 5)))
