"""What an editor shows beside a key: a sentence for every field that does not say its own.

They stand apart from the shapes, so that a command that only reads files does not load them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_STARTS: Final = "The first instant at which it counts; without it, always until its end."
_ENDS: Final = "The first instant at which it no longer counts; without it, for ever."
_POLICY: Final = "Id of the policy, such as fairness.slice-floor."
_RULE: Final = "Id of the rule in its policy."
_CASE_SYSTEM: Final = "Fields of the system under judgement, such as risk_tier."
_CASE_RELEASE: Final = "Fields of the release under judgement, such as stage or artifacts."
_CASE_AS_OF: Final = "The instant of the assessment, with its zone."
_TIGHTENS: Final = "Values by name; without allow_relax each must ask at least as much."
_RELAX: Final = "Let the values ask for less; needs a reason."

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "PolicyDocument": {
            "title": "The claim, one sentence.",
            "why": "Why it is asked; the auditor reads this.",
            "severity": "How much a fail matters: low, medium, high or critical.",
            "params": "Values that overlays may set, by name; rules read params.<name>.",
            "needs": "Evidence that the rules read, by the name under which they read it.",
            "rules": "Determination statements, each with its own outcome.",
        },
        "ParamDocument": {
            "type": "bool, int, number, ratio, string, duration, list<string> or list<number>.",
            "min_items": "Least number of items of a list.",
            "description": "What the value means, for the person who sets it.",
        },
        "NeedDocument": {
            "assurance": "Least proof of origin: self, ci, signed or verified, or a param.",
            "about": "What the evidence must be about: release, model, dataset, system, baseline.",
            "may_be_empty": "An empty list can be proven by complete coverage; needs of.",
            "min_examined": "Least share that must have been examined, above 0 and up to 1.",
            "last": "Take the newest so many documents of one source, oldest first: a series.",
            "within": "Greatest age of the oldest of last.",
        },
        "AttestedDocument": {
            "question": "What persons are asked, answered by yes or no.",
            "role": "Role that a person must have to answer.",
            "people": "How many different persons must say yes.",
            "valid_for": "How long an answer counts.",
        },
        "RuleDocument": {
            "id": "Lower-case words joined by hyphens; findings and waivers name it.",
            "where": "Which rows are judged; only with for_each.",
            "enough": "What makes a row (or the rule) sufficient; false is unknown(too_few).",
            "let": "Names for parts of conditions, each read by those after it.",
            "pass_when": "The condition: true passes, false fails, unknown is inconclusive.",
            "attested": "A question to persons, in place of pass_when.",
            "on_unknown": "What an unknown comes to: inconclusive, or fail.",
            "message": "One line for a row that fails; {row.slice} stands for its value.",
            "fix": "What the team that submits evidence must do when it fails.",
        },
        "OverlayDocument": {"set": "What is set, in order; later entries win."},
        "OverlaySetDocument": {
            "policy": _POLICY,
            "params": _TIGHTENS,
            "allow_relax": _RELAX,
            "reason": "Why less is asked; every report shows it.",
        },
        "ScopeDocument": {
            "frameworks": "Per catalog, which controls apply.",
            "left_out": "Policies that are not judged, each with a reason.",
            "remediate_within": "How soon a finding is to be mended, by severity.",
        },
        "FrameworkDocument": {"controls": "Controls that differ from what holds for the rest."},
        "GapDocument": {"control": "Id of the control in its catalog."},
        "RemediationDocument": {
            "critical": "Critical ones, counted from first seen, such as 7d.",
            "high": "High ones.",
            "medium": "Medium ones.",
            "low": "Low ones.",
        },
        "ScopeControlDocument": {
            "control": "Id of the control in its catalog.",
            "applies": "Whether it applies.",
            "reason": "Why it does not apply; required then.",
        },
        "LeftOutDocument": {"policy": _POLICY, "reason": "Why it is not judged."},
        "CasesDocument": {
            "policy": "Id of the policy beside this file.",
            "defaults": "What holds for each case that does not say otherwise.",
            "cases": "Cases one by one.",
            "tables": "Cases that differ in a few values, a row for each.",
        },
        "CaseDefaults": {
            "system": _CASE_SYSTEM,
            "release": _CASE_RELEASE,
            "as_of": _CASE_AS_OF,
            "params": "Values of params, whatever the policy and overlays say.",
        },
        "CaseDocument": {
            "name": "What the case shows, as a sentence.",
            "system": _CASE_SYSTEM,
            "release": _CASE_RELEASE,
            "as_of": _CASE_AS_OF,
            "evidence": "What is submitted: documents with facts, or real files beside the cases.",
            "waivers": "Waivers in force in the case.",
            "attestations": "Answers of persons.",
        },
        "CaseOverlay": {
            "params": _TIGHTENS,
            "allow_relax": _RELAX,
            "reason": "Why less is asked.",
        },
        "CaseTable": {
            "name": "What the table shows.",
            "case": "What every row starts from.",
            "rows": "Inputs in the order of columns, then the outcomes in the order of expect.",
        },
        "TableCase": {
            "system": _CASE_SYSTEM,
            "release": _CASE_RELEASE,
            "as_of": _CASE_AS_OF,
            "evidence": "What is submitted in every row.",
            "waivers": "Waivers in force in every row.",
            "attestations": "Answers of persons in every row.",
            "expect": "Outcomes that hold for every row.",
        },
        "CaseEvidence": {
            "type": "Fact type of rows that do not say theirs, such as metric.",
            "facts": "Rows as an adapter would read them.",
            "coverage": "Questions that the document answers, with counts.",
            "file": "A real file beside the cases, in place of facts.",
            "about": "What it is about; without it, the release of the case.",
            "scope": "Data set, split, path and job.",
            "produced_at": "When it was made, as it claims.",
            "observed_at": "When the same bytes were observed again.",
            "received_at": "When it was received; without it, at as_of.",
            "assurance": "Proof of its origin: self, ci, signed or verified.",
            "tool": "The tool that made it, and its version.",
            "run": "The run that made it; two runs of one source replace each other.",
            "format": "Format that it is taken for.",
            "submission": "Documents with one word here were submitted together.",
            "malformed": "The document was received and could not be read.",
        },
        "CaseAttestation": {
            "rule": _RULE,
            "person": "Who answered.",
            "role": "In which role.",
            "answer": "yes or no; the last answer of each person counts.",
            "signed_at": "When it was signed.",
            "valid_until": "When it ends, where the person said so.",
        },
        "CaseWaiver": {
            "rule": _RULE,
            "rows": "Keys of the rows that are accepted.",
            "whole": "The fail as a whole, in place of rows.",
            "starts": _STARTS,
            "expires": _ENDS,
        },
        "Expected": {
            "outcome": "pass, fail, inconclusive, error or not_applicable.",
            "reasons": "Reasons of an unknown that must be told, such as stale.",
            "rows": "Outcomes by row key.",
            "disposition": "open or waived.",
        },
        "Coverage": {
            "question": "What was looked for, such as security/secret.",
            "examined": "How many items were looked at; absent is unknown, not zero.",
            "passed": "How many were found good.",
            "failed": "How many were found bad.",
            "errored": "How many could not be looked at.",
            "skipped": "How many were left out.",
            "skipped_items": "Names of what was left out.",
        },
        "Scope": {
            "dataset": "The data set that was measured or scanned.",
            "split": "Its part, such as holdout.",
            "path": "The folder or file that was scanned.",
            "job": "The job, suite or experiment that made the document.",
        },
        "AboutSubject": {
            "system": "Id of the system.",
            "release": "Version of the release.",
            "artifacts": "Artifacts of it, by digest.",
        },
        "AboutArtifact": {
            "digest": "sha256:<hex> of its bytes.",
            "name": "Its name, where it is known.",
            "kind": "model, dataset, code, docs or image.",
        },
        "Producer": {"tool": "Name of the tool.", "version": "Version of the tool."},
        "WaiversDocument": {"waivers": "The waivers, each with an id of its own."},
        "WaiverDocument": {
            "id": "Its id; approvals and reports name it.",
            "policy": _POLICY,
            "rule": _RULE,
            "system": "Id of the system whose fail is accepted.",
            "reason": "Why it is accepted, and what is done meanwhile.",
            "requester": "Who asks for it.",
            "approver": "Who is said to approve it; only a signature puts it in force.",
            "approved_at": "When it is said to have been approved.",
            "starts": _STARTS,
            "revoked_at": "When it was taken back.",
        },
        "BaselineDocument": {
            "system": "Id of the system whose fails are accepted.",
            "reason": "Why they are accepted for a time.",
            "requester": "Who asks for it; another person signs.",
            "revoked_at": "When it was taken back.",
            "fails": "The rules that failed, each with its rows.",
        },
        "BaselineFailDocument": {"policy": _POLICY, "rule": _RULE},
        "SubjectDocument": {
            "system": "The system.",
            "releases": "Its releases, those that evidence is about and their baselines.",
        },
        "System": {
            "id": "Stable id of the system.",
            "name": "What people call it.",
            "owner": "Who answers for it.",
            "purpose": "What it is for, one sentence.",
            "intended_uses": "Uses for which it was made.",
            "deployed_use": "The use it is put to; one of intended_uses.",
            "risk_tier": "minimal, limited, high or unacceptable.",
            "roles": "What the organisation is: provider, deployer or both.",
            "generative": "Whether it makes text, images or sound.",
            "edge": "Whether it runs outside of the organisation's own machines.",
            "lifecycle": "design, development, staging, production or retired.",
            "tags": "Words of your own, which overlays and policies can read.",
        },
        "ReleaseDocument": {
            "version": "Version of the release, as evidence names it.",
            "stage": "Where it runs or will run, such as production.",
            "artifacts": "Model, data sets, code and images that it is made of.",
            "released_at": "When it was released.",
        },
        "ArtifactDocument": {
            "name": "Name of the artifact.",
            "kind": "model, dataset, code, docs or image.",
            "digest": "sha256:<hex> of its bytes; or write path.",
        },
        "TrustDocument": {
            "persons": "Who may answer questions and approve waivers.",
            "signers": "Keys that sign evidence.",
            "authorities": "Authorities whose certificates sign evidence.",
        },
        "PersonDocument": {
            "id": "Stable id of the person.",
            "name": "Name, for reports.",
            "roles": "Roles that the person holds, such as waiver-approver.",
            "valid_from": _STARTS,
            "valid_until": _ENDS,
        },
        "SignerDocument": {
            "id": "Stable id of the pipeline, builder or vendor.",
            "valid_from": _STARTS,
            "valid_until": _ENDS,
        },
        "AuthorityDocument": {
            "id": "Stable id of the authority.",
            "valid_from": _STARTS,
            "valid_until": _ENDS,
        },
    }
)
