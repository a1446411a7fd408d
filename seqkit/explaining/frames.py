"""What the frames of a traceback still hold: the object that was being made, the model asked."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import keras


@dataclass(frozen=True)
class Making:
    """A layer or a model whose constructor raised.

    Attributes:
        owner: the object, half made.
        arguments: what its constructor was given.
    """

    owner: Any
    arguments: dict[str, Any]

    @property
    def kind(self) -> str:
        """Class of the object, such as 'Dense'."""
        return type(self.owner).__name__


def layer_in_making(error: BaseException | None) -> Making | None:
    """Return the first layer of Keras' own whose constructor raised; not a model.

    Args:
        error: the exception.

    Example:
        >>> try:
        ...     keras.layers.Dense(4, activation="rleu")
        ... except ValueError as error:
        ...     print(layer_in_making(error).kind, layer_in_making(error).arguments["units"])
        Dense 4
    """
    return _making(error, lambda owner: not isinstance(owner, keras.Model))


def model_in_making(error: BaseException | None) -> Making | None:
    """Return the Functional model whose constructor raised, with its inputs and outputs."""
    return _making(error, lambda owner: _is_functional(owner))


def sequential_in_making(error: BaseException | None) -> Making | None:
    """Return the Sequential whose constructor raised, with what it was given."""
    return _making(error, lambda owner: isinstance(owner, keras.Sequential))


def owner_of(error: BaseException | None, function: str) -> Any:
    """Return the layer whose method of this name was running, the outermost first."""
    for frame in frames_of(error):
        owner = frame.f_locals.get("self")
        if frame.f_code.co_name == function and isinstance(owner, keras.Layer):
            return owner
    return None


def frames_of(error: BaseException | None) -> Iterator[FrameType]:
    """Yield the frames of an exception, the outermost first."""
    if error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            yield frame


def chain_of_errors(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those behind it: what it was raised from, or while handling."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def line_of(error: BaseException | None) -> str:
    """Return the source line that raised, if Python can find it; the innermost one."""
    found = traceback.extract_tb(None if error is None else error.__traceback__)
    return (found[-1].line or "") if found else ""


def _making(error: BaseException | None, wanted: Any) -> Making | None:
    for frame in frames_of(error):
        owner = frame.f_locals.get("self")
        made_by_keras = str(frame.f_globals.get("__name__", "")).startswith("keras.")
        if frame.f_code.co_name != "__init__" or not made_by_keras:
            continue
        if isinstance(owner, keras.Layer) and wanted(owner):
            return Making(owner, dict(frame.f_locals))
    return None


def _is_functional(owner: Any) -> bool:
    return isinstance(owner, keras.Model) and type(owner).__name__ == "Functional"
