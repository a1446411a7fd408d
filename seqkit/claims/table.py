"""`sk.claims.table`: many claims, each with the verdict that its evidence gives now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seqkit.claims.claim import Claim, Examination
from seqkit.claims.register import get, ids, unknown
from seqkit.claims.view.html import table_html
from seqkit.claims.view.text import rows_text, summary_lines
from seqkit.display import Displayable

ARTICLES = ("A", "B", "C", "D")
# A table of few claims shows every check; the whole register would be too long to read.
DETAIL = 12


@dataclass(frozen=True, repr=False)
class ClaimTable(Displayable):
    """Examined claims. Prints as a table; a notebook shows the checks of each as well.

    Attributes:
        rows: one `Examination` for each claim.
    """

    rows: tuple[Examination, ...]

    @property
    def ok(self) -> bool:
        """Whether every computed verdict is the one that the lessons tell."""
        return all(row.agrees for row in self.rows)

    @property
    def differing(self) -> tuple[Examination, ...]:
        """The rows whose computed verdict is not the one that the lessons tell."""
        return tuple(row for row in self.rows if not row.agrees)

    def __iter__(self) -> Iterator[Examination]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def as_text(self) -> str:
        """Return the table, the count of the verdicts, and what to change where they differ."""
        shown = rows_text(self.rows, detail=len(self.rows) <= DETAIL)
        return "\n".join([shown, "", *summary_lines(self.rows)])

    def as_html(self) -> str:
        """Return the table with the checks of each claim to unfold."""
        return table_html(self.rows)


def table(
    lesson: int | None = None, article: str | None = None, ids: Iterable[str] | None = None
) -> ClaimTable:
    """Run the evidence of claims, and show the verdicts.

    Without arguments it runs the whole register, which takes the better part of a minute. What
    takes long to measure is measured once in a process.

    Args:
        lesson: only the claims that this lesson teaches and has the words for.
        article: only the claims of one article: "A" limits, "B" guide, "C" popularity, "D" tricks.
        ids: only these claims, in this order.

    Returns:
        A `ClaimTable`.

    Raises:
        UnknownClaimError: no claim has that id, that article or that lesson.

    Example:
        >>> print(table(ids=["B7"]).rows[0].verdict)
        holds

    Taught in lesson 11.
    """
    return ClaimTable(tuple(one.examine() for one in chosen(lesson, article, ids)))


def chosen(
    lesson: int | None = None, article: str | None = None, some: Iterable[str] | None = None
) -> tuple[Claim, ...]:
    """The claims of a lesson, of an article, or of these ids; a claim must be all that is asked."""
    if article is not None and article not in ARTICLES:
        raise unknown("article", article, ARTICLES)
    wanted = ids() if some is None else tuple(some)
    claims = [get(id) for id in wanted if article is None or id.startswith(article)]
    found = tuple(one for one in claims if lesson is None or one.is_shown_in(lesson))
    if lesson is not None and not found:
        taught = sorted({number for id in ids() for number in get(id).lessons})
        raise unknown("lesson with claims", lesson, tuple(str(number) for number in taught))
    return found
