"""Large models fit on a page: what repeats is folded and counted, what matters is never hidden."""

from __future__ import annotations

import time
from typing import Any

import keras
import pytest
from keras import layers

import seqkit as sk
from seqkit.drawing.picture import FOLD_ABOVE, Picture, picture_of
from seqkit.graph import read
from seqkit.graph.copies import weights_without_memory


def conv() -> layers.Layer:
    return layers.Conv2D(4, 3, padding="same")


def chain(depth: int) -> list[Any]:
    pairs = [item for _ in range(depth // 2) for item in (layers.Dense(8), layers.ReLU())]
    return [keras.Input((8,)), *pairs]


def titles(picture: Picture) -> list[str]:
    return [card.title for card in picture.cards]


def application(name: str) -> keras.Model:
    with weights_without_memory():
        return getattr(keras.applications, name)(weights=None)


def check_nothing_is_lost(picture: Picture) -> None:
    """Every call is on exactly one card, and every road comes from a card above."""
    shown = sorted(node for card in picture.cards for node in card.nodes if node >= 0)
    assert shown == [node.index for node in picture.graph.nodes]
    assert all(way.source < way.target for way in picture.ways)
    fed = {way.target for way in picture.ways}
    assert fed == {spot for spot, card in enumerate(picture.cards) if not card.is_input}


def test_a_hundred_layers_fit_on_a_page() -> None:
    picture = picture_of(read(chain(100)))
    check_nothing_is_lost(picture)
    assert titles(picture) == ["input", "Dense 8", "… 96 more layers", "Dense 8"]
    assert picture.cards[2].details == ("Dense, ReLU ×48", "3,456 parameters")
    assert sk.draw(chain(100)).sheet.height < 500


def test_small_models_are_not_folded() -> None:
    stack = chain(FOLD_ABOVE)
    assert not any(card.hidden for card in picture_of(read(stack)).cards)
    assert any(card.hidden for card in picture_of(read(stack), fold=True).cards)
    assert not any(card.hidden for card in picture_of(read(chain(60)), fold=False).cards)


def test_a_chain_without_a_pattern_keeps_its_ends() -> None:
    picture = picture_of(read([keras.Input((16,)), *distinct()]), fold=True)
    check_nothing_is_lost(picture)
    hidden = [card for card in picture.cards if card.hidden]
    assert len(hidden) == 1
    assert hidden[0].title == "… 5 more layers"
    assert picture.cards[1].title == "Reshape (4, 4)"
    assert picture.cards[-1].title == "Dense 1"


def distinct() -> list[layers.Layer]:
    return [
        layers.Reshape((4, 4)),
        layers.Conv1D(4, 1),
        layers.Permute((2, 1)),
        layers.ZeroPadding1D(1),
        layers.MaxPooling1D(2),
        layers.UpSampling1D(2),
        layers.Cropping1D(1),
        layers.LSTM(4),
        layers.RepeatVector(3),
        layers.Flatten(),
        layers.Dense(1),
    ]


def test_resnet_shows_one_block_of_each_kind() -> None:
    drawing = sk.draw(application("ResNet50"))
    picture = picture_of(read(application("ResNet50")))
    check_nothing_is_lost(picture)
    hidden = [card for card in picture.cards if card.hidden]
    assert [card.title for card in hidden] == [
        "… 1 more block",
        "… 4 more blocks",
        "… 6 more blocks",
        "… 3 more blocks",
    ]
    assert titles(picture).count("Add") == 2
    assert drawing.sheet.height < 2000
    assert drawing.sheet.width <= 700


def test_resnet_is_drawn_within_a_second() -> None:
    graph = read(application("ResNet50"))
    start = time.perf_counter()
    _ = sk.draw(graph).svg
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("name", ["InceptionV3", "MobileNetV2", "DenseNet121", "NASNetMobile"])
def test_nothing_of_a_large_model_is_lost(name: str) -> None:
    graph = read(application(name))
    check_nothing_is_lost(picture_of(graph))
    check_nothing_is_lost(picture_of(graph, fold=False))
    check_nothing_is_lost(picture_of(graph, share=False))


def test_a_failure_is_never_folded() -> None:
    items = [keras.Input((8, 8, 4)), *(conv() for _ in range(40)), layers.Add()]
    items += [conv() for _ in range(40)]
    picture = picture_of(read(items))
    check_nothing_is_lost(picture)
    spot = titles(picture).index("Add")
    assert picture.cards[spot].status == "failed"
    assert [card.title for card in picture.cards[spot - 1 : spot + 2 : 2]] == ["Conv2D 4 · 3×3"] * 2
    after = [card for card in picture.cards[spot + 1 :] if card.hidden]
    assert len(after) == 1
    assert after[0].status == "not reached"


def test_branches_are_never_folded_away() -> None:
    x = keras.Input((8, 8, 4))
    y = x
    for _ in range(12):
        y = conv()(y)
    ways = [layers.Conv2D(2, size, padding="same")(y) for size in (1, 3, 5)]
    y = layers.Concatenate()(ways)
    for _ in range(20):
        y = conv()(y)
    picture = picture_of(read(keras.Model(x, y)))
    check_nothing_is_lost(picture)
    for title in ("Conv2D 2 · 1×1", "Conv2D 2 · 3×3", "Conv2D 2 · 5×5", "Concatenate"):
        assert titles(picture).count(title) == 1


def test_an_inner_output_is_kept() -> None:
    x = keras.Input((8,))
    y = x
    for _ in range(20):
        y = layers.Dense(8)(y)
    middle = layers.ReLU(name="inner")(y)
    y = middle
    for _ in range(20):
        y = layers.Dense(8)(y)
    picture = picture_of(read(keras.Model(x, [middle, y])))
    check_nothing_is_lost(picture)
    assert "ReLU" in titles(picture)
    assert [picture.cards[spot].title for spot, _ in picture.leaving] == ["ReLU", "Dense 8"]


def test_the_text_of_a_large_model_is_short() -> None:
    for model in (chain(100), application("MobileNet"), application("DenseNet121")):
        lines = str(sk.draw(model)).split("\n")
        assert max(map(len, lines)) <= 100
        assert len(lines) <= 160
