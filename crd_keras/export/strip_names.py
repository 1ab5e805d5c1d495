"""Smaller TFLite files."""


def strip_names(content: bytes) -> bytes:
    """Takes the names of tensors, which nobody reads, out of a TFLite file.

    In a student of 16 filters they are a seventh of the file. The names of inputs and
    outputs stay.

    Args:
        content: The file.

    Returns:
        The new file.
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

    model = schema.ModelT.InitFromPackedBuf(content)
    for buffer in model.buffers:
        buffer.__class__ = AlignedBuffer
    for graph in model.subgraphs:
        ends = {*graph.inputs, *graph.outputs}
        for index, tensor in enumerate(graph.tensors):
            if index not in ends:
                tensor.name = None
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
