"""Reports of scanners, bills of materials and test runs, damaged anywhere: read, or one problem."""

import copy
import json
import random
from typing import Any, Final, cast
from xml.sax.saxutils import escape, quoteattr

from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.fact_types import question_of
from support.documents import DEFECTS, opened

FORMATS: Final = ("trivy", "sarif", "cyclonedx", "spdx", "pip-audit", "junit")
FILES: Final = tuple(sorted(path for one in FORMATS for path in (DEFECTS / one).iterdir()))
IN_JSON: Final[dict[str, Any]] = {
    f"{path.parent.name}/{path.name}": json.loads(path.read_bytes())
    for path in FILES
    if path.suffix != ".xml"
}
IN_XML: Final = tuple(path for path in FILES if path.suffix == ".xml")
VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**60)
    | st.floats(allow_nan=True)
    | st.sampled_from(["", "x", "FAIL", "pass", "HIGH", "sha256", "u:m", "50 %", "2026-11-20"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "id", "ref", "type", "uri"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES: Final = st.sampled_from(
    [
        *("testsuites", "testsuite", "testcase", "failure", "error", "skipped", "properties"),
        *("property", "bom", "components", "component", "name", "version", "hashes", "hash"),
        *("licenses", "license", "dependency", "dependencies", "modelCard", "vulnerability"),
    ]
)
TEXTS: Final = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12
)
PLAIN: Final[dict[str, str]] = {}
Tree = tuple[str, dict[str, str], Any]
TREES: Final[st.SearchStrategy[Tree]] = st.recursive(
    st.tuples(
        NAMES, st.dictionaries(st.sampled_from(["name", "tests", "ref", "type"]), TEXTS), TEXTS
    ),
    lambda inner: st.tuples(NAMES, st.just(PLAIN), st.lists(inner, max_size=4)),
    max_leaves=15,
)


def _outcome(
    content: object, name: str, declared: str | None
) -> tuple[tuple[Evidence, ...], SubmitterError | None]:
    try:
        return opened(content, name, as_format=declared).evidence, None
    except SubmitterError as error:
        return (), error


def _read(content: object, name: str, declared: str | None = None) -> tuple[Evidence, ...]:
    """Return what was read; a refusal is an answer, and never our own adapters' failure."""
    found, error = _outcome(content, name, declared)
    if error is not None:
        assert error.code != "adapter-failed"
        assert error.where
        assert error.hint or error.code == "runs-not-told-apart"
    for one in found:
        questions = {row.question for row in one.coverage}
        assert {question_of(fact) for fact in one.facts} <= questions
        assert len(questions) == len(one.coverage)
        assert Evidence.model_validate_json(one.model_dump_json(by_alias=True)) == one
    return found


@given(st.sampled_from(sorted(IN_JSON)), st.randoms(use_true_random=False), VALUES)
def test_a_report_with_one_part_changed_is_read_or_refused(
    name: str, random_: random.Random, value: object
) -> None:
    document = copy.deepcopy(IN_JSON[name])
    _change(document, random_, value)
    _read(json.dumps(document), "a.json")
    _read(json.dumps(document), "a.json", name.partition("/")[0])


@given(st.sampled_from(range(len(IN_XML))), st.integers(0, 10_000), st.binary(max_size=3))
def test_xml_with_some_bytes_changed_is_read_or_refused(
    index: int, at: int, instead: bytes
) -> None:
    raw = IN_XML[index].read_bytes()
    place = at % len(raw)
    _read(raw[:place] + instead + raw[place + len(instead) :], "a.xml")
    _read(raw[:place], "a.xml")


@given(TREES, st.sampled_from(["", "http://cyclonedx.org/schema/bom/1.6"]), st.booleans())
def test_any_xml_of_our_words_is_read_or_refused(
    tree: Tree,
    space: str,
    as_is: bool,  # noqa: FBT001 - drawn, not called
) -> None:
    text = _written(tree, f' xmlns="{space}"' if space else "")
    wrapped = text if as_is else f'<bom xmlns="{space}">{text}</bom>'
    for declared in (None, "junit", "cyclonedx"):
        _read(wrapped, "a.xml", declared)


def _written(tree: Tree, extra: str = "") -> str:
    name, attributes, inner = tree
    shown = "".join(f" {key}={quoteattr(text)}" for key, text in attributes.items())
    if isinstance(inner, str):
        return f"<{name}{extra}{shown}>{escape(inner)}</{name}>"
    below = "".join(_written(one) for one in cast("list[Tree]", inner))
    return f"<{name}{extra}{shown}>{below}</{name}>"


def _change(document: Any, random_: random.Random, value: object) -> None:
    """Put a value in the place of a part of a document, or take the part out."""
    at: Any = document
    while True:
        held = cast("dict[str, Any]", at) if isinstance(at, dict) else None
        keys: list[Any] = list(range(len(cast("list[Any]", at)))) if held is None else list(held)
        if not keys:
            return
        key = random_.choice(keys)
        below = cast("Any", at[key])
        if isinstance(below, dict | list) and below and random_.random() < 0.8:
            at = cast("Any", below)
            continue
        if random_.random() < 0.25:
            del at[key]
        else:
            at[key] = value
        return
