"""Workload identity: tokens that a CI system gives to its own jobs (OpenID Connect).

Only issuers that the operator named are asked, only with their own keys, and only for pipelines
that the operator named by an id that cannot be taken over: a repository can be renamed, its number
cannot. Nothing that a token says of where its key is (``jku``, ``x5u``, ``jwk``) is followed.
"""

import base64
import binascii
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final, Literal, cast
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, model_validator

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AssayError, OperatorError
from assaybook.domain.ids import SystemId
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import Principal, Role
from assaybook.language.document_problems import read_document
from assaybook.service.files import read_bytes, read_yaml
from assaybook.service.keys import not_authenticated

_LOG: Final = logging.getLogger("assaybook.oidc")
_ALGORITHMS: Final = ("RS256", "ES256")
_LEEWAY: Final = timedelta(seconds=60)
_LONGEST: Final = timedelta(hours=24)
_FRESH: Final = timedelta(minutes=10)
_AGAIN: Final = timedelta(seconds=30)
_STALE: Final = timedelta(hours=24)
_SECONDS: Final = 5.0
_LEAST_BITS: Final = 2048
_FOR_PIPELINES: Final = frozenset({Role.SUBMITTER, Role.AUTHOR, Role.AUDITOR})
_LAST_SECOND: Final = 2**40
_MOST_BYTES: Final = 16_384
_MOST_KEYS: Final = 1_000_000
_AS_IT_IS: Final = {"Accept-Encoding": "identity"}
"""A small answer that is compressed can be one of gigabytes."""
_NEVER_FOLLOWED: Final = frozenset({"jku", "x5u", "jwk", "x5c", "crit", "b64"})
_ID_CLAIMS: Final = {"github": "repository_id", "gitlab": "project_id"}
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class PipelineDocument(Frozen):
    """One pipeline that is known: what its tokens hold, and what it may do."""

    id: str = Field(min_length=1, max_length=100, description="Number of repository or project.")
    name: str = Field(min_length=1, max_length=200)
    roles: tuple[Role, ...] = Field(default=(Role.SUBMITTER,), min_length=1, strict=False)
    systems: tuple[SystemId, ...] | None = Field(default=(), description="null for all.")
    require: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="Further claims, such as ref: refs/heads/main; each must be equal.",
    )

    @model_validator(mode="after")
    def _fits_a_pipeline(self) -> "PipelineDocument":
        if not _FOR_PIPELINES.issuperset(self.roles):
            message = "a pipeline can be submitter, author and auditor, and nothing else"
            raise ValueError(message)
        return self


