"""The OSCAL documents of an audit pack: that they tell what the findings tell, and no more.

The part of `verify_pack.py` that knows OSCAL 1.2.1. The form, the UUIDs, every state, verdict,
standing, control, document and time, and each sentence of a rule are compared. What is left is held
against the words of the finding or document that it is about.
"""
# ruff: noqa: ANN401 - JSON has no schema

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from verify_pdf import digest, instant, need

WORD = re.compile(
    r"\d{4}-\d\d-\d\dt[\d:.]+z|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[^\W_]+(?:\.[^\W_]+)*|[<>=%]|(?<!\w)-(?=\d)"
)
PLAIN = """
1 1.2.1 256 = applicability.json plan.json a about above accepted accepts action against age all
allows an and answers applicability application applies apply approved approver are as asked asks
asserted assessment assurance at authenticated baseline baselined be before below both bundle by
clause component conflict control controls could counted counts covered decide decision described
deviation digest disagree do document documents does each else empty ends engine enough error
errored evaluated every evidence examine examined exist fail failed fails false few field fields
file files find for found given has have here hold holds how id identity implements in inconclusive
interview is it its json judge judged known least left list lists little looked low made malformed
many match may mend milestones missing more most newer ni no nobody none nor not nothing null
objective of older on one only open operational or organization origin oscal other out outside over
parameter parameters part pass passes person pieces plan policies policy proven proves question
range read reason reasons recommendation record redacted release remediation removed renewal
requester results row rows rule said same satisfied say scope security set several severity sha
should show since skipped software something source stale stands statement still stored subject
submitted submitter superseded system test text than that the them there this those to too tool
true two undated under unit unknown until unused urn value verified waived waiver was well were
what when where whose why with without wrong yes yet
"""
NAMES = """
activities activity actor actors algorithm ap assets associated back base64 change class collected
components deadline definitions description end entries exclude expires filename finding findings
group hashes href identifier ids import include items last lifecycle links local log logged matter
media metadata methods modified name ns objectives observation observations origins parties parts
party platforms poam props prose rel related relevant remarks remediations resources reviewed risk
risks rlinks role roles scheme selections ssp start state status steps subjects target tasks title
type types uses uuid version
"""
WHO = "policy policy-version rule severity outcome disposition"
PROPS = re.compile(
    f"{WHO}(?: waiver)*|{WHO} catalog control relation(?: reason)*(?: waiver)?"
    "(?: without-waived-rows)?|policy rule release severity outcome disposition first-seen"
    "(?: due overdue)?|rule(?: param)*|policy policy-version severity bundle|catalog relation"
    "|label policy rule|pointer(?: pointer)*|left-out|catalog|bundle|engine assessment"
    "|format(?: format-version)?(?: made-by)? assurance received-at(?: produced-at)? size digest"
    "(?: declared)*(?: redacted)*|subject asserted system release(?: owner)?(?: risk-tier)?"
    "(?: stage)?|artifact-kind digest|name(?: version)?|assessment bundle subject evidence-set"
    " asserted gate exit problems fail-on(?: conclusion)*(?: standing)*"
)
FIELDS = "policy", "policy_version", "rule", "severity", "outcome", "disposition", "release"
REACH = "catalog", "control", "relation"
HEADS = {"pass": "", "fail": "fails", "inconclusive": "not proven", "error": "could not be"}
RESULTS, POAM, PLAN = "assessment-results", "plan-of-action-and-milestones", "assessment-plan"
DOCUMENTS = {f"oscal-{RESULTS}.json": RESULTS, "oscal-poam.json": POAM, f"oscal-{PLAN}.json": PLAN}
OPEN = {RESULTS, POAM}
EVERY = {*OPEN, PLAN}


def used(finding: Any) -> list[str]:
    """Return the ids of the documents that a finding rests on."""
    named = [one for each in finding["needs"] for one in each["evidence"]]
    return list(dict.fromkeys([one["id"] for one in finding["evidence"]] + named))


