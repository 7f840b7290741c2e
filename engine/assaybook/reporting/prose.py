"""Every fixed sentence of the documents in OSCAL, those that they share with other reports too.

One table, so that whoever writes apart what a document must say, as the second verifier does, can
be held against it word by word: no writer of OSCAL has a sentence of its own. In braces stands what
a finding, a document or a subject says.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PROSE: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Documents.
        "results": "Assessment results",
        "poam": "Plan of action and milestones",
        "plan": "Assessment plan",
        "titled": "{document}: {subject}",
        "assessed": "Assessment of {subject} as of {at}",
        "requester": "Requester",
        "approver": "Approver",
        "subject": "The system and release that were judged.",
        "subject-unknown": "The release that was judged",
        "artifact": "A part of the release.",
        "engine": "The engine that judged the evidence by the policies of the bundle.",
        "framework": "{title}, {version}",
        "no-control": "No control was in scope: nothing was judged.",
        "plan-resource": "The policies, parameters and scope that the release was judged by.",
        "applicability": "Statement of applicability",
        "applicability-what": "The controls that do not apply, and why.",
        "no-ssp": "No system security plan",
        "no-ssp-why": (
            "There is no system security plan. The system and its release are described by the "
            "subject record, whose digest stands with the component."
        ),
        "unread": "Could not be read: {file} ({code})",
        "task": "Judge the release by every policy of the bundle that applies",
        "policy": "Policy {policy}, version {version}: {title}",
        "rule": "{policy} / {rule}",
        "value": "{name} = {value}",
        # Evidence, risks and items.
        "counted": "Counted",
        "left-out": "Not counted, {code}",
        "document": "{how}: {name}",
        "objective": "{control}: {policy} / {rule}",
        "not-counted": "{number} not counted: {code}",
        "told": "{sentence} {verdict}",
        "statement": "This does not hold: {sentence}",
        "remedy": "What the policy asks to do",
        "waiver": "Waiver",
        "baseline": "Baseline",
        "decision": "{kind} {name}",
        "waived": "{reason} (identity of the approver: {known})",
        "known": "verified",
        "not-known": "not verified",
        "mend": "Mend",
        "mend-later": "Mend before the waiver ends",
        "find-out": "Find out",
        "item": "{asked}: {title}",
        # Verdicts.
        "accepted": "Fails, and is accepted: {observed}",
        "fails": "Fails: {observed}",
        # Observations.
        "rows": "{passed} of {sure} rows pass",
        "rows-but": "{rows}: {others}",
        "rows-open": "{rows}; more rows may exist",
        "unknown": "Unknown",
        "unknown-why": "Unknown: {reasons}",
        "and-more": "{names} and {number} more",
        "held": "{holds} on the evidence that counts.",
        "true": "The rule holds",
        "false": "The rule does not hold",
        # The gate.
        "gate": "{verdict} (exit {exit}).",
        "counts": "At {severity} severity or above: {above}. Below: {below}.",
        "none-above": "nothing judged",
        "none-below": "nothing",
    }
)


def say(name: str, /, **said: object) -> str:
    """Return a sentence of the table, with what is said in it."""
    return PROSE[name].format_map(said)
