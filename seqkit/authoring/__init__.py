"""From text sources to notebooks: what authors use, and learners never need.

Authors edit `lessons/src/NN_slug.py` and `solutions/src/NN_slug.py`, which are Python files in
the py:percent form, and run `seqkit build`. Everything else is derived:

    lessons/NN_slug.ipynb      from lessons/src      outputs stored
    solutions/NN_slug.ipynb    from solutions/src    outputs stored
    exercises/NN_slug.ipynb    from solutions/src    answers cut, no outputs
    seqkit/exercises/solutions/exNN.json             the answers, for q1.solution()

`regions.py` says how an answer is marked, `macros.py` what `{{...}}` means, `notebooks.py` what
the metadata of a cell may say.
"""

from __future__ import annotations

from seqkit.authoring.building import build, drift

__all__ = ["build", "drift"]
