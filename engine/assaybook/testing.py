"""Checks that the makers of an adapter run on their own adapter, as plain functions.

Each raises AssertionError with a sentence that says what is broken; pytest and every other runner
take them as they are. ``docs/guides/adapters.md`` shows them at work.
"""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Detected, Evidence
from assaybook.domain.errors import OperatorError, SubmitterError
from assaybook.domain.evidence import Coverage, Envelope
from assaybook.domain.fact_types import FACT_TYPES, OUR_CLAIMS, columns_of, question_of
from assaybook.domain.facts import Fact
from assaybook.intake.adapter import Adapter, Reading, answers
from assaybook.intake.adapter_rules import check_rules, rules_of
from assaybook.intake.copies import MARK
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import Parsed, parse
from assaybook.intake.redact import redact
from assaybook.intake.redaction_rules import RULES
from assaybook.intake.registry import ALIASES, BUILT_IN
from assaybook.intake.values import Json, pointer

SAYS_NOTHING: Final[dict[str, bytes]] = {
    "object.json": b"{}",
    "list.json": b"[{}]",
    "empty.json": b"[]",
    "lines.jsonl": b"{}\n{}\n",
    "mapping.yaml": b"a: 1\n",
    "table.csv": b"a,b\n1,2\n",
    "page.md": b"plain words\n",
    "words.txt": b"words\n",
}
"""Documents that are of no format; an adapter that takes one takes everything."""
_OTHER_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    2**60,
    0.5,
    "",
    "x",
    [],
    {},
    [None],
    {"": 0},
)
_MOST_CHANGES: Final = 400
_LEAST_COPY: Final = 4
"""Characters of a removed text from which its copies go too."""
_MEMBERS: Final = ("name", "version", "versions", "facts", "questions", "detect", "read")


def check_declarations(adapter: Adapter) -> None:
    """Check what an adapter says of itself: names, versions, fact types and questions.

    Raises:
        AssertionError: a declaration is missing, unknown, or clashes with a built-in format; or a
            redaction rule is malformed.
    """
    lacks = [name for name in _MEMBERS if not hasattr(adapter, name)]
    _must(not lacks, f"it lacks {', '.join(lacks)}")
    others = {one.name for one in BUILT_IN if one is not adapter} | set(ALIASES)
    _must(adapter.name not in others, f"the name {adapter.name!r} is taken")
    _must(adapter.version >= 1, "its version must be 1 or more")
    _must(bool(adapter.versions), "it must name the versions of the format that it reads")
    unknown = set(adapter.facts) - set(FACT_TYPES)
    _must(not unknown, f"there are no fact types {sorted(unknown)}")
    asked = {question.partition("/")[0] for question in adapter.questions}
    odd = sorted(asked ^ set(adapter.facts))
    _must(not odd, f"each fact type has a question, and each question a fact type: {odd}")
    for question in adapter.questions:
        Coverage(question=question.replace("/*", "/any"))
    try:
        check_rules(adapter, adapter.name, type(adapter).__name__)
    except OperatorError as error:
        raise AssertionError(str(error)) from error


def check_leaves_alone(adapter: Adapter) -> None:
    """Check that an adapter does not take documents that say nothing.

    Raises:
        AssertionError: it takes one.
    """
    for name, raw in SAYS_NOTHING.items():
        taken = adapter.detect(parse(raw, name, Limits()))
        _must(taken is None, f"it takes {name}, which holds {raw!r}")


def check_document(adapter: Adapter, raw: bytes, name: str) -> tuple[Reading, ...]:
    """Read a good document as intake does, check every reading of it, and return them.

    Args:
        adapter: the adapter under test; it need not be installed.
        raw: the bytes, as the tool wrote them.
        name: the file name; its suffix says how the bytes are parsed.

    Raises:
        AssertionError: it is not recognised, or a reading breaks the contract.
        SubmitterError: the document is refused.
    """
    parsed, detected = _detected(adapter, raw, name)
    document = redact(parsed, adapter.name, rules_of(adapter)).document
    found = adapter.read(document, detected)
    _must(found == adapter.read(document, detected), "the same bytes must read the same")
    _must(bool(found), "a document that is read has at least one reading")
    for reading in found:
        check_reading(adapter, reading.facts, reading.coverage)
        _keep(adapter, reading, raw)
    return found


