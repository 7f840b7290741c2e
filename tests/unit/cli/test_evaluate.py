"""``assay policy eval`` on the command line."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from assaybook.cli.evaluate import evaluate

APP = typer.Typer()
APP.command("eval")(evaluate)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(APP, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_one_expression_is_answered_with_its_variables(tmp_path: Path) -> None:
    names = tmp_path / "vars.json"
    names.write_text('{"x": 2}', encoding="utf-8")
    assert run("x + 1", "--vars", str(names)) == (0, '{"value": ["int", 3]}\n', "")
    assert run("1 + 1")[1] == '{"value": ["int", 2]}\n'


def test_a_file_of_cases_is_answered_line_by_line(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_bytes(b'{"expr": "1"}\n\xff\n{"expr": "\xe2\x80\xa8 2"}\n')
    code, out, _ = run("--cases", str(cases))
    assert code == 0
    assert [next(iter(json.loads(line))) for line in out.splitlines()] == [
        "value",
        "error",
        "error",
    ]


def test_two_questions_at_once_or_none_are_refused(tmp_path: Path) -> None:
    assert run()[0] == 2
    assert run("1", "--cases", str(tmp_path))[0] == 2
    assert run("--cases", str(tmp_path), "--vars", str(tmp_path))[0] == 2


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("[1", encoding="utf-8")
    listed = tmp_path / "list.json"
    listed.write_text("[]", encoding="utf-8")
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000, encoding="utf-8")
    for path in (bad, listed, deep, tmp_path / "none.json"):
        code, out, err = run("1", "--vars", str(path))
        assert (code, out) == (5, "")
        assert str(path) in err.replace("\n", "")
    assert run("--cases", str(tmp_path / "none.jsonl"))[0] == 5
    assert "No such file or directory\n" in run("1", "--vars", str(tmp_path / "none.json"))[2]
    assert "this is not JSON" in run("1", "--vars", str(bad))[2]
    assert "Write the names with their values" in run("1", "--vars", str(listed))[2]
