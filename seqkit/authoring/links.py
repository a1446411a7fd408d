"""The Binder and Colab links of the notebooks, all made from one setting in `pyproject.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

BINDER: Final = "https://mybinder.org"
COLAB: Final = "https://colab.research.google.com"

_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_OWNER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_SETTING_LINE: Final = re.compile(r'^(repository = ")[^"]*(")', re.MULTILINE)

# What holds a link, and so must be made again after the repository's name changed.
REGENERATE: Final = ("lessons/*.ipynb", "exercises/*.ipynb", "solutions/*.ipynb")


def repository(root: Path | None = None) -> str:
    """The `owner/name` of the repository on GitHub.

    Args:
        root: The checkout; the one that this file lies in by default.

    Returns:
        The setting `repository` of `[tool.seqkit]` in `pyproject.toml`.

    Example:
        >>> repository().count("/")
        1
    """
    return str(_settings(root or _CHECKOUT)["repository"])


def branch(root: Path | None = None) -> str:
    """The branch that the links open.

    Args:
        root: The checkout; the one that this file lies in by default.

    Returns:
        The setting `branch` of `[tool.seqkit]` in `pyproject.toml`.
    """
    return str(_settings(root or _CHECKOUT)["branch"])


def binder_url(path: str, root: Path | None = None) -> str:
    """The address that opens a file of the repository in JupyterLab on Binder.

    Args:
        path: The file, relative to the checkout, with forward slashes.
        root: The checkout.

    Returns:
        The address.

    Example:
        >>> binder_url("lessons/01_first_stack.ipynb").endswith(
        ...     "?urlpath=lab%2Ftree%2Flessons%2F01_first_stack.ipynb")
        True
    """
    where = quote(f"lab/tree/{path}", safe="")
    return f"{BINDER}/v2/gh/{repository(root)}/{branch(root)}?urlpath={where}"


def colab_url(path: str, root: Path | None = None) -> str:
    """The address that opens a notebook of the repository in Colab.

    Args:
        path: The notebook, relative to the checkout, with forward slashes.
        root: The checkout.

    Returns:
        The address.

    Example:
        >>> colab_url("lessons/01_first_stack.ipynb").endswith("/lessons/01_first_stack.ipynb")
        True
    """
    return f"{COLAB}/github/{repository(root)}/blob/{branch(root)}/{quote(path)}"


def badges(path: str, root: Path | None = None) -> str:
    """The two badges of a notebook, as one line of Markdown.

    Args:
        path: The notebook, relative to the checkout, with forward slashes.
        root: The checkout.

    Returns:
        Two images that are links, each with a text for those who do not see it.

    Example:
        >>> badges("lessons/01_first_stack.ipynb").startswith("[![Open in Binder](")
        True
    """
    binder = f"[![Open in Binder]({BINDER}/badge_logo.svg)]({binder_url(path, root)})"
    colab = f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({colab_url(path, root)})"
    return f"{binder} {colab}"


def colab_install_source(root: Path | None = None) -> str:
    """The code that installs seqkit on Colab and does nothing elsewhere.

    Colab's own TensorFlow stays: seqkit depends on no TensorFlow, and pip leaves alone
    what satisfies the lower bounds already.

    Args:
        root: The checkout.

    Returns:
        Python source for the set-up cell.

    Example:
        >>> print(colab_install_source().splitlines()[0])
        import sys
    """
    source = f"git+https://github.com/{repository(root)}@{branch(root)}"
    return (
        "import sys\n"
        "\n"
        'if "google.colab" in sys.modules:  # Colab has TensorFlow, but not seqkit\n'
        "    from IPython import get_ipython\n"
        "\n"
        f'    get_ipython().run_line_magic("pip", "install -q {source}")\n'
    )


def set_repository(root: Path, name: str) -> tuple[str, ...]:
    """Write a new `owner/name` into `pyproject.toml`.

    Args:
        root: The checkout.
        name: The repository on GitHub, as `owner/name`.

    Returns:
        Patterns of the files that hold the old name and must be made again.

    Raises:
        ValueError: When `name` is not of the form `owner/name`.
    """
    if not _OWNER_NAME.fullmatch(name):
        raise ValueError(
            f"The repository must be given as owner/name, as on GitHub. Got {name!r}. "
            "Example: seqkit links --repository jane/seqkit"
        )
    file = root / "pyproject.toml"
    text, count = _SETTING_LINE.subn(rf"\g<1>{name}\g<2>", file.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(
            f'{file} must have exactly one line that starts with: repository = "... '
            f"It has {count}. Put it under [tool.seqkit]."
        )
    file.write_text(text, encoding="utf-8")
    _settings.cache_clear()
    return REGENERATE


def rewrite(text: str, root: Path | None = None) -> str:
    """Let every Binder, Colab and GitHub link to this course name the current repository.

    For pages that are written by hand, such as the README. Only links to a file of a
    repository are touched; other addresses stay.

    Args:
        text: Markdown.
        root: The checkout.

    Returns:
        The text with its links renewed.

    Example:
        >>> old = badges("lessons/02_shapes.ipynb").replace(repository(), "old/place")
        >>> rewrite(old) == badges("lessons/02_shapes.ipynb")
        True
    """
    name, at = repository(root), branch(root)
    text = re.sub(
        rf"({re.escape(BINDER)}/v2/gh/)[^/\s)]+/[^/\s)]+/[^?\s)]+", rf"\g<1>{name}/{at}", text
    )
    text = re.sub(
        rf"({re.escape(COLAB)}/github/)[^/\s)]+/[^/\s)]+/blob/[^/\s)]+",
        rf"\g<1>{name}/blob/{at}",
        text,
    )
    return re.sub(r"(git\+https://github\.com/)[\w.-]+/[\w.-]+@[\w.-]+", rf"\g<1>{name}@{at}", text)


def rewrite_readme(root: Path) -> bool:
    """Renew the links of the README.

    Args:
        root: The checkout.

    Returns:
        True when the file changed.
    """
    file = root / "README.md"
    before = file.read_text(encoding="utf-8")
    after = rewrite(before, root)
    if after != before:
        file.write_text(after, encoding="utf-8")
    return after != before


@cache
def _settings(root: Path) -> dict[str, Any]:
    file = root / "pyproject.toml"
    if not file.exists():
        raise FileNotFoundError(
            f"{file} is missing. Links are made in a checkout of the course, "
            "not from an installed seqkit. Clone the repository and run the command there."
        )
    settings: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))["tool"]["seqkit"]
    return settings
