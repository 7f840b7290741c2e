"""The line to a server: it tries again where that can help, and never for ever."""

import json
import re
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from assaybook.api import problems
from assaybook.domain.errors import AssayError, OperatorError, SubmitterError, UsageError
from assaybook.service.remote_line import (
    REMEDIES,
    Reply,
    Server,
    asked,
    connected,
    posted,
    server_at,
)
from support.answering import Answer, answering, free_port, self_signed

KEY: Final = "k" * 40
BUSY: Final = Answer(503, b"{}", {"Retry-After": "0"})


def _posted(url: str, *, patience: float = 20.0, **more: object) -> tuple[Reply, list[str]]:
    told: list[str] = []
    server = Server(url, KEY, told.append, patience, first_pause_seconds=0.01)
    with connected(server) as line:
        return posted(line, "/v1/x", json={"a": 1}, **more), told  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _refusal(status: int, **body: object) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/problem+json"})


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(BUSY, id="busy"),
        pytest.param(Answer(429, b"{}", {"Retry-After": "0"}), id="too many requests"),
        pytest.param(Answer(502, b"<html>"), id="a gateway without its server"),
        pytest.param(Answer(409, b"{}", {"Retry-After": "0"}), id="the first is still at work"),
        pytest.param(Answer(drop=True), id="the line drops"),
        pytest.param(Answer(body=b"{", cut=True), id="the answer is cut off"),
        pytest.param(
            Answer(
                503,
                b"{}",
                {
                    "Date": "Sat, 21 Nov 2026 05:00:00 GMT",
                    "Retry-After": "Sat, 21 Nov 2026 05:00:00 GMT",
                },
            ),
            id="busy until an instant",
        ),
    ],
)
def test_what_passes_is_tried_again_with_the_same_bytes_and_the_same_key(bad: Answer) -> None:
    with answering([bad, bad, Answer(body=b'{"ok": true}')]) as server:
        reply, told = _posted(server.url)
    assert reply.content == b'{"ok": true}'
    assert len(server.asked) == 3
    assert len({(one.body, one.headers["Idempotency-Key"]) for one in server.asked}) == 1
    assert len(told) == 2
    assert all("trying again in" in words for words in told)


def test_a_key_that_ends_soon_is_told_once() -> None:
    soon = Answer(headers={"Assay-Key-Ends": "2026-12-01T09:00:00Z"})
    told: list[str] = []
    with answering([soon]) as server, connected(server_at(server.url, KEY, told.append)) as line:
        for _ in range(3):
            asked(line, "GET", "/v1/systems")
    assert told == ["this key ends on 2026-12-01: ask an admin for another before"]


def test_what_a_server_says_of_a_key_is_an_instant_or_nothing() -> None:
    odd = Answer(headers={"Assay-Key-Ends": "\x1b[2Jsoon"})
    with answering([odd]) as server:
        assert _posted(server.url)[1] == []


def test_two_requests_never_share_a_key() -> None:
    with answering([Answer()]) as server:
        for _ in range(2):
            _posted(server.url)
    assert len({one.headers["Idempotency-Key"] for one in server.asked}) == 2


def test_the_key_travels_in_its_header_and_nowhere_else() -> None:
    with answering([Answer()]) as server:
        _posted(server.url)
    (asked,) = server.asked
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in asked.path
    assert KEY.encode() not in asked.body
    assert KEY not in repr(server_at(server.url, KEY, print))


def test_a_server_that_stays_busy_is_given_up_with_its_own_reason() -> None:
    busy = _refusal(503, code="too-busy", detail="the queue is full", request_id="r-1")
    with answering([busy]) as server, pytest.raises(OperatorError) as raised:
        _posted(server.url, patience=1)
    assert (raised.value.code, raised.value.message) == ("too-busy", "the queue is full")
    assert "r-1" in raised.value.hint
    assert len(server.asked) > 1


def test_a_wait_longer_than_the_patience_is_not_begun() -> None:
    later = Answer(503, b"{}", {"Retry-After": "3600"})
    with answering([later]) as server, pytest.raises(OperatorError) as raised:
        _posted(server.url, patience=5)
    assert len(server.asked) == 1
    assert raised.value.code == "server-unreachable"
    assert "still answers 503" in raised.value.message


def test_an_answer_that_drips_for_ever_ends_with_the_patience() -> None:
    slow = Answer(body=b"x" * 1000, drip_seconds=0.05)
    with answering([slow]) as server, pytest.raises(OperatorError) as raised:
        _posted(server.url, patience=0.3)
    assert raised.value.code == "server-unreachable"


def test_nobody_there_is_an_error_that_names_the_address() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(OperatorError) as raised:
        _posted(url, patience=0.1)
    assert (raised.value.code, raised.value.where) == ("server-unreachable", url)


