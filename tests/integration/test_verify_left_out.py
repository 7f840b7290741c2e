"""A pack shows everything that its log says of the system: a document left out is a broken link.

Whoever leaves it out here has all the keys and the store: the findings are judged from what is
left, the assessment is recorded, and everything that the pack carries is in the log.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from assaybook.domain.attachment import PROOFS
from assaybook.domain.canonical import canonical
from assaybook.domain.policy import Severity
from assaybook.domain.subject import Release, RiskTier, System
from assaybook.domain.trust import Trust
from assaybook.service.bundles import Ruling
from assaybook.service.judge import Judgement, judged
from assaybook.service.ledger import sign_log
from assaybook.service.ledger_keys import Change, make_keys
from assaybook.service.run_assessment import judge_recorded, record_judgement
from assaybook.service.store_access import writing
from assaybook.service.verify import verify_pack
from assaybook.service.verify_report import Verification
from assaybook.store.decisions import save_waivers
from assaybook.store.engine import open_engine
from assaybook.store.refusals import save_refusals
from assaybook.store.subjects import save_release, save_system
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.assessing import a_waiver
from support.evidence import AS_OF, a_document, a_metric
from support.refusals import a_refusal
from support.stores import SteadyClock, registered, submitted
from support.verifying import World, sealed, second_verifier, small_ruling


@dataclass(frozen=True)
class Company:
    """A store with a good document and a bad one, of whoever would rather show the good alone."""

    folder: Path
    engine: Engine
    clock: SteadyClock
    ruling: Ruling

    def judged(self, **otherwise: Any) -> Judgement:
        """Judge what is recorded, some of it otherwise, and record the assessment."""
        with UnitOfWork(self.engine, self.clock) as work:
            as_of = otherwise.pop("as_of", work.now)
            how: dict[str, Any] = {"fail_on": Severity.HIGH, "as_of": as_of}
            found = judge_recorded(work, "s", "1", self.ruling, **how)
            if otherwise:
                given = {"subject": found.subject, "evidence": found.evidence, **otherwise}
                found = judged(self.ruling, **given, **how)
            return record_judgement(work, found, person="ann").judgement

    def packed(
        self,
        found: Judgement,
        *,
        without: Callable[[dict[str, Any]], bool] = lambda _entry: False,
        **hidden: object,
    ) -> World:
        """Return the pack of a judgement; of the proofs, without those of some entries."""
        with Reading(self.engine) as store:
            note = sign_log(store, self.folder / "keys", self.clock()).note.encode()
        world = sealed(self.folder, found, note, Trust(), face="Assay Mono", hidden=hidden)
        proofs = json.loads(world.files[PROOFS])
        shown = [one for one in proofs["receipts"] if not without(json.loads(one["entry"]))]
        files = {**world.files, PROOFS: canonical(proofs | {"receipts": shown})}
        return replace(world, files=world.relisted(files))

    def recorded(self, *entries: Callable[[UnitOfWork], object]) -> None:
        """Record things, each at an instant of its own."""
        for one in entries:
            with UnitOfWork(self.engine, self.clock) as work:
                one(work)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """A release with a document that passes and a newer one that fails."""
    clock = SteadyClock()
    database = f"sqlite:///{tmp_path / 'assay.db'}"
    with writing(database, clock, lambda _words: None):
        engine = open_engine(database)
    registered(engine, clock)
    submitted(engine, a_document(a_metric(value=0.9)), clock=clock)
    submitted(engine, a_document(a_metric(value=0.1), run="worse"), clock=clock)
    make_keys(tmp_path / "keys", "log.example.org", Change(AS_OF))
    yield Company(tmp_path, engine, clock, small_ruling(tmp_path))
    engine.dispose()


def _checked(world: World) -> Verification:
    """Return what the product says of a pack; the second verifier must say the same of it."""
    found = verify_pack(world.packed(), root=world.root)
    said = "good" if found.first is None else found.first.code
    exit_, why = second_verifier().verdict(world.packed(), world.root)
    assert (exit_, why.split()[0]) == (found.exit, said)
    return found


def _kinds(*kinds: str) -> Callable[[dict[str, Any]], bool]:
    return lambda entry: entry["kind"] in kinds


def _about(evidence: Collection[str]) -> Callable[[dict[str, Any]], bool]:
    return lambda entry: entry["ref"] in evidence


def test_a_pack_of_all_that_was_recorded_says_that_nothing_is_left_out(company: Company) -> None:
    found = _checked(company.packed(company.judged()))
    assert found.exit == 0
    (step,) = [one for one in found.steps if one.code == "complete"]
    assert step.message == "it shows all that was recorded about s: 5 entries, no gap"
    assert "Whether the log numbers each entry" in found.unchecked[1]


@pytest.mark.parametrize("hidden", [False, True], ids=["its entry is shown", "and its entry"])
def test_a_document_that_is_left_out_is_missed_though_its_entry_is_hidden_too(
    company: Company, *, hidden: bool
) -> None:
    whole = company.judged()
    kept = tuple(one for one in whole.evidence if one.facts[0].value == 0.9)  # type: ignore[union-attr]
    assert len(kept) == 1
    less = company.judged(evidence=kept)
    gone = {one.envelope.id for one in whole.evidence if one not in kept}
    found = _checked(company.packed(less, without=_about(gone if hidden else ())))
    assert (found.exit, found.first and found.first.code) == (1, "left-out")


def test_what_is_recorded_after_the_judged_instant_may_be_left_out(company: Company) -> None:
    before = company.judged()
    submitted(company.engine, a_document(a_metric(value=0.2), run="later"), clock=company.clock)
    submitted(company.engine, a_document(a_metric(value=0.3), run="last"), clock=company.clock)
    assert _checked(company.packed(before)).exit == 0


def test_of_an_instant_in_the_past_the_next_entry_is_shown_too(company: Company) -> None:
    as_of = company.clock.at
    submitted(company.engine, a_document(a_metric(value=0.2), run="later"), clock=company.clock)
    submitted(company.engine, a_document(a_metric(value=0.3), run="last"), clock=company.clock)
    past = company.judged(as_of=as_of)
    whole = company.packed(past)
    shown = [json.loads(one["entry"]) for one in json.loads(whole.files[PROOFS])["receipts"]]
    assert [one.get("number") for one in shown if one["kind"] != "bundle"] == [1, 2, 3, 4, 5, 7]
    assert _checked(whole).exit == 0
    found = _checked(company.packed(past, without=lambda one: one.get("number") == 5))
    assert (found.exit, found.first and found.first.code) == (1, "left-out")


@pytest.mark.parametrize("hidden", [False, True], ids=["its entry is shown", "and its entry"])
def test_a_refusal_that_is_left_out_is_missed(company: Company, *, hidden: bool) -> None:
    company.recorded(lambda work: save_refusals(work, [a_refusal(system="s", release="1")]))
    found = company.judged()
    assert _checked(company.packed(found)).exit == 0
    without = _kinds("refusal") if hidden else _kinds()
    less = _checked(company.packed(found, without=without, refused=()))
    assert (less.exit, less.first and less.first.code) == (1, "left-out")


def test_a_refusal_of_another_release_is_not_asked_for(company: Company) -> None:
    company.recorded(
        lambda work: save_release(work, "s", Release(version="2"), person="", reason=""),
        lambda work: save_refusals(work, [a_refusal(system="s", release="2")]),
    )
    assert _checked(company.packed(company.judged())).exit == 0


def test_an_older_record_of_the_system_or_the_release_is_not_the_one_that_counted(
    company: Company,
) -> None:
    older = company.judged().subject
    tier = System(id="s", name="s", risk_tier=RiskTier.HIGH)
    company.recorded(lambda work: save_system(work, tier, person="ann", reason="it grew"))
    found = _checked(company.packed(company.judged(subject=older)))
    assert (found.exit, found.first and found.first.code) == (1, "left-out")
    assert _checked(company.packed(company.judged())).exit == 0


def test_a_revoked_waiver_cannot_be_shown_as_it_was_before(company: Company) -> None:
    first = a_waiver(policy="quality.floor", rule="floor", system="s")
    ended = first.model_copy(update={"reason": "It is not accepted any more."})
    company.recorded(
        lambda work: save_waivers(work, [first], person="ann"),
        lambda work: save_waivers(work, [ended], person="ann", why="revoked"),
    )
    assert _checked(company.packed(company.judged(waivers=(ended,)))).exit == 0
    found = _checked(company.packed(company.judged(waivers=(first,))))
    assert (found.exit, found.first and found.first.code) == (1, "left-out")
