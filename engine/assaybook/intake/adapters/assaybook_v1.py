"""Our own small JSON, for what has no standard: any fact type, with coverage and subject.

Fields that only our own verification may set (``verified``, ``signer``, ``loaded``, ``person``)
are claims here and are left out, with a warning.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final, cast

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope, Warning_
from assaybook.domain.fact_types import FACT_TYPES, OUR_CLAIMS, FactType, question_of
from assaybook.domain.facts import Fact, Metric
from assaybook.domain.metrics import tidy_slice
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, certain
from assaybook.intake.adapters.drift_methods import tidy_method
from assaybook.intake.adapters.plain_metric import plain_metric
from assaybook.intake.adapters.plain_v1 import PlainHead, unsaid
from assaybook.intake.entities import canonical_entity, canonical_question
from assaybook.intake.measure import LONGEST, Where, metric, trial_of
from assaybook.intake.parsed import Parsed
from assaybook.intake.prose import Looked, as_text_shows
from assaybook.intake.values import LONGEST_PASSAGE, Json, flag, label, mapping, pointer, sequence

_LARGE: Final = 1_000_000
"""Bytes of a document that can hold more faults, or longer ones, than are worth telling."""
_CARRIED: Final = ("pointer", "unknown")
_SPELT: Final[Mapping[str, tuple[str, Callable[[str], str | None]]]] = {
    "metric": ("slice", tidy_slice),
    "pii": ("entity", canonical_entity),
    "drift": ("method", tidy_method),
}
_SAID_OF_TEXT: Final = ("present", "placeholder")
_DATED: Final = frozenset({"operation", "attestation", "review"})
"""Types of facts that hold an instant."""
_PLAIN: Final[Mapping[str, str]] = {
    "extra_forbidden": "there is no such key here",
    "missing": "this key is wanted",
    "int_type": "a whole number must stand here, without quotes and without a point, such as 442",
    "float_type": "a number must stand here, without quotes, such as 0.92",
    "string_type": "a text must stand here, in quotes",
    "timezone_aware": "an instant is written with its zone, such as 2026-11-21T09:30:00Z",
    "model_type": "an object must stand here, as {...}",
    "tuple_type": "a list must stand here, as [...]",
}
"""What is wrong with a value, for people who write the script that writes the document."""
_MENDED: Final = "Mend what writes the file; the fact types and their columns are in the reference."


class _CoverageRow(Coverage):
    scope: Scope | None = None


class _Head(PlainHead):
    coverage: tuple[_CoverageRow, ...] = ()
    facts: tuple[object, ...] = ()


@record
class AssaybookV1:
    """Adapter for ``{"assaybook": "v1", ...}``."""

    name: str = "assaybook"
    version: int = 3
    versions: tuple[str, ...] = ("v1",)
    facts: tuple[str, ...] = tuple(FACT_TYPES)
    questions: tuple[str, ...] = (*FACT_TYPES, *(f"{name}/*" for name in FACT_TYPES))

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise the key ``assaybook`` at the top; its value is the version."""
        del declared
        written = label(mapping(document.value).get("assaybook"))
        if document.media != "json" or written is None:
            return None
        return certain(self.name, written, f"the key assaybook says {written}")

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the one run that the document holds."""
        del detected
        head = _head(document)
        warnings: list[Warning_] = []
        facts = tuple(_facts(document, warnings))
        return (
            Reading(
                facts=facts,
                coverage=tuple(_coverage(head, facts)),
                subject=head.subject,
                producer=Producer(
                    tool=head.tool.name if head.tool else "",
                    version=head.tool.version if head.tool else "",
                ),
                run=head.run,
                scope=_scope(document, head),
                produced_at=head.produced_at,
                warnings=tuple(warnings),
            ),
        )


def _head(document: Parsed) -> _Head:
    head = {key: value for key, value in mapping(document.value).items() if key != "facts"}
    head = _curtailed(document, head, _Head.model_fields)
    try:
        found = _Head.model_validate_json(json.dumps(head))
    except ValidationError as error:
        raise _misfit(document, error, _Head.model_fields) from error
    if not isinstance(mapping(document.value).get("facts", []), list):
        raise broken(document, "facts must be a list", at="/facts", hint=_MENDED)
    return found


def _facts(document: Parsed, warnings: list[Warning_]) -> Iterator[Fact]:
    looked = Looked()
    for index, raw in enumerate(sequence(mapping(document.value).get("facts"))):
        quick = None if document.odd else plain_metric(raw, index)
        yield fact_of(document, raw, index, warnings, looked) if quick is None else quick


def fact_of(
    document: Parsed, raw: Json, index: int, warnings: list[Warning_], looked: Looked
) -> Fact:
    """Return the fact of any type that stands at an index, and add what was left out of it.

    Raises:
        SubmitterError: ``document-breaks-format``.
    """
    at = pointer("facts", index)
    fields = dict(mapping(raw))
    kind = str(fields.get("type"))
    known = FACT_TYPES.get(kind)
    if known is None:
        reason = f"a fact's type is one of {', '.join(FACT_TYPES)}"
        raise broken(document, reason, at=f"{at}/type", hint=_MENDED)
    for name in sorted(OUR_CLAIMS.get(kind, frozenset()) & fields.keys()):
        if fields.pop(name) is not None:
            message = f"{name} is set by our own verification alone; the claim was left out"
            warnings.append(Warning_(code="claim-not-taken", message=message, pointer=at))
    for name in _CARRIED:
        if name in fields:
            reason = f"{name} is worked out, not written"
            raise broken(document, reason, at=f"{at}/{name}", hint="Leave it out.")
    _spell(kind, fields)
    if kind == "documentation":
        _weigh(fields, looked)
    percent = kind == "metric" and fields.get("unit") == "percent"
    if percent:
        fields["unit"] = "ratio"
    odd: dict[str, Json] = {}
    if document.odd:
        odd = {one: "malformed" for one in fields if pointer("facts", index, one) in document.odd}
    fields = _curtailed(document, fields, known.model.model_fields)
    found = _validated(document, known, {**fields, "pointer": at, "unknown": odd}, index)
    return (
        _measured(document, found, fields, percent=percent) if isinstance(found, Metric) else found
    )


def _curtailed(
    document: Parsed, said: dict[str, Json], known: Mapping[str, FieldInfo]
) -> dict[str, Json]:
    """Return as much of an object as tells what is wrong with it: one fault is told, not each."""
    if len(document.source) < _LARGE:
        return said
    names = {*known, *(each.alias for each in known.values())}
    strange = set(islice((key for key in said if key not in names), 1, None))
    return {
        key: value[: 2 * LONGEST_PASSAGE] if isinstance(value, str) else value
        for key, value in said.items()
        if key not in strange
    }


def _spell(kind: str, fields: dict[str, Json]) -> None:
    """Write the names in a fact as facts keep them, so that one thing has one row."""
    column, spelt = _SPELT.get(kind, ("", None))
    written = fields.get(column)
    if spelt is not None and isinstance(written, str) and len(written) <= LONGEST:
        fields[column] = spelt(written)


def _weigh(fields: dict[str, Json], looked: Looked) -> None:
    """Let the text of a topic say whether it is there, where it says other than its flags."""
    text, claimed = fields.get("text"), [flag(fields.get(name)) for name in _SAID_OF_TEXT]
    if isinstance(text, str):
        shown = as_text_shows(text, looked, present=claimed[0], placeholder=claimed[1])
        changed = zip(_SAID_OF_TEXT, claimed, shown, strict=True)
        fields.update({name: now for name, was, now in changed if now is not was})


def _validated(document: Parsed, known: FactType, fields: dict[str, Json], index: int) -> Fact:
    """Return a fact of a type; an instant is a text only where JSON is validated."""
    if known.name not in _DATED:
        try:
            return cast("Fact", known.model.model_validate(fields))
        except ValidationError:
            pass  # the words of the refusal are those for JSON
    try:
        return cast("Fact", known.model.model_validate_json(json.dumps(fields)))
    except ValidationError as error:
        raise _misfit(document, error, known.model.model_fields, "facts", index) from error


def _measured(document: Parsed, found: Metric, fields: dict[str, Json], *, percent: bool) -> Metric:
    """Give a metric its canonical name, unit and range, and keep what the file says besides."""
    at = f"{found.pointer}/value"
    where = Where(found.slice, found.dataset, found.split, found.dimension)
    raw_name = found.raw_name or found.name
    bounds = (fields.get("ci_low"), fields.get("ci_high"))
    known = metric(
        document,
        found.name,
        fields.get("value"),
        at=at,
        where=where,
        trial=trial_of(found.n_rows),
        percent=percent,
        interval=bounds,
    )
    said = {"kind": known.kind or found.kind, "direction": known.direction or found.direction}
    unit = known.unit or found.unit
    changed: dict[str, object] = {**said, "unit": unit, "raw_name": raw_name, "n": found.n}
    if known.unit and found.unit and known.unit != found.unit:
        changed |= {"value": None, "unknown": {"value": "unit"}, "ci_low": None, "ci_high": None}
    return known.model_copy(update={**changed, "pointer": found.pointer})


def _coverage(head: _Head, facts: tuple[Fact, ...]) -> Iterator[Coverage]:
    told: set[str] = set()
    for row in head.coverage:
        question = canonical_question(row.question)
        told.add(question)
        yield Coverage(question=question, **row.model_dump(exclude={"scope", "question"}))
    lent: dict[str, int] = {}
    for fact in facts:
        lent[question_of(fact)] = lent.get(question_of(fact), 0) + 1
    for question, rows in lent.items():
        if question not in told:
            yield unsaid(question, rows)


def _scope(document: Parsed, head: _Head) -> Scope:
    """Return the one scope of a document; coverage rows may repeat it, not differ from it."""
    scope = head.scope
    for index, row in enumerate(head.coverage):
        if row.scope is None:
            continue
        if scope is None:
            scope = row.scope
        elif scope != row.scope:
            raise broken(
                document,
                "a document has one scope, and this row states another",
                at=pointer("coverage", index, "scope"),
                hint="Write one document for each scope.",
            )
    return scope or Scope()


def _misfit(
    document: Parsed, error: ValidationError, known: Mapping[str, FieldInfo], *base: str | int
) -> Exception:
    """Return the first fault of an object with these keys, in words for who writes its script."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    kind, place = first["type"], first["loc"]
    hint = _MENDED
    if kind in {"extra_forbidden", "missing"} and len(place) == 1:
        keys = (each.alias or name for name, each in known.items() if name not in _CARRIED)
        hint = f"The keys here are {', '.join(keys)}."
    told = _PLAIN.get(kind, first["msg"].removeprefix("Value error, "))
    return broken(document, told, at=pointer(*base, *place), hint=hint)
