"""Evidence and answers that people give on pages go the one way of all evidence, and are named."""

import json
from base64 import b64decode, b64encode
from collections.abc import Generator
from typing import Any, Final
from urllib.parse import quote

import pytest

from support.api_use import EVIDENCE
from support.console import sound
from support.console_site import CARD, REPORT, SECRET, Site, a_site, tree_of

FORM: Final = "/systems/s/releases/1/evidence"
SEND: Final = f"{FORM}/submit"
ASK: Final = "/systems/s/releases/1/answers"
GIVE: Final = f"{ASK}/give"
AGREE: Final = {"policy": "approval.release", "rule": "agreed", "answer": "yes"}
NEW: Final = REPORT.replace(b'"run": "1"', b'"run": "of a form"')


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    with a_site(tmp_path_factory.mktemp("site")) as found:
        yield found


def _evidence(site: Site, **query: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {site.who['dan'].key}"}
    about = {"system": "s", "release": "1"} | query
    found: list[dict[str, Any]] = site.caller.get(
        "/v1/evidence", params=about, headers=headers
    ).json()["items"]
    return found


def _words(text: str) -> str:
    return " ".join(" ".join(tree_of(text).find(".//main").itertext()).split())


def test_files_of_a_form_are_recorded_as_over_the_api_and_each_is_told(site: Site) -> None:
    answer = site.who["eve"].send(SEND, {"new.json": NEW, "card.md": CARD, "x.bin": b"\x00"})
    assert answer.status_code == 201
    words = _words(sound(answer))
    assert "1 document was recorded. 1 is a duplicate" in words
    assert "1 file was refused , and counts for nothing" in words
    assert "x.bin encoding-not-utf8" in words
    assert "undated" in words
    assert SECRET not in answer.text
    assert "redacted:" in words
    (kept,) = [one for one in _evidence(site) if one["name"] == "new.json"]
    assert (kept["submitted_by"], kept["assurance"]) == ("eve", "self")
    headers = {"Authorization": f"Bearer {site.who['eve'].key}"}
    over_http = site.caller.post(EVIDENCE, content=NEW, headers=headers)
    assert over_http.json()["duplicates"][0]["evidence"] == kept["id"]


def test_the_same_form_sent_again_records_nothing_and_says_so(site: Site) -> None:
    first = site.who["eve"].send(SEND, {"new.json": NEW})
    again = site.who["eve"].send(SEND, {"new.json": NEW})
    assert (first.status_code, again.status_code) == (201, 200)
    assert "Nothing new was recorded. 1 is a duplicate" in _words(sound(again))
    twice = site.who["eve"].send(SEND, {"a.json": NEW + b" ", "b.json": NEW + b" "})
    assert "1 document was recorded. 1 is a duplicate" in _words(sound(twice))


def test_what_nobody_can_read_is_refused_by_name_and_the_refusal_is_on_record(site: Site) -> None:
    answer = site.who["eve"].send(SEND, {"<i>.json": b"{", "card.md": b""}, **{"as": "fairlearn"})
    assert answer.status_code == 422
    text = sound(answer)
    assert "Nothing new was recorded." in _words(text)
    assert "&lt;i&gt;.json" in text
    assert "<i>.json" in site.text("/evidence?system=s&release=1")


def test_a_date_that_is_stated_counts_as_a_claim_of_the_submitter(site: Site) -> None:
    said = {"observed_at": "2026-11-01T08:00"}
    assert site.who["eve"].send(SEND, {"other.md": CARD}, **said).status_code == 201
    (kept,) = [one for one in _evidence(site) if one["name"] == "other.md"]
    assert kept["observed_at"] == "2026-11-01T08:00:00Z"
    assert kept["produced_at"] is None
    wrong = site.who["eve"].send(SEND, {"other.md": CARD}, observed_at="yesterday")
    assert (wrong.status_code, "observed_at" in sound(wrong)) == (422, True)


def test_a_form_without_a_file_or_about_no_release_is_refused_in_words(site: Site) -> None:
    eve = site.who["eve"]
    nothing = eve.send(SEND, {})
    assert nothing.status_code == 400
    assert "no file was chosen" in sound(nothing)
    for path in ("/systems/s/releases/9/evidence", "/systems/x/releases/1/evidence"):
        assert eve.get(path).status_code == 404
        assert eve.send(f"{path}/submit", {"new.json": NEW}).status_code == 404
    outside = eve.send(SEND, {"../new.json": NEW})
    assert (outside.status_code, "name-invalid" in sound(outside)) == (400, True)
    assert eve.post(SEND, {"as": "x"}).status_code == 415


def test_files_are_not_read_of_who_may_not_submit(site: Site) -> None:
    before = len(_evidence(site))
    assert site.who["dan"].send(SEND, {"new.json": NEW}).status_code == 403
    assert site.who["foreign"].send(SEND, {"new.json": NEW}).status_code == 404
    assert site.who["foreign"].get(FORM).status_code == 404
    assert len(_evidence(site)) == before
    assert "Submit evidence" not in site.who["dan"].shown("/systems/s/releases/1")
    lacking = "/findings/approval.release/agreed/s/1"
    for page in ("/systems/s/releases/1", "/evidence?system=s&release=1", lacking):
        assert f'href="{FORM}"' in site.who["eve"].shown(page), page
        assert f'href="{FORM}"' not in site.who["dan"].shown(page), page


def test_the_form_says_what_the_evidence_of_its_sender_will_be_worth(site: Site) -> None:
    mine = site.text(FORM, "eve")
    assert "with the assurance self" in mine
    assert "is not answered by it" in mine
    pipeline = site.text(FORM, "ci")
    assert "with the assurance ci" in pipeline
    assert "is not answered by it" not in pipeline


def test_documents_of_a_form_are_counted_with_all_others(site: Site) -> None:
    eve = site.who["eve"]
    counts = 'assay_documents_total{outcome="accepted"}'
    headers = {"Authorization": f"Bearer {eve.key}"}

    def counted() -> str:
        lines = site.caller.get("/metrics", headers=headers).text.splitlines()
        return next((one for one in lines if "accepted" in one and not one.startswith("#")), counts)

    before = counted()
    eve.send(SEND, {"new.json": NEW})
    assert counted() != before


def test_a_person_answers_on_a_page_and_the_next_assessment_counts_it(site: Site) -> None:
    page = site.text(ASK, "bea")
    assert "May it go out?" in page
    assert "approver" in page
    given = site.who["bea"].post(GIVE, AGREE | {"note": "seen"})
    assert given.status_code == 303, given.text
    shown = site.text(given.headers["location"], "bea")
    assert "Your answer is on record" in shown
    (kept,) = _evidence(site, format="assaybook-statement")
    assert kept["submitted_by"] == "bea"
    headers = {"Authorization": f"Bearer {site.who['dan'].key}"}
    told = site.caller.post(
        "/v1/assessments", json={"system": "s", "release": "1"}, headers=headers
    ).json()
    (mine,) = [one for one in told["findings"] if one["rule"] == "agreed"]
    assert mine["outcome"] == "pass"
    assert "last assessed: pass" in site.text(ASK, "bea")


def test_a_page_lists_who_answered_and_what_comes_of_each_answer_now(site: Site) -> None:
    assert "By the answers so far: inconclusive , 0 of 1 persons have answered yes" in site.text(
        ASK
    )
    assert "Nobody has answered this about 1." in site.text(ASK)
    assert site.who["bea"].post(GIVE, AGREE).status_code == 303
    shown = site.text(ASK)
    assert "By the answers so far: pass" in shown
    assert "bea approver · by the key signed in with yes" in shown
    assert "Nobody has answered" not in shown
    assert site.who["bea"].post(GIVE, AGREE | {"answer": "no"}).status_code == 303
    last, first = site.tree(ASK).findall(".//main//tbody/tr")
    told = [" ".join(" ".join(row.itertext()).split()) for row in (last, first)]
    assert " no " in told[0]
    assert " stands fail " in told[0]
    assert "does not count bea has answered again" in told[1]
    assert "By the answers so far: fail" in site.text(ASK)
    (link,) = {one.get("href") for one in first.findall(".//a")}
    assert link.startswith("/evidence/ev-")


def test_a_page_never_counts_an_answer_that_nobody_verified(site: Site) -> None:
    assert site.who["bea"].post(GIVE, AGREE).status_code == 303
    (kept,) = _evidence(site, format="assaybook-statement")
    headers = {"Authorization": f"Bearer {site.who['eve'].key}"}
    bytes_of = site.caller.get(f"/v1/evidence/{kept['id']}/blob", headers=headers)
    assert bytes_of.status_code == 200, bytes_of.text
    forged = json.loads(bytes_of.content)
    payload = json.loads(b64decode(forged["payload"])) | {"note": "again"}
    forged["payload"] = b64encode(json.dumps(payload).encode()).decode()
    sent = site.caller.post(EVIDENCE, content=json.dumps(forged).encode(), headers=headers)
    assert sent.status_code == 201, sent.text
    rows = site.tree(ASK).findall(".//main//tbody/tr")
    told = [" ".join(" ".join(row.itertext()).split()) for row in rows]
    assert len(told) == 2
    (other,) = [one for one in told if "not known" in one]
    assert "by nobody verified" in other
    assert "does not count" in other


def test_who_may_not_answer_reads_why_and_is_refused_by_the_service_too(site: Site) -> None:
    shown = site.text(ASK, "dan")
    assert "You do not answer this: the rule asks somebody who is approver" in shown
    assert site.tree(ASK, "dan").find(".//main//form") is None
    refused = site.who["dan"].post(GIVE, AGREE)
    assert (refused.status_code, "attestation-role-missing" in refused.text) == (403, True)
    assert "only a person does attest" in site.text(ASK, "ci")
    assert site.who["ci"].post(GIVE, AGREE).status_code == 403
    assert _evidence(site, format="assaybook-statement") == []


@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param({"answer": "maybe"}, 422, id="neither yes nor no"),
        pytest.param({"answer": ""}, 422, id="nothing"),
        pytest.param({"policy": "x.y"}, 404, id="no such policy"),
        pytest.param({"policy": "quality.floor", "rule": "floor"}, 422, id="asks nobody"),
        pytest.param({"note": "x" * 4001}, 422, id="too long"),
        pytest.param({"valid_until": "2020-01-01T00:00"}, 422, id="over already"),
        pytest.param({"valid_until": "soon"}, 422, id="no instant"),
    ],
)
def test_an_answer_that_is_none_is_refused_on_a_page(
    site: Site, said: dict[str, str], status: int
) -> None:
    answer = site.who["bea"].post(GIVE, AGREE | said)
    assert answer.status_code == status, answer.text
    sound(answer)


