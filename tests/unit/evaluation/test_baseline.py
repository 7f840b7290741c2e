"""A baseline accepts what was found, as it was found, for a time; and never what is not known."""

from dataclasses import replace
from typing import Any

import pytest

from assaybook.domain.baseline import Baseline
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Assessment, Disposition, Outcome, Standing
from assaybook.domain.policy import Param, Policy
from assaybook.domain.waiver import Approval
from assaybook.evaluation.baseline import known_fail
from support.assessing import a_policy, a_waiver, assessed, at, the_finding
from support.evidence import a_document, a_fact, a_metric, a_subject, covered
from support.rules import a_need, a_rule, secrets

FEMALE = "name=recall, slice=f, dataset=d, split=holdout"
MALE = "name=recall, slice=m, dataset=d, split=holdout"


def _recalls(**slices: float) -> Evidence:
    return a_document(*(a_metric(value=value, slice=name) for name, value in slices.items()))


def _floor(limit: float = 0.8, version: int = 1) -> Policy:
    rule = a_rule(
        id="floor", for_each="recall", pass_when="row.value >= params.floor", needs=("recall",)
    )
    params = {"floor": Param("floor", "ratio", limit)}
    return a_policy(rule, params=params, version=version)


def _of(found: Assessment, **changes: Any) -> Baseline:
    """Return the approved baseline of what an assessment found to fail."""
    fails = tuple(fail for one in found.findings if (fail := known_fail(one)) is not None)
    known: dict[str, Any] = {
        "id": "B-1",
        "system": "s",
        "reason": "It was there before.",
        "requester": "ada",
        "written_at": at(-10),
        "expires": at(10),
        "fails": fails,
        "approval": Approval(person="mara", at=at(-9), verified=True),
    }
    return Baseline(**{**known, **changes})


WAS = _recalls(f=0.5, m=0.9)
KNOWN = _of(assessed(WAS, policies=[_floor()]))


def _now(
    *documents: Evidence, policy: Policy | None = None, baseline: Baseline = KNOWN, **changes: Any
) -> Assessment:
    return assessed(*documents, policies=[policy or _floor()], baseline=baseline, **changes)


def _states(found: Assessment) -> list[str]:
    assert found.baseline is not None
    return [one.state for one in found.baseline.rows]


@pytest.mark.parametrize(
    ("now", "policy", "state", "weight", "disposition"),
    [
        pytest.param(WAS, None, "accepted", "baselined", "baselined", id="it fails as it did"),
        pytest.param(
            _recalls(f=0.6, m=0.9),
            None,
            "accepted",
            "baselined",
            "baselined",
            id="it fails by less",
        ),
        pytest.param(_recalls(f=0.4, m=0.9), None, "worse", "fail", "open", id="it fails by more"),
        pytest.param(
            _recalls(f=0.5, m=0.7), None, "accepted", "fail", "open", id="another joins it"
        ),
        pytest.param(
            _recalls(f=0.9, m=0.7), None, "mended", "fail", "open", id="another in its place"
        ),
        pytest.param(_recalls(f=0.9, m=0.9), None, "mended", "pass_", "open", id="it is mended"),
        pytest.param(_recalls(m=0.9), None, "mended", "pass_", "open", id="its row is gone"),
        pytest.param(WAS, _floor(0.85), "changed", "fail", "open", id="a param asks for more"),
        pytest.param(WAS, _floor(version=2), "changed", "fail", "open", id="another version asks"),
        pytest.param(
            a_document(a_metric(value=None, slice="f"), a_metric(slice="m")),
            None,
            "undecided",
            "inconclusive",
            "open",
            id="its value is not known",
        ),
        pytest.param(
            a_document(a_metric(value=0.5, slice="f"), age=100),
            None,
            "undecided",
            "inconclusive",
            "open",
            id="the evidence is stale",
        ),
        pytest.param(
            WAS,
            a_policy(*_floor().rules, params=_floor().params, applies="1 > 2"),
            "not_judged",
            "not_applicable",
            "open",
            id="the policy does not apply",
        ),
        pytest.param(
            WAS, a_policy(id="house.other"), "not_judged", "fail", "open", id="the policy is gone"
        ),
    ],
)
def test_what_becomes_of_a_fail_that_a_baseline_names(
    now: Evidence, policy: Policy | None, state: str, weight: str, disposition: str
) -> None:
    found = _now(now, policy=policy)
    assert _states(found) == [state]
    assert getattr(found.gate.counts, weight) == 1
    finding, bare = the_finding(found), the_finding(assessed(now, policies=[policy or _floor()]))
    assert finding.disposition == disposition
    assert (finding.outcome, finding.reasons) == (bare.outcome, bare.reasons)
    assert [row.outcome for row in finding.rows] == [row.outcome for row in bare.rows]


