"""Before a bundle is switched on, a page says what it would change, when and why."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

import pytest

from assaybook.service import replay_apart
from assaybook.service.bundle_files import written_bundle
from assaybook.service.bundles import BundleFiles, read_ruling
from assaybook.service.replay import Asked
from assaybook.service.replay import replay as replayed
from assaybook.store.unit_of_work import Reading
from support.console import Browser, key_of, sound
from support.console_site import Site, a_site, tree_of
from support.governing import POLICIES

DAYS: Final = "from=2026-11-19&to=2026-12-24"
SEND: Final = "/replay/file"
PERIOD: Final = {"from": "2026-11-19", "to": "2026-12-24"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    with a_site(tmp_path_factory.mktemp("site")) as found:
        yield found


def _bundle(folder: Path, floor: str) -> bytes:
    for name, text in POLICIES.items():
        file = folder / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("default: 0.8", f"default: {floor}"), encoding="utf-8")
    return written_bundle(read_ruling(BundleFiles((folder,), (), (), None)).bundle)


def _words(page: Any) -> str:
    return " ".join(" ".join(page.find(".//main").itertext()).split())


def test_a_milder_bundle_says_which_fail_would_pass_when_and_why(
    site: Site, tmp_path: Path
) -> None:
    sent = site.who["ann"].send(SEND, {"new.json": _bundle(tmp_path, "0.4")}, **PERIOD)
    assert sent.status_code == 200, sent.text
    words = _words(tree_of(sound(sent)))
    assert (
        "No rule would get worse. Would flip 1 of 2 releases: 1 with rules that would pass" in words
    )
    assert "exit 0" in words
    assert "quality.floor / floor high · would pass s 1" in words
    assert "policy changed floor: 0.8 became 0.4" in words
    assert "no evidence, so nothing is shown" in words


def test_a_stricter_bundle_that_flips_nothing_more_is_said_to_flip_nothing(
    site: Site, tmp_path: Path
) -> None:
    sent = site.who["ann"].send(SEND, {"new.json": _bundle(tmp_path, "0.9")}, **PERIOD, system="s")
    words = _words(tree_of(sound(sent)))
    assert "No rule would come to something else." in words
    assert "Would flip 0 of 1 release" in words


def test_the_page_says_what_the_service_says_of_the_same_question(site: Site) -> None:
    page = site.text(f"/replay?bundle=in-force&{DAYS}")
    service = site.caller.service
    with Reading(service.engine) as store:
        found = replayed(
            store,
            Asked(
                service.ruling,
                datetime(2026, 11, 19, tzinfo=UTC),
                datetime(2026, 12, 25, tzinfo=UTC),
                service.clock(),
            ),
        )
    assert found.summary.partition(" (from")[0][1:] in page
    assert f"exit {found.exit}" in page
    assert f"judged at {found.judged} instant" in page


def test_a_recorded_bundle_is_asked_about_by_an_address_that_can_be_linked(site: Site) -> None:
    form = site.tree("/replay")
    (choice,) = form.findall(".//select[@name='bundle']/option")[1:]
    answer = site.tree(f"/replay?bundle={choice.get('value')}&{DAYS}&system=s")
    assert "No rule would come to something else." in _words(answer)
    (chosen,) = answer.findall(".//option[@selected]")
    assert chosen.get("value") == choice.get("value")


def test_the_form_alone_judges_nothing_and_proposes_days_with_a_forecast(site: Site) -> None:
    page = site.tree("/replay")
    words = _words(page)
    assert "exit" not in words
    first = page.find(".//input[@name='from']").get("value")
    last = page.find(".//input[@name='to']").get("value")
    assert first < f"{site.caller.service.clock():%Y-%m-%d}" < last
    assert "/replay" in {one.get("href") for one in site.tree("/policies").findall(".//main//a")}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("bundle=sha256:0", 404, "bundle-unknown"),
        ("bundle=in-force&from=yesterday", 422, "request-invalid"),
        ("bundle=in-force&from=2026-11-20&to=2026-11-19", 400, "period-empty"),
        ("bundle=in-force&from=2026-11-20&to=9999-12-31", 400, "period-empty"),
        ("bundle=in-force&system=x", 404, "system-unknown"),
        ("bundle=in-force&system=%20x%7f", 404, "system-unknown"),
    ],
)
def test_what_cannot_be_asked_is_said_on_a_page(
    site: Site, query: str, status: int, code: str
) -> None:
    answer = site.who["ann"].get(f"/replay?{query}")
    assert answer.status_code == status, answer.text
    assert f"<dd>{code}</dd>" in sound(answer)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "bundle-malformed"),
        (b"[" * 100_000, "bundle-malformed"),
        (b'{"bundle": {}, "digest": "", "engine": ""}', "bundle-malformed"),
        (b'{"bundle": {"a": "\\ud800"}, "digest": "", "engine": ""}', "bundle-malformed"),
        (b'{"bundle": {"a": NaN}, "digest": "", "engine": ""}', "bundle-malformed"),
    ],
    ids=["no JSON", "too deep", "empty", "half a character", "a number that is none"],
)
def test_a_file_that_is_no_bundle_is_refused_by_name(site: Site, content: bytes, code: str) -> None:
    answer = site.who["ann"].send(SEND, {"new.json": content}, **PERIOD)
    assert answer.status_code == 422, answer.text
    assert f"<dd>{code}</dd>" in sound(answer)


def test_a_bundle_that_was_changed_after_it_was_written_is_refused(
    site: Site, tmp_path: Path
) -> None:
    changed = _bundle(tmp_path, "0.4").replace(b'"title":"Recall holds"', b'"title":"Recall is"')
    answer = site.who["ann"].send(SEND, {"new.json": changed}, **PERIOD)
    assert "<dd>bundle-mismatch</dd>" in sound(answer)
    none = site.who["ann"].send(SEND, {})
    assert (none.status_code, "one bundle file is needed" in none.text) == (422, True)


def test_who_reaches_some_systems_is_told_of_no_other(site: Site) -> None:
    some = Browser(site.caller, key_of(site.caller, "some", systems=["s", "x"]))
    page = some.shown(f"/replay?bundle=in-force&{DAYS}")
    assert "/systems/s/" in page
    assert "/systems/t" not in page
    assert some.get(f"/replay?bundle=in-force&{DAYS}&system=t").status_code == 404


def test_one_is_answered_at_a_time_and_the_others_are_told_to_wait(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Lock()
    monkeypatch.setattr(replay_apart, "_ONE_AT_A_TIME", busy)
    with busy:
        answer = site.who["ann"].get(f"/replay?bundle=in-force&{DAYS}")
    assert answer.status_code == 503
    assert "another replay is under way" in sound(answer)


def test_the_menu_leads_to_what_a_bundle_would_change(site: Site) -> None:
    menu = {one.text: one for one in site.tree("/").findall(".//nav[@id='nav']//a")}
    assert menu["What if"].get("href") == "/replay"
    here = site.tree("/replay").findall(".//nav[@id='nav']//a[@aria-current]")
    assert [one.text for one in here] == ["What if"]
