"""The commands with ``--server``: the same tables and exit codes, whoever judges."""

import json
import os
from typing import Any, Final

import pytest

from support.answering import Answer, answering, free_port
from support.commands import Done, assay, refused
from support.small import AS_OF, POLICY, Small, a_document

KEY: Final = "assay_test_0123456789"
RECEIPT: Final = {
    "evidence": "ev-1",
    "name": "evidence/metrics.json",
    "received_at": "2026-11-20T00:00:00Z",
    "seq": 7,
}


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """Let the pipeline have a key."""
    monkeypatch.setenv("ASSAY_API_KEY", KEY)


def _json(status: int = 200, **body: Any) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def _submitted(small: Small, url: str, *more: object) -> Done:
    words = ("--system", "triage", "--release", "1", "--server", url)
    return assay("submit", "evidence", *words, *more, inside=small.folder)


def _sent(**said: Any) -> Answer:
    empty: dict[str, Any] = {"accepted": [], "duplicates": [], "problems": [], "unrecognised": []}
    return _json(201, **(empty | said))


def test_a_submission_says_of_each_file_what_became_of_it(small: Small) -> None:
    small.write("evidence/notes.txt", "a note")
    small.write("evidence/again.json", (small.evidence / "metrics.json").read_bytes())
    again = RECEIPT | {"evidence": "ev-2", "name": "evidence/again.json"}
    with answering([_sent(accepted=[RECEIPT], duplicates=[again])]) as server:
        done = _submitted(small, server.url, "--format", "json")
    assert (done.code, done.err) == (0, "1 accepted, 1 duplicate, 1 not recognised\n")
    assert [(one["file"], one["state"], one.get("evidence")) for one in done.value] == [
        ("evidence/again.json", "duplicate", "ev-2"),
        ("evidence/metrics.json", "accepted", "ev-1"),
        ("evidence/notes.txt", "not recognised", None),
    ]
    (asked,) = server.asked
    assert asked.path == "/v1/systems/triage/releases/1/evidence"
    assert asked.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="manifest"; filename="evidence.yaml"' in asked.body
    assert (small.evidence / "metrics.json").read_bytes() in asked.body
    assert b"a note" not in asked.body


def test_a_refused_file_exits_5_and_is_named_as_the_person_named_it(small: Small) -> None:
    problem = {
        "file": "evidence/metrics.json",
        "code": "json-malformed",
        "where": "line 1",
        "message": "no",
        "hint": "Send it whole.",
    }
    refusal = {"code": "nothing-accepted", "detail": "none", "problems": [problem]}
    with answering([_json(422, **refusal)]) as server:
        done = _submitted(small, server.url)
    assert done.code == 5
    assert "refused" in done.out
    assert "error[json-malformed] evidence/metrics.json: line 1: no" in done.err


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        pytest.param('a "quoted" one.json', "a %22quoted%22 one.json", id="quotes"),
        pytest.param("two\nlines.json", "two%0Alines.json", id="a line break"),
        pytest.param("back\\slash.json", "back%5Cslash.json", id="a backslash"),
        pytest.param("latin\udcfc.json", "latin%FC.json", id="bytes that are no UTF-8"),
        pytest.param("ä%41!b.json", "ä%41!b.json", id="what needs no other name"),
    ],
)
def test_a_file_of_any_name_is_sent_and_told_as_it_is_called(
    name: str, sent: str, small: Small
) -> None:
    (small.evidence / "metrics.json").rename(small.evidence / name)
    receipt = RECEIPT | {"name": f"evidence/{sent}"}
    with answering([_sent(accepted=[receipt])]) as server:
        done = _submitted(small, server.url, "--format", "json")
    assert f'filename="evidence/{sent}"'.encode() in server.asked[0].body
    shown = os.fsencode(f"evidence/{name}").decode(errors="backslashreplace")
    assert [one["file"] for one in done.value] == [shown]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_json(hello="world"), id="of something else"),
        pytest.param(_sent(unrecognised=["evidence/other.txt"]), id="about another file"),
        pytest.param(_sent(accepted=[RECEIPT]), id="about one of two files"),
    ],
)
def test_an_answer_that_leaves_a_file_open_is_no_submission(answer: Answer, small: Small) -> None:
    small.write("evidence/again.json", (small.evidence / "metrics.json").read_bytes() + b"\n")
    with answering([answer]) as server:
        done = _submitted(small, server.url)
    assert done.code == 2
    assert "error[server-answers-otherwise]" in done.err
    assert "does not say what became of evidence/again.json" in done.err


def test_a_file_that_cannot_be_sent_is_told_and_the_others_are_recorded(small: Small) -> None:
    listed = "files:\n  - path: gone.json\n  - path: metrics.json\n"
    small.write("evidence/evidence.yaml", listed)
    with answering([_sent(accepted=[RECEIPT])]) as server:
        done = _submitted(small, server.url)
    assert done.code == 5
    assert "ev-1" in done.out
    assert "error[manifest-file-missing] evidence/gone.json: " in done.err


