"""Settings of recipes/summer2winter.py. How they differ: see the package."""

import dataclasses

from crd_keras.experiment.presets import horse2zebra

PAPER = dataclasses.replace(
    horse2zebra.PAPER, dataset="cycle_gan/summer2winter_yosemite", evaluate_every=6
)

# 34 turns: 204 epochs of the teacher and the program's 816 of the student.
PUBLISHED = dataclasses.replace(
    PAPER,
    schedule="phased",
    epochs=34 * (6 + 24),
    teacher_epochs=6,
    student_epochs=24,
)

PRESETS = {"paper": PAPER, "published": PUBLISHED, "quick": horse2zebra.QUICK}
