"""The statement of applicability: which control applies, why, and why the others do not."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from assaybook.domain.control import Catalog
from assaybook.domain.finding import CatalogConclusion, ControlStanding, Standing
from assaybook.reporting.context import Context
from assaybook.reporting.pages import Applicability, ApplicabilityPage, ApplicableLine, Unlisted
from assaybook.reporting.parts import Pair
from assaybook.reporting.results import control_anchor, in_order, is_judged, parts_of
from assaybook.reporting.words import catalog_name, count, of, standing_state

_BARE: Final = "in scope that no rule bears on"
_NO_REASON: Final = "No reason is recorded."


def applicability_page(context: Context) -> ApplicabilityPage:
    """Return the statement of applicability of every framework of the assessment."""
    return ApplicabilityPage(
        lead=f"By the scope “{context.source.bundle.scope.name}”. Every control of each framework "
        "is here, once.",
        frameworks=tuple(
            _framework(context, each) for each in context.source.assessment.conclusion
        ),
    )


def _framework(context: Context, conclusion: CatalogConclusion) -> Applicability:
    catalog = context.source.catalogs.get(conclusion.catalog)
    held = [
        standing
        for _, standing in in_order(
            context, conclusion.catalog, context.standings.get(conclusion.catalog, {})
        )
        if is_judged(catalog, standing.control)
    ]
    applies = [each for each in held if each.standing is not Standing.NOT_APPLICABLE]
    away = [each for each in held if each.standing is Standing.NOT_APPLICABLE]
    counts = Counter(each.standing for each in held)
    return Applicability(
        name=catalog_name(conclusion.catalog),
        note=f"{of(len(applies), len(held))} controls apply.",
        shares=parts_of(counts),
        applies=tuple(_line(context, each) for each in applies if _is_judged(context, each)),
        unlisted=(
            *_grouped(catalog, [each for each in applies if not _is_judged(context, each)], _BARE),
            *_grouped(catalog, away, "does not apply", "do not apply"),
        ),
    )


def _line(context: Context, standing: ControlStanding) -> ApplicableLine:
    findings = context.by_control.get((standing.catalog, standing.control), ())
    entry = _entries(context).get((standing.catalog, standing.control))
    because = entry or ("In scope" if entry is not None else "In scope by default")
    judged = count(len(findings), "rule bears on it", "rules bear on it") if findings else ""
    return ApplicableLine(
        control=standing.control,
        title=context.title(standing.catalog, standing.control),
        state=standing_state(standing.standing),
        because=f"{because.rstrip('.')}; {judged or 'no rule bears on it'}.",
        anchor=control_anchor(standing.catalog, standing.control) if findings else "",
    )


def _entries(context: Context) -> Mapping[tuple[str, str], str]:
    """Return the reason by catalog and control of what the scope names as applying."""
    return {
        (each.catalog, each.control): each.reason
        for each in context.source.bundle.scope.controls
        if each.applies
    }


def _is_judged(context: Context, standing: ControlStanding) -> bool:
    return (standing.catalog, standing.control) in context.by_control


def _grouped(
    catalog: Catalog | None, held: list[ControlStanding], does: str, do: str = ""
) -> Iterator[Unlisted]:
    """Yield controls by reason, run together by group; each by id and title."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in held:
        known = catalog.by_id.get(each.control) if catalog is not None else None
        named = f"{each.control} {known.title}" if known is not None else each.control
        is_away = each.standing is Standing.NOT_APPLICABLE
        reason = each.reason or (_NO_REASON if is_away else "")
        groups = found.setdefault(reason, {})
        groups.setdefault(_top(catalog, each.control), []).append(named)
    for reason, groups in found.items():
        number = sum(map(len, groups.values()))
        said = f"{count(number, f'control {does}', f'controls {do or does}')}. {reason}"
        yield Unlisted(
            reason=said.strip(),
            groups=tuple(Pair(name=top, text="; ".join(names)) for top, names in groups.items()),
        )


def _top(catalog: Catalog | None, control: str) -> str:
    """Return the id of the function or clause that a control stands under."""
    top = control
    while catalog is not None and top in catalog.by_id and catalog.by_id[top].parent:
        top = catalog.by_id[top].parent or top
    return top
