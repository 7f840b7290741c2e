"""Trust files: somebody is added or removed whole, and nobody with a weak key."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from assaybook.cli.trust import app
from assaybook.domain.errors import AssayError, AuthorError
from assaybook.language.document_problems import problems_of
from assaybook.language.source import read_source
from assaybook.ledger.keys import new_key, public_text
from assaybook.service.people import read_trust
from assaybook.service.trust import trust_of
from assaybook.service.trust_file import Newcomer, add_trusted, listed_trust, remove_trusted
from support.signing import SINCE, UNTIL, a_certificate, der, p256, pem

ROOT = a_certificate(p256(), name="root", is_authority=True)
ROOT_PEM = ROOT.public_bytes(Encoding.PEM)
CI = p256()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a trust file with one of each kind."""
    path = tmp_path / "trust.yaml"
    key = public_text(new_key()).encode()
    add_trusted(path, Newcomer(id="ada", key=_raw(key), roles=("approver",), name="Ada"))
    add_trusted(path, Newcomer(id="ci", key=pem(CI).encode(), builders=("https://b",),
                               valid_from=SINCE, valid_until=UNTIL))  # fmt: skip
    add_trusted(path, Newcomer(id="house", certificate=ROOT_PEM, identities=("https://ci",),
                               issuer="https://idp"))  # fmt: skip
    return path


def _raw(text: bytes) -> bytes:
    return base64.b64decode(text)


def _code(path: Path, **changes: Any) -> str:
    known: dict[str, Any] = {"id": "x", **changes}
    try:
        add_trusted(path, Newcomer(**known))
    except AuthorError as error:
        return problems_of(error)[0].code
    except AssayError as error:
        return error.code
    return "added"


def test_whoever_is_added_is_trusted_as_said(file: Path) -> None:
    trust = read_trust(file)
    assert [(one.person, one.name, one.roles) for one in trust.keys] == [
        ("ada", "Ada", ("approver",))
    ]
    (signer,) = trust.signers
    assert (signer.id, signer.key, signer.builders) == ("ci", der(CI), ("https://b",))
    assert (signer.valid_from, signer.valid_until) == (SINCE, UNTIL)
    (house,) = trust.authorities
    assert (house.certificate, house.identities, house.issuer) == (
        *(ROOT.public_bytes(Encoding.DER), ("https://ci",), "https://idp"),
    )


def test_the_list_names_everybody_with_a_mark_of_the_key(file: Path) -> None:
    rows = listed_trust(file)
    assert [(one["kind"], one["id"]) for one in rows] == [
        ("person", "ada"),
        ("signer", "ci"),
        ("authority", "house"),
    ]
    assert all(str(one["key"]).startswith("sha256:") for one in rows)
    assert "certificate" not in rows[2]


def test_whoever_is_removed_is_gone_and_the_others_stay(file: Path) -> None:
    assert remove_trusted(file, "ci") == ("signers",)
    assert [one["id"] for one in listed_trust(file)] == ["ada", "house"]


def test_removing_nobody_or_the_last_is_refused(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(AssayError, match="nobody in it is called"):
        remove_trusted(file, "eve")
    assert file.read_bytes() == before
    remove_trusted(file, "ci")
    remove_trusted(file, "house")
    with pytest.raises(AssayError, match="nobody would be left"):
        remove_trusted(file, "ada")
    with pytest.raises(AssayError):
        remove_trusted(file.with_name("none.yaml"), "ada")


WEAK = rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": bytes(32)}, "trust-key-weak"),
        ({"key": pem(WEAK).encode()}, "trust-key-weak"),
        ({"key": b"words"}, "trust-key-weak"),
        ({"key": pem(CI).encode(), "roles": ("r",)}, "bad-key"),
        ({"key": der(CI)}, "trust-key-twice"),
        ({"certificate": b"words", "identities": ("a",)}, "trust-key-weak"),
        (
            {"certificate": a_certificate(CI).public_bytes(Encoding.PEM), "identities": ("a",)},
            "trust-key-weak",
        ),
        ({"certificate": ROOT_PEM}, "trust-ambiguous"),
        ({"certificate": ROOT_PEM, "identities": ("a",), "roles": ("r",)}, "trust-ambiguous"),
        ({}, "trust-ambiguous"),
        ({"key": b"k", "certificate": ROOT_PEM}, "trust-ambiguous"),
        ({"key": b"k", "identities": ("a",)}, "trust-ambiguous"),
        ({"key": b"k", "roles": ("r",), "builders": ("b",)}, "trust-ambiguous"),
        (
            {"key": pem(p256()).encode(), "valid_from": UNTIL, "valid_until": SINCE},
            "trust-never-valid",
        ),
        ({"id": "no id", "key": pem(p256()).encode()}, "bad-form"),
    ],
)
def test_who_cannot_be_trusted_is_refused_and_the_file_stays(
    changes: dict[str, Any], code: str, file: Path
) -> None:
    before = file.read_bytes()
    assert _code(file, **changes) == code
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_comments_above_the_first_entry_stay(file: Path) -> None:
    file.write_text("# Reviewed by Mara.\n\n" + file.read_text())
    add_trusted(file, Newcomer(id="b", key=pem(p256()).encode()))
    assert file.read_text().startswith("# Reviewed by Mara.\n\npersons:\n")


