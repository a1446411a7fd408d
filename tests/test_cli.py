"""The command line is a thin skin: it finds the course, calls a room and returns a code."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import pytest

from seqkit.cli import main

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "command", ["", "build", "links", "environment", "trace", "info", "lint", "rule"]
)
def test_help_is_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*command.split(), "--help"])
    assert stop.value.code == 0
    assert "usage: seqkit" in capsys.readouterr().out


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2


def test_outside_of_the_course(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--root", str(tmp_path)]) == 1
    assert "is not inside the course" in capsys.readouterr().err


def small_course(root: Path) -> Path:
    (root / "lessons/src").mkdir(parents=True)
    (root / "lessons/src/01_one.py").write_text("# %%\nprint(1)\n", encoding="utf-8")
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root)
    (root / "README.md").write_text("Read me.\n", encoding="utf-8")
    return root


def test_build_and_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ["--root", str(small_course(tmp_path))]
    assert main(["build", "--check", *root]) == 1
    assert "missing" in capsys.readouterr().out
    assert main(["build", "--no-execute", *root]) == 0
    assert main(["build", "--check", *root]) == 0


def test_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ["--root", str(small_course(tmp_path))]
    assert main(["links", "--repository", "jane/course", *root]) == 0
    assert "jane/course" in capsys.readouterr().out
    assert main(["links", "--repository", "no slash", *root]) == 1
    assert "owner/name" in capsys.readouterr().err


def test_environment(tmp_path: Path) -> None:
    assert main(["environment", "--root", str(small_course(tmp_path))]) == 0
    assert (tmp_path / "environment.yml").is_file()


def test_trace_of_a_saved_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "model.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(file)
    assert main(["trace", str(file)]) == 0
    assert "Dense" in capsys.readouterr().out


def test_trace_of_a_model_without_a_shape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "model.keras"
    keras.Sequential([keras.layers.Dense(2)]).save(file)
    assert main(["trace", str(file)]) == 1
    assert "--input-shape" in capsys.readouterr().err
    assert main(["trace", str(file), "--input-shape", "4,"]) == 0
    assert "total 10 parameters" in capsys.readouterr().out


def test_trace_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(tmp_path)]) == 1
    assert "is a folder" in capsys.readouterr().err


def test_trace_of_what_is_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(tmp_path / "gone.keras")]) == 1
    (tmp_path / "bad.keras").write_text("text")
    assert main(["trace", str(tmp_path / "bad.keras")]) == 1
    assert "not a model that Keras can open" in capsys.readouterr().err


def test_info(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    assert "device:" in capsys.readouterr().out
