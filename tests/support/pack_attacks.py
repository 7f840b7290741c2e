"""Attacks on a pack: each makes a file that no auditor may believe, by whoever has which keys."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from assaybook.domain.attachment import (
    BUNDLE,
    CHECKPOINT,
    EVIDENCE_INDEX,
    FACTS,
    FINDINGS,
    MANIFEST,
    PROOFS,
    ROOT,
    STATEMENTS,
    SUBJECT,
)
from assaybook.domain.canonical import canonical, digest_of
from assaybook.ledger.checkpoint import Checkpoint, parsed_checkpoint, signed_checkpoint
from assaybook.ledger.keys import new_key
from assaybook.service.ledger_keys import Change, make_keys, read_keys, revoke_key
from assaybook.service.pack_keys import PackKeys, Signer
from support.evidence import AS_OF
from support.pack_bytes import at_hex, later_revision, moved_range, second_range, upper
from support.verifying import (
    MADE,
    World,
    copied,
    edited,
    with_files,
)

DAY: Final = timedelta(days=1)
Json = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """A broken pack, what an auditor holds, and what both verifiers say of it.

    Attributes:
        name: what was done.
        made: the file.
        code: of the first broken or open link, as the product names it.
        second: the same, as the verifier in ``tools`` does; None where it is the same.
        exit: 1, or 3 where nobody can tell.
        alone: whether ``verify_pack.py`` sees it without the files beside it.
        root: what the auditor trusts; None for the root of the world.
        held: an older checkpoint of the auditor.
    """

    name: str
    made: Callable[[World], bytes]
    code: str
    second: str | None = None
    exit: int = 1
    alone: bool = True
    root: Callable[[World], bytes] | None = None
    held: Callable[[World], bytes] | None = None


def _part(name: str, change: Callable[[Any], None]) -> Callable[[World], bytes]:
    """Change a part, and leave the manifest as it was."""
    return lambda world: world.packed({**world.files, name: edited(world.files[name], change)})


def listed(name: str, change: Callable[[Any], None]) -> Callable[[World], bytes]:
    """Change a part, and sign a manifest over it with the keys of the log."""

    def made(world: World) -> bytes:
        files = {**world.files, name: edited(world.files[name], change)}
        return world.packed(world.relisted(files))

    return made


def _said(**said: Any) -> Callable[[World], bytes]:
    """Say something else in a manifest that the keys of the log sign."""
    return lambda world: world.packed(world.relisted(world.files, said=said))


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[World], bytes]:
    return lambda world: change(world.packed())


def put(path: tuple[Any, ...], new: Any) -> Callable[[Any], None]:
    """Return what puts a value in a place of JSON."""

    def change(value: Any) -> None:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]] = new

    return change


def _passed(value: Json) -> None:
    """Let every finding pass."""
    for one in value["findings"]:
        one["outcome"] = "pass"
    value["gate"]["exit"] = 0
    value["standings"][0]["standing"] = "met"
    value["findings"][0]["title"] = "All is well"


def _false_verdict(world: World) -> bytes:
    """Sign findings that nobody judged, under a digest of their own."""

    def lie(value: Json) -> None:
        _passed(value)
        value["assessment"]["digest"] = ""

    value = json.loads(edited(world.files[FINDINGS], lie))
    digest = digest_of(canonical(value))
    value["assessment"]["digest"] = digest
    files = {**world.files, FINDINGS: canonical(value)}
    return world.packed(world.relisted(files, said={"assessment": digest}))


def _keys(at: Any = AS_OF, days: int | None = None, log: str = "log.example.org") -> PackKeys:
    folder = Path(mkdtemp()) / "keys"
    make_keys(folder, log, Change(at, days))
    return read_keys(folder, at)


def _all_by(keys: Callable[[], PackKeys]) -> Callable[[World], bytes]:
    """Make the whole pack again with keys of one's own: root, state of the log, manifest, PDF."""

    def made(world: World) -> bytes:
        own = keys()
        state = parsed_checkpoint(world.files[CHECKPOINT].decode())
        note = signed_checkpoint(replace(state, origin=own.root.log), own.checkpoint.key, MADE)
        files = {**world.files, ROOT: own.root.raw(), CHECKPOINT: note.encode()}
        ids = {"checkpoint": own.checkpoint.id, "report": own.report.id}
        said = {"keys": {**ids, "statement": own.statement.id}}
        return world.packed(world.relisted(files, keys=own, said=said), keys=own)

    return made


def _own_statement_key(world: World) -> bytes:
    stolen = replace(world.keys, statement=Signer(world.keys.statement.id, new_key()))
    return world.packed(world.relisted(world.files, keys=stolen))


def _own_report_key(world: World) -> bytes:
    return world.packed(keys=_keys())


