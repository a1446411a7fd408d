"""A shared layer is seen to be shared: one card with its calls, or cards that are joined."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import keras
from keras import layers

import seqkit as sk
from seqkit.drawing.picture import picture_of
from seqkit.graph import read

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def siamese() -> keras.Model:
    embed, read_on = layers.Embedding(50, 8), layers.LSTM(4)
    left, right = keras.Input((7,), name="left"), keras.Input((7,), name="right")
    both = [read_on(embed(side)) for side in (left, right)]
    return keras.Model([left, right], layers.Subtract()(both))


def test_twins_are_one_chain_with_two_roads() -> None:
    picture = picture_of(read(siamese()))
    assert [card.title for card in picture.cards] == [
        "Input",
        "Input",
        "Embedding 8",
        "LSTM 4",
        "Subtract",
    ]
    assert [(way.source, way.target, way.call) for way in picture.ways] == [
        (0, 2, 1),
        (1, 2, 2),
        (2, 3, 1),
        (2, 3, 2),
        (3, 4, 1),
        (3, 4, 2),
    ]
    words = texts(sk.draw(siamese()).svg)
    assert words.count("2 calls") == 2
    assert {"call 1: 7×8", "call 2: 7×8", "left", "right"} <= set(words)


def test_a_layer_that_follows_itself_has_joined_cards() -> None:
    dense = layers.Dense(4)
    stack = [keras.Input((4,)), dense, layers.ReLU(), dense]
    picture = picture_of(read(stack))
    assert picture.links == ((1, 3),)
    drawing = sk.draw(stack)
    words = texts(drawing.svg)
    assert "call 1 of 2" in words
    assert "same layer, call 2 of 2" in words
    dashed = [path for path in drawing.svg.split("<path")[1:] if "dasharray" in path]
    assert len(dashed) == 1


def test_calls_that_would_make_a_loop_stay_apart() -> None:
    """The two layers follow each other in both orders: on one card each, they would feed a loop."""
    one, other = layers.Dense(4), layers.Dense(4)
    a, b = keras.Input((4,)), keras.Input((4,))
    model = keras.Model([a, b], [other(one(a)), one(other(b))])
    picture = picture_of(read(model))
    assert all(way.source < way.target for way in picture.ways)
    assert len(picture.cards) == 5
    assert len(picture.links) == 1


def test_one_tensor_twice_has_two_roads() -> None:
    x = keras.Input((4,))
    picture = picture_of(read(keras.Model(x, layers.Add()([x, x]))))
    assert len(picture.ways) == 2


def test_a_shared_layer_is_never_folded() -> None:
    dense = layers.Dense(4)
    picture = picture_of(read([keras.Input((4,)), *[dense] * 40]))
    assert not any(card.hidden for card in picture.cards)
    assert len(picture.links) == 39


def test_a_model_inside_bears_its_name() -> None:
    encoder = keras.Sequential([keras.Input((4,)), layers.Dense(2)], name="encoder")
    x = keras.Input((4,))
    titles = [card.title for card in picture_of(read(keras.Model(x, encoder(x)))).cards]
    assert titles == ["Input", "Sequential encoder"]