def _unanswered(url: str, patience: float = 300) -> tuple[OperatorError, list[str], float]:
    """Ask where nobody answers; return the error, what was told meanwhile, and how long it took."""
    told: list[str] = []
    server = replace(server_at(url, KEY, told.append), patience_seconds=patience)
    started = time.monotonic()
    with connected(server) as line, pytest.raises(OperatorError) as raised:
        asked(line, "GET", "/v1/systems")
    return raised.value, told, time.monotonic() - started


def test_a_name_that_nobody_has_is_told_at_once() -> None:
    with pytest.raises(socket.gaierror) as known:
        socket.getaddrinfo("assay.invalid", 443)
    if known.value.errno == socket.EAI_AGAIN:
        pytest.skip("no service of names answers here, so nobody can tell")
    error, told, seconds = _unanswered("https://assay.invalid")
    assert (error.code, error.message) == ("server-unreachable", "no machine has this name")
    assert "slip" in error.hint
    assert told == []
    assert seconds < 20  # as the service of names takes


def test_a_server_that_speaks_no_tls_is_told_at_once() -> None:
    with answering([Answer()]) as server:
        error, told, seconds = _unanswered(server.url.replace("http://", "https://"))
    assert error.code == "server-not-trusted"
    assert "https:// wants the proxy" in error.hint
    assert (told, seconds < 20) == ([], True)


def test_a_refused_connection_is_tried_again_and_told_for_less_than_a_busy_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assaybook.service.remote_line.DOOR_SECONDS", 2)
    url = f"http://127.0.0.1:{free_port()}"
    error, told, seconds = _unanswered(url)
    assert (error.code, error.message) == ("server-unreachable", "Connection refused")
    assert re.fullmatch(
        rf"no answer from {url}: Connection refused; trying again in 0\.\d s, and for 2 s at most",
        told[0],
    )
    assert 1 < len(told) < 10
    assert seconds < 20


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, UsageError),
        (401, UsageError),
        (403, UsageError),
        (404, UsageError),
        (412, UsageError),
        (413, SubmitterError),
        (422, SubmitterError),
        (500, OperatorError),
    ],
)
def test_a_refusal_is_the_error_that_it_would_be_here_and_is_not_repeated(
    status: int, kind: type[AssayError]
) -> None:
    said = _refusal(status, code="some-refusal", detail="why", where="here", hint="do")
    with answering([said]) as server, pytest.raises(kind) as raised:
        _posted(server.url)
    error = raised.value
    assert (error.code, error.message, error.where) == ("some-refusal", "why", "here")
    assert error.hint.startswith("do")
    assert len(server.asked) == 1


def test_no_remedy_of_a_server_sends_a_person_at_the_command_line_to_a_route() -> None:
    """Each code for which the API names a route has a remedy in commands."""
    page = Path(problems.__file__).read_text(encoding="utf-8")
    routed = set(re.findall(r'"([a-z-]+)": "[^"]*(?:GET|POST|PUT) /v1/', page))
    assert "system-unknown" in routed
    assert routed <= set(REMEDIES)
    assert not [hint for hint in REMEDIES.values() if "/v1/" in hint]


@pytest.mark.parametrize("code", sorted(REMEDIES))
def test_the_remedy_of_a_refusal_is_one_of_the_command_line(code: str) -> None:
    said = _refusal(404, code=code, detail="why", where="here", hint="List: GET /v1/systems")
    with answering([said]) as server, pytest.raises(UsageError) as raised:
        _posted(server.url)
    assert raised.value.hint == REMEDIES[code].replace("{url}", server.url)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(404, b"<html>not here</html>"), id="a page"),
        pytest.param(Answer(301, b"", {"Location": "http://127.0.0.1:1/"}), id="a redirect"),
        pytest.param(Answer(400, b'{"code": 5}'), id="another shape"),
    ],
)
def test_what_no_server_of_ours_answers_is_said_to_be_that(answer: Answer) -> None:
    with answering([answer]) as server, pytest.raises(OperatorError) as raised:
        _posted(server.url)
    assert raised.value.code == "server-answers-otherwise"
    assert len(server.asked) == 1


def test_a_code_of_a_server_cannot_pretend_to_be_more_than_a_code() -> None:
    said = _refusal(400, code="x]\n::error::", detail="why")
    with answering([said]) as server, pytest.raises(UsageError) as raised:
        _posted(server.url)
    assert raised.value.code == "server-refused"


def test_a_refusal_with_the_problems_of_its_files_is_an_answer() -> None:
    said = _refusal(422, code="nothing-accepted", problems=[])
    with answering([said]) as server:
        reply, _told = _posted(server.url, bears="problems")
    assert reply.status == 422


