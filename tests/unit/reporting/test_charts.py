"""Charts: numbers in the title, shapes by state, and steady bytes."""

import re

from assaybook.domain.finding import Outcome, RowFinding, TraceNode
from assaybook.reporting import charts, svg
from assaybook.reporting.charting import MOST, MOST_THRESHOLDS, charts_of
from assaybook.reporting.html import render_html
from assaybook.reporting.observe import interval, observation
from assaybook.reporting.pack import build_pack
from assaybook.reporting.parts import Chart
from support.pack_documents import documents
from support.pack_findings import a_bound, a_finding, a_leaf, a_limit, a_slice_floor
from support.packs import a_source


def a_chart(*rows: RowFinding, outcome: Outcome = Outcome.PASS) -> Chart:
    (made,) = charts_of(a_finding("a.b", rows=rows, outcome=outcome), {})
    return made


def a_row(key: str, value: float, limit: float = 0.2) -> RowFinding:
    outcome = Outcome.PASS if value <= limit else Outcome.FAIL
    return RowFinding(key=key, outcome=outcome, trace=a_limit(value, limit))


def the_floor() -> Chart:
    from assaybook.reporting.observe import facts_by_place

    files = documents()
    (made,) = charts_of(a_slice_floor(files[0]), facts_by_place(files))
    return made


def test_a_floor_in_slices_is_drawn_with_intervals() -> None:
    chart = the_floor()
    assert (chart.kind, chart.forbidden, chart.threshold) == ("interval", "below", 0.8)
    assert chart.caption == "1 of 8 rows breaks the floor 0.8, 1 cannot be decided."


def test_a_row_that_could_not_be_judged_shows_the_value_of_its_evidence() -> None:
    last = the_floor().measures[1]
    assert (last.value, last.n, last.state.word) == (0.82, 61, "Inconclusive")
    assert last.low is not None
    assert round(last.low, 3) == 0.706


def test_the_judged_bound_is_drawn_as_the_engine_found_it() -> None:
    assert the_floor().measures[0].low == 0.772


def test_the_title_of_a_chart_holds_its_numbers() -> None:
    drawn = charts.measured(the_floor())
    assert "age=75+ 0.806, interval 0.772 to 0.836, n 571, fail" in drawn
    assert "against floor 0.8:" in drawn


def test_pass_fail_and_unknown_differ_in_shape() -> None:
    drawn = charts.measured(the_floor())
    assert 'r="2.9"' in drawn
    assert re.search(r'<rect [^>]*width="6" height="6" fill="#a3242b"', drawn)
    assert 'r="2.6" fill="#ffffff"' in drawn
    assert 'stroke-dasharray="2.4 1.8"' in drawn


def test_a_limit_without_counts_is_drawn_with_bars() -> None:
    chart = a_chart(a_row("column=a", 0.1), a_row("column=b", 0.3), outcome=Outcome.FAIL)
    assert (chart.kind, chart.forbidden) == ("bullet", "above")
    assert [each.label for each in chart.measures] == ["b", "a"]
    assert "b 0.3, fail" in charts.measured(chart)


def test_each_threshold_has_a_chart_with_the_rows_that_it_decided() -> None:
    rows = (a_row("column=a", 0.1), a_row("column=b", 0.4, 0.3), a_row("column=c", 0.2))
    first, second = charts_of(a_finding("a.b", rows=rows, outcome=Outcome.FAIL), {})
    assert [each.label for each in first.measures] == ["a", "c"]
    assert first.caption == "All 2 rows keep to the limit 0.2."
    assert [each.label for each in second.measures] == ["b"]
    assert second.caption == "1 of 1 rows breaks the limit 0.3."


def test_a_row_that_was_decided_without_a_threshold_is_not_drawn_against_one() -> None:
    plain = RowFinding(key="column=x", outcome=Outcome.FAIL)
    chart = a_chart(a_row("column=a", 0.1), a_row("column=b", 0.1), plain, outcome=Outcome.FAIL)
    assert [each.label for each in chart.measures] == ["a", "b"]


