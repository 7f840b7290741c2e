"""Keys in time: which key counted when, and which histories of keys are believed."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.ledger.public_keys import print_of
from assaybook.ledger.root import (
    MOST_ROOT_BYTES,
    Role,
    Root,
    RootKey,
    RootVersion,
    joined,
    key_at,
    public_of,
    read_root,
)
from assaybook.ledger.root_change import first_version, signed_root, with_key, with_revocation
from support.roots import (
    BEGAN,
    DAY,
    LOG,
    a_root,
    a_root_key,
    file_of,
    forged,
    id_of,
    loosely,
    private,
    report_private,
)
from support.signing import a_certificate


@pytest.fixture(scope="module")
def root() -> Root:
    return a_root()


@pytest.fixture(scope="module")
def rotated(root: Root) -> Root:
    """Return a root whose log key was replaced after 10 days."""
    at = BEGAN + 10 * DAY
    key = a_root_key("checkpoint-2", "checkpoint", at=at)
    return signed_root(
        root, with_key(root, key, instead_of=id_of("checkpoint"), at=at), [private("root")]
    )


def _refused(act: Callable[[], object]) -> str:
    with pytest.raises(SubmitterError) as caught:
        act()
    return caught.value.code


def test_a_root_is_read_back_as_it_was_signed(rotated: Root) -> None:
    again = read_root(rotated.raw(), "root.json")
    assert again == rotated
    assert (again.log, [one.version for one in again.versions]) == (LOG, [1, 2])
    assert again.versions[1].previous == again.digests[0] == digest_of(again.versions[0].payload())
    assert [key.id for key in again.keys_of("checkpoint")] == [
        id_of("checkpoint"),
        id_of("checkpoint-2"),
    ]


@pytest.mark.parametrize(
    ("name", "role", "at", "code"),
    [
        ("stranger", "checkpoint", BEGAN, "key-unknown"),
        ("checkpoint", "statement", BEGAN, "key-role-wrong"),
        ("checkpoint-2", "checkpoint", BEGAN + 10 * DAY - DAY / 86_400, "key-not-yet-valid"),
        ("checkpoint", "checkpoint", BEGAN + 10 * DAY + DAY / 86_400, "key-expired"),
        ("statement", "statement", BEGAN + 900 * DAY, "key-expired"),
    ],
)
def test_a_key_counts_only_in_its_role_and_time(
    rotated: Root, name: str, role: Role, at: datetime, code: str
) -> None:
    assert _refused(lambda: key_at(rotated, id_of(name), role, at)) == code


def test_a_key_counts_from_its_first_instant_to_before_its_last(rotated: Root) -> None:
    moment = DAY / 86_400
    for name, at in (
        ("checkpoint", BEGAN),
        ("checkpoint", BEGAN + 10 * DAY - moment),
        ("checkpoint-2", BEGAN + 10 * DAY),
    ):
        assert key_at(rotated, id_of(name), "checkpoint", at) == private(name).public_key()
    report = next(iter(rotated.keys_of("report")))
    assert key_at(rotated, report.id, "report", BEGAN) == report_private("report").public_key()


def test_a_revocation_leaves_good_what_was_signed_before_it(rotated: Root) -> None:
    since, at = BEGAN + 3 * DAY, BEGAN + 20 * DAY
    change = with_revocation(rotated, id_of("statement"), since=since, reason="lost", at=at)
    root = signed_root(rotated, change, [private("root")])
    assert key_at(root, id_of("statement"), "statement", since - DAY) is not None
    assert _refused(lambda: key_at(root, id_of("statement"), "statement", since)) == "key-revoked"
    assert (
        _refused(lambda: key_at(root, id_of("statement"), "statement", BEGAN + 999 * DAY))
        == "key-revoked"
    )
    sooner = with_revocation(root, id_of("statement"), since=BEGAN, reason="lost", at=at + DAY)
    assert len(signed_root(root, sooner, [private("root")]).versions) == 4


def test_what_cannot_be_revoked_is_refused_with_its_reason(root: Root) -> None:
    at = BEGAN + DAY
    with pytest.raises(UsageError) as caught:
        with_revocation(root, "sha256:00", since=at, reason="lost", at=at)
    assert caught.value.code == "key-unknown"
    change = with_revocation(root, id_of("statement"), since=at, reason="lost", at=at)
    later = signed_root(root, change, [private("root")])
    with pytest.raises(UsageError) as caught:
        with_revocation(later, id_of("statement"), since=at + DAY, reason="lost", at=at + DAY)
    assert caught.value.code == "key-revoked"


def test_root_keys_are_replaced_by_the_old_and_the_new_together(root: Root) -> None:
    at = BEGAN + DAY
    change = with_key(root, a_root_key("root-2", "root", at=at), instead_of=id_of("root"), at=at)
    assert _refused(lambda: signed_root(root, change, [private("root")])) == "root-unsigned"
    assert _refused(lambda: signed_root(root, change, [private("root-2")])) == "root-unsigned"
    both = signed_root(root, change, [private("root"), private("root-2")])
    key = a_root_key("statement-2", "statement", at=at + DAY)
    next_one = with_key(both, key, at=at + DAY)
    assert len(signed_root(both, next_one, [private("root-2")]).versions) == 3
    assert _refused(lambda: signed_root(both, next_one, [private("root")])) == "root-unsigned"


def test_the_threshold_counts_keys_and_not_signatures() -> None:
    keys = [a_root_key(name, "root") for name in ("root", "root-2", "root-3")]
    version = first_version(LOG, keys, at=BEGAN, threshold=2)
    one = forged([(version, ["root"])])
    assert _refused(lambda: read_root(one)) == "root-unsigned"
    twice = loosely(one)
    twice["versions"][0]["signatures"] *= 2
    assert _refused(lambda: read_root(canonical(twice))) == "root-unreadable"
    root = read_root(forged([(version, ["root", "root-3"])]))
    later = with_key(root, a_root_key("c", "checkpoint", at=BEGAN + DAY), at=BEGAN + DAY)
    assert _refused(lambda: signed_root(root, later, [private("root-2")])) == "root-unsigned"
    signed_root(root, later, [private("root-2"), private("root")])


def test_two_changes_of_one_instant_are_believed_in_the_order_that_their_digests_tell(
    rotated: Root,
) -> None:
    at = rotated.current.issued_at
    key = a_root_key("statement-2", "statement", at=at)
    changed = with_key(rotated, key, instead_of=id_of("statement"), at=at)
    both = signed_root(rotated, changed, [private("root")])
    again = read_root(both.raw(), "root.json")
    assert [one.issued_at for one in again.versions[1:]] == [at, at]
    assert key_at(again, key.id, "statement", at) is not None


def test_of_two_roots_the_longer_counts_and_a_fork_is_refused(root: Root, rotated: Root) -> None:
    assert joined(root, rotated) is rotated
    assert joined(rotated, root) is rotated
    assert joined(rotated, rotated) is rotated
    at = BEGAN + 5 * DAY
    key = a_root_key("thief", "checkpoint", at=at)
    fork = signed_root(root, with_key(root, key, at=at), [private("root")])
    assert _refused(lambda: joined(rotated, fork)) == "root-forked"


def _swap(version: RootVersion, name: str, **change: Any) -> RootVersion:
    """Return a version in which the key of a name is changed."""
    keys = tuple(
        one.model_copy(update=change) if one.id == id_of(name) else one for one in version.keys
    )
    return version.model_copy(update={"keys": keys})


def _next(root: Root, **change: Any) -> RootVersion:
    """Return a next version that is good, but for what is changed."""
    good = with_key(
        root, a_root_key("next", "checkpoint", at=BEGAN + 20 * DAY), at=BEGAN + 20 * DAY
    )
    return good.model_copy(update=change)


LATER: dict[str, Callable[[Root], RootVersion]] = {
    "skipped version": lambda r: _next(r, version=4),
    "same version again": lambda r: _next(r, version=2),
    "other past": lambda r: _next(r, previous=digest_of(b"other")),
    "no past": lambda r: _next(r, previous=""),
    "other log": lambda r: _next(r, log="other.example.org"),
    "older": lambda r: _next(r, issued_at=BEGAN + 9 * DAY),
    "key gone": lambda r: _next(r, keys=(_next(r).keys[0], *_next(r).keys[2:])),
    "key twice": lambda r: _next(r, keys=(*_next(r).keys, _next(r).keys[0])),
    "no root keys left": lambda r: _swap(_next(r), "root", not_after=BEGAN + 20 * DAY),
    "threshold out of reach": lambda r: _next(r, threshold=2),
    "key older than its version": lambda r: _swap(_next(r), "next", not_before=BEGAN),
    "other role": lambda r: _swap(_next(r), "statement", role="checkpoint"),
    "earlier beginning": lambda r: _swap(_next(r), "checkpoint-2", not_before=BEGAN),
    "longer life": lambda r: _swap(_next(r), "checkpoint", not_after=BEGAN + 800 * DAY),
    "end in the past": lambda r: _swap(_next(r), "statement", not_after=BEGAN + 3 * DAY),
    "revoked for no reason": lambda r: _swap(_next(r), "statement", revoked_at=BEGAN),
    "reason without revocation": lambda r: _swap(_next(r), "statement", reason="lost"),
    "ends before it begins": lambda r: _swap(_next(r), "next", not_after=BEGAN),
    "ends as it begins": lambda r: _swap(_next(r), "next", not_after=_next(r).issued_at),
    "key written with a line feed": lambda r: _swap(
        _next(r),
        "next",
        public_key=f"{a_root_key('next', 'checkpoint').public_key}\n",
    ),
    "id of another key": lambda r: _swap(_next(r), "next", id="sha256:00"),
    "no key": lambda r: _swap(_next(r), "next", public_key="AAAA"),
    "no base64": lambda r: _swap(_next(r), "next", public_key="*"),
    "raw and not DER": lambda r: _swap(
        _next(r),
        "next",
        public_key=base64.b64encode(
            private("next").public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        ).decode(),
    ),
    "other algorithm": lambda r: _swap(_next(r), "next", algorithm="ecdsa-p256"),
    "certificate where none belongs": lambda r: _swap(_next(r), "next", certificate="AAAA"),
}


@pytest.mark.parametrize("name", sorted(LATER))
def test_a_version_that_rewrites_the_past_is_refused_though_it_is_signed(
    rotated: Root, name: str
) -> None:
    versions: list[tuple[RootVersion, list[str]]] = [(one, ["root"]) for one in rotated.versions]
    read_root(forged([*versions, (_next(rotated), ["root"])]))
    raw = forged([*versions, (LATER[name](rotated), ["root"])])
    with pytest.raises(SubmitterError) as caught:
        read_root(raw, "root.json")
    assert caught.value.code == "root-broken"
    assert caught.value.where.startswith("root.json: version ")


def test_a_revocation_is_never_taken_back(rotated: Root) -> None:
    since, at = BEGAN + 30 * DAY, BEGAN + 20 * DAY
    change = with_revocation(rotated, id_of("statement"), since=since, reason="lost", at=at)
    root = signed_root(rotated, change, [private("root")])
    past: list[tuple[RootVersion, list[str]]] = [(one, ["root"]) for one in root.versions]
    good = with_revocation(root, id_of("statement"), since=at, reason="lost", at=at + DAY)
    read_root(forged([*past, (good, ["root"])]))
    for taken in (
        _swap(good, "statement", revoked_at=None, reason=""),
        _swap(good, "statement", revoked_at=since + DAY),
    ):
        raw = forged([*past, (taken, ["root"])])
        assert _refused(lambda raw=raw: read_root(raw)) == "root-broken"  # type: ignore[misc]


def _report(**change: Any) -> RootKey:
    return a_root_key("report", "report").model_copy(update=change)


def _pem() -> str:
    raw = a_certificate(report_private("report")).public_bytes(Encoding.PEM)
    return base64.b64encode(raw).decode()


def _p384() -> dict[str, str]:
    public = ec.generate_private_key(ec.SECP384R1()).public_key()
    raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"id": print_of(public), "public_key": base64.b64encode(raw).decode()}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"certificate": ""}, id="no certificate"),
        pytest.param({"certificate": "AAAA"}, id="no certificate in it"),
        pytest.param({"certificate": "*"}, id="no base64"),
        pytest.param({"certificate": _pem()}, id="pem"),
        pytest.param(
            {"certificate": a_root_key("other", "report").certificate}, id="over another key"
        ),
        pytest.param({"role": "statement"}, id="of a role for another algorithm"),
        pytest.param(_p384(), id="on another curve"),
    ],
)
def test_a_key_for_reports_has_a_certificate_over_itself(change: dict[str, Any]) -> None:
    keys = [a_root_key("root", "root"), _report(**change)]
    raw = forged([(first_version(LOG, keys, at=BEGAN), ["root"])])
    assert _refused(lambda: read_root(raw)) == "root-broken"


@pytest.mark.parametrize("log", ["", "two words", "a+b", "x" * 201])
def test_a_log_has_a_name_that_a_note_can_hold(log: str) -> None:
    raw = forged([(first_version(log, [a_root_key("root", "root")], at=BEGAN), ["root"])])
    assert _refused(lambda: read_root(raw)) == "root-broken"


def _spaced(raw: bytes) -> bytes:
    return raw + b"\n"


def _loose_end(raw: bytes) -> bytes:
    said = loosely(raw)
    sig = said["versions"][0]["signatures"][0]["sig"]
    said["versions"][0]["signatures"][0]["sig"] = sig[:-3] + chr(ord(sig[-3]) + 1) + "=="
    return canonical(said)


def _payload(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda raw: file_of(
        [(change(base64.b64decode(loosely(raw)["versions"][0]["payload"])), ["root"])]
    )


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "no JSON": lambda _: b"{",
    "no versions": lambda _: b'{"versions":[]}',
    "too long": lambda _: b" " * (MOST_ROOT_BYTES + 1),
    "deep": lambda _: b"[" * 100_000,
    "blank at the end": _spaced,
    "loose end of base64": _loose_end,
    "payload of blanks": _payload(lambda one: one + b" "),
    "payload with a name twice": _payload(lambda one: one[:-1] + b',"version":1}'),
    "payload of no version": _payload(lambda _: b"{}"),
    "payload off the calendar": _payload(
        lambda one: one.replace(b"2026-01-01T00:00:00Z", b"0001-01-01T00:00:00+23:00")
    ),
    "other type": lambda raw: file_of(
        [(base64.b64decode(loosely(raw)["versions"][0]["payload"]), ["root"])], "text/plain"
    ),
}


@pytest.mark.parametrize("name", sorted(SPOILT))
def test_a_root_can_be_written_in_one_way_only(root: Root, name: str) -> None:
    assert _refused(lambda: read_root(SPOILT[name](root.raw()))) == "root-unreadable"


def test_a_signature_that_does_not_hold_spoils_the_file(root: Root) -> None:
    stranger = forged([(root.current, ["root", "stranger"])])
    assert _refused(lambda: read_root(stranger)) == "root-unsigned"
    other = loosely(root.raw())
    other["versions"][0]["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
    assert _refused(lambda: read_root(canonical(other), "root.json")) == "root-unsigned"


def test_no_bit_of_a_root_can_be_turned(root: Root) -> None:
    raw = root.raw()
    for place in range(0, len(raw), 7):
        turned = bytearray(raw)
        turned[place] ^= 1 << (place % 8)
        assert _refused(lambda turned=turned: read_root(bytes(turned)))  # type: ignore[misc]


def test_the_public_key_of_an_entry_is_read_whether_it_counts_or_not(rotated: Root) -> None:
    first, second = rotated.keys_of("checkpoint")
    assert public_of(first) == private("checkpoint").public_key()
    assert public_of(second) == private("checkpoint-2").public_key()


def test_a_stolen_root_key_is_revoked_together_with_the_key_that_follows_it(root: Root) -> None:
    at = BEGAN + DAY
    alone = with_revocation(root, id_of("root"), since=at, reason="stolen", at=at)
    assert _refused(lambda: signed_root(root, alone, [private("root")])) == "root-broken"
    change = with_revocation(
        root,
        id_of("root"),
        since=at,
        reason="stolen",
        at=at,
        instead=a_root_key("root-2", "root", at=at),
    )
    after = signed_root(root, change, [private("root"), private("root-2")])
    key = a_root_key("late", "statement", at=at + DAY)
    by_thief = with_key(after, key, at=at + DAY)
    assert _refused(lambda: signed_root(after, by_thief, [private("root")])) == "root-unsigned"
