"""Waivers change what people accept, never what was found; and only while they hold."""

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Disposition, Finding, Outcome, Standing
from assaybook.domain.policy import Severity
from assaybook.domain.waiver import Approval, Waiver
from assaybook.evaluation.waive import as_used, before, concerning, resolve
from support.assessing import (
    FLOOR,
    a_policy,
    a_waiver,
    approval_rule,
    assessed,
    at,
    the_finding,
)
from support.evidence import AS_OF, a_document, a_fact, a_metric, covered
from support.rules import a_need, a_rule, secrets

ROW = "name=recall, dataset=d, split=holdout"


def _state(waiver: Waiver, **outcomes: Outcome) -> tuple[str, str]:
    judged = {("house.other", name): outcome for name, outcome in outcomes.items()}
    found = resolve(waiver, judged, AS_OF)
    return found.state.value, found.note


def _approved(when: float, *, verified: bool = True, person: str = "mara") -> Approval:
    return Approval(person=person, at=at(when), verified=verified)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        pytest.param({}, "in_force", id="approved and not over"),
        pytest.param({"expires": AS_OF}, "expired", id="over at the very instant it names"),
        pytest.param({"expires": at(0.00001)}, "in_force", id="a second before it is over"),
        pytest.param({"starts": AS_OF}, "in_force", id="it begins at this instant"),
        pytest.param({"starts": at(0.00001)}, "pending", id="it begins a second later"),
        pytest.param({"approval": _approved(0)}, "in_force", id="approved at this instant"),
        pytest.param({"approval": _approved(0.00001)}, "pending", id="approved a second later"),
        pytest.param(
            {"approval": _approved(0.1), "starts": at(-5)}, "pending", id="begun before approved"
        ),
        pytest.param({"approval": None}, "pending", id="nobody approved"),
        pytest.param(
            {"approval": _approved(-1, verified=False)}, "pending", id="an unverified approval"
        ),
        pytest.param({"approval": _approved(-1, person="ada")}, "pending", id="self-approved"),
        pytest.param(
            {"approval": _approved(-1, person=" Ada")}, "pending", id="self-approved, respelled"
        ),
        pytest.param({"revoked_at": AS_OF}, "revoked", id="revoked at this instant"),
        pytest.param({"revoked_at": at(0.00001)}, "in_force", id="revoked a second later"),
        pytest.param(
            {"revoked_at": at(-1), "expires": at(-0.5)}, "revoked", id="revoked before it was over"
        ),
    ],
)
def test_the_state_of_a_waiver_at_an_instant(changes: dict[str, object], state: str) -> None:
    assert _state(a_waiver(**changes))[0] == state


def test_an_approval_that_nobody_verified_is_named_as_such() -> None:
    waiver = a_waiver(approval=_approved(-1, verified=False))
    said = "the approval of mara is not verified by a key of the trust file"
    assert _state(waiver) == ("pending", said)
    assert not as_used(resolve(waiver, {}, AS_OF), used=False).approver_verified
    shown = as_used(resolve(a_waiver(approval=None), {}, AS_OF), used=False)
    assert (shown.approver, shown.approver_verified, shown.renewals) == (None, False, 0)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.PASS, ("in_force", "")),
        (Outcome.FAIL, ("void", "house.other/r does not pass: fail")),
        (Outcome.INCONCLUSIVE, ("void", "house.other/r does not pass: inconclusive")),
        (None, ("void", "house.other/r does not pass: not judged")),
    ],
)
def test_a_waiver_holds_only_while_its_compensating_rule_passes(
    outcome: Outcome | None, state: tuple[str, str]
) -> None:
    waiver = a_waiver(compensating="house.other/r")
    assert _state(waiver, **({"r": outcome} if outcome else {})) == state


