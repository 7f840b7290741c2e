"""Which policies bear on which controls, and which rules tell no release from another."""

import csv
from io import StringIO
from xml.etree import ElementTree as ET

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Bundle, ControlLink, Scope, ScopeControl
from assaybook.reporting.matrix import (
    Matrix,
    MatrixControl,
    matrix_csv,
    matrix_markdown,
    matrix_svg,
    reached_words,
)
from assaybook.service.bundles import Ruling
from assaybook.service.controls import coverage, shipped_catalogs
from assaybook.service.controls_tried import Tried, matrix_of, tried
from support.assessing import a_catalog, a_control, a_policy, assessed, links
from support.evidence import a_document, a_metric, a_subject
from support.rules import a_rule

POLICY = a_policy(
    a_rule(id="low", pass_when="recall.exists(r, r.value > 0.1)", needs=("recall",)),
    a_rule(id="high", pass_when="recall.exists(r, r.value > 0.95)", needs=("recall",)),
    a_rule(id="tells", pass_when="recall.exists(r, r.value > 0.7)", needs=("recall",)),
    a_rule(id="lost", pass_when="recall.exists(r, r.ci_low > 0.7)", needs=("recall",)),
)
ASIDE = a_policy(
    a_rule(id="aside", pass_when="recall.exists(r, r.value > 0.1)", needs=("recall",)),
    id="house.aside",
    applies="1 > 2",
)


def _tried(*documents: Evidence) -> Tried:
    def one(index: int, document: Evidence) -> object:
        subject = a_subject(release={"version": str(index)})
        return assessed(document, policies=[POLICY, ASIDE], subject=subject)

    judged = [one(index, document) for index, document in enumerate(documents, 1)]
    return tried(judged, [POLICY, ASIDE])  # type: ignore[arg-type]


def _recall(value: float, release: str) -> Evidence:
    return a_document(a_metric(value=value), release=release)


def test_a_rule_that_never_or_always_fires_or_never_decides_is_named() -> None:
    found = _tried(_recall(0.9, "1"), _recall(0.5, "2"))
    assert found.releases == ("s 1", "s 2")
    told = {one.rule: (one.fires, one.vacuous) for one in found.rules}
    assert told == {
        "aside": (None, "it applies to no release"),
        "low": (0.0, "it never fires"),
        "high": (1.0, "it always fires"),
        "tells": (0.5, ""),
        "lost": (None, "it decides no release: what it asks for is never known"),
    }
    assert [one.rule for one in found.vacuous] == ["aside", "low", "high", "lost"]
    assert found.rules[1].outcomes == {Outcome.PASS: 2}


def test_a_need_that_no_release_meets_is_named_and_one_that_nobody_asked_is_not() -> None:
    met = _tried(_recall(0.9, "1"), _recall(0.9, "9"))
    assert [(one.need, one.met, one.asked) for one in met.needs] == [("recall", 1, 2)]
    assert met.unmet == ()
    never = _tried(_recall(0.9, "9"))
    assert [one.need for one in never.unmet] == ["recall"]


def test_without_a_release_nothing_is_said_to_work() -> None:
    found = _tried()
    assert {one.vacuous for one in found.rules} == {"no release was judged"}
    assert found.needs == ()


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    catalog = a_catalog(
        a_control("A1"), a_control("A2"), a_control("A|3"), a_control("=A4"), catalog_id="house"
    )
    scope = Scope(
        controls=(ScopeControl(catalog="house", control="A2", applies=False, reason="Not <ours>"),)
    )
    other = a_policy(id="house.b", controls=links("A1", "A|3", relation="supports"), title="<b>")
    bundle = Bundle(
        policies=(other, a_policy()), overlays=(), scope=scope, catalogs={}, digest="sha256:0"
    )
    return matrix_of(Ruling(bundle, (catalog,)))


def test_the_matrix_shows_how_each_policy_bears_on_each_control(matrix: Matrix) -> None:
    assert [one.policy for one in matrix.policies] == ["house.b", "house.recall"]
    assert {one.control: (one.state, one.reach) for one in matrix.controls} == {
        "A1": ("covered", {"house.b": "supports", "house.recall": "implements"}),
        "A2": ("left_out", {}),
        "A|3": ("covered", {"house.b": "supports"}),
        "=A4": ("gap", {}),
    }


def test_a_control_out_of_scope_does_not_count_as_covered_by_the_rule_that_it_has() -> None:
    row = MatrixControl(catalog="c", control="A", title="A", reach={"p.q": "implements"})
    assert row.state == "covered"
    aside = row.model_copy(update={"left_out": "Not ours."})
    assert aside.state == "left_out"
    assert (
        reached_words((row, aside))
        == "1 of 1 controls have a rule; 1 can be met, 0 supported at most"
    )


def test_the_matrix_is_a_table_for_spreadsheets_that_runs_nothing(matrix: Matrix) -> None:
    lines = list(csv.reader(StringIO(matrix_csv(matrix))))
    assert lines[0] == ["catalog", "control", "title", "state", "house.b", "house.recall"]
    assert lines[1] == ["house", "A1", "A1", "covered", "supports", "implements"]
    assert [line[1] for line in lines[2:]] == ["A2", "A|3", "'=A4"]


def test_the_matrix_is_a_table_in_markdown_that_nothing_breaks(matrix: Matrix) -> None:
    text = matrix_markdown(matrix)
    assert "2 of 3 controls have a rule; 1 can be met, 1 supported at most." in text
    assert "| A1 | A1 | 2 | ○ | ● |" in text
    assert "| A\\|3 | A\\|3 | 1 | ○ |  |" in text
    assert "| A2 | A2 (left out: Not \\<ours\\>) | not in scope |  |  |" in text
    assert "| =A4 | =A4 | none |  |  |" in text


def test_the_matrix_is_a_drawing_that_says_the_same(matrix: Matrix) -> None:
    root = ET.fromstring(matrix_svg(matrix))  # noqa: S314 - our own
    words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"A1", "A|3", "no rule", "not in scope", "2 of 3 controls have a rule"} <= set(words)
    title = next(root.iter("{http://www.w3.org/2000/svg}title")).text
    assert title == "Controls by policies. house: 2 of 3 controls have a rule"


def test_an_article_stands_by_its_points_and_is_no_gap_beside_them() -> None:
    acts = [shipped_catalogs()["eu-ai-act"]]
    bare = {one.control for one in coverage((), acts)}
    assert len(bare) == 166
    assert not {"Art. 14(4)", "Art. 11(3)", "Annex III(5)(b)"} & bare
    assert {"Art. 14(4)(d)", "Art. 15(1)"} <= bare
    named = a_policy(controls=(ControlLink("eu-ai-act", "Art. 14(4)", "supports"),))
    assert "Art. 14(4)" in {one.control for one in coverage((named,), acts)}
