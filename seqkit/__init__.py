"""`seqkit` traces, explains, draws and teaches Keras models.

    import seqkit as sk

    sk.trace(model)      every layer: shape in, shape out, parameters, and why
    sk.explain(error)    what happened, why, and the code that works
    sk.lint(model, x, y) mistakes that no exception tells
    sk.to_functional(model), sk.to_source(model)   the same model, written anew
    sk.draw(model)       the model as a picture

Importing `seqkit` is cheap: Keras, its backend and matplotlib are imported by the first call
that needs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqkit import claims as claims
    from seqkit import data as data
    from seqkit import exercises as exercises
    from seqkit import limits as limits
    from seqkit.choosing import choose as choose
    from seqkit.converting import to_functional as to_functional
    from seqkit.converting import to_source as to_source
    from seqkit.display import show as show
    from seqkit.drawing import Drawing as Drawing
    from seqkit.drawing import draw as draw
    from seqkit.explaining import Explanation as Explanation
    from seqkit.explaining import attempt as attempt
    from seqkit.explaining import explain as explain
    from seqkit.linting import Finding as Finding
    from seqkit.linting import LintReport as LintReport
    from seqkit.linting import lint as lint
    from seqkit.tracing import ShapeTrace as ShapeTrace
    from seqkit.tracing import trace as trace
    from seqkit.training import Checkpoint as Checkpoint
    from seqkit.training import LivePlot as LivePlot
    from seqkit.training import budget as budget
    from seqkit.training import device as device
    from seqkit.training import expect as expect
    from seqkit.training import fast_path as fast_path
    from seqkit.training import guess as guess
    from seqkit.training import seed as seed

__version__ = "0.1.0"

# Public name -> the room that defines it. A room is a module of its own name, or holds the name.
_ROOM_OF = {
    "Checkpoint": "training",
    "LivePlot": "training",
    "budget": "training",
    "device": "training",
    "expect": "training",
    "fast_path": "training",
    "guess": "training",
    "seed": "training",
    "Drawing": "drawing",
    "draw": "drawing",
    "Explanation": "explaining",
    "attempt": "explaining",
    "explain": "explaining",
    "Finding": "linting",
    "LintReport": "linting",
    "lint": "linting",
    "ShapeTrace": "tracing",
    "trace": "tracing",
    "choose": "choosing",
    "to_functional": "converting",
    "to_source": "converting",
    "show": "display",
}
_ROOMS = ("claims", "data", "exercises", "limits")

__all__ = [*sorted(_ROOM_OF), *_ROOMS]  # pyright: ignore


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"seqkit.{name}")
    if name in _ROOM_OF:
        value = getattr(importlib.import_module(f"seqkit.{_ROOM_OF[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'seqkit' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Add the cell magic `%%attempt`; called by `%load_ext seqkit`."""
    from seqkit.magic import load_ipython_extension as load

    load(shell)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