class IssuerDocument(Frozen):
    """One issuer of tokens that is believed, for these pipelines."""

    issuer: str = Field(min_length=1, max_length=500)
    kind: Literal["github", "gitlab"]
    audience: str = Field(min_length=1, max_length=500)
    jwks: str | None = Field(default=None, description="File of its keys, beside this file.")
    jwks_uri: str | None = Field(default=None, description="Where its keys are; else discovered.")
    pipelines: tuple[PipelineDocument, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _reached_safely(self) -> "IssuerDocument":
        for address in (self.issuer, self.jwks_uri):
            if address is None or (address == self.issuer and self.jwks is not None):
                continue
            parts = urlsplit(address)
            local = parts.scheme == "http" and parts.hostname in _LOOPBACK
            if not (parts.scheme == "https" or local):
                message = f"{address} is no https address"
                raise ValueError(message)
        return self


class IssuersDocument(Frozen):
    """The issuers whose pipelines are known."""

    issuers: tuple[IssuerDocument, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> "IssuersDocument":
        if len({one.issuer for one in self.issuers}) < len(self.issuers):
            message = "an issuer stands twice"
            raise ValueError(message)
        return self


@dataclass(slots=True)
class _Keys:
    """The keys of an issuer as they were last read; ``tried_at`` is when that was last tried."""

    found: dict[str, JsonValue] | None = None
    read_at: datetime | None = None
    tried_at: datetime | None = None
    lock: Lock = field(default_factory=Lock)


class Issuers:
    """Verifies tokens of the issuers of a file; used by several threads at once."""

    def __init__(self, document: IssuersDocument, folder: Path) -> None:
        self._issuers = {one.issuer: one for one in document.issuers}
        self._folder = folder
        self._keys = {one.issuer: _Keys() for one in document.issuers}

    def told(self) -> str:
        """Return their addresses."""
        return ", ".join(self._issuers)

    def principal(self, token: str, now: datetime) -> Principal:
        """Return who asks with a token.

        Raises:
            UsageError: ``not-authenticated``; why is not said to whoever asks with it.
            OperatorError: ``issuer-unavailable``, the keys of the issuer cannot be read now.
        """
        header, claims = _parts(token)
        issuer = self._issuers.get(_text(claims.get("iss")))
        kid, algorithm = header.get("kid"), header.get("alg")
        known = isinstance(kid, str) and algorithm in _ALGORITHMS
        if issuer is None or not known or not _NEVER_FOLLOWED.isdisjoint(header):
            raise not_authenticated()
        _check_signature(token, self._key(issuer, str(kid), now))
        _check_times(claims, now)
        _check_audience(claims, issuer.audience)
        return _known(issuer, claims)

    def _key(self, issuer: IssuerDocument, kid: str, now: datetime) -> dict[str, JsonValue]:
        keys = self._keys[issuer.issuer]
        with keys.lock:
            if keys.read_at is None or now - keys.read_at > _FRESH:
                self._read(issuer, keys, now)
            found = _by_id(keys.found, kid)
            if found is None and (keys.tried_at is None or now - keys.tried_at > _AGAIN):
                self._read(issuer, keys, now)
                found = _by_id(keys.found, kid)
        if found is None:
            raise not_authenticated()
        return found

    def _read(self, issuer: IssuerDocument, keys: _Keys, now: datetime) -> None:
        """Read the keys again; keep the old ones for a day where that fails."""
        if keys.tried_at is not None and now - keys.tried_at < _AGAIN:
            if keys.found is None:
                raise _unavailable(issuer)
            return
        keys.tried_at = now
        try:
            found = self._jwks(issuer)
        except (OSError, ValueError, AssayError) as error:
            said = {"code": "issuer-unavailable", "issuer": issuer.issuer}
            _LOG.warning("issuer", extra={"fields": said})
            if keys.read_at is None or now - keys.read_at > _STALE:
                keys.found = None
                raise _unavailable(issuer) from error
            return
        keys.found, keys.read_at = found, now

    def _jwks(self, issuer: IssuerDocument) -> dict[str, JsonValue]:
        if issuer.jwks is not None:
            return _object(read_bytes(self._folder / issuer.jwks))
        address = issuer.jwks_uri
        if address is None:
            place = f"{issuer.issuer.rstrip('/')}/.well-known/openid-configuration"
            said = _fetched(place)
            address = _text(said.get("jwks_uri"))
            if said.get("issuer") != issuer.issuer or not _is_like(address, issuer.issuer):
                message = "the issuer describes another one"
                raise ValueError(message)
        return _fetched(address)


def read_issuers(file: Path) -> Issuers:
    """Return the issuers of a file.

    Raises:
        AssayError: the file cannot be read.
    """
    return Issuers(read_document(IssuersDocument, read_yaml(file)), file.parent)


def _fetched(address: str) -> dict[str, JsonValue]:
    """Return a JSON object from an address, without following it elsewhere.

    Raises:
        OSError: it cannot be reached in time, or what it answers is none.
    """
    import httpx

    # The time-out of the library starts anew with each part, so a slow issuer could hold us.
    ends = monotonic() + _SECONDS
    try:
        with httpx.stream(
            "GET", address, headers=_AS_IT_IS, timeout=_SECONDS, follow_redirects=False
        ) as answer:
            answer.raise_for_status()
            raw = b""
            for part in answer.iter_raw():
                raw += part
                if len(raw) > _MOST_KEYS or monotonic() > ends:
                    message = "the answer is too long, or takes too long"
                    raise ValueError(message)
    except httpx.HTTPError as error:
        raise OSError(str(error)) from error
    return _object(raw)


def _is_like(address: str, issuer: str) -> bool:
    """Tell whether an address that an issuer gives is as safe as its own."""
    return urlsplit(address).scheme == "https" or urlsplit(issuer).scheme == "http"


def _parts(token: str) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """Return header and claims as they are written; nothing of them is believed yet."""
    pieces = token.split(".")
    if len(token) > _MOST_BYTES or len(pieces) != _PIECES:
        raise not_authenticated()
    try:
        header, claims = (
            _object(base64.urlsafe_b64decode(f"{one}{'=' * (-len(one) % 4)}")) for one in pieces[:2]
        )
    except (ValueError, binascii.Error) as error:
        raise not_authenticated() from error
    return header, claims


_PIECES: Final = 3


def _object(raw: bytes) -> dict[str, JsonValue]:
    """Return a JSON object in which no key stands twice.

    Raises:
        ValueError: it is none.
    """

    def once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        found = dict(pairs)
        if len(found) < len(pairs):
            message = "a key stands twice"
            raise ValueError(message)
        return found

    try:
        value = json.loads(raw, object_pairs_hook=once)
    except RecursionError as error:
        message = "it is nested too deep"
        raise ValueError(message) from error
    if not isinstance(value, dict):
        message = "it is no object"
        raise ValueError(message)  # noqa: TRY004 - as for whatever else is no object
    return cast("dict[str, JsonValue]", value)


def _by_id(keys: Mapping[str, JsonValue] | None, kid: str) -> dict[str, JsonValue] | None:
    listed = keys.get("keys") if keys is not None else None
    mine = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and one.get("kid") == kid and one.get("kty") in {"RSA", "EC"}
    ]
    return mine[0] if len(mine) == 1 else None


def _check_signature(token: str, key: dict[str, JsonValue]) -> None:
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    written = cast("dict[str, str | list[str]]", key)
    try:
        if key.get("kty") == "RSA":
            mine = RSAKey.import_key(written)
            if mine.public_key.key_size < _LEAST_BITS:
                raise not_authenticated()
            jwt.decode(token, mine, algorithms=["RS256"])
        else:
            jwt.decode(token, ECKey.import_key(written), algorithms=["ES256"])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise not_authenticated() from error


def _check_times(claims: Mapping[str, JsonValue], now: datetime) -> None:
    """Refuse what is over, has not begun, was made in the future or lives for too long."""
    made, ends = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
    begins = made if claims.get("nbf") is None else _seconds(claims.get("nbf"))
    at, slack = now.timestamp(), _LEEWAY.total_seconds()
    in_time = max(made, begins) - slack <= at < ends + slack
    if not in_time or ends - made > _LONGEST.total_seconds():
        raise not_authenticated()


def _seconds(value: JsonValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise not_authenticated()
    if not isfinite(value) if isinstance(value, float) else abs(value) > _LAST_SECOND:
        raise not_authenticated()
    return value


def _check_audience(claims: Mapping[str, JsonValue], wanted: str) -> None:
    if claims.get("aud") not in (wanted, [wanted]):
        raise not_authenticated()


def _known(issuer: IssuerDocument, claims: Mapping[str, JsonValue]) -> Principal:
    """Return the pipeline that a token is of, if the operator named it.

    Raises:
        UsageError: ``not-authenticated``.
    """
    own = _text(claims.get(_ID_CLAIMS[issuer.kind]))
    for one in issuer.pipelines:
        if one.id == own and all(claims.get(name) == text for name, text in one.require.items()):
            return Principal(
                id=f"oidc:{_place(issuer.issuer)}:{own}",
                name=one.name,
                kind="pipeline",
                roles=frozenset(one.roles),
                systems=None if one.systems is None else frozenset(one.systems),
                assurance=Assurance.CI,
            )
    raise not_authenticated()


def _place(issuer: str) -> str:
    """Return an issuer as ids name it: two servers of one kind number their projects alike."""
    return issuer.partition("://")[2].rstrip("/") or issuer


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _unavailable(issuer: IssuerDocument) -> OperatorError:
    return OperatorError(
        "issuer-unavailable",
        "the keys of an issuer of tokens cannot be read now",
        where=issuer.issuer,
        hint="Try again; the operator can keep its keys in a file (jwks).",
    )
