"""``assay policy explain``: why a rule came to its outcome over these files."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assaybook.cli.listing import errors_spoken, harmless, print_json
from assaybook.cli.options import (
    AsOf,
    Assured,
    BaselineFile,
    DeclaredFormat,
    EvidencePaths,
    ManifestFile,
    Overlays,
    Policies,
    ReleaseJudged,
    ScopeFile,
    SystemFile,
    TrustFile,
    WaiversFile,
    judged_at,
)
from assaybook.domain.ids import written
from assaybook.domain.policy import Assurance

if TYPE_CHECKING:
    from assaybook.domain.finding import EvidenceUse, NeedUse
    from assaybook.evaluation.explain import Clause, Explanation
    from assaybook.evaluation.margin import Margin

_PLACES = 3
_MARKS = {"T": "true", "F": "false", "U": "not known", "": "not judged"}


class ExplanationFormat(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"
    PARAGRAPH = "paragraph"


_RuleName = Annotated[
    str, typer.Argument(metavar="POLICY/RULE", help="Such as fairness.slice-floor/floor.")
]
_RowKey = Annotated[
    str | None, typer.Option("--row", metavar="KEY", help="Only this row of the rule.")
]
_Style = Annotated[ExplanationFormat, typer.Option("--format", help="How stdout is written.")]


def explain(  # noqa: PLR0913, PLR0917 - each is an option
    rule: _RuleName,
    evidence: EvidencePaths = None,
    system: SystemFile = Path("system.yaml"),
    release: ReleaseJudged = None,
    row: _RowKey = None,
    policies: Policies = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
    waivers: WaiversFile = None,
    baseline: BaselineFile = None,
    trust: TrustFile = None,
    declared_format: DeclaredFormat = None,
    manifest: ManifestFile = None,
    assurance: Assured = Assurance.SELF,
    as_of: AsOf = None,
    style: _Style = ExplanationFormat.TEXT,
) -> None:
    """Say why a rule came to its outcome: what decided, what was left out, until when it holds.

    Exit 0, or 5 where a file could not be read.
    """
    from assaybook.cli.report import leave_unread
    from assaybook.service.bundles import BundleFiles
    from assaybook.service.check import CheckRequest, only_release
    from assaybook.service.explain import explained

    with errors_spoken():
        files = BundleFiles(tuple(policies or ()), (), tuple(overlays or ()), scope)
        version = only_release(system) if release is None else release
        request = CheckRequest(tuple(evidence or ()), system, version, judged_at(as_of), files)
        request = replace(
            request, declared_format=declared_format, manifest=manifest, assurance=assurance
        )
        found, judgement = explained(
            replace(request, waivers=waivers, baseline=baseline, trust=trust), rule, row
        )
        _write(found, style)
        leave_unread(judgement.problems)


def _write(found: "Explanation", style: ExplanationFormat) -> None:
    if style is ExplanationFormat.JSON:
        print_json(found.model_dump(mode="json"))
    elif style is ExplanationFormat.PARAGRAPH:
        from assaybook.reporting.explained import explained_paragraph

        typer.echo(harmless(explained_paragraph(found)))
    else:
        typer.echo(harmless("\n".join(explanation_lines(found))))


def explanation_lines(found: "Explanation") -> Iterator[str]:
    """Yield an explanation as lines for a person."""
    from assaybook.reporting.remedies import what_to_do

    about = f" [{found.row}]" if found.row else ""
    state = "" if found.disposition.value == "open" else f", {found.disposition.value}"
    yield f"{found.policy}/{found.rule}{about}: {found.outcome.value}{state}"
    yield f"  {found.title}"
    yield f"  {found.sentence}"
    if found.rest is not None:
        yield f"  Without the rows that waivers name it comes to: {found.rest.value}."
    yield from _section(
        "What decided", [line for each in found.deciding for line in _clause(each, found)]
    )
    if found.more:
        yield f"  and {found.more} more"
    if found.message and not found.deciding:
        yield from _section("Why", [found.message])
    yield from _section(
        "What was counted", [line for each in found.needs for line in _need(each, found)]
    )
    yield from _section(
        "What was left out",
        [f"{_name(one.evidence, found)}: {one.code}: {one.message}" for one in found.left_out],
    )
    yield from _section(
        "What no rule used",
        [f"{one.name or one.evidence}: {one.why}" for one in found.unused],
    )
    yield from _section("Relaxed", found.relaxed)
    if found.expires_at is not None:
        yield from _section("It holds until", [written(found.expires_at)])
    if todo := what_to_do(found):
        yield from _section("What to do", [todo])


def _section(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"\n{heading}"
        yield from (f"  {line}" for line in lines)


def _clause(clause: "Clause", found: "Explanation") -> Iterator[str]:
    ghost = clause.row == "?" or clause.row.endswith("[?]")
    row = "any further row" if ghost else clause.row
    about = f"{row}: " if row else ""
    yield f"{about}{clause.text or clause.message or found.rule} is {_MARKS[clause.truth]}"
    if clause.text and clause.message:
        yield f"    {clause.message}"
    for part in clause.observed:
        if part.text != clause.text:
            yield f"    {part.text} = {'not known' if part.value is None else part.value}"
    if clause.margin is not None:
        yield from (f"    {line}" for line in _margin(clause.margin, clause.truth))
    for reason in clause.reasons:
        yield f"    {reason.code}: {reason.path}: {reason.message}".replace(": : ", ": ")
    for place in clause.evidence[:_PLACES]:
        yield f"    read in {_place(place, found)}"
    if len(clause.evidence) > _PLACES:
        yield f"    and in {len(clause.evidence) - _PLACES} other places"


def _margin(margin: "Margin", truth: str) -> Iterator[str]:
    """Yield what would turn a clause: a value or, at the same rate, a number of trials."""
    far = f"{margin.distance:.4g}"
    if truth == "T":
        yield f"it turns at {margin.limit:.6g}: {far} to spare"
        return
    yield f"it would hold with {margin.text} {margin.op} {margin.limit:.6g}: {far} away"
    if margin.trials is not None and margin.trials_now is not None:
        more = margin.trials - margin.trials_now
        yield f"at the same rate {margin.trials} trials would do: {more} more"
    elif margin.trials_now is not None:
        yield "at the same rate no number of trials would do"


def _need(need: "NeedUse", found: "Explanation") -> Iterator[str]:
    from assaybook.reporting.words import count

    possible = f", {need.possible} possible" if need.possible else ""
    proven = ", proven empty" if need.proven_empty else ""
    documents = count(len(need.evidence), "document")
    yield f"{need.need}: {need.rows} sure{possible}{proven}, of {documents}"
    for reason in need.open:
        yield f"    open: {reason.code}: {reason.path}: {reason.message}"
    for one in need.coverage:
        counts = {
            "examined": one.examined,
            "failed": one.failed,
            "errored": one.errored,
            "skipped": one.skipped,
        }
        told = ", ".join(f"{'?' if n is None else n} {word}" for word, n in counts.items())
        accepted = f" (accepted: {', '.join(one.accepted_skips)})" if one.accepted_skips else ""
        yield f"    {one.question} in {_name(one.evidence, found)}: {told}{accepted}"
    for note in need.notes:
        yield f"    {note}"


def _name(evidence: str, found: "Explanation") -> str:
    return found.names.get(evidence) or evidence


def _place(place: "EvidenceUse", found: "Explanation") -> str:
    from assaybook.reporting.words import age as age_words

    age = "undated" if place.age is None else f"{age_words(place.age)} old"
    return f"{_name(place.id, found)}{'#' if place.pointer else ''}{place.pointer}, {age}"
