"""Summer to winter: a CycleGAN teacher, and a student with a quarter of its channels.

    python recipes/summer2winter.py                   # the paper's settings
    python recipes/summer2winter.py --preset=quick    # minutes on a CPU, no download

Without flags: `cycle_gan/summer2winter_yosemite` from TensorFlow Datasets at 256x256,
and else the settings of horse2zebra, with an evaluation every 6 epochs. A long training
for a GPU; the paper reports FID 73.57. That number has not been reproduced here yet.

With `--preset=quick` it is horse2zebra's quick preset: drawn plain and striped animals,
since neither summers nor winters come with the project. It shows that everything works.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch. `--help` lists all flags.
"""

import dataclasses

from crd_keras.commands.train import main
from crd_keras.experiment.presets import horse2zebra

PAPER = dataclasses.replace(
    horse2zebra.PAPER, dataset="cycle_gan/summer2winter_yosemite", evaluate_every=6
)

PRESETS = {"paper": PAPER, "quick": horse2zebra.QUICK}

if __name__ == "__main__":
    main("summer2winter", PRESETS)
