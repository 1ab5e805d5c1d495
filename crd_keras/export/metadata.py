"""The record of a generator's pictures in the metadata of exported files.

| format | where |
| --- | --- |
| ONNX | `metadata_props`, the entry `crd_keras` |
| TFLite | `Model.metadata`, the entry `crd_keras` |
| SavedModel | the file `assets.extra/crd_keras.json`, which TensorFlow leaves alone |

It is JSON: `{"image_size": [height, width], "framing": ..., "channels": [source,
target], "background": ...}`.
"""

import pathlib

from crd_keras.export.tflite_content import tflite_content
from crd_keras.models.picture_record import KEY, PictureRecord


def write_metadata(path: pathlib.Path, format: str, record: PictureRecord) -> None:
    """Writes a record into an exported file.

    Args:
        path: The file or folder. It is changed in place.
        format: `"tf_saved_model"`, `"litert"` or `"onnx"`.
        record: The record.
    """
    {"tf_saved_model": _saved_model, "litert": _tflite, "onnx": _onnx}[format](
        path, record
    )


def read_metadata(path: pathlib.Path) -> PictureRecord | None:
    """The record of an exported file, `None` where there is none.

    Args:
        path: A file that ends with `.onnx` or `.tflite`, or a SavedModel's folder.

    Raises:
        ImportError: If the package that reads the file is not installed.
        ValueError: If the record is damaged.
    """
    if path.suffix == ".onnx":
        import onnx

        properties = onnx.load(path, load_external_data=False).metadata_props
        texts = [entry.value for entry in properties if entry.key == KEY]
    elif path.suffix == ".tflite":
        from ai_edge_litert import schema_py_generated as schema

        model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
        texts = [
            bytes(model.buffers[entry.buffer].data)
            for entry in model.metadata or []
            if entry.name == KEY.encode()
        ]
    else:
        file = _extra_file(path)
        texts = [file.read_text()] if file.exists() else []
    return PictureRecord.from_json(texts[0]) if texts else None


def _saved_model(path, record):
    file = _extra_file(path)
    file.parent.mkdir(exist_ok=True)
    file.write_text(record.to_json())


def _extra_file(path):
    return path / "assets.extra" / f"{KEY}.json"


def _onnx(path, record):
    import onnx

    graph = onnx.load(path)
    onnx.helper.set_model_props(graph, {KEY: record.to_json()})
    onnx.save(graph, path)


def _tflite(path, record):
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = list(record.to_json().encode())
    entry.name, entry.buffer = KEY, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    path.write_bytes(tflite_content(model))
