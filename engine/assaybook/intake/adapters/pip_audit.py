"""pip-audit JSON reports: the object form and the older list.

A dependency that was skipped was not examined, and pip-audit still exits 0 and says that nothing is
known: it is counted and named here. The format has no severity. Descriptions, aliases and the list
of fixes are not read.
"""

from collections.abc import Iterator

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, certain, producer
from assaybook.intake.made import filled
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, label, mapping, sequence, short, word

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
        found = document.value
        is_object = detected.version == "object"
        listed = sequence(mapping(found).get("dependencies") if is_object else found)
        start = "/dependencies" if is_object else ""
        facts: list[Security] = []
        skipped: list[str] = []
        failed = 0
        for index, raw in enumerate(listed):
            one, at = mapping(raw), f"{start}/{index}"
            name, weak = word(one.get("name")), one.get("vulns")
            if name is None or not (isinstance(weak, list) or "skip_reason" in one):
                reason = "a dependency must have a name, and vulns or skip_reason"
                raise broken(document, reason, at=at)
            if weak and isinstance(weak, list):
                facts += _facts(document, weak, (name, label(one.get("version"))), at)
                failed += 1
            elif "skip_reason" in one or "vulns" not in one:
                skipped.append(name)
        return (
            Reading(
                facts=tuple(facts),
                coverage=(_coverage(len(listed), failed, skipped),),
                producer=producer(self.name),
            ),
        )

    def _found(self, version: str) -> Detected:
        return certain(self.name, version, "dependencies with vulns or skip_reason")


def _is_dependency(raw: Json) -> bool:
    found = mapping(raw)
    return "name" in found and ("skip_reason" in found or isinstance(found.get("vulns"), list))


def _coverage(listed: int, failed: int, skipped: list[str]) -> Coverage:
    examined = listed - len(skipped)
    return Coverage(
        question=_QUESTION,
        examined=examined,
        passed=examined - failed,
        failed=failed,
        errored=0,
        skipped=len(skipped),
        skipped_items=tuple(sorted(skipped)),
    )


def _facts(
    document: Parsed, vulns: list[Json], package: tuple[str, str | None], at: str
) -> Iterator[Security]:
    name, version = package
    for index, raw in enumerate(vulns):
        place, weak = f"{at}/vulns/{index}", mapping(raw)
        rule = word(weak.get("id"))
        if rule is None:
            raise broken(document, "a vulnerability must have an id", at=place)
        fixes = [one for each in sequence(weak.get("fix_versions")) if (one := label(each))]
        yield filled(
            Security,
            {
                "pointer": place,
                "fingerprint": short(f"{name}:{version or ''}:{rule}"),
                "class_": "vulnerability",
                "rule": rule,
                "component": name,
                "component_version": version,
                "fixed_in": short(", ".join(fixes)) or None,
            },
        )
