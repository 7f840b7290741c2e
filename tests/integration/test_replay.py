"""New criteria over the releases of a store: who flips, when and why, before they are in force."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import AuthorError, UsageError
from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.policy import Severity
from assaybook.domain.replay import Replay
from assaybook.language.bundle import bundle_json
from assaybook.service.bundle_files import written_bundle
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.replay import Asked, replay
from assaybook.service.run_assessment import judge_recorded, run_assessment
from assaybook.store.decisions import save_waivers
from assaybook.store.engine import open_engine
from assaybook.store.unit_of_work import Reading
from support.assessing import a_waiver
from support.commands import Done, assay, refused
from support.evidence import AS_OF, MODEL, a_document, a_metric, a_subject, days
from support.floor import POLICY
from support.stores import SteadyClock, a_work, registered, submitted

STRICTER = POLICY.replace("version: 1", "version: 2").replace("0.8", "0.95")
OTHER = POLICY.replace("quality.floor", "quality.drifted").replace(
    "{facts: metric, where: 'row.name == \"recall\"', fresh_for: 30d}",
    "{facts: drift, fresh_for: 30d}",
)
DRIFTED = OTHER.replace("row.value >= 0.8", "row.value <= 0.8")
NOW = AS_OF + days(60)


def _ruling(folder: Path, *texts: str) -> Ruling:
    for one in texts:
        name = one.split()[1].removeprefix("quality.")
        (folder / "quality").mkdir(parents=True, exist_ok=True)
        (folder / "quality" / f"{name}.yaml").write_text(one, encoding="utf-8")
    return read_ruling(BundleFiles(policies=(folder,)))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the policies of each ruling stand in, by its name."""
    return tmp_path_factory.mktemp("policies")


@pytest.fixture(scope="module")
def in_force(folders: Path) -> Ruling:
    """Return what every release was assessed by."""
    return _ruling(folders / "old", POLICY)


@pytest.fixture(scope="module")
def stricter(folders: Path) -> Ruling:
    """Return the same with a higher floor, and with another policy."""
    return _ruling(folders / "new", STRICTER, DRIFTED)


def _filled(engine: Engine, ruling: Ruling) -> None:
    """Register three releases of which the third has no evidence and was never assessed.

    Release 1 has recall 0.97 after 2 days, by a document that names its model alone, and 0.9 after
    10; release 2 has 0.9 after 5 days. From the 12th to the 15th day a waiver accepts the fails of
    release 1. Both were assessed on day 20.
    """
    clock = SteadyClock(AS_OF, step=timedelta())
    more = {name: a_subject(release={"version": name, "artifacts": ()}).release for name in "23"}
    registered(engine, clock, releases=more)
    for day, value, release in ((2, 0.97, "1"), (5, 0.9, "2"), (10, 0.9, "1")):
        clock.at = AS_OF + days(day)
        about: dict[str, Any] = {"release": release}
        if day == 2:
            model = AboutArtifact(digest=MODEL, kind="model")
            about = {"release": None, "system": None, "artifacts": [model]}
        sent = a_document(a_metric(value=value), name=f"{day}", age=-day, **about)
        submitted(engine, sent, clock=clock)
    clock.at = AS_OF + days(12)
    waiver = a_waiver(policy="quality.floor", releases=("1",), expires=AS_OF + days(15))
    with a_work(engine, clock) as work:
        save_waivers(work, [waiver], person="mara")
    clock.at = AS_OF + days(20)
    for release in "12":
        with a_work(engine, clock) as work:
            run_assessment(work, "s", release, ruling, fail_on=Severity.HIGH)


def _replayed(engine: Engine, ruling: Ruling, **asked: Any) -> Replay:
    known: dict[str, Any] = {"since": AS_OF - days(5), "until": AS_OF + days(30), "now": NOW}
    with Reading(engine) as reading:
        return replay(reading, Asked(ruling=ruling, **{**known, **asked}))


