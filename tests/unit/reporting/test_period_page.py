"""What a pack says of a period, in words and as strips."""

from dataclasses import replace
from datetime import datetime, timedelta

from assaybook.domain.finding import Conclusion, Standing
from assaybook.domain.period import CatalogPeriod, ControlPeriod, Interval, Period
from assaybook.reporting.charts_period import periods
from assaybook.reporting.context import Context
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from assaybook.reporting.period_page import period_page
from assaybook.reporting.period_parts import PeriodFramework, PeriodPage
from support import pack_documents, pack_findings, packs
from support.refusals import a_refusal

SINCE, UNTIL = pack_documents.AS_OF - timedelta(days=20), pack_documents.AS_OF


def _at(day: float) -> datetime:
    return SINCE + timedelta(days=day)


def _control(
    control: str, *stood: tuple[float, Standing], worst: Standing, left_out: int = 0
) -> ControlPeriod:
    ends = [*(day for day, _standing in stood[1:]), 20.0]
    days: dict[Standing, float] = {}
    for (day, standing), end in zip(stood, ends, strict=True):
        days[standing] = days.get(standing, 0) + end - day
    return ControlPeriod(
        catalog=pack_findings.RMF,
        control=control,
        worst=worst,
        days=days,
        intervals=tuple(
            Interval(since=_at(day), until=_at(end), standing=standing)
            for (day, standing), end in zip(stood, ends, strict=True)
        ),
        left_out={"superseded": left_out} if left_out else {},
    )


OFTEN = [(float(n), Standing.MET if n % 2 else Standing.NOT_MET) for n in range(12)]
PERIOD = Period(
    system=pack_documents.SYSTEM,
    release=pack_documents.RELEASE,
    asked_since=SINCE - timedelta(days=1),
    since=SINCE,
    until=UNTIL,
    engine="assaybook 0.3.0",
    controls=(
        _control("MEASURE", (0, Standing.NOT_MET), worst=Standing.NOT_MET),
        _control("MEASURE 2.1", (0, Standing.MET), worst=Standing.MET, left_out=3),
        _control(
            "MEASURE 2.3",
            (0, Standing.MET),
            (9.99, Standing.NOT_MET),
            (10, Standing.MET),
            worst=Standing.NOT_MET,
        ),
        _control("MEASURE 2.4", *OFTEN, worst=Standing.NOT_MET),
        _control("MEASURE 2.5", (0, Standing.NOT_COVERED), worst=Standing.NOT_COVERED),
        _control("MEASURE 2.6", (0, Standing.MET), worst=Standing.MET),
    ),
    conclusion=(
        CatalogPeriod(
            catalog=pack_findings.RMF,
            words=Conclusion.DOES_NOT_CONFORM,
            counts={Standing.NOT_MET: 2, Standing.MET: 2, Standing.NOT_COVERED: 1},
        ),
    ),
    steps=(),
    moments=(),
    daily=("house.odd",),
)


def _page() -> PeriodPage:
    page = period_page(Context(replace(packs.a_source(), period=PERIOD)))
    assert page is not None
    return page


def _framework() -> PeriodFramework:
    (only,) = _page().frameworks
    return only


def test_a_pack_as_of_an_instant_says_nothing_of_a_period() -> None:
    assert period_page(Context(packs.a_source())) is None


def test_the_worst_is_said_first_and_what_was_asked_beyond_the_registration() -> None:
    page = _page()
    assert (page.number, page.title) == ("2.1", "The period as a whole")
    assert page.lead == (
        "From 11 September 2026 to 1 October 2026. The result of a period is the worst of it."
    )
    assert "10 Sep 2026 was asked for" in page.how
    assert "Every document that came in the period could be read." in page.how
    assert [(one.name, one.text) for one in page.conclusion] == [
        ("NIST AI RMF 1.0", "Does not conform")
    ]
    assert "house.odd" in page.daily


