"""Tables of cases: a row is a case, and what is wrong with a row is told at the row."""

from typing import Final

import pytest
from pydantic_core import to_json

from assaybook.domain.facts import Metric
from assaybook.domain.finding import Outcome
from assaybook.language.cases import Cases, load_cases
from assaybook.language.cases_table import written_rows
from assaybook.language.document_problems import ProblemsError
from support.policies import SOUND, policy, source

HEAD: Final = """\
policy: demo.recall
defaults:
  as_of: 2026-11-20T00:00:00Z
  params: {slices: [a, b]}
  evidence: {type: metric, age: 3d}
"""
TABLE: Final = """\
tables:
  - name: around the floor
    case:
      evidence:
        - facts: [{name: recall, slice: a, value: 0.9}]
      expect: {complete: inconclusive}
    columns: {value: evidence.0.facts.0.value, floor: params.floor, age: evidence.0.age}
    expect: [floor]
    rows:
      - [0.8, 0.8, 90d, pass]
      - [0.79, 0.8, 1d, inconclusive (stale missing)]
      - [null, null, 1d, "fail"]
"""


def _load(text: str) -> Cases:
    return load_cases(source(HEAD + text, "demo.cases.yaml"), policy(SOUND))


def _faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ProblemsError) as caught:
        _load(text)
    return [(one.code, one.where.partition(":")[2]) for one in caught.value.problems]


def test_each_row_is_a_case_of_its_own_with_a_name_and_a_place() -> None:
    first, second, third = _load(TABLE).cases
    assert first.name == "around the floor, row 1: value=0.8, floor=0.8, age=90d"
    assert [one.where for one in (first, third)] == ["demo.cases.yaml:15:9", "demo.cases.yaml:17:9"]
    assert (first.params["floor"], "floor" in third.params) == (0.8, False)
    values = [one.evidence[0].facts[0] for one in (first, second, third)]
    assert [one.value for one in values if isinstance(one, Metric)] == [0.8, 0.79, None]
    assert (first.as_of - first.evidence[0].envelope.produced_at).days == 90  # type: ignore[operator]
    assert {name: one.outcome for name, one in first.expect.items()} == {
        "floor": Outcome.PASS,
        "complete": Outcome.INCONCLUSIVE,
    }
    assert second.expect["floor"].reasons == ("stale", "missing")


def test_each_row_can_be_written_out_as_a_case_that_says_the_same() -> None:
    rows = list(written_rows(source(HEAD + TABLE, "demo.cases.yaml").values()))
    written = to_json([{"name": f"row {at}", **row} for at, row in enumerate(rows)]).decode()
    alone = _load(f"cases: {written}\n").cases
    assert [one.expect for one in alone] == [one.expect for one in _load(TABLE).cases]
    assert [one.evidence[0].facts for one in alone] == [
        one.evidence[0].facts for one in _load(TABLE).cases
    ]


def test_tables_and_single_cases_stand_in_one_file_under_names_of_their_own() -> None:
    single = "cases:\n  - {name: around the floor, expect: {floor: pass, complete: pass}}\n"
    assert _faults(single + TABLE) == [("case-twice", "9:11")]
    both = _load(single.replace("around", "at") + TABLE)
    assert len(both.cases) == 4


