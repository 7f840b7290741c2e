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
from support import packs

SINCE, UNTIL = packs.AS_OF - timedelta(days=20), packs.AS_OF


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
        catalog=packs.RMF,
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
    system=packs.SYSTEM,
    release=packs.RELEASE,
    asked_since=SINCE - timedelta(days=1),
    since=SINCE,
    until=UNTIL,
    engine="assaybook 0.1.0",
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
            catalog=packs.RMF,
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
    assert page.title == "The period from 11 Sep 2026 to 1 Oct 2026"
    assert page.lead.startswith("The result of a period is the worst of it.")
    assert "10 Sep 2026 was asked for" in page.lead
    assert [(one.name, one.text) for one in page.conclusion] == [
        ("NIST AI RMF 1.0", "Does not conform")
    ]
    assert "house.odd" in page.daily


def test_every_judged_control_is_drawn_and_what_changed_is_told() -> None:
    framework = _framework()
    strips = {one.control: one for each in framework.figures for one in each.strips}
    assert list(strips) == ["MEASURE 2.1", "MEASURE 2.3", "MEASURE 2.4", "MEASURE 2.6"]
    assert strips["MEASURE 2.3"].worst.word == "Not met"
    assert strips["MEASURE 2.3"].days == "met 20 d, not met under 0.1 d"
    lines = {one.control: one for one in framework.lines}
    assert list(lines) == ["MEASURE 2.1", "MEASURE 2.3", "MEASURE 2.4"]
    assert lines["MEASURE 2.1"].left_out == "3 superseded"
    assert lines["MEASURE 2.4"].when.endswith("; 4 more")
    assert framework.rest == "The whole time: 1 not covered."


def test_the_shortest_stretch_of_the_worst_is_seen() -> None:
    (figure,) = _framework().figures
    drawn = periods(figure)
    red = drawn.index("#a3242b")
    assert 'width="0.8"' in drawn[red - 80 : red + 20]
    assert "MEASURE 2.3 met 20 d, not met under 0.1 d" in drawn


def test_the_pages_hold_the_period_after_the_conclusion() -> None:
    html = render_html(build_pack(replace(packs.a_source(), period=PERIOD)))
    assert html.index("Conclusion and management") < html.index("The period from 11 Sep 2026")