def test_rows_with_many_thresholds_are_told_in_words_alone() -> None:
    rows = tuple(a_row(f"column=c{i}", 0.1, 0.2 + i) for i in range(MOST_THRESHOLDS + 1))
    assert charts_of(a_finding("a.b", rows=rows), {}) == ()


def test_a_finding_without_a_measured_comparison_has_no_chart() -> None:
    assert charts_of(a_finding("a.b", trace=TraceNode(text="card.present", truth="T")), {}) == ()
    assert charts_of(a_finding("a.b"), {}) == ()


def test_a_long_list_shows_what_fails_first_and_counts_the_rest() -> None:
    rows = [a_row(f"column=c{i:03}", 0.1) for i in range(40)]
    rows.append(a_row("column=last", 0.9))
    chart = a_chart(*rows, outcome=Outcome.FAIL)
    assert len(chart.measures) == MOST
    assert chart.measures[0].label == "last"
    assert chart.rest == "Not drawn, and in the findings JSON: 29 rows that pass."
    assert chart.caption == "1 of 41 rows breaks the limit 0.2."


def test_rows_that_fail_are_never_counted_among_those_that_pass() -> None:
    rows = [a_row(f"column=f{i:03}", 0.9) for i in range(15)]
    rows += [a_row(f"column=p{i:03}", 0.1) for i in range(20)]
    rows.append(RowFinding(key="column=u", outcome=Outcome.INCONCLUSIVE))
    chart = a_chart(*rows, outcome=Outcome.FAIL)
    assert len(chart.measures) == MOST
    assert chart.caption == "15 of 36 rows break the limit 0.2, 1 cannot be decided."
    assert chart.rest == (
        "Not drawn, and in the findings JSON: 4 rows that fail or are unknown and "
        "20 rows that pass."
    )


def test_a_single_value_is_drawn_against_its_limit() -> None:
    (chart,) = charts_of(a_finding("a.b", trace=a_limit(0.087, 0.1, "gap")), {})
    assert chart is not None
    assert chart.caption == "The measured value keeps to the limit 0.1."


def test_a_limit_that_is_a_parameter_and_a_hair_is_called_by_the_parameter() -> None:
    def caption(name: str, limit: float) -> str:
        sides = a_leaf("gap", 0.08), a_leaf(name, limit)
        trace = TraceNode(text=f"gap <= {name}", truth="T", children=sides)
        (chart,) = charts_of(a_finding("a.b", trace=trace), {})
        return chart.caption

    assert caption("params.max_gap + 0.000001", 0.100001).endswith("keeps to the max gap 0.1.")
    assert caption("params.max_gap + 0.05", 0.15).endswith("keeps to the limit 0.15.")
    assert caption("params.max_gap * 2.0", 0.2).endswith("keeps to the limit 0.2.")


def test_a_row_without_any_value_says_not_submitted() -> None:
    missing = RowFinding(key="column=b", outcome=Outcome.INCONCLUSIVE)
    drawn = charts.measured(a_chart(a_row("column=a", 0.1), missing))
    assert "not submitted" in drawn
    assert "b no value, inconclusive" in drawn


def test_all_equal_values_still_have_an_axis() -> None:
    assert "<svg" in charts.measured(a_chart(a_row("a", 0.0, 0.0), a_row("b", 0.0, 0.0)))


def test_words_of_evidence_are_escaped_in_drawings() -> None:
    drawn = charts.measured(a_chart(a_row("column=<b>&", 0.1)))
    assert "<b>" not in drawn
    assert "&lt;b&gt;&amp;" in drawn


def test_a_threshold_written_as_a_number_is_read() -> None:
    trace = TraceNode(text="row.value <= 0.2", truth="T", children=(a_leaf("row.value", 0.1),))
    seen = observation(trace)
    assert seen is not None
    assert (seen.value, seen.operator, seen.threshold) == (0.1, "<=", 0.2)


def test_a_threshold_on_the_left_is_turned() -> None:
    trace = TraceNode(text="0.2 >= row.value", truth="T", children=(a_leaf("row.value", 0.1),))
    seen = observation(trace)
    assert seen is not None
    assert (seen.value, seen.operator, seen.threshold) == (0.1, "<=", 0.2)


