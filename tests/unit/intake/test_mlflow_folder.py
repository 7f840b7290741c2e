"""A run of MLflow's file store: its files are read together, and none of them vanishes."""

from pathlib import Path

import pytest

from assaybook.domain.facts import Metric
from assaybook.intake.mlflow_folder import looks_like_run
from assaybook.intake.read import Receipt
from assaybook.service.read_evidence import ReadPaths, read_paths
from support.documents import RECEIVED

META = """\
end_time: 1795217022144
experiment_id: '1'
lifecycle_stage: active
run_id: r1
run_name: base
start_time: 1795217020598
status: 3
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return the folder of a run as MLflow writes one."""
    folder = tmp_path / "1" / "r1"
    for name, text in {
        "meta.yaml": META,
        "metrics/val_accuracy": "1795217020600 0.7 0\n1795217020700 0.9 1\n1795217020650 0.8 1\n",
        "metrics/slices/recall": "1795217020600 0.6 0 wdbc 7085821e\n",
        "metrics/ece": "1795217020600 nan 0\n",
        "metrics/empty": "",
        "tags/mlflow.runName": "base",
        "tags/assaybook.dataset": "wdbc\n",
        "params/C": "1.0",
        "artifacts/model/MLmodel": "flavors: {}\nrun_id: r1\n",
        "artifacts/notes.txt": "words",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _read(*paths: Path) -> ReadPaths:
    return read_paths(paths, receipt=Receipt(RECEIVED))


def _metrics(found: ReadPaths) -> dict[str, Metric]:
    facts = [fact for one in found.evidence for fact in one.facts]
    return {one.raw_name: one for one in facts if isinstance(one, Metric)}


def test_a_run_folder_is_read_with_its_metrics_and_tags(run: Path) -> None:
    found = _read(run)
    metrics = _metrics(found)
    assert (metrics["val_accuracy"].value, metrics["val_accuracy"].split) == (0.9, "validation")
    assert (metrics["slices/recall"].value, metrics["slices/recall"].dataset) == (0.6, "wdbc")
    assert metrics["ece"].unknown == {"value": "malformed"}
    assert (metrics["empty"].value, metrics["empty"].unknown) == (None, {})
    envelope = found.documents[0].opened.evidence[0].envelope
    assert (envelope.name, envelope.run, envelope.scope.job) == ("r1", "r1", "1/base")
    assert str(envelope.produced_at)[:19] == "2026-11-20 23:23:42"
    assert envelope.warnings[0].message == "put together from the 7 files of a run folder"


def test_what_else_lies_in_a_run_folder_is_read_or_named(run: Path) -> None:
    found = _read(run.parent)
    assert [Path(one.file).name for one in found.documents] == ["r1", "MLmodel"]
    assert [Path(one).name for one in found.unrecognised] == ["notes.txt"]
    assert found.problems == ()


def test_the_same_files_are_the_same_document(run: Path) -> None:
    first, second = (_read(run).evidence[0].envelope for _ in "ab")
    assert (first.id, first.blob) == (second.id, second.blob)
    (run / "metrics" / "ece").write_text("1795217020600 0.1 0\n", encoding="utf-8")
    assert _read(run).evidence[0].envelope.blob != first.blob


@pytest.mark.parametrize("line", ["0.9", "now 0.9 0", "1 0.9 first", "1 0.9 -1"])
def test_a_metric_that_is_no_line_of_mlflow_is_a_problem_at_its_line(run: Path, line: str) -> None:
    (run / "metrics" / "ece").write_text(f"1 0.5 0\n\n{line}\n", encoding="utf-8")
    (problem,) = _read(run).problems
    assert (problem.code, problem.where.endswith("r1/metrics/ece:3")) == (
        *("document-breaks-format", True),
    )


def test_a_tag_that_is_no_utf_8_is_a_problem(run: Path) -> None:
    (run / "tags" / "odd").write_bytes(b"\xff\xfe")
    (problem,) = _read(run).problems
    assert problem.where.endswith("r1/tags/odd")


def test_a_run_that_was_killed_was_not_examined_whole(run: Path) -> None:
    (run / "meta.yaml").write_text(META.replace("status: 3", "status: 5"), encoding="utf-8")
    evidence = _read(run).evidence[0]
    assert {row.errored for row in evidence.coverage} == {1}
    assert "KILLED" in evidence.envelope.warnings[0].message


def test_links_are_not_followed(run: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("1 0.99 0\n", encoding="utf-8")
    (run / "metrics" / "accuracy").symlink_to(secret)
    assert "accuracy" not in _metrics(_read(run))


@pytest.mark.parametrize("part", ["meta.yaml", "metrics"])
def test_a_folder_that_lacks_a_part_is_no_run(run: Path, part: str) -> None:
    (run / part).rename(run / "elsewhere")
    assert not looks_like_run(run)


def test_a_logged_model_beside_its_run_is_no_run(run: Path) -> None:
    (run / "meta.yaml").write_text("model_id: m-1\nname: model\n", encoding="utf-8")
    assert not looks_like_run(run)


def test_a_run_with_very_many_metrics_is_refused(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.intake.mlflow_folder._MOST_FILES", 2)
    assert _read(run).problems[0].code == "too-many-facts"
