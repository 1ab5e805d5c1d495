"""Settings of recipes/flat2fluent.py."""

import dataclasses

from crd_keras.experiment.presets import horse2zebra

# The paper has no experiment on these images.
QUICK = dataclasses.replace(
    horse2zebra.QUICK,
    dataset="flat2fluent",
    # There are five times as many images as in the sample.
    teacher_epochs=1,
    student_epochs=1,
    epochs=6,
    decay_epochs=2,
    # In place of random features: emoji are pictures that ImageNet's features tell
    # apart, and these take a fortieth of the computation of two blocks of VGG-16.
    perceptual_features="efficientnet_lite",
    # After 20 steps, with these weights, style (7.5) and features (6.4) count about as
    # much as the relations (8.6).
    style_weight=100.0,
    feature_weight=5.0,
    metric="kid",
    evaluate_every=1,
    metric_features="efficientnet_lite",
)

PRESETS = {"quick": QUICK}
