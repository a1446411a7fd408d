"""Real faulty programs: the fault and the layer are named, and most are repaired."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import seqkit as sk
from seqkit.explaining import Explanation


def _beside(name: str) -> Any:
    """The module beside this file; the tests are no package."""
    spec = importlib.util.spec_from_file_location(
        f"corpus_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


programs = _beside("programs")
PROGRAMS = {one["id"]: one for one in programs.load()}
LOUD = [name for name, one in PROGRAMS.items() if not one["silent"]]
# The Input says (1, 16, 16, 1) and the images are (16, 16, 1): we change the data, and the label
# names the Input.
ANOTHER_PLACE = {"so-63732431"}


@cache
def explained(name: str) -> tuple[Explanation, Any]:
    outcome = programs.run(PROGRAMS[name])
    assert outcome.error is not None
    return sk.explain(outcome.error, outcome.x, outcome.y), outcome


@pytest.mark.parametrize("name", LOUD)
def test_the_fault_is_named(name: str) -> None:
    program = PROGRAMS[name]
    fits = {program["fault_type"], *program.get("fault_also", ())}
    explanation, _ = explained(name)
    assert explanation.fault in fits, explanation


@pytest.mark.parametrize("name", LOUD)
def test_the_layer_is_named(name: str) -> None:
    culprit = PROGRAMS[name]["culprit"]
    fits = {culprit["layer_index"], *culprit.get("also_ok", ())}
    explanation, _ = explained(name)
    leads = PROGRAMS[name]["buggy"]["layers"][0]["class"] == "Input"
    place = None if explanation.layer is None else explanation.layer.index + leads
    if name in ANOTHER_PLACE:
        assert place is None
    else:
        assert place in fits, explanation


def test_all_are_repaired_and_run() -> None:
    """The README says 14 of 14."""
    repaired = [name for name in LOUD if explained(name)[0].verified and _runs(name)]
    assert repaired == LOUD
    assert len(repaired) == 14


def test_what_keras_says_nothing_about_is_found_before_fit() -> None:
    (silent,) = set(PROGRAMS) - set(LOUD)
    outcome = programs.run(PROGRAMS[silent])
    assert outcome.error is None
    found = sk.lint(outcome.model, outcome.x, outcome.y)
    assert [(one.code, one.fault, one.layer) for one in found] == [
        ("SEQ303", PROGRAMS[silent]["fault_type"], None)
    ]


def _runs(name: str) -> bool:
    """Run the repaired code, and then what the author did; anything raised fails the test."""
    facts = PROGRAMS[name]["buggy"]
    x, y = programs.data(PROGRAMS[name])
    namespace: dict[str, Any] = {"x": x, "y": y}
    exec(explained(name)[0].fix_code, namespace)
    model = namespace["model"]
    if not model.compiled:  # the author's program stopped before it came to compile
        model.compile(**programs.compile_arguments(facts["compile"]))
    programs.use(model, namespace["x"], namespace["y"], facts)
    return True
