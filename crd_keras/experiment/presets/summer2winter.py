"""Settings of recipes/summer2winter.py."""

import dataclasses

from crd_keras.experiment.presets import horse2zebra

PAPER = dataclasses.replace(
    horse2zebra.PAPER, dataset="cycle_gan/summer2winter_yosemite", evaluate_every=6
)

PRESETS = {"paper": PAPER, "quick": horse2zebra.QUICK}
