"""How releases stand, what has run out, and what changed: views that need no server."""

from datetime import timedelta
from typing import Any

import pytest

from assaybook.console import links, marks
from assaybook.console.findings_shown import changes, in_order, needs_action
from assaybook.console.frame import environment
from assaybook.console.pages.assessment import Shown, wanted
from assaybook.console.pages.overview import ReleaseRow, shown_releases, view_of
from assaybook.console.pages.system import last_of
from assaybook.console.posture import counted, gravity, judged_within, run_out
from assaybook.domain.finding import (
    Counts,
    Disposition,
    Finding,
    GateVerdict,
    Outcome,
    Standing,
    WaiverUse,
)
from assaybook.domain.policy import Severity
from assaybook.domain.subject import System
from assaybook.reporting.words import STANDINGS_SHOWN
from assaybook.store.current import CurrentRelease
from assaybook.store.rows import json_of
from assaybook.store.subjects import SystemRecord
from support.pack_documents import AS_OF
from support.pack_findings import a_finding, a_reason
from support.packs import an_assessment

DAY = timedelta(days=1)


def _passed(expires: int = 5) -> Finding:
    return a_finding("quality.floor", outcome=Outcome.PASS, expires_at=AS_OF + expires * DAY)


def _failed(**said: Any) -> Finding:
    return a_finding("privacy.pii", outcome=Outcome.FAIL, severity=Severity.CRITICAL, **said)


def _unknown() -> Finding:
    return a_finding("drift.x", outcome=Outcome.INCONCLUSIVE, reasons=(a_reason("stale"),))


def _waiver(state: str = "in_force", ends: int = 3) -> WaiverUse:
    return WaiverUse.model_validate(
        {
            "id": "W-1",
            "state": state,
            "policy": "privacy.pii",
            "rule": "holds",
            "reason": "x",
            "requester": "ann",
            "expires": AS_OF + ends * DAY,
        }
    )


def _row(
    *findings: Finding, system: str = "s", release: str = "1", waivers: tuple[WaiverUse, ...] = ()
) -> ReleaseRow:
    record = SystemRecord(
        system=System(id=system), version=1, at=AS_OF, person="", reason="", digest="sha256:0"
    )
    if not findings:
        return ReleaseRow(record, release, "", None, marks.NOT_ASSESSED)
    text = json_of(an_assessment(findings, waivers=waivers)).decode()
    found = judged_within(text, system, release)
    return ReleaseRow(record, release, "", found, marks.of_gate(found.gate.verdict))


def _release(version: str, day: int, assessed: int | None = None) -> CurrentRelease:
    as_of = None if assessed is None else AS_OF + assessed * DAY
    return CurrentRelease(
        system="s",
        release=version,
        registered_at=AS_OF + day * DAY,
        newest=False,
        waiting=False,
        assessment=None if as_of is None else "sha256:0",
        as_of=as_of,
        verdict=None if as_of is None else "pass",
    )


def test_a_release_that_nobody_judged_stands_between_those_that_do_not_pass_and_those_that_do() -> (
    None
):
    order = [GateVerdict.FAIL, GateVerdict.ERROR, GateVerdict.INCONCLUSIVE, GateVerdict.NOTHING]
    ranks = [gravity(one) for one in (*order, None, GateVerdict.PASS)]
    assert ranks == sorted(set(ranks))


def test_what_runs_out_is_told_with_what_then_becomes_of_it() -> None:
    found = _row(_passed(), _failed(), waivers=(_waiver(), _waiver("pending"))).judged
    assert found is not None
    assert [(one.kind, one.at - AS_OF, one.then) for one in found.endings] == [
        ("waiver", 3 * DAY, "the fail is open again"),
        ("evidence", 5 * DAY, "the pass becomes inconclusive: stale"),
    ]
    assert found.endings[1].link == "/findings/quality.floor/holds/s/1"
    assert [run_out(found.endings, AS_OF + day * DAY) for day in (0, 3, 4, 5)] == [0, 1, 1, 2]


def test_the_overview_lists_what_ends_within_two_weeks_and_a_waiver_of_two_releases_once() -> None:
    rows = [
        _row(_passed(20), waivers=(_waiver(),)),
        _row(_passed(5), release="2", waivers=(_waiver(),)),
        _row(_passed(-1), release="3"),
        _row(release="4"),
    ]
    view = view_of(rows, AS_OF)
    assert [(one.kind, one.release) for one in view.endings] == [
        ("evidence", "3"),
        ("waiver", "1"),
        ("evidence", "2"),
    ]
    assert (view.systems, view.unjudged, view.more_endings) == (1, 1, 0)
    many = [_row(_passed(1), release=str(number)) for number in range(25)]
    assert view_of(many, AS_OF).more_endings == 5


