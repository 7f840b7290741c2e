"""Tokens of CI systems: what their issuer signed for us, of pipelines that we know; no other."""

import base64
import hmac
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from assaybook.domain.errors import AuthorError, OperatorError, UsageError
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import Principal, Role
from assaybook.service.oidc import Issuers, read_issuers
from support.api import calling

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RSA = RSAKey.generate_key(2048, parameters={"kid": "one"})
EC = ECKey.generate_key("P-256", parameters={"kid": "two"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "one"})
KEYS = {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}
ISSUER = "https://ci.example"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "assaybook",
    "sub": "repo:acme/model:ref:refs/heads/main",
    "repository_id": "4711",
    "ref": "refs/heads/main",
    "iat": int(NOW.timestamp()) - 10,
    "nbf": int(NOW.timestamp()) - 10,
    "exp": int(NOW.timestamp()) + 290,
}


def _token(
    key: RSAKey | ECKey = RSA, /, *, header: dict[str, Any] | None = None, **claims: Any
) -> str:
    kind = "RS256" if isinstance(key, RSAKey) else "ES256"
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return jwt.encode({"alg": kind, "kid": key.kid, **(header or {})}, said, key)


def _issuers(folder: Path, **changes: Any) -> Issuers:
    (folder / "keys.json").write_text(json.dumps(KEYS), encoding="utf-8")
    pipeline = {
        "id": "4711",
        "name": "acme/model",
        "systems": ["s"],
        "require": {"ref": "refs/heads/main"},
    }
    issuer = {
        "issuer": ISSUER,
        "kind": "github",
        "audience": "assaybook",
        "jwks": "keys.json",
        "pipelines": [pipeline],
        **changes,
    }
    issuer = {name: value for name, value in issuer.items() if value is not None}
    (folder / "oidc.yaml").write_text(yaml.safe_dump({"issuers": [issuer]}), encoding="utf-8")
    return read_issuers(folder / "oidc.yaml")


def test_a_token_of_a_known_pipeline_says_who_asks(tmp_path: Path) -> None:
    known = _issuers(tmp_path)
    for key in (RSA, EC):
        assert known.principal(_token(key), NOW) == Principal(
            id="oidc:ci.example:4711",
            name="acme/model",
            kind="pipeline",
            roles=frozenset({Role.SUBMITTER}),
            systems=frozenset({"s"}),
            assurance=Assurance.CI,
        )


def _written(*parts: object) -> str:
    text = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join(text).decode()


def _hmac_with_the_public_key() -> str:
    signed = _written({"alg": "HS256", "kid": "one"}, CLAIMS)
    mac = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _unsigned() -> str:
    return _written({"alg": "none", "kid": "one"}, CLAIMS) + "."


def _twice() -> str:
    head, body, signature = _token().split(".")
    raw = base64.urlsafe_b64decode(f"{body}==").replace(b'"4711"', b'"1","repository_id":"4711"')
    return ".".join((head, base64.urlsafe_b64encode(raw).decode().rstrip("="), signature))