@pytest.fixture(scope="module")
def filled(
    sqlite_template: Path, in_force: Ruling, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Yield a database with releases, evidence and assessments, which replays only read."""
    file = tmp_path_factory.mktemp("filled") / "assay.db"
    shutil.copy(sqlite_template, file)
    opened = open_engine(f"sqlite:///{file}")
    _filled(opened, in_force)
    yield opened
    opened.dispose()


def _lines(found: Replay) -> list[tuple[object, ...]]:
    return [
        (
            one.release,
            one.rule,
            (one.since - AS_OF) / timedelta(days=1),
            (one.until - AS_OF) / timedelta(days=1),
            *(None if each is None else each.value for each in (one.old, one.new)),
            one.effect,
            one.causes,
        )
        for one in found.differences
        if one.policy == "quality.floor"
    ]


def test_a_replay_says_which_releases_would_flip_when_and_why(
    engine: Engine, in_force: Ruling, stricter: Ruling
) -> None:
    _filled(engine, in_force)
    found = _replayed(engine, stricter)
    assert _lines(found) == [
        ("1", "floor", 10, 12, "pass", "fail", "fails", ("evidence",)),
        ("1", "floor", 12, 15, "pass", "fail", "accepted", ("waiver",)),
        ("1", "floor", 15, 30, "pass", "fail", "fails", ("time",)),
        ("2", "floor", 5, 30, "pass", "fail", "fails", ("policy",)),
    ]
    first = next(one for one in found.differences if one.policy == "quality.floor")
    told = "version 1 became 2; it now asks: "
    assert first.criteria.startswith(told)
    assert "0.95" in first.criteria
    assert first.reason.startswith("Fails: ")
    assert found.summary.startswith(
        "would flip 2 of 3 releases: 2 with rules that would fail, "
        "2 with rules that nobody could decide, 1 with fails that waivers accept"
    )
    assert "No evidence, so nothing is shown, of s 3." in found.summary
    assert (found.exit, found.later, found.daily, found.foreseen) == (1, (), (), ())
    assert [one.documents for one in found.releases] == [2, 1, 0]
    assert found.releases[0].since == AS_OF + days(2)
    with Reading(engine) as reading:
        for one in found.differences:
            for ruling, said in ((in_force, one.old), (stricter, one.new)):
                alone = judge_recorded(
                    reading, "s", one.release, ruling, fail_on=Severity.HIGH, as_of=one.since
                )
                outcomes = {(f.policy, f.rule): f.outcome for f in alone.assessment.findings}
                assert said in {None, outcomes.get((one.policy, one.rule))}


def test_of_a_release_that_nobody_has_assessed_all_rules_are_new(
    filled: Engine, in_force: Ruling, stricter: Ruling
) -> None:
    asked: dict[str, Any] = {"now": AS_OF + days(19), "until": AS_OF + days(19)}
    found = _replayed(filled, in_force, **asked)
    assert [each[4:7] for each in _lines(found)] == [(None, "pass", "new")] * 2
    assert (found.exit, any(one.flips for one in found.releases)) == (0, False)
    assert "Nothing is in force for s 1, s 2 and s 3: all rules are new." in found.summary
    worse = _replayed(filled, stricter, system="s", release="2", **asked)
    assert [each[4:7] for each in _lines(worse)] == [(None, "fail", "fails")]
    assert worse.exit == 1


def test_nothing_is_recorded_by_a_replay(filled: Engine, stricter: Ruling) -> None:
    def entries() -> int:
        with filled.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM entries")).scalar_one())

    before = entries()
    _replayed(filled, stricter)
    assert entries() == before


def test_the_same_criteria_flip_nothing_and_are_not_judged(
    filled: Engine, in_force: Ruling
) -> None:
    found = _replayed(filled, in_force, in_force=in_force)
    assert (found.differences, found.judged, found.exit) == ((), 0, 0)
    assert "would flip 0 of 3 releases (from" in found.summary


def test_what_runs_out_later_than_now_is_a_forecast(filled: Engine, in_force: Ruling) -> None:
    asked: dict[str, Any] = {"now": AS_OF + days(21), "until": AS_OF + days(60)}
    found = _replayed(filled, in_force, **asked)
    ends = timedelta(microseconds=1)
    assert [(one.release, one.at, one.before, one.after) for one in found.foreseen] == [
        ("2", AS_OF + days(35) + ends, "pass", "inconclusive"),
        ("1", AS_OF + days(40) + ends, "pass", "inconclusive"),
    ]
    assert "Stale" in found.foreseen[0].reason
    assert "on it is a forecast" in found.summary
    assert all(not one.forecast for one in found.differences)


def test_a_difference_that_begins_later_than_now_is_said_as_forecast(
    filled: Engine, in_force: Ruling, folders: Path
) -> None:
    sooner = _ruling(folders / "sooner", POLICY.replace("30d", "20d"))
    asked: dict[str, Any] = {"now": AS_OF + days(21), "until": AS_OF + days(32)}
    found = _replayed(filled, sooner, in_force=in_force, **asked)
    told = [(one.release, one.new, one.causes, one.forecast) for one in found.differences]
    assert told == [("1", "inconclusive", ("time",), True), ("2", "inconclusive", ("time",), True)]
    assert found.exit == 3


def test_a_policy_that_is_taken_out_is_no_longer_judged(filled: Engine, folders: Path) -> None:
    without = _ruling(folders / "without", DRIFTED)
    found = _replayed(filled, without, system="s", release="2")
    told = [(one.policy, one.effect, one.reason) for one in found.differences]
    assert ("quality.floor", "dropped", "The new criteria have no such rule.") in told
    assert ("quality.drifted", "undecided") in [each[:2] for each in told]
    only = _replayed(filled, without, system="s", release="2", globs=("quality.dr*",))
    assert {one.policy for one in only.differences} == {"quality.drifted"}


def test_another_family_of_facts_is_named(filled: Engine, folders: Path) -> None:
    text_ = POLICY.replace("facts: metric, where: 'row.name == \"recall\"'", "facts: drift")
    other = _ruling(folders / "family", text_)
    found = _replayed(filled, other, system="s", release="2")
    (one,) = found.differences
    assert one.criteria == "recall are drift facts, and were metric facts"
    assert (one.effect, one.causes) == ("undecided", ("policy",))


def test_releases_without_evidence_are_never_a_pass(filled: Engine, in_force: Ruling) -> None:
    found = _replayed(filled, in_force, system="s", release="3")
    assert found.releases[0].documents == 0
    assert found.exit == 4


def test_a_release_that_came_after_the_period_is_named_and_not_judged(
    filled: Engine, in_force: Ruling
) -> None:
    found = _replayed(filled, in_force, since=AS_OF - days(9), until=AS_OF - days(5))
    assert (found.releases, found.later) == ((), ("s 1", "s 2", "s 3"))
    assert found.exit == 4


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"since": AS_OF, "until": AS_OF}, "period-empty"),
        ({"system": "t"}, "system-unknown"),
        ({"system": "s", "release": "9"}, "release-unknown"),
        ({"release": "1"}, "release-of-what"),
    ],
    ids=["empty", "system", "release", "release-alone"],
)
def test_what_cannot_be_replayed_is_refused(
    filled: Engine, in_force: Ruling, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        _replayed(filled, in_force, **asked)
    assert refusal.value.code == code


def test_what_is_in_force_and_cannot_be_used_any_more_says_what_to_compare_with(
    engine: Engine, in_force: Ruling, stricter: Ruling
) -> None:
    gone = dict.fromkeys(in_force.bundle.catalogs, f"sha256:{'0' * 64}")
    bundle = replace(in_force.bundle, catalogs=gone)
    digest = digest_of(canonical(bundle_json(bundle)))
    _filled(engine, replace(in_force, bundle=replace(bundle, digest=digest)))
    with pytest.raises(AuthorError) as refusal:
        _replayed(engine, stricter)
    assert refusal.value.code == "catalog-changed"
    assert refusal.value.where == "what is in force for s 1"
    assert "--in-force FILE" in refusal.value.hint
    assert _replayed(engine, stricter, in_force=in_force).exit == 1


def _daily(folders: Path) -> Path:
    """Return the folder of a policy whose reckoning with time is not seen through."""
    unclear = 'pass_when: \'age(row.tested_at) + duration("1h") < duration("480h")\''
    text_ = DRIFTED.replace("drift,", "operation,").replace("pass_when: row.value <= 0.8", unclear)
    _ruling(folders / "daily", text_)
    return folders / "daily"


def test_a_policy_that_is_judged_each_day_ends_at_a_limit(filled: Engine, folders: Path) -> None:
    daily = read_ruling(BundleFiles(policies=(_daily(folders),)))
    found = _replayed(filled, daily, system="s", release="1", globs=("quality.drifted",))
    assert found.daily == ("quality.drifted",)
    assert found.judged >= 29
    with pytest.raises(UsageError) as refusal:
        _replayed(filled, daily, until=datetime(2326, 1, 1, tzinfo=AS_OF.tzinfo))
    assert refusal.value.code == "period-too-long"


def _command(filled: Engine, *words: object) -> Done:
    until = "2026-12-20"
    url = filled.url.render_as_string(hide_password=False)
    asked = ("--from", "2026-11-15", "--to", until, "--database", url)
    return assay("replay", *asked, *words)


def test_the_command_tells_it_in_every_form(
    filled: Engine, stricter: Ruling, in_force: Ruling, folders: Path
) -> None:
    new, old = folders / "new.json", folders / "old.json"
    new.write_bytes(written_bundle(stricter.bundle))
    old.write_bytes(written_bundle(in_force.bundle))
    table = _command(filled, "--bundle", new, "--policy", "quality.floor")
    assert table.code == 1, table.err
    assert "would flip 2 of 3 releases" in table.out
    assert "pass -> fail, waived" in table.out
    assert "nothing was recorded" in table.err
    value = _command(filled, "--bundle", new, "--in-force", old, "--format", "json")
    assert value.value["summary"].startswith("would flip 2 of 3 releases")
    assert {one["effect"] for one in value.value["differences"]} >= {"fails", "undecided"}
    rows = _command(filled, "--policies", folders / "new", "--format", "csv")
    assert rows.out.startswith("system,release,policy,rule,severity,since,until,old,")
    assert "would flip 2 of 3 releases" in rows.err
    page = _command(filled, "--bundle", old, "--in-force", old, "--format", "markdown")
    assert "- **Summary**: would flip 0 of 3" in page.out
    assert "No rule would come to something else." in page.out
    assert page.code == 0


def test_the_command_tells_what_runs_out_what_is_gone_and_what_came_later(
    filled: Engine, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.cli.replay.now", lambda: AS_OF + days(21))
    _ruling(folders / "gone", DRIFTED)
    gone = _command(filled, "--policies", folders / "gone", "--to", "2027-01-30")
    assert "pass -> not there" in gone.out
    assert "time passed (forecast)" in gone.out
    assert "--policy compares some" in gone.err
    _ruling(folders / "kept", POLICY)
    kept = _command(filled, "--policies", folders / "kept", "--to", "2027-01-30")
    assert "Forecast for" in kept.out
    assert "pass -> inconclusive" in kept.out
    early = _command(filled, "--policies", folders / "kept", "--to", "2026-11-16")
    assert (early.code, "s 1, s 2 and s 3" in early.err) == (4, True)
    daily = _command(filled, "--policies", _daily(folders), "--system", "s", "--release", "1")
    assert "judged each day too" in daily.err


def test_the_command_refuses_what_it_cannot_mean(
    filled: Engine, in_force: Ruling, folders: Path
) -> None:
    new = folders / "same.json"
    new.write_bytes(written_bundle(in_force.bundle))
    refused(_command(filled, "--bundle", new, "--policies", folders / "old"), 2, "option-twice")
    refused(_command(filled, "--bundle", new, "--policy", "no.*"), 4, "policy-unmatched")
    broken = folders / "broken.json"
    broken.write_text("{}", encoding="utf-8")
    refused(_command(filled, "--bundle", broken), 5, "bundle-malformed")
    refused(_command(filled, "--bundle", new, "--to", "2026-11-01"), 2, "period-empty")
    refused(_command(filled, "--bundle", new, "--to", "soon"), 2, "instant-invalid")
    refused(_command(filled, "--bundle", new, "--to", "9999-12-31"), 2, "instant-invalid")
    refused(_command(filled, "--bundle", new, "--to", "2026-11-20T00:00:00"), 2, "instant-invalid")
