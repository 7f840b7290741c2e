"""Tables of results: a column means what the manifest says, and nothing is guessed at."""

import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assaybook.domain.errors import OperatorError, SubmitterError
from assaybook.domain.facts import DataCheck, Drift, Metric
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.manifest import read_manifest
from assaybook.intake.table_mapping import TableMapping
from assaybook.intake.tabular import read_parquet
from support.documents import evidence_of, opened, refusal

SCORES = "metric,score,group,support,ok\naccuracy,0.91,F,007,yes\nrecall,1e5,M,1.5,no\n"
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("metric",),
    "value": ("score",),
    "slice": ("group",),
    "n": ("support",),
}


def _said(facts: Any = "metric", columns: Any = None, **more: Any) -> Declared:
    mapping = TableMapping(facts=facts, columns=columns or COLUMNS, **more)
    return Declared(format="table", table=mapping)


def _parquet(tmp_path: Path, **columns: Any) -> bytes:
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    path = tmp_path / "t.parquet"
    pd.DataFrame(columns).to_parquet(path)
    return path.read_bytes()


def test_each_row_is_a_metric_of_the_columns_that_the_mapping_names() -> None:
    evidence = evidence_of(SCORES, "scores.csv", said=_said(always={"split": "val"}))
    facts = [fact for fact in evidence.facts if isinstance(fact, Metric)]
    assert [(fact.name, fact.slice, fact.split, fact.value, fact.n) for fact in facts] == [
        ("accuracy", "group=F", "validation", 0.91, 7),
        ("recall", "group=M", "validation", None, None),
    ]
    assert facts[1].unknown == {"value": "unit", "n": "malformed"}
    assert [fact.pointer for fact in facts] == ["/0/score", "/1/score"]
    (row,) = evidence.coverage
    assert (row.question, row.examined, row.errored) == ("metric/quality", 1, 1)


def test_a_code_that_looks_like_a_number_stays_the_text_that_it_is() -> None:
    text = "metric,score,group\naccuracy,0.5,007\naccuracy,0.5,1e5\naccuracy,0.5,=1+1\n"
    columns = {"name": ("metric",), "value": ("score",), "slice": ("group",)}
    facts = evidence_of(text, "s.csv", said=_said(columns=columns)).facts
    slices = [fact.slice for fact in facts if isinstance(fact, Metric)]
    assert slices == ["group=007", "group=1e5", "=1+1"]


def test_several_columns_of_values_are_metrics_by_their_headers_in_percent() -> None:
    text = "sex,age,accuracy,recall\nF,old,91,80.5\noverall,,90,101\n"
    columns = {"value": ("accuracy", "recall"), "slice": ("sex", "age")}
    facts = evidence_of(text, "s.csv", said=_said(columns=columns, unit="percent")).facts
    said = [(f.name, f.slice, f.value) for f in facts if isinstance(f, Metric)]
    assert said == [
        ("accuracy", "age=old,sex=F", 0.91),
        ("recall", "age=old,sex=F", 0.805),
        ("accuracy", "", 0.9),
        ("recall", "", None),
    ]


def test_a_slice_that_stands_in_one_column_is_kept_as_facts_keep_it() -> None:
    text = 'group,recall\n"sex = F, age=old",0.9\n'
    columns = {"value": ("recall",), "slice": ("group",)}
    facts = evidence_of(text, "s.csv", said=_said(columns=columns)).facts
    assert [one.slice for one in facts if isinstance(one, Metric)] == ["age=old,sex=F"]


@pytest.mark.parametrize(
    ("method", "statistic", "read"),
    [
        ("psi", "", "distance"),
        ("Population Stability Index", "", "distance"),
        ("ks", "", None),
        ("ks", "p_value", "p_value"),
        ("ks", "p-value", None),
    ],
)
def test_only_a_table_that_says_so_holds_p_values(
    method: str, statistic: str, read: str | None
) -> None:
    text = f"c,m,s,v,nr,nc\nage,{method},{statistic},0.2,100,200\n"
    columns = {"column": ("c",), "method": ("m",), "statistic": ("s",), "value": ("v",)}
    counts = {"n_reference": ("nr",), "n_current": ("nc",)}
    (fact,) = evidence_of(text, "d.csv", said=_said("drift", columns | counts)).facts
    assert isinstance(fact, Drift)
    assert (fact.statistic, fact.n_reference, fact.n_current) == (read, 100, 200)