def test_a_file_keeps_its_mode_and_is_never_half_written(file: Path) -> None:
    file.chmod(0o600)
    add_trusted(file, Newcomer(id="b", key=pem(p256()).encode()))
    assert file.stat().st_mode & 0o777 == 0o600
    (file.parent / ".trust.yaml.new").write_text("left behind")
    before = file.read_bytes()
    assert _code(file, key=pem(p256()).encode()) == "file-unwritable"
    assert file.read_bytes() == before


def _codes(text: str) -> list[str]:
    with pytest.raises(AuthorError) as caught:
        trust_of(read_source(text.encode(), "trust.yaml"))
    return [one.code for one in problems_of(caught.value)]


def test_a_weak_key_in_a_file_is_refused_at_its_place() -> None:
    assert _codes("persons: []\n") == ["trust-empty"]
    zero = "0" * 64
    assert _codes(f"signers: [{{id: a, key: '{zero}'}}]\n") == ["trust-key-weak"]
    assert _codes(f"persons: [{{id: a, name: a, roles: [r], key: '{zero}'}}]\n") == [
        "trust-key-weak"
    ]
    leaf = a_certificate(CI).public_bytes(Encoding.PEM).decode().replace("\n", "\n    ")
    said = f"authorities:\n- id: a\n  identities: [b]\n  certificate: |\n    {leaf}\n"
    assert _codes(said) == ["trust-certificate-refused"]
    pem_text = ROOT_PEM.decode().replace("\n", "\n    ")
    for wrong in ("words", "|\n    " + pem_text + pem_text):
        said = f"authorities:\n- id: a\n  identities: [b]\n  certificate: {wrong}\n"
        assert _codes(said) == ["bad-certificate"]
    assert _codes("signers: [{id: a, key: words}]\n") == ["bad-key"]
    assert _codes("persons: [{id: a, name: a, roles: [r], key: words}]\n") == ["bad-key"]


def _run(*words: str) -> Any:
    return CliRunner().invoke(app, [*words])


def test_the_commands_add_list_and_remove(tmp_path: Path) -> None:
    file, key, root = (tmp_path / name for name in ("trust.yaml", "ci.pem", "root.pem"))
    key.write_text(pem(CI))
    root.write_bytes(ROOT_PEM)
    ada = public_text(Ed25519PrivateKey.generate())
    added = [
        _run("add", "ada", "--trust", str(file), "--role", "approver", "--key", ada),
        _run("add", "ci", "--trust", str(file), "--key", str(key), "--builder", "https://b",
             "--from", "2026-01-01T00:00:00Z", "--until", "2027-01-01T00:00:00Z"),
        _run("add", "house", "--trust", str(file), "--certificate", str(root),
             "--identity", "ops@x.example"),
    ]  # fmt: skip
    assert [one.exit_code for one in added] == [0, 0, 0]
    listed = json.loads(_run("list", "--trust", str(file), "--format", "json").stdout)
    assert [one["id"] for one in listed] == ["ada", "ci", "house"]
    assert datetime.fromisoformat(listed[1]["valid_until"]) == datetime(2027, 1, 1, tzinfo=UTC)
    assert _run("remove", "ci", "--trust", str(file)).exit_code == 0
    refused = _run("remove", "ci", "--trust", str(file))
    assert (refused.exit_code, "trust-unknown" in refused.stderr) == (2, True)
    nothing = _run("add", "x", "--trust", str(file), "--key", str(tmp_path / "none"))
    assert (nothing.exit_code, "file-missing" in nothing.stderr) == (2, True)
