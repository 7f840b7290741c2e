"""One finding as a view: bounded however long it is, worst first, and nothing called the whole."""

from typing import Any

import pytest
from pydantic_core import from_json, to_json

from assaybook.console import finding_view, marks
from assaybook.console.finding_past import only_rule, runs_of
from assaybook.console.pages.control import beside, stand_rows
from assaybook.console.pages.finding import accepted_in, control_lines
from assaybook.console.stands import (
    NOT_JUDGED,
    Stands,
    blocks_of,
    chosen,
    conclusion_within,
    parts_of,
    standings_within,
    tallied,
    worst,
)
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import (
    ControlReach,
    ControlStanding,
    Counts,
    Disposition,
    EvidenceUse,
    Finding,
    LeftOut,
    NeedUse,
    Outcome,
    ReasonShown,
    RowFinding,
    Standing,
    TraceNode,
    Unused,
    WaiverUse,
)
from assaybook.domain.policy import Severity
from assaybook.evaluation.explain import Clause
from assaybook.evaluation.margin import Margin
from assaybook.store.current import CurrentRelease
from assaybook.store.findings import FindingLine
from assaybook.store.rows import json_of
from support.assessing import a_catalog
from support.evidence import AS_OF, a_document, days
from support.packs import an_assessment


def _finding(**said: Any) -> Finding:
    known: dict[str, Any] = {
        "policy": "quality.floor",
        "policy_version": 1,
        "rule": "floor",
        "title": "Recall holds",
        "sentence": "Recall is at least 0.8.",
        "system": "s",
        "release": "1",
        "outcome": Outcome.FAIL,
        "severity": Severity.HIGH,
    }
    return Finding(**{**known, **said})


def _row(number: int, outcome: Outcome = Outcome.PASS, **said: Any) -> RowFinding:
    return RowFinding(key=f"slice=s{number}, split=holdout", outcome=outcome, **said)


def _nested(depth: int) -> TraceNode:
    node = TraceNode(text="deep", truth="F")
    for _ in range(depth):
        node = TraceNode(text="not", truth="F", children=(node,))
    return node


def _count(line: finding_view.Line) -> int:
    return 1 + sum(map(_count, line.lines))


def test_rows_stand_worst_first_a_page_at_a_time() -> None:
    rows = (*(_row(number) for number in range(120)), _row(999, Outcome.FAIL))
    first = finding_view.rows_from(_finding(rows=rows), 0)
    assert (len(first.rows), first.whole, first.next) == (50, 121, 50)
    assert (first.rows[0].label, first.rows[0].mark.word) == ("s999", "fail")
    assert first.common == "split=holdout"
    last = finding_view.rows_from(_finding(rows=rows), 100)
    assert (len(last.rows), last.next, last.rows[0].place) == (21, None, 101)
    assert finding_view.rows_from(_finding(rows=rows), 10**9).rows == ()


def test_a_row_that_nobody_knows_is_told_and_never_listed() -> None:
    ghost = RowFinding(key="?", outcome=Outcome.INCONCLUSIVE)
    found = finding_view.rows_from(_finding(rows=(_row(1), ghost)), 0)
    assert (found.whole, found.ghost) == (1, True)


def test_a_row_tells_who_accepted_it_and_the_first_places_that_it_was_read_at() -> None:
    uses = tuple(EvidenceUse(id="ev-1", pointer=f"/{place}") for place in range(9))
    row = _row(1, Outcome.FAIL, waived_by="W-1", evidence=uses, message="too low")
    (line,) = finding_view.rows_from(_finding(rows=(row,)), 0).rows
    assert (line.waived_by, line.said, len(line.places), line.more) == ("W-1", "too low", 4, 5)


def test_traces_are_bounded_in_length_and_depth_and_say_what_is_left_out() -> None:
    wide = TraceNode(
        text="all", truth="F", children=tuple(TraceNode(text="x", truth="T") for _ in range(500))
    )
    line = finding_view.trace_of(_finding(trace=wide))
    assert line is not None
    assert (len(line.lines), line.more) == (60, 440)
    deep = finding_view.trace_of(_finding(trace=_nested(300)))
    assert deep is not None
    assert _count(deep) < 50
    many = finding_view.rows_from(_finding(rows=tuple(_row(n, trace=wide) for n in range(50))), 0)
    assert sum(_count(row.trace) for row in many.rows if row.trace) <= 50 + 600
    assert finding_view.trace_of(_finding()) is None


