"""Results by framework and control by control: heat maps, what needs attention, cards."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from assaybook.domain.control import Catalog, ControlGroup, TextPolicy
from assaybook.domain.finding import (
    CatalogConclusion,
    ControlStanding,
    Finding,
    Outcome,
    Standing,
)
from assaybook.reporting.charting import charts_of
from assaybook.reporting.context import Context
from assaybook.reporting.history import History
from assaybook.reporting.labels import behind_a_word
from assaybook.reporting.model import (
    AttentionLine,
    ControlCard,
    ControlsPage,
    Determination,
    FrameworkPage,
    HeatRow,
    Tile,
)
from assaybook.reporting.observe import observed
from assaybook.reporting.parts import Chart, FrameworkResult, Pair, Part
from assaybook.reporting.refused import refused_for
from assaybook.reporting.sections import at
from assaybook.reporting.verdicts import conclusion_line
from assaybook.reporting.words import (
    STANDINGS_SHOWN,
    catalog_name,
    count,
    finding_state,
    listed,
    of,
    reason_word,
    sentence_case,
    standing_state,
)

_COLUMNS: Final = 6
_TITLE: Final = 110
_LONG: Final = 150
"""Beyond so many characters, a rule's sentence stands in its finding only."""
_OPEN: Final = frozenset({"fail", "inc", "wv"})
_DETERMINATIONS: Final = 8
"""Beyond so many rules of one control, the rest is counted and stands in its findings only."""
_READ: Final = frozenset({"documentation", "artifact", "lineage", "review"})
_ATTENTION: Final = (Standing.NOT_MET, Standing.NOT_DETERMINED)


def result_of(conclusion: CatalogConclusion) -> FrameworkResult:
    """Return the words and the counts for one framework."""
    counts = conclusion.counts
    whole = sum(counts.values())
    met = counts.get(Standing.MET, 0)
    return FrameworkResult(
        catalog=conclusion.catalog,
        name=catalog_name(conclusion.catalog),
        verdict=conclusion_line(conclusion),
        words=sentence_case(conclusion.words.value),
        met=f"{of(met, whole - counts.get(Standing.NOT_APPLICABLE, 0))} applicable controls met",
        parts=parts_of(Counter(counts)),
    )


def parts_of(counts: Counter[Standing]) -> tuple[Part, ...]:
    """Return the counts that are not zero, worst first."""
    return tuple(
        Part(state=standing_state(standing), count=counts[standing])
        for standing in STANDINGS_SHOWN
        if counts[standing]
    )


def framework_page(context: Context, conclusion: CatalogConclusion) -> FrameworkPage:
    """Return the heat map of one framework and its controls that need a decision."""
    standings = context.standings.get(conclusion.catalog, {})
    catalog = context.source.catalogs.get(conclusion.catalog)
    heat = _heat(catalog, standings) if catalog is not None else ()
    result = result_of(conclusion)
    return FrameworkPage(
        name=result.name,
        anchor=f"framework-{conclusion.catalog.replace('.', '-')}",
        lead=f"{result.words}. {sentence_case(result.met)}.",
        columns=max((len(row.tiles) for row in heat), default=0),
        heat=heat,
        attention=tuple(
            _attention(context, each)
            for each in sorted(standings.values(), key=lambda s: STANDINGS_SHOWN.index(s.standing))
            if each.standing in _ATTENTION and is_judged(catalog, each.control)
        ),
    )


def is_judged(catalog: Catalog | None, control: str) -> bool:
    """Tell whether a rule can speak for a control: a parent only sums up its children."""
    if catalog is None or control not in catalog.by_id:
        return True
    return catalog.by_id[control].judgeable


def _heat(catalog: Catalog, standings: Mapping[str, ControlStanding]) -> tuple[HeatRow, ...]:
    """Return one row for each function, or a plain grid where functions have one category."""
    groups = [group for group in catalog.heat_map() if _known(group, standings)]
    tops: dict[str, list[ControlGroup]] = {}
    for group in groups:
        tops.setdefault(group.top.id if group.top else "", []).append(group)
    if len(tops) * 2 > len(groups):
        tiles = tuple(_tile(group, standings) for group in groups)
        return tuple(
            HeatRow(name="", note="", tiles=tiles[start : start + _COLUMNS])
            for start in range(0, len(tiles), _COLUMNS)
        )
    return tuple(row for name, held in tops.items() for row in _rows(name, held, standings))


