"""The signers: two persons and the pipeline. Private keys stay out of this folder."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

HEAD = """\
# Who may sign for this example, with public keys only. Written by make_evidence.py: it makes a key
# for each signer who has none in the folder of keys, and then this file and all signatures change.
"""


@dataclass(frozen=True)
class Signer:
    """A person or a pipeline with the roles that its signature speaks for."""

    id: str
    name: str
    roles: tuple[str, ...]


PIPELINE = Signer("triage-pipeline", "The training pipeline", ("builder",))
SIGNERS = (
    Signer("mara.lindqvist", "Mara Lindqvist", ("governance-lead", "release-approver")),
    Signer("jonas.weber", "Jonas Weber", ("clinician", "release-approver")),
    PIPELINE,
)


def private_key(keys: Path, signer: Signer) -> Ed25519PrivateKey:
    """Read the signer's key, or make one that only this user can read."""
    file = keys / f"{signer.id}.pem"
    if file.exists():
        loaded = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(loaded, Ed25519PrivateKey):
            raise SystemExit(f"{file.name} holds no Ed25519 key")
        return loaded
    made = Ed25519PrivateKey.generate()
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Give the 32 bytes of the public key."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(key: Ed25519PrivateKey) -> str:
    """Name a key by the SHA-256 of its public bytes."""
    return "sha256:" + hashlib.sha256(public_bytes(key)).hexdigest()


def write_trust(keys: Path, path: Path) -> None:
    """Write the trust file: roles and public key of each signer, valid for some years."""
    persons = []
    for signer in SIGNERS:
        key = base64.b64encode(public_bytes(private_key(keys, signer))).decode()
        persons.append(
            {
                "id": signer.id,
                "name": signer.name,
                "roles": list(signer.roles),
                "key": key,
                "valid_from": "2026-01-01T00:00:00Z",
                "valid_until": "2028-01-01T00:00:00Z",
            }
        )
    text = yaml.safe_dump({"persons": persons}, sort_keys=False)
    path.write_text(HEAD + text, encoding="utf-8")
