"""Who asks, and may they: every route names one action, and what names none does not start."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from assaybook.api.asgi import header
from assaybook.api.limits import take_turn
from assaybook.api.shared import Endings
from assaybook.api.state import Service, reading, service_of
from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.ids import written
from assaybook.domain.principal import Action, Principal, allowed, not_allowed, touches
from assaybook.domain.record import record
from assaybook.service.keys import PREFIX, SOON, find_by_text, not_authenticated, principal_of
from assaybook.store.keys import note_use

_BEARER: Final = b"bearer "
_LONGEST: Final = 8192
_KNOWN_SECONDS: Final = 1.0
"""How long a caller is known without asking the database; a revoked key ends within it."""
_AGAIN_SECONDS: Final = 0.5
"""How long before that end the database is asked again, while requests still pass."""
_SEEN_SECONDS: Final = 60.0
_MOST: Final = 10_000
_AT_ONCE: Final = 8
"""Threads in which keys are looked up, and as many for tokens: made-up tokens of an issuer that is
slow to answer keep no key waiting."""


@record
class _Known:
    principal: Principal
    until: float


class Callers:
    """Who asked lately; one for each application."""

    def __init__(self, endings: Endings) -> None:
        self._endings = endings
        self._heard = endings.told()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: dict[str, tuple[float, asyncio.Task[Principal]]] = {}
        self._seen: dict[str, float] = {}
        self._ending: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads: dict[bool, CapacityLimiter] = {}

    async def who(self, service: Service, secret: str) -> Principal:
        """Return who asks with a secret.

        Raises:
            UsageError: ``not-authenticated``.
        """
        heard = self._endings.told()
        if heard != self._heard:
            # Somewhere a key was revoked: nobody is known, and no answer that is on its way counts.
            self._heard = heard
            self._known.clear()
            self._asking.clear()
        digest, now = digest_of(secret.encode("utf-8", "replace")), monotonic()
        known = self._known.get(digest)
        if known is None or known.until <= now:
            principal = await self._found(service, secret, digest)
        elif known.until - now < _AGAIN_SECONDS and digest not in self._asking:
            # One asks again before it is needed, so that the others need not wait.
            principal = await self._found_again(service, secret, digest, known.principal)
        else:
            return known.principal
        # What was found before a key was revoked may be that key.
        return principal if self._endings.told() == heard else await self.who(service, secret)

    async def _found(self, service: Service, secret: str, digest: str) -> Principal:
        """Look up who asks, once for all who ask with it at the same time."""
        now = monotonic()
        since, asking = self._asking.get(digest, (-_KNOWN_SECONDS, None))
        if asking is None or now - since >= _KNOWN_SECONDS:
            asking = asyncio.ensure_future(self._look_up(service, secret, digest))
            self._asking[digest] = now, asking
            asking.add_done_callback(partial(self._answered, digest))
        # One caller that goes away does not take the answer from the others.
        return await asyncio.shield(asking)

    async def _found_again(
        self, service: Service, secret: str, digest: str, known: Principal
    ) -> Principal:
        """Look up who asks while it is still known; it stays so where nobody can tell now."""
        try:
            return await self._found(service, secret, digest)
        except OperatorError:
            return known

    def _answered(self, digest: str, done: "asyncio.Task[Principal]") -> None:
        if self._asking.get(digest, (0.0, None))[1] is done:
            del self._asking[digest]
        if not done.cancelled():
            done.exception()  # it is that of each who waits, and of nobody where none does

    async def _look_up(self, service: Service, secret: str, digest: str) -> Principal:
        now = monotonic()
        # Made here, since they belong to the loop that serves.
        self._threads = self._threads or {one: CapacityLimiter(_AT_ONCE) for one in (True, False)}
        heard = self._endings.told()
        principal, ends = await to_thread.run_sync(
            _looked_up, service, secret, limiter=self._threads[secret.startswith(PREFIX)]
        )
        if ends is None:
            self._ending.pop(principal.id, None)
        else:
            self._ending[principal.id] = written(ends).encode()
        if self._endings.told() != heard:
            return principal
        self._known[digest] = _Known(principal, now + _KNOWN_SECONDS)
        self._known.move_to_end(digest)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        self._note(service, principal, now)
        return principal

    def ends(self, principal: Principal) -> bytes | None:
        """Return when a key ends, as a header says it, where that is soon."""
        return self._ending.get(principal.id)

    def _note(self, service: Service, principal: Principal, now: float) -> None:
        """Have it written when a key was used, once a minute; nobody waits for it."""
        if not principal.id.startswith("key:"):
            return
        if now - self._seen.get(principal.id, -_SEEN_SECONDS) < _SEEN_SECONDS:
            return
        self._seen[principal.id] = now
        used = partial(note_use, key=principal.id.removeprefix("key:"))
        task = asyncio.ensure_future(_unheard(service, used))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _unheard(service: Service, used: "partial[None]") -> None:
    try:
        await service.writer.run(used)
    except Exception:  # noqa: BLE001 - a request is not refused because its trace could not be kept
        return


def _looked_up(service: Service, secret: str) -> tuple[Principal, datetime | None]:
    """Return who asks with a key of ours or a token of a known issuer, and when a key ends soon."""
    now = service.clock()
    if service.issuers is not None and not secret.startswith(PREFIX):
        return service.issuers.principal(secret, now), None
    with reading(service) as store:
        key = find_by_text(store, secret, now).key
        return principal_of(key), key.expires_at if key.expires_at - now < SOON else None


async def caller(request: Request) -> Principal:
    """Return who asks, whatever they may do.

    Raises:
        UsageError: ``not-authenticated``.
        OperatorError: who it is cannot be found out now.
    """
    said = header(request.scope, b"authorization") or b""
    if len(said) > _LONGEST or said[: len(_BEARER)].lower() != _BEARER:
        raise not_authenticated()
    callers: Callers = request.app.state.callers
    secret = said[len(_BEARER) :].strip().decode("latin-1")
    principal = await callers.who(service_of(request), secret)
    request.state.principal = principal
    if (ends := callers.ends(principal)) is not None:
        request.state.key_ends = ends
    return principal


@record
class Guard:
    """A dependency that lets those pass who may do one action, and says who they are."""

    action: Action

    async def __call__(self, request: Request) -> Principal:
        """Return who asks.

        Raises:
            UsageError: ``not-authenticated``, ``not-allowed`` or ``rate-limited``.
        """
        principal = await caller(request)
        take_turn(request, principal.id)
        if not allowed(principal, self.action):
            raise not_allowed(principal, self.action)
        return principal


def needs(action: Action) -> Guard:
    """Return the dependency of a route that needs an action."""
    return Guard(action)


def refuse_untouched(principal: Principal, system: str) -> None:
    """Refuse a system that a principal may not know of, in the words for one that is not there.

    Raises:
        UsageError: ``system-unknown``.
    """
    if not touches(principal, system):
        raise UsageError("system-unknown", f"there is no system {system!r}")


def refuse_unguarded(routes: Sequence[APIRoute], public: Collection[str]) -> None:
    """See that every route that is not public asks for exactly one action.

    Raises:
        RuntimeError: one does not, so the application must not start.
    """
    for route in routes:
        guards = len(list(_guards(route.dependant)))
        if guards != (0 if route.path in public else 1):
            message = f"{route.path} has {guards} guards"
            raise RuntimeError(message)


def guard_of(route: APIRoute) -> Guard:
    """Return the guard of a route that is not public."""
    return next(_guards(route.dependant))


def _guards(dependant: Dependant) -> Iterator[Guard]:
    for one in dependant.dependencies:
        if isinstance(one.call, Guard):
            yield one.call
        yield from _guards(one)
