"""Pages that list what is recorded show it as it stood at an earlier instant, and say so."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import pytest

from assaybook.domain.ids import written
from assaybook.reporting.words import age
from assaybook.store.decisions import load_waiver
from assaybook.store.unit_of_work import Reading
from support.console_site import Site, a_site
from support.governing import WAIVER

_MOMENT: Final = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    with a_site(tmp_path_factory.mktemp("site")) as found:
        yield found


def _before(instant: str) -> str:
    return quote(written(datetime.fromisoformat(instant) - _MOMENT))


def _items(site: Site, path: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {site.who['dan'].key}"}
    found: list[dict[str, Any]] = site.caller.get(path, headers=headers).json()["items"]
    return found


def test_evidence_of_an_instant_is_what_had_been_received_by_then(site: Site) -> None:
    every = _items(site, "/v1/evidence?system=s")
    last = every[-1]
    (refused,) = _items(site, "/v1/refusals?system=s")
    now = site.text("/evidence?system=s")
    assert last["name"] in now
    assert refused["code"] in now
    then = site.text(f"/evidence?system=s&as_of={_before(last['received_at'])}")
    assert last["name"] not in then
    assert every[0]["name"] in then
    assert refused["code"] not in then
    assert "What was received later is not listed" in then
    at = quote(refused["received_at"])
    assert refused["code"] in site.text(f"/evidence?as_of={at}")


def test_the_age_of_a_document_is_told_as_of_the_instant_that_is_shown(site: Site) -> None:
    (first, *_others) = _items(site, "/v1/evidence?system=s")
    made = datetime.fromisoformat(first["produced_at"] or first["observed_at"])
    for days in (1, 2):
        shown = made + timedelta(days=days, hours=1)
        text = site.text(f"/evidence?system=s&as_of={quote(written(shown))}")
        assert f"{age((shown - made).total_seconds())} ago" in text


def test_a_waiver_of_an_instant_has_the_state_and_the_words_that_it_had_then(site: Site) -> None:
    asked = site.who["bea"]
    waiver = str(WAIVER["id"])
    path = f"/exceptions/{waiver}"
    said = {"version": site.tree(path, "bea").find(".//input[@name='version']").get("value")}
    assert asked.post(f"{path}/approve", said).status_code == 303
    with Reading(site.caller.service.engine) as store:
        approved = load_waiver(store, waiver).at
    before = quote(written(approved - _MOMENT))
    assert site.text(path).startswith("in force W-1")
    then = site.text(f"{path}?as_of={before}", "bea")
    assert then.startswith("pending W-1")
    assert "So it stood then" in then
    assert site.tree(f"{path}?as_of={before}", "bea").find(".//main//form") is None
    listed = site.text(f"/exceptions?as_of={before}")
    assert "in force 0" in listed
    assert "pending 3" in listed
    assert "in force 1" in site.text(f"/exceptions?as_of={quote(written(approved))}")


def test_a_waiver_that_nobody_had_asked_for_is_not_there_yet(site: Site) -> None:
    with Reading(site.caller.service.engine) as store:
        known = load_waiver(store, "W-2").at
    before = quote(written(known - timedelta(minutes=30)))
    assert site.who["dan"].get(f"/exceptions/W-2?as_of={before}").status_code == 404
    assert "No waivers then" in site.text(f"/exceptions?as_of={before}")


def test_packs_of_an_instant_are_those_that_were_made_by_then(site: Site) -> None:
    now = site.text("/packs?system=s")
    assert site.pack[:15] in now
    assert site.unmade[:15] in now
    (early, *_others) = _items(site, "/v1/evidence?system=s")
    then = site.text(f"/packs?system=s&as_of={_before(early['received_at'])}")
    assert site.pack[:15] not in then
    assert "No packs then" in then
    assert "which packs were asked for and not made by then is not kept" in then
    assert "Make the pack" not in site.text(f"/packs?as_of={quote(early['received_at'])}")


@pytest.mark.parametrize("page", ["/evidence", "/exceptions", "/packs"])
def test_what_was_not_registered_then_is_said_and_no_empty_list(site: Site, page: str) -> None:
    answer = site.who["dan"].get(f"{page}?system=s&as_of=2020-01-01T00:00")
    assert answer.status_code == 404
    assert "was not registered by 2020-01-01" in answer.text


@pytest.mark.parametrize(
    "query",
    ["/evidence?system=s&format=x", "/exceptions?state=pending", "/packs?system=s&release=1"],
)
def test_going_back_to_now_keeps_what_the_page_was_narrowed_to(site: Site, query: str) -> None:
    (early, *_others) = _items(site, "/v1/evidence?system=s")
    page = site.tree(f"{query}&as_of={quote(early['received_at'])}")
    (now,) = [one for one in page.findall(".//a") if one.text == "now"]
    assert now.get("href") == query
    kept = page.findall(".//div[@class='prov past']//input[@type='hidden']")
    assert {f"{one.get('name')}={one.get('value')}" for one in kept} == set(
        query.partition("?")[2].split("&")
    )


def test_the_filters_of_a_past_page_stay_in_the_past(site: Site) -> None:
    (early, *_others) = _items(site, "/v1/evidence?system=s")
    for page in ("/evidence", "/exceptions", "/packs"):
        tree = site.tree(f"{page}?as_of={quote(early['received_at'])}")
        form = tree.find(".//form[@class='filters']")
        assert form.find(".//input[@name='as_of']").get("value") == early["received_at"]


def test_a_page_on_paper_says_as_of_when_it_is_and_by_which_bundle(site: Site) -> None:
    now = site.tree("/evidence?system=s")
    (said,) = now.findall(".//p[@class='asked']")
    assert said.text.startswith("As of ")
    (early, *_others) = _items(site, "/v1/evidence?system=s")
    past = site.tree(f"/evidence?as_of={quote(early['received_at'])}")
    (said,) = past.findall(".//p[@class='asked']")
    assert said.text.startswith(f"As of {early['received_at']}, printed ")
    digest = past.find(".//div[@class='prov past']//code").get("title")
    assert digest == site.caller.service.ruling.bundle.digest
