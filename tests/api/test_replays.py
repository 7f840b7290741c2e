"""A replay that a server is asked for: as on its own machine, bounded, and nothing recorded."""

import json
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, text

from assaybook.domain.errors import UsageError
from assaybook.service.bundle_files import written_bundle
from assaybook.service.bundles import BundleFiles, read_ruling
from assaybook.service.replay_apart import ReplayLimits, ReplayWanted, replay_apart
from assaybook.settings import now
from support.api import served
from support.commands import assay
from support.governing import POLICIES, Governed, code_of, governed

PERIOD: Final = {"since": "2026-11-15T00:00:00Z", "until": "2026-12-20T00:00:00Z"}


@pytest.fixture(scope="module")
def database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a database for all tests here, which replays only read."""
    file = tmp_path_factory.mktemp("replays") / "assay.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="module")
def service(database: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Governed]:
    """Yield a service over a small system whose recall is 0.9, and which was assessed."""
    with governed(database, tmp_path_factory.mktemp("policies")) as found:
        found.post("/v1/assessments", {"system": "s", "release": "1"})
        yield found


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a bundle that asks for more."""
    folder = tmp_path_factory.mktemp("new")
    for name, text_ in POLICIES.items():
        file = folder / "policies" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text_.replace("default: 0.8", "default: 0.95"), encoding="utf-8")
    bundle = read_ruling(BundleFiles(policies=(folder / "policies",))).bundle
    (folder / "new.json").write_bytes(written_bundle(bundle))
    return folder / "new.json"


def _wanted(file: Path, **more: Any) -> dict[str, Any]:
    return {"bundle": json.loads(file.read_bytes()), **PERIOD, **more}


