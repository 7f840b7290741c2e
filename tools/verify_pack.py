"""Check an audit pack without Assaybook: the standard library, and `cryptography` for signatures.

    python verify_pack.py PACK.pdf [--root root.json] [--checkpoint FILE]

Exit 0: good. 1: bad, the first broken link is named. 3: nobody can tell. It was written apart from
`assay verify`, shares no line with it, and must agree with it. It reads neither the words on the
pages nor judges the findings again; it sees that they are the ones that the log holds.
"""

import argparse
import base64
import json
import re
import sys
import zlib
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

SPACE = rb"[\x00\t\n\f\r ]*"
TOKEN = re.compile(
    SPACE + rb"(<<|>>|[\[\]]|\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>"
    rb"|/[^\s/<>\[\](){}%]*|[^\s/<>\[\](){}%]+)",
    re.DOTALL,
)
REFERENCE = re.compile(SPACE + rb"(\d+) +0 +R\b")
BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\] *\n")
ONE, DATA_ID, SIGNED_ID, TYPE_ID, DIGEST_ID, ESS_ID, SHA256_ID, ECDSA_ID = map(
    bytes.fromhex,
    (
        *("020101", "06092a864886f70d010701", "06092a864886f70d010702", "06092a864886f70d010903"),
        *("06092a864886f70d010904", "060b2a864886f70d010910022f"),
        *("300d06096086480165030402010500", "300a06082a8648ce3d040302"),
    ),
)
LONG = 0x80
KINDS = {"findings.json", "bundle.json", "subject.json", "facts.json", "statements.json"}


class BadError(Exception):
    """A broken link: its code, and what it is about."""


class UnsureError(BadError):
    """A link of which nobody can tell."""


def need(holds: object, code: str, about: object = "", error: type = BadError) -> None:
    """See that something holds; else the link of this code is broken, or open."""
    if not holds:
        raise error(code, about)


class Ref(int):
    """The number of a PDF object."""


def value(raw: bytes, at: int) -> tuple[Any, int]:
    """Return the object of a PDF that begins at a place, and where it ends."""
    if found := REFERENCE.match(raw, at):
        return Ref(found[1]), found.end()
    token, at = TOKEN.match(raw, at)[1], TOKEN.match(raw, at).end()
    if token in {b"<<", b"["}:
        items = []
        while (ahead := TOKEN.match(raw, at))[1] not in {b">>", b"]"}:
            item, at = value(raw, at)
            items.append(item)
        named = dict(zip(items[::2], items[1::2], strict=False))
        return (named if token == b"<<" else items), ahead.end()
    if token[:1] == b"(":
        return re.sub(rb"\\([0-7]{3})", lambda o: bytes([int(o[1], 8)]), token[1:-1]), at
    if token[:1] == b"<":
        return bytes.fromhex(token[1:-1].decode()), at
    return (float(token) if re.fullmatch(rb"[-\d.]+", token) else token.decode("latin-1")), at


