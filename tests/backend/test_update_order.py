"""Whether TensorFlow reads variables and writes them in the order of the program."""

import keras
import pytest

from tests import tiny

if keras.backend.backend() != "tensorflow":
    pytest.skip("the order is the backend's own", allow_module_level=True)

import tensorflow as tf
from tensorflow.python.eager import context

pytestmark = pytest.mark.usefixtures("optimized_graphs")

WRITES = {"AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"}


def optimized_graph(function, *inputs):
    """Nodes by name of the graph that TensorFlow makes of a traced function."""
    context.enable_graph_collection()
    try:
        function(*inputs)
        graphs = context.export_run_metadata().function_graphs
    finally:
        context.disable_graph_collection()
    (graph,) = graphs
    return {node.name: node for node in graph.post_optimization_graph.node}


def name(an_input):
    return an_input.lstrip("^").split(":")[0]


def ancestors(nodes, of):
    found, left = set(), [of]
    while left:
        for parent in map(name, nodes[left.pop()].input):
            if parent not in found:
                found.add(parent)
                left.append(parent)
    return found


@pytest.mark.parametrize("regime", ["updating-freezing", "updating"])
def test_no_write_may_overtake_another_use_of_its_variable(regime):
    trainer = tiny.trainer(discriminator_regime=regime)
    images = [tf.constant(tiny.images(1, seed)) for seed in (0, 1)]
    trainer.build(images[0].shape)
    step = tf.function(lambda *data: trainer.update(data))
    nodes = optimized_graph(step, *images)

    uses = {node: [] for node in nodes if nodes[node].op == "_Arg"}
    for node in nodes.values():
        for an_input in node.input:
            if an_input in uses:
                uses[an_input].append(node.name)
    writes = [
        (write, variable)
        for variable, users in uses.items()
        for write in users
        if nodes[write].op in WRITES
    ]
    assert len(writes) > 100
    before = {write: ancestors(nodes, write) for write, _ in writes}
    unordered = [
        (write, use)
        for write, variable in writes
        for use in uses[variable]
        if use != write
        and use not in before[write]
        and write not in (before.get(use) or ancestors(nodes, use))
    ]
    assert not unordered
