"""The copy of a network at its best."""

import keras


@keras.saving.register_keras_serializable(package="crd_keras")
class BestNetwork(keras.layers.Layer):
    """Remembers a network at its best, within a `CRDTrainer`.

    The copy, its score and its epoch are variables, so that checkpoints hold them.

    Args:
        network: The Keras model to remember. It is copied.
        name: Name of the layer.

    Attributes:
        network: The copy. Its weights are arbitrary as long as `exists` is False.
        score: What the network scored, 0 until then.
        epoch: The epoch it comes from, counted from 0; -1 as long as there is none.
    """

    def __init__(self, network: keras.Model, name: str):
        super().__init__(trainable=False, name=name)
        self.network = keras.models.clone_model(network)
        self.network.trainable = False
        self.score = self.add_weight(
            shape=(),
            initializer="zeros",
            trainable=False,
            name="score",
        )
        self.epoch = self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(-1),
            trainable=False,
            dtype="int32",
            name="epoch",
        )
        self.built = True

    @property
    def exists(self) -> bool:
        """Whether a network has been kept."""
        return int(self.epoch.numpy()) >= 0

    def keep(self, network: keras.Model, score: float, epoch: int) -> None:
        """Remembers the network as it is now.

        Args:
            network: A model of the same architecture.
            score: What it scored.
            epoch: The epoch it comes from, counted from 0.
        """
        self.network.set_weights(network.get_weights())
        self.score.assign(score)
        self.epoch.assign(epoch)
