"""The content of a TFLite file of a model that has been changed."""

from typing import Any


def tflite_content(model: Any) -> bytes:
    """Packs a model again.

    Args:
        model: A `schema_py_generated.ModelT`.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    class AlignedBuffer(schema.BufferT):
        """Weights at addresses divisible by 16, as the format asks for."""

        def Pack(self, builder):
            if self.data is not None:
                data = bytes(self.data)
                builder.StartVector(1, len(data), 16)
                builder.head -= len(data)
                builder.Bytes[builder.head : builder.head + len(data)] = data
                vector = builder.EndVector()
            schema.BufferStart(builder)
            if self.data is not None:
                schema.BufferAddData(builder, vector)
            return schema.BufferEnd(builder)

    for buffer in model.buffers:
        buffer.__class__ = AlignedBuffer
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
