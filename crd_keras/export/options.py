"""What an exported file should be like."""

import dataclasses

from crd_keras.export.packages import converting_backend

# The names of `keras.Model.export`.
FORMATS = ("tf_saved_model", "litert", "onnx")
# By format.
QUANTIZATIONS = {
    "tf_saved_model": ("float32",),
    "litert": ("float32", "float16", "dynamic_int8", "full_int8"),
    "onnx": ("float32", "float16", "static_int8"),
}
# Their scales are measured on images.
MEASURED = ("full_int8", "static_int8")
PIXELS = ("float", "uint8")
# What tf2onnx can write.
OPSETS = range(14, 19)
# What PyTorch's exporter can: it has no way to an earlier one.
TORCH_OPSET = 18


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """How a generator is to be exported. See `crd_keras.export.export_model`.

    Attributes:
        format: `"tf_saved_model"`, `"litert"` or `"onnx"`.
        image_size: `(height, width)` that the file takes, or `None` for any.
        batch_size: How many images it takes at a time, or `None` for any number.
        pixels: `"float"`: images in [-1, 1], in and out. `"uint8"`: in 0-255.
        quantization: Its numbers: `"float32"`; for LiteRT also `"float16"`,
            `"dynamic_int8"` or `"full_int8"`, for ONNX `"float16"` or `"static_int8"`.
        opset_version: Version of ONNX' operators.

    Raises:
        ValueError: If one is unknown, or they do not go together.
    """

    format: str
    image_size: tuple[int, int] | None = None
    batch_size: int | None = 1
    pixels: str = "float"
    quantization: str = "float32"
    opset_version: int = 18

    def __post_init__(self) -> None:
        if self.image_size is not None:
            # As JSON has it, it is a list.
            object.__setattr__(self, "image_size", tuple(self.image_size))
        _check_choice("format", self.format, FORMATS)
        _check_choice("pixels", self.pixels, PIXELS)
        if self.quantization not in QUANTIZATIONS[self.format]:
            raise ValueError(
                f"`quantization` must be one of {QUANTIZATIONS[self.format]} for "
                f"format={self.format!r}. Received: {self.quantization!r}"
            )
        _check_opset(self.format, self.opset_version)
        if self.batch_size is not None and self.batch_size < 1:
            raise ValueError(
                "`batch_size` must be at least 1, or None for any. "
                f"Received: {self.batch_size}"
            )
        size = self.image_size
        if size is not None and (len(size) != 2 or min(size) < 1):
            raise ValueError(
                "`image_size` must be a pair (height, width), or None for any. "
                f"Received: {size}"
            )
        if self.is_measured and None in (size, self.batch_size):
            raise ValueError(
                "`image_size` and `batch_size` must be given for "
                f'"{self.quantization}", whose scales are measured at one size. '
                f"Received: {size} and {self.batch_size}"
            )

    @property
    def is_measured(self) -> bool:
        """Whether scales are measured on representative images."""
        return self.quantization in MEASURED


def _check_opset(format, version):
    by_torch = format == "onnx" and converting_backend(format) == "torch"
    if version not in ([TORCH_OPSET] if by_torch else OPSETS):
        raise ValueError(
            f"`opset_version` must be {OPSETS[0]} to {OPSETS[-1]}, and {TORCH_OPSET} "
            f"where PyTorch converts. Received: {version}"
        )


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"`{name}` must be one of {choices}. Received: {value!r}")
