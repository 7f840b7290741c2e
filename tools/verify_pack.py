"""Check an audit pack without Assaybook: the standard library, and `cryptography` for signatures.

    python verify_pack.py PACK.pdf [--root root.json] [--checkpoint FILE]

Exit 0: good. 1: bad, the first broken link is named. 2: a file cannot be opened. 5: what you gave
is no root, or no checkpoint. 3: nobody can tell, or not this file alone, which leaves to those of
BESIDE what the keys' keeper could tell beside the findings. It shares no line with `assay verify`.
"""
# ruff: noqa: ANN401 - JSON has no schema

import argparse
import base64
import json
import re
import sys
import zlib
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

BESIDE = {
    "verify_pdf.py": "what the pages print, and which names its parts have there",
    "verify_parts.py": "statements of persons, the index of evidence, due dates, what is left out",
    "verify_oscal.py": "the OSCAL documents",
    "verify_shapes.json": "whether the parts hold more than they should",
}
BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\] *\n")
NOTE = re.compile(rb"[^\s+]+\n\d+\n[A-Za-z0-9+/]{43}=\n\n(?:.+\n)*")
MOMENT = re.compile(rb"\n/M \(D(?::|\\072)(\d{14})Z\)\n")
EMBEDDED = re.compile(rb"/Type /EmbeddedFile\b(?:(?!endobj).){,400}?\bstream\r?\n", re.DOTALL)
PKCS = "2a864886f70d01"
OIDS = f"{PKCS}0701", f"{PKCS}0702", "608648016503040201", "2a8648ce3d040302"
MOST, LONG, WRONG = 1 << 30, 0x80, ("malformed", "broken")


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
    found, at, read = dict[Any, str](), 1, json.JSONDecoder().raw_decode
    while text[at] not in "]}":
        name, at = read(text, at) if text[0] == "{" else (len(found), at - 1)
        end = read(text, at + 1)[1]
        need(name not in found, "json-twice", name)
        found[name] = text[at + 1 : end]
        at = end + (text[end] == ",")
    return found


def der(tag: int, *parts: bytes) -> bytes:
    """Return parts under a tag in DER."""
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (bytes([LONG | len(size)]) if len(body) >= LONG else b"") + size + body


def cms(certificate: bytes, hashed: bytes, made: bytes) -> tuple[bytes, bytes]:
    """Return the one way to write a signature (RFC 5652, 5035), and what it signs."""
    own = x509.load_der_x509_certificate(certificate)
    issuer, number = own.issuer.public_bytes(), own.serial_number
    serial = der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))
    data, kind, sha, ecdsa = (der(6, bytes.fromhex(x)) for x in OIDS)
    one, sha, ecdsa = der(2, b"\1"), der(0x30, sha, der(5)), der(0x30, ecdsa)
    named = der(0x30, der(0x30, der(0xA4, issuer)), serial)
    ess = der(0x30, der(0x30, der(0x30, der(4, sha256(certificate).digest()), named)))
    said = ("0903", data), ("0904", der(4, hashed)), ("0910022f", ess)
    listed = [der(0x30, der(6, bytes.fromhex(PKCS + x)), der(0x31, what)) for x, what in said]
    signer = one, der(0x30, issuer, serial), sha, der(0xA0, *listed), ecdsa, der(4, made)
    parts = der(0x31, sha), der(0x30, data), der(0xA0, certificate), der(0x31, der(0x30, *signer))
    whole = der(0x30, kind, der(0xA0, der(0x30, one, *parts)))
    return whole, der(0x31, *listed)


