"""Prometheus alerting rules: a rule file, or a PrometheusRule resource.

A rule file proves that an alert is written down; whether it is loaded, routed or was ever tried out
it cannot say. Recording rules are no control and are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Producer
from assaybook.domain.facts import Operation
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, mapping, passage, pointer, sequence, word

_QUESTION: Final = "operation/alert"
_PART: Final = re.compile(r"([0-9]{1,9})(ms|s|m|h|d|w|y)")
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


@dataclass(frozen=True, slots=True)
class PrometheusRules:
    """Adapter for Prometheus rules."""

    name: str = "prometheus-rules"
    version: int = 1
    versions: tuple[str, ...] = ("file", "PrometheusRule")
    facts: tuple[str, ...] = ("operation",)
    questions: tuple[str, ...] = (_QUESTION,)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise groups with rules, or the kind PrometheusRule."""
        del declared
        found = [mapping(one) for one in _documents(document)]
        if any(one.get("kind") == "PrometheusRule" for one in found):
            return self._found("PrometheusRule", "the kind is PrometheusRule")
        groups = [group for one in found for group in sequence(one.get("groups"))]
        if any("rules" in mapping(group) for group in groups):
            return self._found("file", "groups with rules")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every alerting rule."""
        del detected
        facts = tuple(_alerts(document))
        return (
            Reading(
                facts=facts,
                coverage=(recorded(_QUESTION, len(facts)),),
                producer=Producer(tool="prometheus"),
            ),
        )

    def _found(self, version: str, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=1.0, reasons=(reason,))


def _documents(document: Parsed) -> list[Json]:
    if document.media not in {"yaml", "json"}:
        return []
    return document.value if isinstance(document.value, list) else [document.value]


def _alerts(document: Parsed) -> Iterator[Operation]:
    several = isinstance(document.value, list)
    for number, raw in enumerate(_documents(document)):
        one = mapping(raw)
        wrapped = one.get("kind") == "PrometheusRule"
        base = ((number,) if several else ()) + (("spec",) if wrapped else ())
        groups = mapping(one.get("spec")).get("groups") if wrapped else one.get("groups")
        for place, group in enumerate(sequence(groups)):
            for index, rule in enumerate(sequence(mapping(group).get("rules"))):
                at = pointer(*base, "groups", place, "rules", index)
                if "alert" in mapping(rule):
                    yield _alert(document, mapping(rule), at)


def _alert(document: Parsed, rule: dict[str, Json], at: str) -> Operation:
    name, expression = word(rule.get("alert")), rule.get("expr")
    if name is None or not isinstance(expression, str) or not expression.strip():
        raise broken(document, "an alert must have a name and an expression", at=at)
    labels = mapping(rule.get("labels"))
    waits = rule.get("for")
    seconds = 0.0 if waits is None else _seconds(waits)
    return Operation(
        pointer=at,
        unknown={} if seconds is not None else {"for_seconds": "malformed"},
        kind="alert",
        target=name,
        expression=passage(expression.strip()),
        for_seconds=seconds,
        severity=word(labels.get("severity")),
        owner=word(labels.get("owner")) or word(labels.get("team")),
    )


def _seconds(written: Json) -> float | None:
    """Return the seconds of a Prometheus duration (``1h30m``); 0 alone needs no unit."""
    text = str(written).strip()
    if text == "0":
        return 0.0
    if not text or _PART.sub("", text):
        return None
    return float(sum(int(amount) * _SECONDS[unit] for amount, unit in _PART.findall(text)))
