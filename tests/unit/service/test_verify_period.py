"""The period of a pack is judged again from what the pack carries, and nothing else is believed."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assaybook.domain.attachment import PERIOD
from assaybook.domain.canonical import canonical
from assaybook.domain.documents import Evidence
from assaybook.domain.period import Period, PeriodMoment
from assaybook.domain.policy import Severity
from assaybook.service.bundle_files import written_bundle
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.judge import ENGINE, judged
from assaybook.service.pack_named import plain
from assaybook.service.period import replay_period
from assaybook.service.verify_parts import Judged, Predicate, Statements
from assaybook.service.verify_period import period_steps
from support.assessing import a_waiver, at
from support.evidence import a_document, a_metric, a_subject
from support.floor import POLICY

EVIDENCE: tuple[Evidence, ...] = (
    a_document(a_metric(value=0.9), name="good.json", age=8, received=8),
    a_document(a_metric(value=0.5), name="bad.json", age=4, received=4),
)
SINCE, UNTIL = at(-10), at(0)
WAIVER = a_waiver(policy="quality.floor", expires=at(5))


@pytest.fixture(scope="module")
def ruling(tmp_path_factory: pytest.TempPathFactory) -> Ruling:
    """Return a bundle of one policy."""
    folder: Path = tmp_path_factory.mktemp("policies")
    (folder / "quality").mkdir()
    (folder / "quality" / "floor.yaml").write_text(POLICY, encoding="utf-8")
    return read_ruling(BundleFiles(policies=(folder,)))


def _moment(when: datetime, *, waived: bool) -> PeriodMoment:
    waivers = (WAIVER,) if waived else ()
    return PeriodMoment(as_of=when, subject=a_subject(), waivers=waivers, retirements=())


@pytest.fixture(scope="module")
def period(ruling: Ruling) -> Period:
    """Return ten days in which a fail came and was waived."""
    moments = [_moment(SINCE, waived=False), _moment(at(-1), waived=True)]
    return replay_period(
        ruling, EVIDENCE, moments, asked_since=SINCE, until=UNTIL, fail_on=Severity.HIGH
    )


@pytest.fixture(scope="module")
def pack(ruling: Ruling) -> Judged:
    """Return what a pack as of the end of the period carries."""
    found = judged(
        ruling, a_subject(), EVIDENCE, as_of=UNTIL, fail_on=Severity.HIGH, waivers=(WAIVER,)
    )
    statements = Statements(
        baseline=None,
        envelopes=(),
        keys=(),
        kind="assaybook/statements/v1",
        retirements=(),
        waivers=(WAIVER,),
    )
    bundle = json.loads(written_bundle(ruling.bundle))
    return Judged(found.assessment, bundle, a_subject(), EVIDENCE, (), (), statements)


def _codes(pack: Judged, raw: bytes | None, engine: str = ENGINE) -> list[tuple[str, str]]:
    said = Predicate(
        as_of=UNTIL,
        assessment="",
        engine=engine,
        keys="none",
        log="none",
        made_at=None,
        organisation="",
        pack="",
        profile="full",
        release="1",
        system="s",
        verdicts=(),
    )
    parts = {} if raw is None else {PERIOD: raw}
    return [(one.standing.value, one.code) for one in period_steps(pack, said, parts)]


def test_a_period_that_follows_from_the_pack_is_good(pack: Judged, period: Period) -> None:
    assert _codes(pack, canonical(plain(period))) == [("good", "period")]


def test_a_pack_as_of_an_instant_has_no_such_step(pack: Judged) -> None:
    assert _codes(pack, None) == []


def test_the_period_of_another_engine_is_good_where_it_comes_out_the_same(
    pack: Judged, period: Period
) -> None:
    told = _codes(pack, canonical(plain(period)), engine="assaybook 0.0.1")
    assert told == [("good", "period")]


@pytest.mark.parametrize("raw", [b"{}", None], ids=["of another shape", "judged otherwise"])
def test_of_a_period_that_another_engine_judged_otherwise_nobody_can_tell(
    raw: bytes | None, pack: Judged, period: Period
) -> None:
    worst = plain(period)
    _better(worst)
    told = _codes(pack, raw or canonical(worst), engine="assaybook 0.0.1")
    assert told == [("cannot tell", "engine-other")]


def _better(told: Any) -> None:
    for one in told["controls"]:
        one["worst"] = "met"


def _forgotten(told: Any) -> None:
    del told["moments"][1]


def _no_moment(told: Any) -> None:
    told["moments"] = []


def _later(told: Any) -> None:
    told["since"] = "2026-11-12T00:00:00Z"


CHANGES: dict[str, tuple[Callable[[Any], None], str]] = {
    "a-better-worst": (_better, "period-otherwise"),
    "a-decision-left-out": (_forgotten, "period-elsewhere"),
    "no-decision": (_no_moment, "period-elsewhere"),
    "a-later-beginning": (_later, "period-elsewhere"),
    "a-day-left-out": (lambda told: told["steps"].pop(), "period-otherwise"),
}


@pytest.mark.parametrize("case", CHANGES.values(), ids=CHANGES)
def test_a_changed_period_is_bad(
    case: tuple[Callable[[Any], None], str], pack: Judged, period: Period
) -> None:
    change, code = case
    told: Any = plain(period)
    change(told)
    assert _codes(pack, canonical(told)) == [("bad", code)]


def test_a_period_of_another_subject_or_other_waivers_is_bad(pack: Judged, period: Period) -> None:
    raw = canonical(plain(period))
    other = pack.subject.model_copy(
        update={"system": pack.subject.system.model_copy(update={"name": "Other"})}
    )
    statements = pack.statements.model_copy(update={"waivers": ()})
    for changed in (replace(pack, subject=other), replace(pack, statements=statements)):
        assert _codes(changed, raw) == [("bad", "period-elsewhere")]


def test_a_period_that_is_written_otherwise_is_refused(pack: Judged, period: Period) -> None:
    with pytest.raises(ValueError, match=r"period\.json"):
        _codes(pack, json.dumps(plain(period), indent=1).encode())


def test_a_policy_that_is_not_seen_through_is_judged_each_day(tmp_path: Path) -> None:
    (tmp_path / "quality").mkdir()
    odd = POLICY.replace(
        "row.value >= 0.8", '\'age(release.released_at) + duration("1h") > duration("0s")\''
    )
    (tmp_path / "quality" / "floor.yaml").write_text(odd, encoding="utf-8")
    found = replay_period(
        read_ruling(BundleFiles(policies=(tmp_path,))),
        EVIDENCE,
        [_moment(SINCE, waived=False)],
        asked_since=SINCE,
        until=UNTIL,
        fail_on=Severity.HIGH,
    )
    assert found.daily == ("quality.floor",)
    assert {at(-n) for n in range(11)} <= {one.as_of for one in found.steps}