def _rows(
    name: str, groups: list[ControlGroup], standings: Mapping[str, ControlStanding]
) -> Iterator[HeatRow]:
    tiles = tuple(_tile(group, standings) for group in groups)
    applicable = sum(tile.applicable for tile in tiles)
    met = f"{of(sum(tile.met for tile in tiles), applicable)} met" if applicable else "none applies"
    for start in range(0, len(tiles), _COLUMNS):
        first = start == 0
        yield HeatRow(
            name=name if first else "",
            note=met if first else "",
            tiles=tiles[start : start + _COLUMNS],
        )


def _known(group: ControlGroup, standings: Mapping[str, ControlStanding]) -> bool:
    return any(control.id in standings for control in group.controls)


def _tile(group: ControlGroup, standings: Mapping[str, ControlStanding]) -> Tile:
    counts = Counter(
        standings[control.id].standing for control in group.controls if control.id in standings
    )
    met = counts[Standing.MET]
    applicable = counts.total() - counts[Standing.NOT_APPLICABLE]
    rest = [part for part in parts_of(counts) if part.state.word != "Met"]
    return Tile(
        id=group.group.id if group.group else "",
        title=group.group.title if group.group else "All controls",
        met=met,
        applicable=applicable,
        total=counts.total(),
        shade=_shade(met, applicable),
        worst=tuple(rest[:2]),
        more=sum(part.count for part in rest[2:]),
    )


def _shade(met: int, applicable: int) -> Literal[0, 1, 2, 3, 4]:
    """Return 0 for none met and 4 for all met; the thirds between are 1 to 3."""
    if met == 0:
        return 0
    if met == applicable:
        return 4
    share = 3 * met // applicable
    return 1 if share == 0 else 2 if share == 1 else 3


def _attention(context: Context, standing: ControlStanding) -> AttentionLine:
    findings = context.by_control.get((standing.catalog, standing.control), ())
    failed = standing.standing is Standing.NOT_MET
    asked = {Outcome.FAIL} if failed else {Outcome.INCONCLUSIVE, Outcome.ERROR}
    behind = [finding for finding in findings if finding.outcome in asked]
    codes = dict.fromkeys(reason_word(r.code) for each in behind for r in each.reasons)
    titles = dict.fromkeys(
        f"“{behind_a_word(each.title.rstrip('.'), _TITLE)}” fails" for each in behind
    )
    return AttentionLine(
        control=standing.control,
        title=context.title(standing.catalog, standing.control),
        state=standing_state(standing.standing),
        because=sentence_case(listed(codes or titles, most=3)),
        findings=tuple(
            Pair(name=context.label(each), text=context.label(each).lower()) for each in behind
        ),
    )


def controls_pages(context: Context, past: History) -> tuple[ControlsPage, ...]:
    """Return every control that a rule bears on, by framework in printed order.

    The profile of one control has that control alone, always as a card. A chart stands with the
    first control that its finding belongs to; later ones name the finding.
    """
    shown: set[str] = set()
    pages: list[ControlsPage] = []
    one = context.source.profile == "control"
    for catalog, standings in context.standings.items():
        cards = [
            _card(context, past, catalog, control, standing, shown)
            for control, standing in in_order(context, catalog, standings)
            if context.by_control.get((catalog, control))
            and (not one or (catalog, control) in context.chosen)
        ]
        opened = [each for each in cards if one or each.charts or each.state.key in _OPEN]
        closed = [] if one else [each for each in cards if each not in opened]
        if cards:
            page = ControlsPage(
                name=catalog_name(catalog), cards=tuple(opened), lines=tuple(closed)
            )
            pages.append(page)
    return tuple(pages)


def in_order(
    context: Context, catalog: str, standings: Mapping[str, ControlStanding]
) -> list[tuple[str, ControlStanding]]:
    """Return the standings of one framework in its printed order."""
    known = context.source.catalogs.get(catalog)
    if known is None:
        return list(standings.items())
    places = {control.id: place for place, control in enumerate(known.controls)}
    return sorted(standings.items(), key=lambda each: places.get(each[0], len(places)))


def _card(  # noqa: PLR0913, PLR0917 - what is looked up, for which control, and what was shown
    context: Context,
    past: History,
    catalog: str,
    control: str,
    standing: ControlStanding,
    shown: set[str],
) -> ControlCard:
    findings = context.by_control[catalog, control]
    first = findings[:_DETERMINATIONS]
    told = frozenset(shown)
    charts = _charts(context, first, told)
    shown.update(context.label(finding) for finding in findings)
    return ControlCard(
        anchor=control_anchor(catalog, control),
        catalog=catalog_name(catalog),
        id=control,
        title=context.title(catalog, control) or control,
        text=_quoted(context, catalog, control),
        state=standing_state(standing.standing),
        counts=standing.reason or _counted(findings),
        determinations=tuple(
            _determination(context, (catalog, control), finding, told) for finding in first
        ),
        charts=charts,
        evidence=tuple(
            each.model_copy(update={"pointer": ""})
            for each in context.reference(tuple(use for f in first for use in f.evidence))
        ),
        left_out=_left_out(context, findings),
        method=_method(context, findings),
        history=past.standings(catalog, control),
        related=_related(context, catalog, control),
        more=_more(findings[_DETERMINATIONS:]),
    )