def test_a_waiver_concerns_one_rule_of_one_system_and_its_releases() -> None:
    def concerns(**changes: object) -> bool:
        state = resolve(a_waiver(**changes), {}, AS_OF)
        return bool(concerning([state], ("house.recall", "floor"), "s", "1"))

    assert concerns()
    assert concerns(releases=("0", "1"))
    assert not concerns(releases=("2",))
    assert not concerns(system="t")
    assert not concerns(rule="other")
    assert not concerns(policy="house.other")
    assert not concerns(expires=AS_OF)


def _bad(*slices: tuple[str, float], **document: object) -> Evidence:
    rows = slices or (("", 0.5),)
    facts = [a_metric(value=value, slice=name) for name, value in rows]
    return a_document(*facts, **document)  # type: ignore[arg-type]


def _judged(*documents: Evidence, waivers: tuple[Waiver, ...], **changes: object) -> Finding:
    return the_finding(assessed(*documents, waivers=waivers, **changes))


def test_a_waived_fail_stays_a_fail_and_says_who_accepts_it() -> None:
    finding = _judged(_bad(), waivers=(a_waiver(),))
    assert (finding.outcome, finding.disposition) == (Outcome.FAIL, Disposition.WAIVED)
    assert (finding.waiver, finding.rest) == ("W-1", Outcome.PASS)


def test_a_waiver_of_a_row_takes_out_that_row_alone() -> None:
    two = _bad(("f", 0.5), ("m", 0.6))
    key = "name=recall, slice=f, dataset=d, split=holdout"
    finding = _judged(two, waivers=(a_waiver(rows=(key,)),))
    assert (finding.disposition, finding.rest) == (Disposition.OPEN, Outcome.FAIL)
    assert {row.key: row.waived_by for row in finding.rows} == {
        key: "W-1",
        "name=recall, slice=m, dataset=d, split=holdout": None,
    }
    other = a_waiver(id="W-2", rows=("name=recall, slice=m, dataset=d, split=holdout",))
    both = _judged(two, waivers=(other, a_waiver(rows=(key,))))
    assert (both.disposition, both.waiver) == (Disposition.WAIVED, "W-1, W-2")


def test_a_waiver_of_a_row_that_is_not_there_changes_nothing_and_is_unused() -> None:
    found = assessed(_bad(), waivers=(a_waiver(rows=("slice=other",)),))
    assert the_finding(found).disposition is Disposition.OPEN
    assert [one.state for one in found.waivers] == ["unused"]


def test_only_a_fail_can_be_waived() -> None:
    good = assessed(a_document(a_metric()), waivers=(a_waiver(),))
    assert the_finding(good).disposition is Disposition.OPEN
    assert [one.state for one in good.waivers] == ["unused"]
    unknown = assessed(waivers=(a_waiver(),))
    assert the_finding(unknown).outcome is Outcome.INCONCLUSIVE
    assert unknown.gate.exit == 4


HITS = a_policy(
    a_rule(
        id="floor",
        for_each="hits",
        at_least="0",
        pass_when='row.fingerprint == "known"',
        needs=("hits",),
    ),
    needs=(secrets(name="hits"),),
)


def _hit(**counts: object) -> Evidence:
    row = covered("security/secret", **{"failed": 1, **counts})  # type: ignore[arg-type]
    return a_document(a_fact("security", fingerprint="x", **{"class": "secret"}), coverage=[row])


@pytest.mark.parametrize("names", [{"rows": ("fingerprint=x",)}, {"whole": True, "rows": ()}])
def test_what_errored_stays_undecided_whatever_is_waived(names: dict[str, object]) -> None:
    found = assessed(_hit(errored=99), policies=[HITS], waivers=(a_waiver(**names),))
    finding = the_finding(found)
    assert (finding.outcome, finding.rest) == (Outcome.FAIL, Outcome.INCONCLUSIVE)
    assert finding.disposition is Disposition.OPEN
    assert found.gate.exit == 3
    assert found.gate.counts.inconclusive == 1
    standing = next(one for one in found.standings if one.control == "A1")
    assert standing.standing is Standing.NOT_DETERMINED