def _field(page: Any, name: str) -> Any:
    (found,) = [one for one in page.iter() if one.get("name") == name and one.get("aria-invalid")]
    return found


def test_an_answer_that_is_refused_stands_in_its_form_with_the_reason_at_its_field(
    site: Site,
) -> None:
    typed = AGREE | {"note": "long <b>thought</b> over", "valid_until": "2020-01-01T00:00"}
    answer = site.who["bea"].post(GIVE, typed)
    page = tree_of(sound(answer))
    assert answer.status_code == 422
    field = _field(page, "valid_until")
    assert (field.get("value"), field.get("aria-describedby")) == ("2020-01-01T00:00", "wrong")
    (why,) = [one for one in page.iter() if one.get("id") == "wrong"]
    assert "ended before it was given" in "".join(why.itertext())
    (note,) = [one for one in page.iter("textarea") if one.get("name") == "note"]
    assert note.text == "long <b>thought</b> over"
    chosen = [one.get("value") for one in page.iter("input") if one.get("checked") is not None]
    assert chosen == ["yes"]
    assert "Nothing was recorded" in _words(answer.text)
    assert _evidence(site, format="assaybook-statement") == []


def test_a_pack_of_a_release_that_is_not_there_leaves_what_was_typed(site: Site) -> None:
    wanted = {"system": "s", "release": "<i>9.9"}
    answer = site.who["dan"].post("/packs/ask", wanted)
    page = tree_of(sound(answer))
    assert answer.status_code in {404, 422}
    assert "Nothing was recorded" in _words(answer.text)
    asked = next(one for one in page.iter("form") if one.get("action") == "/packs/ask")
    typed = {one.get("name"): one.get("value") for one in asked.iter("input")}
    assert typed == wanted
    hidden = site.who["dan"].post("/packs/ask", wanted | {"system": "none"})
    assert hidden.status_code == 404
    assert _field(tree_of(sound(hidden)), "system").get("value") == "none"


def test_a_decision_that_is_refused_keeps_its_reason(site: Site) -> None:
    said = {"version": "0-x", "reason": "Because the base image is patched."}
    answer = site.who["bea"].post("/exceptions/W-1/revoke", said)
    page = tree_of(sound(answer))
    assert answer.status_code == 412, answer.text
    (reason,) = page.iter("textarea")
    assert reason.text == "Because the base image is patched."
    assert "was decided about since the page was shown" in _words(answer.text)
    (version,) = {one.get("value") for one in page.iter("input") if one.get("name") == "version"}
    assert version != "0-x"
    empty = site.who["bea"].post("/exceptions/W-1/revoke", {"version": version, "reason": " "})
    assert _field(tree_of(sound(empty)), "reason").tag == "textarea"
    assert (
        site.who["bea"].post("/exceptions/W-1/revoke", said | {"version": version}).status_code
        == 303
    )


def test_hostile_names_of_files_stay_names(site: Site) -> None:
    named = "<b>&{{ 7 * 7 }}.json"
    text = sound(site.who["eve"].send(SEND, {named: NEW}))
    assert "&lt;b&gt;&amp;{{ 7 * 7 }}.json" in text
    assert json.loads(NEW)["run"] == "of a form"
    assert quote(named) not in text
