"""The OSCAL documents of an audit pack, written again from its findings and compared byte by byte.

Beside `verify_pack.py`: it knows OSCAL 1.2.1. `verify_shapes.json` says how each object is:
in braces what the pack says, in `props` names of properties, by `@name` another shape.
"""
# ruff: noqa: ANN401 - JSON has no schema

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unicodedata import category
from uuid import NAMESPACE_URL, uuid5

from verify_pack import digest, instant, need

SHAPES = json.loads(Path(__file__).with_name("verify_shapes.json").read_text("utf-8"))["oscal"]
NS = "urn:assaybook:oscal:1"
ONCE = "result task plan-resource no-system-security-plan statement-of-applicability"
DOCUMENTS = "assessment-results", "assessment-plan", "poam"
RESULTS, PLAN, POAM = (f"oscal-{name}.json" for name in DOCUMENTS)
MARKDOWN = {"title", "description", "remarks", "statement", "prose"}
MARK = re.compile(r"([\\`*~^\[\]<>{}]|(?<!\w)_|_(?!\w))")
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
COUNTS = ("pass", "fail", "waived", "baselined", "inconclusive", "error", "not_applicable")


def used(finding: Any) -> list[str]:
    """Return the ids of the documents that a finding rests on."""
    named = [one for each in finding["needs"] for one in each["evidence"]]
    return list(dict.fromkeys([one["id"] for one in finding["evidence"]] + named))


def left_out(finding: Any) -> list[tuple[str, str]]:
    """Return the documents about the release that a finding did not count, and why."""
    away = [(one["evidence"], one["code"]) for one in finding["left_out"]]
    return list(dict.fromkeys(one for one in away if one[1] != "wrong_subject"))


def distinct(items: Iterable[Any]) -> list[Any]:
    """Return JSON values in their order, each once."""
    return list({json.dumps(one, sort_keys=True): one for one in items}.values())


def uid(*names: str) -> str:
    """Return the UUID that a thing has in OSCAL."""
    text = "".join(f"{len(name)}:{name}" for name in names)
    return str(uuid5(uuid5(NAMESPACE_URL, NS), text))


def line(text: str) -> str:
    """Return a text as one line in which everything shows."""
    shown = " ".join(text.split())
    return "".join("\ufffd" if category(x) in UNSEEN else x for x in shown) or "-"


