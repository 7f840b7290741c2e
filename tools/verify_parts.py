"""What a pack tells beside its findings: statements of persons, index of evidence, due dates.

Beside `verify_pack.py`. All of it follows from findings, facts and log, and is made again here; and
nothing that the log says of the system may be left out of it.
"""
# ruff: noqa: ANN401 - JSON has no schema

import json
import re
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import verify_pack
from verify_oscal import check_oscal, used
from verify_pack import (
    BadError,
    UnsureError,
    carried,
    digest,
    instant,
    links,
    need,
    opened,
    signature,
    signs,
    spans,
)
from verify_pdf import see_pdf

ENGINE = "assaybook 0.3.0"
ANSWER = "person", "policy", "rule", "answer"
TEXT = {"csv": "text/csv", "md": "text/markdown", "tar": "application/x-tar"}
MEDIA = TEXT | {x: f"application/{x}" for x in ("json", "jsonl", "xml", "yaml")}
SAME = "assurance", "blob", "format", "format_version", "id", "name", "received_at", "size"
NO_HISTORY = b'{"earlier":[],"kind":"assaybook/history/v1","remediation":[]}'
OTHERS = "frameworks", "history", "refusals", "period", "root", "proofs", "manifest"
NEEDED = "findings", "bundle", "subject", "facts", "statements", "evidence-index"
OSCAL = "oscal-assessment-plan", "oscal-assessment-results", "oscal-poam"
JUDGED = {"assessment", "conclusion", "findings"}
NAMES = {f"{name}.json" for name in (*NEEDED, *OTHERS, *OSCAL)} | {"checkpoint.note"}
GREAT, SMALL = 1e21, 9.99e-7
SHAPES = json.loads(Path(__file__).with_name("verify_shapes.json").read_text("utf-8"))["parts"]
SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def is_like(value: Any, shape: Any) -> bool:
    """Tell whether JSON has the names and kinds of a shape, and nothing beside them."""
    if isinstance(shape, dict):
        same = isinstance(value, dict) and value.keys() == shape.keys()
        return same and all(is_like(value[name], one) for name, one in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(is_like(one, shape[0]) for one in value)
    if shape == "=":
        return isinstance(value, str) and b64encode(b64decode(value)).decode() == value
    return shape == "*" or type(value) is type(shape) or (shape is None and isinstance(value, str))


def see_shapes(files: dict[str, bytes], opening: Any) -> None:
    """See that there are no other parts, and that each holds what its kind does, in one form.

    Another version may have other parts, and write them otherwise: of that nobody can tell.
    """
    same = is_like(opening[0], SHAPES["manifest"]) and opening[1] == in_one_form(opening[1])
    need(same, "manifest-unreadable", "manifest.json")
    if opening[0]["predicate"]["engine"] == ENGINE:
        see_parts(files)


def see_parts(files: dict[str, bytes]) -> None:
    """See that the parts are those of this version, as it writes them."""
    for file in (f"{name}.json" for name in NEEDED):
        need(file in files, "attachment-missing", file)
    for file in sorted(files):
        name, kind = file.removesuffix(".json"), f"assaybook/{file.removesuffix('.json')}/v1"
        need(file in NAMES, "attachment-extra", file)
        if name in {*OSCAL, "manifest", "checkpoint.note"}:
            continue
        try:
            whole, same = json.loads(files[file]), files[file] == in_one_form(files[file])
            same = same and isinstance(whole, dict) and is_like(whole, SHAPES.get(name, "*"))
        except (ValueError, RecursionError) as error:
            raise BadError(f"{name}-unreadable", file) from error
        same = same and (name != "findings" or whole.keys() >= JUDGED)
        need(same and whole.get("kind", kind) == kind, f"{name}-unreadable", file)


def in_one_form(raw: bytes) -> bytes:
    """Return JSON as RFC 8785 has it, where no name is there twice."""

    def ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(sorted(pairs, key=lambda one: one[0].encode("utf-16-be")))

    mark = digest(raw)  # no text in it can hold that
    read = json.loads(raw, object_pairs_hook=ordered, parse_float=lambda x: mark + in_digits(x))
    text = json.dumps(read, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return re.sub(f'"{mark}([^"]+)"', r"\1", text).encode()


def in_digits(text: str) -> str:
    """Return a number with a point or an exponent as ECMAScript writes it."""
    found = float(text)
    if found.is_integer() and abs(found) < GREAT:
        return str(int(found))
    digits, _, power = repr(found).partition("e")
    if power and abs(found) > SMALL and not found.is_integer():
        return format(Decimal(repr(found)), "f")
    return f"{digits}e{int(power):+d}" if power else digits


def see_statements(files: dict[str, bytes]) -> None:
    """See that statements are those accepted, each by its person with a key that counted."""
    told, facts = (json.loads(files[x]) for x in ("statements.json", "facts.json"))
    read = {one["envelope"]["id"]: one for one in facts["evidence"]}
    for one in told["envelopes"]:
        raw, place = b64decode(one["envelope"]), one["evidence"]
        accepted = place in read and digest(raw) == read[place]["envelope"]["blob"]
        need(accepted, "statement-changed", place)
        said = [x for x in read[place]["facts"] if x["type"] == "attestation"]
        if not told["keys"] or not any(x["person"] for x in said):
            continue  # nothing says whose keys counted, or it counted for nobody
        what, _, made, signed = opened(json.loads(raw))
        keys = [x for x in told["keys"] if x["person"] == what["person"]]
        counting = [x for x in keys if counts_at(x, instant(what["signed_at"]))]
        by = any(signs(x["key"], signed, sig) for x in counting for sig in made.values())
        same = all(x[name] == what[name] for x in said for name in ANSWER)
        need(by and same, "statement-signature", place)


def counts_at(key: dict[str, Any], at: datetime) -> bool:
    """Tell whether a key of a person counts at an instant."""
    begins, ends = instant(key["valid_from"]), instant(key["valid_until"])
    return (begins is None or begins <= at) and (ends is None or at < ends)


def see_baseline(files: dict[str, bytes]) -> None:
    """See that the baseline that accepts fails is the one that findings were judged with."""
    told, known = spans(files["statements.json"].decode())["baseline"], ""
    if told != "null":
        kept = {x: y for x, y in spans(told).items() if x not in {"approval", "revoked_at"}}
        known = digest(("{" + ",".join(f'"{x}":{y}' for x, y in kept.items()) + "}").encode())
    found = json.loads(files["findings.json"]).get("baseline", {"digest": ""})
    need(known == found["digest"], "baseline-changed")


def see_all(files: dict[str, bytes], said: dict[str, Any], rests: set[Any]) -> None:
    """See that no entry about the system by the judged instant is left out: they are numbered."""
    system, as_of = said["system"], instant(said["as_of"])
    proofs = json.loads(files.get("proofs.json", b'{"receipts":[]}'))["receipts"]
    entries = [one for one in (json.loads(x["entry"]) for x in proofs) if "number" in one]
    for one in entries:
        there = (one["kind"], one["ref"], one["digest"]) in rests
        need(one["system"] == system or not there, "entry-elsewhere", one["ref"])
    mine = sorted((x for x in entries if x["system"] == system), key=lambda x: x["number"])
    made = [x for x in mine if (x["kind"], x["ref"]) == ("assessment", said["assessment"])]
    run: list[Any] = []
    for number, one in enumerate(mine if made else [], 1):
        need(one["number"] == number, "left-out", number)
        if instant(one["at"]) > as_of:
            break
        run.append(one)
    else:
        need(not made or instant(made[0]["at"]) >= as_of, "left-out", "what came next")
    told = json.loads(files["subject.json"])["subject"]
    judged = {f"{system}/{x['version']}" for x in (told["release"], told["baseline"]) if x}
    newest = {(x["kind"], x["ref"]): x for x in run}
    for one in run:
        last = newest[one["kind"], one["ref"]] is one
        asked = {"evidence": True, "retirement": True, "system": last, "waiver": last}
        asked["release"] = last and one["ref"] in judged
        asked["refusal"] = one["release"] == told["release"]["version"]
        there = (one["kind"], one["ref"], one["digest"]) in rests
        need(there or not asked.get(one["kind"]), "left-out", one["ref"])


def see_past(files: dict[str, bytes], said: dict[str, Any]) -> None:
    """See that what was refused is of this release, and of before these findings."""
    for one in json.loads(files.get("refusals.json", b'{"refused":[]}'))["refused"]:
        ours = all(one[x] == said[x] for x in ("system", "release"))
        past = instant(one["received_at"]) <= instant(said["as_of"])
        need(ours and past, "past-elsewhere", "refusals.json")


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


def see_rest(
    raw: bytes, files: dict[str, bytes], said: dict[str, Any], lines: set[str], rests: set[Any]
) -> UnsureError | None:
    """See that a pack tells nothing beside its findings; return what nobody can tell of it."""
    other = UnsureError("engine-other", said["engine"]) if said["engine"] != ENGINE else None
    try:
        if other:
            see_parts(files)
    except BadError as error:
        raise other or error from error
    see_all(files, said, rests)
    see_statements(files)
    see_baseline(files)
    see_past(files, said)
    try:
        see_pdf(raw, files, lines, said["verdicts"])
    except BadError as error:  # so may be the pages of another version
        shape = error.args[0] in {"pages-unreadable", "pdf-otherwise"}
        raise (shape and other) or error from error
    found = json.loads(files["findings.json"])
    try:
        again = index(files, found["findings"])
        need(again == files["evidence-index.json"], "derived-otherwise", "evidence-index.json")
        check_oscal(files, mending(files, found), said["organisation"])
    except Exception as error:  # what another version made otherwise, nobody can tell
        if other is None and isinstance(error, BadError):
            raise
        if other is None:
            raise BadError("derived-otherwise", repr(error)[:200]) from error
        return other
    return None


def check(raw: bytes, given: list[Any] | None, held: bytes | None) -> None:
    """Raise the first broken link of a pack, or else the first that is open, when all is asked."""
    made = signature(raw)
    files, opening = carried(raw)
    see_shapes(files, opening)
    lines, rests, unsure = links(made, files, opening, given, held)
    later = see_rest(raw, files, opening[0]["predicate"], lines, rests)
    if unsure or later:
        raise unsure or later


def verdict(raw: bytes, given: bytes | None = None, held: bytes | None = None) -> tuple[int, str]:
    """Return what `verify_pack.py` says of a pack when all that it leaves to others is asked."""
    return verify_pack.verdict(raw, given, held, check)