def test_what_decided_stands_open_and_the_rest_is_folded() -> None:
    held = TraceNode(text="a", truth="T", children=(TraceNode(text="b", value=1),))
    broken = TraceNode(text="c", truth="F", row="r", children=(TraceNode(text="d", value=None),))
    line = finding_view.trace_of(
        _finding(trace=TraceNode(text="a && c", truth="F", children=(held, broken)))
    )
    assert line is not None
    assert [one.is_open for one in line.lines] == [False, True]
    assert [one.lines[0].said for one in line.lines] == ["1", "null"]


def test_an_unknown_value_shows_its_reasons_and_no_value() -> None:
    reasons = (ReasonShown(code="stale"),)
    line = finding_view.trace_of(_finding(trace=TraceNode(text="row.value", reasons=reasons)))
    assert line is not None
    assert (line.mark, line.said, line.reasons) == (None, "", reasons)


def _clause(truth: Any = "F", row: str = "", **margin: Any) -> Clause:
    known: dict[str, Any] = {"text": "row.value", "value": 0.7, "op": ">=", "limit": 0.8}
    return Clause(text="it", truth=truth, row=row, margin=Margin(**{**known, **margin}))


@pytest.mark.parametrize(
    ("clause", "told"),
    [
        pytest.param(_clause(), ("", "0.7", "≥ 0.8", "0.1", ""), id="a limit"),
        pytest.param(_clause(row="?"), ("any further row", "0.7", "≥ 0.8", "0.1", ""), id="ghost"),
        pytest.param(
            _clause(trials=300, trials_now=20),
            ("", "0.7", "≥ 0.8", "0.1", "300 trials at the same rate, now 20"),
            id="more trials",
        ),
        pytest.param(
            _clause(trials_now=20),
            ("", "0.7", "≥ 0.8", "0.1", "at the same rate no number of trials would do"),
            id="no number of trials",
        ),
        pytest.param(
            _clause("T", trials_now=20), ("", "0.7", "≥ 0.8", "0.1", ""), id="it holds already"
        ),
    ],
)
def test_a_comparison_tells_where_it_turns(clause: Clause, told: tuple[str, ...]) -> None:
    (turn,) = finding_view.turns_of((Clause(text="x", truth="F"), clause))
    assert (turn.row, turn.now, turn.limit, turn.away, turn.trials) == told


def test_of_many_comparisons_the_first_are_told() -> None:
    assert len(finding_view.turns_of(_clause() for _ in range(99))) == 12


def test_a_finding_with_very_many_rows_is_listed_and_not_drawn() -> None:
    compared = TraceNode(
        text="row.value >= params.floor",
        truth="T",
        children=(
            TraceNode(text="row.value", value=0.9),
            TraceNode(text="params.floor", value=0.8),
        ),
    )
    few = tuple(_row(number, trace=compared) for number in range(9))
    (drawn,) = finding_view.charts_in(_finding(rows=few))
    assert drawn.svg.startswith("<svg")
    assert drawn.rest == "Not drawn, and in the findings JSON: 4 rows that pass."
    assert finding_view.charts_in(_finding(rows=few * 600)) == ()


def test_a_document_that_a_reader_may_not_know_of_is_only_an_id() -> None:
    envelope = a_document(name="secret.json").envelope
    uses = (EvidenceUse(id=envelope.id, pointer="/0", age=60.0), EvidenceUse(id=envelope.id))
    finding = _finding(evidence=uses)
    (known,) = finding_view.documents_of(finding, {envelope.id: envelope}, {envelope.id})
    (unknown,) = finding_view.documents_of(finding, {envelope.id: envelope}, ())
    assert (known.name, known.known, len(known.places), known.seconds) == (
        "secret.json",
        True,
        1,
        60.0,
    )
    assert "assurance ci" in known.told
    assert (unknown.name, unknown.told, unknown.known) == (envelope.id, "", False)


def test_what_was_left_out_is_shown_with_its_code_and_its_need() -> None:
    left = LeftOut(evidence="ev-2", code="stale", need="recall")
    (line,) = finding_view.left_lines((left,), {}, ())
    assert (line.doc.evidence, line.code, line.need) == ("ev-2", "stale", "recall")


