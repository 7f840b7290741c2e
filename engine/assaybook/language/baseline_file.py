"""Baseline files: what was found on the day of adoption, written by a command, read by people."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.baseline import Baseline, BaselineFail, Distance
from assaybook.domain.errors import AuthorError
from assaybook.domain.ids import Digest, PolicyId, RuleId, SystemId, written
from assaybook.language.document_problems import raise_all, read_document
from assaybook.language.document_words import Code, InstantText, Person, Prose, WaiverId
from assaybook.language.source import Source


class BaselineFailDocument(Frozen):
    """The fails of one rule: its failing rows, or none where it judges no rows."""

    policy: PolicyId
    rule: RuleId
    fingerprint: Digest = Field(description="Of the rule as it was asked.")
    rows: tuple[Prose, ...] = Field(default=(), description="Keys of the rows that failed.")
    distances: dict[Prose, Distance] = Field(
        default_factory=dict, description="Of rows from their limit; further is not accepted."
    )
    distance: Distance | None = Field(
        default=None, description="Of a rule without rows from its limit."
    )
    clauses: dict[Prose, tuple[Code, ...]] = Field(
        default_factory=dict,
        description="Of rows, which of several clauses failed; others are not accepted.",
    )
    clause: tuple[Code, ...] = Field(
        default=(), description="Of a rule without rows, which of several clauses failed."
    )


class BaselineDocument(Frozen):
    """The fails of one system that were there when policies came, accepted for a time.

    ``assay waiver baseline`` writes it; another person than the requester signs it.
    """

    baseline: WaiverId = Field(description="Its id.")
    system: SystemId
    reason: Prose
    requester: Person
    written_at: InstantText = Field(description="When the fails were found.")
    expires: InstantText = Field(description="The first instant at which it no longer holds.")
    revoked_at: InstantText | None = None
    fails: Annotated[tuple[BaselineFailDocument, ...], Field(min_length=1)]


def load_baseline(source: Source) -> Baseline:
    """Return the baseline of a file; nobody has approved it yet.

    Raises:
        ProblemsError: with every fault, each at its place.
    """
    document = read_document(BaselineDocument, source)
    raise_all(list(_faults(document, source)))
    said = dict(document)
    name = said.pop("baseline")
    fails = tuple(map(_fail, document.fails))
    return Baseline.model_validate({**said, "id": name, "fails": fails})


def _faults(document: BaselineDocument, source: Source) -> Iterator[AuthorError]:
    if document.expires <= document.written_at:
        message = "the baseline expires before it was written"
        where = source.where(("expires",))
        yield AuthorError("baseline-never-holds", message, where=where, hint="Set a later instant.")
    seen: set[tuple[str, str]] = set()
    for index, fail in enumerate(document.fails):
        path = ("fails", index)
        alone = fail.distance is not None or fail.clause
        if {*fail.distances, *fail.clauses} - set(fail.rows) or (fail.rows and alone):
            message = "a distance or clause belongs to no row that is named"
            where, hint = source.where(path), "Write the file again: assay waiver baseline."
            yield AuthorError("baseline-distance", message, where=where, hint=hint)
        if (fail.policy, fail.rule) in seen:
            message = f"{fail.policy}/{fail.rule} stands here twice"
            where = source.where((*path, "rule"))
            hint = "Put its rows under one entry."
            yield AuthorError("baseline-rule-twice", message, where=where, hint=hint)
        seen.add((fail.policy, fail.rule))


def _fail(read: BaselineFailDocument) -> BaselineFail:
    whole = {} if read.distance is None else {"": read.distance}
    failed = {"": read.clause} if read.clause else {}
    return BaselineFail(
        policy=read.policy,
        rule=read.rule,
        fingerprint=read.fingerprint,
        rows=read.rows,
        distances={**read.distances, **whole},
        clauses={**read.clauses, **failed},
    )


def baseline_text(baseline: Baseline, told: Mapping[tuple[str, str], str]) -> str:
    """Return a baseline as its file, with the sentence of each rule beside it as a comment."""
    lines = [
        "# Fails that were there when these policies came. Another person signs this file:",
        "#   assay waiver approve FILE ID --person PERSON --key KEY",
        f"baseline: {_quoted(baseline.id)}",
        f"system: {_quoted(baseline.system)}",
        f"reason: {_quoted(baseline.reason)}",
        f"requester: {_quoted(baseline.requester)}",
        f"written_at: {_quoted(written(baseline.written_at))}",
        f"expires: {_quoted(written(baseline.expires))}",
        "fails:",
    ]
    for fail in baseline.fails:
        lines += _fail_lines(fail, told.get((fail.policy, fail.rule), ""))
    return "\n".join(lines) + "\n"


def _fail_lines(fail: BaselineFail, sentence: str) -> Iterator[str]:
    kept = " ".join(sentence.split())
    told = "".join(each if each.isprintable() else "\ufffd" for each in kept)
    yield f"  # {told}"
    yield f"  - policy: {fail.policy}"
    yield f"    rule: {fail.rule}"
    yield f"    fingerprint: {fail.fingerprint}"
    if "" in fail.distances:
        yield f"    distance: {fail.distances['']!r}"
    if "" in fail.clauses:
        yield f"    clause: {_listed(fail.clauses[''])}"
    if fail.rows:
        yield "    rows:"
        yield from (f"      - {_quoted(key)}" for key in fail.rows)
    far = {key: fail.distances[key] for key in fail.rows if key in fail.distances}
    if far:
        yield "    distances:"
        yield from (f"      {_quoted(key)}: {value!r}" for key, value in far.items())
    why = {key: fail.clauses[key] for key in fail.rows if key in fail.clauses}
    if why:
        yield "    clauses:"
        yield from (f"      {_quoted(key)}: {_listed(texts)}" for key, texts in why.items())


def _listed(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
