"""The pages of systems, releases and assessments say what the store knows, and no more."""

from typing import Any

import pytest
from sqlalchemy import event

from assaybook.console import posture
from support.api import Caller
from support.console import EVIL, Browser, key_of, sound

LAST = "/v1/assessments?system=s&release=1"


def _digest(console: Caller) -> str:
    found: str = console.get(LAST).json()["items"][-1]["digest"]
    return found


def test_the_overview_shows_every_release_that_matters_and_calls_none_unjudged_a_pass(
    browser: Browser,
) -> None:
    text = browser.shown("/")
    assert "Triage" in text
    assert text.count("not assessed") == 3
    assert "never judged, which is not a pass" in text
    assert "none registered" in text


def test_the_overview_of_a_past_without_systems_is_empty(browser: Browser) -> None:
    text = browser.shown("/?as_of=2020-01-01T00:00")
    assert "No systems then" in text
    assert "prov past" in text


def test_a_system_shows_its_record_its_releases_and_what_needs_action(browser: Browser) -> None:
    text = browser.shown("/systems/s")
    assert "Needs action in 1" in text
    assert "Changed since the assessment before" in text
    assert "No rule came to something else" in text
    assert "nobody named" not in text
    bare = browser.shown("/systems/bare")
    assert "No release" in bare
    assert "assay system release system.yaml" in bare


def test_a_release_without_evidence_says_so_with_the_next_command(browser: Browser) -> None:
    text = browser.shown("/systems/s/releases/2")
    assert "No evidence for 2" in text
    assert "This is not a pass" in text
    assert "assay submit REPORTS --system s --release 2" in text


def test_a_release_is_judged_anew_for_whoever_asks_for_it(browser: Browser) -> None:
    assert "Judged for this page" not in browser.shown("/systems/s/releases/1")
    text = browser.shown("/systems/s/releases/1?now=yes")
    assert "nothing is recorded of it" in text
    assert "Assessments, newest first" in text


def test_an_assessment_shows_its_gate_its_exit_code_and_every_finding(
    console: Caller, browser: Browser
) -> None:
    digest = _digest(console)
    found = console.get(f"/v1/assessments/{digest}").json()
    text = browser.shown(f"/assessments/{digest}")
    gate = found["gate"]
    assert f"Gate: {gate['verdict']}</b>, exit code {gate['exit']}" in text
    whole = len(found["findings"])
    assert f"{whole} of {whole} shown" in text
    for one in found["findings"]:
        assert f"{one['policy']} / {one['rule']}" in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [("outcome=pass", "pass"), ("outcome=inconclusive", "inconclusive"), ("outcome=error", "")],
)
def test_the_findings_of_an_assessment_are_narrowed_by_what_they_came_to(
    console: Caller, browser: Browser, query: str, shown: str
) -> None:
    digest = _digest(console)
    found = console.get(f"/v1/assessments/{digest}").json()["findings"]
    text = browser.shown(f"/assessments/{digest}?{query}&severity=low")
    number = sum(one["outcome"] == shown for one in found)
    assert f"{number} of {len(found)} shown" in text
    assert bool(number) != ("The filter hides them all" in text)


def test_names_that_would_be_markup_are_shown_as_they_are_written(browser: Browser) -> None:
    for path in ("/", "/systems/evil", "/systems/evil/releases/1"):
        text = browser.shown(path)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script" not in text
        assert "\u202e" not in text
        assert "\\u202e" in text
        assert "{{ 7 * 7 }}" in text
    assert EVIL not in browser.get("/systems/" + EVIL).text


@pytest.mark.parametrize(
    "path",
    [
        "/systems/nobody",
        "/systems/s%00",
        "/systems/s/releases/9",
        "/systems/s/releases/%00",
        "/systems/%F0%9F%92%A5/releases/1",
        "/assessments/sha256:0",
        "/assessments/%00",
        "/nowhere",
        "/systems/s/",
        "/assets/0/console.css",
        "/assets/0/..%2F..%2Fpyproject.toml",
    ],
)
def test_what_is_not_there_is_a_page_in_our_words(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "Not there" in sound(answer)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?as_of=yesterday", 422),
        ("?as_of=2026", 422),
        ("?as_of=9999-01-01T00:00", 422),
        ("?as_of=0001-01-01T00:00:00%2B14:00", 422),
        ("?as_of=" + "9" * 5000, 422),
        ("?as_of=%00", 422),
        ("?cursor=%00%F0%9F%92%A5", 422),
        ("?cursor=zzz", 200),
        ("?nobody=asks", 200),
    ],
)
def test_no_query_breaks_a_page(browser: Browser, query: str, status: int) -> None:
    answer = browser.get(f"/{query}")
    assert answer.status_code == status, answer.text
    sound(answer)


def test_who_may_know_of_one_system_is_shown_no_other(console: Caller) -> None:
    limited = Browser(console, key_of(console, "limited", roles=["auditor"], systems=["s"]))
    text = limited.shown("/")
    assert "/systems/s" in text
    assert "evil" not in text
    theirs = limited.get("/systems/evil")
    nobody = limited.get("/systems/nobody")
    assert theirs.status_code == nobody.status_code == 404
    of_evil = console.get("/v1/assessments?system=evil").json()["items"][0]["digest"]
    assert limited.get(f"/assessments/{of_evil}").status_code == 404


def test_the_log_is_told_of_only_to_those_who_may_read_it(console: Caller) -> None:
    assert 'href="/ledger"' in Browser(console, key_of(console, roles=["auditor"])).shown("/")
    assert 'href="/ledger"' not in Browser(console, key_of(console, roles=["author"])).shown("/")


def test_what_an_assessment_said_is_read_once_and_shown_again(
    console: Caller, browser: Browser
) -> None:
    first = browser.shown("/").partition("<main")[2]
    asked: list[str] = []

    def note(*call: Any) -> None:
        asked.append(call[2])

    event.listen(console.service.engine, "before_cursor_execute", note)
    try:
        assert browser.shown("/").partition("<main")[2] == first
    finally:
        event.remove(console.service.engine, "before_cursor_execute", note)
    assert asked
    assert not [one for one in asked if "assessments.body" in one]


def test_no_more_of_what_assessments_said_is_kept_than_there_is_room_for(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[tuple[str, str, str], posture.Judged] = {}
    monkeypatch.setattr(posture, "MOST_KEPT", 1)
    monkeypatch.setattr(posture, "_KEPT", kept)
    text = browser.shown("/").partition("<main")[2]
    assert len(kept) == 1
    assert browser.shown("/").partition("<main")[2] == text
