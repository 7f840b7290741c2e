"""Systems and releases are versioned: nothing about them changes unseen."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Severity
from assaybook.domain.subject import Artifact, Release, RiskTier, System
from assaybook.service.pack_record import record_changes
from assaybook.service.register_system import (
    register_release,
    register_releases,
    register_system,
    registered_systems,
    show_system,
)
from assaybook.service.run_assessment import run_assessment
from assaybook.store.subjects import find_system, releases_of, subject_as_of
from assaybook.store.unit_of_work import Reading
from support.evidence import a_document, a_metric, a_subject
from support.stores import SteadyClock, a_work, registered, submitted
from support.verifying import small_ruling


def _system(**changes: Any) -> System:
    return System(**{**dict(a_subject().system), **changes})


def test_registering_the_same_again_changes_nothing(engine: Engine, clock: SteadyClock) -> None:
    registered(engine, clock)
    registered(engine, clock)
    with Reading(engine) as reading:
        shown = show_system(reading, "s")
    assert (len(shown.history), [one.version for one in shown.releases]) == (1, [1])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"risk_tier": RiskTier.LIMITED}, id="the risk tier"),
        pytest.param({"purpose": "another"}, id="the purpose"),
        pytest.param({"intended_uses": ("triage", "billing")}, id="the intended uses"),
        pytest.param({"deployed_use": "billing"}, id="the deployed use"),
        pytest.param({"roles": ("provider",)}, id="the roles"),
    ],
)
def test_what_decides_the_rules_changes_only_with_a_person_and_a_reason(
    engine: Engine, clock: SteadyClock, change: dict[str, Any]
) -> None:
    registered(engine, clock)
    tried: tuple[dict[str, Any], ...] = (
        {},
        {"person": "ann"},
        {"reason": "review"},
        {"person": " ", "reason": "x"},
    )
    for words in tried:
        with pytest.raises(UsageError) as caught, a_work(engine, clock) as work:
            register_system(work, _system(**change), **words)
        assert caught.value.code == "change-unexplained"
        assert next(iter(change)) in caught.value.message
    with a_work(engine, clock) as work:
        record = register_system(work, _system(**change), person="ann", reason="review")
    with Reading(engine) as reading:
        history = show_system(reading, "s").history
    assert history[-1] == record
    assert [(one.version, one.person, one.reason) for one in history] == [
        (1, "", ""),
        (2, "ann", "review"),
    ]


def test_another_owner_needs_no_reason_but_is_a_version_too(
    engine: Engine, clock: SteadyClock
) -> None:
    registered(engine, clock)
    with a_work(engine, clock) as work:
        assert register_system(work, _system(owner="bea")).version == 2


def test_other_artifacts_of_a_registered_release_need_a_person_and_a_reason(
    engine: Engine, clock: SteadyClock
) -> None:
    registered(engine, clock)
    swapped = Artifact(name="m", kind="model", digest=f"sha256:{'9' * 64}")
    other = a_subject().release.model_copy(update={"artifacts": (swapped,)})
    with pytest.raises(UsageError) as caught, a_work(engine, clock) as work:
        register_release(work, "s", other)
    assert caught.value.code == "change-unexplained"
    with a_work(engine, clock) as work:
        record = register_release(work, "s", other, person="ann", reason="wrong file named")
    assert (record.version, record.at > record.registered_at) == (2, True)


def test_a_release_is_judged_as_it_was_registered_at_the_instant(
    engine: Engine, clock: SteadyClock
) -> None:
    registered(engine, clock)
    then = clock.at
    with a_work(engine, clock) as work:
        changed = _system(risk_tier=RiskTier.MINIMAL)
        register_system(work, changed, person="ann", reason="review")
        register_release(work, "s", Release(version="2", baseline="1"))
    with Reading(engine) as reading:
        before = subject_as_of(reading, "s", "1", as_of=then)
        after = subject_as_of(reading, "s", "2", as_of=clock.at)
        with pytest.raises(UsageError) as caught:
            subject_as_of(reading, "s", "2", as_of=then)
    assert before == a_subject()
    assert after.system.risk_tier is RiskTier.MINIMAL
    assert after.baseline == a_subject().release
    assert not after.asserted
    assert caught.value.code == "release-unknown"
    assert "was not registered by" in caught.value.message


def test_packs_are_told_each_change_of_the_record_by_their_instant(
    engine: Engine, clock: SteadyClock
) -> None:
    registered(engine, clock)
    then = clock.at
    changed = _system(risk_tier=RiskTier.MINIMAL, edge=True, intended_uses=("triage", "billing"))
    with a_work(engine, clock) as work:
        register_system(work, changed, person="ann", reason="review")
    with Reading(engine) as reading:
        assert record_changes(reading, "s", as_of=then) == ()
        (change,) = record_changes(reading, "s", as_of=clock.at)
    was = a_subject().system
    assert was.risk_tier is not None
    assert (change.person, change.reason) == ("ann", "review")
    assert change.at > then
    assert {(one.name, one.before, one.after) for one in change.fields} == {
        ("risk tier", was.risk_tier.value, "minimal"),
        ("edge", "not stated" if was.edge is None else "no", "yes"),
        ("intended uses", "; ".join(was.intended_uses) or "none", "triage; billing"),
    }


@pytest.mark.parametrize(
    ("system", "release", "code", "hint"),
    [
        pytest.param("S", "1", "system-unknown", "Did you mean s?", id="a near system"),
        pytest.param("zzz", "1", "system-unknown", "assay system add", id="a far system"),
        pytest.param("s", "1a", "release-unknown", "Did you mean 1?", id="a near release"),
        pytest.param("s", "zzz", "release-unknown", "assay system release", id="a far release"),
    ],
)
def test_an_unknown_system_or_release_is_named_with_what_was_meant(
    engine: Engine, system: str, release: str, code: str, hint: str
) -> None:
    clock = SteadyClock()
    registered(engine, clock)
    with pytest.raises(UsageError) as caught, Reading(engine) as reading:
        subject_as_of(reading, system, release, as_of=clock.at)
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_a_system_is_unknown_before_it_was_registered(engine: Engine, clock: SteadyClock) -> None:
    before = clock()
    registered(engine, clock)
    with pytest.raises(UsageError) as caught, Reading(engine) as reading:
        subject_as_of(reading, "s", "1", as_of=before)
    assert caught.value.code == "system-unknown"
    assert "was not registered by" in caught.value.message


def test_a_baseline_must_be_a_registered_release(engine: Engine, clock: SteadyClock) -> None:
    registered(engine, clock)
    with pytest.raises(UsageError) as caught, a_work(engine, clock) as work:
        register_release(work, "s", Release(version="2", baseline="11"))
    assert (caught.value.code, caught.value.hint) == ("release-unknown", "Did you mean 1?")
    with pytest.raises(UsageError) as nobody, a_work(engine, clock) as work:
        register_release(work, "t", Release(version="2"))
    assert nobody.value.code == "system-unknown"


def test_releases_of_one_file_may_name_each_other_in_any_order(
    engine: Engine, clock: SteadyClock
) -> None:
    registered(engine, clock)
    chain = [Release(version=str(n), baseline=str(n - 1)) for n in (4, 3, 2)]
    with a_work(engine, clock) as work:
        done = register_releases(work, "s", chain)
    assert [one.release.version for one in done] == ["4", "3", "2"]
    circle = [Release(version="a", baseline="b"), Release(version="b", baseline="a")]
    with pytest.raises(UsageError) as caught, a_work(engine, clock) as work:
        register_releases(work, "s", circle)
    assert caught.value.code == "release-unknown"


def test_systems_are_listed_in_order_of_id_page_by_page(engine: Engine, clock: SteadyClock) -> None:
    registered(engine, clock, systems=("c", "a", "b", "s"))
    with a_work(engine, clock) as work:
        register_system(work, System(id="b", owner="new"), person="ann", reason="handed over")
    found: list[tuple[str, int]] = []
    cursor: str | None = None
    with Reading(engine) as reading:
        while True:
            page = registered_systems(reading, after=cursor, limit=2)
            found += [(one.system.id, one.version) for one in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert find_system(reading, "nobody") is None
    assert found == [("a", 1), ("b", 2), ("c", 1), ("s", 1)]


def test_since_when_a_release_is_of_other_bytes_is_told_as_of_any_instant(
    engine: Engine, clock: SteadyClock
) -> None:
    registered(engine, clock)
    release = a_subject().release
    other = (Artifact(name="m", kind="model", digest=f"sha256:{'9' * 64}"), *release.artifacts[1:])
    steps = (
        {"stage": "staging"},
        {"artifacts": other},
        {"artifacts": other, "stage": "production"},
    )
    told: list[datetime | None] = []
    for step in steps:
        with a_work(engine, clock) as work:
            changed = release.model_copy(update=step)
            record = register_release(work, "s", changed, person="ann", reason="built anew")
            told.append(record.replaced_at)
            as_of = work.now
        with Reading(engine) as reading:
            subject = subject_as_of(reading, "s", "1", as_of=as_of)
            (listed,) = releases_of(reading, "s", as_of=as_of)
            assert subject.replaced_at == listed.replaced_at == record.replaced_at
    assert told[0] is None
    assert told[1] is not None
    assert told[1] == told[2]
    assert "replaced_at" not in a_subject().model_dump()


def test_evidence_of_the_bytes_before_does_not_pass_for_those_that_took_their_place(
    engine: Engine, clock: SteadyClock, tmp_path: Path
) -> None:
    registered(engine, clock)
    submitted(engine, a_document(a_metric(value=0.9)), clock=clock)
    ruling = small_ruling(tmp_path)

    def outcome() -> tuple[str, list[str]]:
        with a_work(engine, clock) as work:
            found = run_assessment(work, "s", "1", ruling, fail_on=Severity.HIGH)
        (finding,) = found.judgement.assessment.findings
        return finding.outcome.value, [one.code for one in finding.reasons]

    assert outcome() == ("pass", [])
    other = (Artifact(name="m", kind="model", digest=f"sha256:{'9' * 64}"),)
    changed = a_subject().release.model_copy(update={"artifacts": other})
    with a_work(engine, clock) as work:
        register_release(work, "s", changed, person="ann", reason="built anew")
    assert outcome() == ("inconclusive", ["wrong_subject"])
    submitted(engine, a_document(a_metric(value=0.9), name="again.json"), clock=clock)
    assert outcome() == ("pass", [])
