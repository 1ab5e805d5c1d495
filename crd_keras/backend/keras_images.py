"""Operations on images in terms of Keras."""

from keras import ops


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
    widths = [(0, 0)] * 4
    for axis in _spatial_axes(data_format):
        widths[axis] = (padding, padding)
    return ops.pad(inputs, widths, mode="reflect")


def normalize_images(inputs, epsilon, data_format):
    axes = _spatial_axes(data_format)

    @ops.custom_gradient
    def normalize(x):
        x = x - _mean(x, axes)
        scale = ops.rsqrt(_mean(ops.square(x), axes) + epsilon)
        y = x * scale

        # By hand it takes half the passes over memory, and keeps `y` alone, which the
        # next layer keeps anyway.
        def backward(*args, upstream=None):
            slope = args[0] if upstream is None else upstream
            return scale * (slope - _mean(slope, axes) - y * _mean(slope * y, axes))

        return y, backward

    return normalize(inputs)


def _mean(x, axes):
    # Row by row: over all pixels at once, TensorFlow adds them up one after the other
    # and loses a digit.
    height_axis, width_axis = axes
    return ops.mean(ops.mean(x, axis=width_axis, keepdims=True), height_axis, True)


def _spatial_axes(data_format):
    return (1, 2) if data_format == "channels_last" else (2, 3)
