"""Changing a trust file: who is added or removed, and what the file says then, whole or not."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from assaybook.domain.errors import UsageError
from assaybook.domain.ids import written
from assaybook.domain.record import record
from assaybook.language.document_trust import key_bytes, load_trust
from assaybook.language.source import read_source
from assaybook.ledger.certificates import CertificateError, authority
from assaybook.ledger.public_keys import (
    WeakKeyError,
    pem_of,
    print_of,
    public_key,
    raw_text,
)
from assaybook.service.files import read_bytes, read_yaml, replace_file
from assaybook.service.trust import trust_of

SECTIONS: Final = ("persons", "signers", "authorities")
_WORDS: Final = {"persons": "person", "signers": "signer", "authorities": "authority"}
_NOT_COMMENT: Final = re.compile(r"^(?!#|\s*$)", re.MULTILINE)


@record
class Newcomer:
    """Who is to be trusted: a person by roles, an authority by its certificate, else a signer.

    Attributes:
        id: what they are called.
        name: of a person; the id where it is empty.
        key: a public key, as PEM or as the text of Ed25519.
        certificate: of an authority, as PEM.
        roles: of a person.
        identities: whom certificates of an authority must name.
        issuer: who must have authenticated the holder of a certificate.
        builders: for which builders provenance may be signed.
        valid_from: when it begins to count.
        valid_until: when it stops counting.
    """

    id: str
    name: str = ""
    key: bytes = b""
    certificate: bytes = b""
    roles: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    issuer: str | None = None
    builders: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def key_given(text: str) -> bytes:
    """Return a public key that a person gave: the text of one, or the path of a PEM file.

    Raises:
        UsageError: it is neither.
    """
    plain = key_bytes(text)
    return read_bytes(Path(text)) if plain is None else plain


def add_trusted(path: Path, newcomer: Newcomer) -> str:
    """Add somebody to a trust file, which is made where there is none; return the section.

    Comments above its first entry stay; others do not, for the file is written anew.

    Raises:
        UsageError: ``trust-ambiguous`` or ``trust-key-weak``.
        AssayError: the file cannot be read or written, or would not be sound.
    """
    section = _section(newcomer)
    content = _content(path)
    content[section] = [*content[section], _entry(newcomer, section)]
    _write(path, content)
    return section


def remove_trusted(path: Path, person: str) -> tuple[str, ...]:
    """Take every entry of an id out of a trust file, and return the sections they stood in.

    Raises:
        UsageError: ``trust-unknown``, or ``trust-empty`` where nobody would be left.
        AssayError: the file cannot be read or written.
    """
    content = _content(path)
    kept = {name: [one for one in content[name] if one["id"] != person] for name in SECTIONS}
    found = tuple(name for name in SECTIONS if len(kept[name]) < len(content[name]))
    if not found:
        known = sorted({str(one["id"]) for name in SECTIONS for one in content[name]})
        raise UsageError(
            "trust-unknown",
            f"nobody in it is called {person!r}",
            where=str(path),
            hint=f"It names {', '.join(known)}." if known else "",
        )
    if not any(kept.values()):
        hint = "Delete the file instead: without one nobody's signature counts."
        raise UsageError("trust-empty", "nobody would be left", where=str(path), hint=hint)
    _write(path, kept)
    return found


def listed_trust(path: Path) -> list[dict[str, object]]:
    """Return a row for each entry of a trust file.

    Raises:
        AssayError: the file cannot be read.
    """
    source = read_yaml(path)
    trust_of(source)
    document = load_trust(source)
    rows: list[dict[str, object]] = []
    for section in SECTIONS:
        for one in getattr(document, section):
            said: dict[str, Any] = one.model_dump(mode="json", exclude_none=True)
            said.pop("key", None)
            pem = said.pop("certificate", None)
            mark = print_of(public_key(one.key_bytes)) if pem is None else _mark(pem)
            rows.append({"kind": _WORDS[section], **said, "key": mark})
    return rows


def _mark(pem: str) -> str:
    return f"sha256:{authority(pem.encode()).fingerprint(SHA256()).hex()}"


def _section(newcomer: Newcomer) -> str:
    if bool(newcomer.key) == bool(newcomer.certificate):
        message = "either a key or a certificate is needed"
        raise UsageError("trust-ambiguous", message, hint="Give --key, or --certificate.")
    if newcomer.certificate and newcomer.roles:
        message = "an authority has no roles"
        raise UsageError("trust-ambiguous", message, hint="Give --role with the --key of a person.")
    if newcomer.certificate and not newcomer.identities:
        message = "an authority needs the identities that are expected of its certificates"
        raise UsageError("trust-ambiguous", message, hint="Give --identity, as often as needed.")
    if newcomer.key and (newcomer.identities or newcomer.issuer):
        message = "a key names its holder; identities are for certificates"
        raise UsageError("trust-ambiguous", message, hint="Leave --identity and --issuer out.")
    if newcomer.roles and newcomer.builders:
        message = "a person is no builder"
        raise UsageError("trust-ambiguous", message, hint="Give either --role or --builder.")
    if newcomer.certificate:
        return "authorities"
    return "persons" if newcomer.roles else "signers"


def _entry(newcomer: Newcomer, section: str) -> dict[str, object]:
    entry: dict[str, object] = {"id": newcomer.id}
    try:
        if section == "authorities":
            found = authority(newcomer.certificate)
            entry["certificate"] = found.public_bytes(Encoding.PEM).decode()
            entry["identities"] = list(newcomer.identities)
        else:
            key = public_key(newcomer.key)
            entry["key"] = raw_text(key) or pem_of(key)
    except (WeakKeyError, CertificateError) as error:
        raise UsageError(
            "trust-key-weak",
            str(error),
            where=newcomer.id,
            hint="Use Ed25519 or ECDSA (P-256, P-384, P-521), and an authority's own certificate.",
        ) from error
    if section == "persons":
        entry |= {"name": newcomer.name or newcomer.id, "roles": list(newcomer.roles)}
    optional: dict[str, object] = {
        "issuer": newcomer.issuer,
        "builders": list(newcomer.builders),
        "valid_from": newcomer.valid_from and written(newcomer.valid_from),
        "valid_until": newcomer.valid_until and written(newcomer.valid_until),
    }
    return entry | {name: value for name, value in optional.items() if value}


def _content(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what a trust file says, as it would be written."""
    if not path.exists():
        return {name: [] for name in SECTIONS}
    said = load_trust(read_yaml(path)).model_dump(mode="json", exclude_defaults=True)
    return {name: list(said.get(name, ())) for name in SECTIONS}


def _write(path: Path, content: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write a trust file, if it can be read again as what it should be."""
    import yaml

    said = {name: content[name] for name in SECTIONS if content[name]}
    text = yaml.dump(said, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=100)
    raw = (_heading(path) + text).encode()
    trust_of(read_source(raw, str(path)))
    replace_file(path, raw)


def _heading(path: Path) -> str:
    """Return the comments with which a file begins."""
    text = read_bytes(path).decode("utf-8", "replace") if path.exists() else ""
    first = _NOT_COMMENT.search(text)
    return text[: first.start()] if first else text


def _dumper() -> Any:  # noqa: ANN401 - a class made here, of a library that is imported late
    """Return a writer that gives texts of several lines one line each."""
    import yaml

    class Lines(yaml.SafeDumper):
        """Writes PEM as a block."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar(  # pyright: ignore[reportUnknownMemberType]
            "tag:yaml.org,2002:str", value, style=style
        )

    Lines.add_representer(str, text)
    return Lines
