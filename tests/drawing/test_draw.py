"""Drawings: every card and road is there, readable without colour, the same in every run."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import seqkit as sk
from seqkit.drawing.layout import lay_out
from seqkit.drawing.picture import picture_of
from seqkit.graph import read
from seqkit.graph.copies import weights_without_memory

SVG = "{http://www.w3.org/2000/svg}"


def residual() -> keras.Model:
    inputs = keras.Input((8, 8, 4))
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    return keras.Model(inputs, layers.Add()([x, inputs]))


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_svg_is_well_formed_and_described() -> None:
    drawing = sk.draw(residual())
    root = ElementTree.fromstring(drawing.svg)
    assert root.get("role") == "img"
    description = root.find(f"{SVG}desc")
    assert description is not None
    assert "Add also takes Input" in (description.text or "")
    data = drawing._repr_mimebundle_()
    assert data["text/html"].startswith(f'<img alt="{drawing.alt}" ')


def test_shapes_stand_on_the_roads() -> None:
    assert texts(sk.draw(residual()).svg).count("8×8×4") == 5  # card, three roads, output


def test_failure_is_marked_by_sign_word_and_dashes() -> None:
    drawing = sk.draw([keras.Input((4,)), layers.Add(), layers.Dense(2)])
    words = texts(drawing.svg)
    assert "✗ Add" in words
    assert "failed" in words
    assert "not reached" in words
    assert "stroke-dasharray" in drawing.svg
    assert "x Add" in str(drawing)


def test_side_by_side() -> None:
    with sk.attempt(show=False) as tried:
        keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Add()])
    words = texts(sk.draw(tried.explanation).svg)
    assert "what was written" in words
    assert "what was meant" in words


def test_text_drawing_shows_the_skip() -> None:
    assert str(sk.draw(residual())).split("\n") == [
        "Input --> Conv2D 4 · 3×3 --> Add -->",
        "  |___________________________^",
    ]


def test_text_drawing_names_every_branch() -> None:
    inputs = keras.Input((8, 8, 4))
    ends = [layers.Conv2D(2, size, padding="same")(inputs) for size in (1, 3, 5)]
    text = str(sk.draw(keras.Model(inputs, layers.Concatenate()(ends))))
    for size in (1, 3, 5):
        assert f"Input --> Conv2D 2 · {size}×{size} --> Concatenate" in text


def test_the_same_drawing_twice() -> None:
    assert sk.draw(residual()).svg == sk.draw(residual()).svg


def test_save(tmp_path: Path) -> None:
    sk.draw(residual()).save(tmp_path / "model.svg")
    ElementTree.parse(tmp_path / "model.svg")


def test_large_models_are_drawn() -> None:
    with weights_without_memory():
        model = keras.applications.InceptionV3(weights=None)
    check_no_overlap(read(model))
    ElementTree.fromstring(sk.draw(model).svg)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_cards_never_overlap(data: st.DataObject) -> None:
    """Random graphs of Dense, Add and Concatenate."""
    values = [keras.Input((4,))]
    for _ in range(data.draw(st.integers(1, 12))):
        one, other = (data.draw(st.sampled_from(values)) for _ in range(2))
        choice = data.draw(st.integers(0, 2))
        if choice == 0 or one is other:
            values.append(layers.Dense(4)(one))
        else:
            values.append(layers.Add()([one, other]))
    graph = read(keras.Model(values[0], values[-1]))
    check_no_overlap(graph)
    ElementTree.fromstring(sk.draw(graph).svg)


def check_no_overlap(graph: Any) -> None:
    picture = picture_of(graph, fold=False, share=False)
    layout = lay_out(picture)
    assert len(layout.cards) == len(picture.cards) >= len(graph.nodes)
    rows: dict[int, list[float]] = {}
    for slot in layout.cards.values():
        rows.setdefault(slot.rank, []).append(slot.x)
    for row in rows.values():
        row.sort()
        assert all(b - a >= layout.card_width for a, b in pairwise(row))
    for road in layout.roads:
        assert all(a.rank < b.rank for a, b in pairwise(road.slots))


def test_branches_are_told_way_by_way() -> None:
    title, facts = keras.Input((8,), name="title"), keras.Input((4,), name="facts")
    joined = layers.Concatenate()([layers.Dense(4)(title), facts])
    alt = sk.draw(keras.Model([title, facts], joined)).alt
    assert alt == (
        "2 ways. Input title, then Dense 4, then Concatenate. Input facts, then Concatenate."
    )


def test_a_shared_layer_is_told() -> None:
    dense = layers.Dense(8)
    assert "Dense 8 (same layer as #0)" in sk.draw([keras.Input((8,)), dense, dense]).alt
