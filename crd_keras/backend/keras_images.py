"""Operations on images in terms of Keras."""

from keras import ops

from crd_keras.backend import custom_gradient


def conv(inputs, kernel, bias, strides, padding, dilation_rate, data_format):
    x = ops.conv(inputs, kernel, strides, padding, data_format, dilation_rate)
    return _add_bias(x, bias, data_format)


def depthwise_conv(inputs, kernel, bias, strides, padding, dilation_rate, data_format):
    x = ops.depthwise_conv(inputs, kernel, strides, padding, data_format, dilation_rate)
    return _add_bias(x, bias, data_format)


def _add_bias(x, bias, data_format):
    if bias is None:
        return x
    if data_format == "channels_last":
        return ops.add(x, bias)
    # On TensorFlow, `ops.add` takes a bias for one of columns if there are as many.
    return x + ops.reshape(bias, (1, -1, 1, 1))


def reflection_pad(inputs, padding, data_format):
    axes = _spatial_axes(data_format)
    if any(
        inputs.shape[axis] is None or inputs.shape[axis] < 2 * padding + 2
        for axis in axes
    ):
        widths = [(0, 0)] * 4
        for axis in axes:
            widths[axis] = (padding, padding)
        return ops.pad(inputs, widths, mode="reflect")

    # TensorFlow's own mirroring takes several times as long, its gradient ten times.
    @custom_gradient
    def pad(x):
        for axis in axes:
            x = _mirror(x, padding, axis)

        def backward(gradient):
            for axis in axes:
                gradient = _fold(gradient, padding, axis)
            return gradient

        return x, backward

    return pad(inputs)


def _mirror(x, padding, axis):
    """`[a, b, .., y, z]` to `[b, a, b, .., y, z, y]` for a padding of 1."""
    size = x.shape[axis]
    before = _part(x, axis, 1, padding + 1)
    after = _part(x, axis, size - padding - 1, size - 1)
    parts = [ops.flip(before, axis), x, ops.flip(after, axis)]
    return ops.concatenate(parts, axis)


def _fold(gradient, padding, axis):
    """Gradient of `_mirror`: adds what was mirrored to what it mirrors."""
    size = gradient.shape[axis] - 2 * padding
    first, last = padding, padding + size - 1  # Where the image begins and ends.
    before = ops.flip(_part(gradient, axis, 0, first), axis)
    after = ops.flip(_part(gradient, axis, last + 1, None), axis)
    parts = [
        _part(gradient, axis, first, first + 1),
        _part(gradient, axis, first + 1, first + 1 + padding) + before,
        _part(gradient, axis, first + 1 + padding, last - padding),
        _part(gradient, axis, last - padding, last) + after,
        _part(gradient, axis, last, last + 1),
    ]
    return ops.concatenate(parts, axis)


def _part(x, axis, start, stop):
    return x[(slice(None),) * axis + (slice(start, stop),)]


def normalize_images(inputs, epsilon, data_format):
    axes = _spatial_axes(data_format)

    @custom_gradient
    def normalize(x):
        x = x - _mean(x, axes)
        scale = ops.rsqrt(_mean(ops.square(x), axes) + epsilon)
        y = x * scale

        # By hand it takes half the passes over memory, and keeps `y` alone, which the
        # next layer keeps anyway.
        def backward(gradient):
            return scale * (
                gradient - _mean(gradient, axes) - y * _mean(gradient * y, axes)
            )

        return y, backward

    return normalize(inputs)


def _mean(x, axes):
    # Row by row: over all pixels at once, TensorFlow adds them up one after the other
    # and loses a digit.
    height_axis, width_axis = axes
    return ops.mean(ops.mean(x, axis=width_axis, keepdims=True), height_axis, True)


def _spatial_axes(data_format):
    return (1, 2) if data_format == "channels_last" else (2, 3)
