"""Flat emoji to emoji in 3-D: real images that anyone can have.

    python recipes/flat2fluent.py                  # unpaired: 6 epochs of 1,390 steps
    python recipes/flat2fluent.py --gan=pix2pix    # the same emoji in pairs
    python recipes/flat2fluent.py --gan=pix2pix --dataset=edges2fluent    # from edges
    python recipes/flat2fluent.py --epochs=2 --decay_epochs=0    # a first look

In turn, 3 epochs of the teacher and 3 of the student: 10 minutes with data and report
on two cores, of which another program used one meanwhile. It is a first look, too short
for a good teacher: KID x 1000 is 36 for the flat emoji themselves, which are as sharp
as those in 3-D, 63 for the teacher and 90 for the student; against the true pictures
the mean absolute error is 45.9, 43.2 and 44.7 grey levels.

Twemoji (drawn flat) to Fluent Emoji (rendered in 3-D): 1,390 training images of each
domain and 217 test images at 64x64, small networks, a CycleGAN teacher. npm, which
comes with Node.js, fetches the pictures once (17 MB), and pip what draws and compares
them: `pip install "crd_keras[flat2fluent,features]"`. The paper has no such experiment.

The true picture of each test image is known. So an unpaired run, too, is scored against
it (MAE, PSNR, SSIM), besides KID and FID in the features of EfficientNet-Lite0, which
are not the Inception's.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch. `--help` lists all flags.
"""

from crd_keras.commands.train import main

if __name__ == "__main__":
    main(recipe="flat2fluent")
