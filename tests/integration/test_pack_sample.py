"""Samples of evidence: the same seed draws the same documents, wherever they are recorded."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Severity
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.pack_sample import Sample, draw_sample, lot_of
from assaybook.service.run_assessment import run_assessment
from assaybook.store.engine import open_engine
from assaybook.store.unit_of_work import Reading
from support.commands import assay, refused
from support.evidence import AS_OF, a_document, a_metric, a_subject, days
from support.stores import SteadyClock, a_work, registered, submitted

POLICY = """\
policy: quality.floor
version: 1
title: Recall holds
why: A model that misses cases harms people.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: implements}
  iso-42001-2023: {A.6.2.4: supports}
  iso-27001-2022: {A.5.2: supports}
needs:
  recall: {facts: metric, where: 'row.name == "recall"', fresh_for: 90d}
rules:
  - {id: floor, for_each: recall, pass_when: row.value >= 0.8, fix: Retrain the model.}
"""
ELSEWHERE = a_document(a_metric(value=0.7), name="other.json", release="2")


@pytest.fixture(scope="module")
def ruling(tmp_path_factory: pytest.TempPathFactory) -> Ruling:
    """Return a bundle of one policy."""
    folder: Path = tmp_path_factory.mktemp("policies")
    (folder / "quality").mkdir()
    (folder / "quality" / "floor.yaml").write_text(POLICY, encoding="utf-8")
    return read_ruling(BundleFiles(policies=(folder,)))


def _filled(engine: Engine, ruling: Ruling) -> None:
    """Record nine documents of one source about the release, one about another, and judge."""
    clock = SteadyClock()
    second = a_subject().release.model_copy(update={"version": "2"})
    registered(engine, clock, releases={"2": second})
    weekly = [a_document(a_metric(value=0.9), name=f"{n}.json", age=n + 1) for n in range(9)]
    for one in (*weekly, ELSEWHERE):
        submitted(engine, one, clock=clock)
    with a_work(engine, clock) as work:
        run_assessment(work, "s", "1", ruling, fail_on=Severity.HIGH)


@pytest.fixture(scope="module")
def filled(
    sqlite_template: Path, ruling: Ruling, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Yield a database of SQLite with a judged release."""
    file = tmp_path_factory.mktemp("sample") / "assay.db"
    shutil.copy(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    _filled(engine, ruling)
    yield engine
    engine.dispose()


def _drawn(engine: Engine, control: str = "MEASURE 2.3", **said: object) -> Sample:
    given = {"seed": 7, "size": 3, "as_of": AS_OF + days(1), **said}
    with Reading(engine) as reading:
        return draw_sample(reading, "s", "1", control, **given)  # type: ignore[arg-type]


def test_the_same_seed_draws_the_same_documents_in_any_database(
    engine: Engine, filled: Engine, ruling: Ruling
) -> None:
    _filled(engine, ruling)
    one, other = _drawn(engine), _drawn(filled)
    assert one.documents == other.documents
    assert one.population_digest == other.population_digest


def test_whoever_has_the_ids_can_draw_the_sample_by_hand(filled: Engine) -> None:
    whole = _drawn(filled, size=100)
    assert (whole.population, len(whole.documents)) == (9, 9)
    ids = sorted(one.evidence for one in whole.documents)
    raw = json.dumps(ids, separators=(",", ":")).encode()
    assert whole.population_digest == f"sha256:{hashlib.sha256(raw).hexdigest()}"
    by_hand = sorted(ids, key=lambda one: hashlib.sha256(f"7\n{one}".encode()).hexdigest())[:3]
    drawn = _drawn(filled)
    assert [one.evidence for one in drawn.documents] == by_hand
    assert [one.lot for one in drawn.documents] == [lot_of(7, one) for one in by_hand]


def test_another_seed_draws_others_and_a_larger_sample_holds_the_smaller(filled: Engine) -> None:
    three = {one.evidence for one in _drawn(filled).documents}
    assert {one.evidence for one in _drawn(filled, size=5).documents} > three
    assert {one.evidence for one in _drawn(filled, seed=8).documents} != three


def test_what_was_superseded_can_be_drawn_and_what_is_of_another_release_cannot(
    filled: Engine,
) -> None:
    whole = _drawn(filled, size=100)
    assert [one.left_out for one in whole.documents].count(("superseded",)) == 8
    assert {one.rules for one in whole.documents} == {("quality.floor/floor",)}
    assert ELSEWHERE.envelope.name not in {one.name for one in whole.documents}
    assert all(one.seq and one.digest.startswith("sha256:") for one in whole.documents)


def test_the_controls_of_a_group_are_drawn_from_together(filled: Engine) -> None:
    assert _drawn(filled, "MEASURE").population == 9
    assert _drawn(filled, "GOVERN").population == 0


@pytest.mark.parametrize(
    ("control", "said", "code"),
    [
        ("MEASURE 2.3", {"size": 0}, "sample-size-invalid"),
        ("MEASURE 2.3", {"as_of": AS_OF - days(1)}, "assessment-missing"),
        ("MEASURE 2.3", {"catalog": "eu-ai-act"}, "catalog-not-judged"),
        ("A.5.2", {}, "control-ambiguous"),
        ("A.99", {}, "control-unknown"),
    ],
)
def test_what_cannot_be_sampled_is_refused(
    control: str, said: dict[str, object], code: str, filled: Engine
) -> None:
    with pytest.raises(UsageError) as error:
        _drawn(filled, control, **said)
    assert error.value.code == code


def test_one_of_two_catalogs_can_be_named(filled: Engine) -> None:
    assert _drawn(filled, "A.5.2", catalog="iso-27001-2022").population == 9


def test_a_sample_is_drawn_from_the_command_line(filled: Engine) -> None:
    url = filled.url.render_as_string(hide_password=False)
    words = ("pack", "sample", "--system", "s", "--release", "1", "--database", url)
    asked = ("--control", "ms-2.3", "--seed", "7", "--size", "3", "--as-of", "2026-11-21T00:00:00Z")
    done = assay(*words, *asked, "--format", "json")
    assert done.value == _drawn(filled).model_dump(mode="json")
    assert "3 of 9 documents drawn" in done.err
    assert "least SHA-256" in assay(*words, *asked, "--format", "markdown").out
    assert assay(*words, *asked, "--format", "csv").out.splitlines()[0].endswith(",lot")
    refused(assay(*words, *asked, "--size", "0"), 2, "sample-size-invalid")
