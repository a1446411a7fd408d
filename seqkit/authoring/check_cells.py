"""What a check cell asks: the expression that is given to `q1.check(...)`."""

from __future__ import annotations

import ast

from seqkit.authoring.errors import SourceError


def answer_expression(code: str, question: str) -> str:
    """Find the answer that a check cell gives to a question.

    Args:
        code: the check cell.
        question: the name of the question, `q1`.

    Returns:
        The argument as source code.

    Raises:
        SourceError: when the cell does not call `check` of that question with one argument.

    Example:
        >>> answer_expression("ex01.q1.check(parameters)", "q1")
        'parameters'
    """
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="check", value=ast.Attribute(attr=name)), args=[argument]
            ) if name == question:
                return ast.unparse(argument)
    raise SourceError(f"The cell does not call {question}.check(answer).")
