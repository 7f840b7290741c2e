"""A catalog as OSCAL 1.2.1: its groups, its controls, and the wording that may be quoted.

Source: NIST OSCAL 1.2.1, model catalog. What the publisher keeps to itself is not in our catalogs,
so it cannot be here: text is written of catalogs whose text policy is ``exact`` alone.
"""

import json
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from assaybook.domain.control import Catalog, Control, TextPolicy
from assaybook.domain.oscal import (
    NS,
    Metadata,
    Prop,
    Shape,
    TextPart,
    escaped,
    line,
    markup,
    name_of,
    uuid_of,
)

STATEMENT: Final = "statement"
GUIDANCE: Final = "guidance"
OVERVIEW: Final = "overview"
INSTRUCTION: Final = "instruction"
"""What a group has in their place: the standard knows no statement of a group."""
EARLIER: Final = "earlier-wording"
LABEL: Final = "label"
ALIAS: Final = "alt-identifier"
SORT: Final = "sort-id"
HEADER: Final = (
    "identifier",
    "publisher",
    "doi",
    "source",
    "licence",
    "profile_of",
    "retrieved",
    "verification",
)
"""What of a header stands in properties of ours, beside its id, its text policy and its notes."""
LISTS: Final = ("actors", "topics", "risks", "risk_labels", "characteristics", "groups", "remarks")
SINGLE: Final = ("applies_to", "page", "printed_id")


class OscalControl(Shape):
    """A control, and the controls within it."""

    id: str
    class_: str
    title: str
    props: tuple[Prop, ...]
    parts: tuple[TextPart, ...] | None = None
    controls: tuple["OscalControl", ...] | None = None


class OscalGroup(Shape):
    """A group: what no rule speaks for, and what is in it."""

    id: str
    class_: str
    title: str
    props: tuple[Prop, ...]
    parts: tuple[TextPart, ...] | None = None
    groups: tuple["OscalGroup", ...] | None = None
    controls: tuple[OscalControl, ...] | None = None


class CatalogBody(Shape):
    """The body of a catalog."""

    uuid: str
    metadata: Metadata
    groups: tuple[OscalGroup, ...] | None = None
    controls: tuple[OscalControl, ...] | None = None


class CatalogFile(Shape):
    """A catalog."""

    catalog: CatalogBody


def catalog_oscal(catalog: Catalog) -> bytes:
    """Return a catalog as OSCAL; the same catalog, the same bytes."""
    places = {one.id: number for number, one in enumerate(catalog.controls)}
    writer = _Writer(catalog, places)
    body = CatalogBody(
        uuid=uuid_of("catalog", catalog.id, catalog.version, catalog.retrieved),
        metadata=_metadata(catalog),
        groups=tuple(writer.groups(None)) or None,
        controls=tuple(writer.controls(None)) or None,
    )
    value: JsonValue = CatalogFile(catalog=body).model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _metadata(catalog: Catalog) -> Metadata:
    said = [("id", catalog.id), ("text-policy", catalog.text_policy.value)]
    said += [(_hyphens(name), str(getattr(catalog, name) or "")) for name in HEADER]
    said += [("note", each) for each in catalog.notes]
    return Metadata.model_validate_json(
        json.dumps(
            {
                "title": markup(catalog.title),
                "last-modified": f"{catalog.retrieved}T00:00:00Z",
                "version": line(catalog.version),
                "props": [
                    {"name": name, "ns": NS, "value": line(value)} for name, value in said if value
                ],
            }
        )
    )


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class _Writer:
    """Writes the nodes under a parent; every one keeps the place that it has in the catalog."""

    def __init__(self, catalog: Catalog, places: dict[str, int]) -> None:
        self.catalog = catalog
        self.places = places

    def groups(self, parent: str | None) -> Iterator[OscalGroup]:
        for one in self._under(parent):
            if not one.judgeable and not self._is_mixed(parent):
                yield OscalGroup(
                    id=name_of(one.slug),
                    class_=name_of(one.kind),
                    title=markup(one.title),
                    props=self._props(one),
                    parts=self._parts(one, OVERVIEW, INSTRUCTION),
                    groups=tuple(self.groups(one.id)) or None,
                    controls=tuple(self.controls(one.id)) or None,
                )

    def controls(self, parent: str | None, *, within: bool = False) -> Iterator[OscalControl]:
        """Yield controls; within a control every node is one, for it can hold no group.

        Nor can a group hold groups beside controls, so that there too every node is a control.
        """
        alike = within or self._is_mixed(parent)
        for one in self._under(parent):
            if one.judgeable or alike:
                yield OscalControl(
                    id=name_of(one.slug),
                    class_=name_of(one.kind),
                    title=markup(one.title),
                    props=self._props(one),
                    parts=self._parts(one),
                    controls=tuple(self.controls(one.id, within=True)) or None,
                )

    def _is_mixed(self, parent: str | None) -> bool:
        kinds = {one.judgeable for one in self._under(parent)}
        return parent is not None and len(kinds) > 1

    def _under(self, parent: str | None) -> tuple[Control, ...]:
        return self.catalog.by_parent.get(parent, ())

    def _props(self, control: Control) -> tuple[Prop, ...]:
        own = [("kind", control.kind), ("judgeable", "true" if control.judgeable else "false")]
        for name in SINGLE:
            value: object = getattr(control, name)
            own += [(_hyphens(name), str(value))] if value is not None else []
        for name in LISTS:
            values: tuple[str, ...] = getattr(control, name)
            own += [(_hyphens(name), each) for each in values]
        return (
            Prop(name=LABEL, ns=None, value=line(control.id)),
            Prop(name=SORT, ns=None, value=f"{self.places[control.id]:06}"),
            *([Prop(name=ALIAS, ns=None, value=line(control.alias))] if control.alias else []),
            *(Prop(name=name, value=line(value)) for name, value in own),
        )

    def _parts(
        self, control: Control, text: str = STATEMENT, about: str = GUIDANCE
    ) -> tuple[TextPart, ...] | None:
        if self.catalog.text_policy is not TextPolicy.EXACT:
            return None
        token = name_of(control.slug)
        said = (
            (text, "smt", None, control.text),
            (about, "gdn", None, control.about),
            (EARLIER, "was", NS, control.earlier_wording),
        )
        return (
            tuple(
                TextPart(id=f"{token}_{end}", name=name, ns=space, prose=escaped(prose))
                for name, end, space, prose in said
                if prose
            )
            or None
        )
