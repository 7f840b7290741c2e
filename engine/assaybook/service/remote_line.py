"""The line to a server: requests over HTTP with repetitions, and an end to waiting.

Every request carries a key of its own by which the server knows a repetition, so that an answer
that was lost on the way never records anything twice.
"""

import ipaddress
import re
import secrets
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from assaybook import __version__
from assaybook.domain.errors import AssayError, OperatorError, SubmitterError, UsageError
from assaybook.domain.record import record
from assaybook.service.remote_way import client_by, refuse_lasting, told_by

if TYPE_CHECKING:
    import httpx

PATIENCE_SECONDS: Final = 300.0
"""For one request with all its repetitions."""
DOOR_SECONDS: Final = 60.0
"""For a connection, where nobody takes one: a server that is started again takes it sooner."""
_MOST_BYTES: Final = 256 * 1024 * 1024
"""Of one answer."""
_CONNECT_SECONDS: Final = 10.0
_SILENCE_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 30.0
_PASSING: Final = frozenset({429, 502, 503, 504})
_CONFLICT: Final = 409
_TOO_LARGE: Final = 413
_UNREAD: Final = frozenset({408, 413, 415, 422})
"""Statuses of what a submitter must mend, as for a file that cannot be read."""
_OK: Final = 200
_REDIRECT: Final = 300
_BAD: Final = 400
_SERVER: Final = 500
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9:_-]{0,63}")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_KEY: Final = re.compile(r"[\x21-\x7e]{8,16384}")
REMEDIES: Final[Mapping[str, str]] = {
    "as-of-in-the-future": "Leave out --as-of, or name an instant that has passed.",
    "body-too-large": "Name fewer files, or submit them first: assay submit, then assay assess.",
    "catalog-unknown": "List the catalogs: assay control list",
    "change-unexplained": "A person must make this change, with a key of their own and --reason.",
    "evidence-unknown": "Ask who operates the server.",
    "key-unknown": "List them on the machine of the database: assay key list",
    "not-authenticated": "Set ASSAY_API_KEY, or name a file with --key-file; an admin makes keys.",
    "not-found": "Name the server by its address alone, without a path such as /v1.",
    "policy-unknown": "The server judges by policies of its own; ask who operates it.",
    "release-unknown": "Register it: assay system release FILE --server {url}",
    "system-unknown": (
        "See those of your key: assay system list --server {url}; whoever is author or admin there "
        "adds one: assay system add FILE"
    ),
}
"""What to do next for a person at the command line, where a server speaks to programs."""
_KEY_HINT: Final = "Set ASSAY_API_KEY, or name a file with --key-file."


@record
class Server:
    """Where a server is, and how long to wait for it.

    Attributes:
        url: its address, without a slash at the end.
        key: API key, or token of a pipeline; left out of ``repr``.
        tell: where a word to the person goes.
        patience_seconds: ``PATIENCE_SECONDS``, or less.
        first_pause_seconds: before the first repetition; each later one waits twice as long.
    """

    url: str
    key: str = field(repr=False)
    tell: Callable[[str], None]
    patience_seconds: float
    first_pause_seconds: float = 0.5


@record
class Line:
    """An open line to a server."""

    server: Server
    client: "httpx.Client"


@record
class Reply:
    """An answer that arrived whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class _Refusal(BaseModel):
    """An answer of type problem+json."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    detail: str = ""
    where: str = ""
    hint: str = ""
    request_id: str = ""


def server_at(url: str, key: str | None, tell: Callable[[str], None]) -> Server:
    """Return a server by its address, once it is one to which a key may be shown.

    Raises:
        UsageError: ``server-invalid``, ``server-not-encrypted``, ``key-missing``, ``key-invalid``.
    """
    import httpx

    try:
        parsed = httpx.URL(url.strip().rstrip("/"))
        parsed.host.encode("idna")  # as it is looked up
    except (httpx.InvalidURL, UnicodeError) as error:
        raise _no_server(url, "it is no address") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise _no_server(url, "it is no address of a server")
    if parsed.query or parsed.fragment or parsed.userinfo:
        raise _no_server(parsed.host, "only host, port and path belong there")
    if parsed.scheme == "http" and not _is_here(parsed.host):
        raise UsageError(
            "server-not-encrypted",
            "an API key is not sent to another machine without encryption",
            where=f"http://{parsed.host}",
            hint="Use https://; plain http:// is for a server on this machine.",
        )
    return Server(str(parsed), _checked(key), tell, PATIENCE_SECONDS)


