from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import nbformat
import pytest

from seqkit.authoring import links

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("lessons", "exercises", "solutions")
    for path in (ROOT / folder).glob("*.ipynb")
)
SERVICES = re.compile(
    r"https://(?:mybinder\.org/v2|colab\.research\.google\.com/github)[^\s)\"'>]*"
)


def _text(notebook: str) -> str:
    cells = nbformat.read(ROOT / notebook, as_version=4).cells
    return "\n".join(cell.source for cell in cells)


def _target(url: str) -> tuple[str, str, str]:
    """The repository, the branch and the file that a Binder or Colab address opens."""
    parts = urlsplit(url)
    assert parts.scheme == "https"
    if parts.netloc == "mybinder.org":
        v2, service, owner, name, branch = parts.path.strip("/").split("/")
        assert (v2, service) == ("v2", "gh")
        (where,) = parse_qs(parts.query, strict_parsing=True)["urlpath"]
        assert where.startswith("lab/tree/")
        return f"{owner}/{name}", branch, where.removeprefix("lab/tree/")
    service, owner, name, blob, branch, path = parts.path.strip("/").split("/", 5)
    assert (service, blob) == ("github", "blob")
    return f"{owner}/{name}", branch, unquote(path)


def _pages() -> list[str]:
    readme = ["README.md"] if (ROOT / "README.md").exists() else []
    return [*NOTEBOOKS, *readme]


@pytest.mark.parametrize("page", _pages())
def test_every_link_opens_a_file_of_this_repository(page: str) -> None:
    text = _text(page) if page.endswith(".ipynb") else (ROOT / page).read_text(encoding="utf-8")
    for url in SERVICES.findall(text):
        repository, branch, path = _target(url)
        assert (repository, branch) == (links.repository(), links.branch())
        assert (ROOT / path).exists(), f"{page} links to {path}, which is missing"


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_has_its_own_two_badges(notebook: str) -> None:
    assert links.badges(notebook) in _text(notebook), "Run: make notebooks"


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_first_code_cell_installs_seqkit_on_colab(notebook: str) -> None:
    cells = nbformat.read(ROOT / notebook, as_version=4).cells
    first = next(cell.source for cell in cells if cell.cell_type == "code")
    assert links.colab_install_source().strip() in first, "Run: make notebooks"


@pytest.mark.parametrize("path", ["lessons/01_first_stack.ipynb", "exercises/a b.ipynb"])
def test_a_link_leads_back_to_its_path(path: str) -> None:
    here = (links.repository(), links.branch(), path)
    assert _target(links.binder_url(path)) == here
    assert _target(links.colab_url(path)) == here


def test_colab_keeps_its_tensorflow() -> None:
    source = links.colab_install_source()
    ast.parse(source)
    exec(source, {})  # here is not Colab, so nothing happens
    assert "tensorflow" not in source.lower().replace("# colab has tensorflow", "")
    assert "[" not in source.partition("install -q")[2]  # no extra: [cpu] would bring a TensorFlow
    assert "upgrade" not in source


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return tmp_path


def test_one_setting_changes_every_link(checkout: Path) -> None:
    before = links.badges("lessons/01_first_stack.ipynb")
    (checkout / "README.md").write_text(f"# Course\n\n{before}\n\nSee https://keras.io/guides.\n")

    again = links.set_repository(checkout, "jane/my.course")

    assert "lessons/*.ipynb" in again
    assert links.repository(checkout) == "jane/my.course"
    after = links.badges("lessons/01_first_stack.ipynb", checkout)
    assert "jane/my.course" in after
    assert links.rewrite_readme(checkout)
    assert (checkout / "README.md").read_text() == (
        f"# Course\n\n{after}\n\nSee https://keras.io/guides.\n"
    )
    assert not links.rewrite_readme(checkout)
    assert "jane/my.course@main" in links.rewrite(links.colab_install_source(), checkout)


def test_only_the_setting_changes(checkout: Path) -> None:
    before = (checkout / "pyproject.toml").read_text()
    links.set_repository(checkout, "jane/course")
    after = (checkout / "pyproject.toml").read_text()
    assert after == before.replace(
        f'repository = "{links.repository()}"', 'repository = "jane/course"'
    )


@pytest.mark.parametrize("name", ["jane", "", "a/b/c", "https://github.com/a/b", 'a/b"', "a b/c"])
def test_a_wrong_name_is_refused_in_words(name: str, checkout: Path) -> None:
    with pytest.raises(ValueError, match="owner/name"):
        links.set_repository(checkout, name)


def test_outside_a_checkout_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Clone the repository"):
        links.repository(tmp_path)


def test_help_lists_the_two_commands() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "make lab " in done.stdout
    assert "make test " in done.stdout
