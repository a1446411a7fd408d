"""Long lines of code, folded as code formatters fold them: one argument a line."""

from __future__ import annotations

WIDTH = 88
FOLDED = "\n"
"""After an opening bracket: what is inside stands one item a line, even if it is short."""

_CLOSING = {"(": ")", "[": "]", "{": "}"}


def fold(code: str, indent: int = 0, end: str = "") -> list[str]:
    r"""Break a line of code at its largest brackets until it fits.

    Args:
        code: one statement or expression.
        indent: how far it stands from the left.
        end: what follows it on its last line, a comma for instance.

    Returns:
        The lines.

    Example:
        >>> print("\n".join(fold("model = Sequential([" + FOLDED + "Dense(3), Dense(1)])")))
        model = Sequential(
            [
                Dense(3),
                Dense(1),
            ]
        )
    """
    margin = " " * indent
    brackets = _largest(code)
    whole = f"{margin}{code}{end}"
    if brackets is None or (len(whole) <= WIDTH and FOLDED not in code):
        return [whole]
    opening, closing = brackets
    head, inside, tail = code[: opening + 1], code[opening + 1 : closing], code[closing:]
    inner = f"{margin}    {inside}"
    if len(inner) <= WIDTH and FOLDED not in inside:
        body = [inner]
    else:
        items = split(inside.replace(FOLDED, "", 1) if inside.startswith(FOLDED) else inside)
        comma = "," if len(items) > 1 or inside.startswith(FOLDED) else ""
        body = [line for item in items for line in fold(item, indent + 4, comma)]
    return [f"{margin}{head}", *body, f"{margin}{tail}{end}"]


def split(inside: str) -> list[str]:
    """Split arguments at the commas that stand in no brackets and in no string.

    Example:
        >>> split('(3, 3), activation="a,b", name=f(1, 2)')
        ['(3, 3)', 'activation="a,b"', 'name=f(1, 2)']
    """
    items, start = [], 0
    for place, sign, depth in _signs(inside):
        if sign == "," and depth == 0:
            items.append(inside[start:place].strip())
            start = place + 1
    items.append(inside[start:].strip())
    return [item for item in items if item]


def _largest(code: str) -> tuple[int, int] | None:
    """The outer pair of brackets that holds most; one that must be folded comes first."""
    pairs, opened = [], 0
    for place, sign, depth in _signs(code):
        if sign in _CLOSING and depth == 0:
            opened = place
        elif sign in _CLOSING.values() and depth == 0:
            pairs.append((opened, place))
    full = [(one, two) for one, two in pairs if two > one + 1]
    if not full:
        return None
    return max(full, key=lambda pair: (FOLDED in code[pair[0] : pair[1]], pair[1] - pair[0]))


def _signs(code: str) -> list[tuple[int, str, int]]:
    """Brackets and commas outside strings, with the number of brackets around them."""
    found, depth, quote, place = [], 0, "", 0
    while place < len(code):
        sign = code[place]
        if quote:
            if sign == "\\":
                place += 1
            elif sign == quote:
                quote = ""
        elif sign in "\"'":
            quote = sign
        elif sign in _CLOSING:
            found.append((place, sign, depth))
            depth += 1
        elif sign in _CLOSING.values():
            depth -= 1
            found.append((place, sign, depth))
        elif sign == ",":
            found.append((place, sign, depth))
        place += 1
    return found
