"""Folders of runs that were killed are removed; those of living processes stay."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqkit.grading import run_folder
from seqkit.kernel.processes import started

linux = pytest.mark.skipif(sys.platform != "linux", reason="times of start are read from /proc")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rf-", dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


@linux
def test_the_folder_of_an_ended_process_is_removed(home: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-c", "from seqkit.grading import run_folder; print(run_folder.make())"],
        env={**os.environ, "TMPDIR": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    folder = Path(made.stdout.strip())
    assert folder.is_dir()
    run_folder.make()
    assert not folder.exists()


@linux
def test_a_number_that_another_process_got_does_not_keep_a_folder(home: Path) -> None:
    me = os.getpid()
    old = home / f"seqkit-{me}-{int(started(me)) - 1}-abc"
    old.mkdir()
    run_folder.make()
    assert not old.exists()


def test_the_folders_of_living_processes_and_of_others_stay(home: Path) -> None:
    kept = [run_folder.make(), home / "seqkit-notes-of-mine", home / "seqkit-1-2"]
    for folder in kept[1:]:
        folder.mkdir()
    run_folder.make()
    assert all(folder.is_dir() for folder in kept)
