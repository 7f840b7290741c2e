"""An audit pack as one HTML text: templates, style and drawings, and no other file."""

import re
from collections.abc import Callable
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Final

from assaybook.reporting import charts, charts_past, charts_period, charts_shape
from assaybook.reporting.model import Pack
from assaybook.reporting.sections import at
from assaybook.reporting.words import grouped
from assaybook.shelf import shelf

if TYPE_CHECKING:
    from jinja2 import Environment

_DRAWINGS: Final = (
    charts_past.ages,
    charts_past.strip,
    charts_past.trends,
    charts_period.periods,
    charts_shape.boundary,
    charts_shape.causes,
    charts_shape.lineage,
    charts_shape.ring,
    charts.comb,
    charts.measured,
    charts.points,
    charts.shares,
    charts.stacked,
    charts.swatch,
    charts.timeline,
)
_ID: Final = re.compile(r' id="([^"]+)"')
_LINK: Final = re.compile(r'<a href="#([^"]+)">([^<]*)</a>')
_CONTROL: Final = re.compile(
    r"\b(?:(?:[A-Z]{1,8}[ .])?\d{1,2}(?:\.\d{1,2})+|[A-Z]\.\d{1,2}|ISO/IEC \d+(?::\d+)?)\b"
)
"""Ids such as ``MEASURE 2.11``, ``A.6.2.4``, ``7.5.1`` and ``A.10``, and the names of standards."""
_TOKEN: Final = re.compile(r"(--[\w-]+): ([^;]+);")


class Ours(str):
    """Markup that we made ourselves; the templates print it as it is and escape all else."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the markup, as template engines ask for it."""
        return self


def render_html(pack: Pack) -> str:
    """Return the pack as HTML; every text of it is escaped, whatever it looks like.

    What a profile leaves out has no place to lead to: a link there is printed as its words.
    """
    style = Ours(_style())
    html = _environment().get_template("pack.html.j2").render(pack=pack, style=style)
    places = frozenset(_ID.findall(html))
    return _LINK.sub(lambda link: link[0] if link[1] in places else link[2], html)


@cache
def _style() -> str:
    """Return the style with each token in its place: the layout need not look it up per element."""
    style = template_text("pack.css")
    for name, value in _TOKEN.findall(template_text("tokens.css")):
        style = style.replace(f"var({name})", value)
    return style


def template_text(name: str) -> str:
    """Return one shipped template or style of the pack."""
    return (shelf("templates") / "pack" / name).read_text(encoding="utf-8")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(template_text),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["grouped"] = grouped
    made.filters["at"] = at
    made.filters["ids"] = _unbroken
    for draw in _DRAWINGS:
        made.filters[draw.__name__] = _drawn(draw)
    return made


def _unbroken(text: str) -> Ours:
    """Return words with each id of a control on one line; a line may end inside of it otherwise."""
    return Ours(_CONTROL.sub(r'<span class="nb">\g<0></span>', escape(text)))


def _drawn(draw: Callable[..., str]) -> Callable[..., Ours]:
    """Return a chart as a template filter: its SVG is ours and escapes the words in it."""
    return lambda *shown: Ours(draw(*shown))
