"""Parts of cases: what is written, checked at its place, and the envelopes of documents."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, TypeVar, cast

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import to_json

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import AuthorError
from assaybook.domain.evidence import AboutSubject, Envelope
from assaybook.domain.finding import Outcome
from assaybook.domain.ids import written as written_instant
from assaybook.domain.policy import Policy
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Approval, Waiver
from assaybook.language.document_cases import CaseEvidence, CaseWaiver, Expected
from assaybook.language.document_problems import explained, unknown_word
from assaybook.language.source import Path, Source

_Model = TypeVar("_Model", bound=BaseModel)
_REQUESTER: Final = "requester"
_APPROVER: Final = "approver"
_EXPECTED: Final = {outcome: Expected(outcome=outcome) for outcome in Outcome}


def may_be_null(path: Path) -> bool:
    """Tell where null is a word: what a format leaves open, or nobody said of the subject.

    In a row of a table an empty cell is one.
    """
    if path[:1] == ("tables",) and "rows" in path:
        return True
    return "facts" in path or "system" in path[:-1] or "release" in path[:-1]


def checked(
    model: type[_Model],
    data: Mapping[str, JsonValue],
    source: Source,
    path: Path,
    problems: list[AuthorError],
) -> _Model | None:
    """Return what some data says, or None with its faults told at the place of the data."""
    try:
        return cast("_Model", _read(model, to_json(data)))
    except ValidationError as error:
        problems += explained(model, source, error, path)
        return None


@lru_cache(maxsize=1_024)
def _read(model: type[BaseModel], said: bytes) -> BaseModel:
    """Return what JSON says as a frozen model: the cases of a policy say much of it alike."""
    return model.model_validate_json(said)


def unknown_rule(name: str, policy: Policy, where: str) -> AuthorError:
    """Return the fault of a name that is no rule of the policy."""
    rules = [rule.id for rule in policy.rules]
    return unknown_word("rule-unknown", f"rule of {policy.id}", name, rules, where)


def expected_of(written: Outcome | Expected) -> Expected:
    """Return what a rule must come to, whether it was written as a word or in full."""
    return written if isinstance(written, Expected) else _EXPECTED[written]


def waiver_of(
    written: CaseWaiver, policy: Policy, subject: Subject, as_of: datetime, index: int
) -> Waiver:
    """Return a waiver of a case, approved by another person when it starts."""
    starts = written.starts or min(as_of, written.expires) - timedelta(days=1)
    return Waiver(
        id=f"case-{index + 1}",
        policy=policy.id,
        rule=written.rule,
        system=subject.system.id,
        rows=written.rows,
        whole=written.whole,
        reason="a case",
        requester=_REQUESTER,
        approval=Approval(person=_APPROVER, at=starts, verified=True),
        starts=starts,
        expires=written.expires,
    )


def about_subject(subject: Subject) -> AboutSubject:
    """Return that a document is about a case's own system and release."""
    return AboutSubject(system=subject.system.id, release=subject.release.version)


def envelope_of(read: CaseEvidence, about: AboutSubject, as_of: datetime) -> Envelope:
    """Return the envelope of a written document; documents written alike have equal ids."""
    received = read.received_at or as_of
    blob = b"%b %b" % (to_json(about), to_json(read, by_alias=True))
    digest = digest_of(blob)
    identity = digest_of(f"{digest} {written_instant(received)}".encode())
    return Envelope(
        id=f"ev-{identity.removeprefix('sha256:')[:32]}",
        blob=digest,
        size=len(blob),
        subject=about,
        format=read.format,
        producer=read.tool,
        run=read.run,
        scope=read.scope,
        produced_at=read.produced_at,
        observed_at=read.observed_at,
        received_at=received,
        assurance=read.assurance,
        submission=read.submission,
        malformed=read.malformed,
    )
