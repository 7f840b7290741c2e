"""The audit pack as a view model: what it says, in order, before any page exists.

Reporting never judges: every outcome, standing and conclusion is the assessment's own.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from assaybook.domain.errors import UsageError
from assaybook.domain.evidence import Envelope
from assaybook.domain.finding import CatalogConclusion, Conclusion, Disposition, Outcome, Standing
from assaybook.domain.history import is_settled
from assaybook.domain.ids import written
from assaybook.domain.policy import Assurance
from assaybook.reporting.annex import annex_page
from assaybook.reporting.applicability import applicability_page
from assaybook.reporting.changed import change_page
from assaybook.reporting.contents import contents_of
from assaybook.reporting.context import Context, PackInput
from assaybook.reporting.criteria import method_page, scope_page
from assaybook.reporting.details import finding_line, findings_page
from assaybook.reporting.exceptions import waivers_page
from assaybook.reporting.glyphs import STAND_IN, printable_model
from assaybook.reporting.history import History
from assaybook.reporting.labels import behind_a_word, middle
from assaybook.reporting.model import ConclusionPage, Cover, Grade, Meaning, Pack, Reading
from assaybook.reporting.parts import Labelled, State
from assaybook.reporting.people import attestations_page, signatures, statement
from assaybook.reporting.period_page import period_page
from assaybook.reporting.record import evidence_page, limits_page
from assaybook.reporting.recorded import tier_before
from assaybook.reporting.reproduce import VERIFY, reproduce_page
from assaybook.reporting.results import controls_pages, framework_page, result_of
from assaybook.reporting.risks import risks_page
from assaybook.reporting.sampling import sampling_page
from assaybook.reporting.sections import at, sections_of
from assaybook.reporting.system import system_page
from assaybook.reporting.verdicts import cover_lines
from assaybook.reporting.words import (
    assurance_mark,
    assurance_sentence,
    count,
    day,
    grouped,
    listed,
    moment,
    of,
    outcome_state,
    sentence_case,
    standing_state,
    worst_conclusion,
)

__all__ = ["Pack", "PackInput", "build_pack"]

ASSERTED: Final = "Subject and assurance asserted by the submitter, not authenticated."
_PROFILES: Final = {
    "full": "",
    "executive": "in brief",
    "control": "one control",
    "changes": "what changed",
}
_DECIDING: Final = 5
_BESIDE_MET: Final = frozenset(
    ("Not met", "Not determined", "Risk accepted", "Supported", "Not covered")
)
"""Standings that stand beside the controls met, so that the numbers add up to what applies."""
_GOOD: Final = frozenset({Conclusion.CONFORMS, Conclusion.WITH_EXCEPTIONS})
_SIGNS: Final = 12
_RUNNING: Final = 90
_TITLE: Final = 110
_PURPOSE: Final = 200
_CLAIM: Final = 140
"""Characters of the running head, and of the names, the purpose and a claim on the cover."""
_FRAMEWORKS: Final = 6
"""Beyond so many frameworks, the cover counts the rest."""
_OUTCOMES: Final = {
    Outcome.PASS: "The rule was true on evidence that counts.",
    Outcome.FAIL: "The rule was false on evidence that counts.",
    Outcome.INCONCLUSIVE: "Evidence is missing, stale, too little or in conflict; the reason is "
    "named. It proves nothing.",
    Outcome.ERROR: "The rule could not be evaluated. It proves nothing.",
    Outcome.NOT_APPLICABLE: "The policy does not concern this release. Where n of m is said, m "
    "leaves it out.",
}
_STANDINGS: Final = {
    Standing.NOT_MET: "A rule for it fails, and nobody accepts the risk.",
    Standing.NOT_DETERMINED: "No open fail, but a rule is inconclusive or in error.",
    Standing.RISK_ACCEPTED: "Its fails are waived by an approver until a date.",
    Standing.SUPPORTED: "Only supporting rules passed: less than met.",
    Standing.MET: "Its rules passed, and one of them implements it.",
    Standing.NOT_COVERED: "No rule judges it.",
    Standing.NOT_APPLICABLE: "Out of scope, or its policies do not apply.",
}


def build_pack(source: PackInput) -> Pack:
    """Return the view model of the audit pack; same input, same model.

    Raises:
        UsageError: ``pack-instant``, the pack's instant is not that of the assessment.
    """
    if source.as_of != source.assessment.assessment.as_of:
        raise UsageError(
            "pack-instant",
            "the pack and the assessment are of different instants",
            where=written(source.as_of),
            hint="Assess again as of that instant, and make the pack from that assessment.",
        )
    replaced: Counter[str] = Counter()
    context = Context(source)
    pack = _pack(context)
    pack = pack.model_copy(update={"contents": contents_of(context, pack)})
    pack = printable_model(pack, replaced)
    told = _unprintable(replaced)
    limits = pack.limits.model_copy(update={"unprintable": told})
    reading = pack.reading.model_copy(update={"unprintable": told})
    cover = pack.cover.model_copy(update={"unprintable": _beside_the_name(pack.cover)})
    return pack.model_copy(update={"limits": limits, "reading": reading, "cover": cover})


def _beside_the_name(cover: Cover) -> str:
    """Say on the cover that its own words are not whole; empty where they are."""
    words = "".join((cover.organisation, cover.system, cover.description, *cover.summary))
    if STAND_IN not in words:
        return ""
    return f"{STAND_IN} stands for a character that this pack cannot print: {at('reading')}."


def _pack(context: Context) -> Pack:
    source, head = context.source, context.source.assessment.assessment
    words = _conclusion(context)
    title, past, edition = _title(context), History(context), _PROFILES[source.profile]
    return Pack(
        id=f"AB-{head.as_of:%Y-%m-%d}-{head.digest.partition(':')[2][:8]}",
        profile=source.profile,
        sections=sections_of(source.profile),
        language="en-GB",
        title=f"Audit pack: {title}{f', {edition}' if edition else ''}",
        author=source.organisation or "Organisation not stated",
        subject=f"{title}: {words.value}, as of {moment(head.as_of)}",
        created=f"{head.as_of:%Y-%m-%dT%H:%M:%SZ}",
        running=middle(title, _RUNNING),
        cover=_cover(context),
        contents=(),
        reading=_reading(context),
        conclusion=_conclusion_page(context),
        period=period_page(context),
        scope=scope_page(context),
        system=system_page(context),
        method=method_page(context),
        frameworks=tuple(framework_page(context, each) for each in source.assessment.conclusion),
        trend=past.trend(),
        controls=controls_pages(context, past),
        applicability=applicability_page(context),
        findings=findings_page(context, past),
        waivers=waivers_page(context),
        risks=risks_page(context),
        sampling=sampling_page(context),
        change=change_page(context),
        annex=annex_page(context),
        attestations=attestations_page(context),
        evidence=evidence_page(context),
        limits=limits_page(context),
        reproduce=reproduce_page(context),
    )


def _conclusion(context: Context) -> Conclusion:
    return worst_conclusion(each.words for each in context.source.assessment.conclusion)


def _title(context: Context) -> str:
    system = context.source.subject.system
    return f"{system.name or system.id} {context.source.subject.release.version}"


def _cover(context: Context) -> Cover:
    source, head = context.source, context.source.assessment.assessment
    system = source.subject.system
    label, words = cover_lines(source.assessment)
    tier = f"Risk tier: {system.risk_tier.value}" if system.risk_tier else "Risk tier not stated"
    if was := tier_before(source.changes):
        tier += f", since {day(was[0])}; before that {was[1]}"
    results = [result_of(each) for each in source.assessment.conclusion]
    purpose = behind_a_word((system.purpose or "Purpose not stated").rstrip("."), _PURPOSE)
    return Cover(
        organisation=behind_a_word(source.organisation, _TITLE) or "Organisation not stated",
        edition=_edition(context),
        system=middle(_title(context), _TITLE),
        description=f"{purpose}{'' if purpose.endswith('…') else '.'} {tier}.",
        as_of=label,
        words=words,
        summary=tuple(_summary(context)),
        asserted=ASSERTED if context.is_asserted else "",
        facts=(
            *(
                Labelled(label=r.name, text=f"{r.words}. {sentence_case(r.met)}.")
                for r in results[:_FRAMEWORKS]
            ),
            *_more_frameworks(len(results) - _FRAMEWORKS),
            Labelled(label="Rules judged", text=_outcome_counts(context)),
            Labelled(label="Evidence", text=_documents(context)),
            Labelled(label="Policy bundle", text=head.bundle[:19], mono=True),
        ),
        digest=head.digest,
    )


def _more_frameworks(number: int) -> tuple[Labelled, ...]:
    told = Labelled(
        label=count(number, "more framework"), text=f"Their results: {at('conclusion')}"
    )
    return (told,) if number > 0 else ()


def _edition(context: Context) -> str:
    """Say what a profile holds; empty for a full pack."""
    edition = _PROFILES[context.source.profile]
    if context.source.profile != "control":
        return edition
    return f"{edition}: {listed(sorted(control for _, control in context.chosen))}"


def _outcome_counts(context: Context) -> str:
    found = Counter(finding.outcome for finding in context.findings)
    told = {each: f"{found[each]} {outcome_state(each).word.lower()}" for each in found}
    accepted = sum(
        finding.outcome is Outcome.FAIL and finding.disposition is not Disposition.OPEN
        for finding in context.findings
    )
    if accepted:
        told[Outcome.FAIL] += f" ({accepted} accepted)"
    return ", ".join(told[each] for each in Outcome if each in told) or "None"


def _documents(context: Context) -> str:
    told = count(len(context.evidence), "document")
    if context.elsewhere:
        told += f", {len(context.elsewhere)} more of other releases"
    refused = len(context.source.problems) + len(context.source.refused)
    return f"{told}; {count(refused, 'file')} could not be read" if refused else told


def _summary(context: Context) -> Iterator[str]:
    """Yield what the conclusion rests on, in numbers of the framework that decides it."""
    conclusions = context.source.assessment.conclusion
    words = _conclusion(context)
    deciding = next((each for each in conclusions if each.words is words), None)
    if deciding is None or words is Conclusion.NOTHING_JUDGED:
        yield "No rule judged a control in scope. Nothing was shown, so nothing is claimed."
        return
    result = result_of(deciding)
    rest = [
        f"{part.count} {part.state.word.lower()}"
        for part in result.parts
        if part.state.word in _BESIDE_MET
    ]
    yield f"{result.name}: {result.met}" + (f"; {listed(rest)}." if rest else ".")
    yield from _less_than_it_seems(context, deciding)
    first = next((f for f in context.findings if not is_settled(f)), None)
    if first is not None:
        ends = "fails" if first.outcome is Outcome.FAIL else "nobody could prove"
        claim = behind_a_word(first.title.rstrip("."), _CLAIM)
        yield f"The most serious claim that {ends}: “{claim}”."
    yield from _over_the_period(context)


def _less_than_it_seems(context: Context, deciding: CatalogConclusion) -> Iterator[str]:
    """Yield what a good word does not say: what was never judged, and what is less than met."""
    counts = deciding.counts
    away, whole = counts.get(Standing.NOT_APPLICABLE, 0), sum(counts.values())
    told = [f"{of(away, whole)} controls {'does' if away == 1 else 'do'} not apply" if away else ""]
    if counts.get(Standing.SUPPORTED, 0) and deciding.words in _GOOD:
        told.append("supported is less than met, and the scope accepts it")
    said = sentence_case("; ".join(part for part in told if part))
    printed = {each.name for each in sections_of(context.source.profile)}
    where = f" ({at('applicability')})" if "applicability" in printed else ""
    if said:
        yield f"{said}{where}."


def _over_the_period(context: Context) -> Iterator[str]:
    """Yield the result of the period, which may be worse than that of its last instant."""
    period = context.source.period
    if period is not None:
        words = worst_conclusion(each.words for each in period.conclusion)
        yield (
            f"Over the period, {day(period.since)} to {day(period.until)}: {words.value}. "
            "The worst of it counts."
        )


def _vouched(grade: Assurance, envelopes: Sequence[Envelope]) -> str:
    """Return who vouches at a grade: a pipeline is one only by word where nobody checked it."""
    held = [each.authenticated for each in envelopes if each.assurance is grade]
    if grade is not Assurance.CI or all(held):
        return assurance_sentence(grade)
    unchecked = held.count(False)
    if unchecked == len(held):
        return "The submitter says that a pipeline made it; nobody checked."
    by_word = of(unchecked, len(held))
    return f"{by_word} by the submitter's word alone; the pipeline of the rest was checked."


def _reading(context: Context) -> Reading:
    documents, head = context.evidence, context.source.assessment.assessment
    envelopes = [each.envelope for each in documents]
    grades = Counter(each.assurance for each in envelopes)
    waived = State(key="wv", mark="◈", word="Fail, waived")
    return Reading(
        outcomes=(
            *(Meaning(state=outcome_state(each), text=text) for each, text in _OUTCOMES.items()),
            Meaning(
                state=waived, text="A fail that an approver accepts until a date. It stays a fail."
            ),
        ),
        standings=tuple(
            Meaning(state=standing_state(each), text=text) for each, text in _STANDINGS.items()
        ),
        grades=tuple(
            Grade(
                mark=assurance_mark(grade),
                word=grade.value,
                text=_vouched(grade, envelopes),
                documents=f"{of(grades[grade], len(documents))} documents",
            )
            for grade in Assurance
        ),
        command=VERIFY,
        digests=tuple(
            Labelled(label=label, text=grouped(digest), mono=True)
            for label, digest in (
                ("Assessment", head.digest),
                ("Bundle", head.bundle),
                ("Subject", head.subject),
                ("Evidence set", head.evidence_set),
            )
        ),
        attachments=listed(context.source.attachments, most=len(context.source.attachments)),
    )


def _conclusion_page(context: Context) -> ConclusionPage:
    source, words = context.source, _conclusion(context)
    lead = f"{_title(context)} {words.value} on {day(source.as_of)}."
    if words is Conclusion.NOTHING_JUDGED:
        lead = f"{_title(context)}: nothing was judged on {day(source.as_of)}."
    elif words is Conclusion.NOT_DETERMINED:
        lead = f"Whether {_title(context)} conforms is not determined on {day(source.as_of)}."
    undecided = [finding for finding in context.shown if not is_settled(finding)]
    rest = len(undecided) - _DECIDING
    return ConclusionPage(
        lead=lead,
        prose=(" ".join((*_summary(context), *([ASSERTED] if context.is_asserted else []))),),
        frameworks=tuple(result_of(each) for each in source.assessment.conclusion),
        deciding=tuple(finding_line(context, each) for each in undecided[:_DECIDING]),
        more=f"{count(rest, 'more finding')} in {at('findings')}." if rest > 0 else "",
        statement=statement(context),
        signatures=signatures(context),
    )


def _unprintable(replaced: Counter[str]) -> str:
    """Say which characters gave way to the stand-in; empty where none did."""
    if not replaced:
        return ""
    points = [f"U+{ord(character):04X}" for character in sorted(replaced)]
    whole = count(replaced.total(), "character")
    return (
        f"{whole} that the fonts of this pack cannot show stand as {STAND_IN}: "
        f"{listed(points, most=_SIGNS)}. The findings JSON holds the text as it was submitted."
    )