def test_a_baselined_fail_stays_a_fail_by_its_own_name_and_is_no_pass() -> None:
    found = _now(WAS)
    finding = the_finding(found)
    assert (finding.outcome, finding.disposition) == (Outcome.FAIL, Disposition.BASELINED)
    assert (finding.waiver, finding.rest) == ("B-1", Outcome.PASS)
    assert {row.key: row.waived_by for row in finding.rows} == {FEMALE: "B-1", MALE: None}
    assert (found.gate.exit, found.gate.counts.waived) == (4, 0)
    standing = next(one for one in found.standings if one.control == "A1")
    assert standing.standing is Standing.RISK_ACCEPTED


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        pytest.param({"expires": at(0)}, "expired", id="over at the very instant"),
        pytest.param({"approval": None}, "pending", id="nobody approved"),
        pytest.param(
            {"approval": Approval(person="mara", at=at(-1))}, "pending", id="a claimed approval"
        ),
        pytest.param(
            {"approval": Approval(person="Ada", at=at(-1), verified=True)},
            "pending",
            id="self-approved",
        ),
        pytest.param({"written_at": at(1)}, "pending", id="written later"),
        pytest.param({"revoked_at": at(-1)}, "revoked", id="revoked"),
    ],
)
def test_a_baseline_that_does_not_hold_accepts_nothing_and_says_so(
    changes: dict[str, Any], state: str
) -> None:
    found = _now(WAS, baseline=KNOWN.model_copy(update=changes))
    assert found.baseline is not None
    assert (found.baseline.state, bool(found.baseline.note)) == (state, True)
    assert (found.gate.exit, the_finding(found).disposition) == (1, Disposition.OPEN)
    assert _states(found) == ["accepted"]


def test_a_baseline_of_another_system_accepts_nothing() -> None:
    found = _now(WAS, subject=a_subject(system={"id": "t"}), baseline=KNOWN)
    assert found.gate.counts.baselined == 0


def test_what_is_open_beside_a_baselined_row_stays_undecided() -> None:
    policy = a_policy(
        a_rule(
            id="floor",
            for_each="hits",
            at_least="0",
            pass_when='row.fingerprint == "known"',
            needs=("hits",),
        ),
        needs=(secrets(name="hits"),),
    )

    def scan(*ids: str, **counts: Any) -> Evidence:
        rows = [a_fact("security", fingerprint=one, **{"class": "secret"}) for one in ids]
        counted = covered("security/secret", **{"failed": len(ids), **counts})
        return a_document(*rows, coverage=[counted])

    known = _of(assessed(scan("x", "y"), policies=[policy]))
    errored = _now(scan("x", errored=9), policy=policy, baseline=known)
    assert the_finding(errored).rest is Outcome.INCONCLUSIVE
    assert (errored.gate.exit, errored.gate.counts.baselined) == (3, 0)
    assert _states(errored) == ["accepted", "undecided"]
    assert _states(_now(scan("x"), policy=policy, baseline=known)) == ["accepted", "mended"]


def test_a_fail_that_stands_for_something_unknown_is_never_accepted() -> None:
    rule = a_rule(id="floor", pass_when="recall.exists(r, r.value >= 0.8)", needs=("recall",))
    known = _of(assessed(_recalls(f=0.5), policies=[a_policy(rule)]))
    strict = a_policy(
        a_rule(
            id="floor",
            pass_when="recall.exists(r, r.value >= 0.8)",
            needs=("recall",),
            on_unknown="fail",
        )
    )
    unknown = _now(a_document(a_metric(value=None)), policy=strict, baseline=known)
    finding = the_finding(unknown)
    assert (finding.outcome, finding.disposition) == (Outcome.FAIL, Disposition.OPEN)
    assert _states(unknown) == ["undecided"]
    assert known_fail(finding) is None
    accepted = _now(_recalls(f=0.5), policy=a_policy(rule), baseline=known)
    assert the_finding(accepted).disposition is Disposition.BASELINED


