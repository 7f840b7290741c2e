"""dbt's freshness of sources (``sources.json``) and of models (``freshness.json``).

Each source is one check: whether its newest row is as young as its author asks. ``warn`` and
``error`` are both too old; ``runtime error`` means that nobody knows. dbt leaves out sources that
could not be queried (1.10 does), so where no row says that it errored, what errored is unknown.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from assaybook.domain.evidence import Coverage, Producer, Scope
from assaybook.domain.facts import DataCheck
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.adapters.check_families import coverage_of_checks
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, instant, lacks_zone, mapping, pointer, short, word

FRESHNESS: Final = ("sources-v1", "sources-v2", "sources-v3", "freshness-v0")
"""Versions of the format by their schema."""
_STATUS: Final[dict[str, Literal["pass", "fail", "error"]]] = {
    "pass": "pass",
    "warn": "fail",
    "error": "fail",
    "runtime error": "error",
}
_PARTS: Final = 3


def read_freshness(document: Parsed) -> Reading:
    """Read how old each source was found to be.

    Raises:
        SubmitterError: a result has no id, or results are no list.
    """
    found = mapping(document.value)
    metadata = mapping(found.get("metadata"))
    results = found.get("results")
    if not isinstance(results, list):
        raise broken(document, "results must be a list", at="/results")
    facts = tuple(_checks(document, results))
    made = metadata.get("generated_at")
    late = [("/metadata/generated_at", "the time has no zone, so it is not known")]
    return Reading(
        facts=facts,
        coverage=tuple(_coverage(facts)),
        producer=Producer(tool="dbt", version=word(metadata.get("dbt_version")) or ""),
        run=word(metadata.get("invocation_id")),
        scope=Scope(job=_job(facts)),
        produced_at=instant(made),
        warnings=notes("time-without-zone", late if lacks_zone(made) else []),
    )


def _checks(document: Parsed, results: list[Json]) -> Iterator[DataCheck]:
    for index, raw in enumerate(results):
        one = mapping(raw)
        at = pointer("results", index)
        unique_id = word(one.get("unique_id"))
        if unique_id is None:
            raise broken(document, "a result must have a unique_id", at=at)
        status = word(one.get("status"))
        yield DataCheck(
            pointer=at,
            check=short(f"freshness.{unique_id}"),
            status=_STATUS.get((status or "").lower()),
            tool_verdict=status,
        )


def _coverage(facts: tuple[DataCheck, ...]) -> Iterator[Coverage]:
    """Yield coverage in sources; of none it says that nothing was examined."""
    nothing = Coverage(question="data_check", examined=0, failed=0, skipped=0)
    for row in coverage_of_checks(facts) or (nothing,):
        yield row.model_copy(update={"errored": row.errored or None})


def _job(facts: Iterable[DataCheck]) -> str:
    """Return the projects of the sources, and the command."""
    parts = (one.check.split(".") for one in facts)
    projects = sorted({one[2] for one in parts if len(one) > _PARTS})
    return short("/".join([*([",".join(projects)] if projects else []), "source freshness"]))
