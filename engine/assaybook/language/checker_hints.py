"""What an author meant by a name that is not there, or by using a list as one value."""

from collections.abc import Mapping
from typing import Final

from assaybook.domain.types import ListType, RecordType, Type
from assaybook.language.suggest import listing

_OVERLAY: Final = ("system",)
"""Names of the condition of an overlay, in whose place ids of systems may stand."""
_COUNTS: Final = frozenset(("count", "length", "len", "size"))


def meant_name(name: str, names: Mapping[str, Type]) -> str:
    """Return what to write for a name that is not known: a field of one that is, or a text."""
    for holder in ("row", "params", "system", "release"):
        record = names.get(holder)
        if isinstance(record, RecordType) and record.field(name) is not None:
            return f"Write {holder}.{name}."
    if not names:
        return ""
    needs = [one for one, kind in names.items() if isinstance(kind, ListType) and kind.need]
    if name == "row" and needs:
        return f"Add for_each: {needs[0]} to the rule, which judges row by row."
    if tuple(names) == _OVERLAY:
        return "If it is the id of a system, put it in brackets: for: [credit-scoring]."
    return f'If it is a text, write "{name}". Known here: {listing(sorted(names))}.'


def meant_of_list(listed: ListType, field: str) -> str:
    """Return how to ask for a field of the rows of a need, or for how many there are."""
    name = listed.need
    if field in _COUNTS:
        return f"Write size({name})."
    if isinstance(listed.of, RecordType) and listed.of.field(field) is not None:
        return f"Write {name}.all(r, r.{field} ...), or for_each: {name} and row.{field}."
    return "Use .exists(r, ...) or .all(r, ...) over its rows, or .coverage or .evidence."


def meant_comparison(listed: ListType) -> str:
    """Return how a list is compared: by a field of each row, or by how long it is."""
    if listed.need and isinstance(listed.of, RecordType):
        return (
            f"Compare a field of each row: {listed.need}.all(r, r.value ...), or "
            f"size({listed.need}) for how many there are."
        )
    return "Use in, .exists(x, ...), or size(...)."