def test_the_overview_shows_the_newest_release_that_in_production_and_the_one_judged_last() -> None:
    releases = [
        _release("6", 6),
        _release("5", 5),
        _release("4", 4, assessed=4),
        _release("3", 3, assessed=9),
        _release("2", 2, assessed=1),
        _release("1", 1, assessed=2),
    ]
    stages = {"2": "production", "1": "production", "5": "staging"}
    assert [one.release for one in shown_releases(releases, stages)] == ["6", "3", "2"]
    assert [one.release for one in shown_releases(releases[:1], {})] == ["6"]
    assert shown_releases([], {}) == ()


def test_findings_stand_most_urgent_first_and_none_is_left_out() -> None:
    waived = _failed(disposition=Disposition.WAIVED)
    found = an_assessment((_passed(), _unknown(), waived.model_copy(update={"rule": "w"})))
    rows = in_order(an_assessment((*found.findings, _failed())))
    assert [(one.finding.outcome.value, len(one.marks)) for one in rows] == [
        ("fail", 1),
        ("inconclusive", 1),
        ("fail", 2),
        ("pass", 1),
    ]
    urgent = needs_action(rows)
    assert [one.finding.outcome.value for one in urgent] == ["fail", "inconclusive"]
    assert all(one.observed for one in rows)
    assert [one.finding.outcome.value for one in wanted(rows, Shown.PASS, None)] == ["pass"]
    assert wanted(rows, Shown.ACTION, None) == urgent
    assert {one.finding.policy for one in wanted(rows, None, Severity.CRITICAL)} == {"privacy.pii"}
    assert wanted(rows, None, None) == rows


def test_a_change_names_what_was_what_is_and_which_input_moved() -> None:
    before = an_assessment((_passed(), _failed()))
    after = an_assessment((_passed().model_copy(update={"outcome": Outcome.FAIL}), _unknown()))
    told = {one.name: one for one in changes(before, after)}
    turned = told["quality.floor/holds"]
    assert [one.word for one in (*turned.before, *turned.after)] == ["pass", "fail"]
    assert turned.why.startswith("a ") or turned.why.startswith("nothing")
    assert told["privacy.pii/holds"].after == ()
    assert told["drift.x/holds"].before == ()


def test_a_verdict_tells_that_it_was_judged_by_other_rules_and_what_has_run_out_since() -> None:
    after = an_assessment((_passed(), _failed()))
    found = _row(*after.findings).judged
    assert found is not None
    words = environment().from_string(
        '{% import "macros.html.j2" as m %}{{ m.gate_words(last, bundle) }}'
    )
    last = last_of("1", found, after, None, None, AS_OF + 6 * DAY)
    text = words.render(last=last, bundle="sha256:another")
    assert "judged by another bundle than the one in force now" in text
    assert "1 pass or waiver has run out since; assess it again" in text
    fresh = last_of("1", found, after, None, None, AS_OF)
    text = words.render(last=fresh, bundle=found.bundle)
    assert "another bundle" not in text
    assert "run out" not in text
    assert [one.finding.policy for one in fresh.rows] == ["privacy.pii"]


def test_counts_tell_what_keeps_a_gate_shut_first() -> None:
    counts = Counts.model_validate({"pass": 3, "fail": 1, "waived": 2, "error": 1})
    assert [(mark.word, number) for mark, number in counted(counts)] == [
        ("fail", 1),
        ("error", 1),
        ("waived", 2),
        ("pass", 3),
    ]


def test_every_state_of_the_data_has_a_mark_under_its_own_name() -> None:
    for outcome in Outcome:
        assert marks.of_outcome(outcome).word == outcome.value.replace("_", " ")
    for standing in Standing:
        assert marks.of_standing(standing).word == standing.value.replace("_", " ")
    for disposition in Disposition:
        assert marks.of_disposition(disposition).word == disposition.value
    for verdict in GateVerdict:
        assert marks.of_gate(verdict).word == verdict.value
    assert set(STANDINGS_SHOWN) == set(Standing)
    assert set(marks.OUTCOMES) == set(Outcome)
    shown = {(one.shape, one.word) for one in map(marks.of_standing, Standing)}
    assert len({shape for shape, _word in shown}) == len(Standing)
    assert marks.NOT_ASSESSED not in map(marks.of_outcome, Outcome)


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (links.system("a b/c?d#e"), "/systems/a%20b%2Fc%3Fd%23e"),
        (
            links.release("s", "1+b", as_of="2026-01-01T00:00:00Z"),
            "/systems/s/releases/1%2Bb?as_of=2026-01-01T00%3A00%3A00Z",
        ),
        (links.control("c", 'MEASURE "2.11"'), "/controls/c/MEASURE%20%222.11%22"),
        (links.search('<x y="1">&'), "/search?q=%3Cx+y%3D%221%22%3E%26"),
        (links.overview(), "/"),
        (links.sign_in("/"), "/sign-in"),
    ],
)
def test_every_address_is_quoted(made: str, written: str) -> None:
    assert made == written