def test_one_condition_among_several_is_not_drawn_as_if_it_decided() -> None:
    bound = a_bound(0.9, 100, 0.85)
    whole = TraceNode(text=f"{bound.text} || x", truth="T", children=(bound,))
    assert observation(whole) is None


def test_an_unknown_value_is_no_observation() -> None:
    trace = TraceNode(
        text="row.value <= params.limit",
        truth="U",
        children=(a_leaf("row.value"), a_leaf("params.limit", 0.2)),
    )
    assert observation(trace) is None


def test_a_comparison_of_two_measured_things_is_no_threshold() -> None:
    trace = TraceNode(
        text="row.value <= row.n", truth="T", children=(a_leaf("row.value", 1), a_leaf("row.n", 2))
    )
    assert observation(trace) is None


def test_true_is_not_the_number_one() -> None:
    trace = TraceNode(text="x <= 1", truth="T", children=(a_leaf("x", value=True),))
    assert observation(trace) is None


def test_an_interval_outside_its_range_is_not_drawn() -> None:
    assert interval(1.5, 10, 0.95) == (None, None)
    assert interval(0.5, 0, 0.95) == (None, None)
    low, high = interval(0.806, 571, 0.95)
    assert low is not None
    assert high is not None
    assert (round(low, 3), round(high, 3)) == (0.772, 0.836)


def test_hatch_and_dots_stay_inside_their_area() -> None:
    for drawn in (svg.hatch(10, 20, 30, 13, "#000000"), svg.dots(10, 20, 30, 13, "#000000")):
        pairs = re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn)
        assert pairs
        assert all(10 <= float(x) <= 40 and 20 <= float(y) <= 33 for x, y in pairs)


def test_a_bar_holds_every_control_and_its_counts() -> None:
    drawn = charts.stacked(build_pack(a_source()).conclusion.frameworks[0])
    assert "<title>NIST AI RMF 1.0: 25 of 71 applicable controls met; 2 not met" in drawn


def test_the_timeline_names_every_waiver_and_the_instant() -> None:
    drawn = charts.timeline(build_pack(a_source()).waivers)
    assert all(name in drawn for name in ("W-07 in force", "W-08 expired", "W-09 pending"))
    assert "as of 1 Oct 2026" in drawn


def test_more_waivers_than_a_page_holds_are_drawn_in_parts_of_one_scale() -> None:
    page = build_pack(a_source()).waivers
    many = page.model_copy(
        update={
            "waivers": tuple(
                page.waivers[at % 3].model_copy(update={"id": f"W-{at:03}"}) for at in range(100)
            )
        }
    )
    html = render_html(build_pack(a_source()).model_copy(update={"waivers": many}))
    figures = [one for one in html.split("<figure>") if "Waivers from start to end" in one]
    assert [len(set(re.findall(r"W-\d{3} ", one))) for one in figures] == [28, 32, 32, 8]
    heights = [float(h) for h in re.findall(r'height="([\d.]+)mm"[^>]*><title>Waivers', html)]
    assert all(height < 245 for height in heights)
    today = {line for one in figures for line in re.findall(r'<line x1="([\d.]+)" y1="14"', one)}
    assert len(today) == 1


def test_a_waiver_without_a_start_is_not_drawn_as_if_it_had_held_from_long_before() -> None:
    page = build_pack(a_source()).waivers
    (first, *_rest) = page.waivers
    alone = page.model_copy(update={"waivers": (first.model_copy(update={"start": None}),)})
    drawn = charts.timeline(alone)
    today = re.search(r'<line x1="([\d.]+)" y1="14"', drawn)
    bar = re.search(r'<rect x="([\d.]+)" y="19" [^>]*fill="none"', drawn)
    assert today is not None
    assert bar is not None
    assert float(bar[1]) == float(today[1])
    assert first.until in drawn


def test_two_digests_draw_two_combs() -> None:
    one, other = charts.comb("sha256:" + "0f" * 32), charts.comb("sha256:" + "f0" * 32)
    assert one != other
    assert one.count("<line") == 64