def _revoked(world: World) -> bytes:
    """Return the root after the key of statements was revoked from before the pack was made."""
    folder = world.folder / "revoking"
    if not folder.exists():
        copied(world.folder / "keys", folder)
        change = Change(MADE + DAY)
        revoke_key(folder, "statement", change, reason="stolen", since=AS_OF)
    return (folder / "root.json").read_bytes()


def _note(world: World, **change: Any) -> bytes:
    """Return a note that the log's key signs, of another state than the pack's."""
    state = parsed_checkpoint(world.files[CHECKPOINT].decode())
    told = Checkpoint(
        change.get("origin", state.origin),
        change.get("size", state.size),
        change.get("root", b"r" * 32),
    )
    return signed_checkpoint(told, world.keys.checkpoint.key, MADE).encode()


def _with_note(note: Callable[[World], bytes]) -> Callable[[World], bytes]:
    return lambda world: world.packed(world.relisted({**world.files, CHECKPOINT: note(world)}))


def _swapped(value: Json) -> None:
    one, other = value["receipts"][:2]
    one["entry"], other["entry"] = other["entry"], one["entry"]


def _dropped_fact(value: Json) -> None:
    for one in value["evidence"]:
        if one["envelope"]["format"].startswith("evidently"):
            one["facts"] = []


def _without(*names: str) -> Callable[[World], bytes]:
    return lambda world: world.packed(
        {name: data for name, data in world.files.items() if name not in names}
    )


def _unsigned_pdf(world: World) -> bytes:
    return with_files(world.pages, world.files)


def _other_envelope(value: Json) -> None:
    value["envelopes"][0]["envelope"] = base64.b64encode(b"{}").decode()


