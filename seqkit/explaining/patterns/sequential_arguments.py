"""What a Sequential was given or asked for: layers without a list, `.add().add()`, `.append`."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.explaining.chain_program import sequential_program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.frames import line_of, sequential_in_making
from seqkit.explaining.plan import planned_fix
from seqkit.graph.chain import entry_of

ORDER = 45


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a Sequential that was written or used in a way that it does not have."""
    for find in (_layers_without_a_list, _chained_add, _list_methods, _input_shape_argument):
        found = find(evidence)
        if found is not None:
            return found
    return None


def _layers_without_a_list(evidence: Evidence) -> Explanation | None:
    """`Sequential(Dense(4))` and `Sequential([A], B)`."""
    making = sequential_in_making(evidence.error)
    if making is None:
        return None
    given = making.arguments.get("layers")
    more = [making.arguments.get(name) for name in ("trainable", "name")]
    beside = [one for one in more if isinstance(one, keras.Layer)]
    if isinstance(given, keras.Layer) or _is_input_tensor(given):
        items, what = [given, *beside], "a layer, and no list"
    elif beside and isinstance(given, list | tuple):
        items, what = [*given, *beside], "a list, and a layer beside it"
    else:
        return None
    explanation = Explanation(
        pattern="sequential_arguments",
        fault="parameter",
        title="keras.Sequential takes one list of layers",
        what_happened=f"keras.Sequential was given {what}. All layers belong in one list.",
        why="Its first argument is the list; the ones after it are `trainable` and `name`.",
        fix="Put square brackets around all layers: keras.Sequential([first, second]).",
        original=evidence.error,
    )
    if entry_of(items) is None:
        return explanation
    return planned_fix(explanation, lambda _: sequential_program(items, None))


def _chained_add(evidence: Evidence) -> Explanation | None:
    """`model.add(a).add(b)`, or `model = model.compile(...)`: what is asked is None."""
    error = evidence.error
    if not isinstance(error, AttributeError) or not _is_of_none(error):
        return None
    name = error.name
    if name == "add" and ".add(" in line_of(error):
        happened = "`.add(...)` changes the model and returns None: a second `.add` has no model."
        fix = "Write model.add(...) on a line of its own for each layer."
    elif name in ("fit", "compile", "predict", "evaluate", "summary", "add"):
        happened = f"`.{name}` was asked of None: the variable does not hold a model."
        fix = (
            "model.compile(...) and model.add(...) return None. Call them on a line of their own, "
            "without `model =` before them; or look where the variable was set."
        )
    else:
        return None
    return Explanation(
        pattern="sequential_arguments",
        fault="parameter",
        title="`.add` and `.compile` return None, not the model"
        if name != "add"
        else ("`.add` returns None, so it cannot be chained"),
        what_happened=happened,
        why="A Sequential is changed in place, as a list is by `append`.",
        fix=fix,
        original=error,
    )


def _list_methods(evidence: Evidence) -> Explanation | None:
    """`model.append(layer)` and other methods of a list."""
    error = evidence.error
    words = {
        "append": "model.add(layer)",
        "extend": "model.add(layer) for each layer",
        "insert": "a new list: keras.Sequential([...]) with the layer in its place",
        "remove": "model.pop() for the last layer, or a new list without the layer",
    }
    if not isinstance(error, AttributeError) or error.name not in words:
        return None
    if not isinstance(getattr(error, "obj", None), keras.Sequential):
        return None
    return Explanation(
        pattern="sequential_arguments",
        fault="parameter",
        title=f"A Sequential is not a list: it has no `{error.name}`",
        what_happened=f"`.{error.name}` was asked of a Sequential.",
        why="It holds a list of layers, and has methods of its own: `add`, `pop` and `layers`.",
        fix=f"Write {words[error.name]}.",
        original=error,
    )


def _input_shape_argument(evidence: Evidence) -> Explanation | None:
    """`Sequential([...], input_shape=(4,))`."""
    text = str(evidence.error)
    if "Sequential.__init__()" not in text or "unexpected keyword argument" not in text:
        return None
    name = text.rpartition("argument ")[2].strip("'.")
    about_input = name in ("input_shape", "input_dim", "shape", "batch_input_shape")
    return Explanation(
        pattern="sequential_arguments",
        fault="parameter",
        title=f"keras.Sequential has no argument `{name}`",
        what_happened=f"keras.Sequential was given `{name}`. It takes `layers`, `trainable` and "
        f"`name`.",
        why="The shape of the data belongs to the Input, and all other settings to the layers.",
        fix="Begin the list with the Input: keras.Sequential([keras.Input((8,)), ...])."
        if about_input
        else "Give the argument to a layer, or to model.compile.",
        original=evidence.error,
    )


def _is_of_none(error: AttributeError) -> bool:
    return str(error).startswith("'NoneType' object") and getattr(error, "obj", None) is None


def _is_input_tensor(one: Any) -> bool:
    return isinstance(one, keras.KerasTensor)
