"""Settings of the recipes, by the names of their presets."""

from crd_keras.experiment.presets import (
    edges2shoes,
    flat2fluent,
    horse2zebra,
    summer2winter,
)

RECIPES = {
    "horse2zebra": horse2zebra.PRESETS,
    "summer2winter": summer2winter.PRESETS,
    "edges2shoes": edges2shoes.PRESETS,
    "flat2fluent": flat2fluent.PRESETS,
}
"""Presets of each recipe, by name, the default first."""