def test_a_fail_without_rows_is_known_by_its_distance_too() -> None:
    rule = a_rule(
        id="floor", pass_when="math.least(recall.map(r, r.value)) >= 0.8", needs=("recall",)
    )
    policy = a_policy(rule)
    known = _of(assessed(_recalls(f=0.5), policies=[policy]))
    assert known.fails[0].rows == ()
    assert known.fails[0].distances == {"": pytest.approx(0.3)}
    assert _states(_now(_recalls(f=0.5), policy=policy, baseline=known)) == ["accepted"]
    assert _states(_now(_recalls(f=0.4), policy=policy, baseline=known)) == ["worse"]
    each = _now(_recalls(f=0.5), policy=_floor(), baseline=known)
    assert _states(each) == ["changed"]


def _both(value: float, n: int, **more: Any) -> Evidence:
    return a_document(a_metric(value=value, n=n, **more))


_TWO = "row.value >= 0.8 && row.n >= 100"


@pytest.mark.parametrize(
    ("when", "was", "now", "state"),
    [
        pytest.param(_TWO, (0.75, 200), (0.75, 200), "accepted", id="the clause that failed"),
        pytest.param(_TWO, (0.9, 99), (0.2, 200), "worse", id="another clause, by a lesser number"),
        pytest.param(_TWO, (0.75, 200), (0.9, 50), "worse", id="the other way round"),
        pytest.param(
            "row.value >= 0.8 || row.n >= 100",
            (0.7, 99),
            (0.75, 90),
            "accepted",
            id="both, as before",
        ),
        pytest.param(
            "row.n >= 100 ? row.value >= 0.8 : row.value >= 0.9",
            (0.7, 200),
            (0.85, 50),
            "worse",
            id="the stricter branch",
        ),
        pytest.param(
            "!(row.value < 0.8)", (0.7, 9), (0.75, 9), "accepted", id="one clause, negated"
        ),
    ],
)
def test_a_row_is_accepted_by_the_clause_that_failed_and_by_no_other(
    when: str, was: tuple[float, int], now: tuple[float, int], state: str
) -> None:
    policy = a_policy(a_rule(for_each="recall", pass_when=when, needs=("recall",)))
    known = _of(assessed(_both(*was), policies=[policy]))
    found = _now(_both(*now), policy=policy, baseline=known)
    assert _states(found) == [state]
    assert found.gate.counts.baselined == (1 if state == "accepted" else 0)


def test_a_row_of_which_nobody_knows_any_more_how_far_it_is_from_its_limit_is_not_accepted() -> (
    None
):
    torn = _now(_both(0.5, 200, slice="f"), _both(0.1, 200, slice="f"))
    assert the_finding(torn).outcome is Outcome.FAIL
    assert _states(torn) == ["worse"]


@pytest.mark.parametrize(
    "when",
    [
        "recall.all(r, r.value >= 0.8)",
        "!recall.exists(r, r.value < 0.8)",
        "size(recall) > 0 && recall.all(r, r.value >= 0.8)",
    ],
)
def test_a_fail_by_whichever_row_of_a_list_is_not_accepted_since_another_may_hide_behind_it(
    when: str,
) -> None:
    policy = a_policy(a_rule(pass_when=when, needs=("recall",)))
    finding = the_finding(assessed(_recalls(f=0.5, m=0.9), policies=[policy]))
    assert known_fail(finding) is None
    by_hand = _of(assessed(WAS, policies=[_floor()])).fails[0]
    one = by_hand.model_copy(update={"rule": finding.rule, "rows": (), "distances": {}})
    print_of = known_fail(finding.model_copy(update={"trace": None}))
    assert print_of is not None
    same = KNOWN.model_copy(
        update={"fails": (one.model_copy(update={"fingerprint": print_of.fingerprint}),)}
    )
    found = _now(_recalls(f=0.5, m=0.9), policy=policy, baseline=same)
    assert _states(found) == ["undecided"]
    assert the_finding(found).disposition is Disposition.OPEN


