"""Who signed: keys of the log and of persons, and what they signed. A part of verify_pack.py."""

# ruff: noqa: ANN401 - JSON has no schema
import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from verify_pdf import BadError, digest, instant, need

ANSWER = "person", "policy", "rule", "answer"


def opened(envelope: dict[str, Any]) -> tuple[Any, bytes, dict[str, bytes], bytes]:
    """Return what a DSSE envelope says, its payload, its signatures by key, and what they sign."""
    payload, kind = base64.b64decode(envelope["payload"], validate=True), envelope["payloadType"]
    made = {one["keyid"]: base64.b64decode(one["sig"]) for one in envelope["signatures"]}
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    return json.loads(payload), payload, made, signed


def signs(key: dict[str, Any], signed: bytes, made: bytes) -> bool:
    """Tell whether an Ed25519 key of the root signed something."""
    public: Any = load_der_public_key(base64.b64decode(key["public_key"]))
    try:
        public.verify(made, signed)
    except InvalidSignature:
        return False
    return True


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


def see_statements(files: dict[str, bytes]) -> None:
    """See that the person whom the facts of a statement name signed it, by a key that counted."""
    told, facts = (json.loads(files[x]) for x in ("statements.json", "facts.json"))
    read = {one["envelope"]["id"]: one["facts"] for one in facts["evidence"]}
    for one in told["envelopes"] if told["keys"] else ():
        said = [x for x in read[one["evidence"]] if x["type"] == "attestation"]
        if not any(x["person"] for x in said):
            continue  # it counted for nobody
        what, _, made, signed = opened(json.loads(base64.b64decode(one["envelope"])))
        keys = [x for x in told["keys"] if x["person"] == what["person"]]
        counting = [x for x in keys if counts_at(x, instant(what["signed_at"]))]
        by = any(signed_by(x["key"], signed, sig) for x in counting for sig in made.values())
        same = all(x[name] == what[name] for x in said for name in ANSWER)
        need(by and same, "statement-signature", one["evidence"])


def counts_at(key: dict[str, Any], at: datetime) -> bool:
    """Tell whether a key of a person counts at an instant."""
    begins, ends = instant(key["valid_from"]), instant(key["valid_until"])
    return (begins is None or begins <= at) and (ends is None or at < ends)


def signed_by(key: str, signed: bytes, made: bytes) -> bool:
    """Tell whether the Ed25519 key of a person signed something."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(made, signed)
    except InvalidSignature:
        return False
    return True
