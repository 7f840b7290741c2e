"""What to do about a finding: what its policy says for a fail, else what its reasons ask for.

A policy says how to mend what is false. Where nobody knows, that would be wrong advice: a report
without a date is not mended by training again.
"""

from typing import Final, Protocol

from assaybook.domain.finding import NeedUse, Outcome, ReasonShown

_MOST: Final = 2
_SUBMIT: Final = "Submit what answers this."
_REMEDIES: Final = {
    "undated": "Say in evidence.yaml when it was produced: produced_at, an instant or mtime.",
    "stale": "Run the tool again and submit its new report.",
    "low_assurance": "Submit it by a pipeline that is known (--assurance ci), or signed.",
    "wrong_subject": (
        "Submit a report about this release, or mend what `about` names in evidence.yaml."
    ),
    "not_examined": (
        "Submit a report that says what was looked for and how much was examined; evidence.yaml "
        "can say it (asked, coverage)."
    ),
    "errored": "Find out why the tool failed on a part, run it again and submit the report.",
    "skipped": "Examine what was skipped too, and submit the report.",
    "null": "Submit a report that has this value; evidence.yaml can say counts and scope.",
    "redacted": "The value is not kept: submit a report that answers without it.",
    "malformed": "Mend the document where it contradicts itself or cannot be read, and submit it.",
    "unit": "Submit the value in the unit of its name, such as 0.91 where it is a share.",
    "conflict": (
        "Find out which of them is right, and submit that again; a source that is no longer used "
        "can be retired: assay evidence retire."
    ),
    "param_unset": "Set it in an overlay: --overlay FILE, or where a server judges, its own.",
}
_NOT_REGISTERED: Final = {
    "the release registers no model": (
        "Register it in system.yaml, artifacts: {name: ..., kind: model, path: ...}."
    ),
    "the release registers no dataset": (
        "Register each data set in system.yaml, artifacts: {name: ..., kind: dataset, path: ...}."
    ),
    "the release names no registered baseline": (
        "Name one in system.yaml, baseline: VERSION, and list that release there too."
    ),
}
"""Remedies for what no report can say, by the message of the reason."""
_SUBJECT: Final = frozenset(("release", "system"))
_THEN_ALSO: Final = frozenset(("null", "not_examined"))
"""Codes beside which the words of the policy often say what the report lacks."""
_ERROR: Final = "Mend the rule, or the value that it could not be evaluated with."


class Told(Protocol):
    """A finding, or the explanation of one."""

    @property
    def outcome(self) -> Outcome:
        """Return what it came to."""
        ...

    @property
    def fix(self) -> str:
        """Return what the policy says to do where the rule fails."""
        ...

    @property
    def sentence(self) -> str:
        """Return what the rule asks."""
        ...

    @property
    def reasons(self) -> tuple[ReasonShown, ...]:
        """Return why nobody can say."""
        ...

    @property
    def needs(self) -> tuple[NeedUse, ...]:
        """Return the needs that the rule reads."""
        ...


def what_to_do(found: Told) -> str:
    """Return what to do next in a few sentences; empty where nobody says anything."""
    if found.outcome not in {Outcome.INCONCLUSIVE, Outcome.ERROR} or _asks_persons(found):
        return found.fix
    told = [one for one in dict.fromkeys(_remedy(each, found) for each in found.reasons) if one]
    said = " ".join(told[:_MOST]) or found.fix
    helps = {each.code for each in found.reasons if not _registered(each)} & _THEN_ALSO
    return f"{said} If it then fails: {found.fix}" if helps and found.fix not in said else said


def _asks_persons(found: Told) -> bool:
    """Tell whether a rule reads no evidence and says what to do all the same."""
    return bool(found.fix) and not found.needs


def _remedy(reason: ReasonShown, found: Told) -> str:
    if reason.code.startswith("error:"):
        return _ERROR
    if registered := _registered(reason):
        return registered
    if reason.code in {"missing", "no_match"}:
        return f"{_SUBMIT} The rule: {found.sentence}"
    return _REMEDIES.get(reason.code, found.fix)


def _registered(reason: ReasonShown) -> str:
    """Return what to do where it is the record of the system that says too little."""
    if reason.code == "missing":
        return _NOT_REGISTERED.get(reason.message, "")
    record, _, field = reason.path.partition(".")
    if reason.code == "null" and record in _SUBJECT and field:
        return f"Write {field}: for the {record} in system.yaml."
    return ""
