"""Every claim of the register has evidence, and every check of it matters for the verdict."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

import seqkit as sk
from seqkit import limits
from seqkit.claims import Check, Claim, Evidence, Verdict, comparison, forget, get, ids
from seqkit.claims.claim import Examination
from seqkit.claims.from_limits import limits_of, refused
from seqkit.claims.measuring import steps
from seqkit.claims.table import ClaimTable

REGISTER = [
    *("A1", "A2.1", "A2.1b", "A2.2", "A2.3", "A2.4", "A2.5", "A2.6", "A2.7", "A2.8", "A2.9"),
    *("A2.10", "A3.1", "A3.2", "A3.3", "A3.4", "A4.1", "A4.2", "A4.3", "A4.4"),
    *("A5.1", "A5.2", "A6", "A7"),
    *("B1", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10", "B11", "B12", "B13", "B14"),
    *("B15.1", "B15.2", "B15.3", "B15.4", "B15.5", "B16", "B17"),
    *("C1", "C2", "C3", "C4.3", "C4.4", "C4.5", "C4.8", "C4.9", "C4.10", "C5", "C6"),
    *("C7", "C8", "C9", "C10"),
    *("D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D10", "D11"),
]
# These tell about many limits at once; a limit need not name them.
BROAD = {"A4.1", "A5.1", "A5.2", "B6", "B10", "B13", "C6"}


@pytest.fixture(scope="module")
def examined() -> dict[str, Examination]:
    return {id: get(id).examine() for id in ids()}


def test_the_whole_register_is_there() -> None:
    assert list(ids()) == REGISTER


@pytest.mark.parametrize("id", REGISTER)
def test_the_computed_verdict_is_the_recorded_one(
    examined: dict[str, Examination], id: str
) -> None:
    assert examined[id].agrees, str(examined[id])


@pytest.mark.parametrize("id", REGISTER)
def test_every_check_matters(examined: dict[str, Examination], id: str) -> None:
    evidence = examined[id].evidence
    assert evidence.says
    for part in ("says", "but", "once", "instead"):
        checks = getattr(evidence, part)
        for place, check in enumerate(checks):
            flipped = replace(check, holds=not check.holds)
            others = (*checks[:place], flipped, *checks[place + 1 :])
            assert replace(evidence, **{part: others}).verdict != get(id).recorded


@pytest.mark.parametrize("id", REGISTER)
def test_without_evidence_nothing_holds(id: str) -> None:
    def broken() -> Evidence:
        raise RuntimeError("it does not run")

    for evidence, words in ((None, "nobody has written"), (broken, "it does not run")):
        found = replace(get(id), evidence=evidence).examine()
        assert found.verdict is Verdict.NO_EVIDENCE
        table = ClaimTable((found,))
        assert not table.ok
        text = " ".join(str(table).split()).lower()
        assert words in text
        assert ". change the text of lesson" in text


@pytest.mark.parametrize("id", REGISTER)
def test_texts_are_short(id: str) -> None:
    claim = get(id)
    assert len(claim.statement) <= 140
    assert claim.statement.endswith((".", "…"))
    assert claim.lessons == tuple(sorted(set(claim.lessons)))
    assert all(1 <= lesson <= 20 for lesson in claim.lessons)


def test_every_lesson_but_none_has_a_table() -> None:
    taught = {lesson for id in ids() for lesson in get(id).lessons}
    assert taught == set(range(1, 21))


@pytest.mark.parametrize("name", limits.names())
def test_a_limit_and_its_claims_agree(name: str) -> None:
    for id in limits.get(name).claims:
        assert id in ids()
        assert name in limits_of(id, get(id).limits)


@pytest.mark.parametrize("id", [id for id in REGISTER if id not in BROAD])
def test_a_claim_and_its_limits_agree(id: str) -> None:
    for name in get(id).limits:
        assert id in limits.get(name).claims, f"{name} does not name {id}"


def test_a_missing_limit_is_no_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    modules = {name: limits.get(name) for name in limits.names() if name != "highway"}
    monkeypatch.setattr("seqkit.limits.register._modules", lambda: modules)
    found = get("A2.1").examine()
    forget()
    assert found.verdict is Verdict.NO_EVIDENCE
    assert "highway" in str(found)


def test_a_keras_that_accepts_everything_changes_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    monkeypatch.setattr(keras.Sequential, "add", lambda self, layer, rebuild=True: None)
    changed = [get(id).examine() for id in ("A1", "B10")]
    forget()
    assert not any(found.agrees for found in changed)


def test_a_second_run_does_not_measure_again(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    assert refused("residual") is refused("residual")
    forget()


def test_the_learner_is_left_alone() -> None:
    keras.utils.set_random_seed(7)
    before = (random.getstate(), str(np.random.get_state()))
    for id in ("A3.4", "B7", "C2", "D5"):
        get(id).examine()
    assert (random.getstate(), str(np.random.get_state())) == before
    keras.utils.clear_session()
    assert keras.layers.Dense(1).name == "dense"


def made(says: bool, but: Any = (), once: Any = (), instead: Any = ()) -> Verdict:
    def checks(values: Any) -> tuple[Check, ...]:
        return tuple(Check("statement", value, "") for value in values)

    return Evidence(checks([says]), checks(but), checks(once), checks(instead)).verdict


def test_the_verdict_follows_from_the_checks() -> None:
    assert made(True) == "holds"
    assert made(True, but=[True]) == "holds, but"
    assert made(True, but=[True, False]) == "holds"
    assert made(False) == "wrong"
    assert made(False, but=[True]) == "wrong"
    assert made(False, once=[True]) == "outdated"
    assert made(False, once=[False]) == "wrong"
    assert made(False, once=[True], instead=[False]) == "no evidence"
    assert Evidence(()).verdict == "no evidence"


def test_an_unknown_id_gets_a_hint() -> None:
    with pytest.raises(KeyError, match=r"There is no claim 'a2.1b'. Did you mean 'A2.1b'"):
        get("a2.1b")
    with pytest.raises(KeyError, match=r"Did you mean 'B14'"):
        comparison("B15")
    with pytest.raises(KeyError, match="no article 'E'"):
        sk.claims.table(article="E")
    with pytest.raises(KeyError, match="no lesson with claims 21"):
        sk.claims.table(lesson=21)


def test_a_table_chooses_rows() -> None:
    assert [row.claim.id for row in sk.claims.table(ids=["B7", "A3.4"])] == ["B7", "A3.4"]
    assert [row.claim.id for row in sk.claims.table(lesson=2, article="B")] == ["B3", "B4", "B8"][
        :2
    ]


def test_a_table_reads_well() -> None:
    table = sk.claims.table(ids=["B7", "A3.4"])
    text = str(table)
    assert table.ok
    assert max(map(len, text.split("\n"))) <= 100
    assert "2 claims: 1 holds · 1 wrong" in text
    assert "✓ from a list and with add(): 784·32 + 32 + 32·10 + 10 = 25,450 parameters" in text
    html = table.as_html()
    assert html.count("<details") == 2
    assert str(sk.claims.table(ids=["B7", "A3.4"])) == text


def test_a_table_says_which_lesson_to_change() -> None:
    claim: Claim = replace(get("B7"), recorded=Verdict.OUTDATED)
    text = " ".join(str(ClaimTable((claim.examine(),))).split())
    assert "✗ B7: the evidence says 'holds', lesson 1 'outdated'." in text
    assert "Change the text of lesson 1." in text


@pytest.mark.parametrize(("id", "rows"), [("B14", 8), ("C5", 5)])
def test_comparisons_are_backed_by_checks(id: str, rows: int) -> None:
    found = comparison(id)
    assert found.ok, str(found)
    assert len(found.rows) == rows
    assert all(len(row.checks) == len(row.cells) == 2 for row in found.rows)
    assert max(map(len, str(found).split("\n"))) <= 100
    for row in found.rows:
        broken = replace(row, checks=tuple(replace(one, holds=False) for one in row.checks))
        assert broken.cells == ("not shown: a check failed",) * 2
        assert "not shown" in str(replace(found, rows=(broken,)))
        assert "not shown" in replace(found, rows=(broken,)).as_html()


def test_every_lesson_shows_claims() -> None:
    for lesson in range(1, 21):
        assert any(get(id).is_shown_in(lesson) for id in ids())
    for id in ids():
        assert set(get(id).shown_in) <= set(get(id).lessons)


def test_the_loss_of_an_epoch_is_the_mean_of_its_batches() -> None:
    inputs = keras.Input((1,))
    model = keras.Model(inputs, keras.layers.Identity()(inputs))
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mean_squared_error")
    x, y = np.zeros((4, 1)), np.array([[1.0], [1.0], [3.0], [3.0]])
    assert steps(model, x, y, epochs=2, batch_size=2) == pytest.approx((1 + 9) / 2)
