"""Over samples of real tools and the shipped policies: what must not change an outcome.

A document is changed in one place, said otherwise, put beside others, or judged later, by policies
that it passes wherever it can and by the same with limits that it fails. What cannot be read, what
is about something else and what is older never makes a finding pass that did not.

A fixed share of all variants is drawn, the same in each run; ``--hypothesis-profile search`` draws
about twenty times as many.
"""

import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import settings
from pydantic import JsonValue

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Outcome
from support.samples import Sample, parsed, places, sample_of, with_value

SEED: Final = 85
DRAWN: Final = max(8, settings().max_examples // 10)
"""Variants of each document: 10 by default, 200 in a search."""
WAYS: Final = 5 if DRAWN < 100 else 99
"""Ways to say the same, of each document."""
LARGE: Final = 30_000
LATER: Final = (1, 15, 31, 91, 181, 366, 4000)
NO_TEXT: Final[tuple[Any, ...]] = ("", True, {}, None)
NO_NUMBER: Final[tuple[Any, ...]] = ("", {}, None, -1)
NO_LIST: Final[tuple[Any, ...]] = ("N/A", -1, True)


@pytest.fixture(scope="module")
def read(samples: Path) -> tuple[Sample, ...]:
    """Return every sample that can be read by itself."""
    here = Path(__file__).resolve().parents[1] / "data" / "evidence"
    paths = [*sorted(samples.rglob("*")), *sorted(here.rglob("*"))]
    skipped = {"SOURCES.md", "evidence.yaml"}
    found = [one for one in paths if one.is_file() and one.name not in skipped]
    return tuple(one for path in found if (one := sample_of(path)) is not None)


def _better(before: list[Outcome], after: list[Outcome]) -> bool:
    return any(
        new is Outcome.PASS and old is not Outcome.PASS
        for old, new in zip(before, after, strict=True)
    )


def _written(value: Any, *, in_lines: bool, **how: Any) -> bytes:
    if in_lines:
        return b"".join(json.dumps(one, **how).encode() + b"\n" for one in value)
    return json.dumps(value, **how).encode()


def _unreadable(sample: Sample, among: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield variants of a document with a value that cannot be read in one place."""
    found = parsed(sample)
    if found is None:
        return
    value, in_lines = found
    held = list(places(value))
    for path, one in among.sample(held, min(len(held), DRAWN)):
        no_list = NO_LIST if isinstance(one, list | dict) else NO_NUMBER
        odd = among.choice(NO_TEXT if isinstance(one, str) else no_list)
        if odd != one:
            changed = with_value(value, path, odd)
            yield f"{sample.path.name} {path}: {odd!r}", _written(changed, in_lines=in_lines)


def test_the_samples_are_judged_both_ways(read: tuple[Sample, ...]) -> None:
    said = [set(one.judged(one.evidence)) for one in read]
    assert len(read) > 100
    assert sum(Outcome.PASS in one for one in said) > 45
    assert sum(Outcome.FAIL in one for one in said) > 45


def test_no_value_that_cannot_be_read_makes_a_finding_pass(read: tuple[Sample, ...]) -> None:
    among = random.Random(SEED)  # noqa: S311 - a draw that is the same in each run
    better: list[str] = []
    tried = 0
    for sample in read:
        if len(sample.raw) > LARGE:
            continue
        before = sample.judged(sample.evidence)
        for what, raw in _unreadable(sample, among):
            tried += 1
            evidence = sample.read(raw)
            if evidence is not None and _better(before, sample.judged(evidence)):
                better.append(what)
    assert better == []
    assert tried > 500


def _turned(value: JsonValue) -> JsonValue:
    """Return a JSON value with the keys of every object in the other order."""
    if isinstance(value, dict):
        return {key: _turned(one) for key, one in reversed(value.items())}
    return [_turned(one) for one in value] if isinstance(value, list) else value


def _said_otherwise(sample: Sample) -> Iterator[tuple[str, bytes, str]]:
    """Yield what, bytes and name of documents that say the same as another."""
    raw, name = sample.raw, sample.path.name
    yield "lines of Windows", raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), name
    yield "a mark of UTF-8", b"\xef\xbb\xbf" + raw, name
    yield "empty lines", raw + b"\n\n", name
    yield "another name", raw, f"other-{name}"
    yield "another folder", raw, f"some/where/{name}"
    found = parsed(sample)
    if found is not None:
        value, in_lines = found
        yield "escapes", _written(value, in_lines=in_lines), name
        yield "letters", _written(value, in_lines=in_lines, ensure_ascii=False), name
        yield "no spaces", _written(value, in_lines=in_lines, separators=(",", ":")), name
        yield "keys turned", _written(_turned(value), in_lines=in_lines), name
        yield "keys in order", _written(value, in_lines=in_lines, sort_keys=True), name
        if not in_lines:
            yield "indented", _written(value, in_lines=False, indent=3), name


def test_what_is_said_otherwise_is_judged_alike(read: tuple[Sample, ...]) -> None:
    among = random.Random(SEED)  # noqa: S311 - a draw that is the same in each run
    other: list[str] = []
    for sample in read:
        before = sample.judged(sample.evidence)
        ways = list(_said_otherwise(sample))
        for what, raw, name in among.sample(ways, min(len(ways), WAYS)):
            evidence = sample.read(raw, name)
            if evidence is None or sample.judged(evidence) != before:
                other.append(f"{sample.path.parent.name}/{sample.path.name}: {what}")
    assert other == []


def test_the_same_documents_judged_later_pass_nothing_more(read: tuple[Sample, ...]) -> None:
    better: list[str] = []
    for sample in read:
        before = sample.judged(sample.evidence)
        for days in LATER:
            after = sample.judged(sample.evidence, timedelta(days=days))
            if _better(before, after):
                better.append(f"{sample.path.name} after {days} days")
            before = after
    assert better == []


def _again(one: Evidence, days: int, **about: Any) -> Evidence:
    """Return a document of other bytes, so many days older, about something else if said."""
    envelope = one.envelope
    known = (envelope.produced_at, envelope.observed_at, envelope.received_at)
    made, seen, received = (None if at is None else at - timedelta(days=days) for at in known)
    blob = digest_of(f"{envelope.blob} {envelope.id} {days} {about}".encode())
    columns = {
        "id": f"ev-{blob[7:23]}",
        "blob": blob,
        "produced_at": made,
        "observed_at": seen,
        "received_at": received,
        "submission": f"{days} days before",
        "subject": envelope.subject.model_copy(update=about),
    }
    return one.model_copy(update={"envelope": envelope.model_copy(update=columns)})


def _clean(one: Evidence) -> Evidence:
    """Return a document that looked at everything and found nothing."""
    whole = {"examined": 100, "passed": 100, "failed": 0, "errored": 0, "skipped": 0}
    rows = [row.model_copy(update={**whole, "skipped_items": ()}) for row in one.coverage]
    return one.model_copy(update={"facts": (), "coverage": tuple(rows)})


BESIDE: Final[dict[str, Callable[[Evidence], Evidence]]] = {
    "an older one": lambda one: _again(one, 5),
    "an older clean one": lambda one: _again(_clean(one), 5),
    "a newer clean one of another release": lambda one: _again(_clean(one), 0, release="other"),
    "a newer clean one of another system": lambda one: _again(_clean(one), 0, system="other"),
}


@pytest.mark.parametrize("what", BESIDE)
def test_a_document_that_says_nothing_of_the_release_today_passes_nothing(
    read: tuple[Sample, ...], what: str
) -> None:
    better = [
        sample.path.name
        for sample in read
        if _better(
            sample.judged(sample.evidence),
            sample.judged((*sample.evidence, *map(BESIDE[what], sample.evidence))),
        )
    ]
    assert better == []


def test_the_same_twice_and_in_another_order_is_judged_alike(read: tuple[Sample, ...]) -> None:
    for sample in read:
        before = sample.judged(sample.evidence)
        twice = [*(_again(one, 0) for one in sample.evidence), *reversed(sample.evidence)]
        assert sample.judged(twice) == before, sample.path
        assert sample.judged(twice[::-1]) == before, sample.path