@pytest.mark.parametrize(
    ("url", "key", "code"),
    [
        ("ftp://here", KEY, "server-invalid"),
        ("here", KEY, "server-invalid"),
        ("https://here:port", KEY, "server-invalid"),
        ("https://a:b@here", KEY, "server-invalid"),
        ("https://here/?x=1", KEY, "server-invalid"),
        ("https://assay..example", KEY, "server-invalid"),
        ("http://10.0.0.1", KEY, "server-not-encrypted"),
        ("http://assay.example.org", KEY, "server-not-encrypted"),
        ("http://127.0.0.1.example.org", KEY, "server-not-encrypted"),
        ("https://here", None, "key-missing"),
        ("https://here", " \n", "key-missing"),
        ("https://here", "two\nlines of it", "key-invalid"),
    ],
)
def test_an_address_or_a_key_that_cannot_be_used_is_refused_before_anything_is_sent(
    url: str, key: str | None, code: str
) -> None:
    with pytest.raises(UsageError) as raised:
        server_at(url, key, print)
    assert raised.value.code == code
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["https://assay.example.org/base/", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"],
)
def test_encrypted_addresses_and_those_of_this_machine_are_used(url: str) -> None:
    assert server_at(f" {url}\n", f" {KEY}\n", print).url == url.rstrip("/")


def test_a_certificate_that_nobody_vouches_for_ends_it_before_the_key_is_shown(
    tmp_path: Path,
) -> None:
    with (
        answering([Answer()], self_signed(tmp_path)) as server,
        pytest.raises(OperatorError) as raised,
    ):
        _posted(server.url)
    assert raised.value.code == "server-not-trusted"
    assert server.asked == []


def test_an_own_authority_is_trusted_where_the_environment_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls.pem"))
    with answering([Answer()], tls) as server:
        reply, _told = _posted(server.url)
        assert reply.status == 200
        error, told, _seconds = _unanswered(server.url.replace("127.0.0.1", "localhost"))
    assert (error.code, told) == ("server-not-trusted", [])
    assert error.hint == "Name the server as its certificate does."


def test_a_certificate_that_ran_out_is_for_who_operates_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = self_signed(tmp_path, ended=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls.pem"))
    with answering([Answer()], tls) as server:
        error, _told, _seconds = _unanswered(server.url)
    assert (error.code, error.message) == ("server-not-trusted", "certificate has expired")
    assert error.hint.startswith("Ask who operates the server to renew")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("SSL_CERT_FILE", "gone.pem", id="a file that is not there"),
        pytest.param("SSL_CERT_FILE", "notes.pem", id="a file without a certificate"),
        pytest.param("SSL_CERT_FILE", ".", id="a folder"),
    ],
)
def test_certificates_that_cannot_be_read_are_said_to_be_that(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.pem").write_text("none", encoding="utf-8")
    monkeypatch.setenv(name, str(tmp_path / value))
    with pytest.raises(UsageError) as raised:
        _posted("https://127.0.0.1:9")
    assert raised.value.code == "certificates-unusable"
    assert name in raised.value.where


@pytest.mark.parametrize(
    "proxy",
    [
        pytest.param("http://127.0.0.1:83x3", id="a port that is none"),
        pytest.param("ftp://ann:secret@proxy.example.org", id="a scheme that is none"),
        pytest.param("socks5://127.0.0.1:1080", id="a kind that is not installed"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_said_to_be_that_without_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError) as raised:
        _posted("https://assay.example.org")
    assert raised.value.code == "proxy-invalid"
    assert "secret" not in f"{raised.value}{raised.value.where}{raised.value.hint}"


@pytest.mark.parametrize("status", [403, 407])
def test_a_proxy_that_refuses_ends_it_at_once(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering([Answer(status, b"")]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error, told, seconds = _unanswered("https://assay.example.org")
    assert (error.code, told) == ("proxy-refused", [])
    assert str(status) in error.message
    assert "HTTPS_PROXY" in error.hint
    assert seconds < 20


def test_a_proxy_that_is_busy_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering([Answer(503, b"")]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(OperatorError) as raised:
            _posted("https://assay.example.org", patience=0.2)
    assert raised.value.code == "server-unreachable"
    assert len(proxy.asked) > 1


def test_who_is_sent_elsewhere_is_told_where() -> None:
    page = Answer(302, b"", {"Location": "https://login.example.org/sso"})
    with answering([page]) as server, pytest.raises(OperatorError) as raised:
        _posted(server.url)
    assert raised.value.code == "server-answers-otherwise"
    assert "https://login.example.org/sso" in raised.value.message
    assert len(server.asked) == 1


def test_the_words_of_a_repetition_are_told_to_the_person() -> None:
    with answering([BUSY, Answer()]) as server:
        _reply, told = _posted(server.url)
    assert told[0].startswith("the server answered 503; trying again in 0.0 s, and for ")
    assert len(told) == 1
