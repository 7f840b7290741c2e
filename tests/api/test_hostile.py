"""What a caller could do to others: hold up the server, or get past what counts requests."""

import base64
import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from assaybook.console.app import PAGES
from support.api import Caller, calling, headers_of, served
from support.api_use import EVIDENCE, a_server, code

LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def caller(sqlite_database: str) -> Iterator[Caller]:
    with a_server(sqlite_database) as one:
        yield one


@pytest.mark.parametrize(
    "boundary",
    ["b" * 257, "b" * 7000, '"\x80"', "\xff" * 300, "b; boundary=" + "c" * 300],
    ids=["too long", "much too long", "no text", "long and no text", "a second one"],
)
def test_a_boundary_that_is_none_is_refused_in_words(caller: Caller, boundary: str) -> None:
    said = {"Content-Type": f"multipart/form-data; boundary={boundary}".encode("latin-1")}
    for path in (EVIDENCE, "/v1/check?system=s&release=1"):
        answer = caller.post(path, content=b"--x\r\n", headers=said)
        assert code(answer, 400) == "body-malformed"


def test_a_large_batch_is_taken_apart_without_holding_up_others(caller: Caller) -> None:
    batch = b"\n" * 40_000_000
    with (
        served(caller.app) as url,
        httpx.Client(base_url=url, headers=headers_of(caller.service), timeout=60) as sender,
        httpx.Client(base_url=url, timeout=60) as other,
        ThreadPoolExecutor(1) as threads,
    ):
        sender.get("/v1/whoami")
        other.get("/v1/health")
        began, longest = time.monotonic(), 0.0
        sent = threads.submit(sender.post, EVIDENCE, content=batch, headers=LINES)
        while not sent.done():
            asked = time.monotonic()
            assert other.get("/v1/health").status_code == 200
            longest = max(longest, time.monotonic() - asked)
        whole = time.monotonic() - began
    assert code(sent.result(), 400) == "nothing-submitted"
    assert longest < whole / 2


def test_a_large_body_of_json_says_the_same_as_a_small_one(caller: Caller) -> None:
    wanted = {"name": "x", "purpose": "p" * 9_000, "tags": ["t" * 200] * 99}
    assert len(json.dumps(wanted)) > 16 * 1024
    answer = caller.put("/v1/systems/large", json=wanted)
    assert answer.status_code == 201
    assert answer.json()["system"]["purpose"] == "p" * 9_000
    wrong = caller.put("/v1/systems/large", json=wanted | {"owned": "x"})
    assert code(wrong, 422) == "request-invalid"


def test_answers_that_are_given_again_count_as_requests(sqlite_database: str) -> None:
    with a_server(sqlite_database, rate=8) as caller:
        headers = headers_of(caller.service) | {"Idempotency-Key": "one"}
        wanted = {"system": "s", "release": "1"}
        answers = [caller.post("/v1/assessments", json=wanted, headers=headers) for _ in range(12)]
    statuses = [one.status_code for one in answers]
    assert statuses == [201] * 8 + [429] * 4


def _made_up(turn: int, issuer: str) -> dict[str, str]:
    """Return a token that names an issuer and a key of it that there is not."""
    said: tuple[dict[str, str], ...] = ({"alg": "RS256", "kid": f"k{turn}"}, {"iss": issuer}, {})
    parts = (base64.urlsafe_b64encode(json.dumps(one).encode()).decode() for one in said)
    return {"Authorization": f"Bearer {'.'.join(one.rstrip('=') for one in parts)}"}


def test_made_up_tokens_of_a_slow_issuer_keep_no_key_waiting(
    sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.service.oidc._SECONDS", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        issuer = f"http://127.0.0.1:{silent.getsockname()[1]}"
        named = {"issuer": issuer, "kind": "github", "audience": "assay"}
        pipelines = {"pipelines": [{"id": "1", "name": "ci"}]}
        file = tmp_path / "oidc.yaml"
        file.write_text(json.dumps({"issuers": [named | pipelines]}))
        with (
            a_server(sqlite_database, oidc=file) as caller,
            served(caller.app) as url,
            ThreadPoolExecutor(16) as threads,
        ):

            def ask(headers: dict[str, str]) -> int:
                return httpx.get(f"{url}/v1/whoami", headers=headers, timeout=30).status_code

            tokens = [threads.submit(ask, _made_up(turn, issuer)) for turn in range(12)]
            time.sleep(0.5)
            assert ask(headers_of(caller.service)) == 200
            assert not any(one.done() for one in tokens)
            assert {one.result() for one in tokens} == {503}


_ODD = (
    "a%00b",
    "%ff%fe",
    "%ed%a0%80",
    "..%2f..%2fetc",
    "x" * 3000,
    "%27%20OR%201=1--",
    "%0d%0aX:%20y",
)


def _addresses(caller: Caller) -> list[str]:
    """Return each address with a name in it, and the lists with what can be asked of them."""
    paths = [one.path for one in caller.app.state.routes if "GET" in one.methods]
    paths += [one.path for one in PAGES]
    named = [re.sub(r"\{[^}]*\}", "ODD", one) for one in paths if "{" in one]
    lists = ("/v1/evidence", "/v1/findings", "/v1/waivers", "/evidence", "/packs", "/ledger")
    fields = ("release", "cursor", "policy", "before")
    return [*named, *(f"{one}?{field}=ODD" for one in lists for field in fields)]


def test_no_name_in_an_address_breaks_anything(database: str) -> None:
    with a_server(database, rate=1_000_000) as caller:
        key = headers_of(caller.service)
        cookie = {"Cookie": f"assay-key={key['Authorization'].removeprefix('Bearer ')}"}
        for address in (one.replace("ODD", odd) for odd in _ODD for one in _addresses(caller)):
            answer = caller.get(address, headers=key | cookie)
            assert answer.status_code < 500, (address, answer.text)
            assert not {"x", "set-cookie"} & set(answer.headers), address
        form = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        for body in ("system=s&release=%00", b"system=s&release=\x00"):
            answer = caller.post("/packs/ask", content=body, headers=cookie | form)
            assert (answer.status_code, "<dd>request-invalid</dd>" in answer.text) == (422, True)


def test_what_is_refused_before_anybody_is_known_counts_too(sqlite_database: str) -> None:
    large = {"X": "x" * 40_000}
    with calling(sqlite_database, headers={}, rate=4) as caller:
        statuses = [caller.get("/v1/health", headers=large).status_code for _turn in range(6)]
    assert statuses == [431] * 4 + [429] * 2


def test_no_word_of_a_system_is_so_long_that_its_pages_are_slow(caller: Caller) -> None:
    for wanted in ({"intended_uses": ["x" * 10_001]}, {"tags": ["x" * 201]}):
        assert code(caller.put("/v1/systems/s", json=wanted), 422) == "request-invalid"
    usual = {"intended_uses": ["x" * 10_000], "tags": ["x" * 200], "risk_tier": "high"}
    said = {"reason": "it is used otherwise"}
    assert caller.put("/v1/systems/s", json=usual | said).status_code == 200
