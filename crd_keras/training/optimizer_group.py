"""The optimizers of a trainer."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras


class OptimizerGroup(keras.optimizers.Optimizer):
    """Holds one optimizer for each group of variables.

    `CRDTrainer` applies the members one by one. The group is what Keras knows: it
    builds them, moves their variables through a compiled step and saves them.
    (`keras.optimizers.MultiOptimizer` means the same, but takes no member that scales
    its loss.)

    Args:
        groups: Pairs of an optimizer and the Keras variables that it updates.
    """

    def __init__(
        self, groups: list[tuple[keras.optimizers.Optimizer, list[keras.Variable]]]
    ):
        super().__init__(learning_rate=0.0)
        self.optimizers = [optimizer for optimizer, _ in groups]
        for optimizer, variables in groups:
            optimizer.build(variables)
        self.build([variable for _, variables in groups for variable in variables])

    @property
    def variables(self) -> list[keras.Variable]:
        members = [v for optimizer in self.optimizers for v in optimizer.variables]
        return super().variables + members

    def save_own_variables(self, store: Any) -> None:
        """Saves nothing, as the trainer saves the members themselves."""

    def load_own_variables(self, store: Any) -> None:
        pass


def make_optimizers(
    generator: keras.optimizers.Optimizer | str | None,
    discriminator: keras.optimizers.Optimizer | str | None,
    student: keras.optimizers.Optimizer | str | Mapping[str, Any] | None,
    students: Sequence[str],
) -> dict[str, keras.optimizers.Optimizer]:
    """The optimizers by what they train, from the arguments of `CRDTrainer.compile`.

    Args:
        generator: `generator_optimizer`.
        discriminator: `discriminator_optimizer`.
        student: `student_optimizer`.
        students: The students' names.

    Returns:
        Those of `"generator"`, `"discriminator"` and `"students/NAME"`.

    Raises:
        ValueError: If two are one object, or the names in a dict are not the students'.
    """
    if isinstance(student, Mapping):
        if set(student) != set(students):
            raise ValueError(
                "`student_optimizer` must be an optimizer or a dict that names the "
                f"students, {tuple(students)}. Received: {tuple(student)}"
            )
        of_students = [_optimizer(student[name]) for name in students]
    else:
        first = _optimizer(student)
        copies = (type(first).from_config(first.get_config()) for _ in students[1:])
        of_students = [first, *copies]
    optimizers = {
        "generator": _optimizer(generator),
        "discriminator": _optimizer(discriminator),
        **{f"students/{k}": x for k, x in zip(students, of_students, strict=True)},
    }
    if len({id(optimizer) for optimizer in optimizers.values()}) < len(optimizers):
        raise ValueError(
            "`generator_optimizer`, `discriminator_optimizer` and `student_optimizer` "
            "must be three instances. Received: "
            f"{[optimizer.name for optimizer in optimizers.values()]}, some of them "
            "the same object"
        )
    return optimizers


def _optimizer(identifier):
    if identifier is None:
        # The paper's.
        return keras.optimizers.Adam(2e-4, beta_1=0.5)
    return keras.optimizers.get(identifier)