def _runs(*values: float) -> list[Evidence]:
    return [
        a_document(a_metric(value=value, slice="f"), age=9 - number, received=9 - number)
        for number, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "state"),
    [
        pytest.param((0.5, 0.4, 0.9), "accepted", id="as far as it was"),
        pytest.param((0.5, 0.3, 0.9), "worse", id="a later run is further, behind an accepted one"),
        pytest.param((0.3, 0.5, 0.9), "worse", id="an earlier run is further"),
        pytest.param((0.9, 0.9, 0.5), "accepted", id="runs that passed stand before it"),
        pytest.param((0.9, 0.9, 0.9), "mended", id="all pass"),
    ],
)
def test_a_row_of_a_series_is_accepted_as_far_as_its_farthest_run(
    values: tuple[float, ...], state: str
) -> None:
    need = a_need(name="recall", last=3)
    policy = replace(_floor(), needs={"recall": need})
    known = _of(assessed(*_runs(0.5, 0.4, 0.9), policies=[policy]))
    assert known.fails[0].rows == (FEMALE,)
    found = _now(*_runs(*values), policy=policy, baseline=known)
    assert _states(found) == [state]
    baselined = the_finding(found).disposition is Disposition.BASELINED
    assert baselined == (state == "accepted")


def test_a_list_of_which_no_row_will_do_hides_no_other_fail() -> None:
    policy = a_policy(a_rule(pass_when="recall.exists(r, r.value >= 0.8)", needs=("recall",)))
    known = _of(assessed(_recalls(f=0.5, m=0.6), policies=[policy]))
    assert _states(_now(_recalls(f=0.5, m=0.6), policy=policy, baseline=known)) == ["accepted"]


@pytest.mark.parametrize("key", ["", "slice=\u202ea", "x" * 4_001], ids=["none", "hidden", "long"])
def test_a_row_that_no_file_can_name_cannot_be_known_again(key: str) -> None:
    found = the_finding(assessed(_recalls(f=0.5), policies=[_floor()]))
    nameless = found.rows[0].model_copy(update={"key": key})
    assert known_fail(found.model_copy(update={"rows": (nameless,)})) is None
    both = found.model_copy(update={"rows": (nameless, found.rows[0])})
    named = known_fail(both)
    assert named is not None
    assert named.rows == (FEMALE,)


def test_waivers_are_heard_before_the_baseline_and_both_together() -> None:
    both = _recalls(f=0.5, m=0.6)
    known = _of(assessed(_recalls(f=0.5, m=0.9), policies=[_floor()]))
    finding = the_finding(_now(both, baseline=known, waivers=(a_waiver(rows=(MALE,)),)))
    assert (finding.disposition, finding.waiver) == (Disposition.BASELINED, "W-1, B-1")
    assert {row.key: row.waived_by for row in finding.rows} == {FEMALE: "B-1", MALE: "W-1"}
    whole = the_finding(_now(both, baseline=known, waivers=(a_waiver(),)))
    assert (whole.disposition, whole.waiver) == (Disposition.WAIVED, "W-1")


def test_without_a_baseline_an_assessment_does_not_speak_of_one() -> None:
    found = assessed(WAS, policies=[_floor()])
    written = found.model_dump(mode="json", by_alias=True)
    assert "baseline" not in written
    assert "baselined" not in written["gate"]["counts"]
    assert found.assessment.digest != _now(WAS).assessment.digest


def test_a_need_that_is_open_leaves_a_vanished_row_undecided() -> None:
    lists = a_policy(
        a_rule(id="floor", for_each="recall", pass_when="row.value >= 0.8", needs=("recall",)),
        needs=(a_need(name="recall", where='row.name == "recall"'),),
    )
    known = _of(assessed(_recalls(f=0.5), policies=[lists]))
    gap = covered("metric/quality", errored=3)
    facts = a_metric(value=0.9, slice="m")
    found = _now(a_document(facts, coverage=[gap]), policy=lists, baseline=known)
    assert _states(found) == ["undecided"]
