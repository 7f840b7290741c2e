"""Assessments of what is recorded: kept once, repeatable, and found by what they say."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter
from sqlalchemy import Engine

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import AuthorError, UsageError
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Bundle, Severity
from assaybook.domain.waiver import Approval, Waiver
from assaybook.language.bundle import bundle_json
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.judge import Judgement
from assaybook.service.run_assessment import Recorded, judge_recorded, run_assessment
from assaybook.store.assessments import (
    known_assessment,
    last_assessment,
    list_assessments,
    load_assessment,
    load_bundle_text,
    newest_assessments,
    save_assessment,
)
from assaybook.store.decisions import save_waivers, waivers_of
from assaybook.store.findings import FindingFilter, list_findings
from assaybook.store.journal import entries_after
from assaybook.store.unit_of_work import Reading
from support.evidence import AS_OF, a_document, a_metric, days
from support.stores import SteadyClock, a_work, registered, submitted

POLICY = """\
policy: quality.floor
version: 1
title: Recall holds
why: A model that misses cases harms people.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: implements}
needs:
  recall:
    facts: metric
    where: 'row.name == "recall"'
    fresh_for: 90d
rules:
  - id: floor
    for_each: recall
    pass_when: row.value >= 0.8
    fix: Retrain the model.
"""


@pytest.fixture(scope="session")
def ruling(tmp_path_factory: pytest.TempPathFactory) -> Ruling:
    """Return a bundle of one policy."""
    folder: Path = tmp_path_factory.mktemp("policies")
    (folder / "quality").mkdir()
    (folder / "quality" / "floor.yaml").write_text(POLICY, encoding="utf-8")
    return read_ruling(BundleFiles(policies=(folder,)))


def _run(engine: Engine, clock: SteadyClock, ruling: Ruling, **how: object) -> Recorded:
    with a_work(engine, clock) as work:
        return run_assessment(work, "s", "1", ruling, fail_on=Severity.HIGH, **how)  # type: ignore[arg-type]


def _again(engine: Engine, ruling: Ruling, first: Recorded) -> Judgement:
    as_of = first.judgement.assessment.assessment.as_of
    with Reading(engine) as reading:
        return judge_recorded(reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=as_of)


def _waiver(**said: object) -> Waiver:
    known = {
        "id": "w1",
        "policy": "quality.floor",
        "rule": "floor",
        "system": "s",
        "whole": True,
        "reason": "the new data comes in May",
        "requester": "bea",
        "approval": Approval(person="ann", at=AS_OF, verified=True),
        "expires": AS_OF + days(30),
    }
    return TypeAdapter(Waiver).validate_python({**known, **said})


def test_no_evidence_is_recorded_as_inconclusive_and_never_as_a_pass(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    found = _run(engine, clock, ruling)
    assert [one.outcome for one in found.judgement.assessment.findings] == [Outcome.INCONCLUSIVE]
    assert not found.judgement.assessment.assessment.asserted


def test_an_assessment_is_read_back_whole_with_the_bundle_that_it_names(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    found = _run(engine, clock, ruling).judgement.assessment
    digest = found.assessment.digest
    with Reading(engine) as reading:
        assert load_assessment(reading, digest) == found
        bundle = load_bundle_text(reading, found.assessment.bundle)
    assert digest_of(bundle.encode()) == found.assessment.bundle
    assert bundle.encode() == canonical(bundle_json(ruling.bundle))


def test_an_equal_assessment_is_recorded_once(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    first = _run(engine, clock, ruling)
    again = _run(engine, clock, ruling, as_of=first.judgement.assessment.assessment.as_of)
    assert (first.new, again.new) == (True, False)
    assert first.judgement.assessment == again.judgement.assessment
    with Reading(engine) as reading:
        assert (
            len(list_assessments(reading, system=None, release=None, after=None, limit=9).items)
            == 1
        )
        kinds = [one.kind for one in entries_after(reading.connection, 2, limit=9)]
    assert kinds == ["bundle", "assessment"]


def test_what_comes_later_never_changes_what_an_assessment_saw(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    submitted(engine, a_document(a_metric(), age=2), clock=clock)
    first = _run(engine, clock, ruling)
    # Even within the instant, and with a clock that stands still, later is later.
    still = SteadyClock(clock.at - days(0), step=days(0))
    submitted(engine, a_document(a_metric(value=0.1), age=0), clock=still)
    _run(engine, clock, ruling, waivers=[_waiver()])
    assert _again(engine, ruling, first).assessment == first.judgement.assessment


def test_the_last_assessment_of_a_release_is_found_as_of_any_instant(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    first = _run(engine, clock, ruling).judgement.assessment
    submitted(engine, a_document(a_metric()), clock=clock)
    second = _run(engine, clock, ruling).judgement.assessment
    with Reading(engine) as reading:
        lines = [
            last_assessment(reading, "s", "1", as_of=at)
            for at in (AS_OF, first.assessment.as_of, second.assessment.as_of)
        ]
    assert [one and one.digest for one in lines] == [
        None,
        first.assessment.digest,
        second.assessment.digest,
    ]
    assert [one.verdict for one in lines if one] == ["nothing", "pass"]


def test_the_assessments_of_a_release_are_told_newest_first_and_by_their_digest(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock, systems=("s", "other"))
    runs = [_run(engine, clock, ruling).judgement.assessment.assessment for _ in range(3)]
    with Reading(engine) as reading:
        newest = newest_assessments(reading, "s", "1", as_of=runs[-1].as_of, most=2)
        assert [one.digest for one in newest] == [runs[2].digest, runs[1].digest]
        earlier = newest_assessments(reading, "s", "1", as_of=runs[1].as_of, most=9)
        assert [one.digest for one in earlier] == [runs[1].digest, runs[0].digest]
        assert newest_assessments(reading, "other", "1", as_of=runs[2].as_of, most=9) == ()
        assert known_assessment(reading, runs[0].digest, systems=["s"]) == earlier[1]
        for digest, systems in ((runs[0].digest, ["other"]), ("x", None), ("\x00", None)):
            with pytest.raises(UsageError) as caught:
                known_assessment(reading, digest, systems=systems)
            assert caught.value.code == "assessment-unknown"


def test_findings_are_found_by_policy_outcome_and_release(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    _run(engine, clock, ruling)
    submitted(engine, a_document(a_metric(value=0.1)), clock=clock)
    failed = _run(engine, clock, ruling).judgement.assessment
    with Reading(engine) as reading:
        found = [
            list_findings(reading, asked, after=None, limit=10).items
            for asked in (
                FindingFilter(policy="quality.floor", outcome="fail"),
                FindingFilter(system="s", release="1", rule="floor"),
                FindingFilter(catalog="nist-ai-rmf-1.0", control="MEASURE 2.3"),
                FindingFilter(control="MEASURE 2.4"),
                FindingFilter(assessment="sha256:0"),
                FindingFilter(systems=frozenset()),
            )
        ]
    assert [one.assessment for one in found[0]] == [failed.assessment.digest]
    assert [len(each) for each in found] == [1, 2, 2, 0, 0, 0]
    assert [one.outcome for one in found[1]] == ["inconclusive", "fail"]
    assert found[1][0].disposition == "open"


def test_findings_come_in_pages_in_the_order_in_which_they_were_recorded(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    digests = [_run(engine, clock, ruling).judgement.assessment.assessment.digest for _ in "123"]
    with Reading(engine) as reading:
        first = list_findings(reading, FindingFilter(), after=None, limit=2)
        second = list_findings(reading, FindingFilter(), after=first.next, limit=2)
        with pytest.raises(UsageError) as caught:
            list_findings(reading, FindingFilter(), after="1", limit=2)
    assert [one.assessment for one in (*first.items, *second.items)] == digests
    assert (second.next, caught.value.code) == (None, "cursor-invalid")


def test_a_waiver_is_recorded_with_every_version_and_counts_from_then_on(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    submitted(engine, a_document(a_metric(value=0.1)), clock=clock)
    before = _run(engine, clock, ruling)
    waived = _run(engine, clock, ruling, waivers=[_waiver()]).judgement.assessment
    assert [one.disposition.value for one in waived.findings] == ["waived"]
    assert _run(engine, clock, ruling).judgement.assessment.findings[0].waiver == "w1"
    revoked = _waiver(revoked_at=AS_OF)
    with a_work(engine, clock) as work:
        assert save_waivers(work, [revoked, revoked], person="ann") == 1
    with Reading(engine) as reading:
        assert waivers_of(reading, "s", as_of=clock.at) == (revoked,)
        assert waivers_of(reading, "s", as_of=waived.assessment.as_of) == (_waiver(),)
    assert _again(engine, ruling, before).assessment == before.judgement.assessment


def test_a_waiver_cannot_move_to_another_system(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock, systems=("s", "t"))
    with pytest.raises(UsageError) as elsewhere:
        _run(engine, clock, ruling, waivers=[_waiver(system="t")])
    with a_work(engine, clock) as work:
        save_waivers(work, [_waiver(system="t")], person="ann")
    with pytest.raises(UsageError) as moved:
        _run(engine, clock, ruling, waivers=[_waiver()])
    assert (elsewhere.value.code, moved.value.code) == ("waiver-elsewhere", "waiver-moved")


def test_the_future_cannot_be_assessed_for_the_record(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    with pytest.raises(UsageError) as caught:
        _run(engine, clock, ruling, as_of=clock.at + days(1))
    assert caught.value.code == "as-of-in-the-future"


def test_a_bundle_that_is_not_what_its_digest_says_is_refused(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    bundle = ruling.bundle
    forged = Bundle(bundle.policies, bundle.overlays, bundle.scope, bundle.catalogs, "sha256:00")
    with pytest.raises(AuthorError) as caught:
        _run(engine, clock, Ruling(forged, ruling.catalogs))
    assert caught.value.code == "bundle-mismatch"


def test_an_unknown_assessment_or_bundle_is_said_to_be_unknown(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    found = _run(engine, clock, ruling).judgement.assessment
    codes: list[str] = []
    for look_up in (load_assessment, load_bundle_text):
        with pytest.raises(UsageError) as caught, Reading(engine) as reading:
            look_up(reading, "sha256:0")
        codes.append(caught.value.code)
    assert codes == ["assessment-unknown", "bundle-unknown"]
    with a_work(engine, clock) as work:
        assert not save_assessment(work, found, system="s", release="1", person="")


def test_assessments_are_listed_by_release_page_by_page(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    made = [_run(engine, clock, ruling).judgement.assessment for _ in range(3)]
    with Reading(engine) as reading:
        first = list_assessments(reading, system="s", release="1", after=None, limit=2)
        rest = list_assessments(reading, system="s", release="1", after=first.next, limit=2)
        none = list_assessments(reading, system="s", release="2", after=None, limit=2)
    found = [one.digest for one in (*first.items, *rest.items)]
    assert found == [one.assessment.digest for one in made]
    assert (rest.next, none.items) == (None, ())