def signature(raw: bytes) -> tuple[bytes, datetime | None]:
    """Return the certificate of the one signature, and its time; none where nobody signed."""
    need(raw.startswith(b"%PDF-1."), "pdf-not-one")
    need(raw.endswith(b"%%EOF\n"), "bytes-after-end")
    need(raw.count(b"/ByteRange") <= 1, "signature-two")
    if b"/ByteRange" not in raw:
        return b"", None
    found = BYTE_RANGE.search(raw)
    start, end, rest = map(int, found.groups()) if found else (0, 0, 0)
    covers = 0 < start < end <= raw.index(b"/ByteRange") and end + rest == len(raw)
    need(covers, "signature-coverage")
    digits, hashed = raw[start:end], sha256(raw[:start] + raw[end:]).digest()
    need(re.fullmatch(rb"<([0-9a-f]{2})+>", digits), "signature-digits")
    padded = bytes.fromhex(digits[1:-1].decode())
    need(hashed in padded, "signature-digest")
    try:
        certificate = padded[60 : 64 + int.from_bytes(padded[62:64], "big")]
        made = padded.rpartition(bytes.fromhex(OIDS[3]))[2]
        made = made[2 : 2 + made[1]]
        whole, signed = cms(certificate, hashed, made)
        need(padded == whole.ljust(len(padded), b"\0"), "signature-malformed")
        key: Any = x509.load_der_x509_certificate(certificate).public_key()
        key.verify(made, signed, ECDSA(SHA256()))
    except Exception as error:
        raise BadError(f"signature-{WRONG[isinstance(error, InvalidSignature)]}") from error
    (moment,) = MOMENT.findall(raw, end)
    return certificate, datetime.strptime(f"{moment.decode()}Z", "%Y%m%d%H%M%S%z")


def carried(raw: bytes) -> tuple[dict[str, bytes], Any]:
    """Return the parts of a pack by name, and its manifest opened: their digests name them."""
    starts = [memoryview(raw)[one.end() :] for one in EMBEDDED.finditer(raw)]
    streams = [zlib.decompressobj().decompress(one, MOST) for one in starts]
    found = {sha256(one).hexdigest(): one for one in streams}
    signed = [one for one in found if found[one].startswith(b'{"payload":')]
    need(len(signed) == 1, "attachment-missing", "manifest.json")
    opening = opened(json.loads(manifest := found.pop(signed[0])))
    listed = {x["name"]: x["digest"]["sha256"] for x in opening[0]["subject"]}
    lost = sorted(name for name, one in listed.items() if one not in found)
    more = found.keys() - set(listed.values())
    need(not lost, "attachment-changed" if more else "attachment-missing", lost[:1])
    need(not more, "attachment-extra")
    return {name: found[one] for name, one in listed.items()} | {"manifest.json": manifest}, opening


def opened(envelope: dict[str, Any]) -> tuple[Any, bytes, dict[str, bytes], bytes]:
    """Return what a DSSE envelope says, its payload, its signatures by key, and what they sign."""
    payload, kind = base64.b64decode(envelope["payload"], validate=True), envelope["payloadType"]
    made = {one["keyid"]: base64.b64decode(one["sig"]) for one in envelope["signatures"]}
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    return json.loads(payload), payload, made, signed


