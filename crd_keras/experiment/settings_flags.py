"""A command-line flag for each setting of an experiment."""

import dataclasses
import types
import typing

from absl import flags

from crd_keras.experiment.settings import Settings
from crd_keras.utils.errors import with_flags
from crd_keras.utils.image_size import parse_image_size

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
        elif name == "image_size":
            flags.DEFINE(_Size(), name, None, text, flag_values)
        elif takes_several(field):
            flags.DEFINE(_Integers(), name, None, text, flag_values)
        else:
            define = _DEFINE[plain_type(field.type)]
            define(name, None, text, flag_values=flag_values)


class _Integers(flags.ArgumentParser):
    """A whole number, or several with commas between them."""

    syntactic_help = "one or more integers"

    def parse(self, argument):
        if not isinstance(argument, str):
            return argument
        numbers = tuple(int(part) for part in argument.split(","))
        return numbers if len(numbers) > 1 else numbers[0]

    def flag_type(self):
        return "comma separated integers"


class _Size(flags.ArgumentParser):
    """Height and width, or one number for both."""

    syntactic_help = "one integer, or two with an x between them"

    def parse(self, argument):
        return parse_image_size(argument) if isinstance(argument, str) else argument

    def flag_type(self):
        return "image size"


def flag_text(name: str, value: object) -> str:
    """A setting's value as its flag takes it."""
    if isinstance(value, tuple):
        return ("x" if name == "image_size" else ",").join(map(str, value))
    return str(value)


def takes_several(field: dataclasses.Field) -> bool:
    """Whether a setting may be any number of numbers."""
    return any(... in typing.get_args(x) for x in typing.get_args(field.type))


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


# What errors of the data sources advise, and the flags that do the same.
_ADVICE = {
    "`folder_source(FOLDER)`": "`--data_dir=FOLDER`",
    "`paired_folder_source(FOLDER)`": "`--data_dir=FOLDER`",
    "`sample_source()`": "`--preset=quick`",
    "`paired_sample_source()`": "`--preset=quick`",
}


def argument_as_flag(message: str) -> str:
    """A message of the library, with flags in place of arguments and functions."""
    for advice, flag in _ADVICE.items():
        message = message.replace(advice, flag)
    return with_flags(message, [field.name for field in dataclasses.fields(Settings)])
