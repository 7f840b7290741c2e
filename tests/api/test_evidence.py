"""Evidence over HTTP: any form in, one record each, nothing lost and nothing taken on trust."""

import base64
import json
from typing import Any

import httpx
import pytest

from assaybook.domain.canonical import canonical, digest_of
from assaybook.store.unit_of_work import Reading
from support.api import Caller, headers_of
from support.api_use import EVIDENCE, NDJSON, a_report, a_server, code, problem
from support.stores import count_evidence

ENVELOPE = {"Content-Type": "application/vnd.assaybook.envelope+json"}


def _recorded(caller: Caller) -> int:
    with Reading(caller.service.engine) as reading:
        return count_evidence(reading)


def _accepted(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    (receipt,) = answer.json()["accepted"]
    found: dict[str, Any] = receipt
    return found


def _lines(*lines: object) -> bytes:
    return b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
    )


def test_the_output_of_a_tool_is_taken_as_it_is_and_read_back_whole(database: str) -> None:
    raw = a_report()
    with a_server(database) as caller:
        receipt = _accepted(caller.post(EVIDENCE, content=raw, params={"name": "eval.json"}))
        at = f"/v1/evidence/{receipt['evidence']}"
        shown = caller.get(at).json()
        facts = caller.get(f"{at}/facts").json()
        blob = caller.get(f"{at}/blob")
    assert shown["envelope"]["name"] == "eval.json"
    assert shown["envelope"]["blob"] == digest_of(raw)
    assert shown["envelope"]["subject"]["system"] == "s"
    assert shown["receipt"]["seq"] == receipt["seq"]
    assert [(one["name"], one["value"]) for one in facts["facts"]] == [("recall", 0.9)]
    assert blob.content == raw
    assert blob.headers["content-type"] == "application/octet-stream"
    assert blob.headers["content-disposition"] == 'attachment; filename="eval.json"'
    assert blob.headers["x-content-type-options"] == "nosniff"


def test_the_same_bytes_again_are_one_record_with_the_receipt_of_the_first_time(
    database: str,
) -> None:
    with a_server(database) as caller:
        first = _accepted(caller.post(EVIDENCE, content=a_report()))
        again = caller.post(EVIDENCE, content=a_report())
        assert again.status_code == 200
        assert again.json()["accepted"] == []
        assert again.json()["duplicates"] == [first]
        assert _recorded(caller) == 1


def test_a_hundred_equal_posts_at_once_are_one_record_and_one_receipt(database: str) -> None:
    with a_server(database) as caller:
        answers = caller.together([("POST", EVIDENCE, {"content": a_report()})] * 100)
        assert sorted(one.status_code for one in answers) == [200] * 99 + [201]
        receipts = {
            json.dumps(receipt, sort_keys=True)
            for one in answers
            for receipt in (*one.json()["accepted"], *one.json()["duplicates"])
        }
        assert len(receipts) == 1
        assert _recorded(caller) == 1


def test_posts_that_are_recorded_together_are_submissions_of_their_own(database: str) -> None:
    with a_server(database) as caller:
        bad = ("POST", EVIDENCE, {"content": b"{"})
        unknown = ("POST", EVIDENCE.replace("/1/", "/9/"), {"content": a_report("u")})
        good = [("POST", EVIDENCE, {"content": a_report(str(n))}) for n in range(30)]
        answers = caller.together([*good[:10], bad, unknown, *good[10:]])
        assert [one.status_code for one in answers] == [201] * 10 + [422, 404] + [201] * 20
        items = caller.get("/v1/evidence", params={"limit": 200}).json()["items"]
    assert len({one["submission"] for one in items}) == 30
    places = [one["accepted"][0]["seq"] for one in map(_json, answers) if "accepted" in one]
    # Between them stands the one entry of what was refused.
    assert len(set(places)) == 30
    assert max(places) - min(places) <= 30


