"""Several tensors on one road: a recurrent layer that returns its state, a layer that splits."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.converting import Program, layer_source
from seqkit.explaining.chain_program import sequential_program
from seqkit.explaining.evidence import Evidence
from seqkit.explaining.explanation import Explanation
from seqkit.explaining.plan import planned_fix
from seqkit.graph.chain import input_layer_of, is_input
from seqkit.graph.reasons import is_merge
from seqkit.repairing.edit import altered
from seqkit.tracing import Row

ORDER = 3

_DECODER = (
    "For a decoder that starts from the state take the Functional API: "
    "output, *state = encoder(x), and decoder(y, initial_state=state)."
)


def match(evidence: Evidence) -> Explanation | None:
    """Recognise a layer that got several tensors from the layer before it."""
    row, trace = evidence.row, evidence.trace
    if row is None or trace is None or not row.index or not evidence.in_a_sequential:
        return None
    before = trace.rows[row.index - 1]
    if len(before.output_shapes) < 2:
        return None
    if _gives_state(before.node.item):
        return _state(evidence, row, before)
    if is_merge(evidence.item):
        return None  # two tensors are what it takes; their sizes are another matter
    return _split(evidence, row, before)


def _state(evidence: Evidence, row: Row, before: Row) -> Explanation:
    seq2seq = is_input(evidence.item)
    certain = isinstance(evidence.item, keras.Layer) and not seq2seq
    states = len(before.output_shapes) - 1
    explanation = Explanation(
        pattern="state",
        fault="topology",
        title=f"{before.kind} returns its state as well, and a Sequential has one road",
        what_happened=(
            f"Layer {before.index}, {before.kind}, has return_state=True, so it gives "
            f"{1 + states} tensors: its output {before.output_shapes[0]} and its state, "
            f"{_list(before.output_shapes[1:])}. {_next(row)}"
        ),
        why=(
            "A Sequential hands on one tensor. A state must leave one layer and enter another "
            "as its initial_state, and a list has no place to say so."
        ),
        fix=f"Take return_state=True away. {_DECODER}" if certain else _DECODER,
        layer=before,
        trace=evidence.trace,
        original=evidence.error,
    )
    return planned_fix(explanation, lambda _: _program(evidence, before, seq2seq))


def _next(row: Row) -> str:
    if is_input(row.node.item):
        return "Then a second Input follows, for the decoder."
    if not isinstance(row.node.item, keras.Layer):
        return "All of them reach the next item at once."
    return f"Layer {row.index}, {row.kind}, takes one."


def _split(evidence: Evidence, row: Row, before: Row) -> Explanation:
    shapes = _list(before.output_shapes)
    return Explanation(
        pattern="several_tensors",
        fault="topology",
        title=f"{before.kind} gives {len(before.output_shapes)} tensors, {row.kind} takes one",
        what_happened=(
            f"Layer {before.index}, {before.kind}, gives {shapes}. All of them reach layer "
            f"{row.index}, {row.kind}, at once."
        ),
        why="In a Sequential a layer gets all that the layer before it returned, and nothing else.",
        fix=(
            "Functional API: first, second = layer(x), and go on with each. Or join them here "
            "with a merge layer such as Concatenate."
        ),
        layer=row,
        trace=evidence.trace,
        original=evidence.error,
    )


def _program(evidence: Evidence, before: Row, seq2seq: bool) -> Program:
    items = evidence.items
    place = before.index + int(is_input(items[0]))
    if seq2seq:
        return _decoder(items, place)
    assert evidence.trace is not None
    without = altered(items[place], return_state=False)
    entry = evidence.trace.graph.entry[0][1:]
    return sequential_program((*items[:place], without, *items[place + 1 :]), entry)


def _decoder(items: tuple[Any, ...], place: int) -> Program:
    """Encoder and decoder: the second Input's first recurrent layer begins with the state."""
    encoder, rest = items[1:place], list(items[place + 2 :])
    started = next(at for at, layer in enumerate(rest) if isinstance(layer, keras.layers.RNN))
    program = Program(planned=len(encoder) + 1 + len(rest))
    program.add(f"encoder_input = {layer_source(input_layer_of(items[0]))}")
    value = "encoder_input"
    for layer in encoder:
        program.add(f"x = {layer_source(layer)}({value})")
        value = "x"
    program.add(f"_, *state = {layer_source(items[place])}({value})")
    program.add(f"decoder_input = {layer_source(input_layer_of(items[place + 1]))}")
    value = "decoder_input"
    for at, layer in enumerate(rest):
        state = ", initial_state=state" if at == started else ""
        value = _line(program, layer_source(layer), value + state)
    program.add(f"model = keras.Model([encoder_input, decoder_input], {value})")
    return program


def _line(program: Program, source: str, arguments: str) -> str:
    program.add(f"x = {source}({arguments})")
    return "x"


def _gives_state(layer: Any) -> bool:
    inside = layer.forward_layer if isinstance(layer, keras.layers.Bidirectional) else layer
    return bool(getattr(inside, "return_state", False)) and isinstance(inside, keras.layers.RNN)


def _list(shapes: tuple[Any, ...]) -> str:
    return " and ".join(str(shape) for shape in shapes)
