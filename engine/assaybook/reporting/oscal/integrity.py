"""Whether an OSCAL document holds together: what models and schemas do not look at.

Pure: documents in, faults out, each with code, place and reason. Nothing is fetched.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from assaybook.catalogs.oscal_walk import (
    Fault,
    Spot,
    UnreadableError,
    listed,
    mapping_at,
    read,
    text_at,
    walk,
)
from assaybook.domain.canonical import digest_of
from assaybook.reporting.oscal.forms import form_faults, instant, unpacked

__all__ = ["Fault", "integrity_faults"]

_PLAN: Final = "assessment-plan"
_RESULTS: Final = "assessment-results"
_MODELS: Final = frozenset({_PLAN, _RESULTS, "plan-of-action-and-milestones", "catalog"})
_LISTS: Final[Mapping[str, str]] = {
    "observation-uuid": "observations",
    "risk-uuid": "risks",
    "finding-uuid": "findings",
    "activity-uuid": "activities",
    "task-uuid": "tasks",
    "party-uuid": "parties",
    "party-uuids": "parties",
    "component-uuid": "components",
}
"""The list in which the thing stands that a key refers to."""
_BY_TYPE: Final[Mapping[str, Mapping[str, str]]] = {
    "actor-uuid": {
        "tool": "components",
        "party": "parties",
        "assessment-platform": "assessment-platforms",
    },
    "subject-uuid": {
        "component": "components",
        "party": "parties",
        "resource": "resources",
        "inventory-item": "inventory-items",
        "location": "locations",
        "user": "users",
    },
}
"""The same, for keys whose holder says of which type the thing is."""
_NAMED: Final = frozenset({"controls", "groups", "parts", "params"})
_ORDERS: Final = (("start", "end"), ("collected", "expires"), ("published", "last-modified"))


def integrity_faults(
    raw: bytes, *, plan: bytes | None = None, controls: AbstractSet[str] | None = None
) -> tuple[Fault, ...]:
    """Return everything that is wrong with a document; nothing where it holds together.

    ``plan`` is the assessment plan that assessment results import from beside them; one that is
    inside is found and checked as well. ``controls`` are the tokens of controls that exist; None
    where that is not asked.
    """
    try:
        document = read(raw)
        return tuple(_faults(document, plan, controls))
    except UnreadableError as error:
        return (Fault(code="oscal-unreadable", place="", reason=str(error)),)


def _faults(
    document: Mapping[str, JsonValue], plan: bytes | None, controls: AbstractSet[str] | None
) -> Iterator[Fault]:
    if len(document) != 1 or not _MODELS & set(document):
        reason = f"it must hold one of {', '.join(sorted(_MODELS))}, and nothing else"
        yield Fault(code="oscal-model", place="", reason=reason)
        return
    ((model, body),) = document.items()
    spots = tuple(walk(document))
    for spot in spots:
        yield from form_faults(spot)
        yield from _order(spot)
    yield from _twice(spots)
    yield from _dangling(spots)
    yield from _unknown_controls(spots, controls)
    if model == _PLAN:
        yield from _plan_faults(spots, body)
    if model == _RESULTS:
        yield from _late(body)
        yield from _against_plan(body, plan)


def _order(spot: Spot) -> Iterator[Fault]:
    if not isinstance(spot.value, dict):
        return
    for first, second in _ORDERS:
        begins, ends = (instant(text_at(spot.value, key)) for key in (first, second))
        if begins is not None and ends is not None and begins > ends:
            reason = f"{first} is after {second}"
            yield Fault(code="oscal-time-order", place=spot.place, reason=reason)


def _late(body: JsonValue) -> Iterator[Fault]:
    """Yield the observations that were collected after their assessment ended."""
    for number, result in enumerate(listed(body, "results")):
        ends = instant(text_at(result, "end"))
        for each, seen in enumerate(listed(result, "observations")):
            at = instant(text_at(seen, "collected"))
            if ends is not None and at is not None and at > ends:
                place = f"/{_RESULTS}/results/{number}/observations/{each}/collected"
                reason = "it was collected after the assessment ended"
                yield Fault(code="oscal-time-order", place=place, reason=reason)


def _twice(spots: Sequence[Spot]) -> Iterator[Fault]:
    """Yield each UUID and each id that two things have."""
    seen: dict[tuple[str, str], str] = {}
    for spot in spots:
        if not isinstance(spot.value, dict):
            continue
        names = [("uuid", text_at(spot.value, "uuid").lower())]
        if spot.key in _NAMED:
            names.append(("id", text_at(spot.value, "id")))
        if spot.key == "roles":
            names.append(("role", text_at(spot.value, "id")))
        for kind, name in names:
            first = seen.setdefault((kind, name), spot.place)
            if name and first != spot.place:
                code = "oscal-uuid-twice" if kind == "uuid" else "oscal-id-twice"
                reason = f"{name} is also that of {first}"
                yield Fault(code=code, place=spot.place, reason=reason)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a document defines: UUIDs by the list they stand in, roles, and ids in a catalog."""

    uuids: Mapping[str, AbstractSet[str]]
    roles: AbstractSet[str]
    ids: AbstractSet[str]

    def has(self, where: str, uuid: str) -> bool:
        return uuid.lower() in self.uuids.get(where, frozenset())