def check_reading(
    adapter: Adapter, facts: tuple[Fact, ...], coverage: tuple[Coverage, ...]
) -> None:
    """Check facts and coverage of one reading against what its adapter declares.

    Raises:
        AssertionError: with the rule that is broken.
    """
    questions = [row.question for row in coverage]
    _must(len(set(questions)) == len(questions), "a question has one row of coverage")
    for question in questions:
        _must(answers(adapter, question), f"it does not declare the question {question!r}")
    for fact in facts:
        _must(fact.type in adapter.facts, f"it does not declare facts of the type {fact.type!r}")
        asked = question_of(fact)
        _must(asked in questions, f"the fact at {fact.pointer!r} answers {asked!r}: no coverage")
        columns = columns_of(fact)
        for column in OUR_CLAIMS.get(fact.type, frozenset()):
            _must(columns[column] is None, f"{fact.type}.{column} is set by our verification alone")
        for column in fact.unknown:
            _must(columns[column] is None, f"{column} is unknown, and has a value all the same")
    for row in coverage:
        lent = sum(question_of(fact) == row.question for fact in facts)
        _must((row.failed or 0) <= lent, f"{row.question}: more failures than rows that show them")


def check_redactions(adapter: Adapter, raw: bytes, name: str) -> tuple[str, ...]:
    """Check that what the rules of an adapter name is gone from what is kept and what is read.

    Each rule must find something in the document: one that never does has a path that is wrong.

    Returns:
        What was removed, as the envelope says it.

    Raises:
        AssertionError: with the rule that finds nothing, or the place of what stayed.
        SubmitterError: the document is refused.
    """
    rules = (*(one for one in RULES if one.format == adapter.name), *rules_of(adapter))
    _must(bool(rules), "it declares no rules: `redactions` is a tuple of them")
    parsed, detected = _detected(adapter, raw, name)
    kept = redact(parse(raw, name, Limits()), adapter.name, rules_of(adapter))
    stored = parse(kept.kept or raw, name, Limits())
    facts = "".join(
        one.model_dump_json()
        for each in adapter.read(kept.document, detected)
        for one in each.facts
    )
    for rule in rules:
        found = list(_named(parsed.value, rule.path, rule.but))
        _must(bool(found), f"the rule {rule.name!r} finds nothing at {pointer(*rule.path)}")
        for after in (kept.document.value, stored.value):
            left = [one for one in _named(after, rule.path, rule.but) if one != MARK]
            _must(not left, f"{rule.name!r} is kept at {pointer(*rule.path)}: {left[:3]}")
        gone = {one.strip() for one in found if rule.secret and isinstance(one, str)}
        for one in sorted(each for each in gone if len(each) >= _LEAST_COPY):
            within = [json.dumps(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1]]
            whole = f"{facts}{stored.text}"
            _must(not any(each in whole for each in within), f"a copy of {one!r} is kept")
    _must(adapter.detect(kept.document) == detected, "it is not recognised without what is removed")
    return kept.removed


def check_refusals(adapter: Adapter, raw: bytes, name: str) -> int:
    """Check that a document with any part changed is read, left alone, or refused with words.

    Parts of a JSON document, or of the first lines of JSON lines, are taken out and replaced one
    at a time; any document is also cut off at several places.

    Returns:
        How many changed documents were tried.

    Raises:
        AssertionError: the adapter raised what is neither a SubmitterError nor a
            pydantic.ValidationError.
    """
    tried = 0
    for changed in _changes(raw, name):
        tried += 1
        try:
            parsed, detected = _detected(adapter, changed, name, must=False)
            document = redact(parsed, adapter.name, rules_of(adapter)).document
            for reading in adapter.read(document, detected) if detected.confidence else ():
                _keep(adapter, reading, changed)
        except SubmitterError as error:
            _must(bool(error.message and error.where), "a refusal says where and why")
        except ValidationError:
            continue  # intake turns it into a refusal with its place
        # Whatever else an adapter raises is what this check looks for.
        except Exception as error:
            message = f"{type(error).__name__} for {changed[:2000]!r}: {error}"
            raise AssertionError(message) from error
    return tried


