"""Whether a pack leaves out anything that its log says of the system.

Entries about a system are numbered. Each that the pack shows is proven to be in the log, so where
they have every number up to one after the judged instant, nothing that was recorded by then stands
between them. A log that gives a number twice, or an entry none, is seen by whoever has all of it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from assaybook.domain.attachment import PROOFS
from assaybook.domain.base import Frozen
from assaybook.domain.finding import AssessmentHead
from assaybook.domain.ids import Instant, written
from assaybook.domain.subject import Subject
from assaybook.service.pack_named import Named
from assaybook.service.verify_report import Step, bad, good

STEP: Final = "log"
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."
COMPLETE: Final = "complete"
_ALWAYS: Final = frozenset({"evidence", "retirement"})
"""What a pack holds all of that there is about its system."""
_VERSIONS: Final = frozenset({"system", "release", "waiver"})
"""What is recorded again under its name, and of which the newest counts."""


class LogEntry(Frozen):
    """An entry of the log, as its canonical JSON says it.

    ``number`` is the place among the entries about ``system``; None where an entry is about none or
    several, or of before there were numbers.
    """

    at: Instant
    digest: str
    kind: str
    person: str
    reason: str
    ref: str
    version: int
    number: int | None = None
    release: str = ""
    system: str = ""

    @property
    def named(self) -> Named:
        """Return what it is an entry for."""
        return Named(self.kind, self.ref, self.digest)


def left_out_step(
    entries: Iterable[LogEntry], head: AssessmentHead, subject: Subject, shown: Iterable[Named]
) -> Step | None:
    """Return whether everything about the system that was recorded by the judged instant is shown.

    Args:
        entries: that are proven to be in the log.
        head: of the assessment, which is an entry about the system itself.
        subject: what is judged.
        shown: all that the pack holds, as the log names it.

    Returns:
        None where the assessment itself has no number: the log is of before there were any.
    """
    system, pack = subject.system.id, frozenset(shown)
    numbered = [one for one in entries if one.number is not None]
    mine = sorted(
        (one for one in numbered if one.system == system), key=lambda one: one.number or 0
    )
    other = next((one for one in numbered if one.named in pack and one.system != system), None)
    if other is not None:
        message = f"{other.kind} {other.ref} is in the log as one about {other.system!r}"
        return bad(STEP, "entry-elsewhere", PROOFS, message, _ASK)
    assessed = next((x for x in mine if (x.kind, x.ref) == ("assessment", head.digest)), None)
    if assessed is None:
        return None
    run: list[LogEntry] = []
    for number, one in enumerate(mine, 1):
        if one.number != number:
            message = f"it does not show entry {number} about {system}"
            return bad(STEP, "left-out", PROOFS, message, _ASK)
        if one.at > head.as_of:
            break
        run.append(one)
    else:
        # What an assessment of this very instant was made from was recorded before it.
        if assessed.at < head.as_of:
            message = f"it shows nothing about {system} from after the judged instant"
            return bad(STEP, "left-out", PROOFS, message, _ASK)
    absent = _absent(run, subject, pack)
    if absent is not None:
        message = (
            f"{absent.kind} {absent.ref} was recorded at {written(absent.at)}, and is left out"
        )
        return bad(STEP, "left-out", PROOFS, message, _ASK)
    since = "" if run[:1] and run[0].kind == "system" else " since entries are numbered"
    message = f"it shows all that was recorded about {system}{since}: {len(run)} entries, no gap"
    return good(STEP, COMPLETE, PROOFS, message)


def _absent(
    entries: Sequence[LogEntry], subject: Subject, pack: frozenset[Named]
) -> LogEntry | None:
    """Return the first entry by the judged instant for what the pack should hold and does not."""
    newest = {(one.kind, one.ref): one for one in entries if one.kind in _VERSIONS}
    release, baseline = subject.release, subject.baseline
    judged = {f"{subject.system.id}/{one.version}" for one in (release, baseline) if one}
    for one in entries:
        wanted = one.kind in _ALWAYS
        if one.kind == "refusal":
            wanted = one.release == release.version
        elif one.kind in _VERSIONS:
            wanted = newest[one.kind, one.ref] is one
            wanted = wanted and (one.kind != "release" or one.ref in judged)
        if wanted and one.named not in pack:
            return one
    return None
