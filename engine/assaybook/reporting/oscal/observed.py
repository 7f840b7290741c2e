"""What the rules saw and what they came to, as OSCAL says it: observations, risks, findings."""

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import (
    BaselineUse,
    ControlReach,
    Disposition,
    Finding,
    Outcome,
    TraceNode,
    WaiverUse,
)
from assaybook.domain.ids import written
from assaybook.domain.oscal import DocumentId, Hash, Resource, Rlink, line, markup, uuid_of
from assaybook.reporting.observe import GHOST, held, reasons_text, rows_text
from assaybook.reporting.oscal.shapes import (
    Actor,
    LoggedBy,
    Method,
    Observation,
    Origin,
    OscalFinding,
    RelatedObservation,
    RelatedRisk,
    RelevantEvidence,
    Response,
    Risk,
    RiskEntry,
    RiskLog,
    Status,
    SubjectId,
    Target,
)
from assaybook.reporting.oscal.source import (
    APPROVER,
    REQUESTER,
    OscalSource,
    engine_uuid,
    party_of,
    props,
    release_uuid,
)
from assaybook.reporting.prose import say

_ELSEWHERE: Final = "wrong_subject"
_ASKED: Final = "documentation"
"""Facts that are read out of what people wrote, not measured."""


def observation_of(source: OscalSource, finding: Finding) -> Observation | None:
    """Return what a rule saw; None where it had no document, so that nothing was seen."""
    evidence = tuple(_evidence(source, finding))
    if not evidence:
        return None
    return Observation(
        uuid=_observation_uuid(source, finding),
        title=markup(finding.title),
        description=markup(_seen(finding)),
        props=props(_identity(finding)),
        methods=(method_of(source, finding),),
        types=("control-objective",),
        origins=_origins(source),
        subjects=(SubjectId(subject_uuid=release_uuid(source)),),
        relevant_evidence=evidence,
        collected=_collected(source, finding),
        expires=finding.expires_at,
        remarks=_failed(finding),
    )


def _observation_uuid(source: OscalSource, finding: Finding) -> str:
    return source.uuid("observation", finding.policy, finding.rule)


def _origins(source: OscalSource) -> tuple[Origin, ...]:
    return (Origin(actors=(Actor(type="tool", actor_uuid=engine_uuid(source)),)),)


def _identity(finding: Finding) -> list[tuple[str, object]]:
    return [
        ("policy", finding.policy),
        ("policy-version", finding.policy_version),
        ("rule", finding.rule),
        ("severity", finding.severity.value),
        ("outcome", finding.outcome.value),
        ("disposition", finding.disposition.value),
    ]


def counted(finding: Finding) -> tuple[str, ...]:
    """Return the ids of the documents that a finding rests on."""
    used = [use.id for use in finding.evidence]
    return tuple(dict.fromkeys([*used, *(one for need in finding.needs for one in need.evidence)]))


