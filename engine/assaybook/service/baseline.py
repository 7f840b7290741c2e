"""Baselines as files: written from an assessment, signed by another person, read by a check."""

from datetime import datetime
from pathlib import Path
from typing import Final

from assaybook.domain.baseline import Baseline
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment, Disposition, Outcome
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.evaluation.baseline import known_fail
from assaybook.language.baseline_file import baseline_text, load_baseline
from assaybook.language.library import kind_of
from assaybook.language.source import Source, read_source
from assaybook.service.files import read_bytes, read_yaml, write_bytes
from assaybook.service.people import approved
from assaybook.service.waivers import approvals_beside

BASELINE: Final = "baseline"
APPROVALS: Final = "baseline-approvals"
"""What a request calls a baseline that is sent along, and the signatures beside it."""
_UNKNOWN: Final = (
    "What is not known cannot be: submit the evidence that is missing. What whichever row of a "
    "list makes fail is accepted as a whole, by a waiver: assay waiver propose --whole."
)
_MOST_ID: Final = 64
_MOST_APPROVALS: Final = 200


@record
class Wanted:
    """Who asks to accept what was found, why, and until when; its id is by default the system's."""

    id: str | None
    requester: str
    reason: str
    expires: datetime


@record
class Written:
    """A baseline that was written, and the fails that it cannot hold."""

    baseline: Baseline
    left: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Return how many fails it names."""
        return sum(len(one.rows) or 1 for one in self.baseline.fails)


def write_baseline(path: Path, judged: Assessment, wanted: Wanted) -> Written:
    """Write every known fail of an assessment that no waiver accepts to a new file.

    A fail that stands for something unknown is not written, nor one of a rule without rows that
    one row of a list makes fail, whichever it is: they stay fails.

    Raises:
        UsageError: ``file-exists``; ``baseline-empty``, nothing fails.
        AuthorError: what would be written is refused, such as an id of another form.
    """
    if path.exists():
        hint = "Choose another file; two decisions are kept as two."
        raise UsageError("file-exists", "it is there already", where=str(path), hint=hint)
    failing = [
        one
        for one in judged.findings
        if one.outcome is Outcome.FAIL and one.disposition is not Disposition.WAIVED
    ]
    fails = [(one, known_fail(one)) for one in failing]
    kept = tuple(fail for _one, fail in fails if fail is not None)
    left = tuple(f"{one.policy}/{one.rule}" for one, fail in fails if fail is None)
    if not kept:
        told = "nothing fails that could be accepted"
        hint = _UNKNOWN if left else ""
        raise UsageError("baseline-empty", told, hint=hint)
    baseline = Baseline.model_construct(
        id=wanted.id or failing[0].system[:_MOST_ID],
        system=failing[0].system,
        reason=wanted.reason,
        requester=wanted.requester,
        written_at=judged.assessment.as_of,
        expires=wanted.expires,
        fails=kept,
    )
    text = baseline_text(baseline, {(one.policy, one.rule): one.sentence for one in failing})
    held = load_baseline(read_source(text.encode(), str(path)))
    write_bytes(path, text.encode())
    return Written(held, left)


def is_baseline(path: Path) -> bool:
    """Tell whether a file says that it holds a baseline.

    Raises:
        AssayError: the file cannot be read.
    """
    return kind_of(read_yaml(path)) == "baseline"


def read_baseline(path: Path, trust: Trust, *, system: str | None = None) -> Baseline:
    """Return the baseline of a file with its verified approval, once it is about the system.

    ``system`` None is any.

    Raises:
        UsageError: ``baseline-elsewhere``, it is about another system.
        AssayError: the file or its approvals cannot be read, or an approval is no statement.
    """
    beside = approvals_beside(path)
    approvals = read_bytes(beside) if beside.exists() else b""
    source = read_yaml(path)
    return _decided(source, approvals, trust, system=system, names=(str(path), str(beside)))


def sent_baseline(raw: bytes, approvals: bytes, trust: Trust, *, system: str) -> Baseline:
    """Return a baseline that was sent along, with the approvals that the trust verifies.

    Raises:
        UsageError: ``baseline-elsewhere``, it is about another system; ``approvals-too-many``.
        AssayError: it or its approvals cannot be read, or an approval is no statement.
    """
    source = read_source(raw, BASELINE)
    return _decided(source, approvals, trust, system=system, names=(BASELINE, APPROVALS))


def _decided(
    source: Source, approvals: bytes, trust: Trust, *, system: str | None, names: tuple[str, str]
) -> Baseline:
    if kind_of(source) == "waivers":
        told, hint = "these are waivers, and no baseline", "check takes them with --waivers."
        raise UsageError("baseline-is-waivers", told, where=names[0], hint=hint)
    found = load_baseline(source)
    if system is not None and found.system != system:
        told = f"the baseline is about {found.system!r}, not {system!r}"
        hint = "Each system has a baseline of its own."
        raise UsageError("baseline-elsewhere", told, where=names[0], hint=hint)
    lines = approvals.splitlines()
    if len(lines) > _MOST_APPROVALS:
        told = f"{len(lines)} approvals of one baseline are no approvals"
        hint = f"Keep the last ones; at most {_MOST_APPROVALS} are read."
        raise UsageError("approvals-too-many", told, where=names[1], hint=hint)
    return approved([found], lines, trust, where=names[1])[0] if lines else found