ATTACKS: Final = (
    Attack("a part is changed", _part(EVIDENCE_INDEX, put(("kind",), "x")), "attachment-changed"),
    Attack("a part is removed", _without(EVIDENCE_INDEX), "attachment-missing"),
    Attack("the facts are removed", _without(FACTS), "attachment-missing"),
    Attack("the manifest is removed", _without(MANIFEST), "attachment-missing"),
    Attack(
        "a part is added",
        lambda world: world.packed({**world.files, "more.json": b"{}"}),
        "attachment-extra",
    ),
    Attack("a finding is changed", _part(FINDINGS, _passed), "attachment-changed"),
    Attack("a finding is changed and listed", listed(FINDINGS, _passed), "findings-changed"),
    Attack("findings are made up and listed", _false_verdict, "judged-otherwise", "proof-missing"),
    Attack(
        "what a finding leaves out is left out of the findings",
        listed(FINDINGS, lambda v: v["gate"].pop("problems")),
        "findings-changed",
    ),
    Attack(
        "the digest beside the bundle is another",
        listed(BUNDLE, put(("digest",), "sha256:00")),
        "bundle-changed",
    ),
    Attack(
        "the digest beside the subject is another",
        listed(SUBJECT, put(("digest",), "sha256:00")),
        "subject-changed",
    ),
    Attack(
        "the bundle is changed",
        listed(BUNDLE, put(("bundle", "policies", 0, "title"), "x")),
        "bundle-changed",
    ),
    Attack(
        "the subject is changed",
        listed(SUBJECT, put(("subject", "system", "name"), "x")),
        "subject-changed",
    ),
    Attack("a fact is dropped", listed(FACTS, _dropped_fact), "judged-otherwise", "proof-missing"),
    Attack("a document is left out", listed(FACTS, lambda v: v["evidence"].pop()), "facts-changed"),
    Attack(
        "a document is said to have come earlier",
        listed(FACTS, put(("evidence", 0, "envelope", "received_at"), "2026-11-01T00:00:00Z")),
        "proof-missing",
    ),
    Attack(
        "a person's statement is exchanged",
        listed(STATEMENTS, _other_envelope),
        "statement-changed",
        alone=False,
    ),
    Attack("the manifest is signed by another key", _own_statement_key, "manifest-signature"),
    Attack("the PDF is signed by another key", _own_report_key, "pdf-signature-other"),
    Attack("all is made again with other keys", _all_by(_keys), "root-forked"),
    Attack(
        "all is made again for another log",
        _all_by(lambda: _keys(log="b.example.org")),
        "root-forked",
    ),
    Attack(
        "the keys had ended",
        _all_by(lambda: _keys(AS_OF - 9 * DAY, 9)),
        "key-expired",
        root=lambda _w: b"",
    ),
    Attack(
        "the keys do not begin yet",
        _all_by(lambda: _keys(AS_OF + DAY)),
        "key-not-yet-valid",
        root=lambda _w: b"",
    ),
    Attack("a key was revoked since", World.packed, "key-revoked", root=_revoked),
    Attack(
        "the root is no root",
        lambda w: w.packed(w.relisted({**w.files, ROOT: b"{}"})),
        "root-unreadable",
        alone=False,
    ),
    Attack("the proofs are exchanged", listed(PROOFS, _swapped), "proof-broken"),
    Attack("a proof is left out", listed(PROOFS, lambda v: v["receipts"].pop()), "proof-missing"),
    Attack(
        "a proof is cut", listed(PROOFS, lambda v: v["receipts"][0]["path"].pop()), "proof-broken"
    ),
    Attack("a proof is of place 0", listed(PROOFS, put(("receipts", 0, "seq"), 0)), "proof-broken"),
    Attack("the log is in an older state", _with_note(lambda w: w.old_note), "proof-elsewhere"),
    Attack("the log is another of its size", _with_note(_note), "proof-broken"),
    Attack(
        "the log has another name",
        _with_note(lambda w: _note(w, origin="b.example.org")),
        "checkpoint-unsigned",
    ),
    Attack(
        "the state of the log is no note",
        _with_note(lambda _w: b"x"),
        "checkpoint-unreadable",
        "unreadable ValueError",
    ),
    Attack(
        "you hold another log",
        World.packed,
        "checkpoint-other-log",
        held=lambda w: _note(w, origin="b.example.org"),
    ),
    Attack("you hold a fork of this size", World.packed, "log-forked", held=_note),
    Attack(
        "you hold a fork of an older size",
        World.packed,
        "log-forked",
        held=lambda w: _note(w, size=parsed_checkpoint(w.old_note.decode()).size),
    ),
    Attack(
        "you hold a size without a proof",
        World.packed,
        "consistency-missing",
        exit=3,
        held=lambda w: _note(w, size=5),
    ),
    Attack(
        "you hold a newer state",
        World.packed,
        "checkpoint-newer",
        exit=3,
        held=lambda w: _note(w, size=900),
    ),
    Attack("the PDF is signed at another time", lambda w: w.packed(at=MADE + DAY), "time-differs"),
    Attack(
        "it was made before it was judged",
        lambda w: w.packed(w.relisted(w.files, said={"made_at": "2026-11-20T00:00:00Z"}), at=AS_OF),
        "time-before",
    ),
    Attack("the manifest is of another release", _said(release="9"), "manifest-elsewhere"),
    Attack(
        "the manifest is of another instant",
        _said(as_of="2026-11-19T00:00:00Z"),
        "manifest-elsewhere",
    ),
    Attack("the manifest names another log", _said(log=f"sha256:{'0' * 64}"), "checkpoint-other"),
    Attack("the manifest denies its log", _said(log="none"), "manifest-log"),
    Attack("the manifest denies its keys", _said(keys="none"), "manifest-keys"),
    Attack(
        "the manifest shows another verdict",
        _said(verdicts=["drift.features/no-feature-has-moved: FAIL"]),
        "verdicts-otherwise",
    ),
    Attack("the manifest leaves a verdict out", _said(verdicts=[]), "verdicts-missing"),
    Attack("nobody signed the PDF", _unsigned_pdf, "signature-missing"),
    Attack("a byte follows", _bytes(lambda raw: raw + b"\n"), "bytes-after-end"),
    Attack("a revision follows", _bytes(later_revision), "signature-coverage"),
    Attack("a second signature follows", _bytes(second_range), "signature-two"),
    Attack("the signature covers less", _bytes(moved_range), "signature-coverage"),
    Attack("a digit is in upper case", _bytes(at_hex(upper)), "signature-digits"),
    Attack(
        "the padding holds something",
        _bytes(at_hex(lambda hex_: hex_[:-2] + b"01")),
        "signature-malformed",
    ),
    Attack(
        "the signature is another",
        _bytes(at_hex(lambda hex_: hex_[:-40].replace(b"0500", b"0501", 1) + hex_[-40:])),
        "signature-malformed",
    ),
    Attack("the file is cut", _bytes(lambda raw: raw[:-400]), "bytes-after-end"),
    Attack("the file is empty", lambda _w: b"", "pdf-not-one"),
    Attack("the file is a picture", lambda _w: b"\x89PNG\r\n\x1a\n", "pdf-not-one"),
)


def own_keys(world: World) -> bytes:
    """Return the pack made again with keys of one's own."""
    return _all_by(_keys)(world)


def roles_of(world: World) -> Mapping[str, Callable[[World], bytes]]:
    """Return packs whose manifest names a key that may not sign it."""
    ids = {"checkpoint": world.keys.checkpoint.id, "report": world.keys.report.id}
    return {
        "key-role-wrong": _said(keys={**ids, "statement": world.keys.checkpoint.id}),
        "key-unknown": _said(keys={**ids, "statement": f"sha256:{'0' * 64}"}),
    }
