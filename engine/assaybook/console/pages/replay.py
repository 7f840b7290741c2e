"""What a bundle would change, before it is switched on: flips over a period, with their causes.

It is judged apart, within limits, by what is recorded; nothing is recorded of it.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, marks
from assaybook.console.backend import Uploaded, backend_of, principal_of, reading
from assaybook.console.forms import Upload
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.routing import Page, touchable
from assaybook.domain.errors import AuthorError, UsageError
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.domain.replay import Difference, Effect, Foreseen, Replay
from assaybook.reporting.words import CAUSES
from assaybook.service.bundle_files import written_bundle
from assaybook.service.judge import ENGINE
from assaybook.service.replay_apart import ReplayWanted, replay_apart
from assaybook.service.submit_documents import Sent
from assaybook.store.assessments import load_bundle_text, recent_bundles

IN_FORCE: Final = "in-force"
"""Names the bundle that the server judges by, in place of the digest of a recorded one."""
_BUNDLES: Final = 50
_DIFFERENCES: Final = 200
_AHEAD: Final = 100
_BACK: Final = timedelta(days=30)
_FORWARD: Final = timedelta(days=14)
_DAY: Final = timedelta(days=1)
_ANSWERS: Final[Mapping[int, tuple[str, str]]] = {
    0: ("note", "No rule would get worse"),
    1: ("fail", "Rules would fail that do not now"),
    3: ("unk", "Rules would become undecided"),
    4: ("unk", "Nothing was judged, so nothing is shown; this is no answer"),
    5: ("err", "Rules could not be evaluated that can be now"),
}
"""What an exit code of ``assay replay`` says, with a shape of the sprite."""
_EFFECTS: Final[Mapping[Effect, Mark]] = {
    "fails": Mark("fail", "fail", "would fail"),
    "error": Mark("err", "err", "could not be evaluated"),
    "undecided": Mark("unk", "unk", "would be undecided"),
    "better": Mark("pass", "pass", "would pass"),
    "accepted": Mark("half", "half", "would fail, accepted"),
    "dropped": Mark("mute", "nc", "no longer judged"),
    "new": Mark("mute", "na", "new, and no worse"),
}


@record
class Row:
    """A rule that would come to something else; no marks where one side has no such rule."""

    found: Difference
    before: tuple[Mark, ...]
    after: tuple[Mark, ...]
    effect: Mark
    causes: str
    is_to_the_end: bool


@record
class Ahead:
    """What a rule of the new criteria turns to, if nothing more is received."""

    found: Foreseen
    before: Mark
    after: tuple[Mark, ...]


@record
class Shown:
    """The answer as its page shows it; of lists that are cut, how many more there are."""

    found: Replay
    shape: str
    words: str
    rows: tuple[Row, ...]
    more: int
    ahead: tuple[Ahead, ...]
    more_ahead: int
    releases: tuple[tuple[Any, tuple[tuple[Mark, int], ...]], ...]


@record
class _Wanted:
    """Over which days, in UTC and whole, and of which system; None for every one."""

    since: date
    until: date
    system: str | None


def shown_of(found: Replay) -> Shown:
    """Return the answer of a replay as its page shows it."""
    shape, words = _ANSWERS[found.exit]
    rows = tuple(_row(one, found) for one in found.differences[:_DIFFERENCES])
    return Shown(
        found,
        shape,
        words,
        rows,
        len(found.differences) - len(rows),
        tuple(
            Ahead(one, marks.of_outcome(one.before), marks.of_line(one.after, one.disposition))
            for one in found.foreseen[:_AHEAD]
        ),
        max(0, len(found.foreseen) - _AHEAD),
        tuple(
            (
                one,
                tuple(
                    (_EFFECTS[each], one.effects[each]) for each in _EFFECTS if each in one.effects
                ),
            )
            for one in found.releases
        ),
    )


def _row(one: Difference, found: Replay) -> Row:
    return Row(
        one,
        _marks(one.old, one.old_disposition),
        _marks(one.new, one.new_disposition),
        _EFFECTS[one.effect],
        ", ".join(CAUSES[cause] for cause in one.causes),
        one.until == found.until,
    )


def _marks(outcome: str | None, disposition: str | None) -> tuple[Mark, ...]:
    return () if outcome is None or disposition is None else marks.of_line(outcome, disposition)


def what_if(request: Request) -> Response:
    """Show the form, and of a recorded bundle that is named what it would change."""
    named = asked.text(request, "bundle")
    said = {name: asked.text(request, name) or "" for name in ("from", "to", "system")}
    wanted = _wanted(request, said)
    answer = None if named is None else _answered(request, _known(request, named), wanted)
    return _shown(request, wanted, answer, named or IN_FORCE)


def of_file(request: Request, uploaded: Uploaded) -> Response:
    """Show what the bundle of a file would change."""
    if len(uploaded.documents) != 1:
        raise UsageError(
            "request-invalid",
            "one bundle file is needed",
            where="file",
            hint="Go back and choose the file that was written: assay bundle build -o FILE",
        )
    wanted = _wanted(request, dict(uploaded.fields))
    answer = _answered(request, _sent(uploaded.documents[0]), wanted)
    return _shown(request, wanted, answer, IN_FORCE)


def _known(request: Request, named: str) -> dict[str, JsonValue]:
    """Return a bundle that this server has, as its file would be.

    Raises:
        UsageError: ``bundle-unknown``.
    """
    if named == IN_FORCE:
        found: dict[str, JsonValue] = json.loads(written_bundle(backend_of(request).ruling.bundle))
        return found
    with reading(request) as store:
        text = load_bundle_text(store, named)
    return {"bundle": json.loads(text), "digest": named, "engine": ENGINE}


def _sent(sent: Sent) -> dict[str, JsonValue]:
    """Return what a file holds; whether it is a bundle is seen where it is judged by.

    Raises:
        AuthorError: ``bundle-malformed``.
    """
    try:
        # Strictly: halves of a character and numbers that are none could not be passed on.
        value: JsonValue = from_json(sent.content, allow_inf_nan=False)
    except ValueError as error:
        raise AuthorError("bundle-malformed", "it is no JSON", where=sent.name) from error
    if not isinstance(value, dict):
        raise AuthorError("bundle-malformed", "it is no bundle file", where=sent.name)
    return value


def _wanted(request: Request, said: Mapping[str, str]) -> _Wanted:
    """Return what a form asks; without days, the last thirty and two weeks ahead.

    Raises:
        UsageError: ``request-invalid``, ``period-empty`` or ``system-unknown``.
    """
    now = backend_of(request).clock()
    days: list[date] = []
    for name, usual in (("from", now - _BACK), ("to", now + _FORWARD)):
        try:
            days.append(date.fromisoformat(said[name]) if said.get(name) else usual.date())
        except ValueError:
            message = f"{name} must be a day such as 2026-11-21"
            raise UsageError("request-invalid", message, where=name) from None
    since, until = days
    if until < since or until == date.max:
        raise UsageError(
            "period-empty",
            f"the period begins on {since} and ends on {until}",
            where="from",
            hint="Name a first day that is not after the last.",
        )
    system = said.get("system", "").strip()
    return _Wanted(since, until, touchable(request, system) if system else None)


def _answered(request: Request, bundle: dict[str, JsonValue], wanted: _Wanted) -> Shown:
    """Judge over the period, of what the caller may see.

    Raises:
        AssayError: as ``service.replay_apart``.
    """
    backend = backend_of(request)
    asks = ReplayWanted(
        bundle=bundle,
        since=datetime.combine(wanted.since, time(), UTC),
        until=datetime.combine(wanted.until, time(), UTC) + _DAY,
        system=wanted.system,
    )
    systems = principal_of(request).systems
    return shown_of(replay_apart(backend.engine, asks, now=backend.clock(), systems=systems))


def _shown(request: Request, wanted: _Wanted, answer: Shown | None, named: str) -> Response:
    with reading(request) as store:
        bundles = recent_bundles(store, most=_BUNDLES)
    return page(
        request,
        "replay.html.j2",
        title="What a bundle would change",
        wanted=wanted,
        answer=answer,
        bundles=bundles,
        named=named,
        in_force=IN_FORCE,
    )


PAGES: Final = (Page("/replay", what_if, Action.ASSESS),)
FORMS: Final = (
    Upload("/replay/file", frozenset({"from", "to", "system"}), of_file, Action.ASSESS),
)