def _json(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    return found


def test_what_two_posts_hold_is_accepted_of_one_and_a_duplicate_of_the_other(
    sqlite_database: str,
) -> None:
    both = _lines(*({"name": f"{n}.json", "text": a_report(n).decode()} for n in "ab"))
    with a_server(sqlite_database) as caller:
        answers = caller.together(
            [("POST", EVIDENCE, {"content": both, "headers": NDJSON})] * 2
            + [("POST", EVIDENCE, {"content": a_report("a")})]
        )
        told = [(len(one["accepted"]), len(one["duplicates"])) for one in map(_json, answers)]
        assert sum(accepted for accepted, _again in told) == 2
        assert sum(again for _accepted, again in told) == 3
        assert _recorded(caller) == 2


def test_files_come_with_the_manifest_that_says_what_they_do_not(database: str) -> None:
    manifest = (
        'defaults: {observed_at: "2026-01-03T00:00:00Z"}\n'
        "files:\n"
        "  - {path: out/a.json, scope: {job: nightly}, about: {digest: 'sha256:11', kind: model}}\n"
        "  - {path: gone.json}\n"
    )
    files = [
        ("file", ("out/a.json", a_report("a"))),
        ("file", ("notes.txt", b"nothing to see")),
        ("file", ("broken.json", b"{")),
        ("manifest", ("evidence.yaml", manifest.encode())),
    ]
    with a_server(database) as caller:
        answer = caller.post(EVIDENCE, files=files)
        receipt = _accepted(answer)
        shown = caller.get(f"/v1/evidence/{receipt['evidence']}").json()["envelope"]
    assert receipt["name"] == "out/a.json"
    assert shown["scope"]["job"] == "nightly"
    assert shown["subject"]["artifacts"] == [{"digest": "sha256:11", "name": None, "kind": "model"}]
    assert {"scope", "about", "observed_at"} & set(shown["declared"]) >= {"scope", "observed_at"}
    assert answer.json()["unrecognised"] == ["notes.txt"]
    assert {one["code"] for one in answer.json()["problems"]} == {
        "manifest-file-missing",
        "json-malformed",
    }


@pytest.mark.parametrize(
    "entry",
    [
        "{path: ../../etc/passwd}",
        "{path: /etc/passwd}",
        "{path: a.json, about: {model: /etc/hostname}}",
        "{path: a.json, about: {model: a.json}}",
        "{path: a.json, produced_at: mtime}",
        '{path: "a\\0b"}',
        "{path: a.json, verified: true}",
        "!!python/object/apply:os.system [id]",
    ],
)
def test_a_manifest_never_makes_the_server_look_at_its_own_disk(
    sqlite_database: str, entry: str
) -> None:
    manifest = f"files:\n  - {entry}\n".encode()
    with a_server(sqlite_database) as caller:
        answer = caller.post(
            EVIDENCE,
            files=[("f", ("a.json", a_report())), ("manifest", ("evidence.yaml", manifest))],
        )
        found = problem(answer, 422)
        assert _recorded(caller) == 0
    assert found["problems"][0]["file"] == "evidence.yaml"


def test_a_batch_of_lines_takes_what_can_be_read_and_names_what_cannot(database: str) -> None:
    document = json.loads(a_report("b"))
    body = _lines(
        {"name": "a.json", "text": a_report("a").decode()},
        {"name": "b.json", "as": "assaybook", "document": document, "scope": {"job": "j"}},
        {"name": "c.json", "base64": base64.b64encode(a_report("c")).decode()},
        b"not json",
        b"",
        {"name": "d.json"},
        {"name": "e.json", "text": "x", "base64": "eA=="},
        {"name": "f.json", "base64": "*"},
        {"name": "../g.json", "text": "{}"},
        {"name": "h.json", "text": "{}", "assurance": "verified"},
        {"name": "i.json", "text": "hello"},
        b'{"name": "j.json", "document": {"a": NaN}}',
        b'{"name": "k.json", "document": {"a": 1, "a": 2}}',
    )
    with a_server(database) as caller:
        answer = caller.post(EVIDENCE, content=body, headers=NDJSON)
        assert answer.status_code == 201
        told = answer.json()
        assert sorted(one["name"] for one in told["accepted"]) == ["a.json", "b.json", "c.json"]
        assert [(one["file"], one["code"]) for one in told["problems"]] == [
            ("line 4", "json-malformed"),
            ("line 6", "envelope-invalid"),
            ("line 7", "envelope-invalid"),
            ("line 8", "envelope-invalid"),
            ("line 9", "name-invalid"),
            ("line 10", "envelope-invalid"),
            ("line 12", "envelope-invalid"),
            ("line 13", "json-duplicate-key"),
            ("i.json", "json-malformed"),
        ]
        listed = caller.get("/v1/evidence").json()["items"]
    kept = next(one for one in listed if one["name"] == "b.json")
    assert kept["blob"] == digest_of(canonical(document))
    assert kept["scope"]["job"] == "j"


def test_an_envelope_is_one_document_with_what_is_said_of_it(database: str) -> None:
    said = {
        "name": "a.json",
        "as": "assaybook",
        "observed_at": "2026-02-01T00:00:00Z",
        "text": a_report("a").decode(),
    }
    with a_server(database) as caller:
        receipt = _accepted(caller.post(EVIDENCE, content=json.dumps(said), headers=ENVELOPE))
        shown = caller.get(f"/v1/evidence/{receipt['evidence']}").json()["envelope"]
        wrong = caller.post(EVIDENCE, content=b"[]", headers=ENVELOPE)
    assert shown["observed_at"] == "2026-02-01T00:00:00Z"
    assert code(wrong, 422) == "envelope-invalid"


@pytest.mark.parametrize(
    ("body", "how", "what", "status"),
    [
        pytest.param(b"", {}, "document-empty", 422, id="nothing"),
        pytest.param(b"hello", {}, "format-unknown", 422, id="a text"),
        pytest.param(b'{"assaybook": "v1", "facts": ', {}, "json-malformed", 422, id="truncated"),
        pytest.param(b'{"assaybook": "v1", "assaybook": "v1"}', {}, "json-duplicate-key", 422),
        pytest.param(b"[" * 50_000, {}, "document-too-deep", 422, id="deep"),
        pytest.param(b"PK\x03\x04zip", {}, "document-binary", 422, id="an archive"),
        pytest.param(b"\xff\xfe{", {}, "encoding-not-utf8", 422, id="another encoding"),
        pytest.param(a_report(), {"as": "garak"}, "format-contradicted", 422, id="another format"),
        pytest.param(a_report(), {"as": "nothing"}, "format-unknown", 422, id="no format"),
        pytest.param(a_report(), {"name": "../a.json"}, "name-invalid", 400, id="a path"),
        pytest.param(a_report(), {"name": "/a.json"}, "name-invalid", 400, id="from the root"),
        pytest.param(a_report(), {"name": "a\nb"}, "name-invalid", 400, id="two lines"),
        pytest.param(a_report(), {"observed_at": "soon"}, "request-invalid", 422, id="no instant"),
        pytest.param(
            a_report(produced_at="2999-01-01T00:00:00Z"),
            {},
            "evidence-from-the-future",
            422,
            id="from the future",
        ),
        pytest.param(
            a_report(subject={"system": "other"}), {}, "manifest-contradicts", 422, id="elsewhere"
        ),
    ],
)
def test_bad_documents_are_refused_by_name_and_nothing_is_recorded(
    sqlite_database: str, body: bytes, how: dict[str, str], what: str, status: int
) -> None:
    with a_server(sqlite_database) as caller:
        assert code(caller.post(EVIDENCE, content=body, params=how), status) == what
        assert _recorded(caller) == 0


def test_a_number_that_is_none_is_taken_as_unknown_and_never_as_a_number(
    sqlite_database: str,
) -> None:
    raw = a_report().replace(b"0.9", b"NaN")
    with a_server(sqlite_database) as caller:
        receipt = _accepted(caller.post(EVIDENCE, content=raw))
        (fact,) = caller.get(f"/v1/evidence/{receipt['evidence']}/facts").json()["facts"]
    assert fact["value"] is None
    assert fact["unknown"] == {"value": "malformed"}


@pytest.mark.parametrize(
    ("headers", "body", "what", "status"),
    [
        pytest.param(
            {"Content-Type": "multipart/form-data"}, b"x", "body-malformed", 400, id="no boundary"
        ),
        pytest.param(
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.json"\r\n\r\n{"a',
            "body-malformed",
            400,
            id="a part that does not end",
        ),
        pytest.param(
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n--b--\r\n',
            "body-malformed",
            400,
            id="a part without a name",
        ),
        pytest.param(
            {"Content-Type": "multipart/form-data; boundary=b"},
            b"--b--\r\n",
            "nothing-submitted",
            400,
            id="no part",
        ),
        pytest.param(
            {"Content-Encoding": "gzip"}, b"x", "media-type-unsupported", 415, id="compressed"
        ),
        pytest.param(NDJSON, b"\n\n", "nothing-submitted", 400, id="no line"),
    ],
)
def test_bodies_that_are_not_what_they_say_are_refused(
    sqlite_database: str, headers: dict[str, str], body: bytes, what: str, status: int
) -> None:
    with a_server(sqlite_database) as caller:
        assert code(caller.post(EVIDENCE, content=body, headers=headers), status) == what
        assert _recorded(caller) == 0


def test_two_files_of_one_name_are_refused_where_a_manifest_must_tell_them_apart(
    sqlite_database: str,
) -> None:
    two = [("f", ("a.json", a_report("a"))), ("f", ("a.json", a_report("b")))]
    manifest = ("manifest", ("evidence.yaml", b"files: [{path: a.json}]"))
    with a_server(sqlite_database) as caller:
        assert code(caller.post(EVIDENCE, files=[*two, manifest]), 400) == "body-malformed"
        twice = caller.post(EVIDENCE, files=[two[0], manifest, manifest])
        assert code(twice, 400) == "body-malformed"
        assert len(caller.post(EVIDENCE, files=two).json()["accepted"]) == 2


def test_no_manifest_carries_evidence_to_a_system_that_the_caller_may_not_touch(
    sqlite_database: str,
) -> None:
    manifest = b"files: [{path: a.json, system: s, release: '1'}]"
    with a_server(sqlite_database) as caller:
        caller.put("/v1/systems/mine", json={})
        caller.put("/v1/systems/mine/releases/1", json={})
        mine = headers_of(caller.service, name="ci", roles=["submitter"], systems=["mine"])
        answer = caller.post(
            EVIDENCE.replace("/s/", "/mine/"),
            files=[("f", ("a.json", a_report())), ("manifest", ("evidence.yaml", manifest))],
            headers=mine,
        )
        assert code(answer, 422) == "system-unknown"
        assert _recorded(caller) == 0
        assert code(caller.post(EVIDENCE, content=a_report(), headers=mine), 404)


def test_evidence_of_other_systems_is_as_unknown_as_what_is_not_there(
    sqlite_database: str,
) -> None:
    with a_server(sqlite_database) as caller:
        receipt = _accepted(caller.post(EVIDENCE, content=a_report()))
        mine = headers_of(caller.service, name="mine", systems=["mine"])
        assert caller.get("/v1/evidence", headers=mine).json()["items"] == []
        for path in ("", "/facts", "/blob"):
            hidden = problem(
                caller.get(f"/v1/evidence/{receipt['evidence']}{path}", headers=mine), 404
            )
            absent = problem(caller.get(f"/v1/evidence/ev-{'0' * 64}{path}", headers=mine), 404)
            assert hidden["code"] == absent["code"] == "evidence-unknown"
            assert hidden["hint"] == absent["hint"]


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc%2fpasswd", "ev-..", "ev-" + "A" * 64, "ev-" + "0" * 63, "%00"]
)
def test_an_id_of_evidence_is_never_a_path(sqlite_database: str, name: str) -> None:
    with a_server(sqlite_database) as caller:
        for path in ("", "/facts", "/blob"):
            answer = caller.get(f"/v1/evidence/{name}{path}")
            assert answer.status_code in {404, 422}
            code(answer, answer.status_code)