def test_the_answer_of_a_server_is_shown_as_that_of_a_local_check(small: Small) -> None:
    local = small.check("--format", "json")
    with answering([Answer(body=local.out.encode())]) as server:
        table = assay(
            *("check", "evidence", "--release", "1", "--server", server.url, "--as-of", AS_OF),
            *("--output", f"json={small.folder / 'there.json'}"),
            inside=small.folder,
        )
    assert table.code == local.code == 0
    assert table.out == small.check().out
    assert (small.folder / "there.json").read_text(encoding="utf-8") == local.out
    (asked,) = server.asked
    assert asked.path == "/v1/check?fail_on=high&as_of=2026-11-20T00%3A00%3A00Z"
    assert b'"id":"triage"' in asked.body
    assert b"weights" not in asked.body


def test_an_assessment_of_a_server_ends_with_its_gate(small: Small) -> None:
    small.write("policies/quality/floor.yaml", POLICY.replace("0.75", "0.99"))
    local = small.check("--format", "json")
    assert local.code == 1
    with answering([Answer(201, local.out.encode())]) as server:
        done = assay(
            *("assess", "--system", "triage", "--release", "1", "--server", server.url),
            *("--fail-on", "low", "--as-of", AS_OF, "--format", "junit"),
        )
    assert done.code == 1
    assert 'name="gate"' in done.out
    asked = {"system": "triage", "release": "1", "fail_on": "low", "as_of": AS_OF}
    assert json.loads(server.asked[0].body) == asked


def test_a_file_that_a_gate_cannot_see_ends_the_check_before_the_server(small: Small) -> None:
    with answering([Answer()]) as server:
        words = ("check", "evidence", "gone.json", "--release", "1", "--server", server.url)
        done = assay(*words, inside=small.folder)
    assert (done.code, done.out) == (5, "")
    assert "error[file-unreadable]" in done.err
    assert server.asked == []


def test_no_document_at_all_is_nothing_judged_and_exits_4(small: Small) -> None:
    (small.evidence / "metrics.json").unlink()
    with answering([Answer()]) as server:
        words = ("check", "evidence", "--release", "1", "--server", server.url)
        assert assay(*words, inside=small.folder).code == 4
    assert server.asked == []


@pytest.mark.parametrize(
    "words",
    [
        ("submit", "evidence", "--system", "triage", "--release", "1", "--assurance", "ci"),
        ("submit", "evidence", "--system", "triage", "--release", "1", "--by", "ann"),
        ("submit", "evidence", "--system", "triage", "--release", "1", "--trust", "trust.yaml"),
        ("submit", "evidence", "--system", "triage", "--release", "1", "--database", "sqlite:///x"),
        ("assess", "--system", "triage", "--release", "1", "--policies", "policies"),
        ("assess", "--system", "triage", "--release", "1", "--waivers", "waivers.yaml"),
        ("check", "evidence", "--policies", "policies"),
        ("check", "evidence", "--overlay", "overlay.yaml"),
        ("check", "evidence", "--waivers", "waivers.yaml"),
        ("check", "evidence", "--assurance", "ci"),
        ("check", "evidence", "--pack", "x.pdf"),
    ],
)
def test_what_the_server_decides_is_refused_and_never_ignored(
    words: tuple[str, ...], small: Small
) -> None:
    with answering([Answer()]) as server:
        done = assay(*words, "--server", server.url, inside=small.folder)
    refused(done, 2, "option-not-for-server")
    assert server.asked == []


def test_the_environment_names_server_and_key_and_an_option_is_nearer(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("submit", "evidence", "--system", "triage", "--release", "1")
    with answering([_sent(accepted=[RECEIPT])]) as server:
        monkeypatch.setenv("ASSAY_SERVER", server.url)
        assert assay(*words, inside=small.folder).code == 0
        small.write("key", "another-key-9876543210\n")
        assert assay(*words, "--key-file", "key", inside=small.folder).code == 0
        local = f"sqlite:///{small.folder / 'here.db'}"
        refused(assay(*words, "--database", local, inside=small.folder), 2, "database-missing")
    sent = [one.headers["Authorization"] for one in server.asked]
    assert sent == [f"Bearer {KEY}", "Bearer another-key-9876543210"]


def test_without_a_key_nothing_is_sent(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSAY_API_KEY")
    with answering([Answer()]) as server:
        refused(_submitted(small, server.url), 2, "key-missing")
    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "exit_code", "code"),
    [
        (_json(401, code="not-authenticated", detail="no"), 2, "not-authenticated"),
        (_json(404, code="release-unknown", detail="no"), 2, "release-unknown"),
        (_json(413, code="body-too-large", detail="no"), 5, "body-too-large"),
        (_json(500, code="internal-error", detail="no"), 2, "internal-error"),
        (Answer(200, b"<html>"), 2, "server-answers-otherwise"),
        (_json(200, accepted="all of it"), 2, "server-answers-otherwise"),
    ],
)
def test_a_refusal_of_the_server_is_one_message_and_an_exit_code(
    answer: Answer, exit_code: int, code: str, small: Small
) -> None:
    with answering([answer]) as server:
        refused(_submitted(small, server.url), exit_code, code)


