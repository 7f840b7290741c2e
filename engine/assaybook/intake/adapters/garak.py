"""garak: the report of a run (``report.jsonl``) and its list of hits (``hitlog.jsonl``).

The ``eval`` rows of a report are read, one for each probe and detector; a row that has outputs
which no detector could decide was examined in part. A run without ``completion`` is no result: it
lends what it hit and proves nothing else, as does a list of hits, from which nobody can tell how
often nothing was hit. Attempts, prompts, outputs, summaries and intervals are not read, and prompts
and outputs are not kept. Times have no zone and are none.
"""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Attack
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.adapters.garak_probes import family_of
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    instant,
    label,
    lacks_zone,
    mapping,
    pointer,
    sequence,
    short,
    word,
)

_ENTRIES: Final = frozenset(
    {
        *("start_run setup", "init", "attempt", "eval", "probe_summary"),
        *("completion", "digest", "plugin_cache", "config"),
    }
)
_HIT: Final = frozenset({"probe", "detector", "generator"})
_COUNTS: Final = ("passed", "fails", "nones", "total_evaluated", "total_processed", "total")
_CHOSEN: Final = "transient.active_probes"


@record
class Garak:
    """Adapter for what garak writes as JSON lines."""

    name: str = "garak"
    version: int = 2
    versions: tuple[str, ...] = ("report", "hitlog")
    facts: tuple[str, ...] = ("attack",)
    questions: tuple[str, ...] = ("attack", "attack/*")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a report by its entry types, and hits by probe, detector and generator."""
        del declared
        rows = _rows(document)
        first = rows[0] if rows else {}
        kinds = {str(row.get("entry_type")) for row in rows}
        if str(first.get("entry_type")) in _ENTRIES and kinds <= _ENTRIES:
            return self._found("report", "its lines have the entry types of garak")
        if first.keys() >= _HIT and "entry_type" not in first:
            return self._found("hitlog", "its lines have probe, detector and generator")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the run, or the hits of each run."""
        if detected.version == "report":
            return (_report(document),)
        runs: dict[str | None, list[tuple[int, dict[str, Json]]]] = {}
        for index, row in enumerate(_rows(document)):
            runs.setdefault(label(row.get("run_id")), []).append((index, row))
        return tuple(_hitlog(document, run, hits) for run, hits in runs.items())

    def _found(self, version: str, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=1.0, reasons=(reason,))


def _rows(document: Parsed) -> list[dict[str, Json]]:
    if document.media not in {"json", "json-lines"}:
        return []
    value = document.value
    return [mapping(one) for one in value] if isinstance(value, list) else [mapping(value)]


def _at(document: Parsed, index: int, *below: str) -> str:
    return pointer(index, *below) if isinstance(document.value, list) else pointer(*below)


def _report(document: Parsed) -> Reading:
    rows = _rows(document)
    by_kind = {str(row.get("entry_type")): row for row in rows}
    setup, init = by_kind.get("start_run setup", {}), by_kind.get("init", {})
    chosen = setup.get(_CHOSEN)
    if chosen is not None and not (isinstance(chosen, list) and all(map(word, chosen))):
        raise broken(document, f"{_CHOSEN} must list the probes by name")
    finished = "completion" in by_kind
    evals = [
        _eval(document, index, row)
        for index, row in enumerate(rows)
        if row.get("entry_type") == "eval"
    ]
    facts = tuple(evals if finished else _hits_of(evals))
    missing = tuple(_missing(setup, evals)) if finished else ()
    ended = by_kind.get("completion", {}).get("end_time")
    times = [one for one in (ended, init.get("start_time")) if one is not None]
    at = [("", "the times of the run have no zone, so they are none")]
    return Reading(
        facts=facts,
        coverage=tuple(_coverage(evals, missing) if finished else _unknown(evals, errored=1)),
        producer=Producer(tool="garak", version=label(init.get("garak_version")) or ""),
        run=label(init.get("run")) or label(setup.get("transient.run_id")),
        scope=Scope(job=_target(setup)),
        produced_at=next((found for one in times if (found := instant(one))), None),
        warnings=(
            *(() if finished else (_unfinished(),)),
            *notes("time-without-zone", at if any(map(lacks_zone, times)) else []),
            *notes(
                "not-examined", (("", f"{one} was chosen and has no result") for one in missing)
            ),
        ),
    )


def _unfinished() -> Warning_:
    message = "the run did not come to its end; only what it hit is read"
    return Warning_(code="run-unfinished", message=message)