def _no_server(where: str, reason: str) -> UsageError:
    hint = "Write it like https://assay.example.org."
    return UsageError("server-invalid", reason, where=where[:200], hint=hint)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked(key: str | None) -> str:
    if not key or not key.strip():
        raise UsageError("key-missing", "a server wants an API key", hint=_KEY_HINT)
    if not _KEY.fullmatch(key.strip()):
        raise UsageError("key-invalid", "this cannot be an API key", hint=_KEY_HINT)
    return key.strip()


@contextmanager
def connected(server: Server) -> Generator[Line]:
    """Open a line to a server; certificates are verified, and no redirect is followed.

    Raises:
        UsageError: the certificates or a proxy that the environment names cannot be used.
    """
    import httpx

    headers = {"Authorization": f"Bearer {server.key}", "User-Agent": f"assay/{__version__}"}
    silence = httpx.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS)
    # A proxy that the environment names is for other machines.
    outside = not _is_here(httpx.URL(server.url).host)
    told: list[str] = []

    def heard(answer: httpx.Response) -> None:
        ends = answer.headers.get("Assay-Key-Ends", "")
        if _INSTANT.fullmatch(ends) and not told:
            told.append(ends)
            server.tell(f"this key ends on {ends[:10]}: ask an admin for another before")

    with client_by(
        proxied=outside, headers=headers, timeout=silence, event_hooks={"response": [heard]}
    ) as client:
        yield Line(server, client)


def posted(line: Line, path: str, *, bears: str = "", **content: Any) -> Reply:  # noqa: ANN401
    """Post to a server until it answers, and return its answer.

    ``content`` is as httpx takes it. A refusal whose body has the key ``bears`` is an answer too.
    The same bytes and the same key are sent each time.

    Raises:
        AssayError: the server refuses it, or does not answer within the patience.
    """
    key = {"Idempotency-Key": secrets.token_hex(16)}
    return _told(
        line,
        line.client.build_request("POST", line.server.url + path, headers=key, **content),
        bears,
    )


def asked(line: Line, method: str, path: str, **content: Any) -> Reply:  # noqa: ANN401
    """Ask a server for what it may do twice, GET or PUT, until it answers; return its answer.

    Raises:
        AssayError: as ``posted``.
    """
    return _told(line, line.client.build_request(method, line.server.url + path, **content), "")


def _told(line: Line, request: "httpx.Request", bears: str) -> Reply:
    """Send a request until it is answered or the patience ends."""
    request.read()
    started = time.monotonic()
    deadline = started + line.server.patience_seconds
    pause = line.server.first_pause_seconds
    while True:
        outcome = _tried(line, request, deadline)
        wait = _wait(outcome, pause)
        until = min(deadline, started + DOOR_SECONDS) if _is_shut(outcome) else deadline
        if wait is None or time.monotonic() + wait > until:
            return _answer(line, outcome, bears)
        left = f"{wait:.1f} s, and for {until - time.monotonic():.0f} s at most"
        line.server.tell(f"{_reason(outcome)}; trying again in {left}")
        time.sleep(wait)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _tried(line: Line, request: "httpx.Request", deadline: float) -> Reply | OperatorError:
    """Send a request once; an answer that goes on after the patience counts as none."""
    import httpx

    content, late = bytearray(), False
    try:
        response = line.client.send(request, stream=True)
        with closing(response):
            for chunk in response.iter_bytes():
                content += chunk
                if late or len(content) > _MOST_BYTES:
                    return _unreachable(line, "its answer does not end", "")
                late = time.monotonic() > deadline
    except httpx.HTTPError as error:
        refuse_lasting(line.server.url, error)
        found = _unreachable(line, told_by(error), "Is it running there?")
        found.__cause__ = error
        return found
    return Reply(response.status_code, response.headers, bytes(content))


