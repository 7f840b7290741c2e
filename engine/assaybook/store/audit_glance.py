"""Rows of evidence that are seen at a glance to be what their texts make.

The texts are canonical: the names of a type stand in them once, in one order, and no quote inside a
text is without a backslash. So one expression, made from the fields of the type, tells that a text
has these fields and no others, and finds those that columns hold. A text with a backslash, or one
that a column holds only the beginning of, is not judged here but read by the domain, as is whatever
seems wrong: a glance can only say that all is right.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, TypeAlias, get_origin

from pydantic import BaseModel
from sqlmodel import SQLModel

from assaybook.domain.evidence import Envelope
from assaybook.store.audit_rows import columns_of
from assaybook.store.tables import EvidenceArtifactRow, EvidenceRow, ReadingRow

Values: TypeAlias = tuple[Any, ...]
_TEXT: Final = r'"[^"\\]*+"'
_PLAIN: Final = rf'(?:{_TEXT}|[^"\\\[\]{{}},]++)'
_LIST: Final = rf'\[(?:[^"\\\[\]]++|{_TEXT})*+\]'
_WORDS: Final = r'(?:"(?P<{}>[^"\\]*+)"|null)'
_COUNT: Final = r"(?:(?P<{}>-?[0-9]++)|null)"
_ALL: Final = r"(?P<{}>" + _LIST.replace("{", "{{").replace("}", "}}") + ")"
_DIGEST: Final = re.compile(r'"digest":"([^"\\]*+)"')
_ENVELOPE_WORDS: Final = ("blob", "format", "id", "release", "system")
_ENVELOPE_OTHERS: Final = ("adapter_version", "received_at", "artifacts")


def looks_right(row: Values, readings: Sequence[Values], artifacts: Sequence[Values]) -> bool:
    """Tell whether all rows of one piece of evidence are seen to be what their texts make.

    The rows hold their columns as `columns_of` names them, in the order of their keys. The digest
    is not looked at: it is that of all texts together, so where it agrees and the envelope is one,
    the texts beside it are the coverage and the facts, and nothing else. False says nothing: what
    is right may be too long or too odd for a glance.
    """
    text, version, received = _ENVELOPE_REST(row)
    found = _ENVELOPE.fullmatch(text)
    if found is None or found.group(*_ENVELOPE_WORDS) != _ENVELOPE_SAID(row):
        return False
    read_by, came, about = found.group(*_ENVELOPE_OTHERS)
    return (
        read_by == str(version)
        and [*map(_VERSION, readings)] == [version]
        and _is_instant(came, received)
        and sorted(set(_DIGEST.findall(about))) == [*map(_ARTIFACT, artifacts)]
    )


def _is_instant(said: str | None, instant: datetime) -> bool:
    try:
        return datetime.fromisoformat(said or "") == instant
    except ValueError:
        return False


def _expression(model: type[BaseModel], wanted: Mapping[str, str]) -> re.Pattern[str]:
    """Return what a canonical text of a type matches, whole, and finds some of its fields."""
    return re.compile(_fields(model, wanted))


def _fields(model: type[BaseModel], wanted: Mapping[str, str]) -> str:
    fields = sorted((info.alias or name, info) for name, info in model.model_fields.items())
    parts: list[str] = []
    for name, info in fields:
        part = rf'"{name}":{_value(name, info.annotation, wanted)}(?:,|(?=\}}))'
        # A text that is older than the field does not have it.
        parts.append(part if info.is_required() else f"(?:{part})?+")
    return rf"\{{{''.join(parts)}\}}"


def _value(name: str, annotation: object, wanted: Mapping[str, str]) -> str:
    if name in wanted:
        return wanted[name].format(name)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _fields(annotation, wanted)
    return _LIST if get_origin(annotation) is tuple else _PLAIN


def _pick(table: type[SQLModel], *names: str) -> Callable[[Values], Any]:
    """Return what takes some columns out of a row."""
    there = columns_of(table)
    return itemgetter(*map(there.index, names))


_ENVELOPE: Final = _expression(
    Envelope,
    dict.fromkeys((*_ENVELOPE_WORDS, "received_at"), _WORDS)
    | {"adapter_version": _COUNT, "artifacts": _ALL},
)
_ENVELOPE_SAID: Final = _pick(EvidenceRow, *_ENVELOPE_WORDS)
_ENVELOPE_REST: Final = _pick(EvidenceRow, "envelope_json", "adapter_version", "received_at")
_ARTIFACT: Final = _pick(EvidenceArtifactRow, "digest")
_VERSION: Final = _pick(ReadingRow, "adapter_version")
