"""Baseline files: what was found on the day of adoption, written by a command, read by people."""

import json
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, ValidationError

from assaybook.domain.base import Frozen
from assaybook.domain.baseline import Baseline, BaselineFail, BaselineRow
from assaybook.domain.errors import AuthorError
from assaybook.domain.ids import Digest, PolicyId, RuleId, SystemId, written
from assaybook.language.document_problems import raise_all, read_document
from assaybook.language.document_words import InstantText, Person, Prose, WaiverId
from assaybook.language.source import Source

_Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BaselineRowDocument(Frozen):
    """A failing row that is accepted as it was found."""

    key: Prose
    fingerprint: Digest
    distance: _Distance | None = Field(
        default=None, description="From its limit when it was found; further away is not accepted."
    )


class BaselineFailDocument(Frozen):
    """The fails of one rule: its rows, or whole where it judges none."""

    policy: PolicyId
    rule: RuleId
    rows: tuple[BaselineRowDocument, ...] = ()
    whole: Digest | None = Field(default=None, description="Fingerprint, in place of rows.")
    distance: _Distance | None = Field(default=None, description="Of the whole, from its limit.")


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
    try:
        return Baseline.model_validate({**said, "id": name, "fails": fails})
    except ValidationError as error:  # pragma: no cover - the document holds what it asks for
        raise AuthorError("baseline-invalid", str(error), where=source.file) from error


def _faults(document: BaselineDocument, source: Source) -> Iterator[AuthorError]:
    if document.expires <= document.written_at:
        message = "the baseline expires before it was written"
        where = source.where(("expires",))
        yield AuthorError("baseline-never-holds", message, where=where, hint="Set a later instant.")
    seen: set[tuple[str, str]] = set()
    for index, fail in enumerate(document.fails):
        where = source.where(("fails", index))
        if (fail.whole is None) == (not fail.rows):
            message = "a fail names the rows that it accepts, or its whole, and not both"
            hint = "Write it again: assay waiver baseline."
            yield AuthorError("baseline-names", message, where=where, hint=hint)
        if (fail.policy, fail.rule) in seen:
            message = f"{fail.policy}/{fail.rule} stands here twice"
            hint = "Put its rows under one entry."
            yield AuthorError("baseline-rule-twice", message, where=where, hint=hint)
        seen.add((fail.policy, fail.rule))


def _fail(written_: BaselineFailDocument) -> BaselineFail:
    rows = tuple(
        BaselineRow(key=one.key, fingerprint=one.fingerprint, distance=one.distance)
        for one in written_.rows
    )
    if written_.whole is not None:
        rows = (BaselineRow(fingerprint=written_.whole, distance=written_.distance),)
    return BaselineFail(policy=written_.policy, rule=written_.rule, rows=rows)


def baseline_text(baseline: Baseline, told: dict[tuple[str, str], str]) -> str:
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
    first = fail.rows[0]
    if first.key is None:
        yield f"    whole: {first.fingerprint}"
        if first.distance is not None:
            yield f"    distance: {first.distance!r}"
        return
    yield "    rows:"
    for row in fail.rows:
        yield f"      - key: {_quoted(row.key or '')}"
        yield f"        fingerprint: {row.fingerprint}"
        if row.distance is not None:
            yield f"        distance: {row.distance!r}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
