"""From a node of the graph to its arithmetic, checked against what Keras gave."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.arithmetic.equations import Arithmetic, Equation
from seqkit.arithmetic.params import params_equation
from seqkit.arithmetic.rules import rule_for
from seqkit.graph.records import Node, Shape


def explain_node(node: Node) -> Arithmetic:
    """Say why a node has this output shape and this many parameters.

    Args:
        node: a node of a graph whose status is "ok".

    Returns:
        The arithmetic. An equation that does not give Keras' own result is left out, and a
        layer without a rule is said to be computed by its own code.

    Example:
        >>> import keras
        >>> from seqkit.graph import read
        >>> graph = read([keras.Input((28, 28, 1)), keras.layers.Conv2D(32, 3)])
        >>> print(explain_node(graph.nodes[0]))
        side floor((28 - 3)/1) + 1 = 26 · filters 32 · params 3·3·1·32 + 32 = 320
    """
    shape = _shape_arithmetic(node)
    return Arithmetic(shape.shape, shape.note, _params(node))


def _shape_arithmetic(node: Node) -> Arithmetic:
    if not node.inputs:
        return _given(node)
    shape_rule = rule_for(node.layer)
    if shape_rule is not None:
        try:
            found = shape_rule(node.layer, node.input_shapes)
        except (TypeError, ValueError, AttributeError, IndexError, KeyError):
            found = None  # an unusual call: fall through to what is certainly true
        if found is not None and _is_true(found, node):
            return found
    return _observed(node)


def _is_true(found: Arithmetic, node: Node) -> bool:
    given = found.output_shape(node.input_shapes[0])
    return (
        all(equation.holds for equation in found.shape)
        and given is not None
        and all(shape == given for shape in node.output_shapes[:1])
    )


def _given(node: Node) -> Arithmetic:
    sizes = node.output_shapes[0][1:] if node.output_shapes else ()
    axes = tuple(
        Equation(f"axis {axis}:", "", size, (axis,)) for axis, size in enumerate(sizes, start=1)
    )
    return Arithmetic(axes, "given by keras.Input")


def _observed(node: Node) -> Arithmetic:
    """What can be said of any layer: its output as seen, axis by axis."""
    own = "its own layers" if isinstance(node.layer, keras.Model) else "its own code"
    note = f"computed by {own}"
    if node.output_shapes[:1] == node.input_shapes[:1]:
        return Arithmetic((), f"shape unchanged ({note})")
    shape: Shape = node.output_shapes[0] if node.output_shapes else ()
    batch_stays = shape[:1] == node.input_shapes[0][:1]
    axes = tuple(
        Equation(f"axis {axis}:", "", size, (axis,))
        for axis, size in enumerate(shape)
        if axis or not batch_stays
    )
    return Arithmetic(axes, note)


def _params(node: Node) -> Equation | None:
    layer: Any = node.layer
    if not isinstance(layer, keras.Layer):
        return None
    if node.shared:
        label = f"params counted at layer {node.first_call}:"
        return Equation(label, "", 0) if layer.built and layer.count_params() else None
    if not node.params:
        return None
    if not layer.built:  # put back as it was: only its count is left
        return Equation("params", "", node.params)
    return params_equation(layer, node.params)