@pytest.mark.parametrize("names", [{"rows": ("fingerprint=x",)}, {"whole": True, "rows": ()}])
def test_a_waived_hit_of_a_whole_scan_is_an_accepted_risk_and_no_pass(
    names: dict[str, object],
) -> None:
    found = assessed(_hit(), policies=[HITS], waivers=(a_waiver(**names),))
    assert found.gate.exit == 4
    assert found.gate.counts.waived == 1
    standing = next(one for one in found.standings if one.control == "A1")
    assert standing.standing is Standing.RISK_ACCEPTED


def test_a_fail_without_rows_is_waived_as_a_whole_only() -> None:
    policy = a_policy(
        a_rule(id="floor", pass_when="recall.exists(r, r.value >= 0.8)", needs=("recall",))
    )
    waived = _judged(_bad(), policies=[policy], waivers=(a_waiver(),))
    assert waived.disposition is Disposition.WAIVED
    named = _judged(_bad(), policies=[policy], waivers=(a_waiver(rows=(ROW,)),))
    assert named.disposition is Disposition.OPEN


def test_a_waiver_of_a_fail_that_was_waived_before_is_shown_as_its_renewal() -> None:
    old = a_waiver(id="W-0", expires=at(-3))
    other = a_waiver(id="W-9", rule="other", expires=at(-3))
    found = assessed(_bad(), waivers=(a_waiver(), old, other))
    assert {one.id: (one.state, one.renewals) for one in found.waivers} == {
        "W-0": ("expired", 0),
        "W-1": ("in_force", 1),
        "W-9": ("expired", 0),
    }
    written = found.model_dump(mode="json")["waivers"]
    assert ["renewals" in one for one in written] == [False, True, False]


@pytest.mark.parametrize(
    ("older", "newer", "renews"),
    [
        pytest.param({}, {}, True, id="both of every row and release"),
        pytest.param({"rows": ("a", "b")}, {"rows": ("b",)}, True, id="some row in both"),
        pytest.param({"rows": ("a",)}, {"rows": ("b",)}, False, id="of other rows"),
        pytest.param({"rows": ("a",)}, {}, True, id="of one row, then of the whole"),
        pytest.param({}, {"rows": ("a",)}, True, id="of the whole, then of one row"),
        pytest.param(
            {"releases": ("1", "2")}, {"releases": ("2",)}, True, id="one release in both"
        ),
        pytest.param({"releases": ("1",)}, {"releases": ("2",)}, False, id="of other releases"),
        pytest.param({"releases": ("1",)}, {}, True, id="of one release, then of all"),
        pytest.param({}, {"releases": ("1",)}, True, id="of all releases, then of one"),
        pytest.param({"system": "t"}, {}, False, id="of another system"),
        pytest.param({"policy": "house.other"}, {}, False, id="of another policy"),
    ],
)
def test_a_waiver_renews_one_that_ends_before_it_and_accepts_some_of_the_same(
    older: dict[str, object], newer: dict[str, object], *, renews: bool
) -> None:
    first, second = a_waiver(id="W-1", **older), a_waiver(id="W-0", expires=at(20), **newer)
    assert before(second, [second, first]) == ((first,) if renews else ())
    assert before(first, [second, first]) == ()


def test_of_two_waivers_that_end_together_one_renews_the_other_and_never_each_other() -> None:
    first, second = a_waiver(id="W-1"), a_waiver(id="W-2")
    assert before(second, [first, second]) == (first,)
    assert before(first, [first, second]) == ()


def test_a_void_waiver_leaves_the_fail_open() -> None:
    found = assessed(_bad(), waivers=(a_waiver(compensating="house.recall/other"),))
    assert the_finding(found).disposition is Disposition.OPEN
    assert [one.state for one in found.waivers] == ["void"]
    assert found.gate.exit == 1


def test_a_waived_compensating_rule_does_not_compensate() -> None:
    both = a_policy(FLOOR, a_rule(id="other", pass_when="false"))
    waivers = (
        a_waiver(compensating="house.recall/other"),
        a_waiver(id="W-2", rule="other"),
    )
    found = assessed(_bad(), policies=[both], waivers=waivers)
    assert [one.state for one in found.waivers] == ["void", "in_force"]
    assert [one.disposition.value for one in found.findings] == ["open", "waived"]


