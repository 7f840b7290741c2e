"""A server that lies: whoever holds a checkpoint and a root believes none of it."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import pytest

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import SubmitterError
from assaybook.domain.ids import written
from assaybook.ledger.checkpoint import Checkpoint, log_key, signed_at, signed_checkpoint
from assaybook.ledger.log import (
    MOST_STEPS,
    Growth,
    Receipt,
    State,
    check_goes_on,
    check_proof,
    check_receipt,
    entry_time,
    read_proof,
    read_state,
)
from assaybook.ledger.merkle import Tree, leaf_hash, node_hash
from assaybook.ledger.root import Root, RootVersion, joined, read_root
from assaybook.ledger.root_change import first_version, signed_root, with_key, with_revocation
from support.roots import BEGAN, DAY, LOG, a_root, a_root_key, forged, id_of, private

HELD: Final = 20
SIZE: Final = 50
ASKED: Final = 7
HELD_AT: Final = BEGAN + 40 * DAY
SIGNED_AT: Final = BEGAN + 60 * DAY
NOW: Final = BEGAN + 61 * DAY


def _entry(number: int, ref: str = "") -> str:
    at = BEGAN + number * DAY
    body = {"at": written(at), "digest": digest_of(b"x"), "kind": "evidence", "ref": ref or "e"}
    return canonical({**body, "number": number}).decode()


ENTRIES: Final = tuple(_entry(number) for number in range(1, SIZE + 1))


@cache
def _tree(*changed: tuple[int, str]) -> Tree:
    """Return the tree of the log, or of one in which entries are others."""
    entries = dict(enumerate(ENTRIES, start=1)) | dict(changed)
    return Tree(leaf_hash(entries[number].encode()) for number in sorted(entries))


@cache
def _root() -> Root:
    """Return what the auditor holds: the log's key was replaced, an older one revoked."""
    at = BEGAN + 10 * DAY
    key = a_root_key("checkpoint-2", "checkpoint", at=at)
    change = with_key(a_root(), key, instead_of=id_of("checkpoint"), at=at)
    root = signed_root(a_root(), change, [private("root")])
    stolen = a_root_key("stolen", "checkpoint", at=at + DAY)
    root = signed_root(root, with_key(root, stolen, at=at + DAY), [private("root")])
    late = a_root_key("late", "checkpoint", at=at + 2 * DAY)
    late = late.model_copy(update={"not_before": SIGNED_AT + DAY})
    root = signed_root(root, with_key(root, late, at=at + 2 * DAY), [private("root")])
    revoked = with_revocation(
        root, id_of("stolen"), since=at + 5 * DAY, reason="stolen", at=at + 6 * DAY
    )
    return signed_root(root, revoked, [private("root")])


def _note(
    size: int = SIZE,
    *,
    tree: Tree | None = None,
    key: str = "checkpoint-2",
    at: datetime | None = SIGNED_AT,
    origin: str = LOG,
) -> str:
    state = Checkpoint(origin, size, (tree or _tree()).root(size))
    return signed_checkpoint(state, private(key), at)


def _receipt(seq: int = ASKED, size: int = SIZE, *, tree: Tree | None = None) -> Receipt:
    path = (tree or _tree()).inclusion(seq - 1, size)
    return Receipt(
        seq=seq, entry=ENTRIES[seq - 1], size=size, path=_texts(path), checkpoint=_note()
    )


def _growth(old: int = HELD, new: int = SIZE, *, tree: Tree | None = None) -> Growth:
    path = (tree or _tree()).consistency(old, new)
    return Growth(old=old, new=new, path=_texts(path), checkpoint=_note(new))


