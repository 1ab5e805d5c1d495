import keras
import numpy as np
import pytest
from keras import ops

from crd_keras.backend import StepMixin, default_jit_compile, value_and_grad

EPSILON = 1e-3
MOMENTUM = 0.9


def batch():
    return np.random.default_rng(0).normal(size=(6, 3)).astype("float32")


class Step(StepMixin, keras.Model):
    """A step that applies no gradients but keeps them, to be looked at."""

    def __init__(self, network, loss, variables):
        super().__init__()
        self.network = network
        self.loss_of = loss
        self.differentiated = variables
        self.kept = [self.add_weight(shape=v.shape, trainable=False) for v in variables]
        self.built = True

    def update(self, data):
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        (loss, auxiliary), gradients = value_and_grad(
            lambda: self.loss_of(x), self.differentiated
        )
        for variable, gradient in zip(self.kept, gradients, strict=True):
            variable.assign(gradient)
        return {"loss": loss, "auxiliary": auxiliary}


def run(network, loss, variables, run_eagerly=False):
    """The logs and the gradients of one step on the batch."""
    step = Step(network, loss, variables)
    step.compile(
        optimizer="sgd", jit_compile=default_jit_compile(), run_eagerly=run_eagerly
    )
    logs = step.train_on_batch(batch(), return_dict=True)
    gradients = [ops.convert_to_numpy(variable) for variable in step.kept]
    return {name: float(value) for name, value in logs.items()}, gradients


def network():
    """`a . normalised(x) + b`, and the weights `a`, of shape (3, 1), and `b`."""
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON),
            keras.layers.Dense(1),
        ]
    )
    weights = [0.5, -1.0, 2.0]
    model.layers[-1].set_weights([np.array(weights)[:, None], np.array([0.25])])
    return model


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_batch_normalisation(run_eagerly):
    model = network()
    norm, dense = model.layers
    variables = [dense.kernel, dense.bias, norm.gamma, norm.beta]

    def loss(x):
        y = model(x, training=True)
        return ops.mean(ops.square(y)), ops.max(y)

    logs, gradients = run(model, loss, variables, run_eagerly)

    x = np.float64(batch())
    normalised = (x - x.mean(0)) / np.sqrt(x.var(0) + EPSILON)
    kernel = np.array([[0.5], [-1.0], [2.0]])
    y = normalised @ kernel + 0.25
    gradient = 2 * y / y.size
    assert logs["loss"] == pytest.approx((y**2).mean(), rel=1e-5)
    assert logs["auxiliary"] == pytest.approx(y.max(), rel=1e-5)
    for result, expected in zip(
        gradients,
        [
            normalised.T @ gradient,
            gradient.sum(0),
            (gradient * normalised).sum(0) * kernel[:, 0],
            gradient.sum() * kernel[:, 0],
        ],
        strict=True,
    ):
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)
    # Moved once: from 0 and from 1.
    mean, variance = norm.moving_mean.numpy(), norm.moving_variance.numpy()
    np.testing.assert_allclose(mean, (1 - MOMENTUM) * x.mean(0), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(
        variance, MOMENTUM + (1 - MOMENTUM) * x.var(0), rtol=1e-5
    )


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_dropout(run_eagerly):
    dropout = keras.layers.Dropout(0.5, seed=3)
    dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = keras.Sequential([keras.Input((3,)), dropout, dense])
    before = ops.convert_to_numpy(dropout.seed_generator.state)

    def loss(x):
        y = model(x, training=True)
        return ops.sum(y), ops.sum(ops.square(y))

    logs, (gradient,) = run(model, loss, [dense.kernel], run_eagerly)
    # Each number is dropped or doubled: value and gradient tell of one and the same.
    assert logs["loss"] == pytest.approx(gradient.sum(), rel=1e-5)
    for column, result in zip(np.float64(batch()).T, gradient[:, 0], strict=True):
        masks = np.array(np.meshgrid(*[[0, 2]] * 6)).reshape(6, -1)
        assert np.abs(column @ masks - result).min() < 1e-5
    # The random numbers move on, by one draw.
    after = ops.convert_to_numpy(dropout.seed_generator.state)
    np.testing.assert_array_equal(after.astype("int64") - before, [0, 1])


def test_variables_that_the_loss_does_not_depend_on_get_zeros():
    model = network()
    dense = model.layers[-1]
    apart = keras.Variable(np.ones((2, 2)), name="apart")
    step_variables = [apart, dense.bias]

    def loss(x):
        return ops.sum(model(x, training=False)), 0.0

    with keras.StatelessScope():
        (value, _), gradients = value_and_grad(lambda: loss(batch()), step_variables)
    unused, bias = map(ops.convert_to_numpy, gradients)
    np.testing.assert_array_equal(unused, np.zeros((2, 2)))
    np.testing.assert_allclose(bias, [6])
    expected = ops.convert_to_numpy(model(batch(), training=False)).sum()
    assert float(value) == pytest.approx(expected, rel=1e-5)


def test_only_the_given_variables_are_differentiated():
    model = network()
    norm, dense = model.layers
    _, gradients = run(
        model, lambda x: (ops.sum(model(x, training=True)), 0.0), [dense.bias]
    )
    assert len(gradients) == 1
    np.testing.assert_allclose(gradients[0], [6], rtol=1e-6)
    # The weights themselves stay as they were.
    np.testing.assert_array_equal(dense.bias.numpy(), [0.25])
    np.testing.assert_array_equal(norm.gamma.numpy(), np.ones(3))
