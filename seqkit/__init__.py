"""`seqkit` traces, explains, draws and teaches Keras models.

    import seqkit as sk

    sk.trace(model)      every layer: shape in, shape out, parameters, and why
    sk.explain(error)    what happened, why, and the code that works
    sk.draw(model)       the model as a picture

Importing `seqkit` is cheap: Keras, its backend and matplotlib are imported by the first call
that needs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqkit import data as data
    from seqkit import exercises as exercises
    from seqkit import limits as limits
    from seqkit.display import show as show
    from seqkit.drawing import Drawing as Drawing
    from seqkit.drawing import draw as draw
    from seqkit.explaining import Explanation as Explanation
    from seqkit.explaining import attempt as attempt
    from seqkit.explaining import explain as explain
    from seqkit.tracing import ShapeTrace as ShapeTrace
    from seqkit.tracing import trace as trace
    from seqkit.training import LivePlot as LivePlot
    from seqkit.training import budget as budget
    from seqkit.training import device as device
    from seqkit.training import expect as expect
    from seqkit.training import guess as guess
    from seqkit.training import seed as seed

__version__ = "0.1.0"

# Public name -> the room that defines it. A room is a module of its own name, or holds the name.
_ROOM_OF = {
    "LivePlot": "training",
    "budget": "training",
    "device": "training",
    "expect": "training",
    "guess": "training",
    "seed": "training",
    "Drawing": "drawing",
    "draw": "drawing",
    "Explanation": "explaining",
    "attempt": "explaining",
    "explain": "explaining",
    "ShapeTrace": "tracing",
    "trace": "tracing",
    "show": "display",
}
_ROOMS = ("data", "exercises", "limits")

__all__ = [*sorted(_ROOM_OF), *_ROOMS]  # pyright: ignore


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"seqkit.{name}")
    if name in _ROOM_OF:
        value = getattr(importlib.import_module(f"seqkit.{_ROOM_OF[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'seqkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