def _texts(path: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(base64.b64encode(step).decode() for step in path)


@dataclass(frozen=True)
class Shown:
    """What a server answers to an auditor who asks for one entry and for the newest state."""

    root: bytes
    note: str
    growth: Growth
    receipt: Receipt


def _truth() -> Shown:
    return Shown(_root().raw(), _note(), _growth(), _receipt())


def _under(note: str) -> Shown:
    """Return what is shown with a note in the place of the true one, everywhere."""
    truth = _truth()
    return Shown(
        truth.root,
        note,
        truth.growth.model_copy(update={"checkpoint": note}),
        truth.receipt.model_copy(update={"checkpoint": note}),
    )


def _of(tree: Tree) -> Shown:
    """Return what is shown of another log, whole and signed by the true key."""
    note = _note(tree=tree)
    growth = _growth(tree=tree).model_copy(update={"checkpoint": note})
    receipt = _receipt(tree=tree).model_copy(update={"checkpoint": note})
    return Shown(_root().raw(), note, growth, receipt)


def _receipt_with(**change: object) -> Shown:
    truth = _truth()
    return replace(truth, receipt=truth.receipt.model_copy(update=change))


def _growth_with(**change: object) -> Shown:
    truth = _truth()
    return replace(truth, growth=truth.growth.model_copy(update=change))


def _believed(shown: Shown, root: Root | None = None) -> State:
    """Ask as an auditor does: with a root, an older checkpoint, and the place of one entry."""
    known = joined(root or _root(), read_root(shown.root))
    state = read_state(shown.note, known, "server", now=NOW)
    assert check_proof(shown.growth, known, _note(HELD, at=HELD_AT), now=NOW) == state
    assert check_proof(shown.receipt, known, now=NOW) == state
    check_receipt(shown.receipt, state, seq=ASKED)
    return state


def _shifted(shown: Shown, old: str, new: str) -> Shown:
    return _under(shown.note.replace(old, new, 1))


def _other_key_id() -> Shown:
    """Return a note whose signature names another key by its first byte."""
    body, _, lines = _note(at=None).partition("\n\n")
    dash, name, text = lines.strip().split(" ")
    raw = bytearray(base64.b64decode(text))
    raw[0] ^= 1
    return _under(f"{body}\n\n{dash} {name} {base64.b64encode(bytes(raw)).decode()}\n")


def _time_of_another() -> Shown:
    """Return a note with the time of an older one of the same key."""
    lines = _note(HELD, at=HELD_AT).rstrip("\n").split("\n")
    return _under(_note(at=None) + lines[-1] + "\n")


def _time_by_another_key() -> Shown:
    return _under(_note(at=None) + _note(key="statement").rstrip("\n").split("\n")[-1] + "\n")


def _thief() -> Root:
    """Return a root of the same log that somebody else began."""
    keys = [a_root_key(f"thief-{role}", role) for role in ("root", "checkpoint")]
    return signed_root(None, first_version(LOG, keys, at=BEGAN), [private("thief-root")])


def _thiefs_key(signers: list[str], **change: object) -> Shown:
    """Return a root with a version more, in which the key of a thief counts."""
    at = BEGAN + 30 * DAY
    version = with_key(_root(), a_root_key("thief", "checkpoint", at=at), at=at)
    versions: list[tuple[RootVersion, list[str]]] = [(one, ["root"]) for one in _root().versions]
    raw = forged([*versions, (version.model_copy(update=change), signers)])
    return replace(_under(_note(key="thief")), root=raw)


def _skipped_version() -> Shown:
    versions: list[tuple[RootVersion, list[str]]] = [(one, ["root"]) for one in _root().versions]
    return replace(_truth(), root=forged([*versions[:1], *versions[2:]]))


def _second_preimage() -> Shown:
    """Return a receipt whose entry is what the node over two leaves was hashed from."""
    tree = _tree()
    left, right = tree.node(0, ASKED - 1 - (ASKED - 1) % 2), tree.node(0, ASKED - (ASKED - 1) % 2)
    assert node_hash(left, right) == tree.node(1, (ASKED - 1) // 2)
    entry = (b"\x01" + left + right).decode("latin-1")
    return _receipt_with(entry=entry, path=_truth().receipt.path[1:])


SWAPPED: Final = ((3, ENTRIES[3]), (4, ENTRIES[2]))
ATTACKS: Final[dict[str, tuple[Callable[[], Shown], str]]] = {
    "an entry that was signed is another": (
        lambda: _of(_tree((3, _entry(3, "z")))),
        "log-rewritten",
    ),
    "entries that were signed are exchanged": (lambda: _of(_tree(*SWAPPED)), "log-rewritten"),
    "a fork with the proof of the true log": (
        lambda: _under(_note(tree=_tree((3, _entry(3, "z"))))),
        "log-rewritten",
    ),
    "the last entry that was signed is gone": (
        lambda: _under(_note(HELD - 1)),
        "growth-false",
    ),
    "a checkpoint that is older than the one held": (
        lambda: replace(
            _under(_note(HELD - 1)),
            growth=Growth(old=HELD, new=HELD - 1, path=(), checkpoint=_note(HELD - 1)),
        ),
        "log-cut",
    ),
    "an empty log": (
        lambda: replace(
            _under(_note(0)), growth=Growth(old=HELD, new=0, path=(), checkpoint=_note(0))
        ),
        "log-cut",
    ),
    "the same size with another root": (
        lambda: replace(
            _under(_note(HELD, tree=_tree(*SWAPPED))),
            growth=Growth(
                old=HELD, new=HELD, path=(), checkpoint=_note(HELD, tree=_tree(*SWAPPED))
            ),
        ),
        "log-rewritten",
    ),
    "longer and signed before the one held": (
        lambda: _under(_note(at=HELD_AT - DAY)),
        "log-backwards",
    ),
    "another log of the same key": (
        lambda: _under(_note(origin="other.example.org")),
        "checkpoint-unsigned",
    ),
    "the name of another log written over": (
        lambda: _shifted(_truth(), LOG, "other.example.org"),
        "checkpoint-unsigned",
    ),
    "another size written over": (
        lambda: _shifted(_truth(), "\n50\n", "\n49\n"),
        "checkpoint-unsigned",
    ),
    "a size in another form": (
        lambda: _shifted(_truth(), "\n50\n", "\n050\n"),
        "checkpoint-unreadable",
    ),
    "a key that nobody named": (lambda: _under(_note(key="nobody")), "checkpoint-unsigned"),
    "the id of another key": (_other_key_id, "checkpoint-unsigned"),
    "a key that was replaced": (lambda: _under(_note(key="checkpoint")), "key-expired"),
    "a key that was revoked": (lambda: _under(_note(key="stolen")), "key-revoked"),
    "a key of the future": (lambda: _under(_note(key="late")), "key-not-yet-valid"),
    "a key for statements": (lambda: _under(_note(key="statement")), "key-role-wrong"),
    "a root key": (lambda: _under(_note(key="root")), "key-role-wrong"),
    "a time that is not yet": (lambda: _under(_note(at=NOW + DAY)), "checkpoint-early"),
    "no time": (lambda: _under(_note(at=None)), "checkpoint-undated"),
    "the time of another checkpoint": (_time_of_another, "checkpoint-undated"),
    "a time by another key": (_time_by_another_key, "checkpoint-undated"),
    "a stolen key, back in its time, for what came after": (
        lambda: _under(_note(key="stolen", at=BEGAN + 12 * DAY)),
        "log-backwards",
    ),
    "the proof of another entry": (lambda: replace(_truth(), receipt=_receipt(8)), "receipt-other"),
    "another entry under the proof": (lambda: _receipt_with(entry=ENTRIES[0]), "receipt-false"),
    "an entry with a word changed": (
        lambda: _receipt_with(entry=ENTRIES[ASKED - 1].replace("evidence", "waiver")),
        "receipt-false",
    ),
    "an entry that stands twice": (lambda: _receipt_with(seq=ASKED + 1), "receipt-false"),
    "an entry at the place before the first": (lambda: _receipt_with(seq=0), "receipt-false"),
    "an entry beyond the last": (lambda: _receipt_with(seq=SIZE + 1), "receipt-false"),
    "a longer path": (
        lambda: _receipt_with(path=(*_receipt().path, _receipt().path[0])),
        "receipt-false",
    ),
    "a shorter path": (lambda: _receipt_with(path=_receipt().path[:-1]), "receipt-false"),
    "no path": (lambda: _receipt_with(path=()), "receipt-false"),
    "a hash of 31 bytes": (
        lambda: _receipt_with(path=(*_texts((bytes(31),)), *_receipt().path[1:])),
        "receipt-false",
    ),
    "a path that is no base64": (lambda: _receipt_with(path=("!",)), "receipt-false"),
    "a path without end": (
        lambda: _receipt_with(path=_texts((bytes(32),)) * (MOST_STEPS + 1)),
        "receipt-false",
    ),
    "a proof for a log of nothing": (lambda: _receipt_with(size=0), "receipt-false"),
    "a proof for another size": (lambda: _receipt_with(size=SIZE - 1), "receipt-false"),
    "a node given out as an entry": (_second_preimage, "receipt-false"),
    "growth from another size": (lambda: _growth_with(old=HELD - 1), "growth-false"),
    "growth from nothing": (lambda: _growth_with(old=0, path=()), "growth-false"),
    "growth to another size": (lambda: _growth_with(new=SIZE + 1), "growth-false"),
    "growth without a proof": (lambda: _growth_with(path=()), "log-rewritten"),
    "growth with a longer proof": (
        lambda: _growth_with(path=(*_growth().path, _growth().path[0])),
        "log-rewritten",
    ),
    "growth with the proof turned round": (
        lambda: _growth_with(path=_growth().path[::-1]),
        "log-rewritten",
    ),
    "keys that somebody else began": (
        lambda: replace(_under(_note(key="thief-checkpoint")), root=_thief().raw()),
        "root-forked",
    ),
    "a version of the keys that is skipped": (_skipped_version, "root-broken"),
    "a version that no root key signed": (lambda: _thiefs_key([]), "root-unsigned"),
    "a version that a key for statements signed": (
        lambda: _thiefs_key(["statement"]),
        "root-unsigned",
    ),
    "a version that follows from another": (
        lambda: _thiefs_key(["root"], previous=digest_of(b"other")),
        "root-broken",
    ),
    "a new key that counts before its version": (
        lambda: _thiefs_key(
            ["root"], keys=(*_root().current.keys, a_root_key("thief", "checkpoint"))
        ),
        "root-broken",
    ),
    "older keys, in which nothing is revoked yet": (
        lambda: replace(
            _under(_note(key="stolen")),
            root=Root(_root().versions[:-1], _root().envelopes[:-1]).raw(),
        ),
        "key-revoked",
    ),
    "keys with a space more": (
        lambda: replace(_truth(), root=_root().raw() + b" "),
        "root-unreadable",
    ),
}


def test_the_truth_is_believed() -> None:
    state = _believed(_truth())
    assert state == State(Checkpoint(LOG, SIZE, _tree().root()), id_of("checkpoint-2"), SIGNED_AT)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_lie_of_a_server_is_believed(name: str) -> None:
    lie, code = ATTACKS[name]
    with pytest.raises(SubmitterError) as caught:
        _believed(lie())
    assert caught.value.code == code


def test_there_are_at_least_25_lies() -> None:
    assert len(ATTACKS) >= 25


def test_one_signature_that_counts_is_enough_beside_others_that_do_not() -> None:
    old = _note(key="checkpoint").split("\n\n")[1]
    state = read_state(_note() + old, _root(), now=NOW)
    assert state.key_id == id_of("checkpoint-2")


def test_another_proof_of_the_time_stands_in_for_a_note_that_does_not_say_it() -> None:
    note = _note(key="checkpoint", at=None)
    assert read_state(note, _root(), now=NOW, at=BEGAN + DAY).at == BEGAN + DAY
    with pytest.raises(SubmitterError) as caught:
        read_state(note, _root(), now=NOW, at=SIGNED_AT)
    assert caught.value.code == "key-expired"


def test_a_log_goes_on_only_under_its_own_name() -> None:
    held = State(Checkpoint("other.example.org", 1, _tree().root(1)), "", HELD_AT)
    state = read_state(_note(), _root(), now=NOW)
    with pytest.raises(SubmitterError) as caught:
        check_goes_on(held, state, _growth(1).path)
    assert caught.value.code == "log-other"


def test_growth_is_proven_to_nobody_who_holds_nothing() -> None:
    with pytest.raises(SubmitterError) as caught:
        check_proof(_growth(), _root(), now=NOW)
    assert caught.value.code == "growth-false"


def test_an_entry_made_after_its_checkpoint_was_signed_is_not_believed() -> None:
    state = replace_time(read_state(_note(), _root(), now=NOW), BEGAN)
    with pytest.raises(SubmitterError) as caught:
        check_receipt(_receipt(), state)
    assert caught.value.code == "receipt-late"


@pytest.mark.parametrize(
    ("seconds", "believed"),
    [
        pytest.param(-1, True, id="made before it was signed"),
        pytest.param(300, True, id="as late as clocks may differ"),
        pytest.param(301, False, id="a second later than that"),
    ],
)
def test_an_entry_is_no_later_than_its_checkpoint_but_for_what_clocks_differ(
    seconds: int, *, believed: bool
) -> None:
    made = entry_time(ENTRIES[ASKED - 1])
    assert made is not None
    state = replace_time(read_state(_note(), _root(), now=NOW), made - timedelta(seconds=seconds))
    if believed:
        check_receipt(_receipt(), state)
        return
    with pytest.raises(SubmitterError) as caught:
        check_receipt(_receipt(), state)
    assert caught.value.code == "receipt-late"


def replace_time(state: State, at: datetime) -> State:
    return State(state.checkpoint, state.key_id, at)


@pytest.mark.parametrize("entry", ["", "[]", "{}", '{"at":1}', '{"at":"never"}', "[" * 9_999])
def test_an_entry_without_a_time_is_of_none(entry: str) -> None:
    assert entry_time(entry) is None


def test_a_proof_is_read_for_what_it_is_and_nothing_else() -> None:
    for proof in (_receipt(), _growth()):
        assert read_proof(proof.model_dump_json().encode()) == proof
    for raw in (b"", b"{}", b"[]", b"\xff", b"[" * 100_000):
        with pytest.raises(SubmitterError) as caught:
            read_proof(raw, "p.json")
        assert (caught.value.code, caught.value.where) == ("proof-unreadable", "p.json")


def test_a_time_in_a_note_is_that_of_the_key_or_none() -> None:
    key = log_key(private("checkpoint-2"), LOG)
    assert signed_at(_note(), key) == SIGNED_AT
    assert signed_at(_note(at=None), key) is None
    body, _, lines = _note().partition("\n\n")
    first, second, _ = lines.split("\n")
    raw = base64.b64decode(second.rpartition(" ")[2])
    for bad in (raw[:-1], raw[:4] + b"\xff" * 8 + raw[12:], raw[:4] + bytes(8) + raw[12:]):
        line = f"{second.rpartition(' ')[0]} {base64.b64encode(bad).decode()}"
        assert signed_at(f"{body}\n\n{first}\n{line}\n", key) is None


def test_a_log_whose_root_names_no_key_that_can_sign_notes_has_no_state() -> None:
    keys = [a_root_key("root", "root"), a_root_key("report", "report")]
    root = signed_root(None, first_version(LOG, keys, at=BEGAN), [private("root")])
    with pytest.raises(SubmitterError) as caught:
        read_state(_note(), root, now=NOW)
    assert caught.value.code == "checkpoint-unsigned"
