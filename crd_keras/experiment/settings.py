"""The settings of an experiment: one dataclass, each field a command-line flag."""

import dataclasses
import re
import types
import typing

from absl import flags

from crd_keras.utils.validation import check_above, check_at_least


def _setting(
    default: object,
    help_text: str,
    *,
    least: int | None = None,
    above: int | None = None,
    choices: tuple[str, ...] | None = None,
) -> typing.Any:
    """A field of `Settings`.

    Args:
        default: Its default.
        help_text: What the flag's help says.
        least: The least number that it may be.
        above: The number that it must be greater than.
        choices: The texts that it may be.
    """
    metadata = {"help": help_text, "least": least, "above": above, "choices": choices}
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What an experiment does. The defaults are the paper's for horse2zebra."""

    # Data
    dataset: str = _setting(
        "cycle_gan/horse2zebra",
        'Data set of TensorFlow Datasets, or "sample" for the built-in one. Not used '
        "with --data_dir.",
    )
    data_dir: str | None = _setting(
        None,
        "Folder with trainA, trainB, testA and testB to train on instead. For "
        "--gan=pix2pix their names match, or it has train and test of pictures A|B.",
    )
    on_corrupt: str = _setting(
        "refuse",
        'What to do with corrupt images of --data_dir: "refuse" or "skip".',
        choices=("refuse", "skip"),
    )
    direction: str = _setting(
        "AtoB",
        '"AtoB" or "BtoA": which domain is translated to which.',
        choices=("AtoB", "BtoA"),
    )
    image_size: int = _setting(
        256, "Height and width of the images in pixels.", least=1
    )
    batch_size: int = _setting(1, "Images of each domain in a step.", least=1)
    cache_mebibytes: int = _setting(
        1024,
        "Memory in MiB for resized images; others are read anew in each epoch.",
        least=0,
    )
    augmentation: str = _setting(
        "none",
        'What is done to training images after crop and flip: "none", or some of '
        "color_jitter (brightness, contrast, saturation and hue), each of these four, "
        "rotation, zoom, cutout. By keras-cv; pairs are changed alike.",
    )

    # Networks
    gan: str = _setting(
        "cycle_gan",
        'The teacher: "cycle_gan", or "pix2pix", which needs pairs.',
        choices=("cycle_gan", "pix2pix"),
    )
    generator: str = _setting(
        "mobile_resnet",
        'Architecture of teacher and student: "mobile_resnet", "resnet" or "unet".',
        choices=("mobile_resnet", "resnet", "unet"),
    )
    teacher_filters: int = _setting(
        64, "Filters of the teacher's first layer.", least=1
    )
    teacher_weights: str | None = _setting(
        None,
        "File of a teacher's generator to start from: .keras, .weights.h5, or a "
        "PyTorch checkpoint (docs/pytorch_checkpoints.md). Trained on, or fixed with "
        "--schedule=student_only.",
    )
    student_filters: int = _setting(
        16, "Filters of the student's first layer.", least=1
    )
    blocks: int = _setting(9, "Residual blocks of ResNets.", least=1)
    downs: int = _setting(8, "How often a U-Net halves the image.", least=1)
    discriminator_filters: int = _setting(64, "Filters of the discriminators.", least=1)
    discriminator_layers: int = _setting(3, "Layers of the discriminators.", least=1)
    discriminator_norm: str = _setting(
        "instance",
        'Normalisation in the discriminators: "instance" or "batch".',
        choices=("instance", "batch"),
    )

    # Training
    epochs: int = _setting(200, "Passes through the larger domain.", least=1)
    decay_epochs: int = _setting(
        100, "Over how many of the last epochs the learning rate falls to 0.", least=0
    )
    learning_rate: float = _setting(2e-4, "Learning rate of the three Adams.", above=0)
    max_steps: int | None = _setting(
        None, "Stop after this many steps, to try something out.", least=1
    )
    schedule: str = _setting(
        "joint",
        '"joint": teacher and student in each step; "phased": 10 epochs of the '
        'teacher, then 40 of the student, and so on; "student_only": the teacher of '
        "--teacher_weights stays as it is.",
        choices=("joint", "phased", "student_only"),
    )
    precision: str = _setting(
        "float32",
        'Numbers that the networks compute in: "float32", "mixed_bfloat16" or '
        '"mixed_float16". Weights, relations and statistics stay float32.',
        choices=("float32", "mixed_bfloat16", "mixed_float16"),
    )
    devices: int = _setting(
        1,
        "Devices that share each batch: GPUs, or CPUs without one. On PyTorch start "
        "one process for each with torchrun (docs/devices.md).",
        least=1,
    )
    seed: int = _setting(
        0, "Seed of weights, order, crops and everything random.", least=0
    )

    # Losses
    distillation: str = _setting(
        "content_relation,perceptual",
        'What the student learns from the teacher: "none", or some of '
        "content_relation, perceptual, instance_relation (RKD, batches of 3 or more), "
        "pixel_l1, pixel_l2, wavelet, omgd (with --discriminator_regime=none), "
        "feature, channel; each with a weight of its own if given as NAME=WEIGHT.",
    )
    relation_weight: float = _setting(25.0, "Weight of the content relations.", least=0)
    relation_reduction: str = _setting(
        "mean",
        'How the images of a batch are joined: "mean" or "sum".',
        choices=("mean", "sum"),
    )
    contents: str = _setting("row,column,patch", "The contents that are compared.")
    patch_size: int = _setting(32, "Side of a patch in pixels.", least=1)
    distance_weight: float = _setting(1.0, "Weight of the distances.", least=0)
    angle_weight: float = _setting(2.0, "Weight of the angles.", least=0)
    perceptual_weight: float = _setting(1.0, "Weight of the perceptual loss.", least=0)
    style_weight: float = _setting(
        1e4, "Weight of style in the perceptual loss.", least=0
    )
    feature_weight: float = _setting(10.0, "Weight of features in it.", least=0)
    vgg_weights: str = _setting(
        "imagenet",
        'Weights of VGG-16: "imagenet" (a download by Keras), the path of a file, '
        '"random", or "none" for no perceptual loss.',
    )
    vgg_layout: str = _setting(
        "keras",
        'Whose weights --vgg_weights are: "keras", or "torchvision" for a converted '
        "file.",
        choices=("keras", "torchvision"),
    )
    vgg_blocks: int = _setting(
        4, "Blocks of VGG-16 to look through; fewer are faster.", least=1
    )
    adversarial_weight: float = _setting(
        1.0, "Weight of the student's adversarial loss.", least=0
    )
    discriminator_regime: str = _setting(
        "updating-freezing",
        'The discriminator for the student: "updating-freezing", "updating" or "none".',
        choices=("updating-freezing", "updating", "none"),
    )
    discriminator_weights: str | None = _setting(
        None,
        "File of a pretrained discriminator of the target domain, of the same kinds as "
        "--teacher_weights.",
    )

    # Evaluation
    metric: str = _setting(
        "fid",
        'What the best teacher and the best student are chosen by: "fid", "kid", '
        '"swd" (sliced Wasserstein distance, which needs no weights), or, of pairs, '
        '"mae", "psnr" or "ssim".',
        choices=("fid", "kid", "swd", "mae", "psnr", "ssim"),
    )
    inception_weights: str = _setting(
        "pytorch-fid",
        'Features for FID and KID: "pytorch-fid" (a download), the path of its .pth '
        'file, "keras" (InceptionV3 of Keras, a download), or "random".',
    )
    reference_split: str = _setting(
        "trainB+testB",
        "What the translated testA is compared with. The paper: all of the target "
        "domain.",
    )
    evaluate_every: int = _setting(
        10, "The best teacher and student are looked for every so many epochs.", least=1
    )

    # Output
    output_dir: str = _setting(
        "", "Folder of the run. Default: runs/RECIPE-PRESET of the current folder."
    )
    resume: bool = _setting(False, "Go on with the run in --output_dir.")
    checkpoint_minutes: float = _setting(
        30.0,
        "Minutes from checkpoint to checkpoint within an epoch; each epoch ends with "
        "one.",
        above=0,
    )
    profile: bool = _setting(
        False, "Write a profile of a few steps to the folder's `profile`."
    )
    grid_every: int = _setting(5, "Epochs from picture to picture.", least=1)


