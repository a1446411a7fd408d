"""Pictures fit the width of a notebook, labels hide behind nothing, and a PNG shows the same."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import keras
import pytest
from keras import layers

import seqkit as sk
from seqkit.drawing.labels import Labels
from seqkit.drawing.lettering import text_width
from seqkit.drawing.marks import Box, Sheet, Words

SVG = "{http://www.w3.org/2000/svg}"


def branches(count: int) -> keras.Model:
    x = keras.Input((28, 28, 16))
    ways = [layers.Conv2D(4 + k, 1 + k, padding="same")(x) for k in range(count)]
    return keras.Model(x, layers.Concatenate()(ways))


def highway() -> keras.Model:
    x = keras.Input((16,))
    gate, way = layers.Dense(16, "sigmoid")(x), layers.Dense(16, "relu")(x)
    carry = layers.Rescaling(-1.0, 1.0)(gate)
    ends = [layers.Multiply()([way, gate]), layers.Multiply()([x, carry])]
    return keras.Model(x, layers.Add()(ends))


def unet(depth: int = 3) -> keras.Model:
    x = inputs = keras.Input((64, 64, 1))
    skips = []
    for level in range(depth):
        x = layers.Conv2D(8 * 2**level, 3, padding="same")(x)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    for skip in reversed(skips):
        x = layers.Conv2DTranspose(8, 2, strides=2)(x)
        x = layers.Concatenate()([x, skip])
    return keras.Model(inputs, x)


MODELS = {
    "two branches": lambda: branches(2),
    "eight branches": lambda: branches(8),
    "highway": highway,
    "u-net": unet,
}


def area(words: Words) -> tuple[float, float, float, float]:
    width = text_width(words.text, words.size)
    left = words.at[0] - {"start": 0.0, "middle": 0.5, "end": 1.0}[words.anchor] * width
    return left, words.at[1] - words.size * 0.7, left + width, words.at[1]


def meets(one: tuple[float, float, float, float], box: Box) -> bool:
    left, top, right, bottom = one
    return (
        left < box.x + box.width and box.x < right and top < box.y + box.height and box.y < bottom
    )


def labels(sheet: Sheet) -> list[Words]:
    return [mark for mark in sheet.marks if isinstance(mark, Words) and mark.halo]


@pytest.mark.parametrize("name", MODELS)
def test_fits_the_page(name: str) -> None:
    drawing = sk.draw(MODELS[name]())
    assert drawing.sheet.width <= 700
    assert min(mark.size for mark in drawing.sheet.marks if isinstance(mark, Words)) >= 10
    assert drawing.html.startswith("<img ")


@pytest.mark.parametrize("name", MODELS)
def test_no_label_hides_behind_a_card_or_leaves_the_page(name: str) -> None:
    sheet = sk.draw(MODELS[name]()).sheet
    boxes = [mark for mark in sheet.marks if isinstance(mark, Box)]
    for label in labels(sheet):
        left, _, right, _ = area(label)
        assert left >= 0
        assert right <= sheet.width
        assert not any(meets(area(label), box) for box in boxes), label


@pytest.mark.parametrize("name", MODELS)
def test_words_stay_on_their_cards(name: str) -> None:
    sheet = sk.draw(MODELS[name]()).sheet
    boxes = [mark for mark in sheet.marks if isinstance(mark, Box)]
    for mark in sheet.marks:
        if isinstance(mark, Words) and not mark.halo:
            left, top, right, bottom = area(mark)
            assert any(
                box.x <= left
                and right <= box.x + box.width
                and box.y <= top
                and bottom <= box.y + box.height
                for box in boxes
            ), mark


def test_a_very_wide_picture_is_scrolled_not_shrunk() -> None:
    drawing = sk.draw(branches(20))
    assert drawing.sheet.width > 760
    assert drawing.html.startswith('<div style="overflow-x:auto">')
    assert f"width:{drawing.sheet.width:.0f}px" in drawing.html


def test_one_tensor_on_many_ways_is_labelled_once() -> None:
    words = [label.text for label in labels(sk.draw(branches(8)).sheet)]
    assert words.count("28×28×16") == 1


def headings(drawing: sk.Drawing) -> list[tuple[float, float]]:
    names = ("what was written", "what was meant")
    marks = [mark for mark in drawing.sheet.marks if isinstance(mark, Words)]
    return [mark.at for mark in marks if mark.text in names]


@pytest.mark.parametrize(("count", "beside"), [(3, True), (9, False)])
def test_two_graphs_stand_beside_each_other_where_there_is_room(count: int, beside: bool) -> None:
    ways = [layers.Conv2D(4, 1) for _ in range(count)]
    tried = sk.attempt(keras.Sequential, [keras.Input((8, 8, 4)), ways])
    drawing = sk.draw(tried)
    (x0, y0), (x1, y1) = headings(drawing)
    assert (y0 == y1 and x0 < x1) is beside
    assert (y0 < y1) is not beside
    if beside:
        assert drawing.sheet.width <= 700


def test_save_png(tmp_path: Path) -> None:
    drawing = sk.draw(highway())
    drawing.save(tmp_path / "model.png")
    data = (tmp_path / "model.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    width = int.from_bytes(data[16:20], "big")
    assert abs(width - 2 * drawing.sheet.width) <= 2
    assert data == drawing.png()  # the same in every run
    with pytest.raises(ValueError, match=r"save\('model.png'\)"):
        drawing.save(tmp_path / "model.jpg")


def test_png_shows_what_the_svg_shows() -> None:
    """Every mark of a sheet is painted: a picture without one of them is another picture."""
    from dataclasses import replace

    from seqkit.drawing.png import to_png

    sheet = sk.draw([keras.Input((4,)), layers.Dense(2), layers.Add(), layers.Dense(2)]).sheet
    whole = to_png(sheet, 1)
    for kind in {type(mark) for mark in sheet.marks}:
        marks = tuple(mark for mark in sheet.marks if type(mark) is not kind)
        assert to_png(replace(sheet, marks=marks), 1) != whole


def test_png_is_shown_only_when_asked() -> None:
    stack = [keras.Input((4,)), layers.Dense(2)]
    assert set(sk.draw(stack)._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert set(sk.draw(stack, png=True)._repr_mimebundle_()) == {"text/plain", "image/png"}


def test_a_named_input_bears_its_name() -> None:
    x = keras.Input((4,), name="age_income")
    root = ElementTree.fromstring(sk.draw(keras.Model(x, layers.Dense(1)(x))).svg)
    assert "age_income" in ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


def test_a_list_without_shapes_is_still_a_chain() -> None:
    tried = sk.attempt(keras.Sequential, [layers.Dense(4), "relu", layers.Dense(2)])
    assert tried.explanation is not None
    assert tried.explanation.actual is not None
    drawing = sk.draw(tried.explanation.actual)
    boxes = [mark for mark in drawing.sheet.marks if isinstance(mark, Box)]
    assert len({box.y for box in boxes}) == len(boxes)


@pytest.mark.parametrize("name", MODELS)
def test_labels_do_not_cover_each_other(name: str) -> None:
    areas = [area(label) for label in labels(sk.draw(MODELS[name]()).sheet)]
    for place, one in enumerate(areas):
        for left, top, right, bottom in areas[:place]:
            assert not meets(one, Box(left, top, right - left, bottom - top, "", ""))


def test_a_label_goes_to_the_free_side() -> None:
    road = ((100.0, 0.0), (100.0, 100.0))
    alone, beside_a_card, two = Labels(), Labels(), Labels()
    beside_a_card.avoid((103.0, 0.0, 200.0, 100.0))
    for collected in (alone, beside_a_card, two, two):
        collected.add("28×28×1", road, True)
    assert [one.anchor for one in alone.placed()] == ["start"]
    assert [one.anchor for one in beside_a_card.placed()] == ["end"]
    assert [one.anchor for one in two.placed()] == ["start", "end"]
