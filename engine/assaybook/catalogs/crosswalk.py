"""Crosswalks from a folder, and what they show beside a control.

A file is called ``<source catalog>--<target catalog>.yaml``, so its name alone says whether it can
concern a catalog. A crosswalk shows what is related and which evidence could be used again; it
never carries a verdict.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import Final

from assaybook.catalogs.load import CROSSWALKS, OnDemand, load_catalogs
from assaybook.catalogs.read import check_counts, take
from assaybook.catalogs.source import Node, build, read_yaml
from assaybook.domain.base import Frozen
from assaybook.domain.control import (
    Basis,
    Catalog,
    Confidence,
    Crosswalk,
    CrosswalkHeader,
    CrosswalkRow,
    Provenance,
    Relationship,
)
from assaybook.domain.errors import AuthorError, did_you_mean
from assaybook.shelf import shelf

_SUFFIX: Final = ".yaml"
_SEPARATOR: Final = "--"
_BACKWARDS: Final = {
    Relationship.EQUIVALENT: "equivalent",
    Relationship.SUPERSET: "subset",
    Relationship.SUBSET: "superset",
    Relationship.INTERSECTS: "intersects",
    Relationship.RELATED: "related",
    Relationship.ADDRESSES: "addressed by",
    Relationship.MITIGATES: "mitigated by",
}


class Related(Frozen):
    """A control of some catalog that a crosswalk row puts beside another.

    ``relationship`` is read from the control that was asked about: where the row names it as the
    target, the words are turned round.
    """

    catalog: str
    control: str
    title: str
    relationship: str
    basis: Basis
    confidence: Confidence | None
    reviewer: str | None
    crosswalk: str
    provenance: Provenance


def load_crosswalks(
    folder: Traversable | None = None, catalogs: Mapping[str, Catalog] | None = None
) -> Mapping[str, Crosswalk]:
    """Return the crosswalks of a folder by id; without a folder, those that ship.

    Each is read when it is first asked for, together with its two catalogs, in which every row
    must resolve; reading one raises ``AuthorError`` with file and line where it cannot be used.
    """
    place = shelf("controls") if folder is None else folder
    known = load_catalogs(place) if catalogs is None else catalogs
    home = place / CROSSWALKS
    files = sorted(each.name for each in home.iterdir()) if home.is_dir() else []
    for name in files:
        if name.endswith(".yml"):
            where = f"controls/{CROSSWALKS}/{name}"
            raise AuthorError("catalog-invalid", "a crosswalk file ends in .yaml", where=where)
    names = tuple(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))
    return OnDemand(names, lambda name: read_crosswalk(home / f"{name}{_SUFFIX}", name, known))


def read_crosswalk(
    file: Traversable, crosswalk_id: str, catalogs: Mapping[str, Catalog]
) -> Crosswalk:
    """Read one crosswalk file, whose id is its name and is made of its two catalogs.

    Raises:
        AuthorError: ``catalog-unreadable`` or ``catalog-invalid``, with file and line.
    """
    root = read_yaml(file, f"controls/{CROSSWALKS}/{crosswalk_id}{_SUFFIX}")
    document = root.mapping(("crosswalk", "rows"))
    top, nodes = document["crosswalk"], document["rows"].items()
    written = dict(top.mapping())
    counts = take(top, written, "counts")
    header = build(CrosswalkHeader, Node(written, top.file, top.line))
    if header.id != crosswalk_id or header.id != f"{header.source}{_SEPARATOR}{header.target}":
        raise written["id"].fault(
            f"the id {header.id!r} must be the file name, and source{_SEPARATOR}target"
        )
    source = _catalog(written["source"], header.source, catalogs)
    target = _catalog(written["target"], header.target, catalogs)
    rows = tuple(_row(node, header, source, target) for node in nodes)
    _check_unique(nodes, rows)
    check_counts(counts, Counter(each.basis.value for each in rows))
    return Crosswalk.model_validate({**dict(header), "rows": rows})


def related(
    catalog_id: str,
    control_id: str,
    crosswalks: Mapping[str, Crosswalk],
    catalogs: Mapping[str, Catalog],
) -> tuple[Related, ...]:
    """Return the controls that crosswalk rows put beside one, strongest basis first.

    Only crosswalks that name the catalog are read. Ids are as printed.
    """
    found = [
        beside
        for name in crosswalks
        if catalog_id in name.split(_SEPARATOR)
        for beside in _beside(crosswalks[name], catalog_id, control_id, catalogs)
    ]
    order = list(Basis)
    return tuple(sorted(found, key=lambda each: (order.index(each.basis), each.crosswalk)))


def _beside(
    crosswalk: Crosswalk, catalog_id: str, control_id: str, catalogs: Mapping[str, Catalog]
) -> Iterator[Related]:
    for row in crosswalk.rows:
        if crosswalk.source == catalog_id and row.source == control_id:
            words = row.relationship.value
            yield _related(crosswalk, row, catalogs[crosswalk.target], row.target, words)
        if crosswalk.target == catalog_id and row.target == control_id:
            words = _BACKWARDS[row.relationship]
            yield _related(crosswalk, row, catalogs[crosswalk.source], row.source, words)


def _related(
    crosswalk: Crosswalk, row: CrosswalkRow, other: Catalog, control_id: str, words: str
) -> Related:
    return Related(
        catalog=other.id,
        control=control_id,
        title=other.by_id[control_id].title,
        relationship=words,
        basis=row.basis,
        confidence=row.confidence,
        reviewer=row.reviewer,
        crosswalk=crosswalk.id,
        provenance=crosswalk.provenance[row.basis],
    )


def _row(node: Node, header: CrosswalkHeader, source: Catalog, target: Catalog) -> CrosswalkRow:
    row = build(CrosswalkRow, node)
    for side, catalog in ((row.source, source), (row.target, target)):
        if side not in catalog.by_id:
            hint = did_you_mean(catalog.suggest(side))
            raise node.fault(f"there is no control {side!r} in {catalog.id}", hint)
    if row.basis not in header.provenance:
        raise node.fault(f"the header has no provenance for the basis {row.basis.value!r}")
    if row.reviewer is not None:
        return row
    return row.model_copy(update={"reviewer": header.provenance[row.basis].reviewer})


def _check_unique(nodes: list[Node], rows: tuple[CrosswalkRow, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for node, row in zip(nodes, rows, strict=True):
        if (row.source, row.target) in seen:
            raise node.fault(f"{row.source!r} and {row.target!r} are joined twice")
        seen.add((row.source, row.target))


def _catalog(node: Node, catalog_id: str, catalogs: Mapping[str, Catalog]) -> Catalog:
    if catalog_id not in catalogs:
        raise node.fault(f"there is no catalog {catalog_id!r}")
    return catalogs[catalog_id]
