"""detect-secrets: a scan or baseline, the secrets found in each file.

What a person audited as no secret is suppressed; what nobody audited is not known to be. The hash
of a secret is not kept, since short secrets can be guessed from it. The file does not say how many
files were looked through, so that stays unknown until somebody declares it; without a plugin
nothing was looked for. Patterns that leave out files, lines or secrets are told as warnings. A slim
baseline has neither lines nor a time. Settings of plugins and verifications are not read.
Source: baselines of detect-secrets 0.12 to 1.5.
"""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.adapters.findings import finding
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    flag,
    instant,
    label,
    mapping,
    pointer,
    sequence,
    told_apart,
    word,
)

_QUESTION: Final = "security/secret"
_FILTERS: Final = {
    "should_exclude_file": "files",
    "should_exclude_line": "lines",
    "should_exclude_secret": "secrets",
}
"""Filters that a person sets, by the end of their path, and what they leave out."""


@record
class DetectSecrets:
    """Adapter for ``detect-secrets scan``."""

    name: str = "detect-secrets"
    version: int = 1
    versions: tuple[str, ...] = ("*",)
    facts: tuple[str, ...] = ("security",)
    questions: tuple[str, ...] = (_QUESTION,)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise results by file, beside the plugins that were used."""
        del declared
        found = mapping(document.value)
        plugins, results = found.get("plugins_used"), found.get("results")
        if not isinstance(plugins, list) or not isinstance(results, dict):
            return None
        version = label(found.get("version")) or ""
        reasons = ("plugins_used, and results by file",)
        return Detected(format=self.name, version=version[:20], confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every secret that was found."""
        found = mapping(document.value)
        facts = tuple(_facts(document, mapping(found.get("results"))))
        idle = not sequence(found.get("plugins_used"))
        coverage = Coverage(
            question=_QUESTION,
            examined=0 if idle and not facts else None,
            failed=sum(not one.suppressed for one in facts),
        )
        return (
            Reading(
                facts=facts,
                coverage=(coverage,),
                producer=Producer(tool=self.name, version=detected.version),
                produced_at=instant(found.get("generated_at")),
                warnings=(
                    *notes("nothing-examined", [("/plugins_used", _IDLE)] if idle else []),
                    *notes("left-out", _left_out(found)),
                ),
            ),
        )


_IDLE: Final = "no plugin was used, so no secret was looked for"


def _facts(document: Parsed, results: dict[str, Json]) -> Iterator[Security]:
    for file, raw in results.items():
        if not isinstance(raw, list):
            reason = "the secrets of a file must be a list"
            raise broken(document, reason, at=pointer("results", file))
        listed = [mapping(one) for one in raw]
        lines = [count(one.get("line_number")) for one in listed]
        kinds = [word(one.get("type")) for one in listed]
        own = told_apart(f"{kind}:{line or ''}" for kind, line in zip(kinds, lines, strict=True))
        for index, (one, kind, line) in enumerate(zip(listed, kinds, lines, strict=True)):
            at = ("results", file, index)
            if kind is None:
                raise broken(document, "a secret must have a type", at=pointer(*at))
            audited = flag(one.get("is_secret"))
            yield finding(
                "secret",
                at,
                (file, own[index]),
                rule=kind,
                location=f"{file}:{line}" if line else file,
                suppressed=None if audited is None else not audited,
            )


def _left_out(found: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield what patterns of the submitter leave out."""
    for index, raw in enumerate(sequence(found.get("filters_used"))):
        end = (word(mapping(raw).get("path")) or "").rpartition(".")[2]
        if end in _FILTERS:
            yield pointer("filters_used", index), f"a pattern leaves out {_FILTERS[end]}"
    older = mapping(found.get("exclude"))
    for key in sorted(older):
        if older[key]:
            yield pointer("exclude", key), f"a pattern leaves out {key[:50]}"
