"""One catalog file, checked with its lines."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from importlib.resources.abc import Traversable
from typing import Final

from assaybook.catalogs.source import Node, Plain, build, read_yaml
from assaybook.domain.control import Catalog, CatalogHeader, Control, slug_of, tree_faults

FILE: Final = "catalog.yaml"
_TITLE_WIDTH: Final = 90


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
