"""Tokens of CI systems: what is believed, and each forgery that is not."""

import base64
import gzip
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from assaybook.domain.errors import AssayError, OperatorError, UsageError
from assaybook.domain.policy import Assurance
from assaybook.service.oidc import Issuers, read_issuers

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT = int(NOW.timestamp())


class _Issuer:
    """A real issuer on the loopback, which signs and publishes its keys."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)
        self.asked: list[str] = []
        self.answering, self.compressing = True, False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                raw = json.dumps(issuer.answer(self.path)).encode()
                self.send_response(200 if issuer.answering else 500)
                if issuer.compressing:
                    self.send_header("Content-Encoding", "gzip")
                    raw = gzip.compress(raw)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str) -> dict[str, Any]:
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}

    def claims(self, **changes: Any) -> dict[str, Any]:
        usual = {
            "iss": self.url,
            "aud": "assay",
            "iat": AT,
            "nbf": AT,
            "exp": AT + 300,
            "repository_id": "74",
            "ref": "refs/heads/main",
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def token(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        said = {"alg": "RS256", "kid": "k1"} | (header or {})
        return jwt.encode(said, self.claims(**changes), self.key, algorithms=["RS256"])


@pytest.fixture
def issuer() -> Iterator[_Issuer]:
    one = _Issuer()
    thread = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield one
    one.server.shutdown()
    thread.join()
    one.server.server_close()


@pytest.fixture
def issuers(issuer: _Issuer, tmp_path: Path) -> Issuers:
    return read_issuers(_file(tmp_path, issuer.url))


def _file(folder: Path, url: str, *, role: str = "submitter", twice: bool = False) -> Path:
    one = f"""\
  - issuer: {url}
    kind: github
    audience: assay
    pipelines:
      - {{id: "74", name: credit-ci, roles: [{role}], systems: [credit],
         require: {{ref: refs/heads/main}}}}
