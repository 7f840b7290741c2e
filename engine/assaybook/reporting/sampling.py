"""The populations behind the findings: how many were looked at, and how many were not."""

from typing import Final

from assaybook.domain.finding import CoverageShown
from assaybook.reporting.context import Context
from assaybook.reporting.observe import LEVEL, interval
from assaybook.reporting.pages import PopulationLine, SamplingPage
from assaybook.reporting.words import count, listed, number, shortened

_LINES: Final = 60
_FEW: Final = 30
"""Under so many examined, no share is projected."""


def sampling_page(context: Context) -> SamplingPage:
    """Return what each counted document says it examined, by question."""
    found: dict[tuple[str, str], tuple[CoverageShown, dict[str, None]]] = {}
    for finding in context.findings:
        for need in finding.needs:
            for each in need.coverage:
                held = found.setdefault((each.evidence, each.question), (each, {}))
                held[1][context.label(finding)] = None
    alike: dict[tuple[object, ...], list[CoverageShown]] = {}
    for shown, labels in found.values():
        counts = (shown.examined, shown.failed, shown.errored, shown.skipped)
        alike.setdefault((shown.evidence, *counts, tuple(labels)), []).append(shown)
    lines = tuple(
        _line(context, held, tuple(found[held[0].evidence, held[0].question][1]))
        for held in sorted(alike.values(), key=lambda held: held[0].question)
    )
    return SamplingPage(
        lead="The engine takes no sample: it judges every row that a document holds. How the "
        "tools took theirs is theirs to say; here is how much they say they examined.",
        lines=lines[:_LINES],
        more=f"{count(len(lines) - _LINES, 'further population')} in findings.json."
        if len(lines) > _LINES
        else "",
    )


def _line(context: Context, alike: list[CoverageShown], labels: tuple[str, ...]) -> PopulationLine:
    """Return one line for the questions that a document answers with the same counts."""
    shown = alike[0]
    known = context.documents.get(shown.evidence)
    label = known[0] if known else shortened(shown.evidence, 12)
    name = (known[1].envelope.name or known[1].envelope.format) if known else "not in the index"
    left = [
        f"{part} {word}" for part, word in ((shown.errored, "errored"), (shown.skipped, "skipped"))
        if part
    ]  # fmt: skip
    unknown = shown.errored is None or shown.skipped is None
    return PopulationLine(
        question=listed(_questions(alike)),
        label=label,
        anchor=label.lower() if known else "",
        name=shortened(name, 40),
        examined=_figure(shown.examined),
        failed=_figure(shown.failed),
        open=listed(left) or ("not stated" if unknown else "none"),
        bound=_bound(shown),
        used_by=listed(labels, most=3),
    )


def _questions(alike: list[CoverageShown]) -> list[str]:
    """Return the questions, each family named once: ``pii/email, phone``."""
    names = sorted(each.question for each in alike)
    return [
        name.rpartition("/")[2] if place and name.partition("/")[0] == names[0].partition("/")[0]
        else name
        for place, name in enumerate(names)
    ]  # fmt: skip


def _figure(value: int | None) -> str:
    return "not stated" if value is None else f"{value:,}".replace(",", "\u202f")


def _bound(shown: CoverageShown) -> str:
    """Return the upper end of the interval of the share that failed, if a sample was examined."""
    if shown.examined is None or shown.failed is None or not 0 <= shown.failed <= shown.examined:
        return "not known"
    if shown.examined < _FEW:
        return "too few"
    _, high = interval(shown.failed / shown.examined, shown.examined, LEVEL)
    return "not known" if high is None else f"{number(round(high * 100, 2))} %"
