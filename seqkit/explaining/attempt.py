"""`attempt`: run code that may fail, and keep the failure with its explanation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any

import keras

from seqkit.explaining.evidence import Evidence, from_exception
from seqkit.explaining.explain import explain_evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.original import original_traceback
from seqkit.explaining.partial import layers_of

_WHERE_KEPT = "  traceback       .traceback shows the way, .error keeps the exception"


class Attempt:
    """A piece of code that was tried.

    Attributes:
        failed: whether it raised.
        error: the exception as Keras raised it; None if it did not fail.
        value: what the function returned, in the form `attempt(function, ...)`.
        warned: the warnings that Keras gave on the way.
    """

    def __init__(self, show: bool = True, reraise: bool = False) -> None:
        self.failed = False
        self.error: BaseException | None = None
        self.value: Any = None
        self.warned: tuple[Warning, ...] = ()
        self._show = show
        self._reraise = reraise

    def __enter__(self) -> Attempt:
        self._recorder = _recording()
        self._recorded = self._recorder.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self._recorder.__exit__(None, None, None)
        self._keep(error)
        if self._show:
            show(self)
        return isinstance(error, Exception) and not self._reraise

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Attempt:
        """Call the function and keep what happens."""
        error: Exception | None = None
        with _recording() as self._recorded:
            try:
                self.value = function(*args, **kwargs)
            except Exception as raised:
                error = raised
        self._keep(error)
        return self

    def _keep(self, error: BaseException | None) -> None:
        self.failed = isinstance(error, Exception)
        self.error = error
        messages = [one.message for one in self._recorded]
        self.warned = tuple(message for message in messages if isinstance(message, Warning))

    @cached_property
    def explanation(self) -> Explanation | None:
        """What happened and what to do; None when nothing failed and no known warning came."""
        if self.error is not None:
            return explain_evidence(from_exception(self.error))
        for warning in self.warned:
            found = explain_evidence(Evidence(warning))
            if found.pattern != "not_recognised":
                return found
        return None

    @property
    def traceback(self) -> str:
        """The way to the error, the learner's own lines first; empty when nothing failed."""
        if self.error is None:
            return ""
        trace = None if self.explanation is None else self.explanation.trace
        return original_traceback(self.error, layers_of(trace))

    def __repr__(self) -> str:
        if self.explanation is None:
            return "nothing failed"
        words = repr(self.explanation)
        return words if self.error is None else f"{words}\n{_WHERE_KEPT}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if self.explanation is None:
            return {"text/plain": repr(self)}
        return {**self.explanation._repr_mimebundle_(), "text/plain": repr(self)}


def attempt(
    function: Callable[..., Any] | None = None,
    *args: Any,
    show: bool = True,
    reraise: bool = False,
    **kwargs: Any,
) -> Attempt:
    """Try code that may fail; show the explanation instead of the traceback.

    Use it as a block, or pass a function.

    Args:
        function: what to call; leave it out for a `with` block.
        args: positional arguments for the function.
        show: whether a `with` block shows the explanation when it ends.
        reraise: whether a `with` block raises the original exception again at its end.
        kwargs: keyword arguments for the function.

    Returns:
        An `Attempt` with `.failed`, `.error`, `.explanation` and `.value`.

    Example:
        >>> import keras
        >>> with attempt(show=False) as a:
        ...     model = keras.Sequential([keras.Input((4,)), keras.layers.Add()])
        >>> a.failed, a.explanation.pattern
        (True, 'residual')

    Taught in lesson 12.
    """
    tried = Attempt(show, reraise)
    return tried if function is None else tried.run(function, *args, **kwargs)


def show(value: Any) -> None:
    """Show a value: rich where IPython runs, as text elsewhere."""
    try:
        from IPython import get_ipython
    except ImportError:
        running = None
    else:
        running = get_ipython()
    if running is None:
        print(value)
        return
    from IPython.display import display

    display(value)


@contextmanager
def _recording() -> Iterator[list[warnings.WarningMessage]]:
    """Record warnings, and let Keras keep its own frames, in which the layers can be found."""
    filtered = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        with warnings.catch_warnings(record=True) as recorded:
            warnings.simplefilter("always")
            yield recorded
    finally:
        if filtered:
            keras.config.enable_traceback_filtering()
