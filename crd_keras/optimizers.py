"""Several optimizers as the one that a Keras model has."""

import keras


class OptimizerGroup(keras.optimizers.MultiOptimizer):
    """Holds one optimizer for each group of variables.

    `CRDTrainer` applies the members one by one. The group is what Keras knows: it
    builds them, moves their variables through a compiled step and saves them.

    Args:
        groups: Pairs of an optimizer and the Keras variables that it updates.
    """

    def __init__(
        self, groups: list[tuple[keras.optimizers.Optimizer, list[keras.Variable]]]
    ):
        member_of = {
            id(variable): optimizer
            for optimizer, variables in groups
            for variable in variables
        }
        super().__init__(lambda variable: member_of[id(variable)])
        self.build([variable for _, variables in groups for variable in variables])

    def save_own_variables(self, store):
        """Nothing: the members are saved by themselves, and once is enough."""

    def load_own_variables(self, store):
        pass