def test_the_share_of_a_check_is_of_what_was_examined() -> None:
    text = "check,family,n,bad,status\nnulls,null,200,4,pass\nodd,strange,0,0,fine\n"
    columns = {"check": ("check",), "family": ("family",), "examined": ("n",)}
    columns |= {"failed": ("bad",), "status": ("status",)}
    facts = evidence_of(text, "c.csv", said=_said("data_check", columns)).facts
    checks = [fact for fact in facts if isinstance(fact, DataCheck)]
    assert [(one.family, one.failed_share, one.status) for one in checks] == [
        ("null", 0.02, "pass"),
        (None, None, None),
    ]
    assert checks[1].unknown == {"family": "malformed", "status": "malformed"}


def test_a_table_without_a_mapping_means_nothing() -> None:
    error = refusal(SCORES, "scores.csv", as_format="table")
    assert (error.code, "columns" in error.hint) == ("table-unmapped", True)
    refused = refusal("a;b\n1;2\n", "scores.csv")
    assert (refused.code, "separator:" in refused.hint) == ("format-unknown", True)
    assert refusal("a,b\n1,2\n", "scores.csv").hint == refused.hint


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    error = refusal(SCORES, "scores.csv", said=_said(columns={"value": ("Score",)}))
    assert (error.code, "'Score'" in error.message) == ("table-column-missing", True)
    assert "score" in error.hint


def test_a_row_without_a_name_is_refused_at_its_place() -> None:
    error = refusal("metric,score\n,1\n", "s.csv", said=_said(
        columns={"name": ("metric",), "value": ("score",)}))  # fmt: skip
    assert (error.code, error.where) == ("document-breaks-format", "s.csv#/0/metric")


def test_a_report_in_json_is_no_table() -> None:
    assert refusal("{}", "a.json", said=_said()).code == "format-contradicted"


def test_a_table_of_single_predictions_is_too_large() -> None:
    text = "metric,score\n" + "accuracy,1\n" * 25_001
    error = refusal(text, "s.csv", said=_said(columns={"value": ("score",), "name": ("metric",)}))
    assert error.code == "document-too-large"


def test_another_mapping_of_the_same_bytes_is_another_submission() -> None:
    first = evidence_of(SCORES, "s.csv", said=_said())
    other = evidence_of(SCORES, "s.csv", said=_said(always={"split": "test"}))
    assert first.envelope.blob == other.envelope.blob
    assert first.envelope.id != other.envelope.id
    assert [one.partition(":")[0] for one in first.envelope.declared] == ["table"]


def test_parquet_reads_as_the_same_table_in_csv_does(tmp_path: Path) -> None:
    raw = _parquet(tmp_path, metric=["accuracy", "recall"], score=[0.91, None],
                   group=["F", "007"], support=[7, 8], ok=[True, False])  # fmt: skip
    found = opened(raw, "scores.parquet", _said())
    facts = [fact for fact in found.evidence[0].facts if isinstance(fact, Metric)]
    assert [(fact.name, fact.slice, fact.value, fact.n) for fact in facts] == [
        ("accuracy", "group=F", 0.91, 7),
        ("recall", "group=007", None, 8),
    ]
    assert found.kept == raw
    assert found.evidence[0].envelope.format_version == "parquet"


def test_a_number_of_a_parquet_table_that_is_none_is_marked(tmp_path: Path) -> None:
    pyarrow: Any = pytest.importorskip("pyarrow")
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    nan = pyarrow.array([float("nan"), float("inf")])
    parquet.write_table(
        pyarrow.table({"metric": ["accuracy", "recall"], "score": nan}), tmp_path / "a.parquet"
    )
    columns = {"name": ("metric",), "value": ("score",)}
    raw = (tmp_path / "a.parquet").read_bytes()
    facts = evidence_of(raw, "a.parquet", said=_said(columns=columns)).facts
    assert [fact.unknown for fact in facts] == [{"value": "malformed"}] * 2


def test_a_cell_that_is_no_plain_value_is_no_number_and_no_word(tmp_path: Path) -> None:
    raw = _parquet(
        tmp_path,
        name=[date(2026, 1, 2), date(2026, 1, 3)],
        price=[Decimal("0.5"), Decimal("0.25")],
        truth=[True, False],
        took=[timedelta(seconds=1)] * 2,
        raw=[b"0.5", b"1"],
        many=[[1], [2]],
    )
    columns, rows, odd = read_parquet(raw, "a.parquet", Limits())
    assert rows[0] == {
        "name": "2026-01-02", "price": "0.50", "truth": True, "took": "0 days 00:00:01", "raw": [],
    }  # fmt: skip
    assert (columns, odd) == (("name", "price", "truth", "took", "raw"), frozenset())
    values = {"name": ("name",), "value": ("truth",)}
    facts = evidence_of(raw, "a.parquet", said=_said(columns=values)).facts
    assert [fact.unknown for fact in facts] == [{"value": "malformed"}] * 2
    unread = refusal(raw, "a.parquet", said=_said(columns={"value": ("many",)}))
    assert unread.code == "table-column-missing"


