from __future__ import annotations

import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

import seqkit as sk
from seqkit.choosing import chooser as chooser_module
from seqkit.choosing import decide
from seqkit.choosing.chooser import Chooser
from seqkit.choosing.guide import BUILDING, QUESTIONS, TRAINING
from seqkit.drawing.marks import Box


class _Tags(HTMLParser):
    """Collects tags, and refuses one that is closed in the wrong order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _tags(html: str) -> _Tags:
    tags = _Tags()
    tags.feed(html)
    assert tags.open == []
    return tags


@pytest.mark.parametrize("number", range(len(BUILDING)))
@pytest.mark.parametrize("training", [True, False])
def test_every_way_through_the_guide(number: int, training: bool) -> None:
    walk = Chooser()
    for question in BUILDING[:number]:
        assert walk.question is question
        walk.answer(False)
    walk.answer(True)
    assert walk.question is TRAINING and walk.recommendation is None
    walk.answer(training)
    names = (BUILDING[number].name, *(["training"] if training else []))
    assert walk.question is None
    assert walk.recommendation == decide(*names)
    walk.answer(True)  # too late: nothing is asked any more
    assert walk.recommendation == decide(*names)


def test_no_to_everything_is_a_sequential() -> None:
    walk = Chooser()
    for _ in QUESTIONS:
        walk.answer(False)
    assert walk.recommendation == decide()


def test_back_and_start_again() -> None:
    walk = Chooser()
    walk.back()
    walk.answer(False)
    walk.answer(True)
    walk.back()
    assert walk.question is BUILDING[1]
    walk.restart()
    assert walk.question is BUILDING[0]


def test_without_a_notebook_the_whole_guide_is_text_and_html() -> None:
    bundle = sk.choose()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert repr(sk.choose()) == bundle["text/plain"]
    tags = _tags(bundle["text/html"])
    assert tags.seen.count("details") == len(QUESTIONS) + 1
    assert "script" not in tags.seen
    for question in QUESTIONS:
        for text in bundle.values():
            assert question.text in text and question.yes.api in text


def test_the_html_takes_its_colours_from_the_theme() -> None:
    for html in (sk.choose()._repr_mimebundle_()["text/html"], Chooser().now_html()):
        assert "background" not in html
        assert "color:inherit" in html


def test_each_step_is_said_to_a_screen_reader() -> None:
    walk = Chooser()
    for yes in (False, True, True):
        html = walk.now_html()
        assert "aria-live" in html and walk.question is not None
        assert walk.question.text in html
        _tags(html)
        walk.answer(yes)
    assert "Functional API, with a train_step of your own" in walk.now_html()
    _tags(walk.now_html())


def test_the_buttons_ask_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(chooser_module, "in_notebook", lambda: True)
    walk = Chooser()
    card, row = walk.panel().children
    yes, no, back, again = row.children
    assert walk.panel().model_id == walk._repr_mimebundle_()[chooser_module._VIEW]["model_id"]
    assert back.disabled and again.disabled and BUILDING[0].text in card.value
    no.click()
    yes.click()
    assert not back.disabled
    no.click()
    assert yes.disabled and no.disabled and "Functional API" in card.value
    back.click()
    assert not yes.disabled and TRAINING.text in card.value
    again.click()
    assert BUILDING[0].text in card.value and walk.given == []


def test_without_ipywidgets_the_guide_stays_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chooser_module, "in_notebook", lambda: True)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert set(Chooser()._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_the_figure_shows_every_question_and_fits_the_page() -> None:
    drawn = sk.choose.figure()
    root = ElementTree.fromstring(drawn.svg)
    written = " ".join(text for one in root.iter() if (text := one.text))
    for question in QUESTIONS:
        assert question.text in written and question.text in drawn.alt
        assert question.yes.api in written and question.yes.api in drawn.alt
        assert question.help.split()[0] in written
    assert drawn.sheet.width <= 700
    assert "…" not in written  # nothing was too long for its card
    for mark in drawn.sheet.marks:
        if isinstance(mark, Box):
            assert mark.y + mark.height <= drawn.sheet.height


def test_the_figure_is_the_same_every_time() -> None:
    assert sk.choose.figure().svg == sk.choose.figure().svg
