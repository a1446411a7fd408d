from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import lab

ROOT = Path(__file__).parents[2]
CELLS = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r})",
    "import seqkit as sk\nsk.choose()",
    "sk.choose.figure()",
)


@pytest.fixture(autouse=True)
def _browser() -> None:
    if lab.chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(lab.INSTALL_CHROMIUM)
        pytest.skip(lab.INSTALL_CHROMIUM)


def test_the_guide_is_walked_with_the_mouse_and_with_the_keyboard(tmp_path: Path) -> None:
    folder, home = tmp_path / "lessons", tmp_path / "home"
    folder.mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "choose.ipynb")

    with lab.serve(folder, home) as server, lab.browse(server.page("choose.ipynb")) as page:
        seen = lab.run_all_cells(page, timeout=120)
        assert lab.errors(seen) == []
        card = page.get_by_role("status").filter(has_text="depend on the data")
        expect(card).to_be_visible()

        _press_with_the_mouse(page)
        _press_with_the_keyboard(page)
        assert all(picture.stat().st_size > 10_000 for picture in lab.photograph(page, "chooser"))


def _press_with_the_mouse(page: Page) -> None:
    button = {name: page.get_by_role("button", name=name, exact=True) for name in ("Yes", "No")}
    button["No"].click()
    expect(_card(page)).to_contain_text("2. Is there more than one input?")
    button["Yes"].click()
    button["No"].click()
    expect(_card(page)).to_contain_text("Functional API")
    expect(_card(page)).to_contain_text("lesson: 13")
    expect(button["Yes"]).to_be_disabled()


def _press_with_the_keyboard(page: Page) -> None:
    """The answer has switched Yes and No off; the keyboard is on 'Start again' by then."""
    expect(page.get_by_role("button", name="Start again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    for number in range(2, 8):  # No to everything; the focus stays on the button
        page.keyboard.press("Space")
        expect(_card(page)).to_contain_text(f"{number}. ")
    page.keyboard.press("Space")
    expect(_card(page)).to_contain_text("→ Sequential")


def _card(page: Page) -> Locator:
    return page.locator(".jupyter-widgets [role=status]")