class Pdf:
    """The objects of a PDF: where a later revision has one too, its own counts."""

    def __init__(self, raw: bytes) -> None:
        """Find all objects, and those that are packed into others."""
        self.raw, self.known = raw, {}
        self.at = {int(m[1]): m.end() for m in re.finditer(rb"(?<=\n)(\d+) 0 obj\b", raw)}
        for holder in [self.get(Ref(n)) for n in self.at if b"/ObjStm" in raw[self.at[n] :][:40]]:
            data, first = self.data(holder), int(holder["/First"])
            heads = [int(number) for number in data[:first].split()]
            for number, where in zip(heads[::2], heads[1::2], strict=True):
                self.known.setdefault(number, (data, first + where))
        self.root = self.get(Ref(re.findall(rb"/Root (\d+) 0 R", raw)[-1]))

    def get(self, found: Any) -> Any:  # noqa: ANN401 - PDF has no schema
        """Return an object, or that which a reference names; of a stream its bytes too."""
        if not isinstance(found, Ref):
            return found
        if found not in self.at:
            return value(*self.known[found])[0]
        entry, end = value(self.raw, self.at[found])
        if stream := re.compile(SPACE + rb"stream\r?\n").match(self.raw, end):
            entry["data"] = self.raw[stream.end() :][: int(self.get(entry["/Length"]))]
        return entry

    def data(self, found: dict[str, Any]) -> bytes:
        """Return the bytes of a stream."""
        return zlib.decompress(found["data"]) if "/Filter" in found else found["data"]

    def files(self) -> dict[str, bytes]:
        """Return the embedded files by name."""
        names = self.get(self.get(self.root["/Names"])["/EmbeddedFiles"])
        listed, found = self.get(names["/Names"]), {}
        for key, entry in zip(listed[::2], listed[1::2], strict=True):
            spec = self.get(entry)
            (name,) = {self.get(each).decode() for each in (key, spec["/UF"], spec["/F"])}
            need(name not in found, "attachment-twice", name)
            found[name] = self.data(self.get(self.get(spec["/EF"])["/F"]))
        return found

    def signed_at(self, digits: bytes | None) -> datetime | None:
        """Return the time that the one signature field claims; None where nobody signed."""
        fields = [self.get(one) for one in self.get(self.get(self.root["/AcroForm"])["/Fields"])]
        signed = [self.get(one["/V"]) for one in fields if "/V" in one]
        need(len(fields) == 1 and len(signed) == (digits is not None), "signature-elsewhere")
        if digits is None:
            return None
        same = signed[0]["/Contents"] == bytes.fromhex(digits[1:-1].decode())
        need(same, "signature-elsewhere")
        return datetime.strptime(signed[0]["/M"].decode(), "D:%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def der(tag: int, *parts: bytes) -> bytes:
    """Return parts under a tag in DER."""
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([LONG | len(size)]) if len(body) >= LONG else b"") + size + body


def under(raw: bytes) -> list[bytes]:
    """Return what is directly under a tag in DER, each whole."""

    def ends(at: int) -> tuple[int, int]:
        size, start = raw[at + 1], at + 2
        if size >= LONG:
            start += size - LONG
            size = int.from_bytes(raw[at + 2 : start], "big")
        return start, start + size

    at, last = ends(0)
    found = []
    while at < last:
        after = ends(at)[1]
        found.append(raw[at:after])
        at = after
    return found


def taken_apart(padded: bytes) -> tuple[bytes, dict[bytes, bytes], bytes, bytes, bytes]:
    """Return certificate, attributes, these as signed, signature, and the whole as we write it."""
    data = under(under(under(padded)[1])[0])
    certificate, signer = under(data[3])[0], under(under(data[4])[0])
    attributes, about = under(signer[3]), under(under(certificate)[0])
    issued, listed = der(0x30, about[3], about[1]), der(0xA0, *attributes)
    again = der(0x30, ONE, issued, SHA256_ID, listed, ECDSA_ID, der(0x04, signer[5][2:]))
    parts = (der(0x31, SHA256_ID), der(0x30, DATA_ID), der(0xA0, certificate), der(0x31, again))
    whole = der(0x30, SIGNED_ID, der(0xA0, der(0x30, ONE, *parts)))
    named = {under(each)[0]: under(under(each)[1])[0] for each in attributes}
    return certificate, named, der(0x31, *attributes), signer[5][2:], whole


