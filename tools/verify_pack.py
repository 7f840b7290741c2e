"""Check an audit pack without Assaybook: the standard library, and `cryptography` for signatures.

    python verify_pack.py PACK.pdf [--root root.json] [--checkpoint FILE]

Exit 0: good. 1: bad, the first broken link is named. 3: nobody can tell. It shares no line with
`assay verify`. It does not judge again, but sees that all tells what the findings in the log do.

This file follows the signatures, `verify_pdf.py` reads the file, `verify_oscal.py` writes OSCAL
again, `verify_shapes.json` says how parts look; keep the four in one folder.
"""
# ruff: noqa: ANN401 - JSON has no schema

import argparse
import base64
import json
import re
import sys
from collections import Counter
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from verify_keys import key_of, opened, read_note, read_root, see_statements, signs
from verify_oscal import check_oscal, used
from verify_pdf import BadError, Pdf, UnsureError, digest, instant, need, signature, spans

ENGINE = "assaybook 0.2.0"
TEXT = {"csv": "text/csv", "md": "text/markdown", "tar": "application/x-tar"}
MEDIA = TEXT | {x: f"application/{x}" for x in ("json", "jsonl", "xml", "yaml")}
SAME = "assurance", "blob", "format", "format_version", "id", "name", "received_at", "size"
NO_HISTORY = b'{"earlier":[],"kind":"assaybook/history/v1","remediation":[]}'
SHAPES = json.loads(Path(__file__).with_name("verify_shapes.json").read_text("utf-8"))["parts"]
SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
VERDICT = (
    r"PASS|FAIL(?:\((?:WAIVED|BASELINED)\))?|INCONCLUSIVE|ERROR|NOTAPPLICABLE|NOTHINGJUDGED"
    r"|DOESNOTCONFORM|NOTDETERMINED|CONFORMS(?:WITHEXCEPTIONS)?"
)


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


def goes_on(proofs: dict[str, Any], old: tuple[int, bytes, str], new: tuple[int, bytes]) -> None:
    """See that the log goes on from an older state."""
    need(old[0] <= new[0], "checkpoint-newer", error=UnsureError)
    found = next((one["path"] for one in proofs["consistency"] if one["size"] == old[0]), None)
    need(found is not None or old[0] == new[0], "consistency-missing", error=UnsureError)
    need(continues(found or [], *old[:2], *new), "log-forked")


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def shown(found: dict[str, Any], said: dict[str, Any], pdf: Pdf) -> None:
    """See that manifest and pages tell the verdicts that the findings come to."""
    lines = {f"{one['catalog']}: {one['words'].upper()}" for one in found["conclusion"]}
    for one in found["findings"]:
        kept = "" if one["disposition"] == "open" else f" ({one['disposition'].upper()})"
        word = one["outcome"].replace("_", " ").upper()
        lines.add(f"{one['policy']}/{one['rule']}: {word}{kept}")
    told = Counter(said["verdicts"])
    need(told <= Counter(lines), "verdicts-otherwise")
    need(said["profile"] != "full" or told.keys() == lines, "verdicts-missing")
    names = sorted({squeezed(one.rpartition(":")[0]) for one in lines}, key=len, reverse=True)
    line = f"(?:{'|'.join(map(re.escape, names)) or '(?!)'}):(?:{VERDICT})"
    printed = Counter(re.findall(line, pdf.text(pdf.root["/Pages"])))
    need(printed == Counter(map(squeezed, told)), "pages-otherwise")


