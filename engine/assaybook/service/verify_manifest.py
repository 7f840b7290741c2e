"""The manifest of a pack against its files, and the keys against the root: who says all this."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from assaybook.domain.attachment import CHECKPOINT, MANIFEST, PARTS, PROOFS, ROOT
from assaybook.domain.errors import AssayError, SubmitterError
from assaybook.domain.ids import written
from assaybook.ledger.public_keys import signed_by
from assaybook.ledger.root import Root, joined, key_at, read_root
from assaybook.service.judge import ENGINE
from assaybook.service.verify_engine import otherwise
from assaybook.service.verify_parts import Manifest, Parts, part
from assaybook.service.verify_pdf import PdfSignature
from assaybook.service.verify_report import Step, bad, good, unsure

FILES: Final = "manifest"
KEYS: Final = "keys"
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."
_TELL: Final = "Ask who made it, and for a signed pack: assay pack build --keys DIR."


@dataclass(frozen=True, slots=True)
class Anchor:
    """The root that keys are held against, and whose word that is: ``auditor`` or ``pack``."""

    root: Root
    whose: str


def file_steps(manifest: Manifest, parts: Parts) -> Iterator[Step]:
    """Yield whether the pack carries exactly the parts that its manifest lists, unchanged."""
    listed = {one.name: one.digest.sha256 for one in manifest.statement.subject}
    carried = {name: data for name, data in parts.items() if name != MANIFEST}
    broken = False
    for name in sorted(listed.keys() | carried.keys()):
        if name not in carried:
            yield bad(FILES, "attachment-missing", name, "the pack does not carry it", _ASK)
        elif name not in listed:
            yield bad(FILES, "attachment-extra", name, "the manifest does not list it", _ASK)
        elif sha256(carried[name]).hexdigest() != listed[name]:
            yield bad(FILES, "attachment-changed", name, "it is not the one that was signed", _ASK)
        elif name not in PARTS:
            yield _unknown(name, manifest.predicate.engine)
        else:
            continue
        broken = True
    if len(listed) != len(manifest.statement.subject):
        yield bad(FILES, "attachment-twice", MANIFEST, "it lists a part twice", _ASK)
    elif not broken:
        message = f"all {len(listed)} parts are those that the manifest lists, and no other"
        yield good(FILES, "attachments", MANIFEST, message)
    if manifest.has_log != (CHECKPOINT in listed) or manifest.has_log != (PROOFS in listed):
        message = "it does not say the same of a log as the parts that it lists"
        yield bad(FILES, "manifest-log", MANIFEST, message, _ASK)


def _unknown(name: str, engine: str) -> Step:
    """Return what to say of a listed part of which this version knows nothing."""
    if engine == ENGINE:
        return bad(FILES, "attachment-extra", name, "no pack has a part of this name", _ASK)
    return otherwise(FILES, name, engine, "this version knows no part of this name")


def held_root(raw: bytes | None) -> Root | None:
    """Return the root that an auditor holds: where that is none, no pack was judged by it.

    Raises:
        SubmitterError: what `read_root` says of it.
    """
    if raw is None:
        return None
    try:
        return read_root(raw, "--root")
    except SubmitterError as error:
        hint = error.hint or "Ask whoever runs the log for root.json, by a way that you trust."
        raise SubmitterError(error.code, error.message, where=error.where, hint=hint) from error


def anchored(parts: Parts, given: Root | None) -> Anchor:
    """Return the root to hold keys against: the longer of the pack's and the one that is given.

    Raises:
        SubmitterError: ``root-forked``, or what `read_root` says of the pack's.
    """
    shown = read_root(part(parts, ROOT), ROOT)
    if given is None:
        return Anchor(shown, "pack")
    return Anchor(joined(given, shown), "auditor")


def anchor_step(anchor: Anchor) -> Step:
    """Return whose word the keys are."""
    first = anchor.root.digests[0]
    if anchor.whose == "auditor":
        return good(KEYS, "root", ROOT, "the keys go on from the root that you gave")
    message = (
        f"the keys are by the pack's own word: compare their first version, {first}, with what "
        "its maker told you by another way, or give --root"
    )
    return good(KEYS, "root-own-word", ROOT, message)


def unsigned_steps(manifest: Manifest, signature: PdfSignature | None) -> Iterator[Step]:
    """Yield what is to be said of a pack that names no keys."""
    if manifest.signatures or signature is not None or manifest.predicate.made_at is not None:
        message = "it is signed, and its manifest says that it is not"
        yield bad(KEYS, "manifest-keys", MANIFEST, message, _ASK)
        return
    message = "nobody signed it, so nobody can tell who made it"
    yield unsure(KEYS, "pack-unsigned", MANIFEST, message, _TELL)


def key_steps(
    manifest: Manifest, signature: PdfSignature | None, signed_at: datetime | None, anchor: Anchor
) -> Iterator[Step]:
    """Yield whether the keys that signed may sign, at the time that they say they did.

    Raises:
        SubmitterError: what `key_at` says of a key.
    """
    keys, made_at = manifest.keys, manifest.predicate.made_at
    if keys is None or made_at is None or signature is None or signed_at is None:
        message = "it names keys, and the PDF is not signed by one, or not at a time"
        yield bad(KEYS, "signature-missing", MANIFEST, message, _ASK)
        return
    if made_at.replace(microsecond=0) != signed_at:
        message = f"it was made at {written(made_at)}, and the PDF signed at {written(signed_at)}"
        yield bad(KEYS, "time-differs", MANIFEST, message, _ASK)
    if made_at < manifest.predicate.as_of:
        message = "it was made before the instant that it judges"
        yield bad(KEYS, "time-before", MANIFEST, message, _ASK)
    statement = key_at(anchor.root, keys.statement, "statement", made_at)
    signatures = [sig for key, sig in manifest.signatures if key == keys.statement]
    if len(manifest.signatures) != 1 or not any(
        signed_by(statement, sig, manifest.signed) for sig in signatures
    ):
        message = "it is not signed by the key that it names"
        yield bad(KEYS, "manifest-signature", MANIFEST, message, _ASK)
    else:
        yield good(KEYS, "manifest-signature", MANIFEST, f"signed by {keys.statement}")
    key_at(anchor.root, keys.report, "report", made_at)
    yield _report_step(anchor.root, keys.report, signature)
    key_at(anchor.root, keys.checkpoint, "checkpoint", made_at)


def _report_step(root: Root, key_id: str, signature: PdfSignature) -> Step:
    for one in root.keys_of("report"):
        if one.id == key_id and base64.b64decode(one.certificate) == signature.certificate:
            return good(KEYS, "pdf-signature", "the PDF", f"signed by {key_id}")
    message = "the PDF is signed by another key than the one that the manifest names"
    return bad(KEYS, "pdf-signature-other", "the PDF", message, _ASK)


def fault(error: AssayError, step: str) -> Step:
    """Return what an error says, as a broken step."""
    return bad(step, error.code, error.where or step, error.message, error.hint or _ASK)
