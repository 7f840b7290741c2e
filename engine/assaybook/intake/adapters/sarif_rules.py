"""The rules of a SARIF run: by id, and by place in the driver or in an extension of the tool.

Source: OASIS SARIF 2.1.0, sections 3.27.5 to 3.27.7 and 3.52.
"""

from assaybook.domain.record import record
from assaybook.intake.values import Json, count, mapping, sequence, word


@record
class Rules:
    """The rules of the driver and of the extensions of a tool; the driver's stand by an id."""

    driver: tuple[dict[str, Json], ...]
    extensions: tuple[tuple[dict[str, Json], ...], ...]
    by_id: dict[str, dict[str, Json]]

    def id_of(self, result: dict[str, Json]) -> str | None:
        """Return the id of a result's rule, which may stand beside it or in a list of rules."""
        reference = mapping(result.get("rule"))
        found = word(result.get("ruleId")) or word(reference.get("id"))
        if found is not None:
            return found
        index = count(reference.get("index", result.get("ruleIndex")))
        component = mapping(reference.get("toolComponent"))
        owner = count(component.get("index"))
        listed: tuple[dict[str, Json], ...] = () if component else self.driver
        if owner is not None and owner < len(self.extensions):
            listed = self.extensions[owner]
        if index is None or index >= len(listed):
            return None
        return word(listed[index].get("id"))

    def named(self, rule_id: str | None) -> dict[str, Json]:
        """Return a rule by its id, or by the id that it is a part of."""
        name = rule_id or ""
        return self.by_id.get(name) or self.by_id.get(name.partition("/")[0]) or {}


def rules_of(tool: dict[str, Json]) -> Rules:
    """Return the rules of a run's tool."""
    driver, *extensions = (
        tuple(mapping(raw) for raw in sequence(component.get("rules")))
        for component in (
            mapping(tool.get("driver")),
            *(mapping(one) for one in sequence(tool.get("extensions"))),
        )
    )
    by_id = {
        known: rule
        for listed in (*reversed(extensions), driver)
        for rule in listed
        if (known := word(rule.get("id")))
    }
    return Rules(driver, tuple(extensions), by_id)
