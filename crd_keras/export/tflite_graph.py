"""What a TFLite file consists of, for looking at."""

import dataclasses
import pathlib
from typing import Any

from crd_keras.export.runtimes.import_litert import import_litert


@dataclasses.dataclass(frozen=True)
class TFLiteTensor:
    """A tensor of the main graph.

    Attributes:
        shape: Its sizes, -1 where any will do.
        dtype: Its numbers, as the format calls them, such as `"FLOAT32"`.
        is_constant: Whether its numbers are in the file.
        scale: What a whole number stands for, or `None` where channels have scales of
            their own, or numbers are not quantized.
    """

    shape: tuple[int, ...]
    dtype: str
    is_constant: bool
    scale: float | None


@dataclasses.dataclass(frozen=True)
class TFLiteOperator:
    """An operator of the main graph.

    Attributes:
        name: The format's name for it, such as `"CONV_2D"`.
        inputs: Its operands, without those that are left out.
        outputs: Its results.
    """

    name: str
    inputs: tuple[TFLiteTensor, ...]
    outputs: tuple[TFLiteTensor, ...]

    @property
    def activations(self) -> tuple[TFLiteTensor, ...]:
        """The tensors that are computed: all but constants."""
        tensors = (*self.inputs, *self.outputs)
        return tuple(tensor for tensor in tensors if not tensor.is_constant)


@dataclasses.dataclass(frozen=True)
class TFLiteGraph:
    """The main graph of a file.

    Attributes:
        operators: In the order in which they run.
        inputs: What goes in.
        outputs: What comes out.
    """

    operators: tuple[TFLiteOperator, ...]
    inputs: tuple[TFLiteTensor, ...]
    outputs: tuple[TFLiteTensor, ...]


def read_tflite_graph(path: pathlib.Path) -> TFLiteGraph:
    """Reads the main graph of a file.

    Args:
        path: The file.

    Raises:
        ImportError: If LiteRT is not installed.
        OSError: If the file cannot be read.
        ValueError: If it is no TFLite file, or a damaged one.
    """
    schema = import_litert("schema_py_generated")
    content = path.read_bytes()
    try:
        # Of four bytes at the start the format says what it is.
        if not schema.Model.ModelBufferHasIdentifier(content, 0):
            raise ValueError("the identifier TFL3 is missing")
        model = schema.ModelT.InitFromPackedBuf(content)
        graph = model.subgraphs[0]
        tensors = _tensors(model, graph)
        names = operator_names(model)
        return TFLiteGraph(
            tuple(
                TFLiteOperator(
                    names[operator.opcodeIndex],
                    tuple(tensors[i] for i in operator.inputs if i >= 0),
                    tuple(tensors[i] for i in operator.outputs),
                )
                for operator in graph.operators
            ),
            tuple(tensors[i] for i in graph.inputs),
            tuple(tensors[i] for i in graph.outputs),
        )
    # What reading wherever damaged numbers point raises.
    except Exception as error:
        raise ValueError(
            f"{path} is no TFLite file, or a damaged one: {error}"
        ) from error


def operator_names(model: Any) -> list[str]:
    """The format's names of the operators, by the numbers that the graph has for them.

    Args:
        model: A file's content, a `schema_py_generated.ModelT`.
    """
    schema = import_litert("schema_py_generated")
    codes = {code: name for name, code in vars(schema.BuiltinOperator).items()}
    # New codes do not fit the old field, and old files lack the new one.
    return [
        codes[max(code.builtinCode, code.deprecatedBuiltinCode)]
        for code in model.operatorCodes
    ]


def _tensors(model, graph):
    schema = import_litert("schema_py_generated")
    types = {code: name for name, code in vars(schema.TensorType).items()}
    tensors = []
    for tensor in graph.tensors:
        data = model.buffers[tensor.buffer].data
        is_constant = data is not None and len(data) > 0
        # With free sizes, `shape` has ones in their place.
        shape = tensor.shape if tensor.shapeSignature is None else tensor.shapeSignature
        scales = tensor.quantization and tensor.quantization.scale
        tensors.append(
            TFLiteTensor(
                () if shape is None else tuple(map(int, shape)),
                types[tensor.type],
                is_constant,
                float(scales[0]) if scales is not None and len(scales) == 1 else None,
            )
        )
    return tensors
