"""pip-audit JSON reports: the object form and the older list.

A dependency that was skipped was not examined, and pip-audit still exits 0 and says that nothing is
known: it is counted and named here. The format has no severity. Descriptions, aliases and the list
of fixes are not read.
"""

from collections.abc import Iterator

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, certain
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, label, mapping, pointer, sequence, short, word

_QUESTION = "security/vulnerability"


@record
class PipAudit:
    """Adapter for ``pip-audit --format json``."""

    name: str = "pip-audit"
    version: int = 2
    versions: tuple[str, ...] = ("object", "list")
    facts: tuple[str, ...] = ("security",)
    questions: tuple[str, ...] = (_QUESTION,)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise dependencies with vulns or skip_reason."""
        value = document.value
        if document.media != "json":
            return None
        if isinstance(value, list):
            if not value:
                reasons = ("it is an empty list, and was submitted as pip-audit",)
                empty = Detected(format=self.name, version="list", confidence=0.0, reasons=reasons)
                return empty if declared else None
            return self._found("list") if _is_dependency(value[0]) else None
        found = mapping(value)
        listed = found.get("dependencies")
        if not isinstance(listed, list):
            return None
        fits = _is_dependency(listed[0]) if listed else "fixes" in found
        return self._found("object") if fits else None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every dependency."""
        listed = document.value
        base: tuple[str, ...] = ()
        if detected.version == "object":
            listed, base = mapping(listed).get("dependencies"), ("dependencies",)
        facts: list[Security] = []
        skipped: list[str] = []
        failed = 0
        for index, raw in enumerate(sequence(listed)):
            at: tuple[str | int, ...] = (*base, index)
            name = word(mapping(raw).get("name"))
            if name is None or not _is_dependency(raw):
                reason = "a dependency must have a name, and vulns or skip_reason"
                raise broken(document, reason, at=pointer(*at))
            found = list(_facts(document, mapping(raw), name, at))
            if "vulns" not in mapping(raw) or ("skip_reason" in mapping(raw) and not found):
                skipped.append(name)
                continue
            failed += bool(found)
            facts += found
        examined = len(sequence(listed)) - len(skipped)
        coverage = Coverage(
            question=_QUESTION,
            examined=examined,
            passed=examined - failed,
            failed=failed,
            errored=0,
            skipped=len(skipped),
            skipped_items=tuple(sorted(skipped)),
        )
        producer = Producer(tool=self.name)
        return (Reading(facts=tuple(facts), coverage=(coverage,), producer=producer),)

    def _found(self, version: str) -> Detected:
        return certain(self.name, version, "dependencies with vulns or skip_reason")


def _is_dependency(raw: Json) -> bool:
    found = mapping(raw)
    return "name" in found and ("skip_reason" in found or isinstance(found.get("vulns"), list))


def _facts(
    document: Parsed, dependency: dict[str, Json], name: str, at: tuple[str | int, ...]
) -> Iterator[Security]:
    version = label(dependency.get("version"))
    for index, raw in enumerate(sequence(dependency.get("vulns"))):
        place = pointer(*at, "vulns", index)
        rule = word(mapping(raw).get("id"))
        if rule is None:
            raise broken(document, "a vulnerability must have an id", at=place)
        fixes = sequence(mapping(raw).get("fix_versions"))
        yield Security.model_validate(
            {
                "pointer": place,
                "fingerprint": short(f"{name}:{version or ''}:{rule}"),
                "class": "vulnerability",
                "rule": rule,
                "component": name,
                "component_version": version,
                "fixed_in": short(", ".join(one for raw in fixes if (one := label(raw)))) or None,
            }
        )