def _eval(document: Parsed, index: int, row: dict[str, Json]) -> Attack:
    """Return one row of results; the older form has ``passed`` and ``total`` alone."""
    at = _at(document, index)
    probe, detector = word(row.get("probe")), word(row.get("detector"))
    passed = count(row.get("passed"))
    if probe is None or detector is None or passed is None:
        raise broken(document, "a result must have probe, detector and passed", at=at)
    for name in _COUNTS:
        if name in row and count(row[name]) is None:
            raise broken(document, f"{name} must be a count", at=_at(document, index, name))
    fails, nones = count(row.get("fails")), count(row.get("nones"))
    total = count(row.get("total_evaluated", row.get("total")))
    if total is None:
        total = passed + fails if fails is not None else None
    if fails is None and total is not None:
        fails = total - passed
    processed = count(row.get("total_processed"))
    if nones is None and processed is not None and total is not None:
        nones = processed - total
    agree = fails is None or (fails >= 0 and passed + fails == total)
    if not agree or (nones is not None and nones < 0):
        raise broken(document, "the counts of the result contradict each other", at=at)
    return Attack(
        pointer=at,
        name=probe.removeprefix("probes."),
        detector=_detector(detector),
        family=family_of(probe),
        attempts=total,
        successes=fails,
        undecided=nones,
        rate=fails / total if fails is not None and total else None,
    )


def _detector(name: str) -> str:
    """Return a detector without its package; older reports write ``detector.dan.DAN``."""
    return name.removeprefix("detectors.").removeprefix("detector.")


def _hits_of(evals: list[Attack]) -> Iterator[Attack]:
    """Yield what an unfinished run hit: a hit is sure; how often nothing was hit is not."""
    for one in evals:
        if one.successes:
            yield one.model_copy(update={"attempts": None, "undecided": None, "rate": None})


def _missing(setup: dict[str, Json], evals: list[Attack]) -> Iterator[str]:
    """Yield the probes that were to run and have no result."""
    done = {one.name for one in evals}
    for name in map(str, sequence(setup.get(_CHOSEN))):
        probe = name.removeprefix("garak.").removeprefix("probes.")
        if probe not in done:
            yield probe


def _question(probe: str) -> str:
    family = family_of(probe)
    return "attack" if family is None else f"attack/{family}"


def _coverage(evals: list[Attack], missing: tuple[str, ...]) -> Iterator[Coverage]:
    """Yield coverage in results of a probe and a detector."""
    asked = dict.fromkeys([*map(question_of, evals), *map(_question, missing)] or ["attack"])
    for question in asked:
        rows = [one for one in evals if question_of(one) == question]
        examined = [one for one in rows if one.attempts]
        hit = [one for one in examined if one.successes]
        partly = [f"{one.name}/{one.detector}" for one in rows if one.undecided or not one.attempts]
        left = [*partly, *(one for one in missing if _question(one) == question)]
        told = all(one.undecided is not None for one in rows)
        yield Coverage(
            question=question,
            examined=len(examined),
            passed=len(examined) - len(hit),
            failed=len(hit),
            errored=0,
            skipped=len(left) if told or left else None,
            skipped_items=tuple(sorted(short(one) for one in left)),
        )


def _unknown(rows: list[Attack], *, errored: int | None) -> Iterator[Coverage]:
    """Yield coverage of which only the hits are known."""
    asked = dict.fromkeys(map(question_of, rows)) or ["attack"]
    for question in asked:
        failed = sum(question_of(one) == question and bool(one.successes) for one in rows)
        yield Coverage(question=question, failed=failed, errored=errored)


def _target(setup: dict[str, Json]) -> str | None:
    """Return the model and what was chosen, so that one choice never replaces another."""
    kind = word(setup.get("plugins.target_type")) or word(setup.get("plugins.model_type"))
    name = word(setup.get("plugins.target_name")) or word(setup.get("plugins.model_name"))
    spec = setup.get("run.spec")
    chosen = sequence(mapping(spec).get("include")) or [
        spec if isinstance(spec, str) else setup.get("plugins.probe_spec")
    ]
    said = ",".join(sorted(found for one in chosen if (found := word(one))))
    parts = [part for part in (kind, name, said) if part]
    return short(" ".join(parts)) if parts else None


def _hitlog(document: Parsed, run: str | None, hits: list[tuple[int, dict[str, Json]]]) -> Reading:
    rows: dict[tuple[str, str], Attack] = {}
    for index, row in hits:
        probe, detector = word(row.get("probe")), word(row.get("detector"))
        if probe is None or detector is None:
            raise broken(document, "a hit must have probe and detector", at=_at(document, index))
        key = (probe.removeprefix("probes."), _detector(detector))
        first = rows.get(key) or Attack(
            pointer=_at(document, index),
            name=key[0],
            detector=key[1],
            family=family_of(probe),
            successes=0,
        )
        rows[key] = first.model_copy(update={"successes": (first.successes or 0) + 1})
    facts = tuple(rows.values())
    target = word(hits[0][1].get("generator"))
    message = "a list of hits does not say how often nothing was hit"
    return Reading(
        facts=facts,
        coverage=tuple(_unknown([*facts], errored=None)),
        producer=Producer(tool="garak"),
        run=run,
        scope=Scope(job=target.removesuffix(" None") if target else None),
        warnings=(Warning_(code="hits-only", message=message),),
    )
