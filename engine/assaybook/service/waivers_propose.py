"""Propose a waiver for a fail that was found; another person approves it, never this command."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import AssayError, UsageError
from assaybook.domain.finding import Assessment, Finding, Outcome
from assaybook.domain.ids import written
from assaybook.domain.waiver import Waiver
from assaybook.language.source import read_source
from assaybook.language.waiver_file import load_waivers
from assaybook.service.files import read_bytes, write_bytes

_MOST_ID: Final = 64
_DIGITS: Final = 8
_FILLED: Final = "filled in"
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*([./-][A-Za-z0-9]+)+")
"""A name in several parts, which YAML takes for text and nothing else."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks to have accepted.

    Attributes:
        rule: ``POLICY/RULE`` that fails.
        rows: keys of failing rows; none means all of them.
        whole: the fail as a whole, in place of rows.
        every_release: of the system, and not only the one that was judged.
        reason: why it can be accepted; empty leaves a place for it, and until it is filled in
            the file is refused.
    """

    rule: str
    requester: str
    expires: datetime
    rows: tuple[str, ...] = ()
    whole: bool = False
    every_release: bool = False
    reason: str = ""
    compensating: str | None = None


def proposed(judged: Assessment, asked: Asked) -> str:
    """Return the YAML of a waiver of a fail, as one member of ``waivers:``.

    Raises:
        UsageError: ``rule-unknown``; ``waiver-only-fails``; ``row-unknown``;
            ``waiver-never-holds``.
    """
    finding = _failing(judged, asked.rule)
    if asked.expires <= judged.assessment.as_of:
        raise UsageError(
            "waiver-never-holds",
            f"it would have run out before the release was judged at "
            f"{written(judged.assessment.as_of)}",
            where="--expires",
            hint="Name a later instant.",
        )
    rows = () if asked.whole else _rows(finding, asked.rows)
    said: dict[str, object] = {
        "id": _id(finding, rows, asked),
        "policy": finding.policy,
        "rule": finding.rule,
        "policy_version": finding.policy_version,
        "system": finding.system,
        **({} if asked.every_release else {"releases": [finding.release]}),
        **({"rows": list(rows)} if rows else {"whole": True}),
        "reason": asked.reason,
        **({"compensating": asked.compensating} if asked.compensating else {}),
        "requester": asked.requester,
        "expires": written(asked.expires),
    }
    lines = [line for key, value in said.items() for line in _written(key, value)]
    failing = (row for row in finding.rows if row.outcome is Outcome.FAIL)
    why = next((row.message for row in failing if not rows or row.key in rows), "")
    told = [finding.sentence, f"It fails: {why or finding.message or finding.title}"]
    about = [f"# {_line(each)}" for each in told]
    return "  - " + "\n    ".join([*about, *lines]) + "\n"


def write_proposal(path: Path, block: str, *, reason: str) -> str:
    """Put a proposed waiver into a file, new or at the end of one of waivers, and return its id.

    Raises:
        UsageError: ``waiver-exists``, or ``file-not-extended`` where the file does not end with
            its list of waivers; it stays as it is.
        AuthorError: the file is no file of waivers, or what would be written is refused.
    """
    known, before = 0, "waivers:\n"
    held: list[Waiver] = []
    if path.exists():
        there = read_bytes(path)
        known = len(load_waivers(read_source(there, str(path))))
        before = there.decode()
    after = before.rstrip("\n") + "\n" + block
    tried = after if reason else after.replace('    reason: ""\n', f"    reason: {_FILLED}\n")
    try:
        held = list(load_waivers(read_source(tried.encode(), str(path))))
    except AssayError as error:
        if error.code == "waiver-id-twice":
            hint = "Change the one that is there, or ask for other rows."
            told = "the same waiver is proposed there already"
            raise UsageError("waiver-exists", told, where=str(path), hint=hint) from error
        if not known:
            raise
    if len(held) != known + 1:
        hint = "Write the proposal to a file of its own with -o."
        told = "the proposal cannot be put at the end of this file"
        raise UsageError("file-not-extended", told, where=str(path), hint=hint)
    write_bytes(path, after.encode())
    return held[-1].id


def _written(key: str, value: object) -> list[str]:
    """Return a key with its value as YAML; text that could be more than text is quoted."""
    if isinstance(value, list):
        members = cast("list[str]", value)
        return [f"{key}:", *(f"  - {json.dumps(each, ensure_ascii=False)}" for each in members)]
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return [f"{key}: {json.dumps(value, ensure_ascii=False)}"]
    return [f"{key}: {'true' if value is True else value}"]


def _line(text: str) -> str:
    """Return text from evidence as one line of a comment, which it cannot leave."""
    kept = " ".join(text.split())
    return "".join(each if each.isprintable() else "\ufffd" for each in kept)


def _failing(judged: Assessment, name: str) -> Finding:
    policy, _slash, rule = name.partition("/")
    found = [one for one in judged.findings if (one.policy, one.rule) == (policy, rule)]
    fails = [f"{one.policy}/{one.rule}" for one in judged.findings if one.outcome is Outcome.FAIL]
    hint = f"These fail: {', '.join(fails)}." if fails else "No rule fails."
    if not found:
        raise UsageError("rule-unknown", "no such rule was judged", where=name, hint=hint)
    if found[0].outcome is not Outcome.FAIL:
        codes = ", ".join(dict.fromkeys(one.code for one in found[0].reasons))
        word = found[0].outcome.value.replace("_", " ") + (f" ({codes})" if codes else "")
        told = f"only a fail can be waived, and this came to {word}"
        raise UsageError("waiver-only-fails", told, where=name, hint=hint)
    return found[0]


def _rows(finding: Finding, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rows to accept: those asked for, else all that fail."""
    failing = [row.key for row in finding.rows if row.outcome is Outcome.FAIL]
    for row in asked:
        if row not in failing:
            known = "; ".join(failing)
            raise UsageError(
                "row-unknown",
                f"no row {row!r} fails",
                where=f"{finding.policy}/{finding.rule}",
                hint=f"These do: {known}" if known else "The rule judges no rows: leave --row out.",
            )
    return asked or tuple(failing)


def _id(finding: Finding, rows: tuple[str, ...], asked: Asked) -> str:
    """Return an id by which the same proposal is known again."""
    said = [finding.policy, finding.rule, finding.system, finding.release]
    said += [*rows, written(asked.expires)]
    digits = digest_of(canonical([*said])).partition(":")[2][:_DIGITS]
    return f"{finding.rule[: _MOST_ID - _DIGITS - 1]}-{digits}"
