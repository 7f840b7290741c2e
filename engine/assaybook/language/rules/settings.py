"""Faults of overlays, scopes, waivers, baselines, systems and trust files."""

from typing import Final

from assaybook.language.rules.rule import LintRule

_KEY: Final = "0f" * 32
_WAIVER: Final = (
    "waivers:\n"
    "  - id: W-1\n"
    "    policy: demo.recall\n"
    "    rule: floor\n"
    "    system: triage\n"
    "    rows: [slice=sex=female]\n"
    "    reason: More data is being collected.\n"
    "    requester: ada\n"
    '    expires: "2027-01-01T00:00:00Z"\n'
)
_SYSTEM: Final = (
    "system: {id: triage}\n"
    "releases:\n"
    "  - version: 1.0.0\n"
    "  - version: 1.1.0\n"
    "    baseline: 1.0.0\n"
    f'    artifacts: [{{name: model, kind: model, digest: "sha256:{"0a" * 32}"}}]\n'
)
_THIRD: Final = "  - version: 1.2.0\n    artifacts:\n"
_MODEL: Final = f'      - {{name: model, kind: model, digest: "sha256:{"0" * 63}%s"}}\n'
_TRUST: Final = (
    "persons:\n"
    f'  - {{id: ada, name: Ada, roles: [approver], key: "{_KEY}"}}\n'
    f'  - {{id: lin, name: Lin, roles: [approver], key: "{"1e" * 32}"}}\n'
)
_RELAXED: Final = (
    "overlay: clinic\n"
    "set:\n"
    "  - policy: demo.recall\n"
    "    params: {floor: 0.7}\n"
    "    allow_relax: true\n"
    "    reason: The model only sorts; a person reads every image.\n"
)


def _waiver(before: str, after: str) -> str:
    return _WAIVER.replace(before, after, 1)