def test_a_file_without_any_case_is_refused() -> None:
    assert _faults("") == [("cases-empty", "1:1")]


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        pytest.param("90d, pass]", "90d]", ("table-row", "15:9"), id="a cell too few"),
        pytest.param("90d, pass]", "90d, passes]", ("table-row", "15:9"), id="no outcome"),
        pytest.param("90d, pass]", "90d, 1]", ("table-row", "15:9"), id="a number for an outcome"),
        pytest.param("facts.0.value", "facts.1.value", ("table-row", "15:9"), id="no such fact"),
        pytest.param("evidence.0.age", "evidence.7", ("table-row", "15:9"), id="no such document"),
        pytest.param("0.facts.0.value", "x.value", ("table-row", "15:9"), id="a key of a list"),
        pytest.param("facts.0.value", "facts.0.name.x", ("table-row", "15:9"), id="under a text"),
        pytest.param("facts.0.value", "facts.0.name.x.y", ("table-row", "15:9"), id="far under"),
        pytest.param("params.floor", "parms.floor", ("unknown-key", "15:9"), id="an unknown key"),
        pytest.param("params.floor", "params.flor", ("param-unknown", "15:9"), id="no such param"),
        pytest.param("params.floor", "params", ("bad-form", "12:55"), id="no place"),
        pytest.param("[floor]", "[flor]", ("rule-unknown", "13:14"), id="no such rule"),
        pytest.param("(stale ", "(stal ", ("reason-unknown", "16:9"), id="no such reason"),
        pytest.param("value: 0.9", "valeu: 0.9", ("unknown-key", "10:44"), id="no such column"),
        pytest.param("[0.79,", '["x",', ("wrong-type", "16:9"), id="a value of another type"),
    ],
)
def test_a_fault_of_a_table_is_told_once_with_its_place(
    was: str, becomes: str, expected: tuple[str, str]
) -> None:
    assert was in TABLE
    assert expected in _faults(TABLE.replace(was, becomes))


def test_a_fault_of_a_row_is_told_of_what_the_row_says_and_not_of_what_it_replaces() -> None:
    said = {}
    for cell in ("[79%, 0.8,", "[0.8, 80%,"):
        with pytest.raises(ProblemsError) as caught:
            _load(TABLE.replace("[0.79, 0.8,", cell))
        said[cell] = caught.value.problems[0].message.partition(" must be ")[2]
    assert said == {
        "[79%, 0.8,": "a number, not the text '79%'",
        "[0.8, 80%,": "a number from 0 to 1, not the text '80%'",
    }


def test_a_column_may_be_a_whole_member_of_a_list() -> None:
    text = TABLE.replace("evidence.0.age", "evidence.0").replace("90d,", "{facts: []},")
    assert ("case-evidence", "12:9") not in _faults(text)


def test_a_table_that_would_be_too_much_work_is_refused_before_any_of_it() -> None:
    facts = ", ".join(["{name: recall, slice: a, value: 0.9}"] * 100)
    rows = "\n".join(["      - [0.8, 0.8, 90d, pass]"] * 200)
    text = TABLE.replace("{name: recall, slice: a, value: 0.9}", facts)
    head, _rows, _rest = text.partition("    rows:\n")
    assert _faults(f"{head}    rows:\n{rows}\n") == [("cases-too-large", "6:1")]
    many = "".join(TABLE.replace("tables:\n", "").replace("floor\n", f"{n}\n", 1) for n in range(4))
    long = many.replace("      - [0.8, 0.8, 90d, pass]\n", "      - [0.8, 0.8, 90d, pass]\n" * 150)
    assert [code for code, _where in _faults(f"tables:\n{long}")] == ["cases-too-large"]


def test_many_cases_with_many_documents_are_refused_before_any_of_them_is_read() -> None:
    case = "  - {name: number %d, expect: {floor: pass}, evidence: [%s]}\n"
    text = "".join(case % (number, ", ".join(["{age: 1d}"] * 60)) for number in range(20))
    assert [code for code, _where in _faults(f"cases:\n{text}")] == ["cases-too-large"]


OVERLAY: Final = """\
cases:
  - name: an overlay asks for more
    overlays:
      - {for: 'system.risk_tier == "high"', params: {floor: 0.9}}
    expect: {floor: pass, complete: pass}
"""


def test_a_case_is_judged_under_overlays_that_tighten() -> None:
    (case,) = _load(OVERLAY).cases
    (overlay,) = case.overlays
    assert (overlay.name, overlay.sets[0].params) == ("overlay of the case 1", {"floor": 0.9})
    assert _faults(OVERLAY.replace("0.9}", "0.1}")) == [("overlay-relaxes", "9:61")]
    assert _faults(OVERLAY.replace("risk_tier", "risk_teir"))[0][0] == "unknown-field"
