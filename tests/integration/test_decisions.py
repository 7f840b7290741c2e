"""What authenticated persons decide is on record, counts from then on, and never for themselves."""

from pathlib import Path
from typing import Any, Final, Literal

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Principal, Role
from assaybook.domain.subject import Release
from assaybook.domain.trust import Trust, TrustedKey
from assaybook.domain.waiver import Approval, Waiver, WaiverState
from assaybook.service.answer import Answered, Attesting, record_answer
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.decide_waivers import (
    Proposal,
    approve_waiver,
    propose_waiver,
    revoke_waiver,
)
from assaybook.service.run_assessment import judge_recorded
from assaybook.service.waivers import unjudged_state
from assaybook.store.decisions import WaiverRecord, list_waivers, load_waiver, save_waivers
from assaybook.store.evidence import load_evidence
from assaybook.store.journal import entries_after
from assaybook.store.unit_of_work import Reading
from support.evidence import AS_OF, a_document, a_metric, days
from support.floor import LASTING
from support.stores import SteadyClock, a_work, registered, submitted

ASKING: Final = """\
policy: approval.release
version: 1
title: Two persons agree
why: One can err.
severity: high
controls:
  nist-ai-rmf-1.0: {MANAGE 1.1: implements}
rules:
  - id: agreed
    attested: {question: May it go out?, role: approver, people: 2, valid_for: 90d}
    fix: Ask another person.
"""


def a_person(name: str, *roles: Role, systems: frozenset[str] | None = None) -> Principal:
    """Return a person with a key of their own."""
    return Principal(
        id=f"key:{name}",
        name=name,
        kind="person",
        roles=frozenset(roles or {Role.APPROVER}),
        systems=systems,
    )


ANN, BEA, CAL = a_person("ann", Role.AUTHOR), a_person("Bea"), a_person("cal")
NOBODY: Final = Trust()


@pytest.fixture
def ruling(tmp_path: Path) -> Ruling:
    """Return a policy about recall and one that asks persons."""
    for name, text in (("quality/floor", LASTING), ("approval/release", ASKING)):
        file = tmp_path / "policies" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return read_ruling(BundleFiles((tmp_path / "policies",)))


@pytest.fixture
def failing(engine: Engine, clock: SteadyClock) -> Engine:
    """Return a store with a release whose recall is too low."""
    registered(engine, clock)
    submitted(engine, a_document(a_metric(value=0.1)), clock=clock)
    return engine


def _proposal(**changes: Any) -> Proposal:
    known: dict[str, Any] = {
        "id": "W-1",
        "system": "s",
        "policy": "quality.floor",
        "rule": "floor",
        "whole": True,
        "reason": "the next release mends it",
        "expires": AS_OF + days(30),
    }
    return Proposal(**(known | changes))


def _proposed(
    engine: Engine, clock: SteadyClock, ruling: Ruling, who: Principal = ANN, **changes: Any
) -> WaiverRecord:
    with a_work(engine, clock) as work:
        return propose_waiver(work, _proposal(**changes), ruling.bundle.policies, who=who)


def _judged(engine: Engine, clock: SteadyClock, ruling: Ruling) -> Assessment:
    with Reading(engine) as reading:
        return judge_recorded(
            reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=clock()
        ).assessment


def _floor(found: Assessment) -> str:
    return next(one.disposition.value for one in found.findings if one.policy == "quality.floor")


