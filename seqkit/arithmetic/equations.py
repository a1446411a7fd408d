"""Equations in the numbers of one layer, and their evaluation."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from seqkit.graph.records import Shape

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {"floor": math.floor, "ceil": math.ceil, "max": max}


@dataclass(frozen=True)
class Equation:
    """One line of arithmetic, such as `side floor((28 - 3)/1) + 1 = 26`.

    Attributes:
        label: what is computed: "side", "units", "params".
        expression: the arithmetic, written with + - · / floor ceil max; empty for a given value.
        value: the result; None when a size is not fixed.
        axes: the axes of the output that have this size; none for parameters.
    """

    label: str
    expression: str
    value: int | None
    axes: tuple[int, ...] = ()

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.label} not fixed (None)"
        # A count is grouped as in the column of counts; a size stands as it does in a shape.
        count = self.label.startswith(("params", "multiply-adds"))
        value = f"{self.value:,}" if count else str(self.value)
        if self.expression and self.expression != str(self.value):
            return f"{self.label} {self.expression} = {value}"
        return f"{self.label} {value}"

    @property
    def holds(self) -> bool:
        """Whether the expression evaluates to the value."""
        if self.value is None or not self.expression:
            return True
        return evaluate(self.expression) == self.value


@dataclass(frozen=True)
class Arithmetic:
    """Why one layer has its output shape and its number of parameters.

    Attributes:
        shape: equations that together give every axis of the output but the batch axis.
        note: what happens to the shape in words, such as "shape unchanged".
        params: the parameter count, or None when the layer has none.
    """

    shape: tuple[Equation, ...] = ()
    note: str = ""
    params: Equation | None = None

    def __str__(self) -> str:
        parts = [self.note] if self.note else []
        parts += [str(equation) for equation in self.shape]
        parts += [str(self.params)] if self.params else []
        return " · ".join(parts)

    def output_shape(self, input_shape: Shape) -> Shape | None:
        """Put the axes together again, or None when no equation tells them all.

        Args:
            input_shape: the shape that "unchanged" refers to.

        Example:
            >>> units = Equation("units", "", 10, axes=(1,))
            >>> Arithmetic((units,)).output_shape((None, 784))
            (None, 10)
        """
        if not self.shape:
            return input_shape if self.note.startswith("shape unchanged") else None
        sizes = {axis: equation.value for equation in self.shape for axis in equation.axes}
        rank = max(sizes) + 1
        sizes.setdefault(0, input_shape[0] if input_shape else None)
        if set(sizes) != set(range(rank)):
            return None
        return tuple(sizes[axis] for axis in range(rank))


def evaluate(expression: str) -> float:
    """Evaluate an expression of an equation. Only numbers and + - · / floor ceil max are known.

    Args:
        expression: the text left of the equals sign.

    Returns:
        The value; a whole number wherever seqkit writes the expression.

    Raises:
        ValueError: the text holds something else.

    Example:
        >>> evaluate("floor((28 - 3)/2) + 1")
        13
        >>> evaluate("3·3·1·32 + 32")
        320
    """
    return _value(ast.parse(expression.replace("·", "*"), mode="eval").body)


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _FUNCTIONS[node.func.id](*(_value(argument) for argument in node.args))
    raise ValueError(f"{ast.unparse(node)!r} is not arithmetic that seqkit writes.")
