"""Catalogs from a folder: ``<catalog-id>/catalog.yaml``, each read when it is first asked for.

The index is the folder names alone, so a lint that cites one catalog reads one file.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from typing import Final, TypeVar

from assaybook.catalogs.source import Node, Plain, build, read_yaml
from assaybook.domain.control import (
    Catalog,
    CatalogHeader,
    Control,
    did_you_mean,
    slug_of,
    tree_faults,
)
from assaybook.domain.errors import UsageError
from assaybook.shelf import shelf

CROSSWALKS: Final = "crosswalks"
FILE: Final = "catalog.yaml"
INDEX: Final = "index.json"
_TITLE_WIDTH: Final = 90
_Loaded = TypeVar("_Loaded")


class OnDemand(Mapping[str, _Loaded]):
    """A read-only mapping whose names are known at once and whose values are read when wanted."""

    def __init__(self, names: tuple[str, ...], read: Callable[[str], _Loaded]) -> None:
        """Keep the names and the reader; nothing is read yet."""
        self._names = names
        self._read = read
        self._held: dict[str, _Loaded] = {}

    def __getitem__(self, name: str) -> _Loaded:
        """Return the value, reading it the first time.

        Raises:
            KeyError: there is no such name.
            AuthorError: its file cannot be used.
        """
        if name not in self._held:
            if name not in self._names:
                raise KeyError(name)
            self._held[name] = self._read(name)
        return self._held[name]

    def __contains__(self, name: object) -> bool:
        """Say whether the name is in the index, without reading its file."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Give the names in alphabetical order."""
        return iter(self._names)

    def __len__(self) -> int:
        """Count the names."""
        return len(self._names)


def load_catalogs(folder: Traversable | None = None) -> Mapping[str, Catalog]:
    """Return the catalogs of a folder by id; without a folder, those that ship.

    Each is read and checked when it is first asked for; reading one raises ``AuthorError`` with
    file and line where it cannot be used, and where its folder holds no ``catalog.yaml``.
    """
    place = shelf("controls") if folder is None else folder
    names = sorted(
        each.name
        for each in place.iterdir()
        if each.is_dir() and each.name != CROSSWALKS and not each.name.startswith((".", "_"))
    )
    return OnDemand(tuple(names), lambda name: read_catalog(place / name / FILE, name))


def load_index() -> dict[str, frozenset[str]]:
    """Return the printed ids of the controls that a rule may speak for, by shipped catalog.

    It saves reading whole catalogs where ids alone are asked for; what is not in it may still be
    another spelling, so that only the catalog itself says that there is no such control.
    """
    listed: dict[str, list[str]] = json.loads((shelf("controls") / INDEX).read_bytes())
    return {catalog: frozenset(controls) for catalog, controls in listed.items()}


def citable(catalog: Catalog) -> frozenset[str]:
    """Return the printed ids of the controls of a catalog that a rule may speak for."""
    return frozenset(each.id for each in catalog.controls if each.judgeable)


def read_catalog(file: Traversable, catalog_id: str) -> Catalog:
    """Read one catalog file, which must give the id of its folder.

    Raises:
        AuthorError: ``catalog-unreadable`` or ``catalog-invalid``, with file and line.
    """
    root = read_yaml(file, f"controls/{catalog_id}/{FILE}")
    document = root.mapping(("catalog", "nodes"))
    top, nodes = document["catalog"], document["nodes"].items()
    written = dict(top.mapping())
    rules, counts = take(top, written, "judgeable"), take(top, written, "counts")
    header = build(CatalogHeader, Node(written, top.file, top.line))
    if header.id != catalog_id:
        raise written["id"].fault(f"the id {header.id!r} differs from the folder {catalog_id!r}")
    controls = _controls(nodes, rules)
    if not controls:
        raise document["nodes"].fault("a catalog has one node at least")
    for index, message in tree_faults(controls, header.text_policy):
        raise nodes[index].fault(message)
    check_counts(counts, Counter(each.kind for each in controls))
    # Header, controls and tree are checked, with their lines; twice would be a third of the time.
    return Catalog.model_construct(**dict(header), controls=controls)


def find_catalog(catalogs: Mapping[str, Catalog], name: str) -> Catalog:
    """Return the catalog called ``name``, in any case.

    Raises:
        UsageError: ``catalog-unknown``; the hint names what comes near.
    """
    if name.lower() in catalogs:
        return catalogs[name.lower()]
    near = get_close_matches(name.lower(), list(catalogs), n=3, cutoff=0.4)
    raise UsageError(
        "catalog-unknown",
        f"there is no catalog {name!r}",
        where="the catalogs",
        hint=did_you_mean(near) or f"There are {', '.join(catalogs)}.",
    )


def take(holder: Node, written: dict[str, Node], key: str) -> Node:
    """Remove a key that the file must have and that the domain object does not keep.

    Raises:
        AuthorError: ``catalog-invalid``; the key is missing.
    """
    if key not in written:
        raise holder.fault(f"the key {key!r} is missing")
    return written.pop(key)


def check_counts(counts: Node, found: Counter[str]) -> None:
    """Compare the declared counts with what the file holds, so that a cut file is refused.

    Raises:
        AuthorError: ``catalog-invalid``, at the count that differs.
    """
    declared = counts.mapping()
    for name, node in declared.items():
        if node.value != found.get(name, 0):
            raise node.fault(f"{name}: {node.value} declared, {found.get(name, 0)} found")
    for name, number in found.items():
        if name not in declared:
            raise counts.fault(f"{name}: {number} found, no count declared")


def _controls(nodes: list[Node], rules: Node) -> tuple[Control, ...]:
    """Build the controls; ``rules`` says by kind which are judged: always, or only as a leaf."""
    parents = {_written(node, "parent") for node in nodes}
    kinds = {_written(node, "kind") for node in nodes}
    for kind, rule in rules.mapping().items():
        if rule.value not in ("always", "leaf"):
            raise rule.fault("judgeable must be 'always' or 'leaf'")
        if kind not in kinds:
            raise rule.fault(f"no node is of the kind {kind!r}")
    return tuple(_control(node, rules.mapping(), parents) for node in nodes)


def _control(node: Node, rules: Mapping[str, Node], parents: AbstractSet[str | None]) -> Control:
    control_id, kind = _written(node, "id") or "", _written(node, "kind") or ""
    rule = rules[kind].value if kind in rules else None
    derived: dict[str, Plain] = {
        "slug": slug_of(control_id, kind),
        "judgeable": rule == "always" or (rule == "leaf" and control_id not in parents),
    }
    text = _written(node, "text")
    if text is not None and "title" not in node.mapping():
        derived["title"] = _opening(text)
    return build(Control, node, **derived)


def _opening(text: str) -> str:
    """Return the first words of a text, as the title of a node that has none."""
    if len(text) <= _TITLE_WIDTH:
        return text
    return f"{text[:_TITLE_WIDTH].rsplit(' ', 1)[0].rstrip(' ,;:')} \u2026"


def _written(node: Node, key: str) -> str | None:
    found = node.mapping().get(key)
    return found.value if found is not None and isinstance(found.value, str) else None