def words(*values: Any) -> set[str]:
    """Return the words, numbers and signs of all texts, names and values."""
    found: set[str] = set()
    for one in values:
        if isinstance(one, dict | list | tuple | set):
            found |= words(*one, *(one.values() if isinstance(one, dict) else ()))
        elif isinstance(one, float):
            found |= words(str(one), f"{one:.4f}".rstrip("0").rstrip("."), f"{one:.3g}")
        else:
            found |= set(WORD.findall(str(one).lower()))
    return found


FIELD_WORDS = words(PLAIN, NAMES)


def spoken(*texts: object) -> str:
    """Return texts as their words, whatever marks stand between them."""
    return " ".join(WORD.findall(" ".join(map(str, texts)).lower()))


def uid(*names: str) -> str:
    """Return the UUID that a thing has in OSCAL."""
    text = "".join(f"{len(name)}:{name}" for name in names)
    return str(uuid5(uuid5(NAMESPACE_URL, "urn:assaybook:oscal:1"), text))


def leaves(node: Any, key: str = "", about: tuple[str, ...] = ()) -> Iterator[Any]:
    """Yield what each value of an OSCAL document is about, its name, and itself."""
    if isinstance(node, list):
        for one in node:
            yield from leaves(one, key, about)
    elif key == "props":
        yield about, node["name"], node["value"]
        yield from ((about, name, node[name]) for name in node.keys() - {"name", "value"})
    elif isinstance(node, dict):
        named = " ".join(x["name"] for x in node.get("props", [])) or "bundle"
        need(PROPS.fullmatch(named), "derived-otherwise", named)
        props = {x["name"]: x["value"] for x in node.get("parts", [node])[0].get("props", [])}
        if "document-ids" in node:
            about = (node["document-ids"][0]["identifier"],)
        elif node.get("type") in {"software", "this-system"}:
            about = (node["uuid"],)
        elif "rule" in props or "policy" in props:
            about = (props.get("policy") or about[0], *([props["rule"]] if "rule" in props else []))
        need(words(*node) <= FIELD_WORDS, "derived-otherwise", key)
        for name, one in node.items():
            yield from leaves(one, name, about)
    else:
        yield about, key, node