@pytest.mark.parametrize(
    ("need", "words"),
    [
        pytest.param(NeedUse(need="n", rows=1), "1 row", id="closed"),
        pytest.param(
            NeedUse(need="n", rows=2, possible=1),
            "2 rows and 1 that may or may not belong",
            id="possible",
        ),
        pytest.param(
            NeedUse(need="n", open=(ReasonShown(code="stale"),)),
            "0 rows; there may be more (stale)",
            id="open",
        ),
        pytest.param(
            NeedUse(need="n", proven_empty=True),
            "proven empty: it was looked for, and nothing was found",
            id="proven empty",
        ),
    ],
)
def test_a_need_tells_whether_its_list_is_closed(need: NeedUse, words: str) -> None:
    assert finding_view.need_words(need) == words


def test_waivers_and_controls_of_a_finding_are_those_that_name_it() -> None:
    waiver = WaiverUse(
        id="W-1",
        state="pending",
        policy="quality.floor",
        rule="floor",
        reason="soon",
        requester="ann",
        expires=AS_OF,
    )
    other = waiver.model_copy(update={"rule": "gap"})
    finding = _finding(
        controls=(
            ControlReach(catalog="house", control="A9", relation="supports"),
            ControlReach(catalog="house", control="A1", relation="implements"),
            ControlReach(catalog="gone", control="X", relation="supports"),
        )
    )
    found = accepted_in(an_assessment((finding,), waivers=(waiver, other)), finding)
    assert found.waivers == ((marks.of_waiver("pending"), waiver),)
    lines = control_lines(finding, {"house": a_catalog()})
    assert [(one.control, one.title) for one in lines] == [("A1", "A1"), ("X", ""), ("A9", "")]


def _line(place: int, outcome: Outcome, disposition: Disposition = Disposition.OPEN) -> FindingLine:
    return FindingLine(
        assessment=f"sha256:{place}",
        ordinal=0,
        as_of=AS_OF - days(place),
        system="s",
        release="1",
        policy="quality.floor",
        policy_version=1,
        rule="floor",
        severity="high",
        outcome=outcome,
        disposition=disposition,
    )


def test_the_past_is_told_as_runs_each_with_the_input_that_moved() -> None:
    lines = (
        _line(0, Outcome.FAIL, Disposition.WAIVED),
        _line(1, Outcome.FAIL),
        _line(2, Outcome.FAIL),
        _line(3, Outcome.PASS),
    )
    held = {
        one.assessment: an_assessment(
            (_finding(outcome=Outcome(one.outcome), disposition=Disposition(one.disposition)),)
        )
        for one in lines
    }
    runs = runs_of(lines, held.__getitem__)
    assert [(one.times, one.cause) for one in runs] == [(1, "waiver"), (2, "time"), (1, "")]
    assert runs[1].first.as_of == AS_OF - days(2)
    assert [len(one.marks) for one in runs] == [2, 1, 1]


def test_a_cause_is_looked_for_in_the_newest_changes_only() -> None:
    lines = [_line(place, (Outcome.PASS, Outcome.FAIL)[place % 2]) for place in range(30)]
    read: list[str] = []

    def load(digest: str) -> Any:
        read.append(digest)
        return an_assessment((_finding(),))

    assert len(runs_of(lines, load)) == 30
    assert len(read) == 16


def test_one_rule_is_taken_out_of_an_assessment_and_another_is_unknown() -> None:
    whole = an_assessment((_finding(), _finding(rule="gap")))
    text = to_json(whole.model_dump(mode="json", by_alias=True)).decode()
    assert [one.rule for one in only_rule(text, "quality.floor", "gap").findings] == ["gap"]
    with pytest.raises(UsageError) as caught:
        only_rule(text, "quality.floor", "other")
    assert caught.value.code == "rule-unknown"


def _release(system: str = "s", release: str = "1", **said: Any) -> CurrentRelease:
    known: dict[str, Any] = {
        "system": system,
        "release": release,
        "registered_at": AS_OF,
        "newest": True,
        "waiting": False,
        "assessment": f"sha256:{system}{release}",
        "as_of": AS_OF,
        "verdict": "pass",
    }
    return CurrentRelease(**{**known, **said})


