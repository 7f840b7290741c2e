"""ModelScan JSON reports: unsafe operators in model files.

A file that could not be parsed stands under ``errors``, beside a list of issues that may be empty;
one that no scanner takes stands under ``skipped``, by name. Neither was examined. The time of the
report has no zone and is none. Reports of versions before 0.6 are read too. Descriptions, the
scanner's name and the absolute path are not read.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, cast

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
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

_OLDER: Final = "issues_by_severity"
_QUESTION: Final = "security/unsafe_code"
_Severity = Literal["critical", "high", "medium", "low"]
_SEVERITIES: Final = frozenset({"critical", "high", "medium", "low"})


@record
class ModelScan:
    """Adapter for ``modelscan -r json``."""

    name: str = "modelscan"
    version: int = 2
    versions: tuple[str, ...] = ("*",)
    facts: tuple[str, ...] = ("security",)
    questions: tuple[str, ...] = (_QUESTION,)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a summary that names the version of ModelScan."""
        del declared
        found = mapping(document.value)
        holder = found if _OLDER in found else mapping(found.get("summary"))
        version = label(holder.get("modelscan_version"))
        if document.media != "json" or version is None:
            return None
        reasons = ("it has a modelscan_version",)
        return Detected(format=self.name, version=version, confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every issue, and what was scanned, skipped and not parsed."""
        found = mapping(document.value)
        if _OLDER in found:
            summary = {**mapping(found.get("summary")), **found}
        elif isinstance(found.get("issues"), list):
            summary = mapping(found["summary"])
        else:
            raise broken(document, "a report must have a list of issues", at="/issues")
        facts = tuple(_facts(document, _issues(found)))
        path = word(summary.get("input_path"))
        timestamp = summary.get("timestamp")
        unzoned = [("/summary/timestamp", "the time has no zone, so it is none")]
        return (
            Reading(
                facts=facts,
                coverage=(_coverage(found, summary, facts),),
                producer=Producer(tool=self.name, version=detected.version),
                scope=Scope(path=None if path in {None, ".", "./"} else path),
                produced_at=instant(timestamp),
                warnings=(
                    *notes("time-without-zone", unzoned if lacks_zone(timestamp) else []),
                    *notes("not-examined", _errors(found)),
                    *notes("skipped-not-listed", _unsaid(summary)),
                ),
            ),
        )


def _issues(found: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the issues with their places; before 0.6 they are listed by their severity."""
    for index, raw in enumerate(sequence(found.get("issues"))):
        yield pointer("issues", index), mapping(raw)
    for severity, listed in mapping(found.get(_OLDER)).items():
        for index, raw in enumerate(sequence(listed)):
            yield pointer(_OLDER, severity, index), {**mapping(raw), "severity": severity}


def _facts(document: Parsed, issues: Iterable[tuple[str, dict[str, Json]]]) -> Iterator[Security]:
    for at, issue in issues:
        source = word(issue.get("source"))
        if source is None:
            raise broken(document, "an issue must name its source", at=at)
        named = [one for key in ("module", "operator") if (one := word(issue.get(key)))]
        rule = short(".".join(named)) or word(issue.get("scanner")) or "unsafe"
        severity = str(issue.get("severity")).lower()
        yield Security.model_validate(
            {
                "pointer": at,
                "fingerprint": short(f"{source}:{rule}"),
                "class": "unsafe_code",
                "rule": rule,
                "severity": cast("_Severity", severity) if severity in _SEVERITIES else None,
                "location": source,
            }
        )


def _coverage(
    found: dict[str, Json], summary: dict[str, Json], facts: tuple[Security, ...]
) -> Coverage:
    scanned, skipped = mapping(summary.get("scanned")), mapping(summary.get("skipped"))
    files = {one for raw in sequence(scanned.get("scanned_files")) if (one := word(raw))}
    total = count(scanned.get("total_scanned"))
    # A file that several scanners took is listed by each of them.
    listed = len(files) if len(sequence(scanned.get("scanned_files"))) == total else 0
    examined = listed or total
    failed = len({fact.location for fact in facts})
    said = count(summary.get("total_issues")) or 0
    names = (_skipped_name(one) for one in sequence(skipped.get("skipped_files")))
    errors = found.get("errors")
    # The older form lists what could not be parsed among what was scanned.
    known = examined is not None and examined >= failed and not (_OLDER in found and errors)
    return Coverage(
        question=_QUESTION,
        examined=examined,
        passed=examined - failed if examined is not None and known else None,
        failed=max(failed, said) if said > len(facts) else failed,
        errored=len(errors) if isinstance(errors, list) else None,
        skipped=count(skipped.get("total_skipped")),
        skipped_items=tuple(sorted({name for name in names if name})),
    )


def _skipped_name(raw: Json) -> str | None:
    return word(raw) or word(mapping(raw).get("source"))


def _unsaid(summary: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield what to write where the report leaves out what was skipped, as it does by default."""
    if "skipped" not in summary:
        yield "/summary", "the report does not say what was skipped: write it with --show-skipped"


def _errors(found: dict[str, Json]) -> Iterator[tuple[str, str]]:
    for index, raw in enumerate(sequence(found.get("errors"))):
        error = mapping(raw)
        source = word(error.get("source")) or "a file"
        category = word(error.get("category")) or "error"
        yield pointer("errors", index), short(f"{source} could not be examined: {category}")
