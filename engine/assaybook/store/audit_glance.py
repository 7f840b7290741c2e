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
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, TypeAlias, get_origin

from pydantic import BaseModel
from sqlmodel import SQLModel

from assaybook.domain.evidence import Coverage, Envelope
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.facts import FactBase, Metric
from assaybook.store.audit_rows import columns_of
from assaybook.store.rows import source_of
from assaybook.store.tables import CoverageRow, EvidenceArtifactRow, EvidenceRow, FactRow

Values: TypeAlias = tuple[Any, ...]
_TEXT: Final = r'"[^"\\]*+"'
_PLAIN: Final = rf'(?:{_TEXT}|[^"\\\[\]{{}},]++)'
_LIST: Final = rf'\[(?:[^"\\\[\]]++|{_TEXT})*+\]'
_EMPTY: Final = r"\{\}"
_WORDS: Final = r'(?:"(?P<{}>[^"\\]*+)"|null)'
_COUNT: Final = r"(?:(?P<{}>-?[0-9]++)|null)"
_NUMBER: Final = r"(?:(?P<{}>-?[0-9][-+.0-9e]*+)|null)"
_ALL: Final = r"(?P<{}>" + _LIST.replace("{", "{{").replace("}", "}}") + ")"
_DIGEST: Final = re.compile(r'"digest":"([^"\\]*+)"')
_ENVELOPE_WORDS: Final = (
    *("adapter", "blob", "format", "id", "tool", "dataset", "job", "path", "split"),
    *("release", "system", "submission"),
)
_ENVELOPE_OTHERS: Final = ("adapter_version", "produced_at", "received_at", "artifacts")
_COUNTS: Final = ("examined", "failed", "errored", "skipped")


def looks_right(
    row: Values, facts: Sequence[Values], coverage: Sequence[Values], artifacts: Sequence[Values]
) -> bool:
    """Tell whether all rows of one piece of evidence are seen to be what their texts make.

    The rows hold their columns as `columns_of` names them, in the order of their keys. The digest
    is not looked at. False says nothing: what is right may be too long or too odd for a glance.
    """
    key, version, adapter = _OWN(row)
    if not _is_envelope(row, artifacts):
        return False
    for number, one in enumerate(facts):
        if _FACT_OWN(one) != (key, version, number, adapter) or not _is_fact(*_FACT_SAID(one)):
            return False
    for number, one in enumerate(coverage):
        if _COVERAGE_OWN(one) != (key, version, number) or not _is_covered(*_COVERAGE_SAID(one)):
            return False
    return True


def _is_envelope(row: Values, artifacts: Sequence[Values]) -> bool:
    text, version, produced, received, source, *of = _ENVELOPE_REST(row)
    found = _ENVELOPE.fullmatch(text)
    if found is None or found.group(*_ENVELOPE_WORDS) != _ENVELOPE_SAID(row):
        return False
    read_by, made, came, about = found.group(*_ENVELOPE_OTHERS)
    return (
        read_by == str(version)
        and _is_instant(made, produced)
        and _is_instant(came, received)
        and source_of(*of)[1] == source
        and sorted(set(_DIGEST.findall(about))) == [*map(_ARTIFACT, artifacts)]
    )


def _is_fact(  # noqa: PLR0913, PLR0917 - the columns of a fact
    text: str,
    type_: str,
    pointer: str,
    name: str | None,
    question: str,
    value: float | None,
    n: int | None,
) -> bool:
    known = _FACTS.get(type_)
    found = None if known is None else known[0].fullmatch(text)
    if known is None or found is None or found.group("pointer", known[1]) != (pointer, name):
        return False
    answer = found[known[2]] if known[2] else None
    if question != (type_ if answer is None else f"{type_}/{answer}"):
        return False
    if type_ != _METRIC:
        return value is None and n is None
    number, count = found.group("value", "n")
    return (None if number is None else float(number)) == value and (
        count == (None if n is None else str(n))
    )


@lru_cache(maxsize=4_096)
def _is_covered(text: str, question: str, *counts: int | None) -> bool:
    """Tell whether a row of coverage is right; many documents cover the same to the same extent."""
    found = _COVERAGE.fullmatch(text)
    said = [None if count is None else str(count) for count in counts]
    return found is not None and found.group("question", *_COUNTS) == (question, *said)


def _is_instant(said: str | None, instant: datetime | None) -> bool:
    if said is None or instant is None:
        return said is None and instant is None
    try:
        return datetime.fromisoformat(said) == instant
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
    several: Any = get_origin(annotation)
    return {tuple: _LIST, dict: _EMPTY}.get(several, _PLAIN)


def _fact(model: type[FactBase]) -> tuple[re.Pattern[str], str, str]:
    """Return what the text of a fact matches, the fields of its name and its question."""
    first, asked = (
        model.model_fields[field].alias or field if field else ""
        for field in (model.key[0], model.question)
    )
    wanted = dict.fromkeys(("pointer", first, *filter(None, (asked,))), _WORDS)
    wanted["type"] = f'"{model.model_fields["type"].default}"'
    if model is Metric:
        wanted |= {"value": _NUMBER, "n": _COUNT}
    return _expression(model, wanted), first, asked


def _pick(table: type[SQLModel], *names: str) -> Callable[[Values], Any]:
    """Return what takes some columns out of a row."""
    there = columns_of(table)
    return itemgetter(*map(there.index, names))


_METRIC: Final = "metric"
_FACTS: Final = {name: _fact(one.model) for name, one in FACT_TYPES.items()}
_ENVELOPE: Final = _expression(
    Envelope,
    dict.fromkeys((*_ENVELOPE_WORDS, "produced_at", "received_at"), _WORDS)
    | {"adapter_version": _COUNT, "artifacts": _ALL},
)
_COVERAGE: Final = _expression(Coverage, {"question": _WORDS} | dict.fromkeys(_COUNTS, _COUNT))
_OWN: Final = _pick(EvidenceRow, "id", "adapter_version", "adapter")
_ENVELOPE_SAID: Final = _pick(EvidenceRow, *_ENVELOPE_WORDS)
_ENVELOPE_REST: Final = _pick(
    EvidenceRow,
    *("envelope_json", "adapter_version", "produced_at", "received_at", "source"),
    *("format", "tool", "dataset", "split", "path", "job"),
)
_ARTIFACT: Final = _pick(EvidenceArtifactRow, "digest")
_FACT_OWN: Final = _pick(FactRow, "evidence", "adapter_version", "ordinal", "adapter")
_FACT_SAID: Final = _pick(FactRow, "body", "type", "pointer", "name", "question", "value", "n")
_COVERAGE_OWN: Final = _pick(CoverageRow, "evidence", "adapter_version", "ordinal")
_COVERAGE_SAID: Final = _pick(CoverageRow, "body", "question", *_COUNTS)
