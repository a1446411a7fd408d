"""Pictures have words, tables line up, HTML is harmless."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from seqkit.display import Displayable, escape, preformatted, show, table


def _figure() -> object:
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2])
    return figure


def test_outside_a_notebook_the_description_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    show(_figure(), alt="A line\n  that rises.")  # type: ignore[arg-type]
    assert capsys.readouterr().out == "picture: A line that rises.\n"


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_picture_without_words_is_refused(alt: object) -> None:
    with pytest.raises(ValueError, match="cannot see it, but `alt` is empty"):
        show(_figure(), alt=alt)  # type: ignore[arg-type]


def test_what_is_no_figure_is_refused() -> None:
    with pytest.raises(TypeError, match="needs a matplotlib figure, but got list"):
        show([1, 2], alt="numbers")  # type: ignore[arg-type]


def test_the_figure_is_closed() -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, _ = plt.subplots()
    show(figure, alt="An empty frame.")
    assert not plt.fignum_exists(figure.number)


def test_a_notebook_shows_the_picture_once_with_its_words(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[1])
    source = (
        f"import sys; sys.path.insert(0, {root!r})\n"
        "import matplotlib.pyplot as plt, seqkit as sk\n"
        "figure, axes = plt.subplots(); axes.plot([1, 2])\n"
        "sk.show(figure, alt='A line that rises.')"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    (output,) = notebook.cells[0].outputs
    assert output.data["text/plain"] == "picture: A line that rises."
    assert output.data["text/html"].startswith('<img alt="A line that rises." ')
    assert "data:image/png;base64,iVBOR" in output.data["text/html"]


@given(st.text())
def test_html_is_harmless(text: str) -> None:
    for html in (escape(text), preformatted(text), table([text], [[text]]).as_html()):
        assert "<script" not in html.lower()
    assert "<" not in escape(text) and '"' not in escape(text)


def test_a_table_lines_up_and_tells_numbers_from_words() -> None:
    shown = table(["layer", "params"], [["Conv2D", "1,320"], ["Dense", 10]])
    assert str(shown).splitlines()[2:] == ["Conv2D   1,320", "Dense       10"]
    assert "text-align:right" in shown.as_html()


def test_an_empty_table_is_its_header() -> None:
    assert str(table(["a", "bc"], [])) == "a  bc\n-  --"


def test_a_row_of_the_wrong_length_is_explained() -> None:
    with pytest.raises(ValueError, match="Row 1 of the table has 1 cells, but the header has 2"):
        table(["a", "b"], [[1, 2], [3]])


def test_text_is_the_same_wherever_it_is_read() -> None:
    class Thing(Displayable):
        def as_text(self) -> str:
            return "a thing"

    assert str(Thing()) == repr(Thing()) == Thing()._repr_mimebundle_()["text/plain"] == "a thing"
    assert "text/html" not in Thing()._repr_mimebundle_()