def test_a_parquet_table_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    raw = _parquet(tmp_path, a=[1])
    with pytest.raises(SubmitterError) as error:
        read_parquet(raw, "a.parquet", Limits(size=10))
    assert error.value.code == "document-too-large"


def test_a_secret_in_a_parquet_table_is_not_kept(tmp_path: Path) -> None:
    token = "ghp_" + "a" * 36
    raw = _parquet(tmp_path, metric=["accuracy"], score=[0.5], note=[token])
    columns = {"name": ("metric",), "value": ("score",)}
    found = opened(raw, "a.parquet", _said(columns=columns))
    assert token.encode() not in found.kept
    assert found.evidence[0].envelope.redactions


def test_what_is_no_parquet_or_unfolds_too_far_is_refused(tmp_path: Path) -> None:
    raw = _parquet(tmp_path, metric=["accuracy"] * 2000, score=[0.5] * 2000)
    for cut in (raw[:100], raw[:-10], b"PAR1" + b"\0" * 50, b"PAR1", b"metric,score\n"):
        assert refusal(cut, "a.parquet", said=_said()).code == "parquet-malformed"
    with pytest.raises(SubmitterError) as error:
        read_parquet(raw, "a.parquet", Limits(keys=100))
    assert error.value.code == "document-too-large"
    long = _parquet(tmp_path, metric=["x" * 60_000] * 5000, score=[0.5] * 5000)
    with pytest.raises(SubmitterError) as error:
        read_parquet(long, "a.parquet", Limits(size=1_000_000))
    assert error.value.code == "document-too-large"


def test_parquet_that_nobody_names_is_not_opened(tmp_path: Path) -> None:
    assert refusal(_parquet(tmp_path, a=[1]), "train.parquet").code == "document-binary"


def test_without_the_extra_a_person_is_told_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = _parquet(tmp_path, a=[1])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OperatorError) as error:
        read_parquet(raw, "a.parquet", Limits())
    assert (error.value.code, "assaybook[parquet]" in error.value.hint) == ("extra-missing", True)


def _manifest(tmp_path: Path, entry: str) -> TableMapping | None:
    (tmp_path / "s.csv").write_text(SCORES)
    text = "files:\n  - path: s.csv\n" + "".join(f"    {line}\n" for line in entry.splitlines())
    (tmp_path / "evidence.yaml").write_text(text)
    (found,) = read_manifest(tmp_path / "evidence.yaml", Limits()).entries
    return found.declared[0].table


def test_a_manifest_says_what_the_columns_mean(tmp_path: Path) -> None:
    entry = "as: table\nfacts: metric\ncolumns: {name: metric, value: score, slice: [group]}\n"
    assert _manifest(tmp_path, f"{entry}always: {{split: test}}\nunit: percent") == TableMapping(
        facts="metric",
        columns={"name": ("metric",), "value": ("score",), "slice": ("group",)},
        always={"split": "test"},
        unit="percent",
    )


@pytest.mark.parametrize(
    ("entry", "line", "reason"),
    [
        ("as: table", 2, "columns must name"),
        ("as: table\nfacts: metrics\ncolumns: {value: a}", 4, "one of metric, drift"),
        ("as: table\ncolumns: {valu: score}", 4, "no field 'valu'"),
        ("as: table\ncolumns:\n  value: score\n  n: [a, b]", 6, "a column must be named"),
        ("as: table\ncolumns: {name: metric}", 4, "'value' must be named"),
        ("as: table\ncolumns: {name: m, value: [a, b]}", 4, "named by their headers"),
        ("as: table\ncolumns: {value: a}\nalways: {value: '1'}", 5, "a column gives this field"),
        ("as: table\ncolumns: {value: a}\nalways: [split]", 5, "a word for each field"),
        ("as: table\ncolumns: {value: a}\nalways: {split: ''}", 5, "a word must stand here"),
        ("as: table\ncolumns: {value: a}\nunit: ms", 5, "ratio or percent"),
        ("as: fairlearn\ncolumns: {value: a}", 4, "is for a file with as: table"),
        ("as: table\nfacts: drift\ncolumns: {column: c}", 5, "'method' must be named"),
    ],
)
def test_a_mapping_that_is_wrong_is_pointed_at(
    entry: str, line: int, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(SubmitterError) as error:
        _manifest(tmp_path, entry)
    assert error.value.code == "manifest-invalid"
    assert reason in error.value.message
    assert error.value.message.splitlines()[-1].strip(" ^") == ""
    assert f"evidence.yaml:{line}:" in error.value.where


def test_the_caret_stands_under_the_word_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SubmitterError) as error:
        _manifest(tmp_path, "as: table\ncolumns: {name: metric, valu: score}")
    *_, shown, carets = error.value.message.splitlines()
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "valu"
    assert error.value.hint == "Did you mean 'value'?"


