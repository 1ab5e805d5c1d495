"""Summer to winter: a CycleGAN teacher, and a student with a quarter of its channels.

    python recipes/summer2winter.py                       # the paper's settings
    python recipes/summer2winter.py --preset=published    # the published program's
    python recipes/summer2winter.py --preset=quick        # on a CPU, no download

Without flags: `cycle_gan/summer2winter_yosemite` from TensorFlow Datasets at 256x256,
and else the settings of horse2zebra, with an evaluation every 6 epochs. The program's
turns are 6 epochs of the teacher and 24 of the student. A long training for a GPU; the
paper reports FID 73.57. That number has not been reproduced here yet.

With `--preset=quick` it is horse2zebra's quick preset: drawn plain and striped animals,
since neither summers nor winters come with the project. It shows that everything works.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch. `--help` lists all flags.
"""

from crd_keras.commands.train import main

if __name__ == "__main__":
    main(recipe="summer2winter")