def signs(public: str, signed: bytes, made: bytes) -> bool:
    """Tell whether an Ed25519 key, as it is or in its DER, signed something."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[-32:])
    with suppress(InvalidSignature):
        return key.verify(made, signed) is None
    return False


def key_of(root: list[Any], name: str, role: str, at: datetime) -> Any:
    """Return a key of the root that could sign in a role at an instant."""
    key: Any = next((one for one in root[-1]["keys"] if one["id"] == name), None)
    need(key and digest(base64.b64decode(key["public_key"])) == name, "key-unknown", name)
    begins, ends, revoked = (instant(key[x]) for x in ("not_before", "not_after", "revoked_at"))
    need(key["role"] == role, "key-role-wrong", name)
    need(begins <= at, "key-not-yet-valid", name)
    need(not revoked or at < revoked, "key-revoked", name)
    need(at < ends, "key-expired", name)
    return key


def read_root(raw: bytes) -> list[Any]:
    """Return the versions of the keys, each signed by enough root keys of itself and the last."""
    versions, last = list[Any](), ""
    for one in json.loads(raw)["versions"]:
        this, payload, made, signed = opened(one)
        before = versions[-1] if versions else this
        need(this["version"] == len(versions) + 1 and this["previous"] == last, "root-broken")
        need({x["id"] for x in before["keys"]} <= {x["id"] for x in this["keys"]}, "root-broken")
        for among in (before, this):
            names = {key["id"] for key in among["keys"] if key["role"] == "root"} & set(made)
            valid = [key_of([among], x, "root", instant(this["issued_at"])) for x in names]
            valid = [x for x in valid if signs(x["public_key"], signed, made[x["id"]])]
            need(len(valid) >= among["threshold"], "root-unsigned")
        last = digest(payload)
        versions.append(this)
    need(versions, "root-unreadable")
    return versions


def read_note(raw: bytes, root: list[Any], at: datetime) -> tuple[int, bytes, str]:
    """Return size, root hash and key of a checkpoint by a key that counted at its time."""
    body, _, lines = raw.decode().partition("\n\n")
    name, size, tree = body.split("\n")
    start = f"\u2014 {name} "
    signed = [base64.b64decode(x[len(start) :]) for x in lines.split("\n") if x.startswith(start)]
    made = {each[:4]: each[4:] for each in signed}
    for key in root[-1]["keys"]:
        public = base64.b64decode(key["public_key"])[-32:]
        ids = [sha256(f"{name}\n".encode() + k + public).digest()[:4] for k in (b"\1", b"\4")]
        plain, timed = made.get(ids[0]), made.get(ids[1])
        if not plain or not signs(key["public_key"], f"{body}\n".encode(), plain):
            continue
        need(name == root[-1]["log"], "checkpoint-unsigned")
        if timed:
            at = datetime.fromtimestamp(seconds := int.from_bytes(timed[:8], "big"), UTC)
            text = f"cosignature/v1\ntime {seconds}\n{body}\n".encode()
            need(signs(key["public_key"], text, timed[8:]), "checkpoint-unsigned")
        return int(size), base64.b64decode(tree), key_of(root, key["id"], "checkpoint", at)["id"]
    raise BadError("checkpoint-unsigned")


def climbed(path: list[str], at: int, last: int, ends: list[bytes]) -> list[bytes]:
    """Return what hashes lead to at the root (RFC 9162, 2.1.3.2 and 2.1.4.2)."""
    for text in path:
        step = base64.b64decode(text, validate=True)
        if last == 0:
            return []
        if at % 2 or at == last:
            ends = [sha256(b"\1" + step + each).digest() for each in ends]
            while at and at % 2 == 0:
                at, last = at >> 1, last >> 1
        else:
            ends[-1] = sha256(b"\1" + ends[-1] + step).digest()
        at, last = at >> 1, last >> 1
    return ends if last == 0 else []


def continues(path: list[str], size: int, tree: bytes, now: int, new: bytes) -> bool:
    """Tell whether a path shows that the log of a size and root goes on to another."""
    at, last = size - 1, now - 1
    if size in {0, now}:
        return not path and tree == (new if size == now else sha256().digest())
    while at % 2:
        at, last = at >> 1, last >> 1
    first = base64.b64decode(path[0]) if at and path else tree
    return climbed(path[at > 0 :], at, last, [first, first]) == [tree, new]


def verdicts(found: dict[str, Any], said: dict[str, Any]) -> set[str]:
    """Return the verdicts that the findings come to; the manifest has to tell the same."""
    lines = {f"{one['catalog']}: {one['words'].upper()}" for one in found["conclusion"]}
    for one in found["findings"]:
        kept = "" if one["disposition"] == "open" else f" ({one['disposition'].upper()})"
        word = one["outcome"].replace("_", " ").upper()
        lines.add(f"{one['policy']}/{one['rule']}: {word}{kept}")
    told = Counter(said["verdicts"])
    need(told <= Counter(lines), "verdicts-otherwise")
    need(said["profile"] != "full" or told.keys() == lines, "verdicts-missing")
    return lines


def rests_on(files: dict[str, bytes], said: dict[str, Any]) -> dict[tuple[str, str, str], str]:
    """Return what the log must hold, by kind, name and digest, and by when, if that is said."""
    kinds = "findings", "bundle", "subject", "facts", "statements"
    parts = {name: spans(files[f"{name}.json"].decode()) for name in kinds}
    head = json.loads(parts["findings"]["assessment"])
    sealed = files["findings.json"].replace(head["digest"].encode(), b"", 1)
    need(digest(sealed) == head["digest"] == said["assessment"], "findings-changed")
    for part in ("bundle", "subject"):
        beside = json.loads(parts[part]["digest"])
        need(digest(parts[part][part].encode()) == head[part] == beside, f"{part}-changed")
    need(json.loads(parts["bundle"]["engine"]) == head["engine"], "bundle-changed")
    subject = spans(parts["subject"]["subject"])
    system, by = json.loads(subject["system"])["id"], head["as_of"]
    about = [head["as_of"], head["engine"], system, json.loads(subject["release"])["version"]]
    need(about == [said[x] for x in ("as_of", "engine", "system", "release")], "manifest-elsewhere")
    named = {("bundle", head["bundle"], head["bundle"]): ""}
    named["assessment", head["digest"], head["digest"]] = ""
    named["system", system, digest(subject["system"].encode())] = by
    for text in {subject["release"], subject["baseline"]} - {"null"}:
        named["release", f"{system}/{json.loads(text)['version']}", digest(text.encode())] = by
    listed = []
    for text in spans(parts["facts"]["evidence"]).values():
        one = json.loads(text)["envelope"]
        listed.append([one[key] for key in ("id", "adapter", "adapter_version", "assurance")])
        named["evidence", one["id"], digest(text.encode())] = one["received_at"]
    seen = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    need(digest(seen.encode()) == head["evidence_set"], "facts-changed")
    for kind in ("waiver", "retirement"):
        for text in spans(parts["statements"][f"{kind}s"]).values():
            named[kind, json.loads(text).get("id", system), digest(text.encode())] = by
    for one in json.loads(files.get("history.json", b'{"earlier":[]}'))["earlier"]:
        named["assessment", one["digest"], one["digest"]] = ""
    refused = spans(files.get("refusals.json", b'{"refused":[]}').decode())["refused"]
    for text in spans(refused).values():
        named["refusal", json.loads(text)["id"], digest(text.encode())] = ""
    return named


def logged(files: Any, said: Any, named: Any, root: list[Any], held: bytes | None) -> None:
    """See that the log is the one that was signed and that is held, and has all that is named."""
    when, proofs = instant(said["made_at"]), json.loads(files["proofs.json"])
    size, tree, signer = read_note(files["checkpoint.note"], root, when)
    ours = digest(files["checkpoint.note"]) == said["log"] and signer == said["keys"]["checkpoint"]
    need(ours, "checkpoint-other")
    need(proofs["size"] == size, "proof-elsewhere")
    for one in proofs["consistency"]:
        old = one["size"], base64.b64decode(one["root"], validate=True)
        need(0 <= old[0] <= size and continues(one["path"], *old, size, tree), "proof-broken")
    for one in proofs["receipts"]:
        leaf, entry = sha256(b"\0" + one["entry"].encode()).digest(), json.loads(one["entry"])
        there = climbed(one["path"], one["seq"] - 1, size - 1, [leaf])
        need(1 <= one["seq"] <= size and there == [tree], "proof-broken", one["seq"])
        need(instant(entry["at"]) <= when, "time-before-entry", entry["ref"])
        by = instant(named.pop((entry["kind"], entry["ref"], entry["digest"]), "") or entry["at"])
        need(entry["kind"] != "evidence" or instant(entry["at"]) == by, "time-of-evidence")
        need(instant(entry["at"]) <= by, "recorded-later", entry["ref"])
    need(not named, "proof-missing", sorted(named)[:1])
    if held is None:
        return
    try:
        older, known, _ = read_note(held, root, when)
    except (BadError, ValueError) as error:
        raise BadError("checkpoint-other-log") from error
    need(older <= size, "checkpoint-newer", error=UnsureError)
    path = next((one["path"] for one in proofs["consistency"] if one["size"] == older), None)
    need(path is not None or older == size, "consistency-missing", error=UnsureError)
    need(continues(path or [], older, known, size, tree), "log-forked")


def signed(files: Any, opening: Any, signature_: Any, given: list[Any] | None) -> list[Any]:
    """Return the root of the keys that signed manifest and PDF, when they counted."""
    (statement, _, made, dsse), (certificate, at) = opening, signature_
    keys, said = statement["predicate"]["keys"], statement["predicate"]
    need(keys != "none" or not (made or certificate or said["made_at"]), "manifest-keys")
    need(keys != "none", "pack-unsigned", error=UnsureError)
    root = read_root(files["root.json"])
    need(certificate and at, "signature-missing")
    if given:
        need(all(x == y for x, y in zip(given, root, strict=False)), "root-forked")
        root = max(root, given, key=len)
    when = instant(said["made_at"])
    need(when.replace(microsecond=0) == at, "time-differs")
    need(when >= instant(said["as_of"]), "time-before")
    key, report = (key_of(root, keys[x], x, when) for x in ("statement", "report"))
    by = set(made) == {key["id"]} and signs(key["public_key"], dsse, made[key["id"]])
    need(by, "manifest-signature")
    need(base64.b64decode(report["certificate"]) == certificate, "pdf-signature-other")
    return root


def links(made: Any, files: Any, opening: Any, given: Any, held: bytes | None) -> tuple[Any, ...]:
    """Return the verdicts, what they rest on in the log, and the first link that is open."""
    said, unsure = opening[0]["predicate"], None
    rests = set(named := rests_on(files, said))
    need((said["log"] == "none") == ("checkpoint.note" not in files), "manifest-log")
    try:
        root = signed(files, opening, made, given)
        need(said["log"] != "none", "log-none", error=UnsureError)
        logged(files, said, named, root, held)
    except UnsureError as error:
        unsure = error
    return verdicts(json.loads(files["findings.json"]), said), rests, unsure


def check(raw: bytes, given: list[Any] | None, held: bytes | None) -> None:
    """Raise the first broken link of a pack, or else what is open: this file leaves some to ask."""
    unsure = links(signature(raw), *carried(raw), given, held)[-1]
    raise unsure or UnsureError("nothing found wrong; not asked:", "; ".join(BESIDE.values()))


def verdict(
    raw: bytes, given: bytes | None = None, held: bytes | None = None, ask: Any = check
) -> tuple[int, str]:
    """Return the exit code, and the code of the first link that is broken or open."""
    try:
        need(held is None or NOTE.fullmatch(held), "checkpoint-unreadable")
        mine = None if given is None else read_root(given)
    except Exception as error:  # noqa: BLE001 - it is not the pack that cannot be read
        return 5, error.args[0] if isinstance(error, BadError) else "root-unreadable"
    try:
        ask(raw, mine, held)
    except BadError as error:
        return (3 if isinstance(error, UnsureError) else 1), " ".join(map(str, error.args)).strip()
    except Exception as error:  # noqa: BLE001 - whatever the bytes are, the answer is a verdict
        return 1, f"{'attachments-' * isinstance(error, zlib.error)}unreadable {error!r}"[:200]
    return 0, "good"


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Check an audit pack without Assaybook.")
    for name in ("pack", "--root", "--checkpoint"):
        asked.add_argument(name, type=Path)
    try:
        given = [x and x.read_bytes() for x in vars(asked.parse_args()).values()]
    except OSError as error:
        asked.error(str(error))
    if away := [x for x in BESIDE if not Path(__file__).resolve().with_name(x).is_file()]:
        print("not beside this file:", *away, file=sys.stderr)
    sys.path += {str(Path(__file__).resolve().parent)} - set(sys.path)
    found = (verdict if away else import_module("verify_parts").verdict)(*given)
    sys.exit(print(found[1]) or found[0])
