"""`read`: decide what an object is, and read it as a graph. Bad input gets one clear sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras

from seqkit.errors import InputShapeError, NotAModelError
from seqkit.graph.calls import read_calls, recorded_entry
from seqkit.graph.chain import entry_of, read_chain
from seqkit.graph.copies import copies
from seqkit.graph.foreign import library_of
from seqkit.graph.functional import read_functional
from seqkit.graph.records import Graph, Shape, Style

ReadChain = Callable[..., Graph]

WHAT_TO_PASS = "Pass a Keras model, or a list of layers such as [keras.Input((8,)), Dense(4)]."


def read(model: Any, input_shape: Any = None) -> Graph:
    """Read a model or a list of layers as a graph.

    Args:
        model: a `keras.Sequential`, a Functional or subclassed `keras.Model`, one layer, or a
            list of layers. Layers that are not built are copied first, never changed.
        input_shape: shape of one example, without the batch axis. Needed when the model does
            not know it: a list without `keras.Input`, or a model that is not built.

    Returns:
        A `Graph`, partial when the build fails.

    Raises:
        NotAModelError: `model` is nothing that Keras 3 can build.
        InputShapeError: the shape is missing or is not a shape.

    Example:
        >>> import keras
        >>> graph = read([keras.Input((4,)), keras.layers.Dense(3)])
        >>> graph.nodes[0].output_shapes
        ((None, 3),)
    """
    with reading(model, input_shape) as graph:
        return graph


@contextmanager
def reading(model: Any, input_shape: Any = None, memory: bool = False) -> Iterator[Graph]:
    """Read a model as `read` does; while this lasts, the layers of the graph can be called.

    Afterwards a layer that could not be copied is again as it was before.

    Args:
        model: as for `read`.
        input_shape: as for `read`.
        memory: give the weights of copied layers memory and numbers, to run data through them.

    Yields:
        The `Graph`.
    """
    shape = None if input_shape is None else check_input_shape(input_shape)
    with ExitStack() as stack:

        def chain(items: list[Any], entry: Shape, name: str = "", style: Style = "list") -> Graph:
            return read_chain(items, entry, name, style, stack.enter_context(copies(memory)))

        yield _read(model, shape, chain)


def _read(model: Any, shape: Shape | None, chain: ReadChain) -> Graph:
    if isinstance(model, keras.Sequential):
        return _read_sequential(model, shape, chain)
    if isinstance(model, keras.Model):
        return _read_model(model, shape)
    if isinstance(model, keras.Layer):
        return chain([model], _known(shape, entry_of([model]), "This layer"))
    items = _items(model)
    if shape is None:
        _refuse_without_layers(items)
    return chain(items, _known(shape, entry_of(items), "This list"))


def knows_its_input(model: Any) -> bool:
    """Whether the model or the list says by itself which input it takes.

    Example:
        >>> import keras
        >>> knows_its_input([keras.Input((4,))]), knows_its_input([keras.layers.Dense(3)])
        (True, False)
    """
    if isinstance(model, keras.Model) and not isinstance(model, keras.Sequential):
        return _has_graph(model)
    if isinstance(model, keras.Sequential):
        return entry_of(list(model._layers)) is not None
    return entry_of(list(model) if isinstance(model, list | tuple) else [model]) is not None


def check_input_shape(shape: Any) -> Shape:
    """Return the shape as a tuple of sizes, or say in one sentence why it is not one.

    Example:
        >>> check_input_shape([28, 28, 1])
        (28, 28, 1)
    """
    if isinstance(shape, int):
        raise InputShapeError(
            f"input_shape={shape} is a number, and a shape is a tuple. "
            f"Write input_shape=({shape},), with the comma."
        )
    if not isinstance(shape, tuple | list):
        raise InputShapeError(
            f"input_shape must be a tuple of sizes such as (28, 28, 1), but it is "
            f"{_a(type(shape).__name__)}. Write the shape of one example, without the batch axis."
        )
    for size in shape:
        if size is not None and (isinstance(size, bool) or not hasattr(size, "__index__")):
            raise InputShapeError(
                f"input_shape={shape!r} holds {size!r}, which is not a size. "
                f"Each size is a whole number, or None where it is not fixed."
            )
        if size is not None and size < 1:
            raise InputShapeError(
                f"input_shape={tuple(shape)} holds the size {size}. A size is 1 or more; "
                f"write None where it is not fixed."
            )
    return tuple(None if size is None else int(size) for size in shape)


def _read_sequential(model: keras.Sequential, shape: Shape | None, chain: ReadChain) -> Graph:
    items = list(model._layers)  # the public list hides a leading InputLayer
    if not items:
        raise NotAModelError(
            "This Sequential has no layers, so there is nothing to read. "
            "Add at least one: model.add(keras.layers.Dense(10))."
        )
    known = entry_of(items)
    if getattr(model, "_functional", None) is not None and shape in (None, known):
        return read_functional(model)
    entry = _known(shape, known, f"The model {model.name!r}")
    return chain(items, entry, name=model.name, style="sequential")


def _read_model(model: keras.Model, shape: Shape | None) -> Graph:
    if not _has_graph(model):
        known = recorded_entry(model) if shape is None else shape
        if known is None:
            raise InputShapeError(
                f"The subclassed model {model.name!r} has no input shape yet. Pass the shape of "
                f"one example, input_shape=(28, 28, 1) for instance, or call the model on data "
                f"first."
            )
        return read_calls(model, known)
    own = tuple(tuple(tensor.shape) for tensor in model.inputs)
    if shape is not None and tuple(one[1:] for one in own) != (shape,):
        raise InputShapeError(
            f"The model {model.name!r} was built for the input {_join(own)}; it cannot be read "
            f"with input_shape={shape}. Leave input_shape out."
        )
    return read_functional(model)


def _has_graph(model: keras.Model) -> bool:
    """Whether the model was made from symbolic tensors (Functional API)."""
    try:
        return bool(model.inputs) and bool(model.outputs)
    except AttributeError:
        return False


def _items(model: Any) -> list[Any]:
    """Return the list of items, or raise the sentence that fits what was passed."""
    if isinstance(model, type):
        if issubclass(model, keras.Layer):
            raise NotAModelError(
                f"{model.__name__} is a class, and an instance is needed. "
                f"Write {model.__name__}(...), with brackets."
            )
        raise NotAModelError(f"{model.__name__} is a class, not a model. {WHAT_TO_PASS}")
    if isinstance(model, keras.KerasTensor):
        raise NotAModelError(
            f"This is a Keras tensor of shape {tuple(model.shape)}, not a model. "
            f"Make a model of it first: keras.Model(inputs, outputs)."
        )
    library = library_of(model)
    if library is not None:
        raise NotAModelError(
            f"This is {_a(type(model).__name__)} from {library}; seqkit reads Keras 3 models. "
            f"Build the same layers with `import keras`."
        )
    if model is None:
        raise NotAModelError(
            f"There is no model here: the value is None. A function without `return`, and "
            f"model.add(...), both give None. {WHAT_TO_PASS}"
        )
    if isinstance(model, str | bytes | dict) or not isinstance(model, Iterable):
        raise NotAModelError(f"This is {_a(type(model).__name__)}, not a model. {WHAT_TO_PASS}")
    if not isinstance(model, list | tuple):
        raise NotAModelError(
            f"This is {_a(type(model).__name__)}, and a list of layers is needed. {WHAT_TO_PASS}"
        )
    if not model:
        raise NotAModelError(f"The list of layers is empty. {WHAT_TO_PASS}")
    return list(model)


def _refuse_without_layers(items: list[Any]) -> None:
    """A list without any layer needs no input shape; it needs layers."""
    if len(items) == 1 and isinstance(items[0], list | tuple):
        raise NotAModelError(
            f"There is one pair of brackets too many: the list holds one "
            f"{type(items[0]).__name__} and no layer. {WHAT_TO_PASS}"
        )
    if not any(isinstance(item, keras.Layer | keras.KerasTensor | type) for item in items):
        raise NotAModelError(
            f"No item of this list is a Keras layer; the first is {_a(type(items[0]).__name__)}. "
            f"{WHAT_TO_PASS}"
        )


def _known(given: Shape | None, known: Shape | None, what: str) -> Shape:
    """The input shape, from the caller or from the first item; both must say the same."""
    if given is not None and known is not None and given != known:
        raise InputShapeError(
            f"{what} begins with the input shape {known}, and input_shape={given} says something "
            f"else. Leave input_shape out, or change the Input."
        )
    return _need(known if given is None else given, what)


def _need(shape: Shape | None, what: str) -> Shape:
    if shape is None:
        raise InputShapeError(
            f"{what} has no input shape yet, so its sizes are not known. Pass the shape of one "
            f"example, input_shape=(28, 28, 1) for instance, or put keras.Input(...) first."
        )
    return shape


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _join(shapes: Iterable[Shape]) -> str:
    return " and ".join(str(shape) for shape in shapes)
