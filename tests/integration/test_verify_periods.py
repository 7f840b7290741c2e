"""A pack of a period holds what people had recorded by each instant, as the log has it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from assaybook.domain.attachment import PERIOD
from assaybook.domain.period import Period, PeriodMoment
from assaybook.domain.policy import Severity
from assaybook.domain.subject import RiskTier
from assaybook.domain.trust import Trust
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.pack_contents_store import stored_sources
from assaybook.service.pack_parts import pack_parts
from assaybook.service.period import judge_period, replay_period
from assaybook.service.period_part import period_parts
from assaybook.service.run_assessment import run_assessment
from assaybook.service.store_access import reading, writing
from assaybook.service.verify import verify_pack
from assaybook.store.decisions import save_waivers
from support.assessing import a_waiver
from support.evidence import AS_OF, days
from support.pack_versions import by_engine
from support.verifying import (
    World,
    a_small_world,
    attachments,
    laid_out,
    second_verifier,
    shown_of,
)

END = AS_OF + timedelta(hours=3)
FAKE = a_waiver(id="W-0", policy="quality.floor", reason="It was never written.")
OLD = "assaybook 0.0.1"
Moments = Sequence[PeriodMoment]


@dataclass(frozen=True)
class Told:
    """A pack of a period, and what it was judged by."""

    world: World
    ruling: Ruling
    period: Period

    def pack(self, moments: Moments) -> bytes:
        """Return the pack of whoever holds all keys, with the period that these instants give."""
        period = replay_period(
            self.ruling,
            self.world.judgement.evidence,
            moments,
            asked_since=self.period.asked_since,
            until=END,
            fail_on=Severity.HIGH,
        )
        (part,) = period_parts(period)
        files = {**self.world.files, part.name: part.data}
        return self.world.packed(self.world.relisted(files))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Return the pack of a period in which a waiver was recorded."""
    world = a_small_world(tmp_path_factory.mktemp("world"))
    ruling = read_ruling(BundleFiles(policies=(world.folder / "policies",)))
    waiver = a_waiver(policy="quality.floor", expires=AS_OF + days(9))
    with writing(world.database, lambda: AS_OF + timedelta(hours=2), print) as work:
        save_waivers(work, [waiver], person="ada")
    with writing(world.database, lambda: END, print) as work:
        judgement = run_assessment(work, "s", "1", ruling, fail_on=Severity.HIGH).judgement
    keys = world.folder / "keys"
    with reading(world.database) as store:
        period = judge_period(
            store, "s", "1", ruling, since=AS_OF - days(9), until=END, fail_on=Severity.HIGH
        )
        sources = stored_sources(store, judgement, keys=keys, now=END, trust=Trust(), period=period)
    made = (*pack_parts(judgement, sources, organisation="Ward"), *period_parts(period))
    world = replace(world, judgement=judgement, sources=sources)
    files = world.relisted({one.name: one.data for one in made})
    pages = laid_out(world.folder, shown_of(judgement), attachments(files), "Assay Mono")
    return Told(replace(world, files=files, pages=pages), ruling, period)


def test_a_period_with_what_people_recorded_in_it_is_good_to_both_verifiers(told: Told) -> None:
    pack = told.world.packed()
    assert len(told.period.moments) == 2
    found = verify_pack(pack, root=told.world.root)
    assert (found.exit, found.first) == (0, None)
    assert second_verifier().verdict(pack, told.world.root) == (0, "good")


def _waived(moments: Moments) -> Moments:
    """Let a fail of the first days have been accepted by a waiver that nobody recorded."""
    return [moments[0].model_copy(update={"waivers": (FAKE,)}), moments[1]]


def _backdated(moments: Moments) -> Moments:
    """Let the waiver have been recorded from the beginning."""
    return [moments[0].model_copy(update={"waivers": moments[1].waivers}), moments[1]]


def _of_low_risk(moments: Moments) -> Moments:
    """Let the system have been of low risk at first, when fewer policies ask for anything."""
    first = moments[0].subject
    system = first.system.model_copy(update={"risk_tier": RiskTier.MINIMAL})
    subject = first.model_copy(update={"system": system})
    return [moments[0].model_copy(update={"subject": subject}), moments[1]]


def _without_its_first_hours(moments: Moments) -> Moments:
    """Let the period begin when all was well, though it was asked for from before."""
    return moments[1:]


def _late(moments: Moments) -> Moments:
    """Let the waiver count from an instant at which nothing was recorded."""
    at = moments[1].as_of + timedelta(minutes=5)
    return [moments[0], moments[1].model_copy(update={"as_of": at})]


LIES: dict[str, tuple[Callable[[Moments], Moments], str]] = {
    "a waiver that nobody recorded": (_waived, "proof-missing"),
    "a waiver from before it was recorded": (_backdated, "recorded-later"),
    "another risk tier at first": (_of_low_risk, "proof-missing"),
    "a beginning that is left out": (_without_its_first_hours, "period-gap"),
    "an instant that is moved": (_late, "period-gap"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_whoever_holds_all_keys_cannot_let_a_period_rest_on_what_was_not_recorded(
    told: Told, lie: tuple[Callable[[Moments], Moments], str]
) -> None:
    change, code = lie
    found = verify_pack(told.pack(change(told.period.moments)), root=told.world.root)
    assert found.first is not None
    assert (found.exit, found.first.code) == (1, code)
    assert found.first.hint


@pytest.fixture(scope="module")
def older(told: Told) -> Told:
    """Return the same pack as an older version of the engine would have made it."""
    return replace(told, world=by_engine(told.world, OLD))


def test_a_period_of_an_older_version_is_good_where_it_comes_out_the_same(older: Told) -> None:
    found = verify_pack(older.pack(older.period.moments), root=older.world.root)
    assert (found.exit, found.first) == (0, None)


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_of_a_period_of_an_older_version_without_todays_proofs_nobody_can_tell_and_that_is_named(
    older: Told, lie: tuple[Callable[[Moments], Moments], str]
) -> None:
    change, code = lie
    found = verify_pack(older.pack(change(older.period.moments)), root=older.world.root)
    assert (found.exit, found.first and found.first.code) == (3, "engine-other")
    (step,) = [one for one in found.steps if one.step == "log" and one.standing != "good"]
    assert f"({code})" in step.message
    assert f"{OLD}, older than this" in step.message


def test_a_period_that_a_newer_version_writes_otherwise_is_no_sign_of_tampering(
    told: Told,
) -> None:
    world = by_engine(told.world, "assaybook 99.0.0")
    files = {**world.files, PERIOD: b'{"kind":"assaybook/period/v2"}'}
    found = verify_pack(world.packed(world.relisted(files)), root=world.root)
    open_ = {(one.step, one.code) for one in found.steps if one.standing != "good"}
    assert (found.exit, open_) == (3, {("log", "engine-other"), ("period", "engine-other")})
