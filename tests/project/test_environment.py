from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from seqkit.environment import QUIET, apply

ROOT = Path(__file__).parents[2]


def test_makefile_sets_the_same_values() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    set_there = dict(re.findall(r"^export (TF_\w+) \?= (\S+)$", makefile, re.MULTILINE))
    assert set_there == QUIET


def test_binder_start_sets_the_same_values() -> None:
    start = str(ROOT / ".binder" / "start")
    assert _run([start, sys.executable, "-c", _PRINT]) == str(sorted(QUIET.items()))


def test_pytest_sets_them_for_the_kernels() -> None:
    assert all(name in os.environ for name in QUIET)


def test_what_the_user_set_stays() -> None:
    name = next(iter(QUIET))
    mine = {name: "mine"}
    apply(mine)
    assert mine == {**QUIET, name: "mine"}


def test_importing_seqkit_sets_nothing() -> None:
    code = "import os; before = dict(os.environ); import seqkit; print(dict(os.environ) == before)"
    assert _run([sys.executable, "-c", code]) == "True"


_PRINT = f"import os; print(sorted((n, os.environ[n]) for n in {list(QUIET)}))"


def _run(command: list[str]) -> str:
    env = {name: value for name, value in os.environ.items() if name not in QUIET}
    done = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()