class Told:
    """What OSCAL may tell: exact values and words, of the whole, of each finding and document."""

    def __init__(self, files: dict[str, bytes], found: Any, dates: Any, organisation: str) -> None:
        """Find what may be told, and which UUIDs each document has."""
        self.found, self.head, self.dates = found, found["assessment"], dates
        self.exact: dict[Any, Any] = {}
        self.known: dict[Any, set[str]] = {}
        self.uuids: dict[str, set[str]] = {}
        self.tokens: dict[Any, set[str]] = {}
        subject, facts = (json.loads(files[f"{x}.json"]) for x in ("subject", "facts"))
        self.envelopes = {x["envelope"]["id"]: x["envelope"] for x in facts["evidence"]}
        judged = [x for x in found["findings"] if x["outcome"] != "not_applicable"]
        self.judged = {(x["policy"], x["rule"]): x for x in judged}
        engine = self.head["engine"]
        own = uid("release", self.head["subject"]), uid("engine", engine), uid("platform", engine)
        self.base = words(PLAIN, self.head, organisation, own)
        for place, one in self.judged.items():
            self.add_finding(place, one)
        for name, one in self.envelopes.items():
            link = base64.urlsafe_b64encode(bytes.fromhex(one["blob"][7:])).decode()
            self.known[name,] = self.base | words(one, uid("evidence", name), link)
            self.exact[name,] = {**one, "digest": one["blob"]}
        every = {*own, *self.add_parts(subject["subject"], own)}
        every |= {uid("organisation", organisation)} if organisation.strip() else set()
        self.uuids |= dict.fromkeys(every, EVERY)
        self.add_whole(files, subject["subject"], facts["problems"])

    def add_parts(self, subject: Any, own: tuple[str, ...]) -> list[str]:
        """Add what may be told of release, engine and artifacts; return the UUIDs of the last."""
        system, release = subject["system"], subject["release"]
        made: list[str] = []
        for one in release["artifacts"]:
            told = one["kind"], one["name"] or "", one["digest"]
            place = (uid("artifact", self.head["subject"], *told),)
            self.known[place] = self.base | words(one, place)
            self.exact[place] = {
                "type": "software",
                "artifact_kind": told[0],
                "title": told[1] or "-",
            }
            self.exact[place] |= {"digest": told[2], "state": "other"}
            made += place
        self.known[own[:1]] = self.base | words(system, release)
        title = f"{system['name'] or system['id']} {release['version']}"
        self.title = title
        state = "operational" if system["lifecycle"] == "production" else "other"
        self.exact[own[:1]] = {**system, **release, "title": title, "type": "this-system"} | {
            "state": state,
            "system": system["id"],
            "release": release["version"],
            "subject": self.head["subject"],
            "asserted": self.head["asserted"],
        }
        name, _, version = self.head["engine"].partition(" ")
        self.known[own[1:2]] = self.base
        self.exact[own[1:2]] = {"name": name, "version": version, "type": "software"}
        return made

    def add_whole(self, files: dict[str, bytes], subject: Any, problems: Any) -> None:
        """Add what may be told of the assessment as a whole."""
        found, head, seal = self.found, self.head, self.head["digest"]
        rows = [x for x in found["standings"] if x["standing"] == "not_applicable"]
        out = [{name: x[name] for name in ("catalog", "control", "reason")} for x in rows]
        text = json.dumps({"not_applicable": out}, ensure_ascii=False, separators=(",", ":"))
        once = {"result": RESULTS, "plan-resource": RESULTS, RESULTS: RESULTS, "poam": POAM}
        once |= dict.fromkeys(
            (PLAN, "no-system-security-plan", *["task"][: len(self.judged)]), PLAN
        )
        once |= {"statement-of-applicability": RESULTS} if out else {}
        self.uuids |= {uid(kind, seal): {name} for kind, name in once.items()}
        rest = [found[x] for x in ("gate", "conclusion", "standings", "waivers")]
        rest += [[x["policy"], self.hashed(x["controls"])] for x in self.judged.values()]
        link = base64.b64encode(text.encode()).decode()
        plan = digest(files[f"oscal-{PLAN}.json"])
        self.known[()] = self.base | words(subject, rest, problems, list(self.uuids), link, plan)
        exact = {**subject["system"], **subject["release"], **found["gate"], **head}
        exact |= dict.fromkeys(("start", "end", "last_modified"), head["as_of"])
        exact |= {"gate": found["gate"]["verdict"], "assessment": seal}
        exact |= {"system": subject["system"]["id"], "release": subject["release"]["version"]}
        self.exact[()] = {x: exact[x] for x in exact.keys() - {"digest", "version", "name", "id"}}

    def add_finding(self, place: tuple[str, str], one: Any) -> None:
        """Add what may be told of a finding."""
        seal, at = self.head["digest"], self.dates.get(place, {})
        accepted, fails = one["disposition"] != "open", one["outcome"] == "fail"
        kept = (one["waiver"] or "").split(", ") if accepted else []
        waivers = [x for x in self.found["waivers"] if x["id"] in kept]
        away = {x["evidence"]: x["code"] for x in one["left_out"]}
        seen = {
            *used(one),
            *(x["evidence"] for x in one["left_out"] if x["code"] != "wrong_subject"),
        }
        where = {RESULTS} if one["outcome"] == "pass" else OPEN
        kinds = {"observation": seen, "risk": fails, "remediation": fails and one["fix"].strip()}
        mine = {uid(kind, seal, *place) for kind, there in kinds.items() if there}
        mine |= {uid("evidence", x) for x in seen} | {
            uid("waiver", seal, x["id"], *place) for x in waivers
        }
        for x in one["controls"] or [{"catalog": "bundle", "control": place[0]}]:
            mine.add(uid("finding", seal, *place, x["catalog"], x["control"]))
        people = {
            uid("person", who) for x in waivers for who in (x["requester"], x["approver"]) if who
        }
        steps = {uid("step", seal, *place), uid("activity", seal, place[0])}
        items = {uid("poam-item", one["system"], *place)} if where == OPEN else set()
        for names, whose in ((mine, where), (people, OPEN), (steps, {PLAN}), (items, {POAM})):
            for name in names:
                self.uuids[name] = self.uuids.get(name, set()) | whose
        received = [self.envelopes[x]["received_at"] for x in used(one) if x in self.envelopes]
        called = [self.envelopes[x]["name"] for x in {*used(one), *away} if x in self.envelopes]
        hashed = self.hashed(one["controls"])
        failed = {x["message"] or x["key"] for x in one["rows"] if x["outcome"] == "fail"}
        rows = len(one["rows"])
        counts = [
            *Counter(x["outcome"] for x in one["rows"]).values(),
            rows,
            rows - 1,
            len(failed) - 3,
        ]
        counts += Counter(x["code"] for x in one["left_out"]).values()
        counts += range(1, len(one["reasons"]) + 1)
        baseline = [self.found["baseline"]] if self.found.get("baseline") else []
        ends = [instant(x["expires"]) for x in (*waivers, *baseline)]
        days = [f"{x.day} {x:%b} {x.year}" for x in ends]
        told = one, mine, people, steps, items, at, waivers, hashed, counts, days, *baseline
        self.known[place] = self.base | words(*told, called)
        self.known[place[:1]] = self.known.get(place[:1], set()) | self.known[place]
        due = min((x["expires"] for x in waivers), key=instant, default=at.get("due"))
        status = "deviation-approved" if accepted else "open"
        late = {"overdue": "yes" if at.get("overdue") else "no", "status": status, "deadline": due}
        late |= {"collected": max(received, key=instant, default=self.head["as_of"])}
        late |= {"expires": one["expires_at"], "bundle": self.head["bundle"]}
        self.exact[place] = {x: one[x] for x in FIELDS} | at | late
        whole = {x: one[x] for x in ("policy", "policy_version", "severity")}
        self.exact.setdefault(place[:1], whole | {"bundle": self.head["bundle"]})

    def hashed(self, controls: Any) -> list[Any]:
        """Return controls, with the digits by which OSCAL tells those of unknown catalogs apart."""
        return [*controls, [digest(x["control"].encode())[-8:] for x in controls]]

    def is_finding(self, one: Any) -> bool:
        """Tell whether an OSCAL finding has state, control and sentence of its finding."""
        props, target = {x["name"]: x["value"] for x in one["props"]}, one["target"]
        place = props["policy"], props["rule"]
        finding, state = self.judged[place], {"state": "not-satisfied", "reason": "other"}
        own = finding["controls"] or [
            dict(zip(REACH, ("bundle", place[0], "implements"), strict=True))
        ]
        head = "fails and is accepted"
        if finding["disposition"] == "open":
            head = HEADS[finding["outcome"]]
        if finding["outcome"] == "pass" or head == "fails":
            word = "satisfied" if finding["outcome"] == "pass" else "not-satisfied"
            state = {"state": word, "reason": finding["outcome"]}
        return (
            {x: props[x] for x in REACH} in own
            and one["uuid"]
            == uid("finding", self.head["digest"], *place, props["catalog"], props["control"])
            and target["status"] == state
            and words(props["catalog"], props["control"], *place) <= words(target["target-id"])
            and spoken(target["title"]) == spoken(props["control"], *place)
            and spoken(one["description"]).startswith(spoken(finding["sentence"], head))
        )

    def is_seen(self, one: Any) -> bool:
        """Tell whether an observation names each document with its places, or why it was left."""
        props = {x["name"]: x["value"] for x in one["props"]}
        finding, named = self.judged[props["policy"], props["rule"]], []
        for name in used(finding):
            places = [x["pointer"] for x in finding["evidence"] if x["id"] == name]
            named.append((name, "counted", list(dict.fromkeys(filter(str.strip, places)))))
        for x in finding["left_out"]:
            if (
                x["code"] != "wrong_subject"
                and (x["evidence"], x["code"], [x["code"]]) not in named
            ):
                named.append((x["evidence"], x["code"], [x["code"]]))
        for (name, how, places), told in zip(named, one["relevant-evidence"], strict=True):
            said, file = [x["value"] for x in told.get("props", [])], self.envelopes[name]["name"]
            if told["href"] != "#" + uid("evidence", name) or [*map(spoken, places)] != [
                *map(spoken, said)
            ]:
                return False
            if not spoken(told["description"]).endswith(spoken(how, file or name)):
                return False
        return True

    def has_standings(self, result: Any) -> bool:
        """Tell whether results have verdict, conclusions and standings; keep names of controls."""
        found, gate = self.found, self.found["gate"]
        told = [x for x in result["props"] if "group" in x]
        said: list[Any] = [
            (x["catalog"], "conclusion", x["words"], set()) for x in found["conclusion"]
        ]
        rows = found["standings"]
        said += [(x["catalog"], "standing", x["standing"], words(x["control"])) for x in rows]
        if len(told) != len(said):
            return False
        for prop, one in zip(told[len(found["conclusion"]) :], rows, strict=True):
            key = prop["group"], one["standing"] != "not_applicable"
            self.tokens.setdefault(key, set()).add(prop["class"])
        for x, (*first, of) in zip(told, said, strict=True):
            if [x["group"], x["name"], x["value"]] != first or not of <= words(x.get("class")):
                return False
        return spoken(result["description"]).startswith(
            spoken(gate["verdict"], "exit", gate["exit"])
        )

    def has_controls(self, selections: list[Any]) -> bool:
        """Tell whether controls that apply are let in, and others left out; see no description."""
        for one in selections:
            one.pop("description", None)
            name = one.get("props", [{"value": ""}])[0]["value"]
            on, out = (
                {x["control-id"] for x in one.get(f"{x}-controls", [])}
                for x in ("include", "exclude")
            )
            applying, rest = (self.tokens.get((name, x), set()) for x in (True, False))
            if out != rest or not on >= applying or (rest and not applying and on != rest):
                return False
        return True

    def may_say(self, about: Any, key: str, text: str) -> bool:
        """Tell whether a value is what it has to be, or is made of words that it may be made of."""
        exact, known = self.exact.get(about, {}).get(key.replace("-", "_")), self.known[about]
        if isinstance(exact, str | int):
            return spoken(text) == spoken(exact)
        if about in self.judged and key in {"title", "prose", "statement"}:
            one = self.judged[about]
            firm = one["title"], one["sentence"], " ".join(about), "asks to do", one["waiver"]
            if spoken(text) and not any(spoken(text).endswith(spoken(x)) for x in firm if x):
                return False
        more = words(text) - known
        cut = more if "\u2026" in text else set()
        return not more - {x for x in cut if any(y.startswith(x) for y in known)}


