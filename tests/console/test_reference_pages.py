"""Evidence, policies, exceptions, packs, the log and search: what is on record, and no more."""

import json
from collections.abc import Generator
from typing import Final

import pytest

from assaybook.console.app import FORMS
from assaybook.console.forms import Form, Upload
from assaybook.domain.canonical import digest_of
from assaybook.domain.principal import MATRIX, Role
from support.api_use import EVIDENCE
from support.console import Browser, key_of, sound
from support.console_site import PDF, REPORT, SECRET, SLICE, Site, a_site
from support.governing import WAIVER

PAGES: Final = (
    "/evidence",
    "/evidence?system=s&release=1&format=assaybook",
    "/policies",
    "/policies?theme=quality",
    "/policies/quality.floor",
    "/policies/approval.release",
    "/exceptions",
    "/exceptions?state=pending&system=s",
    "/exceptions/W-1",
    "/packs",
    "/packs?system=s&release=1",
    "/ledger",
    "/ledger?kind=waiver",
    "/search",
    "/search?q=recall",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    """Return a console that tests look at; each changes no more than a waiver of its own."""
    with a_site(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_sound_and_hostile_texts_stay_texts(site: Site, path: str) -> None:
    assert "7 * 7" not in site.who["dan"].shown(path).replace("{{ 7 * 7 }}", "")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/evidence?system=x", 404, id="unknown system"),
        pytest.param("/evidence?release=1", 400, id="a release of no system"),
        pytest.param("/evidence?cursor=x", 400, id="no cursor"),
        pytest.param("/evidence?refused=%00", 422, id="no character"),
        pytest.param("/evidence/ev-1", 404, id="unknown evidence"),
        pytest.param("/policies/x", 404, id="unknown policy"),
        pytest.param("/exceptions?state=x", 422, id="unknown state"),
        pytest.param("/exceptions/x", 404, id="unknown waiver"),
        pytest.param("/packs/x", 404, id="unknown pack"),
        pytest.param("/packs/x/other.pdf", 404, id="unknown file"),
        pytest.param("/packs?release=1", 400, id="packs of a release of no system"),
        pytest.param("/ledger?kind=x", 422, id="unknown kind"),
        pytest.param("/ledger?before=-1", 400, id="no place"),
        pytest.param("/ledger/checkpoint.note", 404, id="a log without keys"),
        pytest.param(f"/search?q={'x' * 301}", 422, id="too long"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words(site: Site, path: str, status: int) -> None:
    answer = site.who["dan"].get(path)
    assert answer.status_code == status, answer.text
    sound(answer)


def test_a_document_is_shown_whole_with_its_receipt_and_each_reading_is_recorded(
    site: Site,
) -> None:
    report = site.evidence["report.json"]
    before = len(site.reads())
    page = site.tree(f"/evidence/{report}?pointer=/facts/0")
    assert site.reads()[before:] == [report, report]
    shown = site.text(f"/evidence/{report}")
    for words in (digest_of(REPORT), f"slice {SLICE}", "metric/quality", "ci_low"):
        assert words in shown, words
    assert page.find(".//*[@id='at']/..").get("id") == "L10"
    assert page.find(".//tr[@class='sought']//a[@href='#L10']") is not None
    assert "".join(page.find(".//*[@id='L12']").itertext()).strip() == '12   "name": "recall",'


def test_a_role_that_may_not_read_the_bytes_sees_what_was_read_out_of_them(site: Site) -> None:
    report, before = site.evidence["report.json"], len(site.reads())
    page = site.tree(f"/evidence/{report}", "ci")
    assert site.reads()[before:] == [report]
    assert page.find(".//*[@id='L1']") is None
    assert "Your roles do not include reading the bytes" in "".join(page.itertext())


def test_what_was_removed_and_what_nobody_dated_is_said(site: Site) -> None:
    shown = site.text(f"/evidence/{site.evidence['card.md']}")
    assert "Redacted: aws-key: 1." in shown
    assert SECRET not in shown
    assert "[redacted]" in shown
    assert "Nobody said when it was made" in shown


def test_bytes_that_were_erased_are_said_to_be_and_the_facts_stay(site: Site) -> None:
    report = json.loads(REPORT) | {"run": "2"}
    sent = site.caller.post(EVIDENCE, json=report).json()["accepted"][0]["evidence"]
    erased = site.caller.post(f"/v1/evidence/{sent}/erase", json={"reason": "it was private"})
    assert erased.status_code == 200, erased.text
    shown = site.text(f"/evidence/{sent}")
    assert "The bytes were erased on" in shown
    assert "it was private" in shown
    assert f"slice {SLICE}" in shown
    assert "bytes erased" in site.text("/evidence?system=s")


def test_refused_files_stand_apart_and_what_came_last_comes_first(site: Site) -> None:
    page = site.tree("/evidence?system=s&format=huggingface")
    (name,) = page.findall(".//section[@aria-labelledby='docs']//tbody//th/a")
    assert name.text.endswith("-card.md")
    refused = page.find(".//section[@aria-labelledby='refused']//tbody//th")
    assert "evil.bin" in "".join(refused.itertext())
    seqs = [one.get("href") for one in site.tree("/evidence").findall(".//tbody//th/a")]
    assert seqs.index(f"/evidence/{site.evidence['card.md']}") < seqs.index(
        f"/evidence/{site.evidence['report.json']}"
    )


def test_systems_that_a_caller_may_not_know_of_are_not_there(site: Site) -> None:
    report, foreign = site.evidence["report.json"], site.who["foreign"]
    hidden = (
        "/evidence?system=s",
        f"/evidence/{report}",
        "/exceptions/W-1",
        "/exceptions?system=s",
    )
    assert {foreign.get(path).status_code for path in hidden} == {404}
    for path in ("/evidence", "/exceptions", f"/search?q={report[3:20]}", "/search?q=card"):
        page = foreign.shown(path)
        assert "W-1" not in page
        assert report not in page
    assert foreign.get(f"/packs/{site.pack}").status_code == 403
    assert foreign.get("/ledger").status_code == 403


def test_an_empty_list_says_what_it_means_and_the_next_command(site: Site) -> None:
    nothing = site.text("/evidence?system=t&release=1")
    assert "assay submit FILES --system t --release 1" in nothing
    assert "This is not a pass." in nothing
    assert "Nothing is excused" in site.text("/exceptions?system=t")
    assert "/v1/packs" in site.text("/packs?system=t&release=1")
    assert "Nothing found" in site.text("/search?q=zzzz")


def test_a_policy_is_shown_in_words_with_its_values_and_controls(site: Site) -> None:
    shown = site.text("/policies/quality.floor")
    for words in ("Recall holds", "A model that misses cases", "If it fails: Retrain.", "0.8"):
        assert words in shown
    assert "MEASURE 2.3 implements" in shown
    assert "what nobody tried out is not known to work" in shown
    assert "asks persons May it go out?" in site.text("/policies/approval.release")


def test_the_log_is_shown_backwards_and_by_kind(site: Site) -> None:
    page = site.tree("/ledger")
    assert "not signed" in "".join(page.itertext())
    places = [int("".join(one.itertext())[6:]) for one in page.findall(".//tbody/tr/th")]
    assert len(places) > 10
    assert places == sorted(places, reverse=True)
    kinds = site.tree("/ledger?kind=waiver&before=99999").findall(".//tbody/tr/td[2]/span")
    assert {one.text for one in kinds} == {"waiver"}
    assert "No retirement is in the log" in site.text("/ledger?kind=retirement")
    assert "nothing before entry 1" in site.text("/ledger?before=1")


def test_a_pack_is_downloaded_as_it_was_recorded_and_that_is_recorded(site: Site) -> None:
    assert f"assay verify {site.pack}.pdf" in site.text(f"/packs/{site.pack}")
    before = len(site.reads())
    answer = site.who["dan"].get(f"/packs/{site.pack}/{site.pack}.pdf")
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-disposition"] == f'attachment; filename="{site.pack}.pdf"'
    assert site.reads()[before:] == [site.pack]


def test_a_pack_that_could_not_be_made_says_why_and_is_no_download(site: Site) -> None:
    assert "no room" in site.text("/packs?system=s&release=1")
    assert "pdf-failed: no room" in site.text(f"/packs/{site.unmade}")
    assert site.who["dan"].get(f"/packs/{site.unmade}/{site.unmade}.pdf").status_code == 409


@pytest.mark.parametrize("named", ["MEASURE 2.3", "measure-2.3", "ms-2.3"])
def test_an_exact_control_leads_to_its_page(site: Site, named: str) -> None:
    answer = site.who["dan"].get(f"/search?q={named}")
    place = "/controls/nist-ai-rmf-1.0/MEASURE%202.3"
    assert (answer.status_code, answer.headers["location"]) == (303, place)


def test_eight_digits_of_a_digest_lead_to_what_goes_by_it(site: Site) -> None:
    report, dan = site.evidence["report.json"], site.who["dan"]
    for asked in (report, report[3:11].upper(), digest_of(REPORT), digest_of(REPORT)[7:15]):
        assert dan.get(f"/search?q={asked}").headers["location"] == f"/evidence/{report}"
    for asked in (site.pack[:11], digest_of(PDF)[7:19]):
        assert dan.get(f"/search?q={asked}").headers["location"] == f"/packs/{site.pack}"
    assert "Nothing found" in site.text(f"/search?q={report[3:10]}")
    assert "No digest that you may know of" in site.text("/search?q=00000000")


def test_a_search_finds_systems_releases_policies_and_rules(site: Site) -> None:
    assert "quality.floor/floor" in site.text("/search?q=floor")
    assert "Systems, 1" in site.text("/search?q=t")
    assert "Releases, 2" in site.text("/search?q=1")


def test_a_pack_is_asked_for_and_led_to(site: Site) -> None:
    said = {"system": "t", "release": "1"}
    assert site.who["dan"].post("/packs/ask", {"system": "t", "release": "9"}).status_code == 404
    answer = site.who["dan"].post("/packs/ask", said)
    assert answer.status_code == 303
    site.give_up()
    assert "Audit pack of t 1" in site.text(answer.headers["location"])


@pytest.mark.parametrize("form", FORMS, ids=[one.path for one in FORMS])
@pytest.mark.parametrize("who", ["ci", "ann", "bea", "dan", "eve", ""])
def test_a_form_is_taken_from_those_who_may_do_it_alone(
    site: Site, form: Form | Upload, who: str
) -> None:
    path = form.path.replace("{waiver}", "none")
    browser = site.who[who] if who else Browser(site.caller)
    status = browser.post(path, {"reason": "x"}).status_code
    roles = {"ci": Role.SUBMITTER, "ann": Role.AUTHOR, "bea": Role.APPROVER, "dan": Role.AUDITOR}
    if not who:
        assert status == 303
    else:
        mine = {roles[who]} if who in roles else {Role.ADMIN, Role.SUBMITTER}
        may = bool(MATRIX[form.action] & mine)
        # What goes nowhere is not there; a form with files is asked for files first.
        nowhere = 404 if "{" in form.path or isinstance(form, Form) else 415
        assert status == (nowhere if may else 403)


def _version(site: Site, waiver: str, who: str) -> str:
    found: str = (
        site.tree(f"/exceptions/{waiver}", who).find(".//input[@name='version']").get("value")
    )
    return found


def test_another_person_approves_and_is_led_back_to_the_page(site: Site) -> None:
    said = {"version": _version(site, "W-1", "bea")}
    answer = site.who["bea"].post("/exceptions/W-1/approve", said)
    assert (answer.status_code, answer.headers["location"]) == (303, "/exceptions/W-1")
    shown = site.text("/exceptions/W-1")
    assert "in force W-1" in shown
    assert "Approved by bea" in shown
    stale = site.who["bea"].post("/exceptions/W-1/revoke", said | {"reason": "no"})
    assert stale.status_code == 412


def test_who_asked_does_not_decide_and_is_told_so(site: Site) -> None:
    shown = site.text("/exceptions/W-2", "ann")
    assert "Only a person with the role approver decides." in shown
    said = {"version": _version(site, "W-2", "bea")}
    assert site.who["ann"].post("/exceptions/W-2/approve", said).status_code == 403
    assert "pending W-2" in site.text("/exceptions/W-2", "ann")


def test_an_approver_does_not_approve_what_they_asked_for(site: Site) -> None:
    wanted = {**WAIVER, "id": "W-4"}
    assert site.caller.post("/v1/waivers", json=wanted).status_code == 201
    mine = Browser(site.caller, key_of(site.caller, "tester", roles=("approver", "author")))
    assert "You asked for it, so somebody else decides." in mine.shown("/exceptions/W-4")
    said = {"version": _version(site, "W-4", "bea")}
    assert mine.post("/exceptions/W-4/approve", said).status_code == 403


def test_a_waiver_is_revoked_with_a_reason_and_not_without(site: Site) -> None:
    said = {"version": _version(site, "W-3", "cal")}
    for reason in ("", "  \n "):
        sent = site.who["cal"].post("/exceptions/W-3/revoke", said | {"reason": reason})
        assert sent.status_code == 422
    done = site.who["cal"].post("/exceptions/W-3/revoke", said | {"reason": "<b>gone</b>"})
    assert done.status_code == 303
    shown = site.text("/exceptions/W-3")
    assert "revoked W-3" in shown
    assert "Why <b>gone</b>" in shown


@pytest.mark.parametrize("word", ["approve", "revoke"])
def test_a_decision_counts_only_from_a_page_of_this_server_and_by_who_may(
    site: Site, word: str
) -> None:
    path, said = f"/exceptions/W-2/{word}", {"version": _version(site, "W-2", "bea"), "reason": "x"}
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.org"}
    assert site.who["bea"].post(path, said, **foreign).status_code == 403
    assert site.who["dan"].post(path, said).status_code == 403
    assert site.who["bea"].post(path, {"reason": "x"}).status_code == 412
    unknown = Browser(site.caller).post(path, said)
    assert unknown.headers["location"] == "/sign-in?next=%2Fexceptions%2FW-2"
    assert site.who["bea"].get(path).status_code == 405
    assert "pending W-2" in site.text("/exceptions/W-2")