def is_like(value: Any, shape: Any) -> bool:
    """Tell whether JSON has the names and kinds of a shape, and nothing beside them."""
    if isinstance(shape, dict):
        same = isinstance(value, dict) and value.keys() == shape.keys()
        return same and all(is_like(value[name], one) for name, one in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(is_like(one, shape[0]) for one in value)
    return shape == "*" or type(value) is type(shape) or (shape is None and isinstance(value, str))


def see_shapes(files: dict[str, bytes]) -> None:
    """See that parts hold what their kind does, and nothing beside it."""
    for name in SHAPES.keys() & {each.removesuffix(".json") for each in files}:
        whole, kind = json.loads(files[f"{name}.json"]), f"assaybook/{name}/v1"
        same = is_like(whole, SHAPES[name]) and whole.get("kind", kind) == kind
        need(same, f"{name}-unreadable")


def rests_on(files: dict[str, bytes], said: dict[str, Any]) -> dict[tuple[str, str, str], str]:
    """Return what the log must hold, by kind, name and digest, and when evidence was received."""
    kinds = {"findings.json", "bundle.json", "subject.json", "facts.json", "statements.json"}
    parts = {name: spans(files[name].decode()) for name in kinds}
    head = json.loads(parts["findings.json"]["assessment"])
    sealed = files["findings.json"].replace(head["digest"].encode(), b"", 1)
    need(digest(sealed) == head["digest"] == said["assessment"], "findings-changed")
    for part in ("bundle", "subject"):
        whole = digest(parts[f"{part}.json"][part].encode())
        stated = json.loads(parts[f"{part}.json"]["digest"])
        need(whole == head[part] == stated, f"{part}-changed")
    need(json.loads(parts["bundle.json"]["engine"]) == head["engine"], "bundle-changed")
    subject = spans(parts["subject.json"]["subject"])
    system = json.loads(subject["system"])["id"]
    about = [head["as_of"], head["engine"], system, json.loads(subject["release"])["version"]]
    stated = [said[name] for name in ("as_of", "engine", "system", "release")]
    need(about == stated, "manifest-elsewhere")
    named = {("bundle", head["bundle"], head["bundle"]): ""}
    named["assessment", head["digest"], head["digest"]] = ""
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
    told, baseline = parts["statements.json"]["baseline"], ""
    if told != "null":
        kept = {x: y for x, y in spans(told).items() if x not in {"approval", "revoked_at"}}
        baseline = digest(("{" + ",".join(f'"{x}":{y}' for x, y in kept.items()) + "}").encode())
    known = json.loads(parts["findings.json"].get("baseline", '{"digest":""}'))["digest"]
    need(baseline == known, "baseline-changed")
    for one in json.loads(parts["statements.json"]["envelopes"]):
        raw = base64.b64decode(one["envelope"])
        need(digest(raw) == blobs.get(one["evidence"]), "statement-changed", one["evidence"])
    for one in json.loads(files.get("history.json", NO_HISTORY))["earlier"]:
        named["assessment", one["digest"], one["digest"]] = ""
    refused = spans(files.get("refusals.json", b'{"refused":[]}').decode())["refused"]
    for text in spans(refused).values():
        one = json.loads(text)
        ours = [one["system"], one["release"]] == stated[2:] and one["received_at"]
        need(ours and instant(ours) <= instant(head["as_of"]), "past-elsewhere", "refusals.json")
        named["refusal", one["id"], digest(text.encode())] = ""
    return named


def index(files: dict[str, bytes], findings: list[Any]) -> bytes:
    """Return the index of evidence; what nothing proves of places and erasures is believed."""
    old, lines = json.loads(files["evidence-index.json"])["evidence"], []
    proofs = json.loads(files.get("proofs.json", b'{"receipts":[]}'))["receipts"]
    entries = [(json.loads(one["entry"]), one["seq"]) for one in proofs]
    places = {x["ref"]: seq for x, seq in entries if x["kind"] == "evidence"}
    gone = {x["ref"]: x for x, _ in entries if x["kind"] == "blob-erased"}
    why = {x: f"{y['at'][:10]} by {y['person']}: {y['reason']}" for x, y in gone.items()}
    if not proofs:
        places = {one["id"]: one["seq"] for one in old}
        why = {one["blob"]: one["erased"] for one in old}
    rests = [(finding, set(used(finding))) for finding in findings]
    away = [each for finding in findings for each in finding["left_out"]]
    for text in spans(spans(files["facts.json"].decode())["evidence"]).values():
        one = json.loads(text)["envelope"]
        on = [finding for finding, ids in rests if one["id"] in ids]
        ends = [each["expires_at"] for each in on if each["outcome"] == "pass"]
        dated = one["produced_at"] or one["observed_at"] or one["received_at"], one["received_at"]
        until = min(filter(None, ends), key=instant, default=None)
        reached = {f"{x['catalog']}/{x['control']}" for each in on for x in each["controls"]}
        line = {name: one[name] for name in SAME} | {"seq": places.get(one["id"])}
        line |= {"adapter": f"{one['adapter']} {one['adapter_version']}"}
        line |= {"controls": sorted(reached), "digest": digest(text.encode())}
        line |= {"effective": {"from": min(dated, key=instant), "until": until}}
        line |= {"left_out": sorted({x["code"] for x in away if x["evidence"] == one["id"]})}
        ending = one["name"].rpartition(".")[2].lower().replace("yml", "yaml")
        line |= {"media_type": MEDIA.get(ending, "application/octet-stream")}
        lines.append(line | {"erased": why.get(one["blob"])})
    told = {"evidence": lines, "kind": "assaybook/evidence-index/v1"}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def mending(files: dict[str, bytes], found: Any) -> dict[tuple[str, str], Any]:
    """Return since when and until when findings are open, as the history has to tell it too."""
    within = json.loads(files["bundle.json"])["bundle"]["scope"].get("remediate_within") or {}
    history = json.loads(files.get("history.json", NO_HISTORY))
    as_of, dates, told = found["assessment"]["as_of"], {}, history["remediation"]
    times = [instant(x["as_of"]) for x in (*history["earlier"], found["assessment"])]
    need(times == sorted(set(times)), "past-elsewhere", "history.json")
    for one in found["findings"]:
        since, due, place = as_of, None, (one["policy"], one["rule"])
        for each in reversed(history["earlier"]):
            if "/".join(place) not in each["open"]:
                break
            since = each["as_of"]
        if one["severity"] in within and one["disposition"] == "open":
            parts = re.findall(r"([\d.]+)([wdhms])", within[one["severity"]])
            length = timedelta(seconds=sum(float(n) * SECONDS[unit] for n, unit in parts))
            due = instant(since) + length
        if one["outcome"] not in {"pass", "not_applicable"}:
            late = due is not None and due < instant(as_of)
            dates[place] = (instant(since), due, late)
    listed = {(x["policy"], x["rule"]): x for x in told}
    asked = dates if history["earlier"] or any(due for _, due, _ in dates.values()) else {}
    was = {k: (*map(instant, (x["first_seen"], x["due"])), x["overdue"]) for k, x in listed.items()}
    need(was == asked and len(told) == len(asked), "derived-otherwise", "history.json")
    fresh = {"first_seen": as_of, "due": None, "overdue": False}
    return {place: listed.get(place, fresh) for place in dates}


def in_log(proofs: Any, named: dict[Any, str], size: int, tree: bytes, when: datetime) -> None:
    """See that the log holds everything that is named, received when it says."""
    need(proofs["size"] == size, "proof-elsewhere")
    for one in proofs["consistency"]:
        old = one["size"], base64.b64decode(one["root"], validate=True)
        need(0 <= old[0] <= size and continues(one["path"], *old, size, tree), "proof-broken")
    for one in proofs["receipts"]:
        leaf, entry = sha256(b"\0" + one["entry"].encode()).digest(), json.loads(one["entry"])
        there = climbed(one["path"], one["seq"] - 1, size - 1, [leaf])
        need(1 <= one["seq"] <= size and there == [tree], "proof-broken", one["seq"])
        need(instant(entry["at"]) <= when, "time-before-entry", entry["ref"])
        received = named.pop((entry["kind"], entry["ref"], entry["digest"]), "")
        same = not received or instant(received) == instant(entry["at"])
        need(same, "time-of-evidence", entry["ref"])
    need(not named, "proof-missing", sorted(named)[:1])


def check(raw: bytes, given: bytes | None, held: bytes | None) -> None:
    """Raise the first broken link of a pack, or else the first that is open."""
    certificate, digits = signature(raw) or (b"", b"")
    pdf = Pdf(raw)
    at, files = pdf.signed_at(digits), pdf.files()
    statement, _, made, dsse = opened(json.loads(files["manifest.json"]))
    said = statement["predicate"]
    wanted = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    for name in sorted(wanted.keys() | files.keys() - {"manifest.json"}):
        need(name in files, "attachment-missing", name)
        need(name in wanted, "attachment-extra", name)
        need(sha256(files[name]).hexdigest() == wanted[name], "attachment-changed", name)
    see_shapes(files)
    named, found, unsure = rests_on(files, said), json.loads(files["findings.json"]), None
    need((said["log"] == "none") == ("checkpoint.note" not in files), "manifest-log")
    try:
        keys, claims = said["keys"], made or certificate or said["made_at"]
        need(keys != "none" or not claims, "manifest-keys")
        need(keys != "none", "pack-unsigned", error=UnsureError)
        root = read_root(files["root.json"])
        need(certificate and at, "signature-missing")
        if given is not None:
            mine = read_root(given)
            need(all(x == y for x, y in zip(mine, root, strict=False)), "root-forked")
            root = max(root, mine, key=len)
        when = instant(said["made_at"])
        need(when.replace(microsecond=0) == at, "time-differs")
        need(when >= instant(said["as_of"]), "time-before")
        key, report = (key_of(root, keys[x], x, when) for x in ("statement", "report"))
        need(set(made) == {key["id"]} and signs(key, dsse, made[key["id"]]), "manifest-signature")
        need(base64.b64decode(report["certificate"]) == certificate, "pdf-signature-other")
        need(said["log"] != "none", "log-none", error=UnsureError)
        logged(files, said, named, root, held)
    except UnsureError as error:
        unsure = error
    see_statements(files)
    shown(found, said, pdf)
    try:
        again = index(files, found["findings"])
        need(again == files["evidence-index.json"], "derived-otherwise", "evidence-index.json")
        check_oscal(files, mending(files, found), said["organisation"])
    except Exception:  # what another version made otherwise, nobody can tell
        if said["engine"] == ENGINE:
            raise
        unsure = unsure or UnsureError("engine-other")
    if unsure:
        raise unsure


def logged(
    files: dict[str, bytes], said: Any, named: dict[Any, str], root: list[Any], held: bytes | None
) -> None:
    """See that the log is the one that was signed and that is held, and has all that is named."""
    when, proofs = instant(said["made_at"]), json.loads(files["proofs.json"])
    size, tree, signer = read_note(files["checkpoint.note"], root, when)
    ours = digest(files["checkpoint.note"]) == said["log"] and signer == said["keys"]["checkpoint"]
    need(ours, "checkpoint-other")
    in_log(proofs, named, size, tree, when)
    if held is not None:
        try:
            older = read_note(held, root, when)
        except (BadError, ValueError) as error:
            raise BadError("checkpoint-other-log") from error
        goes_on(proofs, older, (size, tree))


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
        asked.add_argument(name, type=Path)
    code, why = verdict(*(x and x.read_bytes() for x in vars(asked.parse_args()).values()))
    print(why)
    sys.exit(code)
