"""Names, fields, membership and maps."""

from collections.abc import Iterable
from functools import partial
from typing import cast

from assaybook.domain.values import Bag, Conflict, Row, Unknown, Value, joined, unknown
from assaybook.evaluation.budget import Budget
from assaybook.evaluation.operators import doubt_of, fault, lift, no_overload
from assaybook.evaluation.operators_compare import Table, compare, key_in
from assaybook.evaluation.operators_lists import element_at, exists_in


def unbound(name: str) -> Unknown:
    """Return the fault of a name that stands for nothing."""
    return fault("no_such_name", f"there is no {name!r} here")


def no_such_field(field: str, value: Value) -> Unknown:
    """Return the fault of a field that a value does not have."""
    path = f"{value.label}.{field}" if isinstance(value, Row) else field
    return unknown("error:no_such_field", path, f"there is no field {field!r}")


def select(value: Value, field: str) -> Value:
    """Return ``value.field``; a null field of a row is unknown(null), never a value."""
    if isinstance(value, Row):
        return _field_of(value, field)
    if isinstance(value, Bag):
        found = value.extra.get(field)
        return no_such_field(field, value) if found is None else found
    return lift(partial(_entry, field), (value,))


def _field_of(row: Row, field: str) -> Value:
    if row.ghost is not None:
        return row.ghost
    if field not in row.values:
        return no_such_field(field, row)
    value = row.values[field]
    path = f"{row.label}.{field}"
    if value is None:
        return unknown("null", path, f"{path} is null")
    if isinstance(value, Conflict) and not value.path:
        return Conflict(value.values, path)
    return value


def _entry(field: str, value: Value) -> Value:
    if not isinstance(value, dict):
        return no_overload(f".{field}", value)
    return value[field] if field in value else no_such_field(field, value)


def has(value: Value, field: str) -> bool | Unknown:
    """Return whether a field has a value; of an unseen row this is unknown."""
    doubt = doubt_of(value)
    if doubt is not None:
        return doubt
    if isinstance(value, Row):
        if field not in value.values:
            return no_such_field(field, value)
        found = value.values[field]
        return found if isinstance(found, Unknown) else found is not None
    if isinstance(value, Bag):
        return field in value.extra or no_such_field(field, value)
    if isinstance(value, dict):
        return field in value
    return no_overload("has", value)


def at_index(value: Value, index: Value, budget: Budget) -> Value:
    """Return ``value[index]`` of a list or a map."""
    if isinstance(value, Bag):
        return element_at(value, index)
    if isinstance(value, dict):
        budget.spend(len(value))
        return lift(partial(_entry_at, value), (index,))
    return lift(partial(no_overload, "an index"), (value, index))


def _entry_at(table: Table, key: Value) -> Value:
    found = key_in(table, key)
    if found is None:
        return fault("no_such_key", "the map has no such key")
    return table[found]


def contains(item: Value, container: Value, budget: Budget) -> bool | Unknown:
    """Return ``item in container``: some element equals it, or a map has it as a key."""
    if isinstance(container, Bag):
        budget.spend(len(container.members))
        if isinstance(item, Conflict):
            found = lift(partial(_among, container, budget), (item,))
        else:
            found = _among(container, budget, item)
    elif isinstance(container, dict):
        budget.spend(len(container))
        found = lift(partial(_is_key, container), (item,))
    else:
        found = lift(partial(no_overload, "in"), (item, container))
    return cast("bool | Unknown", found)


def _among(bag: Bag, budget: Budget, item: Value) -> bool | Unknown:
    return exists_in(bag, lambda one: compare("==", one, item, budget))


def _is_key(table: Table, key: Value) -> bool:
    return key_in(table, key) is not None


def map_from(entries: Iterable[tuple[Value, Value]]) -> Table | Unknown:
    """Return a map written in an expression; a key twice is a fault."""
    table: Table = {}
    unknowns: list[Unknown] = []
    for key, value in entries:
        if isinstance(key, Unknown):
            unknowns.append(key)
        elif not isinstance(key, (bool, int, str)):
            unknowns.append(no_overload("a key of a map", key))
        elif key in table:
            unknowns.append(fault("duplicate_key", "the map has a key twice"))
        else:
            table[key] = value
    return joined(unknowns) if unknowns else table
