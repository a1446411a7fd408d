"""`sk.draw`: models as SVG pictures, without Graphviz and without Java.

`layout` places the cards, `svg` paints them, `sketch` writes the same graph as plain text.
"""

from seqkit.drawing.draw import Drawing, draw, draw_side_by_side

__all__ = ["Drawing", "draw", "draw_side_by_side"]