def _entries(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM entries")).scalar_one())


def test_a_server_says_which_releases_a_bundle_would_flip_and_records_nothing(
    service: Governed, stricter: Path
) -> None:
    engine = service.caller.service.engine
    before = _entries(engine)
    answer = service.post("/v1/replays", _wanted(stricter))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    told = [(one["rule"], one["old"], one["new"], one["effect"]) for one in found["differences"]]
    assert told == [("floor", "pass", "fail", "fails")]
    assert (found["exit"], [one["system"] for one in found["releases"]]) == (1, ["s"])
    assert _entries(engine) == before


def test_the_command_says_the_same_of_a_server_as_of_its_database(
    service: Governed, stricter: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("--from", "2026-11-15", "--to", "2026-11-20", "--bundle", stricter)
    form = ("--format", "json", "--policy", "quality.*", "--fail-on", "high")
    here = assay("replay", *asked, *form, "--database", database)
    key = service.who["ann"]["Authorization"].removeprefix("Bearer ")
    monkeypatch.setenv("ASSAY_API_KEY", key)
    with served(service.caller.app) as url:
        there = assay("replay", *asked, *form, "--server", url)
        monkeypatch.setenv("ASSAY_SERVER", url)
        named = assay("replay", *asked, "--in-force", stricter)
        both = assay("replay", *asked, "--server", url, "--database", database)
    assert here.value["differences"], here.err
    assert _timeless(there.value) == _timeless(here.value)
    assert (there.code, there.err) == (here.code, here.err)
    assert (named.code, both.code) == (0, 2), named.err
    assert "option-not-for-server" in both.err


def _timeless(found: dict[str, Any]) -> dict[str, Any]:
    """Return a replay without the instant of whoever made it, which is never the same."""
    return {key: value for key, value in found.items() if key != "now"}


def test_nobody_sees_what_their_key_may_not(service: Governed, stricter: Path) -> None:
    mine = service.post("/v1/replays", _wanted(stricter), who="foreign").json()
    assert ([one["system"] for one in mine["releases"]], mine["exit"]) == (["t"], 4)
    refused = service.post("/v1/replays", _wanted(stricter, system="s"), who="foreign")
    nobody = service.post("/v1/replays", _wanted(stricter, system="nobody"), who="foreign")
    assert code_of(refused) == code_of(nobody) == (404, "system-unknown")


def _changed(wanted: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**wanted, "bundle": {**wanted["bundle"], **changes}}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        pytest.param({"until": PERIOD["since"]}, (400, "period-empty"), id="an empty period"),
        pytest.param({"system": "s", "release": "9"}, (404, "release-unknown"), id="no release"),
        pytest.param({"release": "1"}, (400, "release-of-what"), id="a release of nothing"),
        pytest.param({"policies": ["no.*"]}, (422, "policy-unmatched"), id="no such policy"),
        pytest.param({"policies": "quality.*"}, (422, "request-invalid"), id="no list"),
        pytest.param({"since": "yesterday"}, (422, "request-invalid"), id="no instant"),
        pytest.param({"since": "2026-11-15"}, (422, "request-invalid"), id="no time zone"),
        pytest.param({"system": "../s"}, (422, "request-invalid"), id="no id"),
        pytest.param({"fail_on": "never"}, (422, "request-invalid"), id="no severity"),
        pytest.param({"unknown": 1}, (422, "request-invalid"), id="a key of nothing"),
        pytest.param({"bundle": []}, (422, "request-invalid"), id="no bundle"),
        pytest.param({"bundle": {}}, (422, "bundle-malformed"), id="an empty bundle"),
        pytest.param(
            {"bundle": {"payloadType": 1}}, (422, "envelope-unreadable"), id="an envelope"
        ),
        pytest.param({"in_force": {}}, (422, "bundle-malformed"), id="nothing in force"),
        pytest.param({"bundle": None}, (422, "request-invalid"), id="null"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_words(
    service: Governed, stricter: Path, more: dict[str, Any], told: tuple[int, str]
) -> None:
    answer = service.post("/v1/replays", _wanted(stricter, **more))
    assert code_of(answer) == told, answer.text


def test_a_bundle_that_is_not_what_its_digest_says_is_refused(
    service: Governed, stricter: Path
) -> None:
    changed = _changed(_wanted(stricter), digest=f"sha256:{'0' * 64}")
    assert code_of(service.post("/v1/replays", changed)) == (422, "bundle-mismatch")
    odd = _changed(_wanted(stricter), bundle={"policies": {"deep": [[[{"rules": 1}]]]}})
    status, _code = code_of(service.post("/v1/replays", odd))
    assert status == 422


@pytest.mark.parametrize(
    "limits",
    [
        ReplayLimits(wall_seconds=0.01),
        ReplayLimits(cpu_seconds=0),
    ],
    ids=["time", "processor"],
)
def test_a_replay_that_takes_too_long_is_ended(
    service: Governed, stricter: Path, limits: ReplayLimits
) -> None:
    wanted = ReplayWanted.model_validate_json(json.dumps(_wanted(stricter)))
    engine = service.caller.service.engine
    with pytest.raises(UsageError) as refusal:
        replay_apart(engine, wanted, now=now(), systems=None, limits=limits)
    assert refusal.value.code == "replay-too-long"
    assert "shorter period" in refusal.value.hint


def test_one_replay_is_under_way_at_a_time_and_others_may_ask_again(
    service: Governed, stricter: Path
) -> None:
    asks = [
        ("POST", "/v1/replays", {"json": _wanted(stricter), "headers": service.who["ann"]})
        for _ in range(3)
    ]
    answers = service.caller.together(asks)
    assert sorted(one.status_code for one in answers) == [200, 503, 503]
    busy = next(one for one in answers if one.status_code == 503)
    assert code_of(busy) == (503, "too-busy")
    assert int(busy.headers["retry-after"]) > 0


def test_a_child_that_is_gone_is_a_fault_of_ours_and_told_as_such(
    service: Governed, stricter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.service.replay_apart._CHILD", ("/bin/false",))
    answer = service.post("/v1/replays", _wanted(stricter))
    assert code_of(answer) == (500, "internal-error")


@pytest.mark.parametrize(
    ("more", "code", "word"),
    [
        ({"release": "1"}, "release-of-what", "`system`"),
        ({"since": PERIOD["until"]}, "period-empty", "`since`"),
    ],
)
def test_what_to_do_is_said_in_the_words_of_a_request_and_not_of_the_command_line(
    service: Governed, stricter: Path, more: dict[str, str], code: str, word: str
) -> None:
    refused = service.post("/v1/replays", _wanted(stricter, **more), "ann")
    told = refused.json()
    assert told["code"] == code
    assert word in told["hint"]
    assert "--" not in told["hint"]