def test_the_no_of_a_person_is_not_turned_into_a_yes_by_a_waiver() -> None:
    fact = a_fact(
        "attestation",
        policy="house.recall",
        rule="asked",
        person="ben",
        answer="no",
        role="approver",
        signed_at=at(-1),
    )
    policy = a_policy(approval_rule(people=1), needs=())
    for names in ({"rows": ("person=ben",)}, {"whole": True, "rows": ()}):
        waiver = a_waiver(rule="asked", **names)
        finding = _judged(a_document(fact), policies=[policy], waivers=(waiver,))
        assert (finding.outcome, finding.rest) == (Outcome.FAIL, Outcome.INCONCLUSIVE)


def test_an_unknown_that_a_rule_calls_a_fail_can_be_waived_as_a_whole_only() -> None:
    rule = a_rule(
        id="floor",
        for_each="recall",
        enough="row.n >= 50",
        pass_when="row.value >= 0.8",
        needs=("recall",),
        on_unknown="fail",
    )
    thin = a_document(a_metric(value=0.9, n=3))
    named = _judged(thin, policies=[a_policy(rule)], waivers=(a_waiver(rows=(ROW,)),))
    assert (named.outcome, named.disposition) == (Outcome.FAIL, Disposition.OPEN)
    whole = _judged(thin, policies=[a_policy(rule)], waivers=(a_waiver(),))
    assert whole.disposition is Disposition.WAIVED
    mixed = a_document(a_metric(value=0.9, n=3), a_metric(value=0.5, n=60, slice="f"))
    both = _judged(mixed, policies=[a_policy(rule)], waivers=(a_waiver(),))
    assert both.disposition is Disposition.WAIVED


def test_the_order_of_waivers_decides_nothing() -> None:
    waivers = (a_waiver(id="W-2"), a_waiver(id="W-1"), a_waiver(id="W-0", rows=(ROW,)))
    one = assessed(_bad(), waivers=waivers)
    other = assessed(_bad(), waivers=waivers[::-1])
    assert one.assessment.digest == other.assessment.digest
    assert the_finding(one).waiver == "W-1"


def test_a_crafted_row_cannot_borrow_the_name_of_a_waived_one() -> None:
    need = a_need("pii", name="found")
    rule = a_rule(id="floor", for_each="found", pass_when="row.score < 0.5", needs=("found",))
    waiver = a_waiver(rows=("entity=email, column=notes, location=here",))
    policy = a_policy(rule, needs=(need,), severity=Severity.LOW)
    known = a_document(a_fact("pii", entity="email", column="notes", location="here", score=0.9))
    assert _judged(known, policies=[policy], waivers=(waiver,)).disposition.value == "waived"
    crafted = a_document(
        a_fact("pii", entity="email", column="notes, location=here", location="", score=0.9)
    )
    finding = _judged(crafted, policies=[policy], waivers=(waiver,))
    assert finding.rows[0].key == 'entity=email, column="notes, location=here"'
    assert finding.disposition is Disposition.OPEN


@pytest.mark.parametrize(("accepted", "state"), [(None, "in_force"), (1, "in_force"), (2, "void")])
def test_a_waiver_holds_for_the_version_of_the_policy_that_it_accepts_a_fail_of(
    accepted: int | None, state: str
) -> None:
    waiver = a_waiver(policy_version=accepted)
    found = resolve(waiver, {}, AS_OF, {waiver.policy: 1})
    assert found.state.value == state
    assert bool(found.note) is (state == "void")
    assert resolve(waiver, {}, AS_OF).state.value == "in_force"


def test_a_version_that_is_not_named_is_not_written_so_that_approvals_stay_good() -> None:
    assert "policy_version" not in a_waiver().model_dump()
    assert a_waiver(policy_version=3).model_dump()["policy_version"] == 3