def left_out(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Return the documents about the release that were not counted, and why."""
    rest = [(one.evidence, one.code) for one in finding.left_out if one.code != _ELSEWHERE]
    return tuple(dict.fromkeys(rest))


def _evidence(source: OscalSource, finding: Finding) -> Iterator[RelevantEvidence]:
    pointers: dict[str, list[str]] = {}
    for use in finding.evidence:
        pointers.setdefault(use.id, []).append(use.pointer)
    for one in counted(finding):
        places = dict.fromkeys(pointers.get(one, ()))
        yield RelevantEvidence(
            href=f"#{evidence_uuid(one)}",
            description=markup(say("document", how=say("counted"), name=_name(source, one))),
            props=props(("pointer", place) for place in places) or None,
        )
    for one, code in left_out(finding):
        yield RelevantEvidence(
            href=f"#{evidence_uuid(one)}",
            description=markup(
                say("document", how=say("left-out", code=code), name=_name(source, one))
            ),
            props=props([("left-out", code)]),
        )


def _name(source: OscalSource, evidence: str) -> str:
    known = source.documents.get(evidence)
    return source.files.get(evidence) or (known.envelope.name if known else "") or evidence


def _collected(source: OscalSource, finding: Finding) -> datetime:
    """Return when the newest document that counts was received, where that is known."""
    held = [source.documents[one] for one in counted(finding) if one in source.documents]
    at = source.assessment.assessment.as_of
    return max((one.envelope.received_at for one in held), default=at)


def method_of(source: OscalSource, finding: Finding) -> Method:
    """Return how a rule looks: at what persons say, at what they wrote, or at what was measured."""
    known = source.rules.get((finding.policy, finding.rule))
    if known is None:
        return "UNKNOWN"
    policy, rule = known
    if rule.attested is not None:
        return "INTERVIEW"
    kinds = {policy.needs[one.need].facts for one in finding.needs if one.need in policy.needs}
    return "EXAMINE" if kinds and kinds <= {_ASKED, "review"} else "TEST"


def risk_of(source: OscalSource, finding: Finding) -> Risk | None:
    """Return the risk of a fail, open or accepted; None for what is not a fail."""
    if finding.outcome is not Outcome.FAIL:
        return None
    accepted = finding.disposition is not Disposition.OPEN
    decisions = source.decisions(finding)
    entries = tuple(_entry(source, finding, one) for one in decisions)
    return Risk(
        uuid=_risk_uuid(source, finding),
        title=markup(finding.title),
        description=markup(_verdict(finding)),
        statement=markup(say("statement", sentence=finding.sentence)),
        props=props([*_identity(finding), *(("waiver", one.id) for one in decisions)]),
        status="deviation-approved" if accepted else "open",
        deadline=min((one.expires for one in decisions), default=_due(source, finding)),
        remediations=_remediations(source, finding),
        risk_log=RiskLog(entries=entries) if entries else None,
        related_observations=related(source, finding),
    )


def _due(source: OscalSource, finding: Finding) -> datetime | None:
    """Return when a fail that nobody accepts is to be mended; None where nothing says so."""
    dated = source.deadlines.get((finding.policy, finding.rule))
    return dated.due if dated is not None else None


def _risk_uuid(source: OscalSource, finding: Finding) -> str:
    return source.uuid("risk", finding.policy, finding.rule)


def _remediations(source: OscalSource, finding: Finding) -> tuple[Response, ...] | None:
    if not finding.fix.strip():
        return None
    uuid = source.uuid("remediation", finding.policy, finding.rule)
    said = markup(finding.fix)
    return (Response(uuid=uuid, title=say("remedy"), description=said),)


def _entry(source: OscalSource, finding: Finding, one: WaiverUse | BaselineUse) -> RiskEntry:
    people = [LoggedBy(party_uuid=party_of(one.requester), role_id=REQUESTER.id)]
    if one.approver:
        people.append(LoggedBy(party_uuid=party_of(one.approver), role_id=APPROVER.id))
    known = say("known" if one.approver_verified else "not-known")
    if isinstance(one, WaiverUse):
        kind, start = "waiver", one.starts or source.assessment.assessment.as_of
    else:
        kind, start = "baseline", one.written_at
    return RiskEntry(
        uuid=source.uuid("waiver", one.id, finding.policy, finding.rule),
        title=markup(say("decision", kind=say(kind), name=one.id)),
        description=markup(say("waived", reason=one.reason, known=known)),
        start=start,
        end=one.expires,
        logged_by=tuple(people),
        status_change="deviation-approved",
    )


def related(source: OscalSource, finding: Finding) -> tuple[RelatedObservation, ...] | None:
    """Return the reference to what a rule saw; None where it saw nothing."""
    if not counted(finding) and not left_out(finding):
        return None
    return (RelatedObservation(observation_uuid=_observation_uuid(source, finding)),)


def related_risk(source: OscalSource, finding: Finding) -> tuple[RelatedRisk, ...] | None:
    """Return the reference to the risk of a fail; None for what is not a fail."""
    if finding.outcome is not Outcome.FAIL:
        return None
    return (RelatedRisk(risk_uuid=_risk_uuid(source, finding)),)


def finding_uuid(source: OscalSource, finding: Finding, reach: ControlReach) -> str:
    """Return the UUID of what a rule came to for one control."""
    return source.uuid("finding", finding.policy, finding.rule, reach.catalog, reach.control)


def findings_of(source: OscalSource, finding: Finding) -> Iterator[OscalFinding]:
    """Yield what a rule came to, once for each control that it speaks for."""
    for reach in dict.fromkeys(source.reaches(finding)):
        yield OscalFinding(
            uuid=finding_uuid(source, finding, reach),
            title=markup(finding.title),
            description=markup(told(finding)),
            props=props([*_identity(finding), *_reach(reach), *_reasons(finding)]),
            origins=_origins(source),
            target=Target(
                target_id=source.objective(finding, reach),
                title=markup(_objective(finding, reach)),
                status=status_of(finding),
            ),
            related_observations=related(source, finding),
            related_risks=related_risk(source, finding),
            remarks=_remarks(finding),
        )


def told(finding: Finding) -> str:
    """Return what a rule asks and what it came to."""
    return say("told", sentence=finding.sentence, verdict=_verdict(finding))


def _verdict(finding: Finding) -> str:
    """Return what a finding came to; the rows that fail, and all reasons, stand in remarks."""
    if finding.outcome is not Outcome.FAIL:
        return _seen(finding)
    is_open = finding.disposition is Disposition.OPEN
    return say("fails" if is_open else "accepted", observed=_seen(finding))


def _seen(finding: Finding) -> str:
    """Return what was observed, with each number as exact as it was read; never empty."""
    if any(row.key != GHOST for row in finding.rows):
        return rows_text(finding.rows)
    if finding.outcome in {Outcome.INCONCLUSIVE, Outcome.ERROR}:
        return reasons_text(finding.reasons)
    operands = dict(_operands(finding.trace)) if finding.trace is not None else {}
    told = "; ".join(say("value", name=name, value=value) for name, value in operands.items())
    return told or finding.message or held(finding.outcome)


def _operands(node: TraceNode) -> Iterator[tuple[str, str]]:
    """Yield what stands under the conditions of a trace: what was compared, and its value."""
    for child in node.children:
        if node.truth and not child.truth and isinstance(child.value, str | int | float):
            yield child.text, value_words(child.value)
        yield from _operands(child)


def value_words(value: JsonValue) -> str:
    """Return a value as exact as it is: a text as it stands, the values of a list by commas."""
    if isinstance(value, list):
        return ", ".join(map(value_words, value))
    return value if isinstance(value, str) else canonical(value).decode()


def _failed(finding: Finding) -> str | None:
    """Name the rows that fail, or say what does; None where nothing does."""
    if finding.outcome is not Outcome.FAIL:
        return None
    rows = [one.message or one.key for one in finding.rows if one.outcome is Outcome.FAIL]
    told = "; ".join(dict.fromkeys(rows)) or finding.message
    return markup(told) if told.strip() else None


def _objective(finding: Finding, reach: ControlReach) -> str:
    return say("objective", control=reach.control, policy=finding.policy, rule=finding.rule)


def status_of(finding: Finding) -> Status:
    """Return the one of OSCAL's two states; only an outcome of pass is satisfied."""
    if finding.outcome is Outcome.PASS:
        return Status(state="satisfied", reason="pass")
    is_open = finding.disposition is Disposition.OPEN
    fails = finding.outcome is Outcome.FAIL and is_open
    return Status(state="not-satisfied", reason="fail" if fails else "other")


def _reach(reach: ControlReach) -> list[tuple[str, object]]:
    return [
        ("catalog", reach.catalog),
        ("control", reach.control),
        ("relation", reach.relation),
    ]


def _reasons(finding: Finding) -> list[tuple[str, object]]:
    codes: list[tuple[str, object]] = [
        ("reason", one) for one in dict.fromkeys(reason.code for reason in finding.reasons)
    ]
    return [*codes, ("waiver", finding.waiver), ("without-waived-rows", finding.rest)]


def _remarks(finding: Finding) -> str | None:
    """Say why something is not known, and how many documents did not count for it."""
    said = [
        f"{each.code} {each.path} {each.message}".replace("  ", " ").strip()
        for each in finding.reasons
    ]
    away = Counter(one.code for one in finding.left_out)
    said += [say("not-counted", number=each, code=code) for code, each in sorted(away.items())]
    said += finding.relaxed
    return markup("; ".join(said)) if said else None


def evidence_uuid(evidence: str) -> str:
    """Return the UUID of a piece of evidence, the same in every document that names it."""
    return uuid_of("evidence", evidence)


def evidence_resources(source: OscalSource, findings: Iterable[Finding]) -> Iterator[Resource]:
    """Yield the documents that observations name, each once, in the order of their ids."""
    named = {
        one
        for finding in findings
        for one in (*counted(finding), *(e for e, _ in left_out(finding)))
    }
    for one in sorted(named):
        yield _resource(source, one, source.documents.get(one))


def _resource(source: OscalSource, evidence: str, document: Evidence | None) -> Resource:
    plain = Resource(
        uuid=evidence_uuid(evidence),
        title=markup(_name(source, evidence)),
        document_ids=(DocumentId(identifier=line(evidence)),),
    )
    if document is None:
        return plain
    envelope = document.envelope
    made_by = f"{envelope.producer.tool} {envelope.producer.version}".strip()
    dated = envelope.produced_at
    said: list[tuple[str, object]] = [
        ("format", envelope.format),
        ("format-version", envelope.format_version),
        ("made-by", made_by),
        ("assurance", envelope.assurance.value),
        ("received-at", written(envelope.received_at)),
        ("produced-at", written(dated) if dated else None),
        ("size", envelope.size),
        ("digest", envelope.blob),
    ]
    said += [("declared", one) for one in envelope.declared]
    said += [("redacted", one) for one in envelope.redactions]
    return plain.model_copy(update={"props": props(said), "rlinks": _by_digest(envelope.blob)})


def _by_digest(digest: str) -> tuple[Rlink, ...] | None:
    """Return a link to the bytes by their digest (RFC 6920), for they may lie anywhere."""
    algorithm, _, value = digest.partition(":")
    try:
        raw = bytes.fromhex(value)
    except (ValueError, binascii.Error):
        return None
    if algorithm != "sha256" or len(raw) * 2 != len(digest_of(b"")) - len("sha256:"):
        return None
    name = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return (Rlink(href=f"ni:///sha-256;{name}", hashes=(Hash(value=raw.hex()),)),)
