"""A policy as a page of text: claim, why, rules in words, params in force, evidence, controls."""

from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from assaybook.service.policies import ControlShown, NeedShown, ParamShown, PolicyShown

_WIDTH: Final = 100


def page_lines(shown: "PolicyShown", file: str) -> Iterator[str]:
    """Yield the lines of the page."""
    yield f"{shown.title}"
    yield f"{shown.policy}, version {shown.version}, {shown.severity.value} severity, {file}"
    yield from _section("Why", [_indented(shown.why)])
    applies = shown.applies_in_words or "To every release."
    code = [_indented(shown.applies_when, 4)] if shown.applies_when else []
    yield from _section("Applies when" if code else "Applies", [_indented(applies), *code])
    yield from _section(
        "Rules",
        [
            line
            for rule in shown.rules
            for line in (f"  {rule.rule}", _indented(rule.in_words, 4), *_fix(rule.fix))
        ],
    )
    yield from _section("Params", [line for one in shown.params for line in _param(one)])
    wanted = [line for one in shown.evidence_wanted for line in _need(one)]
    yield from _section("Evidence wanted", wanted)
    yield from _section("Controls", [line for one in shown.controls for line in _control(one)])


def _section(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield heading
        yield from lines


def _indented(text: str, blanks: int = 2) -> str:
    before = " " * blanks
    return fill(
        text, _WIDTH, initial_indent=before, subsequent_indent=before, break_on_hyphens=False
    )


def _fix(fix: str) -> list[str]:
    return [_indented(f"If it fails: {fix}", 4)] if fix else []


def _param(one: "ParamShown") -> Iterator[str]:
    side = f", stricter {one.stricter}" if one.stricter else ""
    yield f"  {one.param} = {one.value}  ({one.type}{side})"
    if one.about:
        yield _indented(one.about, 4)
    yield from (_indented(f"in force: {each}", 4) for each in one.overlays_set)


def _need(one: "NeedShown") -> Iterator[str]:
    yield f"  {one.need}"
    yield _indented(one.in_words, 4)
    if one.where:
        yield _indented(f"where {one.where}", 4)
    yield _indented(f"from {', '.join(one.tools)}", 4)


def _control(one: "ControlShown") -> Iterator[str]:
    yield f"  {one.catalog} {one.control}  {one.title} ({one.relation})"
    yield _indented(one.text or "The catalog may not carry the text.", 4)