def control_anchor(catalog: str, control: str) -> str:
    """Return the anchor of a control's card."""
    return f"{catalog}-{control}".lower().replace(" ", "-").replace(".", "-")


def _more(rest: tuple[Finding, ...]) -> str:
    """Count what a card does not list; empty where it lists all."""
    if not rest:
        return ""
    counts = Counter(finding_state(each).word.lower() for each in rest)
    told = listed([f"{number} {word}" for word, number in counts.items()])
    return f"{count(len(rest), 'more rule')} of this control, in {at('findings')}: {told}."


def _method(context: Context, findings: tuple[Finding, ...]) -> str:
    """Return how the rules of a control look: examine documents, test results, ask persons."""
    found: dict[str, None] = {}
    for finding in findings:
        if (finding.policy, finding.rule) in context.attested:
            found["interview"] = None
        for need in finding.needs:
            kind = context.needs.get((finding.policy, need.need), "")
            found["examine" if kind in _READ else "test"] = None
    return listed(sorted(found)) or "none"


def _related(context: Context, catalog: str, control: str) -> str:
    """Return the controls of this pack's other frameworks that a crosswalk names beside one."""
    found: dict[str, dict[str, None]] = {}
    for crosswalk in context.source.crosswalks:
        ends = (crosswalk.source, crosswalk.target)
        other = ends[0] if ends[1] == catalog else ends[1]
        if catalog in ends and other in context.standings:
            for row in crosswalk.rows:
                pair = (row.source, row.target) if ends[0] == catalog else (row.target, row.source)
                if pair[0] == control:
                    found.setdefault(other, {})[pair[1]] = None
    return "; ".join(f"{catalog_name(name)} {listed(ids, most=4)}" for name, ids in found.items())


def _charts(
    context: Context, findings: tuple[Finding, ...], told: frozenset[str]
) -> tuple[Chart, ...]:
    """Return the charts of the findings that no earlier card has told of."""
    return tuple(
        drawn.model_copy(update={"legend": f"{drawn.legend} Finding {context.label(finding)}."})
        for finding in findings
        if context.label(finding) not in told
        for drawn in charts_of(finding, context.places)
    )


def _quoted(context: Context, catalog: str, control: str) -> str:
    """Return the publisher's wording, only from a catalog that may carry it."""
    known = context.source.catalogs.get(catalog)
    if known is None or known.text_policy is not TextPolicy.EXACT or control not in known.by_id:
        return ""
    return known.by_id[control].text or ""


def _counted(findings: tuple[Finding, ...]) -> str:
    passed = sum(finding.outcome is Outcome.PASS for finding in findings)
    asked = sum(finding.outcome is not Outcome.NOT_APPLICABLE for finding in findings)
    return f"{of(passed, asked)} applicable rules pass"


def _determination(
    context: Context, control: tuple[str, str], finding: Finding, told: frozenset[str]
) -> Determination:
    """Return expected and observed.

    A sentence stands with the first control that it bears on; a long one in its finding only.
    """
    relation = next(
        each.relation for each in finding.controls if (each.catalog, each.control) == control
    )
    label = context.label(finding)
    in_brief = label in told or len(finding.sentence) > _LONG
    return Determination(
        label=label,
        anchor=label.lower(),
        title=finding.title.rstrip("."),
        relation=relation,
        expected=f"{finding.title.rstrip('.')} ({finding.rule})"
        if in_brief
        else finding.sentence.rstrip("."),
        observed=observed(finding),
        state=finding_state(finding),
    )


def _left_out(context: Context, findings: tuple[Finding, ...]) -> str:
    """Count what the rules of a control left out, each document once for each reason."""
    found = {(each.evidence, each.code) for finding in findings for each in finding.left_out}
    away = {evidence for evidence, _ in found if evidence in context.elsewhere}
    near = Counter(code for evidence, code in found if evidence not in away)
    superseded = near.pop("superseded", 0)
    told = [f"{near[code]} {reason_word(code)}" for code in sorted(near)]
    told += [f"{len(away)} of other releases"] if away else []
    left = f"{near.total() + len(away)} left out" + (f" ({listed(told)})" if told else "")
    return f"{superseded} superseded, {left}, {refused_for(context, findings)}"
