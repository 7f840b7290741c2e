"""Redaction rules of third parties: checked when the adapter is loaded, applied as ours are."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import Any, cast

import pytest

from assaybook.domain.errors import OperatorError
from assaybook.intake import registry
from assaybook.intake.adapter import ENTRY_POINTS
from assaybook.intake.adapter_rules import check_rules
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.redact import Redacted, redact
from assaybook.intake.redaction_rules import Rule

RULE = Rule("note", "notes", ("notes", "*", "text"))
WORDS = "the patient was worse"


class Declares:
    """What check_rules looks at of an adapter."""

    def __init__(self, *rules: object) -> None:
        self.redactions = rules


def _faulty(**members: object) -> Rule:
    return replace(RULE, **cast("dict[str, Any]", members))


def _refused(adapter: object) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        check_rules(adapter, "notes", "a.package:Notes")
    assert caught.value.code == "redaction-rule-invalid"
    assert "uninstall or update" in caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", "Note"),
        ("name", ""),
        ("name", 3),
        ("name", "copy"),
        ("name", "aws-key"),
        ("format", "mlflow"),
        ("path", ()),
        ("path", "notes/*/text"),
        ("path", ["notes"]),
        ("path", ("notes", "")),
        ("path", ("notes", 0)),
        ("path", ("*",) * 33),
        ("secret", "yes"),
        ("but", {"id"}),
        ("but", frozenset({1})),
    ],
    ids=str,
)
def test_a_malformed_rule_is_an_error_with_its_place(member: str, value: object) -> None:
    error = _refused(Declares(RULE, _faulty(**{member: value})))
    assert error.where == f"a.package:Notes redactions[1].{member}"


def test_rules_that_are_none_are_an_error() -> None:
    listed = Declares()
    listed.redactions = cast("tuple[object, ...]", [RULE])
    assert _refused(listed).where == "a.package:Notes redactions"
    assert _refused(Declares({"name": "note"})).where == "a.package:Notes redactions[0]"
    assert "at most 200" in _refused(Declares(*[RULE] * 201)).message


def test_an_adapter_without_rules_or_with_good_ones_is_used() -> None:
    check_rules(object(), "notes", "")
    check_rules(Declares(RULE), "notes", "")


class Careless:
    """A published adapter with a rule for another format."""

    name = "notes"
    version = 1
    versions = ("1",)
    facts = ("review",)
    questions = ("review",)
    redactions = (replace(RULE, format="other"),)

    def detect(self, _document: object, *, _declared: bool = False) -> None:
        return None

    def read(self, _document: object, _detected: object) -> tuple[object, ...]:
        return ()


class _Loads(EntryPoint):
    def load(self) -> object:
        return Careless


def test_an_adapter_with_a_malformed_rule_is_not_loaded() -> None:
    points = [_Loads("notes", "a.package:Notes", ENTRY_POINTS)]
    for load in (lambda: registry.adapter_named("notes", points), lambda: [*_all(points)]):
        with pytest.raises(OperatorError) as caught:
            load()
        assert caught.value.code == "redaction-rule-invalid"


def _all(points: Sequence[EntryPoint]) -> Sequence[object]:
    return list(registry.adapters(points))


def _redacted(text: str, name: str, path: tuple[str, ...], **members: object) -> Redacted:
    rules = (_faulty(path=path, **members),)
    return redact(parse(text.encode(), name, Limits()), "notes", rules)


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("a.json", f'{{"notes": [{{"id": 1, "text": "{WORDS}"}}]}}', ("notes", "*", "text")),
        ("a.jsonl", f'{{"id": 1, "text": "{WORDS}"}}\n{{"id": 2}}\n', ("*", "text")),
        ("a.yaml", f"notes:\n- id: 1\n  text: {WORDS}\n", ("notes", "*", "text")),
        ("a.csv", f'id,text\n1,"{WORDS}, and more"\n', ("*", "text")),
        (
            "a.xml",
            f'<n:notes xmlns:n="urn:x">\n<n:note id="1">{WORDS}</n:note></n:notes>',
            ("children", "*", "text"),
        ),
        ("a.md", f"---\nid: 1\nnotes:\n- text: {WORDS}\n---\n# Card\n", ("notes", "*", "text")),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 8 else "",
)
def test_a_rule_removes_its_place_from_every_kind_of_text(
    name: str, text: str, path: tuple[str, ...]
) -> None:
    found = _redacted(text, name, path)
    assert found.removed == ("note: 1",)
    assert found.kept is not None
    assert WORDS.encode() not in found.kept
    assert b"[redacted]" in found.kept
    again = parse(found.kept, name, Limits())
    assert again.value == found.document.value
    assert again.body_line == found.document.body_line


def test_lines_of_elements_and_of_a_body_stay_where_they_were() -> None:
    report = (
        "<a>\n<!-- said -->\n\n <b>x &amp;\n y</b>\n"
        f'<c word="{WORDS}" x:z="1" xmlns:x="urn:x">&lt;</c>\n</a>'
    )
    found = _redacted(report, "a.xml", ("children", "*", "attributes", "word"))
    assert found.kept is not None
    assert found.kept.decode().splitlines()[3:6] == [
        "<b>x &amp;",
        " y</b>",
        '<c word="[redacted]">&lt;</c></a>',
    ]
    card = f"---\nnote: {WORDS}\nmore:\n- a\n- b\n---\nBody, where {WORDS}.\n"
    found = _redacted(card, "a.md", ("note",), secret=True)
    assert found.kept is not None
    assert found.kept.decode().splitlines()[6] == "Body, where [redacted]."
    assert found.removed == ("copy: 1", "note: 1")


def test_names_that_are_copies_of_what_is_removed_go_too() -> None:
    report = f'<a word="{WORDS}"><patient0 worse99="1"/></a>'.replace(WORDS, "patient0")
    found = _redacted(report, "a.xml", ("attributes", "word"), secret=True)
    assert found.kept == b'<a word="[redacted]"><redacted worse99="1"></redacted></a>\n'
    column = _redacted("id,patient0\npatient0,2\n", "a.csv", ("*", "id"), secret=True)
    assert column.kept == b"id,[redacted]\n[redacted],2\n"
    assert column.document.columns == ("id", "[redacted]")


def test_what_no_rule_names_stays_as_it_came() -> None:
    found = _redacted('{"notes": []}', "a.json", ("notes", "*", "text"))
    assert (found.kept, found.removed) == (None, ())