def _known(spots: Sequence[Spot]) -> _Known:
    uuids: dict[str, set[str]] = {}
    ids: set[str] = set()
    roles: set[str] = set()
    for spot in spots:
        if isinstance(spot.value, dict):
            uuids.setdefault(spot.key, set()).add(text_at(spot.value, "uuid").lower())
            if spot.key in _NAMED:
                ids.add(text_at(spot.value, "id"))
            if spot.key == "roles":
                roles.add(text_at(spot.value, "id"))
    return _Known(uuids, roles, ids)


def _dangling(spots: Sequence[Spot]) -> Iterator[Fault]:
    """Yield each reference to something that the document does not define."""
    known = _known(spots)
    for spot in spots:
        if isinstance(spot.value, str) and spot.value and not _resolves(spot, spot.value, known):
            reason = f"nothing here is {spot.value!r}"
            yield Fault(code="oscal-reference", place=spot.place, reason=reason)


def _resolves(spot: Spot, value: str, known: _Known) -> bool:
    where = _LISTS.get(spot.key)
    if spot.key in _BY_TYPE:
        where = _BY_TYPE[spot.key].get(text_at(spot.holder, "type"), "")
    if where is not None:
        return known.has(where, value)
    if spot.key == "href" and value.startswith("#"):
        return known.has("resources", value[1:]) or value[1:] in known.ids
    names = {"role-id": known.roles, "param-id": known.ids}.get(spot.key)
    return names is None or value in names


def _unknown_controls(spots: Sequence[Spot], controls: AbstractSet[str] | None) -> Iterator[Fault]:
    for spot in spots:
        if controls is not None and spot.key == "control-id" and spot.value not in controls:
            reason = f"no catalog has a control {spot.value!r}"
            yield Fault(code="oscal-control", place=spot.place, reason=reason)


def _named(body: JsonValue | Mapping[str, JsonValue]) -> frozenset[str]:
    """Return the controls that a document says it is about, or is not about."""
    selections = listed(mapping_at(body, "reviewed-controls"), "control-selections")
    keys = ("include-controls", "exclude-controls")
    chosen = (one for each in selections for key in keys for one in listed(each, key))
    return frozenset(text_at(one, "control-id") for one in chosen)


def _plan_faults(spots: Sequence[Spot], body: JsonValue) -> Iterator[Fault]:
    """Yield the controls of objectives and activities that the plan is not about."""
    named = _named(body)
    for spot in spots:
        if spot.key == "control-id" and spot.value not in named:
            reason = f"the plan does not review the control {spot.value!r}"
            yield Fault(code="oscal-control", place=spot.place, reason=reason)


def _against_plan(body: JsonValue, beside: bytes | None) -> Iterator[Fault]:
    """Yield where results and the plan that they import do not fit."""
    place = f"/{_RESULTS}/import-ap"
    href = text_at(mapping_at(body, "import-ap"), "href").removeprefix("#")
    resources = listed(mapping_at(body, "back-matter"), "resources")
    held = [one for one in resources if text_at(one, "uuid") == href]
    links = [link for one in held for link in listed(one, "rlinks")]
    inside = next((unpacked(mapping_at(one, "base64")) for one in held if "base64" in one), None)
    plan = inside or beside
    if plan is None:
        if not links:
            reason = "it leads to no assessment plan, inside or beside"
            yield Fault(code="oscal-import", place=place, reason=reason)
        return
    sums = {text_at(one, "value") for link in links for one in listed(link, "hashes")}
    if sums and digest_of(plan).removeprefix("sha256:") not in sums:
        reason = "the plan has another digest than the results name"
        yield Fault(code="oscal-digest-differs", place=place, reason=reason)
    for fault in integrity_faults(plan):
        yield fault.model_copy(update={"place": f"{place}:{fault.place}"})
    yield from _unplanned(body, plan, place)


def _unplanned(body: JsonValue, raw: bytes, place: str) -> Iterator[Fault]:
    """Yield the controls and objectives of results that the plan does not know."""
    try:
        plan = mapping_at(read(raw), _PLAN)
    except UnreadableError:
        return
    if not plan:
        reason = "what it leads to is no assessment plan"
        yield Fault(code="oscal-import", place=place, reason=reason)
        return
    told = listed(mapping_at(plan, "local-definitions"), "objectives-and-methods")
    asked = {text_at(part, "id") for one in told for part in listed(one, "parts")}
    named = _named(plan)
    for number, result in enumerate(listed(body, "results")):
        where = f"/{_RESULTS}/results/{number}"
        for one in sorted(_named(result) - named):
            reason = f"the plan does not review the control {one!r}"
            yield Fault(code="oscal-control", place=f"{where}/reviewed-controls", reason=reason)
        for each, found in enumerate(listed(result, "findings")):
            target = text_at(mapping_at(found, "target"), "target-id")
            if target not in asked:
                reason = f"the plan has no objective {target!r}"
                at = f"{where}/findings/{each}/target/target-id"
                yield Fault(code="oscal-reference", place=at, reason=reason)
