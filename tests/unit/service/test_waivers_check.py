"""Waiver files before a gate meets them: how each stands, and which are refused, with remedies."""

import json
from pathlib import Path

import pytest

from assaybook.domain.errors import AssayError
from assaybook.domain.finding import Assessment, Outcome
from assaybook.domain.statements import APPROVER
from assaybook.domain.trust import Trust, TrustedKey
from assaybook.language.source import read_source
from assaybook.language.waiver_file import load_waivers
from assaybook.ledger.keys import new_key, public_bytes
from assaybook.service.findings_file import read_findings
from assaybook.service.waivers import approve_waiver
from assaybook.service.waivers_check import CheckedFiles, check_waivers
from assaybook.service.waivers_propose import Asked, proposed, write_proposal
from support.assessing import FLOOR, a_policy, assessed, at
from support.evidence import a_document, a_metric
from support.rules import a_rule

KEY = new_key()
TRUST = Trust(
    keys=(TrustedKey(person="mara", name="Mara", roles=(APPROVER,), key=public_bytes(KEY)),)
)
OTHER = a_rule(id="other", pass_when="recall.exists(m, m.value > 0.99)", needs=("recall",))
POLICIES = (a_policy(FLOOR, OTHER),)
ROW = "name=recall, slice=f, dataset=d, split=holdout"
GONE = "name=recall, slice=m, dataset=d, split=holdout"
JUDGED = assessed(
    a_document(a_metric(value=0.5, slice="f"), a_metric(slice="m")), policies=POLICIES
)


def _waiver(name: str, days: float, **said: object) -> dict[str, object]:
    return {
        "id": name,
        "policy": "house.recall",
        "rule": "floor",
        "system": "s",
        "rows": [ROW],
        "reason": "It is being mended.",
        "requester": "ada",
        "expires": at(days).isoformat(),
        **said,
    }


def _checked(
    folder: Path, *waivers: dict[str, object], judged: Assessment | None = None, day: float = 0
) -> CheckedFiles:
    file = folder / "waivers.yaml"
    file.write_text(json.dumps({"waivers": waivers}))
    for one in waivers:
        name = str(one["id"])
        approve_waiver(file, name, person="mara", answer="yes", key=KEY, at=at(-5))
    return check_waivers([file], TRUST, POLICIES, at(day), judged)


def _told(found: CheckedFiles) -> list[tuple[str, str, str]]:
    return [
        (one.state, one.note, " ".join(each.code for each in one.faults)) for one in found.waivers
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({}, ("in_force", "", ""), id="it holds and is of use"),
        pytest.param(
            {"expires": at(0).isoformat()},
            ("expired", "it has run out", "waiver-expired"),
            id="it has run out",
        ),
        pytest.param(
            {"expires": at(10).isoformat()}, ("in_force", "it runs out in 10 days", ""), id="soon"
        ),
        pytest.param(
            {"expires": at(0.5).isoformat()},
            ("in_force", "it runs out within a day", ""),
            id="very soon",
        ),
        pytest.param(
            {"compensating": "house.recall/other"},
            (
                "void",
                "house.recall/other does not pass: fail",
                "waiver-void",
            ),
            id="its compensating rule fails",
        ),
        pytest.param(
            {"rows": [ROW, GONE]}, ("in_force", f"no longer failing: {GONE}", ""), id="a row passes"
        ),
        pytest.param({"rows": [GONE]}, ("unused", "none of its rows fails", ""), id="no row fails"),
        pytest.param(
            {"rule": "flor"},
            ("unused", "the rule does not fail: not judged", "rule-unknown"),
            id="no such rule",
        ),
        pytest.param(
            {"policy": "house.other"},
            ("unused", "the rule does not fail: not judged", "policy-unknown"),
            id="no such policy",
        ),
        pytest.param({"releases": ["9"]}, ("in_force", "", ""), id="of a release nobody judged"),
        pytest.param(
            {"starts": at(5).isoformat()}, ("pending", "it has not begun", ""), id="it begins later"
        ),
    ],
)
def test_a_waiver_stands_as_the_assessment_and_the_instant_say(
    tmp_path: Path, said: dict[str, object], expected: tuple[str, str, str]
) -> None:
    assert _told(_checked(tmp_path, _waiver("W-1", 60, **said), judged=JUDGED)) == [expected]


def test_each_acceptance_of_one_fail_after_the_first_is_counted_as_a_renewal(
    tmp_path: Path,
) -> None:
    found = _checked(
        tmp_path,
        _waiver("W-3", 90, rows=(), whole=True),
        _waiver("W-1", -2, starts=at(-5).isoformat()),
        _waiver("W-2", 60, releases=["1"]),
        _waiver("W-4", 95, rows=[GONE]),
        _waiver("W-5", 99, rule="other", rows=(), whole=True),
        _waiver("W-6", 99, releases=["2"]),
    )
    renewals = {one.waiver.id: one.renewals for one in found.waivers}
    assert renewals == {"W-1": 0, "W-2": 1, "W-3": 2, "W-4": 1, "W-5": 0, "W-6": 2}
    assert {one.accepted_since for one in found.waivers} == {at(-5)}
    (expired,) = found.faults
    assert "renewal 1" in expired.hint