def test_an_assessment_of_another_version_is_no_verdict(small: Small) -> None:
    odd = json.loads(small.check("--format", "json").out) | {"gate": {"exit": 0}}
    with answering([_json(**odd)]) as server:
        done = assay("check", "evidence", "--server", server.url, inside=small.folder)
    refused(done, 2, "server-answers-otherwise")


def test_nobody_at_the_address_is_no_verdict(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assaybook.service.remote_line.PATIENCE_SECONDS", 0.1)
    done = assay(
        *("check", "evidence", "--server", f"http://127.0.0.1:{free_port()}"), inside=small.folder
    )
    refused(done, 2, "server-unreachable")


@pytest.mark.parametrize(
    "large",
    [
        pytest.param(
            _json(413, code="body-too-large", detail="the body has more than 9 bytes"),
            id="a server of ours",
        ),
        pytest.param(Answer(413, b"<html>nginx</html>"), id="a proxy before it"),
    ],
)
def test_a_file_that_is_too_large_for_a_server_does_not_hold_up_the_others(
    large: Answer, small: Small
) -> None:
    small.write("evidence/large.json", a_document(0.5))
    with answering([large, large, _sent(accepted=[RECEIPT])]) as server:
        done = _submitted(small, server.url)
    assert refused(done, 5, "body-too-large").startswith(
        "error[body-too-large] evidence/large.json: a request with this file is more than the"
    )
    assert done.err.endswith("1 accepted, 1 refused (1 body-too-large)\n")


def test_a_large_submission_goes_in_parts_and_is_told_as_one(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.service.remote.BATCH", 10)
    small.write("evidence/second.json", (small.evidence / "metrics.json").read_bytes())
    again = RECEIPT | {"name": "evidence/second.json"}
    answers = [_sent(accepted=[RECEIPT]), _sent(duplicates=[again])]
    with answering(answers) as server:
        done = _submitted(small, server.url, "--format", "json")
    assert [one["state"] for one in done.value] == ["accepted", "duplicate"]
    assert len(server.asked) == 2
    assert done.err.startswith("submitting: 0.0 of 0.0 MB\n")


def test_progress_is_for_terminals_only(small: Small) -> None:
    with answering([_sent(accepted=[RECEIPT])]) as server:
        done = _submitted(small, server.url, "--format", "csv")
    assert done.err == "1 accepted\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"soon", id="no JSON"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"{}", id="no list"),
        pytest.param(b'{"items": [1]}', id="no records in it"),
        pytest.param(b'{"items": [{"system": {"id": "triage"}}]}', id="records of another shape"),
    ],
)
def test_a_list_that_no_server_of_this_version_gives_is_told_as_that(body: bytes) -> None:
    with answering([Answer(body=body)]) as server:
        done = assay("system", "list", "--server", server.url)
    refused(done, 2, "server-answers-otherwise")


def test_a_long_list_of_a_server_says_how_it_goes_on() -> None:
    with answering([_json(items=[], next="triage")]) as server:
        done = assay("system", "list", "--server", server.url, "--after", "a", "--limit", "1")
    assert (done.code, done.err) == (0, "There are more: assay system list --after triage\n")
    assert server.asked[0].path == "/v1/systems?limit=1&cursor=a"


READY: Final = Answer(200, b'{"status":"ready"}', {"Content-Type": "application/json"})


def _lacking(small: Small, *options: str) -> dict[str, tuple[str, str]]:
    done = assay("doctor", "--format", "json", *options, inside=small.folder)
    found = {one["what"]: (one["state"], one["remedy"]) for one in done.value}
    assert done.code == (2 if {state for state, _remedy in found.values()} - {"ok"} else 0)
    return found


def test_the_doctor_looks_at_the_server_that_is_named_and_not_at_a_database_that_nobody_uses(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.write("assaybook.db", b"no database")
    with answering([READY, _json(items=[])]) as server:
        monkeypatch.setenv("ASSAY_SERVER", server.url)
        found = _lacking(small)
    assert found["server"] == ("ok", "")
    assert "database" not in found
    assert [one.path.partition("?")[0] for one in server.asked] == ["/v1/ready", "/v1/systems"]
    assert "server" not in _lacking(small, "--database", "sqlite:///assaybook.db")


def test_the_doctor_says_what_to_do_where_a_server_is_away_or_knows_no_such_key(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = _json(401, code="not-authenticated", detail="no key of this server")
    with answering([READY, refusal]) as server:
        monkeypatch.setenv("ASSAY_SERVER", server.url)
        state, remedy = _lacking(small)["server"]
    assert (state, "ASSAY_API_KEY" in remedy) == ("broken", True)
    monkeypatch.setenv("ASSAY_SERVER", f"http://127.0.0.1:{free_port()}")
    state, remedy = _lacking(small)["server"]
    assert state == "broken"
    assert remedy
    monkeypatch.delenv("ASSAY_API_KEY")
    assert "ASSAY_API_KEY" in _lacking(small)["server"][1]
