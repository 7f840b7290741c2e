"""The PDF of an audit pack: its objects, embedded files, the text of its pages, its signature.

The part of `verify_pack.py` that knows the format (ISO 32000-2, CMS of RFC 5652). It reads what the
pages of a pack are made of, and refuses what they never hold, rather than read it halfway.
"""
# ruff: noqa: ANN401 - PDF has no schema

import json
import re
import zlib
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

SPACE = rb"[\x00\t\n\f\r ]*"
TOKEN = re.compile(
    SPACE + rb"(<<|>>|[\[\]]|\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>"
    rb"|/[^\s/<>\[\](){}%]*|[^\s/<>\[\](){}%]+)",
    re.DOTALL,
)
REFERENCE = re.compile(SPACE + rb"(\d+) +0 +R\b")
SHOWN = re.compile(rb"(/\S+)\s+\S+\s+Tf\b|(/\S+)\s+Do\b|(?:\[([^\[\]]*)\]\s*TJ|(<[^<>]*>)\s*Tj)\b")
BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\] *\n")
LONG, DEEPEST = 0x80, 8


class BadError(Exception):
    """A broken link: its code, and what it is about."""


class UnsureError(BadError):
    """A link of which nobody can tell."""


def need(holds: object, code: str, about: object = "", error: type[BadError] = BadError) -> None:
    """See that something holds; else the link of this code is broken, or open."""
    if not holds:
        raise error(code, about)


def instant(text: str | None) -> Any:
    """Return an instant as it is written; None has none."""
    return text and datetime.fromisoformat(text)


def digest(raw: bytes) -> str:
    """Return ``sha256:<hex>`` of some bytes."""
    return "sha256:" + sha256(raw).hexdigest()


def spans(text: str) -> dict[Any, str]:
    """Return what is directly in a JSON object or list, as it stands, by its name or number."""
    found: dict[Any, str] = {}
    at = 1
    while text[at] not in "]}":
        name: Any = len(found)
        if text[0] == "{":
            name, at = json.JSONDecoder().raw_decode(text, at)
            at += 1
        end = json.JSONDecoder().raw_decode(text, at)[1]
        need(name not in found, "json-twice", str(name))
        found[name] = text[at:end]
        at = end + (text[end] == ",")
    return found


class Ref(int):
    """The number of a PDF object."""


def token_at(raw: bytes, at: int) -> tuple[bytes, int]:
    """Return the next token of a PDF, and where it ends."""
    found = TOKEN.match(raw, at)
    if found is None:
        raise BadError("pdf-unreadable")
    return found[1], found.end()


def value(raw: bytes, at: int) -> tuple[Any, int]:
    """Return the object of a PDF that begins at a place, and where it ends."""
    if found := REFERENCE.match(raw, at):
        return Ref(found[1]), found.end()
    token, at = token_at(raw, at)
    if token in {b"<<", b"["}:
        items: list[Any] = []
        while (ahead := token_at(raw, at))[0] not in {b">>", b"]"}:
            item, at = value(raw, at)
            items.append(item)
        named = dict(zip(items[::2], items[1::2], strict=False))
        return (named if token == b"<<" else items), ahead[1]
    if token[:1] == b"(":
        return re.sub(rb"\\([0-7]{3})", lambda o: bytes([int(o[1], 8)]), token[1:-1]), at
    if token[:1] == b"<":
        return bytes.fromhex(token[1:-1].decode()), at
    return (float(token) if re.fullmatch(rb"[-\d.]+", token) else token.decode("latin-1")), at