def test_without_an_assessment_a_compensating_rule_is_only_named(tmp_path: Path) -> None:
    waiver = _waiver("W-1", 60, compensating="house.recall/other")
    assert _told(_checked(tmp_path, waiver)) == [
        ("in_force", "only while house.recall/other passes", "")
    ]


def test_a_requester_who_is_named_as_approver_is_refused_however_it_is_written(
    tmp_path: Path,
) -> None:
    file = tmp_path / "waivers.yaml"
    said = _waiver("W-1", 60, approver="Ada", approved_at=at(-1).isoformat())
    file.write_text(json.dumps({"waivers": [said]}))
    found = check_waivers([file, tmp_path / "none.yaml"], TRUST, POLICIES, at(0))
    assert [one.code for one in found.unread] == ["waiver-self-approved", "file-missing"]


def test_an_id_of_another_file_is_refused(tmp_path: Path) -> None:
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for file in files:
        file.write_text(json.dumps({"waivers": [_waiver("W-1", 60)]}))
    found = check_waivers(files, TRUST, POLICIES, at(0))
    assert [one.code for one in found.faults] == ["waiver-id-twice"]
    assert [one.note for one in found.waivers] == ["nobody has approved it"] * 2


def _asked(**said: object) -> Asked:
    known = {"rule": "house.recall/floor", "requester": "ada", "expires": at(30)}
    return Asked(**{**known, **said})  # type: ignore[arg-type]


def test_a_proposal_names_the_failing_rows_and_waits_for_reason_and_approval(
    tmp_path: Path,
) -> None:
    file = tmp_path / "waivers.yaml"
    write_proposal(file, proposed(JUDGED, _asked()), reason="")
    with pytest.raises(AssayError, match="reason must not be empty"):
        load_waivers(read_source(file.read_bytes(), "waivers.yaml"))
    file.write_text(file.read_text().replace('reason: ""', "reason: It is being mended."))
    (waiver,) = load_waivers(read_source(file.read_bytes(), "waivers.yaml"))
    assert (waiver.rows, waiver.releases, waiver.approval) == ((ROW,), ("1",), None)
    whole = _asked(
        rule="house.recall/other",
        reason="yes",
        every_release=True,
        compensating="house.recall/floor",
    )
    write_proposal(file, proposed(JUDGED, whole), reason="yes")
    _first, second = load_waivers(read_source(file.read_bytes(), "waivers.yaml"))
    assert (second.whole, second.releases, second.compensating) == (
        True,
        (),
        "house.recall/floor",
    )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"rule": "house.recall/none"}, "rule-unknown", id="no such rule"),
        pytest.param({"rows": (GONE,)}, "row-unknown", id="a row that passes"),
        pytest.param({"expires": at(0)}, "waiver-never-holds", id="over at once"),
        pytest.param(
            {"rule": "house.recall/other", "rows": ("x",)}, "row-unknown", id="a rule without rows"
        ),
    ],
)
def test_what_cannot_be_waived_is_not_proposed(said: dict[str, object], code: str) -> None:
    with pytest.raises(AssayError) as caught:
        proposed(JUDGED, _asked(**said))
    assert caught.value.code == code


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.INCONCLUSIVE])
def test_only_a_fail_is_proposed(outcome: Outcome) -> None:
    value = 0.9 if outcome is Outcome.PASS else None
    judged = assessed(a_document(a_metric(value=value)))
    with pytest.raises(AssayError) as caught:
        proposed(judged, _asked())
    assert (caught.value.code, caught.value.hint) == ("waiver-only-fails", "No rule fails.")


@pytest.mark.parametrize(
    ("before", "code"),
    [
        pytest.param("twice", "waiver-exists", id="the same proposal"),
        pytest.param('waivers: [{"a": 1}]\n', "missing-key", id="no file of waivers"),
        pytest.param("flow", "file-not-extended", id="a list that nothing can be put after"),
    ],
)
def test_a_file_that_cannot_take_a_proposal_stays_as_it_is(
    tmp_path: Path, before: str, code: str
) -> None:
    file = tmp_path / "waivers.yaml"
    block = proposed(JUDGED, _asked(reason="yes"))
    texts = {
        "twice": "waivers:\n" + block,
        "flow": json.dumps({"waivers": [_waiver("W-1", 60)]}) + "\n",
    }
    text = texts.get(before, before)
    file.write_text(text)
    with pytest.raises(AssayError) as caught:
        write_proposal(file, block, reason="yes")
    assert (caught.value.code, file.read_text()) == (code, text)


def test_a_proposal_that_the_file_would_not_be_read_with_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    with pytest.raises(AssayError) as caught:
        write_proposal(file, proposed(JUDGED, _asked(requester="a b", reason="x")), reason="x")
    assert (caught.value.code, file.exists()) == ("bad-form", False)


def test_an_assessment_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "findings.json"
    value = JUDGED.model_dump(mode="json", by_alias=True)
    file.write_text(json.dumps({**value, "problems": [], "files": {}}))
    assert read_findings(file) == JUDGED


@pytest.mark.parametrize("text", ["{", "[]", "{}", "[" * 100_000])
def test_what_is_no_assessment_is_told_how_to_write_one(tmp_path: Path, text: str) -> None:
    file = tmp_path / "findings.json"
    file.write_text(text)
    with pytest.raises(AssayError) as caught:
        read_findings(file)
    assert caught.value.code == "findings-unreadable"
