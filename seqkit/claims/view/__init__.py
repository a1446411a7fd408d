"""How claims, tables and comparisons look: plain text first, HTML richer."""