def _standing(control: str, standing: Standing, **counts: int) -> ControlStanding:
    return ControlStanding(
        catalog="house",
        control=control,
        system="s",
        release="1",
        standing=standing,
        counts=Counts(**{"pass": 1, **counts}),
    )


def _stands(standing: Standing, **said: Any) -> Stands:
    return Stands(_release(**said), {"A1": _standing("A1", standing)})


def test_the_worst_standing_of_several_releases_is_shown_and_none_hides_another() -> None:
    stands = (_stands(Standing.MET), _stands(Standing.NOT_MET), _stands(Standing.MET))
    assert worst("A1", stands).word == "not met"
    assert [(mark.word, number) for mark, number in parts_of("A1", stands)] == [
        ("not met", 1),
        ("met", 2),
    ]


def test_a_control_that_no_assessment_speaks_about_is_not_judged_and_never_met() -> None:
    assert worst("A2", (_stands(Standing.MET),)) == NOT_JUDGED
    assert worst("A2", (Stands(_release(), None),)) == marks.NOT_ASSESSED
    assert worst("A2", ()) == marks.NOT_ASSESSED


def test_a_map_holds_every_control_and_counts_every_standing() -> None:
    blocks = blocks_of(a_catalog(), (_stands(Standing.MET),))
    assert [(one.met, one.whole) for one in blocks] == [(1, 2)]
    tally = {mark.word: number for mark, number in tallied(blocks)}
    assert len(tally) == 8
    assert (tally["met"], tally["not judged"], tally["not covered"]) == (1, 1, 0)


def test_standings_are_read_out_of_an_assessment_whatever_its_texts_say() -> None:
    evil = '"standings":[{"conclusion":[]}],\\"standings\\":'
    finding = _finding(title=evil, params={"standings": [1], evil: evil}, fix=evil)
    waiver = WaiverUse(
        id="W-1",
        state="pending",
        policy=evil,
        rule=evil,
        rows=(evil,),
        reason=evil,
        requester=evil,
        expires=AS_OF,
        note=evil,
    )
    unused = (Unused(evidence="ev-1", name=evil, why=evil),)
    standings = (_standing("A1", Standing.MET),)
    whole = an_assessment((finding,), standings=standings, waivers=(waiver,), unused=unused)
    text = json_of(whole).decode()
    assert standings_within(text) == from_json(text)["standings"]
    assert conclusion_within(text) == from_json(text)["conclusion"]
    assert len(standings_within(text)) == 1


def test_releases_are_chosen_by_name_or_those_that_speak_for_their_system() -> None:
    old = _release(release="0", newest=False)
    new, waiting = _release(), _release(release="2", newest=False, waiting=True, assessment=None)
    other = _release("t")
    known = (waiting, new, old, other)
    assert chosen(known, None, None, every=False).releases == (waiting, new, other)
    assert chosen(known, "s", None, every=True).releases == (waiting, new, old)
    assert chosen(known, "s", "0", every=False).releases == (old,)
    many = [_release(str(number)) for number in range(130)]
    assert chosen(many, None, None, every=False).more == 30


def test_a_row_of_a_control_counts_its_findings_and_names_the_first() -> None:
    lines = [_line(9, Outcome.FAIL).model_copy(update={"assessment": "sha256:s1"})] * 10
    stands = (
        Stands(_release(), {"A1": _standing("A1", Standing.NOT_MET, fail=10)}),
        Stands(_release("t"), {}),
        Stands(_release("u", assessment=None), None),
    )
    first, second, third = stand_rows("A1", stands, lines)
    assert (first.passed, first.applicable, first.counts) == (1, 11, "1 pass, 10 fail")
    assert (len(first.findings), first.more) == (8, 2)
    assert (second.mark, third.mark) == (NOT_JUDGED, marks.NOT_ASSESSED)


def test_one_goes_through_a_catalog_from_control_to_control() -> None:
    catalog = a_catalog()
    first, last = catalog.by_id["A1"], catalog.by_id["A2"]
    assert beside(catalog, first) == (None, last)
    assert beside(catalog, last) == (first, None)
    assert beside(catalog, catalog.by_id["A"]) == (None, None)