def test_every_judged_control_is_drawn_and_what_changed_is_told() -> None:
    framework = _framework()
    strips = {one.control: one for each in framework.figures for one in each.strips}
    assert list(strips) == ["MEASURE 2.1", "MEASURE 2.3", "MEASURE 2.4", "MEASURE 2.6"]
    assert strips["MEASURE 2.3"].worst.word == "Not met"
    assert strips["MEASURE 2.3"].days == "not met <0.1 d, met 20 d"
    lines = {one.control: one for one in framework.lines}
    assert list(lines) == ["MEASURE 2.1", "MEASURE 2.3", "MEASURE 2.4"]
    assert lines["MEASURE 2.1"].left_out == "3 superseded"
    assert lines["MEASURE 2.4"].when.endswith("; 4 more")
    assert lines["MEASURE 2.3"].when == (
        "met from 11 Sep 2026; not met from 20 Sep 2026; met from 21 Sep 2026"
    )
    assert framework.rest == "The whole time: 1 not covered."


def test_what_stood_for_less_than_a_day_is_not_told_twice_from_the_same_day() -> None:
    short = _control(
        "MEASURE 2.1", (0, Standing.NOT_DETERMINED), (0.1, Standing.MET), worst=Standing.MET
    )
    period = PERIOD.model_copy(update={"controls": (short,)})
    page = period_page(Context(replace(packs.a_source(), period=period)))
    assert page is not None
    (line,) = page.frameworks[0].lines
    assert line.when == "not determined from 11 Sep 2026; met later that day"


def test_a_pack_of_a_period_is_made_again_by_a_command_that_names_the_period() -> None:
    html = render_html(build_pack(replace(packs.a_source(), period=PERIOD)))
    assert "--from 2026-09-10T00:00:00Z --to 2026-10-01T00:00:00Z" in " ".join(html.split())


def test_the_shortest_stretch_of_the_worst_is_seen() -> None:
    (figure,) = _framework().figures
    drawn = periods(figure)
    red = drawn.index("#a3242b")
    assert 'width="0.8"' in drawn[red - 80 : red + 20]
    assert "MEASURE 2.3 not met &lt;0.1 d, met 20 d" in drawn


def test_the_pages_hold_the_period_after_the_conclusion() -> None:
    html = render_html(build_pack(replace(packs.a_source(), period=PERIOD)))
    assert html.index("Conclusion and management") < html.index("The period as a whole")
    assert 'data-run="2.1 · The period as a whole"' in html


def test_refused_documents_and_allowed_gaps_are_told_where_they_bear() -> None:
    gap = (
        PERIOD.controls[2]
        .intervals[1]
        .model_copy(
            update={"standing": Standing.NOT_DETERMINED, "allowed": "The scanner is replaced."}
        )
    )
    held = PERIOD.controls[2].intervals
    changed = PERIOD.controls[2].model_copy(
        update={"intervals": (held[0], gap, held[2]), "refused": {"format-unknown": 2}}
    )
    came = (a_refusal("odd.bin"), a_refusal("metrics.json", families=("metric",)))
    period = PERIOD.model_copy(
        update={
            "controls": (*PERIOD.controls[:2], changed, *PERIOD.controls[3:]),
            "refused": tuple(one.id for one in came),
            "unknown": (came[0].id,),
        }
    )
    page = period_page(Context(replace(packs.a_source(), period=period, refused=came)))
    assert page is not None
    assert "2 documents came and could not be read" in page.how
    assert "no control is told of it: odd.bin." in page.how
    assert "Gaps that the scope allows" in page.how
    line = next(one for one in page.frameworks[0].lines if one.control == "MEASURE 2.3")
    assert "(allowed: The scanner is replaced)" in line.when
    assert line.left_out == "2 refused"


def test_the_cover_and_the_contents_say_the_worst_of_the_period() -> None:
    pack = build_pack(packs.a_source(period=PERIOD))
    assert (
        "Over the period, 11 September 2026 to 1 October 2026: does not conform. "
        "The worst of it counts."
    ) in pack.cover.summary
    (line,) = (each for each in pack.contents if each.number == "2.1")
    assert line.told == "The worst of it: does not conform."
