"""What pages say of evidence, policies, waivers and entries, made without a server."""

from datetime import timedelta
from pathlib import Path

import pytest

from assaybook.console.lines import MOST_BYTES
from assaybook.console.pages.document import (
    assured,
    bytes_shown,
    fact_line,
    facts_from,
    value_words,
)
from assaybook.console.pages.evidence import document_line, notes_of
from assaybook.console.pages.exceptions import deciding, grouped, waiver_row
from assaybook.console.pages.ledger import KINDS, link_of
from assaybook.console.pages.policies import case_rows, param_rows, policy_rows
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Assurance, Overlay, OverlaySet, Policy
from assaybook.domain.principal import Principal, Role
from assaybook.domain.trust import Trust
from assaybook.domain.waiver import Approval, Waiver
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.controls import shipped_catalogs
from assaybook.service.policies import policy_shown
from assaybook.service.policy_cases import cases_of
from assaybook.store.decisions import WaiverRecord
from support.evidence import AS_OF, a_document, a_fact, a_metric, days

NOWHERE: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def ruling() -> Ruling:
    """Return the library that ships."""
    return read_ruling(BundleFiles())


def _policy(ruling: Ruling) -> Policy:
    return next(one for one in ruling.bundle.policies if one.id == "fairness.slice-floor")


def test_the_age_of_evidence_counts_from_when_it_was_made_and_is_unknown_without() -> None:
    dated = document_line(a_document(a_metric(), age=3).envelope, None, AS_OF)
    undated = document_line(a_document(a_metric(), age=None).envelope, None, AS_OF)
    assert (dated.seconds, undated.seconds) == (days(3).total_seconds(), None)


@pytest.mark.parametrize(
    ("authenticated", "words"),
    [(False, "nobody checked"), (True, "was checked")],
    ids=["asserted", "authenticated"],
)
def test_who_vouches_is_said_only_as_far_as_it_was_checked(
    authenticated: bool,  # noqa: FBT001 - a case
    words: str,
) -> None:
    envelope = a_document(a_metric(), authenticated=authenticated).envelope
    assert envelope.assurance is Assurance.CI
    assert words in assured(envelope)


def test_what_is_missing_of_a_document_and_removed_from_it_is_noted() -> None:
    whole = a_document(a_metric()).envelope
    partly = whole.model_copy(update={"malformed": True, "redactions": ("aws-key: 2",)})
    assert notes_of(whole) == ()
    assert notes_of(partly) == ("only a part of it could be read", "redacted: aws-key: 2")


def test_a_fact_says_its_value_first_and_names_what_it_does_not_say() -> None:
    fact = a_metric(value=None, unknown={"value": "unit"}, n=4)
    line = fact_line(fact, {"": 7})
    assert dict(line.says)["n"] == "4"
    assert dict(line.silent)["value"] == "unit"
    assert fact_line(a_metric(value=0.9), {}).says[0] == ("value", "0.9")
    present = a_fact("documentation", document="model", topic="owner", present=False)
    assert dict(fact_line(present, {}).says)["present"] == "no"


def test_a_long_or_hostile_value_is_cut_and_written_out() -> None:
    assert len(value_words("word " * 100)) <= 160
    assert value_words("a\u202eb") == "a\\u202eb"


def test_facts_are_shown_page_by_page_and_none_twice() -> None:
    facts = [a_metric(value=index / 1000) for index in range(120)]
    page = facts_from(facts, 0, {})
    seen = [dict(one.says)["value"] for one in page.lines]
    while page.next is not None:
        page = facts_from(facts, page.next, {})
        seen += [dict(one.says)["value"] for one in page.lines]
    assert len(seen) == len(set(seen)) == page.whole == 120
    assert facts_from(facts, 500, {}).lines == ()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(None, "erased", id="erased"),
        pytest.param(b"x" * (MOST_BYTES + 1), "has 262,145 bytes", id="too large"),
        pytest.param(b"\x80\x04", "no text", id="no text"),
    ],
)
def test_bytes_that_are_not_shown_say_why(content: bytes | None, why: str) -> None:
    shown = bytes_shown(content, "x", NOWHERE, "")
    assert shown.text is None
    assert why in shown.why


def test_what_an_overlay_sets_stands_beside_what_the_policy_says(ruling: Ruling) -> None:
    policy = _policy(ruling)
    relaxed = OverlaySet(policy.id, {"floor": 0.5}, ("s",), None, allow_relax=True, reason="pilot")
    strict = OverlaySet(policy.id, {"floor": 0.9})
    rows = param_rows(policy, (Overlay("house", (relaxed, strict)),))
    (floor,) = [one for one in rows if one.name == "floor"]
    assert [(one.value, one.who, one.relaxed) for one in floor.settings] == [
        ("0.5", "s", True),
        ("0.9", "every system", False),
    ]
    assert floor.value == "0.8"
    (slices,) = [one for one in rows if one.name == "slices"]
    assert (slices.value, slices.settings) == ("", ())