_DEFINE = {
    str: flags.DEFINE_string,
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    bool: flags.DEFINE_bool,
}


def define_flags(
    settings_class: type[Settings], flag_values: flags.FlagValues = flags.FLAGS
) -> None:
    """Defines a flag for each field. A flag that is not given leaves the preset's."""
    for field in dataclasses.fields(settings_class):
        define = _DEFINE[_plain_type(field.type)]
        define(field.name, None, field.metadata["help"], flag_values=flag_values)


def settings_from_flags(
    preset: Settings, flag_values: flags.FlagValues = flags.FLAGS
) -> Settings:
    """The preset with what was given on the command line."""
    given = {
        field.name: flag_values[field.name].value
        for field in dataclasses.fields(preset)
        if flag_values[field.name].value is not None
    }
    return dataclasses.replace(preset, **given)


def _plain_type(annotation: typing.Any) -> type:
    """`int` of `int | None`."""
    if isinstance(annotation, types.UnionType):
        return typing.get_args(annotation)[0]
    return annotation


def check_settings(settings: Settings) -> None:
    """Raises a `ValueError` that names the first flag whose value it cannot have."""
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if value is None:
            continue
        given = {f"--{field.name}": value}
        least, above, choices = map(field.metadata.get, ("least", "above", "choices"))
        if least is not None:
            check_at_least(least, **given)
        if above is not None:
            check_above(above, **given)
        if choices is not None and value not in choices:
            raise ValueError(
                f"`--{field.name}` must be one of {', '.join(choices)}. "
                f"Received: {value}"
            )


def argument_as_flag(message: str) -> str:
    """A message of the library, its arguments named as flags where they are flags."""
    names = {field.name for field in dataclasses.fields(Settings)}

    def as_flag(match):
        return f"`--{match[1]}`" if match[1] in names else match[0]

    return re.sub(r"`(\w+)`", as_flag, message)
