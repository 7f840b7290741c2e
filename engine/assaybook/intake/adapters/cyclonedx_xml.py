"""CycloneDX XML as the JSON of the same BOM, with the line of each part.

The two forms say the same. Lists stand in an element of their own in XML, attributes are keys in
JSON, and a few elements are written otherwise; the tables here are those differences.

Source: the XML and JSON schemas of CycloneDX 1.4 to 1.7.
"""

from collections.abc import Callable
from dataclasses import field
from typing import Final, TypeAlias

from assaybook.domain.record import draft
from assaybook.intake.values import Json, pointer
from assaybook.intake.xml_text import attributes, children, line, own_text, tag

_LISTS: Final = frozenset(
    {
        *("components", "services", "externalReferences", "hashes", "licenses", "dependencies"),
        *("vulnerabilities", "ratings", "cwes", "affects", "versions", "properties", "authors"),
        *("datasets", "inputs", "outputs", "performanceMetrics", "users", "useCases", "tags"),
        *("technicalLimitations", "performanceTradeoffs", "ethicalConsiderations", "references"),
        *("fairnessAssessments", "energyConsumptions", "energyProviders", "assessors", "claims"),
        *("attestations", "owners", "custodians", "stewards", "responses", "advisories"),
        *(
            "assemblies",
            "compositions",
            "vulnerabilityAssertions",
            "lifecycles",
            "signatories",
            "ancestors",
        ),
    }
)
"""Elements whose children are the items of a list."""
_REPEATED: Final = frozenset({"data", "sensitiveData", "map", "contact"})
"""Elements that can stand several times without one around them."""
Path: TypeAlias = tuple[str | int, ...]


@draft
class BomXml:
    """The JSON of a BOM in XML; ``lines`` are those of elements, by JSON pointer."""

    value: dict[str, Json]
    lines: dict[str, int] = field(default_factory=dict)


def bom_of(root: Json, version: str) -> BomXml:
    """Return the JSON form of a ``bom`` element; depth is bounded by the parser."""
    bom = BomXml({})
    found = _object(root, (), bom.lines)
    bom.value = {**found, "bomFormat": "CycloneDX", "specVersion": version}
    return bom


def _value(element: Json, at: Path, lines: dict[str, int]) -> Json:
    name = tag(element)
    lines[pointer(*at)] = line(element)
    if name in _SPECIAL:
        return _SPECIAL[name](element, at, lines)
    if name == "tools":
        return _tools(element, at, lines)
    if name in _LISTS:
        return _items(element, at, lines)
    if attributes(element) or any(children(element)):
        return _object(element, at, lines)
    return own_text(element).strip()


def _items(element: Json, at: Path, lines: dict[str, int]) -> list[Json]:
    """Return the items of a list; the data sets of a model can be references."""
    found: list[Json] = []
    for index, one in enumerate(children(element)):
        read = _value(one, (*at, index), lines)
        found.append({"ref": read} if tag(one) == "ref" else read)
    return found


def _object(element: Json, at: Path, lines: dict[str, int]) -> dict[str, Json]:
    found: dict[str, Json] = dict(attributes(element))
    text = own_text(element).strip()
    if text:
        found["content"] = text
    repeated: dict[str, list[Json]] = {}
    for one in children(element):
        name = tag(one)
        if name in _REPEATED:
            listed = repeated.setdefault(name, [])
            listed.append(_value(one, (*at, name, len(listed)), lines))
        else:
            found[name] = _value(one, (*at, name), lines)
    return {**found, **repeated}


def _tools(element: Json, at: Path, lines: dict[str, int]) -> Json:
    """Return tools: a list of them in the older form, an object of components in the newer."""
    if any(children(element, "tool")):
        return _items(element, at, lines)
    return _object(element, at, lines)


def _dependency(element: Json, at: Path, lines: dict[str, int]) -> Json:
    del at, lines
    inner = [attributes(one).get("ref") for one in children(element, "dependency")]
    return {"ref": attributes(element).get("ref"), "dependsOn": [one for one in inner if one]}


def _license(element: Json, at: Path, lines: dict[str, int]) -> Json:
    return {"license": _object(element, at, lines)}


def _expression(element: Json, at: Path, lines: dict[str, int]) -> Json:
    del at, lines
    return {"expression": own_text(element).strip()}


_SPECIAL: Final[dict[str, Callable[[Json, Path, dict[str, int]], Json]]] = {
    "dependency": _dependency,
    "license": _license,
    "expression": _expression,
}
