"""Edges to shoes: a Pix2Pix teacher, and a student with a quarter of its channels.

    python recipes/edges2shoes.py                       # the paper's settings
    python recipes/edges2shoes.py --preset=published    # the published program's
    python recipes/edges2shoes.py --preset=quick        # minutes on a CPU, no download

Without flags: `pix2pix/edges2shoes-r` (this project's builder for TensorFlow Datasets)
at 256x256, batch 4, U-Nets with batch normalisation, hinge loss and 100 * L1 for the
teacher, ImageNet VGG-16, 100 epochs in which the learning rate falls to 0, relations
summed over the batch with a weight of 2.5. The published program has 100 epochs at a
constant rate before, twice the perceptual loss, and no adversarial loss of the student:
`--preset=published`. The data are those of its scores, GAN Compression's division of
edges2shoes with 2,048 test images. A long training for a GPU; the paper reports FID
24.35. That number has not been reproduced here yet.

With `--preset=quick`: drawn animals, plain and striped, at 64x64, small
networks, random VGG features in place of ImageNet's. It shows that everything works and
learns; its numbers say nothing about edges2shoes.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch. `--help` lists all flags.
"""

from crd_keras.commands.train import main

if __name__ == "__main__":
    main(recipe="edges2shoes")