def test_a_proposed_waiver_changes_nothing_until_another_person_approves_it(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    _proposed(failing, clock, ruling)
    before = _judged(failing, clock, ruling)
    with a_work(failing, clock) as work:
        approved = approve_waiver(work, "W-1", NOBODY, who=BEA)
    after = _judged(failing, clock, ruling)
    assert [_floor(one) for one in (before, after)] == ["open", "waived"]
    assert [one.waivers[0].state for one in (before, after)] == ["pending", "in_force"]
    approval = approved.waiver.approval
    assert approval is not None
    assert (approval.person, approval.verified, approved.version) == ("Bea", True, 2)


def test_a_revoked_waiver_holds_no_more_and_every_version_has_its_entry(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    _proposed(failing, clock, ruling)
    with a_work(failing, clock) as work:
        approve_waiver(work, "W-1", NOBODY, who=BEA)
    waived = clock.at
    with a_work(failing, clock) as work:
        revoked = revoke_waiver(work, "W-1", "it was found out", who=CAL)
    with Reading(failing) as reading:
        entries = [
            one.body
            for one in entries_after(reading.connection, 0, limit=99)
            if one.kind == "waiver"
        ]
        then = judge_recorded(reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=waived)
    assert _floor(_judged(failing, clock, ruling)) == "open"
    assert _floor(then.assessment) == "waived", "what was judged before stays as it was"
    assert (revoked.version, revoked.why, revoked.person) == (3, "it was found out", "cal")
    assert len(entries) == 3
    assert '"reason":"it was found out"' in entries[-1]


def test_a_waiver_of_one_version_of_a_policy_accepts_no_fail_of_the_next(
    failing: Engine, clock: SteadyClock, ruling: Ruling, tmp_path: Path
) -> None:
    assert _proposed(failing, clock, ruling).waiver.policy_version == 1
    with a_work(failing, clock) as work:
        approve_waiver(work, "W-1", NOBODY, who=BEA)
    file = tmp_path / "policies" / "quality" / "floor.yaml"
    file.write_text(LASTING.replace("version: 1", "version: 2"), encoding="utf-8")
    after = _judged(failing, clock, read_ruling(BundleFiles((tmp_path / "policies",))))
    assert _floor(after) == "open"
    assert [one.state for one in after.waivers] == ["void"]


@pytest.mark.parametrize(
    ("who", "trust"),
    [
        pytest.param(ANN, NOBODY, id="the same key"),
        pytest.param(a_person(" ANN "), NOBODY, id="another key of the same name in another case"),
        pytest.param(
            a_person("Ann Arbor"),
            Trust(keys=(TrustedKey(person="ann", name="Ann Arbor", roles=("r",), key=b"k" * 32),)),
            id="another name of the same person in the trust file",
        ),
    ],
)
def test_nobody_approves_what_they_asked_for(
    failing: Engine, clock: SteadyClock, ruling: Ruling, who: Principal, trust: Trust
) -> None:
    _proposed(failing, clock, ruling)
    with pytest.raises(UsageError) as caught, a_work(failing, clock) as work:
        approve_waiver(work, "W-1", trust, who=who)
    assert caught.value.code == "waiver-self-approved"
    assert _floor(_judged(failing, clock, ruling)) == "open"


def test_a_waiver_is_approved_once_and_not_after_its_end(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    _proposed(failing, clock, ruling)
    _proposed(failing, clock, ruling, id="W-2", expires=AS_OF + days(1))
    with a_work(failing, clock) as work:
        approve_waiver(work, "W-1", NOBODY, who=BEA)
    clock.at += days(2)
    codes: list[str] = []
    for name in ("W-1", "W-2", "W-3"):
        with pytest.raises(UsageError) as caught, a_work(failing, clock) as work:
            approve_waiver(work, name, NOBODY, who=CAL)
        codes.append(caught.value.code)
    with pytest.raises(UsageError) as ended, a_work(failing, clock) as work:
        revoke_waiver(work, "W-2", "too late", who=CAL)
    assert codes == ["waiver-not-pending", "waiver-not-pending", "waiver-unknown"]
    assert ended.value.code == "waiver-ended"


def test_an_approval_that_a_file_merely_claims_is_replaced_by_one_that_is_verified(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    record = _proposed(failing, clock, ruling)
    claimed = Approval(person="boss", at=AS_OF)
    with a_work(failing, clock) as work:
        save_waivers(work, [record.waiver.model_copy(update={"approval": claimed})], person="cli")
    with a_work(failing, clock) as work:
        done = approve_waiver(work, "W-1", NOBODY, who=BEA)
    assert done.waiver.approval is not None
    assert (done.waiver.approval.person, done.waiver.approval.verified) == ("Bea", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"system": "t"}, "system-unknown", id="an unknown system"),
        pytest.param({"releases": ("9",)}, "release-unknown", id="an unknown release"),
        pytest.param({"policy": "quality.flor"}, "policy-unknown", id="an unknown policy"),
        pytest.param({"rule": "flor"}, "rule-unknown", id="an unknown rule"),
        pytest.param({"compensating": "a.b/c"}, "policy-unknown", id="an unknown compensation"),
        pytest.param(
            {"compensating": "quality.floor/floor"}, "waiver-compensates-itself", id="itself"
        ),
        pytest.param({"rows": ("a",)}, "waiver-names-both", id="rows and the whole"),
        pytest.param({"whole": False}, "waiver-names-nothing", id="nothing"),
        pytest.param({"expires": AS_OF - days(1)}, "waiver-never-holds", id="over already"),
        pytest.param(
            {"starts": AS_OF + days(31)}, "waiver-never-holds", id="beginning after its end"
        ),
        pytest.param({"id": "W-0"}, "waiver-exists", id="an id that is taken"),
    ],
)
def test_a_waiver_that_could_never_hold_is_refused(
    failing: Engine, clock: SteadyClock, ruling: Ruling, changes: dict[str, Any], code: str
) -> None:
    _proposed(failing, clock, ruling, id="W-0")
    with pytest.raises(UsageError) as caught:
        _proposed(failing, clock, ruling, **changes)
    assert caught.value.code == code


def test_a_body_cannot_say_who_asked_or_approved() -> None:
    for field in ("requester", "approval", "revoked_at"):
        with pytest.raises(ValidationError):
            _proposal(**{field: "ann"})


def test_waivers_are_listed_with_their_state_and_only_of_systems_one_may_see(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(failing, clock, systems=("t",))
    _proposed(failing, clock, ruling, id=None)
    _proposed(failing, clock, ruling, system="t", compensating="approval.release/agreed")
    with a_work(failing, clock) as work:
        approve_waiver(work, "W-1", NOBODY, who=BEA)
    with Reading(failing) as reading:
        all_of_them = list_waivers(reading, system=None, systems=None, after=None, limit=1)
        rest = list_waivers(reading, system=None, systems=None, after=all_of_them.next, limit=9)
        mine = list_waivers(reading, system=None, systems={"t"}, after=None, limit=9)
        none = list_waivers(reading, system="t", systems={"s"}, after=None, limit=9)
        with pytest.raises(UsageError) as caught:
            load_waiver(reading, "W-1", systems={"s"})
    assert [one.waiver.id[:2] for one in (*all_of_them.items, *rest.items)] == ["W-", "w-"]
    assert [one.waiver.id for one in mine.items] == ["W-1"]
    assert none.items == ()
    assert caught.value.code == "waiver-unknown"
    state = unjudged_state(mine.items[0].waiver, clock())
    assert state == (WaiverState.IN_FORCE, "only while approval.release/agreed passes")


def _answered(  # noqa: PLR0913, PLR0917 - what a person says
    engine: Engine,
    clock: SteadyClock,
    ruling: Ruling,
    who: Principal,
    answer: Literal["yes", "no"] = "yes",
    trust: Trust = NOBODY,
    **more: Any,
) -> Answered:
    known: dict[str, Any] = {"system": "s", "release": "1", "policy": "approval.release"}
    known |= {"rule": "agreed", "answer": answer, **more}
    asked = Attesting(**known)
    with a_work(engine, clock) as work:
        return record_answer(work, asked, ruling, trust, who=who)


def _agreed(engine: Engine, clock: SteadyClock, ruling: Ruling) -> str:
    found = _judged(engine, clock, ruling)
    return next(one.outcome.value for one in found.findings if one.rule == "agreed")


def test_the_answers_of_two_persons_decide_a_rule_and_a_later_no_takes_one_back(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    seen = [_agreed(failing, clock, ruling)]
    for who, answer in ((BEA, "yes"), (BEA, "yes"), (CAL, "yes"), (BEA, "no"), (BEA, "yes")):
        _answered(failing, clock, ruling, who, answer)  # type: ignore[arg-type]
        seen.append(_agreed(failing, clock, ruling))
    assert seen == ["inconclusive", "inconclusive", "inconclusive", "pass", "fail", "pass"]


def test_an_answer_is_evidence_that_names_its_person_role_and_note(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    done = _answered(failing, clock, ruling, BEA, note="seen on the ward")
    with Reading(failing) as reading:
        found = load_evidence(reading, done.receipt.evidence)
    fact = found.facts[0].model_dump()
    assert (fact["person"], fact["role"], fact["answer"]) == ("Bea", "approver", "yes")
    assert found.envelope.submitted_by == "Bea"
    assert (done.person, done.role, done.question) == ("Bea", "approver", "May it go out?")


def test_a_yes_ends_when_the_person_said_it_would(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    _answered(failing, clock, ruling, BEA, valid_until=AS_OF + days(1))
    _answered(failing, clock, ruling, CAL)
    before = _agreed(failing, clock, ruling)
    clock.at += days(2)
    assert (before, _agreed(failing, clock, ruling)) == ("pass", "inconclusive")


def test_a_signed_and_an_authenticated_name_of_one_person_are_one_person(
    failing: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    trust = Trust(
        keys=(TrustedKey(person="bea.b", name="Bea", roles=("approver",), key=b"k" * 32),)
    )
    first = _answered(failing, clock, ruling, BEA, trust=trust)
    second = _answered(failing, clock, ruling, a_person("bea.b"), trust=trust)
    assert first.person == second.person == "bea.b"
    assert _agreed(failing, clock, ruling) == "inconclusive"


@pytest.mark.parametrize(
    ("who", "more", "code"),
    [
        pytest.param(a_person("dan", Role.AUDITOR), {}, "attestation-role-missing", id="no role"),
        pytest.param(BEA, {"system": "t"}, "system-unknown", id="unknown system"),
        pytest.param(BEA, {"release": "9"}, "release-unknown", id="unknown release"),
        pytest.param(BEA, {"policy": "a.b"}, "policy-unknown", id="unknown policy"),
        pytest.param(BEA, {"rule": "a"}, "rule-unknown", id="unknown rule"),
        pytest.param(
            BEA,
            {"policy": "quality.floor", "rule": "floor"},
            "rule-not-attested",
            id="a rule that asks nobody",
        ),
        pytest.param(
            BEA, {"valid_until": AS_OF - days(1)}, "attestation-never-valid", id="over already"
        ),
    ],
)
def test_an_answer_that_could_not_count_is_refused(  # noqa: PLR0913, PLR0917 - its parameters
    failing: Engine,
    clock: SteadyClock,
    ruling: Ruling,
    who: Principal,
    more: dict[str, Any],
    code: str,
) -> None:
    with pytest.raises(UsageError) as caught:
        _answered(failing, clock, ruling, who, **more)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["lena", "LENA ", "Lena Koch"])
def test_who_asks_for_a_release_does_not_answer_for_it(
    engine: Engine, clock: SteadyClock, ruling: Ruling, name: str
) -> None:
    registered(engine, clock, releases={"2": Release(version="2", requested_by="lena")})
    trust = Trust(
        keys=(TrustedKey(person="lena", name="Lena Koch", roles=("approver",), key=b"k" * 32),)
    )
    with pytest.raises(UsageError) as caught:
        _answered(engine, clock, ruling, a_person(name), trust=trust, release="2")
    assert caught.value.code == "attestation-by-requester"


def test_the_same_decision_is_recorded_once(failing: Engine, clock: SteadyClock) -> None:
    waiver = Waiver(
        id="w",
        policy="a.b",
        rule="r",
        system="s",
        whole=True,
        reason="late",
        requester="ann",
        expires=AS_OF + days(9),
    )
    with a_work(failing, clock) as work:
        first = save_waivers(work, [waiver], person="ann")
        again = save_waivers(work, [waiver], person="ann", why="the same once more")
    assert (first, again) == (1, 0)
