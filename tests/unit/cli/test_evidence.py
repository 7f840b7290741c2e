"""``assay evidence read`` for a person: what was read out of a file, and from where."""

import json
from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner, Result

from assaybook.cli.assembly import assembled

METRIC = {"type": "metric", "name": "accuracy", "split": "holdout", "value": 0.91, "unit": "ratio"}


def read(folder: Path, *facts: Mapping[str, object]) -> Result:
    file = folder / "evaluation.json"
    file.write_text(json.dumps({"assaybook": "v1", "facts": list(facts)}), encoding="utf-8")
    words = ["evidence", "read", str(file)]
    return CliRunner().invoke(assembled(words), words, env={"COLUMNS": "300"})


def test_the_table_shows_each_fact_what_it_does_not_say_and_where_it_stands(tmp_path: Path) -> None:
    told = " ".join(read(tmp_path, METRIC).stdout.split())
    assert "name=accuracy" in told
    assert "value=0.91" in told
    assert "n, ci_low, ci_high" in told
    assert "/facts/0" in told


def test_a_document_without_facts_has_no_table_of_them(tmp_path: Path) -> None:
    assert "Does not say" not in read(tmp_path).stdout


def test_facts_beyond_the_first_are_counted(tmp_path: Path) -> None:
    many = [{**METRIC, "slice": f"age={year}"} for year in range(45)]
    done = read(tmp_path, *many)
    assert "5 more facts; --format json has all." in done.stderr
    assert "age=44" not in done.stdout


def test_a_folder_without_documents_is_said_to_hold_none(tmp_path: Path) -> None:
    words = ["evidence", "read", str(tmp_path)]
    done = CliRunner().invoke(assembled(words), words)
    assert (done.stdout, done.stderr) == ("", "no document was found: nothing was read\n")
