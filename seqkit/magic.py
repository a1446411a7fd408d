"""`%%attempt`: the cell magic that tries a cell and explains how it failed.

After `%load_ext seqkit`, a cell that begins with `%%attempt` runs as usual. When it fails, it
shows how far the model came, the reason, what was written against what was meant, and the code
that works, with the original traceback folded below. The notebook then goes on.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqkit.explaining import Attempt

_OPTIONS = {"--reraise"}
USAGE = "%%attempt [--reraise] [NAME]"


def load_ipython_extension(shell: Any) -> None:
    """Add the cell magic to a running IPython; `%load_ext seqkit` calls this.

    Args:
        shell: the running IPython.
    """

    def magic(line: str, cell: str) -> Any:
        return run_attempt(shell, line, cell)

    magic.__doc__ = run_attempt.__doc__
    shell.register_magic_function(magic, "cell", "attempt")


def run_attempt(shell: Any, line: str, cell: str) -> Any:
    """Try the cell; when it fails, explain instead of showing a traceback.

    Usage: `%%attempt [--reraise] [NAME]` in the first line of a cell.

        --reraise   raise the original exception again, after it was explained
        NAME        keep the attempt in this variable: NAME.error, NAME.explanation

    Variables that were made before the failure stay. The value of the last line is shown, as in
    any cell. `%tb` shows the whole traceback.

    Args:
        shell: the running IPython.
        line: what follows `%%attempt` in its line.
        cell: the lines below it.

    Returns:
        The value of the last line, for IPython to show; None when the cell failed.

    Raises:
        UsageError: an option is not known, or the name cannot be a variable.
    """
    from seqkit.explaining import Attempt

    reraise, name = _arguments(line)
    try:
        tree, filename = _parsed(shell, cell)
    except SyntaxError:
        shell.showsyntaxerror()
        return None
    tried = Attempt(show=False, reraise=False)
    with tried:
        tried.value = _run(shell, tree, filename)
    if name:
        shell.user_ns[name] = tried
    _warn_again(tried)
    if tried.explanation is not None:
        _show(shell, tried)
    if reraise and tried.error is not None:
        raise tried.error
    return None if _ends_with_semicolon(cell) else tried.value


def _arguments(line: str) -> tuple[bool, str]:
    """Return whether to raise again, and the name of the variable; empty if none is wanted."""
    from IPython.core.error import UsageError

    words = line.split()
    names = [word for word in words if word not in _OPTIONS]
    wrong = next((word for word in names if not word.isidentifier()), None)
    if wrong is not None:
        raise UsageError(f"{wrong!r} is not known here. Write {USAGE}.")
    if len(names) > 1:
        raise UsageError(f"There are two names, {' and '.join(names)}. Write {USAGE}.")
    return "--reraise" in words, "".join(names)


def _parsed(shell: Any, cell: str) -> tuple[ast.Module, str]:
    """Read the cell as IPython reads it, `%` and `!` lines included."""
    source = "\n" + shell.transform_cell(cell)  # the %%attempt line counts, as in the margin
    filename = shell.compile.cache(source, shell.execution_count)
    return shell.transform_ast(shell.compile.ast_parse(source, filename=filename)), filename


def _run(shell: Any, tree: ast.Module, filename: str) -> Any:
    """Run the statements in the user's namespace; return the value of a last expression."""
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(shell.compile(tree, filename, "exec"), shell.user_global_ns, shell.user_ns)
    if not isinstance(last, ast.Expr):
        return None
    expression = ast.Expression(last.value)
    return eval(shell.compile(expression, filename, "eval"), shell.user_global_ns, shell.user_ns)


def _ends_with_semicolon(cell: str) -> bool:
    """Whether the last line is told to be silent."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(cell).readline))
    except (tokenize.TokenError, SyntaxError):  # a cell with ! or % lines
        return cell.rstrip().endswith(";")
    skipped = (tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT)
    words = [token.string for token in tokens if token.type not in skipped]
    return bool(words) and words[-1] == ";"


def _warn_again(tried: Attempt) -> None:
    """Pass on the warnings that the explanation does not tell."""
    told = tried.explanation.original if tried.explanation is not None else None
    for warning in tried.warned:
        if told is None or _headline(warning) != _headline(told):
            warnings.warn(warning, stacklevel=2)


def _headline(error: BaseException) -> str:
    """Keras may give one warning twice, with other shapes in its later lines."""
    return str(error).partition("\n")[0]


def _show(shell: Any, tried: Attempt) -> None:
    from IPython.display import display

    error = tried.error
    if error is not None:  # where %tb and %debug look
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    data = tried.explanation._repr_mimebundle_() if tried.explanation else {}
    if error is not None:
        data = {**data, "text/plain": data["text/plain"] + "\n  traceback       %tb shows it"}
    display(data, raw=True)
