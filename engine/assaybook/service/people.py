"""Persons: whose signatures count, what they attest, and which waivers they approve."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import ValidationError

from assaybook.domain.baseline import Baseline
from assaybook.domain.canonical import canonical, digest_of_model
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import AssayError, SubmitterError, UsageError
from assaybook.domain.evidence import Warning_
from assaybook.domain.facts import Attestation
from assaybook.domain.ids import same_person
from assaybook.domain.policy import Assurance
from assaybook.domain.record import record
from assaybook.domain.statements import (
    APPROVER,
    PAYLOAD_TYPE,
    ApprovalStatement,
    AttestationStatement,
)
from assaybook.domain.trust import Trust, TrustedKey
from assaybook.domain.waiver import Approval, Waiver
from assaybook.service.files import read_bytes, read_yaml

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

STATEMENT_FORMAT: Final = "assaybook-statement"
_SIGNED_FORMATS: Final = frozenset({"dsse", "assaybook-signed"})
"""Formats that carry signatures, whose check loads more than all else that a command needs."""
_SKEW: Final = timedelta(seconds=300)
Statement = TypeVar("Statement", AttestationStatement, ApprovalStatement)
Decision = TypeVar("Decision", Waiver, Baseline)


@record
class _Word:
    """What somebody said about a decision, and whether it is proven who."""

    said: ApprovalStatement
    counts: bool


def read_trust(path: Path) -> Trust:
    """Return whose signatures count by a trust file.

    Raises:
        AssayError: the file cannot be read, or holds a key that is weak.
    """
    from assaybook.service.trust import trust_of

    return trust_of(read_yaml(path))


def verified_evidence(
    evidence: Iterable[Evidence], blobs: Mapping[str, bytes], trust: Trust
) -> tuple[Evidence, ...]:
    """Return evidence with what verified signatures add: persons, signers and assurance.

    ``blobs`` maps the digest of a received document to its bytes. What cannot be verified keeps
    no person, whatever its adapter says, so it counts for nothing, and says why.
    """
    return tuple(
        _judged(one, blobs.get(one.envelope.blob), trust) for one in map(_unsaid, evidence)
    )


def _judged(evidence: Evidence, blob: bytes | None, trust: Trust) -> Evidence:
    if evidence.envelope.format == STATEMENT_FORMAT:
        return _verified(evidence, blob, trust)
    if evidence.envelope.format not in _SIGNED_FORMATS:
        return evidence
    from assaybook.service.signatures import with_signature

    return with_signature(evidence, blob, trust)


def _unsaid(evidence: Evidence) -> Evidence:
    """Return evidence in which nobody is named as having attested anything."""
    if Attestation not in set(map(type, evidence.facts)):
        return evidence
    facts = tuple(
        fact.model_copy(update={"person": None}) if isinstance(fact, Attestation) else fact
        for fact in evidence.facts
    )
    return evidence.model_copy(update={"facts": facts})


def _verified(evidence: Evidence, blob: bytes | None, trust: Trust) -> Evidence:
    envelope = evidence.envelope
    try:
        if blob is None:
            raise _refused(envelope.name, "its bytes are not at hand")
        statement = _statement(blob, AttestationStatement, trust, envelope.name)
        _check_role(statement.person, statement.signed_at, statement.role, trust, envelope.name)
        if statement.signed_at > envelope.received_at + _SKEW:
            raise _refused(envelope.name, "it was signed after it was received")
    except AssayError as error:
        warning = Warning_(code=error.code, message=error.message)
        changed = envelope.model_copy(update={"warnings": (*envelope.warnings, warning)})
        return evidence.model_copy(update={"envelope": changed})
    found = said_by(evidence, statement.person, statement.role)
    signed = envelope.model_copy(update={"assurance": Assurance.SIGNED})
    return found.model_copy(update={"envelope": signed})


def said_by(evidence: Evidence, person: str, role: str) -> Evidence:
    """Return evidence whose attestations a person gave in a role, which we have verified."""
    facts = tuple(
        fact.model_copy(update={"person": person, "role": role})
        if isinstance(fact, Attestation)
        else fact
        for fact in evidence.facts
    )
    return evidence.model_copy(update={"facts": facts})


def known_as(name: str, trust: Trust) -> tuple[str, ...]:
    """Return the names of one person: the one that is given, and those of the trust file.

    The first is the id of the trust file where it knows the person, so that a signed and an
    authenticated answer of one person are one person's.
    """
    mine = [one for one in trust.keys if _is_named(one, name)]
    return tuple(dict.fromkeys([*(one.person for one in mine), name, *(one.name for one in mine)]))


def _is_named(key: TrustedKey, name: str) -> bool:
    return same_person(name, key.person) or same_person(name, key.name)


def approved(
    waivers: Sequence[Decision], approvals: Iterable[bytes], trust: Trust, *, where: str
) -> tuple[Decision, ...]:
    """Return waivers, or baselines, with the last verified word of an approver about each.

    An approval is bound to everything that the waiver says; a changed waiver needs a new one. A
    later no revokes it, and one of the same instant does. The requester's own yes is not heard.
    An approver that the file merely names stays unverified, as does one whose signature or role
    does not count. A no is heard from anybody: it proves nothing, and whoever can write it here
    could take the waiver away.

    Raises:
        SubmitterError: an approval is no statement.
    """
    words: dict[str, list[_Word]] = {}
    for number, raw in enumerate(approvals, start=1):
        if not raw.strip():
            continue
        line = f"{where}:{number}"
        statement = _said(raw, ApprovalStatement, line)
        words.setdefault(statement.waiver, []).append(
            _Word(statement, _counts(raw, statement, trust))
        )
    return tuple(_with_words(one, words.get(waiver_digest(one), []), trust) for one in waivers)


def _counts(raw: bytes, statement: ApprovalStatement, trust: Trust) -> bool:
    """Tell whether a statement is signed by whom it names, in the role of an approver."""
    try:
        _check_signed(raw, statement, trust, "")
        _check_role(statement.person, statement.signed_at, APPROVER, trust, "")
    except SubmitterError:
        return False
    return True


def _with_words(waiver: Decision, words: Sequence[_Word], trust: Trust) -> Decision:
    """Return a waiver with the yes that opened its last approval and the no that ended it."""
    mine = {one.person for one in trust.keys if same_person(waiver.requester, one.name)}
    mine |= {one.said.person for one in words if same_person(waiver.requester, one.said.person)}
    approval, revoked_at = waiver.approval, waiver.revoked_at
    standing = False
    for word in sorted(words, key=_by_instant):
        one = word.said
        if one.answer == "no":
            standing, revoked_at = False, _earlier(waiver.revoked_at, one.signed_at)
        elif one.person in mine or standing:
            continue
        elif word.counts:
            standing, revoked_at = True, waiver.revoked_at
            approval = Approval(person=one.person, at=one.signed_at, verified=True)
        elif approval is None:
            approval = Approval(person=one.person, at=one.signed_at)
    return waiver.model_copy(update={"approval": approval, "revoked_at": revoked_at})


def _by_instant(word: _Word) -> tuple[datetime, bool, str]:
    return word.said.signed_at, word.said.answer == "no", word.said.person


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def waiver_digest(waiver: Waiver | Baseline) -> str:
    """Return the digest of all that a decision says, without who approved it."""
    return digest_of_model(waiver, exclude={"approval", "revoked_at"})


def signing_key(path: Path) -> "Ed25519PrivateKey":
    """Return the private key by which a person signs.

    Raises:
        UsageError: ``file-missing``, the file cannot be read, or it holds no such key.
    """
    from assaybook.ledger.keys import private_key

    if not path.exists():
        hint = f"Make one, and its entry for the trust file: assay trust key --person ID -o {path}"
        raise UsageError("file-missing", "there is no such file", where=str(path), hint=hint)
    return private_key(read_bytes(path), str(path))


def signed_statement(
    statement: AttestationStatement | ApprovalStatement, key: "Ed25519PrivateKey"
) -> bytes:
    """Return a statement in an envelope signed by its person."""
    from assaybook.ledger.dsse import sign

    payload = canonical(statement.model_dump(mode="json", exclude_none=True))
    return sign(PAYLOAD_TYPE, payload, key, statement.person)


def _statement(raw: bytes, model: type[Statement], trust: Trust, where: str) -> Statement:
    """Return the statement of an envelope, signed by the person whom it names."""
    statement = _said(raw, model, where)
    _check_signed(raw, statement, trust, where)
    return statement


def _said(raw: bytes, model: type[Statement], where: str) -> Statement:
    """Return the statement of an envelope, whoever signed it."""
    from assaybook.ledger.dsse import opened

    envelope = opened(raw, {}, where)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _refused(where, f"its payload is {envelope.payload_type}")
    try:
        return model.model_validate_json(envelope.payload)
    except ValidationError as error:
        raise _refused(where, "its payload is not a statement of this kind") from error


def _check_signed(
    raw: bytes, statement: AttestationStatement | ApprovalStatement, trust: Trust, where: str
) -> None:
    """Refuse a statement that is not signed by whom it names.

    Only a key that counted when the statement says it was signed is asked.
    """
    from assaybook.ledger.dsse import opened

    counting = {one.key: one.person for one in trust.keys if one.counts_at(statement.signed_at)}
    if statement.person not in opened(raw, counting, where).signers:
        raise _refused(where, f"no key of {statement.person} that counts has signed it")


def _check_role(person: str, at: datetime, role: str, trust: Trust, where: str) -> None:
    if role not in trust.roles_at(person, at):
        raise _refused(where, f"{person} does not have the role {role}")


def _refused(where: str, why: str) -> SubmitterError:
    return SubmitterError(
        "signature-not-verified",
        f"the signature does not count: {why}",
        where=where,
        hint="Name the trust file by --trust, and check in it who signs with which key in which"
        " role.",
    )
