"""One assessment, as it was recorded: the page that a CI job links to."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links, marks
from assaybook.console.backend import principal_of, reading
from assaybook.console.findings_shown import Change, Row, changes, in_order, needs_action
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.posture import Framework, counted, frameworks
from assaybook.console.routing import Page
from assaybook.domain.finding import Assessment, GateVerdict, WaiverUse
from assaybook.domain.ids import written
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.store.assessments import (
    AssessmentLine,
    known_assessment,
    load_assessment,
    newest_assessments,
)

_GATES: Final[Mapping[GateVerdict, str]] = {
    GateVerdict.PASS: "A rule passed, and no fail, error or undecided rule is open",
    GateVerdict.FAIL: "A rule fails",
    GateVerdict.INCONCLUSIVE: "A rule could not be decided, and none fails",
    GateVerdict.NOTHING: "Nothing was judged, which is not a pass",
    GateVerdict.ERROR: "A rule could not be judged, or a document not be read",
}
_DIGITS: Final = 10


class Shown(StrEnum):
    """Which findings of an assessment a list shows."""

    ACTION = "action"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    PASS = "pass"
    NOT_APPLICABLE = "not_applicable"


@record
class View:
    """What the page says.

    Attributes:
        gate: its mark; ``why`` says in words what the exit code stands for.
        above: findings at or above the threshold by what they came to; ``below`` the others.
        rows: findings that were asked for, most urgent first.
        whole: how many findings there are.
        waivers: those that were in the store for this release, each with its state.
        before: the assessment before it; None where it is the first.
        changes: what came to something else than in that one.
    """

    line: AssessmentLine
    found: Assessment
    gate: Mark
    why: str
    above: tuple[tuple[Mark, int], ...]
    below: tuple[tuple[Mark, int], ...]
    frameworks: tuple[Framework, ...]
    rows: tuple[Row, ...]
    whole: int
    waivers: tuple[tuple[Mark, WaiverUse], ...]
    before: AssessmentLine | None
    changes: tuple[Change, ...]


def assessment(request: Request) -> Response:
    """Show an assessment whole: its gate with the exit code, and its findings by urgency."""
    digest: str = request.path_params["digest"]
    shown = asked.choice(request, "outcome", Shown)
    least = asked.choice(request, "severity", Severity)
    with reading(request) as store:
        line = known_assessment(store, digest, systems=principal_of(request).systems)
        found = load_assessment(store, digest)
        past = newest_assessments(store, line.system, line.release, as_of=line.as_of, most=_DIGITS)
        before = next((one for one in past if one.seq < line.seq), None)
        earlier = load_assessment(store, before.digest) if before else None
    return page(
        request,
        "assessment.html.j2",
        title=f"Assessment {digest.partition(':')[2][:_DIGITS]}",
        crumbs=(
            (line.system, links.system(line.system)),
            (line.release, links.release(line.system, line.release)),
        ),
        view=view_of(line, found, before, earlier, shown, least),
        shown=shown,
        least=least,
        choices=tuple(Shown),
        severities=tuple(reversed(Severity)),
        again=f"assay assess --system {line.system} --release {line.release} "
        f"--as-of {written(line.as_of)}",
    )


def view_of(  # noqa: PLR0913, PLR0917 - what is told, and which findings are asked for
    line: AssessmentLine,
    found: Assessment,
    before: AssessmentLine | None,
    earlier: Assessment | None,
    shown: Shown | None,
    least: Severity | None,
) -> View:
    """Return what the page says of an assessment."""
    rows, gate = in_order(found), found.gate
    return View(
        line=line,
        found=found,
        gate=marks.of_gate(gate.verdict),
        why=_GATES[gate.verdict],
        above=counted(gate.counts),
        below=counted(gate.below),
        frameworks=frameworks(found.conclusion),
        rows=wanted(rows, shown, least),
        whole=len(rows),
        waivers=tuple((marks.of_waiver(one.state), one) for one in found.waivers),
        before=before,
        changes=() if earlier is None else changes(earlier, found),
    )


def wanted(rows: tuple[Row, ...], shown: Shown | None, least: Severity | None) -> tuple[Row, ...]:
    """Return the findings that are asked for; None asks for all."""
    found = needs_action(rows) if shown is Shown.ACTION else rows
    if shown is not None and shown is not Shown.ACTION:
        found = tuple(one for one in found if one.finding.outcome == shown.value)
    if least is not None:
        found = tuple(one for one in found if one.finding.severity.rank >= least.rank)
    return found


PAGES: Final = (Page("/assessments/{digest}", assessment, Action.ASSESSMENT_READ),)
