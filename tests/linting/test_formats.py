"""The command line: four formats, and an exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seqkit.cli import main
from seqkit.linting import all_rules

PROGRAM = """import keras
from keras import layers

model = keras.Sequential([
    keras.Input((4,)),
    layers.Dense(8),
    layers.Dense(1, activation="softmax"),
])
other = keras.Sequential([Own()])
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    program = tmp_path / "a,b 100%.py"
    program.write_text(PROGRAM, encoding="utf-8")
    return program


def output(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    main(["lint", *words])
    return capsys.readouterr().out


def test_text(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, str(file)).splitlines()
    assert lines[0].startswith(f"{file}:6:5: SEQ106 warning: ")
    assert lines[1].startswith("    fix: ")
    assert lines[2].startswith(f"{file}:7:5: SEQ201 error: ")
    assert lines[4].startswith(f"{file}:9:27: not read: ")
    assert lines[5] == "1 model checked, 2 findings: 1 error, 1 warning"


def test_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = json.loads(output(capsys, str(file), "--format", "json"))
    (one,) = written["files"]
    assert (one["path"], one["models"]) == (str(file), 1)
    first = one["findings"][0]
    assert (first["code"], first["line"], first["column"], first["layer"]) == ("SEQ106", 6, 5, 0)
    assert one["not_read"][0]["line"] == 9


def test_sarif(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = json.loads(output(capsys, str(file), "--format", "sarif"))
    assert written["version"] == "2.1.0" and "sarif-2.1.0" in written["$schema"]
    (run,) = written["runs"]
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    driver = run["tool"]["driver"]
    assert "informationUri" not in driver
    assert driver["name"] == "seqkit" and len(driver["rules"]) == len(all_rules())
    for rule in driver["rules"]:
        assert rule["id"] and rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert len(run["results"]) == 2
    for result in run["results"]:
        check_result(result, driver["rules"])


def check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in ("error", "warning", "note") and result["message"]["text"]
    physical = result["locations"][0]["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    assert " " not in uri and "%25" in uri  # a URI, not a path
    assert physical["region"]["startLine"] >= 1 and physical["region"]["startColumn"] >= 1


def test_github(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, str(file), "--format", "github").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::error"]
    assert "a%2Cb 100%25.py,line=6,col=5,title=SEQ106 linear-stack::" in lines[0]


def test_exit_codes(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(file)]) == 1
    assert main(["lint", str(file), "--ignore", "SEQ201"]) == 0
    assert main(["lint", str(tmp_path / "gone.py")]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert main(["lint", str(file), "--select", "SEQ777"]) == 1
    assert "There is no rule" in capsys.readouterr().err


def test_a_file_that_is_missing_keeps_the_others(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, wrong = str(tmp_path / "gone.py"), tmp_path / "wrong.py"
    wrong.write_text("this is no Python", encoding="utf-8")
    words = ["lint", gone, str(file), str(wrong), "--ignore", "SEQ201"]
    assert main(words) == 1
    printed = capsys.readouterr()
    assert "SEQ106" in printed.out and f"{wrong}:1:1: not read: " in printed.out
    assert printed.err.splitlines()[0].startswith(f"seqkit lint: {gone} does not exist")
    assert printed.err.splitlines()[1] == f"seqkit lint: {wrong} is not Python."

    assert main([*words, "--format", "json"]) == 1
    files = json.loads(capsys.readouterr().out)["files"]
    assert [bool(one["failed"]) for one in files] == [True, False, True]

    assert main([*words, "--format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False and len(run["results"]) == 1
    assert "does not exist" in invocation["toolExecutionNotifications"][0]["message"]["text"]

    assert main([*words, "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::error"]


def test_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "SEQ201"]) == 0
    assert capsys.readouterr().out.startswith("### SEQ201 softmax-on-one-unit")
    assert main(["rule", "--all"]) == 0
    assert capsys.readouterr().out.startswith("# Rules of `sk.lint`")
    assert main(["rule"]) == 1
    assert main(["rule", "SEQ999"]) == 1
