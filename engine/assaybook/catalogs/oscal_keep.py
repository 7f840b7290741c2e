"""A catalog as a file of ours, ``<catalog-id>/catalog.yaml``, so that what was read can be kept."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from assaybook.domain.control import Catalog, Control, slug_of
from assaybook.domain.errors import AuthorError

_WORKED_OUT: Final = frozenset({"slug", "judgeable"})
_WIDE: Final = frozenset({0x85, 0xFEFF, 0x2028, 0x2029})
"""Line ends to YAML that are none to JSON, and the mark that it takes for the start of a file."""


def catalog_yaml(catalog: Catalog) -> str:
    """Return the file of a catalog, which reads back as the same catalog.

    Raises:
        AuthorError: ``oscal-unsupported``; such a file works out tokens from ids, and by kind
            which nodes are judged, and here they differ.
    """
    rules = _rules(catalog)
    header: dict[str, JsonValue] = catalog.model_dump(mode="json", exclude={"controls"})
    lines = ["catalog:"]
    lines += [f"  {name}: {_plain(value)}" for name, value in header.items() if value]
    lines += [
        f"  judgeable: {_plain(dict(rules))}",
        f"  counts: {_plain(dict(Counter(one.kind for one in catalog.controls)))}",
        "nodes:",
    ]
    lines += [line for one in catalog.controls for line in _node(one)]
    return "\n".join(lines) + "\n"


def _node(control: Control) -> Iterator[str]:
    if control.slug != slug_of(control.id, control.kind):
        message = f"the token of {control.id!r} is {control.slug!r}, which its id does not give"
        raise AuthorError("oscal-unsupported", message, where=control.id)
    held: dict[str, JsonValue] = control.model_dump(mode="json", exclude=set(_WORKED_OUT))
    for number, (name, value) in enumerate((k, v) for k, v in held.items() if v not in (None, [])):
        yield f"  {'-' if number == 0 else ' '} {name}: {_plain(value)}"


def _rules(catalog: Catalog) -> dict[str, str]:
    """Return by kind whether its nodes are judged always, or where they hold no other."""
    found: dict[str, str] = {}
    for kind in dict.fromkeys(one.kind for one in catalog.controls):
        alike = [one for one in catalog.controls if one.kind == kind]
        judged = {one.judgeable for one in alike}
        leaves = all(one.judgeable is not bool(catalog.children(one.id)) for one in alike)
        if judged == {True}:
            found[kind] = "always"
        elif True in judged:
            if not leaves:
                message = f"some nodes of the kind {kind!r} are judged and some are not"
                raise AuthorError("oscal-unsupported", message, where=catalog.id)
            found[kind] = "leaf"
    return found


def _plain(value: JsonValue) -> str:
    """Return a value as JSON, which YAML reads as the same where its line ends are spelled."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(
        f"\\u{ord(each):04x}" if ord(each) in _WIDE or not each.isprintable() else each
        for each in text
    )