def name_of(text: str) -> str:
    """Return a text as a token of OSCAL."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text)
    return plain if plain[:1].isalpha() or plain.startswith("_") else f"_{plain}"


def listed(names: list[str]) -> str:
    """Return names as a list in words."""
    if len(names) > 6:  # noqa: PLR2004
        return f"{', '.join(names[:6])} and {len(names) - 6} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def props(names: list[str], told: dict[str, Any]) -> list[Any]:
    """Return properties by their names, one for each value; empty ones are left out."""
    found: list[Any] = []
    for name in names:
        held = told[name.replace("-", "_")]
        for one in held if isinstance(held, list) else [held]:
            more = one if isinstance(one, dict) else {"value": one}
            value = more["value"]
            text = json.dumps(value) if isinstance(value, bool) else str(value)
            if value is not None and text.strip():
                found.append({"name": name, "ns": NS, **more, "value": line(text)})
    return found


def fill(shape: Any, told: dict[str, Any], key: str = "") -> Any:
    """Return a shape with what is told in its braces; what there is nothing of is left out."""
    if isinstance(shape, dict):
        made = {name: fill(one, told, name) for name, one in shape.items()}
        return {name: one for name, one in made.items() if one not in (None, [], {})}
    if isinstance(shape, list):
        return [fill(one, told, key) for one in shape]
    if key == "props":
        return props(shape.split(), told)
    if shape[:1] == "@":
        return fill(SHAPES[shape[1:]], told, key)
    whole = shape[:1] == "{" and shape[1:-1] in told
    value = told[shape[1:-1]] if whole else shape.format_map(told)
    if not isinstance(value, str):
        return value
    return MARK.sub(r"\\\1", line(value)) if key in MARKDOWN else line(value)


def words(value: Any) -> str:
    """Return a value as exact as it stands in the pack."""
    if isinstance(value, list):
        return ", ".join(map(words, value))
    return value if isinstance(value, str) else json.dumps(value)


def operands(node: Any) -> Iterator[tuple[str, str]]:
    """Yield what stands under the conditions of a trace: what was compared, and its value."""
    for one in node["children"]:
        if node["truth"] and not one["truth"] and isinstance(one["value"], str | int):
            yield one["text"], words(one["value"])
        yield from operands(one)


def observed(finding: Any) -> str:
    """Return in words what was observed for a finding."""
    sure = [row["outcome"] for row in finding["rows"] if row["key"] != "?"]
    if sure:
        kinds = ("fail", "inconclusive", "error", "not_applicable")
        others = [f"{sure.count(x)} {x.replace('_', ' ')}" for x in kinds if x in sure]
        said = f"{sure.count('pass')} of {len(sure)} rows pass"
        said = f"{said}: {listed(others)}" if others else said
        return f"{said}; more rows may exist" if len(sure) < len(finding["rows"]) else said
    if finding["outcome"] in {"inconclusive", "error"}:
        codes = list(dict.fromkeys(word(one["code"]) for one in finding["reasons"]))
        return f"Unknown: {listed(codes)}" if codes else "Unknown"
    seen = dict(operands(finding["trace"])) if finding["trace"] else {}
    told = "; ".join(f"{name} = {value}" for name, value in seen.items())
    holds = "The rule holds" if finding["outcome"] == "pass" else "The rule does not hold"
    return told or finding["message"] or f"{holds} on the evidence that counts."


def word(code: str) -> str:
    """Return the short word for a reason."""
    known = {"null": "no value", "param_unset": "not set"}
    return known.get(code, code.partition(":")[0].replace("_", " "))


def verdict(finding: Any) -> str:
    """Return what a finding came to."""
    if finding["outcome"] != "fail":
        return observed(finding)
    is_open, seen = finding["disposition"] == "open", observed(finding)
    return f"Fails: {seen}" if is_open else f"Fails, and is accepted: {seen}"


def text_of(name: str, body: Any) -> bytes:
    """Return a document as it is written."""
    text = json.dumps({name: body}, ensure_ascii=False, indent=2)
    return (re.sub("#(?=#)", r"\\u0023", text) + "\n").encode()


def reaches(finding: Any) -> list[Any]:
    """Return the controls that a finding speaks for; its policy, where it has none."""
    own = {"catalog": "bundle", "control": finding["policy"], "relation": "implements"}
    return distinct(finding["controls"]) or [own]


def resource(one: Any) -> Any:
    """Return a document that observations name."""
    raw = bytes.fromhex(one["blob"].removeprefix("sha256:"))
    told = {"link": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), "hex": raw.hex()}
    made_by = f"{one['producer']['tool']} {one['producer']['version']}".strip()
    told |= {"uuid": uid("evidence", one["id"]), "called": one["name"] or one["id"]}
    told |= {"digest": one["blob"], "made_by": made_by, "redacted": one["redactions"]}
    return fill("@document", one | told)


class Told:
    """What one assessment tells, as a whole and of each finding."""

    def __init__(self, files: dict[str, bytes], dates: Any, organisation: str) -> None:
        """Read what the documents are made of."""
        names = "subject", "facts", "bundle", "frameworks"
        subject, facts, bundle, known = (json.loads(files[f"{x}.json"]) for x in names)
        found = json.loads(files["findings.json"], parse_float=str)  # as exact as they are written
        self.found, self.head, self.dates, self.by = found, found["assessment"], dates, organisation
        self.policies = {one["policy"]: one for one in bundle["bundle"]["policies"]}
        self.frameworks = {one["catalog"]: one for one in known["frameworks"]}
        self.documents = {x["envelope"]["id"]: x["envelope"] for x in facts["evidence"]}
        self.judged = [x for x in found["findings"] if x["outcome"] != "not_applicable"]
        self.open = [x for x in self.judged if x["outcome"] != "pass"]
        system, release = subject["subject"]["system"], subject["subject"]["release"]
        engine, gate, seal = self.head["engine"], found["gate"], self.head["digest"]
        self.all = {**system, **release, **gate, **self.head, "gate": gate["verdict"]}
        called = line(f"{system['name'] or system['id']} {release['version']}")
        self.all |= {"system": system["id"], "release": release["version"], "called": called}
        self.all |= {"live": "operational" if system["lifecycle"] == "production" else "other"}
        self.all |= {"name": engine.partition(" ")[0], "version": engine.partition(" ")[2]}
        self.all |= {"whole": uid("release", self.head["subject"]), "assessment": seal}
        self.all |= {"tool": uid("engine", engine), "platform": uid("platform", engine)}
        self.all["purpose"] = system["purpose"] or "The system and release that were judged."
        above, below = (
            ", ".join(f"{gate[x][y]} {y.replace('_', ' ')}" for y in COUNTS if gate[x].get(y))
            for x in ("counts", "below")
        )
        above, below, limit = above or "nothing judged", below or "nothing", gate["fail_on"]
        self.all["counts"] = f"At {limit} severity or above: {above}. Below: {below}."
        self.all |= {x.replace("-", "_"): uid(x, seal) for x in (*ONCE.split(), *DOCUMENTS)}
        said = [f"Could not be read: {x['file']} ({x['code']})" for x in facts["problems"]]
        self.all["VERDICT"] = f"{gate['verdict'].upper()} (exit {gate['exit']})."
        self.all["unread"] = "; ".join(said) or None
        parts = [x | {"artifact_kind": x["kind"]} for x in distinct(release["artifacts"])]
        for x in parts:
            x["uuid"] = uid("artifact", self.head["subject"], x["kind"], x["name"], x["digest"])
        whole = fill("@release", self.all)
        self.all["components"] = [whole, *(fill("@artifact", x) for x in parts)]
        self.all["reviewed"] = self.reviewed()
        self.of = {(x["policy"], x["rule"]): self.about(x) for x in self.judged}

    def token(self, one: Any) -> str:
        """Return the token of a control, which has the control's id in it."""
        if one["catalog"] == "bundle":
            return name_of(one["control"])
        token: str = self.frameworks[one["catalog"]]["tokens"][one["control"]]
        own = re.sub(r"\.*[^a-z0-9.]+\.*", "-", one["control"].lower()).strip("-.")
        need(own in token, "derived-otherwise", "frameworks.json")
        return token

    def reviewed(self) -> Any:
        """Return the controls in scope by framework, and those that do not apply."""
        named: dict[str, dict[str, bool]] = {}
        every = [*self.found["standings"], *(x for one in self.judged for x in reaches(one))]
        for one in every:
            applies = one.get("standing") != "not_applicable"
            named.setdefault(one["catalog"], {})[self.token(one)] = applies
        told = {(x["catalog"], x["control"]) for x in every if x["catalog"] != "bundle"}
        known = {(x, y) for x, one in self.frameworks.items() for y in one["tokens"]}
        need(told == known, "derived-otherwise", "frameworks.json")
        chosen: list[Any] = []
        for name, controls in named.items():
            one = self.frameworks.get(name, {"title": None})
            edition = f"{one['title']}, {one['version']}" if one["title"] else None
            on = [{"control-id": x} for x, applies in controls.items() if applies]
            out = [{"control-id": x} for x, applies in controls.items() if not applies]
            own = {"catalog": name, "edition": edition, "on": on or out, "out": out}
            chosen.append(fill("@selection", own))
        return {"control-selections": chosen} if chosen else fill("@nothing", {})

    def decisions(self, finding: Any) -> list[Any]:
        """Return the waivers, or the baseline, that a finding is accepted by."""
        how, named = finding["disposition"], (finding["waiver"] or "").split(", ")
        waivers = [one for one in self.found["waivers"] if one["id"] in named and how != "open"]
        return [self.found["baseline"]] if how == "baselined" else waivers

    def about(self, one: Any) -> dict[str, Any]:
        """Return what is told of a finding."""
        place, seal, outcome = (one["policy"], one["rule"]), self.head["digest"], one["outcome"]
        told = {**self.all, **one, "observed": observed(one), "verdict": verdict(one)}
        for kind in ("observation", "risk", "remediation", "step"):
            told[kind] = uid(kind, seal, *place)
        item = uid("poam-item", one["system"], *place)
        told |= {"activity": uid("activity", seal, place[0]), "item": item}
        seen, fails, is_open = list(self.seen(one)), outcome == "fail", one["disposition"] == "open"
        told["observations"] = [{"observation-uuid": told["observation"]}] if seen else []
        told["risks"] = [{"risk-uuid": told["risk"]}] if fails else []
        told |= {"seen": seen, "method": self.method(one)}
        held = [self.documents[x]["received_at"] for x in used(one) if x in self.documents]
        told["collected"] = max(held, key=instant, default=self.head["as_of"])
        rows = [x["message"] or x["key"] for x in one["rows"] if x["outcome"] == "fail"]
        failed = ("; ".join(dict.fromkeys(rows)) or one["message"]) if fails else ""
        told["failed"] = failed if failed.strip() else None
        said = [f"{x['code']} {x['path']} {x['message']}" for x in one["reasons"]]
        said = [x.replace("  ", " ").strip() for x in said]
        away = sorted(Counter(x["code"] for x in one["left_out"]).items())
        said += [f"{count} not counted: {code}" for code, count in away] + one["relaxed"]
        told["remarks"] = "; ".join(said) if said else None
        codes = list(dict.fromkeys(x["code"] for x in one["reasons"]))
        told |= {"reason": codes, "without_waived_rows": one["rest"]}
        known = outcome if outcome == "pass" or (fails and is_open) else "other"
        told |= {"state": "satisfied" if outcome == "pass" else "not-satisfied", "is": known}
        told["param"] = [f"{name} = {words(x)}" for name, x in sorted(one["params"].items())]
        due = self.dates.get(place, {"first_seen": None, "due": None})
        late = ("yes" if due["overdue"] else "no") if due["due"] else None
        told |= due | {"overdue": late, "status": "open" if is_open else "deviation-approved"}
        asked = ("Mend" if is_open else "Mend before the waiver ends") if fails else "Find out"
        told |= {"asked": asked, "todo": one["fix"] if is_open and one["fix"].strip() else None}
        told["findings"] = [{"finding-uuid": self.name(one, x)} for x in reaches(one)]
        told["remedies"] = [fill("@remedy", told)] if one["fix"].strip() else []
        return told

    def method(self, one: Any) -> str:
        """Return how a rule looks: at what persons say or wrote, or at what was measured."""
        policy = self.policies.get(one["policy"], {"rules": []})
        rule: Any = next((x for x in policy["rules"] if x["id"] == one["rule"]), None)
        if rule is None or "attested" in rule:
            return "INTERVIEW" if rule else "UNKNOWN"
        needs = [policy["needs"].get(x["need"], {}) for x in one["needs"]]
        kinds = {x["facts"] for x in needs if x}
        return "EXAMINE" if kinds and kinds <= {"documentation", "review"} else "TEST"

    def name(self, one: Any, reach: Any) -> str:
        """Return the UUID of what a rule came to for one control."""
        place = one["policy"], one["rule"], reach["catalog"], reach["control"]
        return uid("finding", self.head["digest"], *place)

    def seen(self, finding: Any) -> Iterator[Any]:
        """Yield the documents that a finding counted or left out."""
        named = [(one, "Counted", None) for one in used(finding)]
        for one, how, code in named + [(x, f"Not counted, {y}", y) for x, y in left_out(finding)]:
            places = dict.fromkeys(x["pointer"] for x in finding["evidence"] if x["id"] == one)
            called = self.documents.get(one, {"name": ""})["name"] or one
            told = {"uuid": uid("evidence", one), "how": how, "called": called, "left_out": code}
            yield fill("@evidence", told | {"pointer": [] if code else list(places)})

    def risk(self, finding: Any) -> Any:
        """Return the risk of a fail, open or accepted."""
        told, entries = self.of[finding["policy"], finding["rule"]], []
        for one in (decisions := self.decisions(finding)):
            known = "verified" if one["approver_verified"] else "not verified"
            mine = uid("waiver", self.head["digest"], one["id"], finding["policy"], finding["rule"])
            people = [x for x in ("requester", "approver") if one[x]]
            by = [{"party-uuid": uid("person", one[x]), "role-id": x} for x in people]
            start = one.get("written_at") or one["starts"] or self.head["as_of"]
            kind = "Baseline" if "written_at" in one else "Waiver"
            own = {"uuid": mine, "known": known, "start": start, "kind": kind, "people": by}
            entries.append(fill("@entry", one | own))
        until = min((one["expires"] for one in decisions), key=instant, default=told["due"])
        own = {"waiver": [one["id"] for one in decisions], "deadline": until}
        return fill("@risk", told | own | {"entries": entries})

    def reached(self, finding: Any, shape: str) -> Iterator[Any]:
        """Yield a shape of what a rule asks or came to, for each control that it speaks for."""
        told = self.of[finding["policy"], finding["rule"]]
        for one in reaches(finding):
            token, place = self.token(one), (finding["policy"], finding["rule"])
            named = name_of("_".join((one["catalog"], token, *place)))
            own = one | {"label": one["control"], "token": token, "objective": named}
            yield fill(shape, told | own | {"uuid": self.name(finding, one)})

    def metadata(self, title: str, findings: list[Any]) -> dict[str, Any]:
        """Return what a document says of itself, and of what it tells of some findings."""
        decisions = [one for finding in findings for one in self.decisions(finding)]
        people = sorted({one[x] for one in decisions for x in ("requester", "approver") if one[x]})
        own = [("organisation", "organization", self.by)] if self.by.strip() else []
        told = own + [("person", "person", name) for name in people]
        parties = [{"uuid": uid(x, z), "type": y, "name": line(z)} for x, y, z in told]
        roles = [{"id": x.lower(), "title": x} for x in ("Requester", "Approver") if people]
        return {**self.all, "document": title, "roles": roles, "parties": parties}

    def told(self, findings: list[Any]) -> dict[str, Any]:
        """Return observations, risks, findings and documents."""
        every = (self.of[one["policy"], one["rule"]] for one in findings)
        seen = [fill("@observation", x) for x in every if x["seen"]]
        named = {x for one in findings for x in (*used(one), *(y for y, _ in left_out(one)))}
        risks = [self.risk(x) for x in findings if x["outcome"] == "fail"]
        rows = [x for one in findings for x in self.reached(one, "@finding")]
        resources = [resource(self.documents[x]) for x in sorted(named)]
        return {"seen": seen, "risks": risks, "findings": rows, "resources": resources}

    def plan(self) -> Any:
        """Return the plan of the assessment."""
        objectives = [x for one in self.judged for x in self.reached(one, "@objective")]
        activities: list[Any] = []
        for policy in dict.fromkeys(one["policy"] for one in self.judged):
            held = [one for place, one in self.of.items() if place[0] == policy]
            tokens = dict.fromkeys(self.token(x) for one in held for x in reaches(one))
            steps, on = [fill("@step", one) for one in held], [{"control-id": x} for x in tokens]
            activities.append(fill("@activity", held[0] | {"steps": steps, "controls": on}))
        which = [fill("@subjects", self.all)]
        of = [{"activity-uuid": x["uuid"], "subjects": which} for x in activities]
        tasks = [fill("@task", self.all | {"associated": of})] if activities else []
        told = {"objectives": objectives, "activities": activities, "tasks": tasks}
        return fill("@plan", self.metadata("Assessment plan", []) | told)

    def poam(self) -> Any:
        """Return the plan of action."""
        items = [fill("@item", self.of[one["policy"], one["rule"]]) for one in self.open]
        told = self.metadata("Plan of action and milestones", self.open) | self.told(self.open)
        return fill("@poam", told | {"items": items})

    def results(self, plan: bytes) -> Any:
        """Return the assessment results, beside their plan."""
        groups = [(x, name_of(x["catalog"])) for x in self.found["conclusion"]]
        told = self.metadata("Assessment results", self.open) | self.told(self.judged)
        told["conclusion"] = [{"value": x["words"], "group": group} for x, group in groups]
        rows = [(x, self.token(x), name_of(x["catalog"])) for x in self.found["standings"]]
        told["standing"] = [{"value": x["standing"], "class": y, "group": z} for x, y, z in rows]
        away = [x for x in self.found["standings"] if x["standing"] == "not_applicable"]
        out = [{name: x[name] for name in ("catalog", "control", "reason")} for x in away]
        text = json.dumps({"not_applicable": out}, ensure_ascii=False, separators=(",", ":"))
        told |= {"hex": digest(plan)[7:], "listed": base64.b64encode(text.encode()).decode()}
        own = [fill("@the-plan", told), *([fill("@applicability", told)] if out else [])]
        return fill("@results", told | {"resources": own + told["resources"]})


def check_oscal(files: dict[str, bytes], dates: Any, organisation: str) -> None:
    """See that the OSCAL documents are what the findings make them."""
    told = Told(files, dates, organisation)
    plan = text_of("assessment-plan", told.plan())
    poam = text_of("plan-of-action-and-milestones", told.poam()) if told.open else None
    made = {PLAN: plan, POAM: poam, RESULTS: text_of("assessment-results", told.results(plan))}
    for name, raw in made.items():
        need(files.get(name) == raw, "derived-otherwise", name)
