"""Prometheus alerting rules: a rule file, a PrometheusRule resource, or a list of those.

A rule file proves that an alert is written down; whether it is loaded, routed or was ever tried out
it cannot say. Labels of a group are those of its rules, save where a rule says otherwise. Recording
rules are no control and are left out; intervals, annotations and ``keep_firing_for`` are not read.
"""

import re
from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Producer
from assaybook.domain.facts import Operation
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, mapping, passage, pointer, sequence, word

_QUESTION: Final = "operation/alert"
_UNITS: Final = ("y", "w", "d", "h", "m", "s", "ms")
_DURATION: Final = re.compile("".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS))
"""Each unit at most once, the longest first."""
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


@record
class PrometheusRules:
    """Adapter for Prometheus rules."""

    name: str = "prometheus-rules"
    version: int = 2
    versions: tuple[str, ...] = ("file", "PrometheusRule")
    facts: tuple[str, ...] = ("operation",)
    questions: tuple[str, ...] = (_QUESTION,)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise groups with rules, or the kind PrometheusRule."""
        found = [one for _, one in _documents(document)]
        if any(one.get("kind") == "PrometheusRule" for one in found):
            return self._found("PrometheusRule", "the kind is PrometheusRule")
        groups = [mapping(group) for one in found for group in sequence(one.get("groups"))]
        rules = [mapping(rule) for group in groups for rule in sequence(group.get("rules"))]
        if rules and all("condition" in rule and "expr" not in rule for rule in rules):
            return None  # alerts of Grafana, which are queries of any source of data
        if any("rules" in group for group in groups):
            return self._found("file", "groups with rules")
        if declared and any(one.get("groups") == [] for one in found):
            return self._found("file", "an empty list of groups, submitted as prometheus-rules")
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


def _documents(document: Parsed) -> Iterator[tuple[tuple[str | int, ...], dict[str, Json]]]:
    """Yield every resource or rule file with its place; a resource of kind List holds others."""
    if document.media not in {"yaml", "json"}:
        return
    several = isinstance(document.value, list)
    for number, raw in enumerate(sequence(document.value) if several else [document.value]):
        base: tuple[str | int, ...] = (number,) if several else ()
        one = mapping(raw)
        yield base, one
        if str(one.get("kind")).endswith("List"):
            for index, item in enumerate(sequence(one.get("items"))):
                yield (*base, "items", index), mapping(item)


def _alerts(document: Parsed) -> Iterator[Operation]:
    for base, one in _documents(document):
        wrapped = one.get("kind") == "PrometheusRule"
        holder = mapping(one.get("spec")) if wrapped else one
        within = (*base, "spec", "groups") if wrapped else (*base, "groups")
        for place, raw in enumerate(sequence(holder.get("groups"))):
            group = mapping(raw)
            common = mapping(group.get("labels"))
            for index, rule in enumerate(sequence(group.get("rules"))):
                at = pointer(*within, place, "rules", index)
                if ("alert" in mapping(rule)) == ("record" in mapping(rule)):
                    raise broken(document, "a rule must have either alert or record", at=at)
                if "alert" in mapping(rule):
                    yield _alert(document, mapping(rule), common, at)


def _alert(document: Parsed, rule: dict[str, Json], common: dict[str, Json], at: str) -> Operation:
    name, expression = word(rule.get("alert")), rule.get("expr")
    if name is None or not isinstance(expression, str) or not expression.strip():
        raise broken(document, "an alert must have a name and an expression", at=at)
    labels = {**common, **mapping(rule.get("labels"))}
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
    found = _DURATION.fullmatch(text) if text else None
    if found is None:
        return None
    parts = zip(_UNITS, found.groups(), strict=True)
    return float(sum(int(amount) * _SECONDS[unit] for unit, amount in parts if amount))