"""
    file = folder / "oidc.yaml"
    file.write_text("issuers:\n" + one * (2 if twice else 1), encoding="utf-8")
    return file


def _raw(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_token_of_a_named_pipeline_gives_that_pipeline_and_no_more(
    issuer: _Issuer, issuers: Issuers
) -> None:
    known = issuers.principal(issuer.token(), NOW)
    assert known.id == f"oidc:{issuer.url.removeprefix('http://')}:74"
    assert (known.name, known.kind, known.assurance) == ("credit-ci", "pipeline", Assurance.CI)
    assert known.systems == frozenset({"credit"})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"aud": "other"}, id="another audience"),
        pytest.param({"aud": ["assay", "other"]}, id="two audiences"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"iss": "https://other.example"}, id="another issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"exp": AT - 61}, id="over"),
        pytest.param({"exp": None}, id="without end"),
        pytest.param({"exp": AT + 90_000}, id="lives too long"),
        pytest.param({"exp": 10**400}, id="an end beyond every number"),
        pytest.param({"exp": True}, id="an end that is no number"),
        pytest.param({"iat": None}, id="without beginning"),
        pytest.param({"iat": AT + 61}, id="made in the future"),
        pytest.param({"nbf": AT + 61}, id="not yet valid"),
        pytest.param({"repository_id": None}, id="no repository"),
        pytest.param({"repository_id": "75"}, id="a repository nobody named"),
        pytest.param({"repository_id": 74}, id="a repository of another type"),
        pytest.param({"ref": "refs/heads/other"}, id="another branch than required"),
    ],
)
def test_a_signed_token_with_other_claims_is_refused(
    issuer: _Issuer, issuers: Issuers, changes: dict[str, Any]
) -> None:
    with pytest.raises(UsageError) as caught:
        issuers.principal(issuer.token(**changes), NOW)
    assert caught.value.code == "not-authenticated"


def _forged(issuer: _Issuer) -> dict[str, str]:
    claims, good = issuer.claims(), issuer.token()
    other = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)
    mine = {"alg": "RS256", "kid": "k1"}
    head, body, seal = good.split(".")
    twice = json.dumps(claims)[:-1] + ', "repository_id": "74"}'
    start = f"{_raw({'alg': 'HS256', 'kid': 'k1'})}.{body}"
    public = issuer.key.as_pem(private=False)
    confused = f"{start}.{_raw(hmac.digest(public, start.encode(), 'sha256'))}"
    return {
        "no algorithm": f"{_raw({'alg': 'none', 'kid': 'k1'})}.{body}.",
        "no signature": f"{head}.{body}.",
        "the public key as a shared secret": confused,
        "a foreign key": jwt.encode(mine, claims, other, algorithms=["RS256"]),
        "an unknown key": issuer.token({"kid": "k2"}),
        "no key": f"{_raw({'alg': 'RS256'})}.{body}.{seal}",
        "claims put in": f"{head}.{_raw(claims | {'ref': 'x'})}.{seal}",
        "a claim twice": f"{head}.{_raw(twice.encode())}.{seal}",
        "its own key's address": issuer.token({"jku": "https://evil.example/keys"}),
        "its own key": issuer.token({"jwk": issuer.key.as_dict(private=False)}),
        "too long": "a" * 20_000,
        "no token": "hello",
        "no text": "\ud800.a.b",
    }


def test_no_forged_token_is_believed_and_nothing_it_names_is_followed(
    issuer: _Issuer, issuers: Issuers
) -> None:
    for name, token in _forged(issuer).items():
        with pytest.raises(UsageError) as caught:
            issuers.principal(token, NOW)
        assert caught.value.code == "not-authenticated", name
    assert set(issuer.asked) == {"/.well-known/openid-configuration", "/keys"}


def test_unknown_keys_make_us_ask_again_only_once_in_a_while(
    issuer: _Issuer, issuers: Issuers
) -> None:
    issuers.principal(issuer.token(), NOW)
    for _ in range(5):
        with pytest.raises(UsageError):
            issuers.principal(issuer.token({"kid": "k2"}), NOW)
    assert issuer.asked.count("/keys") == 1
    later = NOW + timedelta(seconds=31)
    issuer.key = RSAKey.generate_key(2048, {"kid": "k2"}, auto_kid=False)
    issuers.principal(issuer.token({"kid": "k2"}), later)
    assert issuer.asked.count("/keys") == 2


def test_an_issuer_that_does_not_answer_is_never_a_pass(issuer: _Issuer, issuers: Issuers) -> None:
    issuer.answering = False
    for _ in range(3):
        with pytest.raises(OperatorError) as caught:
            issuers.principal(issuer.token(), NOW)
        assert caught.value.code == "issuer-unavailable"
    assert len(issuer.asked) == 1


def test_what_an_issuer_compressed_is_not_unpacked(issuer: _Issuer, issuers: Issuers) -> None:
    issuer.compressing = True
    with pytest.raises(OperatorError) as caught:
        issuers.principal(issuer.token(), NOW)
    assert caught.value.code == "issuer-unavailable"


def test_known_keys_outlive_a_short_outage_and_not_a_long_one(
    issuer: _Issuer, issuers: Issuers
) -> None:
    issuers.principal(issuer.token(), NOW)
    issuer.answering = False
    hour, days = NOW + timedelta(hours=1), NOW + timedelta(days=2)
    for _ in range(3):
        start = int(hour.timestamp())
        issuers.principal(issuer.token(iat=start, nbf=start, exp=start + 60), hour)
    assert len(issuer.asked) == 3
    with pytest.raises(OperatorError):
        issuers.principal(issuer.token(), days)


def test_keys_can_stand_in_a_file_and_nobody_is_asked(issuer: _Issuer, tmp_path: Path) -> None:
    file = _file(tmp_path, issuer.url)
    text = file.read_text(encoding="utf-8").replace("audience:", "jwks: keys.json\n    audience:")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OperatorError) as caught:
        read_issuers(file).principal(issuer.token(), NOW)
    assert caught.value.code == "issuer-unavailable"
    (tmp_path / "keys.json").write_text(json.dumps(issuer.answer("/keys")), encoding="utf-8")
    assert read_issuers(file).principal(issuer.token(), NOW).name == "credit-ci"
    assert issuer.asked == []


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_short_key_is_refused(issuer: _Issuer, issuers: Issuers) -> None:
    issuer.key = RSAKey.generate_key(1024, {"kid": "k1"}, auto_kid=False)
    with pytest.raises(UsageError):
        issuers.principal(issuer.token(), NOW)


@pytest.mark.parametrize("role", ["admin", "approver"])
def test_no_pipeline_administers_or_approves(tmp_path: Path, role: str) -> None:
    with pytest.raises(AssayError, match="pipeline can be"):
        read_issuers(_file(tmp_path, "https://ci.example", role=role))


def test_an_issuer_stands_once_and_is_reached_safely(tmp_path: Path) -> None:
    with pytest.raises(AssayError, match="twice"):
        read_issuers(_file(tmp_path, "https://ci.example", twice=True))
    with pytest.raises(AssayError, match="no https address"):
        read_issuers(_file(tmp_path, "http://ci.example"))