RULES: Final = (
    LintRule(
        "param-unknown",
        "A value is given to a param that the policy does not have",
        "The value would change nothing, and nobody would notice.",
        "Write the name of a param of the policy; the message suggests the nearest.",
        "overlay: clinic\nset:\n  - {policy: demo.recall, params: {flor: 0.9}}\n",
        "overlay: clinic\nset:\n  - {policy: demo.recall, params: {floor: 0.9}}\n",
        "file",
    ),
    LintRule(
        "overlay-relaxes",
        "An overlay asks for less than the policy",
        "What a policy demands can be lowered only openly: with a reason that every report shows.",
        "Write a stricter value, or allow_relax: true and a reason.",
        "overlay: clinic\nset:\n  - {policy: demo.recall, params: {floor: 0.7}}\n",
        _RELAXED,
        "file",
    ),
    LintRule(
        "reason-missing",
        "A decision has no reason",
        "An auditor asks why less was demanded, or why a control does not apply.",
        "Add reason: with a sentence.",
        _RELAXED.replace("    reason: The model only sorts; a person reads every image.\n", ""),
        _RELAXED,
        "file",
    ),
    LintRule(
        "waiver-id-twice",
        "Two waivers have one id",
        "Approvals and reports name a waiver by its id.",
        "Give each waiver an id of its own.",
        _WAIVER + _WAIVER.removeprefix("waivers:\n"),
        _WAIVER,
        "file",
    ),
    LintRule(
        "waiver-self-approved",
        "A waiver is approved by the person who asks for it",
        "Nobody can accept their own risk.",
        "Another person must approve it.",
        _WAIVER + '    approver: ada\n    approved_at: "2026-11-01T00:00:00Z"\n',
        _WAIVER + '    approver: lin\n    approved_at: "2026-11-01T00:00:00Z"\n',
        "file",
    ),
    LintRule(
        "waiver-approval-incomplete",
        "An approval lacks the person or the time",
        "Half an approval is none.",
        "Write both approver and approved_at, or neither and let the approver sign.",
        _WAIVER + "    approver: lin\n",
        _WAIVER + '    approver: lin\n    approved_at: "2026-11-01T00:00:00Z"\n',
        "file",
    ),
    LintRule(
        "waiver-names-nothing",
        "A waiver names no rows, and does not say whole",
        "A waiver that accepts nothing by name would accept everything by mistake.",
        "Name the row keys that stand in the finding, or write whole: true.",
        _waiver("    rows: [slice=sex=female]\n", ""),
        _WAIVER,
        "file",
    ),
    LintRule(
        "waiver-names-both",
        "A waiver names rows and says whole",
        "Nobody could say which of the two was approved.",
        "Keep one of the two.",
        _WAIVER + "    whole: true\n",
        _WAIVER,
        "file",
    ),
    LintRule(
        "waiver-never-holds",
        "A waiver ends before it begins",
        "It could never be in force.",
        "Set expires later than starts.",
        _WAIVER + '    starts: "2028-01-01T00:00:00Z"\n',
        _WAIVER + '    starts: "2026-11-20T00:00:00Z"\n',
        "file",
    ),
    LintRule(
        "waiver-compensates-itself",
        "A waived rule is its own compensating rule",
        "A rule that fails cannot vouch for itself.",
        "Name another rule, which must pass for the waiver to hold.",
        _WAIVER + "    compensating: demo.recall/floor\n",
        _WAIVER + "    compensating: approval.two-persons/go-ahead\n",
        "file",
    ),
    LintRule(
        "release-twice",
        "A release stands twice",
        "Nobody could say which of the two is judged.",
        "Give each release a version of its own.",
        _SYSTEM.replace("version: 1.1.0\n    baseline: 1.0.0", "version: 1.0.0"),
        _SYSTEM,
        "file",
    ),
    LintRule(
        "release-unknown",
        "A release is not in the file",
        "A baseline or release under judgement must be described, with its artifacts.",
        "Write a version that stands in the file, or add the release.",
        _SYSTEM.replace("baseline: 1.0.0", "baseline: 0.9.0"),
        _SYSTEM,
        "file",
    ),
    LintRule(
        "baseline-itself",
        "A release is its own baseline",
        "Compared with itself a release never gets worse.",
        "Name an earlier release.",
        _SYSTEM.replace("baseline: 1.0.0", "baseline: 1.1.0"),
        _SYSTEM,
        "file",
    ),
    LintRule(
        "artifact-digest",
        "An artifact has no whole digest and no path, or both",
        "Evidence is bound to an artifact by its digest; a name alone can mean any file.",
        "Write digest: sha256:..., or path: and the digest of the file is computed.",
        _SYSTEM.replace("kind: model, digest", "kind: model, path: m.onnx, digest"),
        _SYSTEM,
        "file",
    ),
    LintRule(
        "artifact-twice",
        "An artifact stands twice",
        "Evidence about one of them could be taken for the other.",
        "Give each artifact of a kind a name of its own.",
        _SYSTEM + _THIRD + _MODEL % "a" + _MODEL % "b",
        _SYSTEM + _THIRD + _MODEL % "a",
        "file",
    ),
    LintRule(
        "trust-empty",
        "A trust file trusts nobody",
        "Every signature would be unknown; an empty list is most often a mistake.",
        "Name persons, signers or authorities, or leave the file out.",
        "persons: []\n",
        _TRUST,
        "file",
    ),
    LintRule(
        "trust-key-twice",
        "One key belongs to two names",
        "One person could approve as two.",
        "Each person has a key of their own, and each key stands once.",
        _TRUST.replace("1e" * 32, _KEY),
        _TRUST,
        "file",
    ),
    LintRule(
        "trust-person-twice",
        "Two ids belong to one name",
        "One person could approve as two.",
        "Give both keys of one person one id, and two persons two names.",
        _TRUST.replace("name: Lin", "name: ADA"),
        _TRUST,
        "file",
    ),
    LintRule(
        "trust-never-valid",
        "A key stops counting before it starts to",
        "Nothing signed with it would ever count.",
        "Set valid_until later than valid_from.",
        _TRUST.replace(
            f'"{_KEY}"',
            f'"{_KEY}", valid_from: "2027-01-01T00:00:00Z", valid_until: "2026-01-01T00:00:00Z"',
        ),
        _TRUST,
        "file",
    ),
)
