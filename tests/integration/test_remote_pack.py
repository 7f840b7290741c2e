"""The pack of a server by the command line: asked for, waited for, fetched, and never mixed up."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import OperatorError
from assaybook.domain.policy import Severity
from assaybook.service.remote_line import Server, connected
from assaybook.service.remote_pack import PackWanted, pack_at
from support.answering import Answer, answering
from support.commands import Done, assay, refused

PDF: Final = b"%PDF-1.7 of a test"
ABOUT: Final = ("--system", "triage", "--release", "1")


def _told(state: str, **more: object) -> Answer:
    return Answer(202, json.dumps({"id": "pack-1", "state": state, "later": 1, **more}).encode())


DONE: Final = _told("done", document={"digest": digest_of(PDF), "size": len(PDF)})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_API_KEY", "k" * 40)
    monkeypatch.setattr("assaybook.service.remote_pack._PAUSE_SECONDS", 0.001)


def _build(inside: Path, url: str, *more: object) -> Done:
    return assay("pack", "build", *ABOUT, "-o", "pack.pdf", *more, "--server", url, inside=inside)


def test_a_pack_is_asked_for_waited_for_and_written(tmp_path: Path) -> None:
    answers = [_told("queued"), _told("running"), DONE, Answer(body=PDF)]
    named = ("--as-of", "2026-11-20T00:00:00Z", "--fail-on", "low", "--organisation", "Ward")
    with answering(answers) as server:
        done = _build(tmp_path, server.url, *named)
    assert (done.code, done.out) == (0, ""), done.err
    assert "made by the server" in done.err
    assert (tmp_path / "pack.pdf").read_bytes() == PDF
    said: dict[str, Any] = json.loads(server.asked[0].body)
    assert said == {
        "system": "triage",
        "release": "1",
        "as_of": "2026-11-20T00:00:00Z",
        "fail_on": "low",
        "organisation": "Ward",
    }
    assert [one.path for one in server.asked] == [
        "/v1/packs",
        *["/v1/packs/pack-1"] * 2,
        "/v1/packs/pack-1/document",
    ]


def test_the_server_that_the_environment_names_makes_the_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering([DONE, Answer(body=PDF)]) as server:
        monkeypatch.setenv("ASSAY_SERVER", server.url)
        done = assay("pack", "build", *ABOUT, "-o", "pack.pdf", inside=tmp_path)
    assert done.code == 0, done.err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["pack.pdf"]


FAILED: Final = _told(
    "failed", problem={"code": "as-of-in-the-future", "message": "it is earlier", "hint": "Wait."}
)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        pytest.param([FAILED], "as-of-in-the-future", id="the pack failed"),
        pytest.param([DONE, Answer(body=b"%PDF- other")], "server-answers-otherwise", id="another"),
        pytest.param([_told("done")], "server-answers-otherwise", id="done without a document"),
        pytest.param([_told("lost")], "server-answers-otherwise", id="a state of a later version"),
        pytest.param([Answer(body=b"[]")], "server-answers-otherwise", id="no object"),
    ],
)
def test_what_is_no_pack_is_refused_and_nothing_is_written(
    answers: list[Answer], code: str, tmp_path: Path
) -> None:
    with answering(answers) as server:
        refused(_build(tmp_path, server.url), 2, code)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "option",
    [
        ("--policies", "policies"),
        ("--trust", "trust.yaml"),
        ("--from", "2026-01-01", "--to", "2026-02-01"),
        ("--profile", "executive"),
        ("--keys", "keys"),
    ],
    ids=lambda option: option[0].lstrip("-"),
)
def test_what_the_server_decides_cannot_be_said_here(
    option: tuple[str, ...], tmp_path: Path
) -> None:
    done = _build(tmp_path, "http://127.0.0.1:9", *option)
    assert option[0] in refused(done, 2, "option-not-for-server")


def test_a_pack_that_takes_too_long_is_told_with_where_it_will_be() -> None:
    wanted = PackWanted("triage", "1", None, Severity.HIGH, "")
    with answering([_told("running")]) as server:
        told: list[str] = []
        known = Server(server.url, "k" * 40, told.append, 20.0)
        with connected(known) as line, pytest.raises(OperatorError) as caught:
            pack_at(line, wanted, patience_seconds=0.0)
    assert caught.value.code == "pack-not-ready"
    assert "/v1/packs/pack-1/document" in caught.value.hint