def _must(holds: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise AssertionError(message)


def _detected(
    adapter: Adapter, raw: bytes, name: str, *, must: bool = True
) -> tuple[Parsed, Detected]:
    document = parse(raw, name, Limits())
    detected = adapter.detect(document)
    if detected is None:
        _must(not must, f"it does not recognise {name}")
        return document, Detected(format=adapter.name, confidence=0.0)
    _must(detected.format == adapter.name, "what it detects is its own format")
    _must(0 < detected.confidence <= 1, "its confidence is above 0 and at most 1")
    _must(bool(detected.reasons) or not must, "it gives a reason for what it detects")
    known = {detected.version, "*"} & set(adapter.versions)
    _must(bool(known) or not must, f"it does not declare the version {detected.version!r}")
    return document, detected if known else Detected(format=adapter.name, confidence=0.0)


def _named(value: Json, path: tuple[str, ...], but: frozenset[str]) -> Iterator[Json]:
    """Yield every text and number at a path and below it."""
    if path:
        for key, one in _below(value):
            if path[0] == "*" or path[0] == key:
                yield from _named(one, path[1:], but)
    elif isinstance(value, (dict, list)):
        for key, one in _below(value):
            if key not in but or isinstance(value, list):
                yield from _named(one, (), but)
    elif value not in {None, ""} and not isinstance(value, bool):
        yield value


def _below(value: Json) -> list[tuple[str | int, Json]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _keep(adapter: Adapter, reading: Reading, raw: bytes) -> None:
    """Check that a reading can be stored and read back without a difference."""
    envelope = Envelope.model_validate(
        {
            "id": "ev-",
            "blob": digest_of(raw),
            "size": len(raw),
            "subject": reading.subject,
            "format": adapter.name,
            "producer": reading.producer,
            "run": reading.run,
            "scope": reading.scope,
            "produced_at": reading.produced_at,
            "received_at": datetime(2100, 1, 1, tzinfo=UTC),
            "warnings": reading.warnings,
        }
    )
    one = Evidence(envelope=envelope, coverage=reading.coverage, facts=reading.facts)
    back = Evidence.model_validate_json(one.model_dump_json(by_alias=True))
    _must(back == one, "a reading must survive being stored")


def _changes(raw: bytes, name: str) -> Iterator[bytes]:
    for part in (1, 2, 3):
        yield raw[: len(raw) * part // 4] or b" "
    value = parse(raw, name, Limits())
    if value.media not in {"json", "json-lines"}:
        return
    lines = value.media == "json-lines"
    places = list(_places(value.value))
    step = max(1, len(places) * (len(_OTHER_VALUES) + 1) // _MOST_CHANGES)
    changes = [(place, other) for place in places for other in (_GONE, *_OTHER_VALUES)]
    for place, other in changes[::step]:
        changed = _changed(value.value, place, other)
        if lines:
            yield "".join(f"{json.dumps(one)}\n" for one in _listed(changed)).encode()
        else:
            yield json.dumps(changed).encode()


_GONE: Final = object()
"""Stands for a part that is taken out."""


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def _places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401
    for key, one in _below(value):
        yield (*at, key)
        yield from _places(one, (*at, key))


def _changed(value: Any, place: tuple[str | int, ...], other: object) -> Any:  # noqa: ANN401
    found = copy.deepcopy(value)
    holder = found
    for step in place[:-1]:
        holder = holder[step]
    if other is _GONE:
        del holder[place[-1]]
    else:
        holder[place[-1]] = other
    return found
