"""Horses to zebras: a CycleGAN teacher, and a student with a quarter of its channels.

    python recipes/horse2zebra.py                       # the paper's settings
    python recipes/horse2zebra.py --preset=published    # the published program's
    python recipes/horse2zebra.py --preset=quick        # minutes on a CPU, no download

Without flags: `cycle_gan/horse2zebra` from TensorFlow Datasets at 256x256, batch 1,
ImageNet VGG-16, 100 epochs of teacher and student together, in which the learning rate
falls to 0, as the paper's text says. Its program trains them in turn, 10 and 40 epochs,
until the teacher has had 200: `--preset=published`. `crd settings horse2zebra` shows
both. A long training for a GPU; the paper reports FID 46.61. That number has not been
reproduced here yet.

With `--preset=quick`: drawn plain and striped animals at 64x64, small networks, random
VGG features in place of ImageNet's. It shows that everything works and learns; its
numbers say nothing about horse2zebra.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch. `--help` lists all flags.
"""

from crd_keras.commands.train import main

if __name__ == "__main__":
    main(recipe="horse2zebra")