def signature(raw: bytes) -> tuple[bytes, bytes] | None:
    """Return certificate and digits of the one signature, or None where nobody signed."""
    need(raw.startswith(b"%PDF-1."), "pdf-not-one")
    need(raw.endswith(b"%%EOF\n"), "bytes-after-end")
    need(raw.count(b"/ByteRange") <= 1, "signature-two")
    if b"/ByteRange" not in raw:
        return None
    found = BYTE_RANGE.search(raw)
    start, end, rest = map(int, found.groups()) if found else (0, 0, 0)
    covers = 0 < start < end and end + rest == len(raw) and end <= found.start()
    need(covers, "signature-coverage")
    digits, signed_bytes = raw[start:end], raw[:start] + raw[end:]
    need(re.fullmatch(rb"<([0-9a-f]{2})+>", digits), "signature-digits")
    padded = bytes.fromhex(digits[1:-1].decode())
    try:
        certificate, named, signed, made, whole = taken_apart(padded)
        ess = {each[2:] for each in under(under(under(named[ESS_ID])[0])[0])}
        key = x509.load_der_x509_certificate(certificate).public_key()
    except Exception as error:
        raise BadError("signature-malformed") from error
    need(padded == whole.ljust(len(padded), b"\0"), "signature-malformed")
    ours = named.keys() == {TYPE_ID, DIGEST_ID, ESS_ID} and named[TYPE_ID] == DATA_ID
    need(ours and sha256(certificate).digest() in ess, "signature-malformed")
    need(named[DIGEST_ID][2:] == sha256(signed_bytes).digest(), "signature-digest")
    try:
        key.verify(made, signed, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise BadError("signature-broken") from error
    return certificate, digits


def instant(text: str | None) -> Any:  # noqa: ANN401 - None has none
    """Return an instant as it is written."""
    return text and datetime.fromisoformat(text)


def digest(raw: bytes) -> str:
    """Return ``sha256:<hex>`` of some bytes."""
    return "sha256:" + sha256(raw).hexdigest()


def spans(text: str) -> dict[Any, str]:
    """Return what is directly in a JSON object or list, as it stands, by its name or number."""
    at, found = 1, {}
    while text[at] not in "]}":
        name = len(found)
        if text[0] == "{":
            name, at = json.JSONDecoder().raw_decode(text, at)
            at += 1
        end = json.JSONDecoder().raw_decode(text, at)[1]
        need(name not in found, "json-twice", str(name))
        found[name] = text[at:end]
        at = end + (text[end] == ",")
    return found


def opened(envelope: dict[str, Any]) -> tuple[Any, bytes, dict[str, bytes], bytes]:
    """Return what a DSSE envelope says, its payload, its signatures by key, and what they sign."""
    payload, kind = base64.b64decode(envelope["payload"], validate=True), envelope["payloadType"]
    made = {one["keyid"]: base64.b64decode(one["sig"]) for one in envelope["signatures"]}
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    return json.loads(payload), payload, made, signed


def signs(key: dict[str, Any], signed: bytes, made: bytes) -> bool:
    """Tell whether an Ed25519 key of the root signed something."""
    try:
        load_der_public_key(base64.b64decode(key["public_key"])).verify(made, signed)
    except InvalidSignature:
        return False
    return True


def key_of(root: list[Any], name: str, role: str, at: datetime) -> dict[str, Any]:
    """Return a key of the root that could sign in a role at an instant."""
    key = next((one for one in root[-1]["keys"] if one["id"] == name), None)
    need(key and digest(base64.b64decode(key["public_key"])) == name, "key-unknown", name)
    begins, ends, revoked = (instant(key[x]) for x in ("not_before", "not_after", "revoked_at"))
    need(key["role"] == role, "key-role-wrong", name)
    need(begins <= at, "key-not-yet-valid", name)
    need(not revoked or at < revoked, "key-revoked", name)
    need(at < ends, "key-expired", name)
    return key


def read_root(raw: bytes) -> list[Any]:
    """Return the versions of the keys, each signed by enough root keys of itself and the last."""
    versions: list[Any] = []
    last = ""
    for one in json.loads(raw)["versions"]:
        this, payload, made, signed = opened(one)
        before = versions[-1] if versions else this
        ids = {key["id"] for key in this["keys"]}
        need(this["version"] == len(versions) + 1 and this["previous"] == last, "root-broken")
        need({key["id"] for key in before["keys"]} <= ids, "root-broken")
        for among in (before, this):
            names = {key["id"] for key in among["keys"] if key["role"] == "root"} & set(made)
            at = instant(this["issued_at"])
            valid = [n for n in names if signs(key_of([among], n, "root", at), signed, made[n])]
            need(len(valid) >= among["threshold"], "root-unsigned")
        last = digest(payload)
        versions.append(this)
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
        if name != root[-1]["log"] or not plain or not signs(key, f"{body}\n".encode(), plain):
            continue
        if timed:
            at = datetime.fromtimestamp(seconds := int.from_bytes(timed[:8], "big"), UTC)
            text = f"cosignature/v1\ntime {seconds}\n{body}\n"
            need(signs(key, text.encode(), timed[8:]), "checkpoint-unsigned")
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


def goes_on(proofs: dict[str, Any], old: tuple[int, bytes, str], new: tuple[int, bytes]) -> None:
    """See that the log goes on from an older state."""
    need(old[0] <= new[0], "checkpoint-newer", error=UnsureError)
    if old[:2] == new:
        return
    found = next((one["path"] for one in proofs["consistency"] if one["size"] == old[0]), None)
    need(found is not None or old[0] == new[0], "consistency-missing", error=UnsureError)
    at, last, path = old[0] - 1, new[0] - 1, found or [""]
    while at % 2:
        at, last = at >> 1, last >> 1
    first = old[1] if at == 0 else base64.b64decode(path[0])
    there = climbed(path[at > 0 :], at, last, [first, first])
    need(there == [old[1], new[1]], "log-forked")


def verdicts(found: dict[str, Any]) -> set[str]:
    """Return the lines of verdicts that the findings come to, as pages print them."""
    lines = {f"{one['catalog']}: {one['words'].upper()}" for one in found["conclusion"]}
    for one in found["findings"]:
        kept = "" if one["disposition"] == "open" else f" ({one['disposition'].upper()})"
        word = one["outcome"].replace("_", " ").upper()
        lines.add(f"{one['policy']}/{one['rule']}: {word}{kept}")
    return lines


def rests_on(files: dict[str, bytes], said: dict[str, Any]) -> dict[tuple[str, str, str], str]:
    """Return what the log must hold, by kind, name and digest, and when evidence was received."""
    parts = {name: spans(files[name].decode()) for name in KINDS}
    found = json.loads(files["findings.json"])
    head, shown = found["assessment"], set(said["verdicts"])
    sealed = files["findings.json"].replace(head["digest"].encode(), b"", 1)
    need(digest(sealed) == head["digest"] == said["assessment"], "findings-changed")
    judged, bundle = parts["subject.json"]["subject"], parts["bundle.json"]["bundle"]
    for part, text in (("bundle", bundle), ("subject", judged)):
        told = json.loads(parts[f"{part}.json"]["digest"])
        need(digest(text.encode()) == head[part] == told, f"{part}-changed")
    subject, lines = spans(judged), verdicts(found)
    system = json.loads(subject["system"])["id"]
    about = [head["as_of"], head["engine"], system, json.loads(subject["release"])["version"]]
    told = [said[name] for name in ("as_of", "engine", "system", "release")]
    need(about == told, "manifest-elsewhere")
    need(shown <= lines and len(shown) == len(said["verdicts"]), "verdicts-otherwise")
    need(said["profile"] != "full" or shown == lines, "verdicts-missing")
    named = {
        (kind, head[x], head[x]): "" for kind, x in (("bundle",) * 2, ("assessment", "digest"))
    }
    named["system", system, digest(subject["system"].encode())] = ""
    for text in {subject["release"], subject["baseline"]} - {"null"}:
        named["release", f"{system}/{json.loads(text)['version']}", digest(text.encode())] = ""
    listed, blobs = [], {}
    for text in spans(parts["facts.json"]["evidence"]).values():
        one = json.loads(text)["envelope"]
        listed.append([one[key] for key in ("id", "adapter", "adapter_version", "assurance")])
        blobs[one["id"]] = one["blob"]
        named["evidence", one["id"], digest(text.encode())] = one["received_at"]
    seen = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    need(digest(seen.encode()) == head["evidence_set"], "facts-changed")
    for kind in ("waiver", "retirement"):
        for text in spans(parts["statements.json"][f"{kind}s"]).values():
            named[kind, json.loads(text).get("id", system), digest(text.encode())] = ""
    for one in json.loads(parts["statements.json"]["envelopes"]):
        raw = base64.b64decode(one["envelope"])
        need(digest(raw) == blobs.get(one["evidence"]), "statement-changed", one["evidence"])
    return named


def check(raw: bytes, given: bytes | None = None, held: bytes | None = None) -> None:
    """Raise the first broken link of a pack, or the first that is open."""
    signed = signature(raw)
    pdf = Pdf(raw)
    at, files = pdf.signed_at(signed[1] if signed else None), pdf.files()
    statement, _, made, dsse = opened(json.loads(files["manifest.json"]))
    said = statement["predicate"]
    wanted = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    for name in sorted(wanted.keys() | files.keys() - {"manifest.json"}):
        need(name in files, "attachment-missing", name)
        need(name in wanted, "attachment-extra", name)
        need(sha256(files[name]).hexdigest() == wanted[name], "attachment-changed", name)
    named = rests_on(files, said)
    need((said["log"] == "none") == ("checkpoint.note" not in files), "manifest-log")
    if said["keys"] == "none":
        need(not (made or signed or said["made_at"]), "manifest-keys")
        need(False, "pack-unsigned", error=UnsureError)
    root, when, keys = read_root(files["root.json"]), instant(said["made_at"]), said["keys"]
    if given is not None:
        mine = read_root(given)
        need(all(x == y for x, y in zip(mine, root, strict=False)), "root-forked")
        root = max(root, mine, key=len)
    need(signed and at, "signature-missing")
    need(when.replace(microsecond=0) == at, "time-differs")
    need(when >= instant(said["as_of"]), "time-before")
    key, report = (key_of(root, keys[x], x, when) for x in ("statement", "report"))
    need(set(made) == {key["id"]} and signs(key, dsse, made[key["id"]]), "manifest-signature")
    need(base64.b64decode(report["certificate"]) == signed[0], "pdf-signature-other")
    need(said["log"] != "none", "log-none", error=UnsureError)
    size, tree, signer = read_note(files["checkpoint.note"], root, when)
    ours = digest(files["checkpoint.note"]) == said["log"] and signer == keys["checkpoint"]
    need(ours, "checkpoint-other")
    proofs = json.loads(files["proofs.json"])
    in_log(proofs, named, (size, tree), when)
    if held is not None:
        try:
            older = read_note(held, root, when)
        except (BadError, ValueError) as error:
            raise BadError("checkpoint-other-log") from error
        goes_on(proofs, older, (size, tree))


def in_log(
    proofs: dict[str, Any],
    named: dict[tuple[str, str, str], str],
    state: tuple[int, bytes],
    when: datetime,
) -> None:
    """See that the log holds everything that is named, received when it says."""
    size, tree = state
    need(proofs["size"] == size, "proof-elsewhere")
    for one in proofs["receipts"]:
        leaf, entry = sha256(b"\0" + one["entry"].encode()).digest(), json.loads(one["entry"])
        there = climbed(one["path"], one["seq"] - 1, size - 1, [leaf])
        need(1 <= one["seq"] <= size and there == [tree], "proof-broken", one["seq"])
        need(instant(entry["at"]) <= when, "time-before-entry", entry["ref"])
        received = named.pop((entry["kind"], entry["ref"], entry["digest"]), "")
        same = not received or instant(received) == instant(entry["at"])
        need(same, "time-of-evidence", entry["ref"])
    need(not named, "proof-missing", sorted(named)[:1])


def verdict(raw: bytes, given: bytes | None = None, held: bytes | None = None) -> tuple[int, str]:
    """Return the exit code, and the code of the first link that is broken or open."""
    try:
        check(raw, given, held)
    except BadError as error:
        return (3 if isinstance(error, UnsureError) else 1), " ".join(map(str, error.args)).strip()
    except Exception as error:  # noqa: BLE001 - whatever the bytes are, the answer is a verdict
        return 1, f"unreadable {type(error).__name__}"
    return 0, "good"


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Check an audit pack without Assaybook.")
    for name in ("pack", "--root", "--checkpoint"):
        asked.add_argument(name, type=argparse.FileType("rb"))
    found = asked.parse_args()
    given = [one and one.read() for one in (found.pack, found.root, found.checkpoint)]
    code, why = verdict(*given)
    print(why)
    sys.exit(code)