class Pdf:
    """The objects of a PDF: where a later revision has one too, its own counts."""

    def __init__(self, raw: bytes) -> None:
        """Find all objects, and those that are packed into others."""
        self.raw = raw
        self.known: dict[int, tuple[bytes, int]] = {}
        self.maps: dict[int, dict[bytes, str]] = {}
        self.at = {int(m[1]): m.end() for m in re.finditer(rb"(?<=\n)(\d+) 0 obj\b", raw)}
        for holder in [self.get(Ref(n)) for n in self.at if b"/ObjStm" in raw[self.at[n] :][:40]]:
            data, first = self.data(holder), int(holder["/First"])
            heads = [int(number) for number in data[:first].split()]
            for number, where in zip(heads[::2], heads[1::2], strict=True):
                self.known.setdefault(number, (data, first + where))
        self.root = self.get(Ref(re.findall(rb"/Root (\d+) 0 R", raw)[-1]))

    def get(self, found: Any, *names: str) -> Any:
        """Return an object, or that which a reference names, and what it holds under names."""
        if isinstance(found, Ref) and found not in self.at:
            found = value(*self.known[found])[0]
        elif isinstance(found, Ref):
            found, end = value(self.raw, self.at[found])
            if stream := re.compile(SPACE + rb"stream\r?\n").match(self.raw, end):
                found["data"] = self.raw[stream.end() :][: int(self.get(found["/Length"]))]
        return self.get(found[names[0]], *names[1:]) if names else found

    def data(self, found: Any) -> bytes:
        """Return the bytes of a stream."""
        found = self.get(found)
        return zlib.decompress(found["data"]) if "/Filter" in found else found["data"]

    def files(self) -> dict[str, bytes]:
        """Return the embedded files by name."""
        listed, found = self.get(self.root, "/Names", "/EmbeddedFiles", "/Names"), {}
        for key, entry in zip(listed[::2], listed[1::2], strict=True):
            names = {self.get(key), self.get(entry, "/UF"), self.get(entry, "/F")}
            (name,) = (each.decode() for each in names)
            need(name not in found, "attachment-twice", name)
            found[name] = self.data(self.get(entry, "/EF", "/F"))
        return found

    def signed_at(self, digits: bytes) -> datetime | None:
        """Return the time that the one signature field claims; None where nobody signed."""
        fields = [self.get(one) for one in self.get(self.root, "/AcroForm", "/Fields")]
        signed = [self.get(one["/V"]) for one in fields if "/V" in one]
        need(len(fields) == 1 and len(signed) == bool(digits), "signature-elsewhere")
        if not digits:
            return None
        same = signed[0]["/Contents"] == bytes.fromhex(digits[1:-1].decode())
        need(same, "signature-elsewhere")
        return datetime.strptime(signed[0]["/M"].decode(), "D:%Y%m%d%H%M%SZ").replace(tzinfo=UTC)

    def glyphs(self, font: Ref) -> dict[bytes, str]:
        """Return the letters of each glyph of a font."""
        if font not in self.maps:
            text = self.data(self.get(font, "/ToUnicode"))
            need(b"beginbfrange" not in text, "pages-unreadable")
            pairs = re.findall(rb"^<(\w{4})> <(\w+)>$", text, re.MULTILINE)
            self.maps[font] = {g: bytes.fromhex(u.decode()).decode("utf-16-be") for g, u in pairs}
        return self.maps[font]

    def text(self, node: Any, outer: Any = None, depth: int = 0) -> str:
        """Return what a page, a form, or all pages under a node show, as viewers copy it."""
        node, shown, letters = self.get(node), [], {}
        need(depth <= DEEPEST, "pages-unreadable")
        inner = self.get(node.get("/Resources", outer))
        if "/Kids" in node:
            return "".join(self.text(one, inner, depth + 1) for one in self.get(node["/Kids"]))
        drawn = [node] if "data" in node else self.get(node["/Contents"])
        raw = b"\n".join(map(self.data, drawn if isinstance(drawn, list) else [node["/Contents"]]))
        need(not re.search(rb"[(%'\"]|\bBI\b", raw), "pages-unreadable")
        for font, form, several, one in SHOWN.findall(raw):
            if font:
                letters = self.glyphs(self.get(inner, "/Font")[font.decode()])
            elif form and self.get(inner, "/XObject", form.decode(), "/Subtype") == "/Form":
                shown.append(self.text(inner["/XObject"][form.decode()], inner, depth + 1))
            else:
                codes = b"".join(re.findall(rb"<(\w*)>", several or one))
                shown += [letters[codes[at : at + 4]] for at in range(0, len(codes), 4)]
        return "".join("".join(shown).split())


def der(tag: int, *parts: bytes) -> bytes:
    """Return parts under a tag in DER."""
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (bytes([LONG | len(size)]) if len(body) >= LONG else b"") + size + body


def oid(digits: str) -> bytes:
    """Return an object identifier in DER."""
    return der(6, bytes.fromhex(digits))


def cms(certificate: bytes, hashed: bytes, made: bytes) -> tuple[bytes, bytes]:
    """Return the one way to write a signature (RFC 5652, 5035), and what it signs."""
    own = x509.load_der_x509_certificate(certificate)
    issuer, number = own.issuer.public_bytes(), own.serial_number
    serial = der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))
    data, sha = oid("2a864886f70d010701"), der(0x30, oid("608648016503040201"), der(5))
    named = der(0x30, der(0x30, der(0xA4, issuer)), serial)
    ess = der(0x30, der(0x30, der(0x30, der(4, sha256(certificate).digest()), named)))
    said = ("010903", data), ("010904", der(4, hashed)), ("010910022f", ess)
    listed = [der(0x30, oid(f"2a864886f70d{name}"), der(0x31, what)) for name, what in said]
    ecdsa, one = der(0x30, oid("2a8648ce3d040302")), der(2, b"\1")
    signer = one, der(0x30, issuer, serial), sha, der(0xA0, *listed), ecdsa, der(4, made)
    parts = der(0x31, sha), der(0x30, data), der(0xA0, certificate), der(0x31, der(0x30, *signer))
    whole = der(0x30, oid("2a864886f70d010702"), der(0xA0, der(0x30, one, *parts)))
    return whole, der(0x31, *listed)


def signature(raw: bytes) -> tuple[bytes, bytes] | None:
    """Return certificate and digits of the one signature, or None where nobody signed."""
    need(raw.startswith(b"%PDF-1."), "pdf-not-one")
    need(raw.endswith(b"%%EOF\n"), "bytes-after-end")
    need(raw.count(b"/ByteRange") <= 1, "signature-two")
    if b"/ByteRange" not in raw:
        return None
    found = BYTE_RANGE.search(raw)
    start, end, rest = map(int, found.groups()) if found else (0, 0, 0)
    covers = found and 0 < start < end <= found.start() and end + rest == len(raw)
    need(covers, "signature-coverage")
    digits, hashed = raw[start:end], sha256(raw[:start] + raw[end:]).digest()
    need(re.fullmatch(rb"<([0-9a-f]{2})+>", digits), "signature-digits")
    padded = bytes.fromhex(digits[1:-1].decode())
    need(hashed in padded, "signature-digest")
    try:
        certificate = padded[60 : 64 + int.from_bytes(padded[62:64], "big")]
        made = padded.rpartition(oid("2a8648ce3d040302"))[2]
        made = made[2 : 2 + made[1]]
        whole, signed = cms(certificate, hashed, made)
        key: Any = x509.load_der_x509_certificate(certificate).public_key()
    except Exception as error:
        raise BadError("signature-malformed") from error
    need(padded == whole.ljust(len(padded), b"\0"), "signature-malformed")
    try:
        key.verify(made, signed, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise BadError("signature-broken") from error
    return certificate, digits