SEMICOLONS = SCORES.replace(",", ";")
TABS = SCORES.replace(",", "\t")


def _rows(content: object, name: str = "s.csv", **said: Any) -> list[tuple[Any, ...]]:
    facts = evidence_of(content, name, said=_said(**said)).facts
    return [(one.name, one.slice, one.value) for one in facts if isinstance(one, Metric)]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        pytest.param(SEMICOLONS, "s.csv", {}, id="semicolons"),
        pytest.param(TABS, "s.csv", {}, id="tabs"),
        pytest.param(TABS, "s.tsv", {}, id="tabs by name"),
        pytest.param(SCORES.encode("utf-16"), "s.csv", {}, id="UTF-16"),
        pytest.param(TABS.encode("utf-16"), "s.tsv", {}, id="UTF-16 with tabs"),
        pytest.param(SCORES.replace(",", "|"), "s.csv", {"separator": "|"}, id="as is said"),
        pytest.param(
            SEMICOLONS.replace("0.91", "0,91"), "s.csv", {"decimal": ","}, id="commas in numbers"
        ),
        pytest.param(
            SCORES.replace("0.91", '"0,91"'), "s.csv", {"decimal": ","}, id="quoted numbers"
        ),
    ],
)
def test_one_table_in_several_dialects_is_one_table(
    content: object, name: str, said: dict[str, Any]
) -> None:
    assert _rows(content, name, **said) == _rows(SCORES)


@pytest.mark.parametrize(
    "text",
    [SEMICOLONS.replace("0.91", "1,910"), SEMICOLONS.replace("0.91", "0,91").replace("7", "7.5")],
    ids=["thousands", "commas and points"],
)
def test_a_comma_in_a_number_is_no_guess_of_ours(text: str) -> None:
    error = refusal(text, "s.csv", said=_said())
    assert (error.code, error.where) == ("csv-malformed", "s.csv")
    assert 'decimal: ","' in error.hint
    assert _rows(text, decimal=".")[0] == ("accuracy", "group=F", None)
    assert refusal(text, "s.csv", as_format="fairlearn").where == "s.csv"


def test_a_comma_that_can_only_be_of_a_fraction_is_one() -> None:
    whole = SEMICOLONS.replace("1.5", "2")
    assert _rows(whole.replace("0.91", "0,91")) == _rows(whole)


def test_a_header_with_semicolons_and_tabs_is_no_guess_either() -> None:
    text = "metric\tscore;group\taccuracy\n"
    assert "separator: tab" in refusal(text, "s.csv", said=_said()).hint
    assert refusal('a;"x,y"\n1;2;3\n', "s.csv", said=_said()).where == "s.csv:2"


@pytest.mark.parametrize(
    "raw",
    [SCORES.encode("utf-16-le"), SCORES.encode("utf-32"), b"\xff\xfea", "a,\0".encode("utf-16")],
    ids=["no mark", "wider", "cut", "NUL"],
)
def test_other_encodings_of_a_table_are_refused(raw: bytes) -> None:
    assert refusal(raw, "s.csv", said=_said()).code == "encoding-not-utf8"


def test_a_mapping_that_says_nothing_of_the_dialect_is_the_mapping_that_it_was() -> None:
    plain = TableMapping(facts="metric", columns={"value": ("a",)})
    assert plain.digest() == "49c0a3e969f98d17"
    assert plain.model_copy(update={"decimal": ","}).digest() != plain.digest()


@pytest.mark.parametrize("said", ["separator: /", "decimal: ;"])
def test_a_dialect_that_no_table_has_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(SubmitterError) as error:
        _manifest(tmp_path, f"as: table\ncolumns: {{name: metric, value: score}}\n{said}")
    assert error.value.code == "manifest-invalid"


def test_a_manifest_says_the_dialect(tmp_path: Path) -> None:
    entry = "as: table\ncolumns: {name: metric, value: score}\nseparator: tab\ndecimal: ','"
    found = _manifest(tmp_path, entry)
    assert found is not None
    assert (found.separator, found.decimal) == ("\t", ",")
