"""Systems and releases are versioned: nothing about them changes unseen."""

from typing import Any

import pytest
from sqlalchemy import Engine

from assaybook.domain.errors import UsageError
from assaybook.domain.subject import Artifact, Release, RiskTier, System
from assaybook.service.register_system import (
    register_release,
    register_releases,
    register_system,
    registered_systems,
    show_system,
)
from assaybook.store.subjects import find_system, subject_as_of
from assaybook.store.unit_of_work import Reading
from support.evidence import a_subject
from support.stores import SteadyClock, a_work, registered


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
