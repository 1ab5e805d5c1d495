"""Settings of the recipes, by the names of their presets.

`paper` is what the text says, `published` what the authors' program does
(https://github.com/TheKernelZ/CRD, with the trainer of
https://github.com/bytedance/OMGD), `quick` small networks on small images.
`crd settings` prints all three. Where text and program differ:

| | paper | program, CycleGAN | program, Pix2Pix |
| --- | --- | --- | --- |
| schedule | together | in turn, 10 and 40 epochs (6 and 24) | in each step |
| epochs of the teacher | 100 | 200 | 200 |
| its rate falls | in all | in the last 100 | in the last 100 |
| epochs of the student | 100 | 800 (816) | 200 |
| adversarial loss of the student | 1 | 1 | 0 |
| perceptual loss | 1 | 1 | 2 |
| relations of a batch | not said | batch of 1 | summed |

In brackets: summer2winter. The program cuts its last turn there to 2 epochs of the
teacher, 200 in all; `published` trains whole turns, 204 epochs.

`published` leaves out what are faults of the program. It compares 3 channels of one
patch in place of all patches (Pix2Pix), lets a better FID of B to A replace the
teacher of A to B, and truncates images to 8 bits where others round. Of the program it
also lacks the evaluations every 25,000 steps. And with Pix2Pix the student imitates
the best teacher so far, as in the paper: the program's imitates the current one.

References:

- [Exploring Content Relationships for Distilling Efficient GANs](
  https://arxiv.org/abs/2212.11091), arXiv:2212.11091
- [Online Multi-Granularity Distillation for GAN Compression](
  https://arxiv.org/abs/2108.06908), arXiv:2108.06908
"""

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