FORGED = {
    "no signature at all": _unsigned(),
    "the public key as a secret": _hmac_with_the_public_key(),
    "another key under the same id": _token(OTHER),
    "an id of no key": _token(header={"kid": "three"}),
    "no id": jwt.encode({"alg": "RS256"}, CLAIMS, RSA),
    "an address of its key": _token(header={"jku": "https://evil.example/keys"}),
    "its own key": _token(OTHER, header={"jwk": OTHER.as_dict(private=False)}),
    "another audience": _token(aud="other"),
    "more audiences than ours": _token(aud=["assaybook", "other"]),
    "no audience": _token(aud=None),
    "another issuer": _token(iss="https://other.example"),
    "no issuer": _token(iss=None),
    "it is over": _token(exp=CLAIMS["iat"] - 100, iat=CLAIMS["iat"] - 400, nbf=None),
    "no end": _token(exp=None),
    "it lives for years": _token(exp=CLAIMS["iat"] + 10**8),
    "it has not begun": _token(nbf=CLAIMS["iat"] + 200),
    "made in the future": _token(iat=CLAIMS["iat"] + 200),
    "no instant of making": _token(iat=None),
    "an end that is no number": _token(exp="soon"),
    "another repository": _token(repository_id="4712"),
    "a number in place of a text": _token(repository_id=4711),
    "no repository": _token(repository_id=None),
    "another branch": _token(ref="refs/heads/evil"),
    "a claim twice": _twice(),
    "changed after signing": _token()[:-4] + "AAAA",
    "no token": "abc",
    "two parts": "a.b",
    "no base64": "!.!.!",
    "no JSON": "YQ.YQ.YQ",
    "a list": "W10.W10.W10",
    "nested without end": base64.urlsafe_b64encode(b"[" * 9_000).decode().rstrip("=") + ".e30.x",
    "far too long": "a" * 20_000,
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_what_the_issuer_did_not_sign_for_us_opens_nothing(tmp_path: Path, token: str) -> None:
    with pytest.raises(UsageError) as caught:
        _issuers(tmp_path).principal(token, NOW)
    assert caught.value.code == "not-authenticated"


def test_clocks_may_differ_by_a_minute(tmp_path: Path) -> None:
    known = _issuers(tmp_path)
    late = datetime.fromtimestamp(CLAIMS["exp"] + 59, UTC)
    early = datetime.fromtimestamp(CLAIMS["iat"] - 59, UTC)
    assert known.principal(_token(), late) == known.principal(_token(), early)
    for wrong in (late + timedelta(seconds=2), early - timedelta(seconds=2)):
        with pytest.raises(UsageError):
            known.principal(_token(), wrong)


def test_a_project_of_gitlab_is_known_by_its_number(tmp_path: Path) -> None:
    known = _issuers(tmp_path, kind="gitlab")
    token = _token(repository_id=None, project_id="4711")
    assert known.principal(token, NOW).id == "oidc:ci.example:4711"


@contextmanager
def _an_issuer(answers: dict[str, object]) -> Generator[str]:
    """Serve what an issuer says on the loopback; a path without an answer is 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            counted.append(self.path)
            found = answers.get(self.path)
            self.send_response(200 if found is not None else 404)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    counted: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    answers["asked"] = counted
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _discovered(address: str) -> dict[str, str]:
    return {"issuer": address, "jwks_uri": f"{address}/keys"}


def test_keys_are_found_where_the_issuer_says_and_asked_for_once(tmp_path: Path) -> None:
    answers: dict[str, object] = {"/keys": KEYS}
    with _an_issuer(answers) as address:
        answers["/.well-known/openid-configuration"] = _discovered(address)
        known = _issuers(tmp_path, issuer=address, jwks=None)
        for _ in range(5):
            assert known.principal(_token(iss=address), NOW).name == "acme/model"
        assert len(answers["asked"]) == 2  # type: ignore[arg-type]


def test_an_unknown_key_asks_the_issuer_again_but_not_at_every_request(tmp_path: Path) -> None:
    answers: dict[str, object] = {"/keys": {"keys": []}}
    with _an_issuer(answers) as address:
        known = _issuers(tmp_path, issuer=address, jwks=None, jwks_uri=f"{address}/keys")
        for _ in range(10):
            with pytest.raises(UsageError):
                known.principal(_token(iss=address), NOW)
        assert len(answers["asked"]) == 1  # type: ignore[arg-type]
        answers["/keys"] = KEYS
        later = NOW + timedelta(seconds=31)
        assert known.principal(_token(iss=address), later).name == "acme/model"


def test_an_issuer_that_is_away_is_no_refusal_and_no_pass(tmp_path: Path) -> None:
    with _an_issuer({}) as address:
        known = _issuers(tmp_path, issuer=address, jwks=None)
        for _ in range(2):
            with pytest.raises(OperatorError) as caught:
                known.principal(_token(iss=address), NOW)
            assert caught.value.code == "issuer-unavailable"


def test_keys_that_were_read_serve_while_the_issuer_is_away_and_the_operator_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answers: dict[str, object] = {"/keys": KEYS}
    with _an_issuer(answers) as address:
        known = _issuers(tmp_path, issuer=address, jwks=None, jwks_uri=f"{address}/keys")
        assert known.principal(_token(iss=address), NOW).name == "acme/model"
        del answers["/keys"]
        later = NOW + timedelta(minutes=11)
        soon: dict[str, Any] = {
            "iat": int(later.timestamp()),
            "nbf": None,
            "exp": int(later.timestamp()) + 60,
        }
        assert known.principal(_token(iss=address, **soon), later).name == "acme/model"
        assert [vars(one)["fields"] for one in caplog.records if one.name == "assaybook.oidc"] == [
            {"code": "issuer-unavailable", "issuer": address}
        ]
        old = NOW + timedelta(hours=25)
        with pytest.raises(OperatorError):
            known.principal(_token(iss=address), old)


def test_an_issuer_that_speaks_for_another_is_not_believed(tmp_path: Path) -> None:
    answers: dict[str, object] = {"/keys": KEYS}
    with _an_issuer(answers) as address:
        said = {**_discovered(address), "issuer": "https://other.example"}
        answers["/.well-known/openid-configuration"] = said
        known = _issuers(tmp_path, issuer=address, jwks=None)
        with pytest.raises(OperatorError):
            known.principal(_token(iss=address), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://ci.example", "jwks": None},
        {"jwks": None, "jwks_uri": "ftp://ci.example/keys"},
        {"kind": "jenkins"},
        {"pipelines": []},
        {"pipelines": [{"id": "1", "name": "x", "roles": ["root"]}]},
    ],
)
def test_a_file_of_issuers_that_cannot_be_meant_is_refused(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(AuthorError):
        _issuers(tmp_path, **changes)


def test_a_pipeline_asks_the_service_with_its_token(tmp_path: Path, sqlite_database: str) -> None:
    _issuers(tmp_path)
    here = int(datetime.now(UTC).timestamp())
    soon: dict[str, Any] = {"iat": here, "nbf": None, "exp": here + 300}
    with calling(sqlite_database, oidc=tmp_path / "oidc.yaml") as caller:
        good = {"Authorization": f"Bearer {_token(**soon)}"}
        who = caller.get("/v1/whoami", headers=good).json()
        assert (who["id"], who["assurance"]) == ("oidc:ci.example:4711", "ci")
        bad = {"Authorization": f"Bearer {_token(OTHER, **soon)}"}
        assert caller.get("/v1/whoami", headers=bad).status_code == 401