def _unreachable(line: Line, reason: str, hint: str) -> OperatorError:
    return OperatorError("server-unreachable", reason, where=line.server.url, hint=hint)


def _is_shut(outcome: Reply | OperatorError) -> bool:
    """Tell whether nobody took the connection, so that nothing was asked yet."""
    import httpx

    cause = outcome.__cause__ if isinstance(outcome, OperatorError) else None
    return isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout)


def _wait(outcome: Reply | OperatorError, pause: float) -> float | None:
    """Return how long to wait before the next try; None where there is no use in one.

    Up to half of a pause is left to chance, so that many pipelines do not come back at once.
    """
    jittered = pause * (0.5 + secrets.SystemRandom().random() / 2)
    if isinstance(outcome, OperatorError):
        return jittered
    asked = _retry_after(outcome.headers)
    if outcome.status in _PASSING or (outcome.status == _CONFLICT and asked is not None):
        return jittered if asked is None else asked + jittered
    return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait, by its own clock where it names an instant."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:6])
    try:
        at, now = parsedate_to_datetime(said), parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (at - now).total_seconds())
    except (TypeError, ValueError):
        return None


def _reason(outcome: Reply | OperatorError) -> str:
    if isinstance(outcome, OperatorError):
        return f"no answer from {outcome.where}: {outcome.message}"
    return f"the server answered {outcome.status}"


def _answer(line: Line, outcome: Reply | OperatorError, bears: str) -> Reply:
    if isinstance(outcome, OperatorError):
        raise outcome
    if _OK <= outcome.status < _REDIRECT:
        return outcome
    if bears and outcome.status in _UNREAD and f'"{bears}"'.encode() in outcome.content:
        return outcome
    raise _refused(line, outcome)


def _refused(line: Line, reply: Reply) -> AssayError:
    """Return a refusal of the server as the error that it would be on this machine."""
    try:
        said = _Refusal.model_validate_json(reply.content)
    except ValidationError:
        return _unlike_ours(line, reply)
    code = said.code if _CODE.fullmatch(said.code) else "server-refused"
    quoted = f"Quote the request {said.request_id}." if said.request_id else ""
    if reply.status >= _SERVER:
        hint = " ".join(each for each in (said.hint, quoted) if each)
        return OperatorError(code, said.detail, where=said.where or line.server.url, hint=hint)
    kind = SubmitterError if reply.status in _UNREAD else UsageError
    hint = REMEDIES.get(code, said.hint).replace("{url}", line.server.url)
    return kind(code, said.detail, where=said.where, hint=hint)


def _unlike_ours(line: Line, reply: Reply) -> AssayError:
    """Return the error that a refusal is which something on the way wrote."""
    elsewhere = reply.headers.get("Location", "")
    if _REDIRECT <= reply.status < _BAD and elsewhere:
        reason = f"it answered {reply.status} and sends callers on to {elsewhere[:200]}"
        hint = "If the server is there, name that; a page to sign in is no place for a pipeline."
        return OperatorError("server-answers-otherwise", reason, where=line.server.url, hint=hint)
    if reply.status == _TOO_LARGE:
        reason = "a proxy before the server takes no request of this size"
        hint = REMEDIES["body-too-large"]
        return SubmitterError("body-too-large", reason, where=line.server.url, hint=hint)
    if reply.status in _PASSING:
        said = f"what stands before it still answers {reply.status}"
        return _unreachable(line, said, "Ask who operates it whether it runs, and try again later.")
    return odd_answer(line, f"it answered {reply.status} without a reason that is known here")


def odd_answer(line: Line, reason: str) -> OperatorError:
    """Return the error that an answer is which no server of this version gives."""
    hint = "Check the address; a proxy may stand between, or the versions may differ."
    return OperatorError("server-answers-otherwise", reason, where=line.server.url, hint=hint)