def test_evidence_is_listed_in_pages_and_by_system_release_and_format(database: str) -> None:
    with a_server(database) as caller:
        caller.put("/v1/systems/t", json={})
        caller.put("/v1/systems/t/releases/2", json={})
        for number in range(4):
            caller.post(EVIDENCE, content=a_report(str(number)))
        caller.post("/v1/systems/t/releases/2/evidence", content=a_report("t"))
        first = caller.get("/v1/evidence", params={"limit": 3}).json()
        rest = caller.get("/v1/evidence", params={"limit": 3, "cursor": first["next"]}).json()
        of_t = caller.get("/v1/evidence", params={"system": "t"}).json()["items"]
        of_two = caller.get("/v1/evidence", params={"system": "t", "release": "2"}).json()["items"]
        of_form = caller.get("/v1/evidence", params={"format": "garak"}).json()["items"]
        odd = caller.get("/v1/evidence", params={"cursor": "1; drop"})
    assert [one["run"] for one in first["items"] + rest["items"]] == ["0", "1", "2", "3", "t"]
    assert rest["next"] is None
    assert [one["run"] for one in of_t] == [one["run"] for one in of_two] == ["t"]
    assert of_form == []
    assert code(odd, 400) == "cursor-invalid"


def test_a_list_about_what_nobody_registered_is_refused_and_not_empty(sqlite_database: str) -> None:
    with a_server(sqlite_database) as caller:
        for path in ("/v1/evidence", "/v1/refusals"):
            unknown = caller.get(path, params={"system": "tt"})
            of_none = caller.get(path, params={"release": "1"})
            other = caller.get(path, params={"system": "s", "release": "9"})
            assert code(unknown, 404) == "system-unknown"
            assert code(of_none, 400) == "system-not-named"
            assert code(other, 404) == "release-unknown"


