"""What stands around each page: the bar, what the page rests on, where it is, and safe headers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from assaybook import __version__
from assaybook.console import links, marks
from assaybook.console.assets import asset_link
from assaybook.console.backend import backend_of, reading
from assaybook.console.lines import seen
from assaybook.domain.canonical import canonical
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import written
from assaybook.domain.principal import Action, Principal, allowed
from assaybook.domain.record import record
from assaybook.reporting.labels import behind_a_word, middle
from assaybook.reporting.words import (
    age,
    catalog_name,
    count,
    moment,
    reason_sentence,
    reason_word,
    short_day,
    shortened,
)
from assaybook.shelf import shelf
from assaybook.store.journal import last_place

if TYPE_CHECKING:
    from jinja2 import Environment

Crumb = tuple[str, str]
"""The words of a step on the way to a page, and its address."""
_SECTIONS: Final = (
    ("Overview", links.overview(), Action.SYSTEM_READ),
    ("Findings", links.findings(), Action.ASSESSMENT_READ),
    ("Controls", links.catalogs(), Action.CONTROL_READ),
    ("Evidence", links.evidence(), Action.EVIDENCE_READ),
    ("Policies", links.policies(), Action.POLICY_READ),
    ("What if", links.replay(), Action.ASSESS),
    ("Exceptions", links.exceptions(), Action.WAIVER_READ),
    ("Packs", links.packs(), Action.PACK_READ),
    ("Ledger", links.ledger(), Action.LEDGER_READ),
)
"""The parts of the console; one that a person may not see is not offered."""
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
}
"""Of every page; the layers around all faces of the service add nosniff and no-referrer."""
_DIGITS: Final = 10
_LONG: Final = 200
"""Characters of a sentence in a list."""
_WIDE: Final = 60
"""Characters of a name in a table; both of its ends stay."""
_LINE: Final = 200
"""Characters of what was observed, in a table."""
_FIELDS: Final[Mapping[str, str]] = {"system-unknown": "system", "release-unknown": "release"}
"""Fields by the errors that say no place."""
_NOT_KEPT: Final = frozenset({"as_of", "cursor", "refused", "rows"})
"""What of a query does not go on to another instant."""


@record
class _Section:
    words: str
    link: str
    here: bool


@record
class _Basis:
    """What a page rests on: the bundle in force, and the log where a person may know of it.

    ``at`` is when the page was made, which one on paper must say.
    """

    bundle: str
    log: int | None
    at: datetime


@record
class Refused:
    """A form that was refused: why, what to do, and what was typed, which its page shows again."""

    error: UsageError
    said: Mapping[str, str]
    hint: str

    @property
    def field(self) -> str:
        """Return the field that is wrong; empty where the error is of none of them."""
        where = _FIELDS.get(self.error.code, self.error.where)
        return where if where in self.said else ""

    def typed(self, field: str) -> str:
        """Return what was typed into a field."""
        return self.said.get(field, "")


def page(  # noqa: PLR0913 - what a page is
    request: Request,
    template: str,
    *,
    title: str,
    crumbs: Sequence[Crumb] = (),
    as_of: datetime | None = None,
    dated: bool = False,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **view: object,
) -> Response:
    """Return a page in its frame.

    Args:
        request: what it answers; with ``request.state.principal``, somebody has signed in.
        template: file in ``templates/console`` that extends ``base.html.j2``.
        title: the heading, and the last step of the way to the page.
        crumbs: the steps before it; the overview is the first one by itself.
        as_of: the past instant that the page shows; None for the present.
        dated: whether the page can show the past, so that it offers to.
        status: of the answer.
        headers: besides those of every page.
        view: what the template shows; every text of it is escaped.
    """
    principal: Principal | None = getattr(request.state, "principal", None)
    refused: Refused | None = getattr(request.state, "refused", None) if status < 400 else None  # noqa: PLR2004 - an error
    if refused is not None:
        status, headers = backend_of(request).refused(refused.error, request.state.request_id)
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in _NOT_KEPT]
    text = (
        environment()
        .get_template(template)
        .render(
            title=title,
            crumbs=(("Overview", links.overview()), *crumbs)
            if principal and request.url.path != "/"
            else (),
            sections=_sections(request, principal),
            principal=principal,
            undone=refused,
            basis=_basis(request, principal) if status < 400 and principal else None,  # noqa: PLR2004 - an error
            as_of=None if as_of is None else written(as_of),
            dated=dated,
            here=request.url.path,
            kept=kept,
            present=request.url.path + (f"?{urlencode(kept)}" if kept else ""),
            **view,
        )
    )
    return HTMLResponse(text, status_code=status, headers={**HEADERS, **(headers or {})})


def _sections(request: Request, principal: Principal | None) -> tuple[_Section, ...]:
    if principal is None:
        return ()
    path = request.url.path
    first = "/" if path.startswith(("/systems", "/assessments")) else path
    return tuple(
        _Section(words, link, first == link if link == "/" else first.startswith(link))
        for words, link, action in _SECTIONS
        if allowed(principal, action)
    )


def _basis(request: Request, principal: Principal) -> _Basis:
    size = None
    if allowed(principal, Action.LEDGER_READ):
        with reading(request) as store:
            size = last_place(store.connection)[0]
    backend = backend_of(request)
    return _Basis(backend.ruling.bundle.digest, size, backend.clock())


def template_text(name: str) -> str:
    """Return one shipped template of the console."""
    return (shelf("templates") / "console" / name).read_text(encoding="utf-8")


def short_digest(digest: str) -> str:
    """Return the beginning of a digest, as it stands where the whole one is its title."""
    algorithm, _, digits = digest.partition(":")
    if not digits:
        return digest
    return f"{algorithm}:{digits[:_DIGITS]}…" if len(digits) > _DIGITS else digest


def _seen(value: object) -> object:
    """Return a text with what nobody sees written out: it could turn the words around it."""
    return seen(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _json(value: JsonValue) -> str:
    return canonical(value).decode()


@cache
def environment() -> "Environment":
    """Return what renders templates: all text is escaped, and what is not there is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(template_text),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )
    given: dict[str, Any] = {
        "link": links,
        "marks": marks,
        "asset": asset_link,
        "version": __version__,
        "count": count,
    }
    made.globals.update(given)
    made.filters.update(
        age=age,
        catalog=catalog_name,
        day=short_day,
        instant=written,
        json=_json,
        clipped=partial(behind_a_word, width=_LONG),
        middle=partial(middle, width=_WIDE),
        moment=moment,
        reason=reason_word,
        reason_sentence=reason_sentence,
        short=short_digest,
        shorter=partial(shortened, width=_LINE),
    )
    return made
