"""Settings of the recipes, by the names of their presets."""

from crd_keras.experiment.presets import edges2shoes, horse2zebra, summer2winter

RECIPES = {
    "horse2zebra": horse2zebra.PRESETS,
    "summer2winter": summer2winter.PRESETS,
    "edges2shoes": edges2shoes.PRESETS,
}
"""Presets of each recipe, by name, the default first."""
