"""TruffleHog 3: the secrets that it prints as JSON lines, and its log where that is in the file.

The secret, its parts, what its owner's service says of it and who committed it never get here: they
are removed at intake. Whether a secret was verified to work is the tool's word and changes nothing:
each is one that was found. How much was looked through is said by the log alone, in chunks; what
the tool left out is not said at all, so it stays unknown until somebody declares it. A log without
the end of the scan is of a scan that was broken off.
Source: the JSON output of TruffleHog 3.
"""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Warning_
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.adapters.findings import finding
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    instant,
    label,
    mapping,
    pointer,
    sequence,
    told_apart,
    word,
)

_QUESTION: Final = "security/secret"
_FOUND: Final = frozenset({"SourceMetadata", "DetectorName"})
_LOGGER: Final = "trufflehog"
_END: Final = "finished scanning"
_PLACES: Final = ("file", "path", "link", "url", "repository", "bucket", "image")
"""What the kinds of sources call the place of a secret, the nearest first."""

_Line = tuple[tuple[int, ...], dict[str, Json]]


@record
class TruffleHog:
    """Adapter for ``trufflehog ... --json``."""

    name: str = "trufflehog"
    version: int = 2
    versions: tuple[str, ...] = ("3",)
    facts: tuple[str, ...] = ("security",)
    questions: tuple[str, ...] = (_QUESTION,)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise lines with a source and a detector, or those of the tool's own log."""
        del declared
        if next(_lines(document), None) is None:
            return None
        if not all(_is_found(one) or _is_log(one) for _, one in _lines(document)):
            return None
        reasons = ("lines with SourceMetadata and DetectorName, or of the log of trufflehog",)
        return Detected(format=self.name, version="3", confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every secret, and what the log says of the scan."""
        del detected
        lines = list(_lines(document))
        facts = tuple(_facts(document, [line for line in lines if _is_found(line[1])]))
        log = [one for _, one in lines if _is_log(one)]
        end = next((one for one in log if one.get("msg") == _END), None)
        said = end or {}
        broke = [one for one in log if str(one.get("level")) in {"error", "fatal"}]
        unfinished = bool(log) and end is None
        counted = [count(said.get(key)) or 0 for key in ("verified_secrets", "unverified_secrets")]
        coverage = Coverage(
            question=_QUESTION,
            examined=count(said.get("chunks")),
            failed=max(len(facts), sum(counted)),
            errored=len(broke) + unfinished if log else None,
        )
        return (
            Reading(
                facts=facts,
                coverage=(coverage,),
                producer=Producer(
                    tool=self.name, version=label(said.get("trufflehog_version")) or ""
                ),
                produced_at=instant(said.get("ts")),
                warnings=tuple(_warnings(len(facts), sum(counted), unfinished=unfinished)),
            ),
        )


def _lines(document: Parsed) -> Iterator[_Line]:
    if document.media not in {"json", "json-lines"}:
        return
    if isinstance(document.value, list):
        yield from (((index,), mapping(one)) for index, one in enumerate(sequence(document.value)))
    else:
        yield (), mapping(document.value)


def _is_found(one: dict[str, Json]) -> bool:
    return one.keys() >= _FOUND


def _is_log(one: dict[str, Json]) -> bool:
    return one.get("logger") == _LOGGER and "msg" in one


def _facts(document: Parsed, lines: list[_Line]) -> Iterator[Security]:
    placed = [_place(document, line) for line in lines]
    own = told_apart(":".join(part or "" for part in parts) for parts in placed)
    for (at, _), (commit, file, detector, line), print_ in zip(lines, placed, own, strict=True):
        del commit
        yield finding(
            "secret",
            at,
            (print_,),
            rule=detector,
            location=f"{file}:{line}" if file and line else file,
        )


def _place(document: Parsed, line: _Line) -> tuple[str | None, str | None, str, str | None]:
    """Return commit, file, detector and line of a secret."""
    at, one = line
    detector = word(one.get("DetectorName"))
    if detector is None:
        raise broken(document, "a secret must have the name of its detector", at=pointer(*at))
    kinds = mapping(mapping(one.get("SourceMetadata")).get("Data"))
    data = mapping(next(iter(kinds.values()), None))
    file = next((found for key in _PLACES if (found := word(data.get(key)))), None)
    number = count(data.get("line"))
    return word(data.get("commit")), file, detector, str(number) if number else None


def _warnings(listed: int, counted: int, *, unfinished: bool) -> Iterator[Warning_]:
    if unfinished:
        message = "the log does not tell the end of the scan"
        yield Warning_(code="run-unfinished", message=message)
    more = counted - listed
    left = [("", f"{more} more secrets were found than are listed")] if more > 0 else []
    yield from notes("findings-not-listed", left)
