"""Catalogs and controls as every face lists them, and which policies reach which controls."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from assaybook.catalogs.crosswalk import Related, load_crosswalks, related
from assaybook.catalogs.load import load_catalogs
from assaybook.domain.base import Frozen
from assaybook.domain.control import Catalog, Control
from assaybook.domain.policy import Policy, Relation

_UNREVIEWED: Final = "not reviewed"


@cache
def shipped_catalogs() -> Mapping[str, Catalog]:
    """Return the catalogs that ship, by id; read once in a process that lives long."""
    return load_catalogs()


def related_controls(home: Catalog, control: Control) -> tuple[Related, ...]:
    """Return what the crosswalks that ship put beside a control."""
    catalogs = shipped_catalogs()
    return tuple(related(home.id, control.id, load_crosswalks(catalogs=catalogs), catalogs))


def catalog_row(catalog: Catalog) -> dict[str, object]:
    """Return what a listing says of a catalog."""
    return {
        "catalog": catalog.id,
        "title": catalog.title,
        "version": catalog.version,
        "nodes": len(catalog.controls),
        "judgeable": len(catalog.judgeable()),
        "text": catalog.text_policy,
        "publisher": catalog.publisher,
        "licence": catalog.licence,
        "verification": catalog.verification,
    }


def control_row(catalog: Catalog, control: Control) -> dict[str, object]:
    """Return what a listing says of a control."""
    return {
        "catalog": catalog.id,
        "control": control.id,
        "alias": control.alias,
        "slug": control.slug,
        "kind": control.kind,
        "title": control.title,
        "parent": control.parent,
        "judgeable": control.judgeable,
    }


def related_row(beside: Related) -> dict[str, object]:
    """Return what a listing says of a control that is related to another; it is no verdict."""
    return {
        "catalog": beside.catalog,
        "control": beside.control,
        "title": beside.title,
        "relationship": beside.relationship,
        "basis": beside.basis,
        "confidence": beside.confidence,
        "reviewer": beside.reviewer or _UNREVIEWED,
        "grounds": ", ".join(
            filter(
                None,
                (
                    beside.basis,
                    f"confidence {beside.confidence}" if beside.confidence else None,
                    f"reviewed by {beside.reviewer}" if beside.reviewer else _UNREVIEWED,
                ),
            )
        ),
        "said_by": beside.provenance.author,
        "document": beside.provenance.document,
        "crosswalk": beside.crosswalk,
    }


def control_record(home: Catalog, control: Control, beside: Sequence[Related]) -> dict[str, object]:
    """Return all that is known of a control, its catalog, and what is related to it."""
    source = home.model_dump(mode="json", exclude={"controls"})
    parents = [{"control": each.id, "title": each.title} for each in home.ancestors(control.id)]
    return {
        "catalog": source,
        "control": control.model_dump(mode="json"),
        "parents": parents,
        "children": [each.id for each in home.children(control.id)],
        "related": [related_row(each) for each in beside],
    }


class Reach(Frozen):
    """A policy that bears on a control, and how."""

    policy: str
    relation: Relation


class CoveredControl(Frozen):
    """A control that can be judged, and the policies that bear on it; none is a gap."""

    catalog: str
    control: str
    title: str
    policies: tuple[Reach, ...]


def coverage(policies: Sequence[Policy], catalogs: Iterable[Catalog]) -> tuple[CoveredControl, ...]:
    """Return every control of the catalogs that can be judged, covered or not.

    A control above others that no policy names stands by what is under it, and is no gap itself.
    That a policy bears on a control is no verdict: which rules apply to a release, and what they
    come to, is said by an assessment.
    """
    known = {one.id: one for one in catalogs}
    reach: dict[tuple[str, str], list[Reach]] = {}
    for policy in sorted(policies, key=lambda one: one.id):
        for link in policy.controls:
            if link.catalog in known:
                control = known[link.catalog].find(link.control)
                mine = reach.setdefault((link.catalog, control.id), [])
                mine.append(Reach(policy=policy.id, relation=link.relation))
    return tuple(
        CoveredControl(
            catalog=catalog.id,
            control=control.id,
            title=control.title,
            policies=tuple(reach.get((catalog.id, control.id), ())),
        )
        for catalog in known.values()
        for control in catalog.judgeable()
        if (catalog.id, control.id) in reach
        or not any(child.judgeable for child in catalog.children(control.id))
    )
