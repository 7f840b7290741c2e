"""What a bundle would change, before it is switched on: flips over a period, with their causes.

It is judged while the page is made, by what is recorded, and nothing is recorded of it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links, marks
from assaybook.console.backend import Uploaded, backend_of, principal_of, reading
from assaybook.console.forms import Upload
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.routing import Page, touchable
from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.domain.replay import Cause, Difference, Effect, Foreseen, Replay
from assaybook.language.bundle import bundle_json
from assaybook.service.bundle_files import bundle_within
from assaybook.service.bundles import Ruling, recorded_ruling
from assaybook.service.judge_apart import instant_here
from assaybook.service.replay import Asked, replay
from assaybook.store.assessments import BundleLine, load_bundle_text, recent_bundles
from assaybook.store.subjects import known_system
from assaybook.store.unit_of_work import Reading

IN_FORCE: Final = "in-force"
"""Names the bundle that the server judges by, in place of the digest of a recorded one."""
_BUNDLES: Final = 50
_DIFFERENCES: Final = 200
_AHEAD: Final = 100
_BACK: Final = timedelta(days=30)
_FORWARD: Final = timedelta(days=14)
_DAY: Final = timedelta(days=1)
_ONE_AT_A_TIME: Final = Lock()
"""Each takes a processor for seconds or minutes, and the process answers others meanwhile."""
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
_CAUSES: Final[Mapping[Cause, str]] = {
    "policy": "policy changed",
    "evidence": "evidence changed",
    "subject": "subject changed",
    "waiver": "waiver changed",
    "time": "time passed",
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
        ", ".join(_CAUSES[cause] for cause in one.causes),
        one.until == found.until,
    )


def _marks(outcome: str | None, disposition: str | None) -> tuple[Mark, ...]:
    return () if outcome is None or disposition is None else marks.of_line(outcome, disposition)


def what_if(request: Request) -> Response:
    """Show the form, and of a recorded bundle that is named what it would change."""
    named = asked.text(request, "bundle")
    said = {name: asked.text(request, name) or "" for name in ("from", "to", "system")}
    with reading(request) as store:
        now = instant_here(store, backend_of(request).clock)
        wanted = _wanted(request, said, now)
        ruling = None if named is None else _ruling(request, store, named)
        answer = None if ruling is None else _answered(store, ruling, wanted, now)
        bundles = recent_bundles(store, most=_BUNDLES)
    return _shown(request, wanted, answer, bundles, named or IN_FORCE)


def of_file(request: Request, uploaded: Uploaded) -> Response:
    """Show what the bundle of a file would change."""
    if len(uploaded.documents) != 1:
        raise UsageError(
            "request-invalid",
            "one bundle file is needed",
            where="file",
            hint="Go back and choose the file that was written: assay bundle build -o FILE",
        )
    sent = uploaded.documents[0]
    bundle = bundle_within(sent.content, sent.name, backend_of(request).trust).bundle
    ruling = recorded_ruling(bundle_json(bundle))
    with reading(request) as store:
        now = instant_here(store, backend_of(request).clock)
        wanted = _wanted(request, dict(uploaded.fields), now)
        answer = _answered(store, ruling, wanted, now)
        bundles = recent_bundles(store, most=_BUNDLES)
    return _shown(request, wanted, answer, bundles, IN_FORCE)


def _ruling(request: Request, store: Reading, named: str) -> Ruling:
    if named == IN_FORCE:
        return backend_of(request).ruling
    return recorded_ruling(json.loads(load_bundle_text(store, named)))


def _wanted(request: Request, said: Mapping[str, str], now: datetime) -> _Wanted:
    """Return what a form asks; without days, the last thirty and two weeks ahead.

    Raises:
        UsageError: ``request-invalid``, ``period-empty`` or ``system-unknown``.
    """
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
    system = said.get("system", "").strip() or _only_system(request)
    return _Wanted(since, until, None if system is None else touchable(request, system))


def _only_system(request: Request) -> str | None:
    """Return the system to ask about where none is named: the one that the key reaches, or any.

    Raises:
        UsageError: ``system-not-named``, the key reaches several but not all.
    """
    among = principal_of(request).systems
    if among is None:
        return None
    if len(among) == 1:
        return next(iter(among))
    raise UsageError(
        "system-not-named",
        "your key reaches some systems only, so one of them must be named",
        where="system",
        hint=f"Put ?system= and one of these behind the address: {', '.join(sorted(among)[:20])}",
    )


def _answered(store: Reading, ruling: Ruling, wanted: _Wanted, now: datetime) -> Shown:
    """Judge over the period.

    Raises:
        OperatorError: ``too-busy``, another is being answered.
        AssayError: as ``service.replay``.
    """
    if wanted.system is not None:
        known_system(store, wanted.system)
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise OperatorError(
            "too-busy",
            "what another bundle would change is being reckoned here",
            hint="Wait for it to end, and load the page again.",
        )
    try:
        asks = Asked(
            ruling,
            datetime.combine(wanted.since, time(), UTC),
            datetime.combine(wanted.until, time(), UTC) + _DAY,
            now,
            system=wanted.system,
        )
        return shown_of(replay(store, asks))
    finally:
        _ONE_AT_A_TIME.release()


def _shown(
    request: Request,
    wanted: _Wanted,
    answer: Shown | None,
    bundles: Sequence[BundleLine],
    named: str,
) -> Response:
    return page(
        request,
        "replay.html.j2",
        title="What a bundle would change",
        crumbs=(("Policies", links.policies()),),
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