def test_what_was_refused_is_listed_without_its_content_to_those_who_may_see_it(
    database: str,
) -> None:
    with a_server(database) as caller:
        for body in (b"{broken", b"{broken too"):
            caller.post(EVIDENCE, content=body, params={"name": "a.json"})
        one = caller.get("/v1/refusals", params={"system": "s", "limit": 1}).json()
        rest = caller.get("/v1/refusals", params={"cursor": one["next"]}).json()
        foreign = headers_of(caller.service, name="mine", systems=["mine"])
        hidden = caller.get("/v1/refusals", headers=foreign).json()
    refused = one["items"] + rest["items"]
    assert [each["code"] for each in refused] == ["json-malformed", "json-malformed"]
    assert [each["size"] for each in refused] == [7, 11]
    assert "broken" not in str(refused)
    assert rest["next"] is None
    assert hidden == {"items": [], "next": None}


def test_lists_show_what_was_recorded_by_an_instant_and_none_that_is_to_come(
    database: str,
) -> None:
    with a_server(database) as caller:
        first = _accepted(caller.post(EVIDENCE, content=a_report("0")))["received_at"]
        caller.post(EVIDENCE, content=a_report("1"))
        caller.post(EVIDENCE, content=b"{broken", params={"name": "a.json"})
        for path, (then, now) in {"/v1/evidence": (1, 2), "/v1/refusals": (0, 1)}.items():
            asked = {"system": "s", "as_of": first}
            assert len(caller.get(path, params=asked).json()["items"]) == then
            assert len(caller.get(path, params={"system": "s"}).json()["items"]) == now
            later = caller.get(path, params={"as_of": "2999-01-01T00:00:00Z"})
            assert code(later, 422) == "as-of-in-the-future"
            before = caller.get(path, params={"system": "s", "as_of": "2001-01-01T00:00:00Z"})
            assert code(before, 404) == "system-unknown"


def test_a_secret_in_a_document_is_not_kept_and_the_digest_of_the_original_is(
    sqlite_database: str,
) -> None:
    token = "ghp_" + "a1B2" * 9
    raw = a_report(token)
    with a_server(sqlite_database) as caller:
        receipt = _accepted(caller.post(EVIDENCE, content=raw))
        shown = caller.get(f"/v1/evidence/{receipt['evidence']}").json()["envelope"]
        blob = caller.get(f"/v1/evidence/{receipt['evidence']}/blob").text
    assert shown["blob"] == digest_of(raw)
    assert token not in blob
    assert token not in json.dumps(shown)


def test_a_large_document_is_read_like_a_small_one(sqlite_database: str) -> None:
    fact = {"type": "metric", "name": "recall", "split": "holdout", "value": 0.9}
    facts = [fact | {"slice": f"group={number}"} for number in range(2000)]
    with a_server(sqlite_database) as caller:
        receipt = _accepted(caller.post(EVIDENCE, content=a_report(facts=facts)))
        assert caller.get(f"/v1/evidence/{receipt['evidence']}").json()["facts"] == 2000
