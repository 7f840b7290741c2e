"""Pages about policies as HTML: each whole by itself, escaped, without script or other files."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from assaybook.reporting.html import Ours
from assaybook.reporting.words import catalog_name
from assaybook.shelf import shelf

if TYPE_CHECKING:
    from jinja2 import Environment

PageKind = Literal["index", "policy", "controls"]
_FOLDER: Final = "policy_docs"


def docs_html(kind: PageKind, shown: Mapping[str, object]) -> str:
    """Return one page; every text of ``shown`` is escaped, whatever it looks like."""
    style = Ours(_text("style.css"))
    return _environment().get_template(f"{kind}.html.j2").render(here=kind, style=style, **shown)


def _text(name: str) -> str:
    return (shelf("templates") / _FOLDER / name).read_text(encoding="utf-8")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_text),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["catalog"] = catalog_name
    return made
