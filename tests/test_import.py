"""Importing seqkit is cheap, and every public name can be reached."""

from __future__ import annotations

import subprocess
import sys

import pytest

import seqkit as sk


@pytest.mark.parametrize("module", ["tensorflow", "keras", "matplotlib", "numpy"])
def test_import_brings_nothing_heavy(module: str) -> None:
    code = f"import sys, seqkit; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_import_changes_no_environment_variable() -> None:
    code = "import os, sys; a = dict(os.environ); import seqkit; sys.exit(a != dict(os.environ))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", sk.__all__)
def test_public_names(name: str) -> None:
    assert getattr(sk, name) is not None
    assert name in dir(sk)


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tracer'"):
        _ = sk.tracer