def test_policies_are_listed_by_theme(ruling: Ruling) -> None:
    every, security = policy_rows(ruling.bundle, None), policy_rows(ruling.bundle, "security")
    assert len(every) == len(ruling.bundle.policies)
    assert security
    assert all(one.line.policy.startswith("security.") for one in security)
    assert policy_rows(ruling.bundle, "none") == ()


def test_the_cases_beside_a_policy_are_counted_by_what_a_rule_comes_to(ruling: Ruling) -> None:
    policy = _policy(ruling)
    cases = cases_of(policy, ())
    assert cases is not None
    assert not cases.changed
    rows = case_rows(policy_shown(policy, (), shipped_catalogs()), cases)
    assert [one.rule for one in rows] == [one.id for one in policy.rules]
    for one in rows:
        counts = dict(one.counts)
        assert all(counts[each] for each in (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE))


def test_cases_that_cannot_be_read_are_none(ruling: Ruling, tmp_path: Path) -> None:
    assert cases_of(_policy(ruling), (tmp_path / "nothing",)) is None


def _waiver(**changes: object) -> WaiverRecord:
    known = {
        "id": "W",
        "policy": "quality.floor",
        "rule": "floor",
        "system": "s",
        "whole": True,
        "reason": "so",
        "requester": "ann",
        "expires": AS_OF + days(30),
    }
    waiver = Waiver.model_validate(known | changes)
    return WaiverRecord(waiver=waiver, version=1, at=AS_OF, person="ann", digest="sha256:00")


def _person(name: str, *roles: Role) -> Principal:
    return Principal(id="key:0", name=name, kind="person", roles=frozenset(roles), systems=None)


def test_waivers_stand_by_state_and_those_that_end_first_come_first() -> None:
    yes = Approval(person="bea", at=AS_OF - days(1), verified=True)
    found = [
        _waiver(id="late"),
        _waiver(id="soon", expires=AS_OF + days(2)),
        _waiver(id="held", approval=yes, expires=AS_OF + days(3)),
        _waiver(id="over", approval=yes, expires=AS_OF),
        _waiver(id="gone", approval=yes, revoked_at=AS_OF),
    ]
    groups = grouped([waiver_row(one, AS_OF) for one in found])
    named = [(one.heading, [row.record.waiver.id for row in one.rows]) for one in groups]
    assert named == [
        ("Proposed", ["soon", "late"]),
        ("In force", ["held"]),
        ("Run out", ["over"]),
        ("Revoked", ["gone"]),
    ]
    assert [row.record.waiver.id for one in groups for row in one.rows if row.soon] == ["held"]


@pytest.mark.parametrize(
    ("who", "approve", "revoke"),
    [
        pytest.param(_person("bea", Role.APPROVER), True, True, id="an approver"),
        pytest.param(_person(" Ann ", Role.APPROVER), False, True, id="who asked"),
        pytest.param(_person("dan", Role.AUDITOR), False, False, id="an auditor"),
        pytest.param(_person("eve", Role.ADMIN), False, True, id="an administrator"),
    ],
)
def test_only_another_person_with_the_role_may_approve(
    who: Principal,
    approve: bool,  # noqa: FBT001 - a case
    revoke: bool,  # noqa: FBT001 - a case
) -> None:
    may = deciding(waiver_row(_waiver(), AS_OF), who, Trust())
    assert (may.approve, may.revoke) == (approve, revoke)
    assert bool(may.no_approval) is not approve


def test_what_was_approved_and_has_not_begun_is_not_approved_again() -> None:
    yes = Approval(person="bea", at=AS_OF, verified=True)
    waits = waiver_row(_waiver(approval=yes, starts=AS_OF + timedelta(days=1)), AS_OF)
    may = deciding(waits, _person("cal", Role.APPROVER), Trust())
    assert may.no_approval == "bea has approved it; it has not begun."
    ended = deciding(waiver_row(_waiver(expires=AS_OF), AS_OF), _person("c", Role.ADMIN), Trust())
    assert (ended.no_approval, ended.no_revocation) == (
        "Nothing waits for an approval.",
        "It holds no more.",
    )


def test_an_entry_of_the_log_leads_to_what_it_names_where_there_is_a_page() -> None:
    assert link_of("release", "s/1.0") == "/systems/s/releases/1.0"
    assert link_of("evidence", "ev-1") == link_of("read", "ev-1") == "/evidence/ev-1"
    assert link_of("read", "pk-1") == "/packs/pk-1"
    assert link_of("read", "x") == ""
    assert link_of("waiver", "W/<1>") == "/exceptions/W%2F%3C1%3E"
    assert {one for one in KINDS if link_of(one, "a")} == {
        *("assessment", "evidence", "pack", "release", "retirement", "system", "waiver"),
    }