def check_oscal(files: dict[str, bytes], found: Any, dates: Any, organisation: str) -> None:
    """See that the OSCAL documents tell what the findings tell, of all, and no more."""
    told = Told(files, found, dates, organisation)
    for name, kind in DOCUMENTS.items():
        there = kind != POAM or any(x["outcome"] != "pass" for x in told.judged.values())
        need((name in files) == there, "derived-otherwise", name)
        if not there:
            continue
        whole = json.loads(files[name])
        text = re.sub("#(?=#)", r"\\u0023", json.dumps(whole, ensure_ascii=False, indent=2))
        need(f"{text}\n".encode() == files[name], "derived-otherwise", name)
        body = whole[kind]
        result = body["results"][0] if kind == RESULTS else body
        seen = all(map(told.is_finding, result.get("findings", [])))
        seen = seen and all(map(told.is_seen, result.get("observations", [])))
        seen = seen and (kind != RESULTS or told.has_standings(result))
        seen = seen and spoken(body["metadata"]["title"]) == spoken(kind, told.title)
        controls = result.get("reviewed-controls", {}).get("control-selections", [])
        need(seen and told.has_controls(controls), "derived-otherwise", name)
        uuids = sorted(text for _, key, text in leaves(body) if key == "uuid")
        want = sorted(x for x, where in told.uuids.items() if kind in where)
        need(uuids == want, "derived-otherwise", name)
        for about, key, text in leaves(body):
            need(told.may_say(about, key, text), "derived-otherwise", f"{name} {key}")
