"""``assay policy``: lint, list, show and schema; data on stdout, talk on stderr."""

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assaybook.cli.policy import app
from support.policies import SOUND

HEAVY = ("pandas", "weasyprint", "sqlmodel", "sqlalchemy", "fastapi", "jinja2", "cryptography")
OVERLAY = """\
overlay: production
set:
  - {policy: demo.recall, for: [credit], params: {floor: 0.6}}
  - {policy: demo.recall, for: system.edge == true, params: {floor: 0.7}}
  - {policy: demo.recall, params: {floor: 0.4}, allow_relax: true, reason: Agreed.}
"""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "recall.yaml").write_text(SOUND, encoding="utf-8")
    return tmp_path


@pytest.fixture
def unsound(house: Path) -> Path:
    path = house / "demo" / "recall.yaml"
    path.write_text(SOUND.replace("severity: low", "severity: lo\nowner: me"), encoding="utf-8")
    return path


def test_lint_of_a_sound_folder_says_each_rule_in_words(house: Path) -> None:
    result = run("lint", house)
    assert result.exit_code == 0
    assert "demo.recall  Recall is good" in result.stdout
    assert "is at least 0.5" in result.stdout
    assert "1 file read, 0 problems, 3 warnings" in result.stderr


def test_lint_tells_every_problem_at_its_place_and_exits_5(unsound: Path) -> None:
    result = run("lint", unsound)
    assert result.exit_code == 5
    assert f"error[not-a-choice] {unsound.as_posix()}:5:11:" in result.stdout
    assert f"error[unknown-key] {unsound.as_posix()}:6:1:" in result.stdout
    assert "Did you mean low?" in result.stdout


def test_lint_as_json_holds_what_was_read_and_what_is_wrong(house: Path, unsound: Path) -> None:
    told = json.loads(run("lint", unsound, "--format", "json").stdout)
    assert [problem["code"] for problem in told["problems"]] == ["not-a-choice", "unknown-key"]
    unsound.write_text(SOUND, encoding="utf-8")
    told = json.loads(run("lint", house, "--format", "json").stdout)
    assert told["checked"] == [{"file": f"{house.as_posix()}/demo/recall.yaml", "kind": "policy"}]
    assert [rule["rule"] for rule in told["policies"][0]["rules"]] == ["floor", "complete"]
    assert "cases-missing" in {each["code"] for each in told["warnings"]}


def test_lint_as_csv_lists_the_problems(unsound: Path) -> None:
    rows = list(csv.DictReader(StringIO(run("lint", unsound, "--format", "csv").stdout)))
    assert [row["code"] for row in rows] == ["not-a-choice", "unknown-key"]


@pytest.mark.parametrize("style", ["sarif", "junit", "github"])
def test_lint_for_a_pipeline_names_files_from_the_working_folder(
    unsound: Path, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(unsound.parents[1])
    result = run("lint", unsound, "--format", style)
    assert result.exit_code == 5
    assert "demo/recall.yaml" in result.stdout
    assert unsound.as_posix() not in result.stdout
    assert "2 problems" in result.stderr


def test_warnings_change_no_exit_code_and_stand_apart_from_errors(house: Path) -> None:
    result = run("lint", house)
    assert result.exit_code == 0
    assert "warning[fix-missing]" in result.stdout
    assert "error[" not in result.output
    rows = list(csv.DictReader(StringIO(run("lint", house, "--format", "csv").stdout)))
    assert {row["level"] for row in rows} == {"warning"}


def test_lint_explains_a_code_with_examples_and_knows_the_nearest() -> None:
    page = run("lint", "--explain", "unproven-absence").stdout
    assert "What to do" in page
    assert "may_be_empty" in page
    near = run("lint", "--explain", "never-hold")
    assert (near.exit_code, "Did you mean never-holds" in near.stderr) == (2, True)
    far = run("lint", "--explain", "xyz")
    assert "docs/reference/lint.md" in far.stderr


def test_lint_of_nothing_is_a_mistake_of_use() -> None:
    assert run("lint").exit_code == 2


def test_lint_of_a_file_that_is_not_there_is_a_mistake_of_use(tmp_path: Path) -> None:
    result = run("lint", tmp_path / "none.yaml")
    assert result.exit_code == 2
    assert "error[file-missing]" in result.stderr


def test_lint_of_an_empty_folder_is_never_clean(tmp_path: Path) -> None:
    result = run("lint", tmp_path)
    assert result.exit_code == 5
    assert "nothing would be judged" in result.stdout


def test_lint_of_hostile_text_shows_nothing_that_acts_on_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text('policy: "\\e[31mred"\ntitle: x', encoding="utf-8")
    assert "\x1b" not in run("lint", path).output


def test_the_policies_of_a_folder_are_listed(house: Path) -> None:
    (row,) = csv.DictReader(StringIO(run("list", "--policies", house, "--format", "csv").stdout))
    assert (row["policy"], row["severity"], row["rules"]) == ("demo.recall", "low", "2")
    assert row["controls"] == "nist-ai-rmf-1.0 MEASURE 2.3"


def test_without_a_folder_the_shipped_policies_are_listed() -> None:
    assert json.loads(run("list", "--format", "json").stdout)


def test_a_policy_is_shown_with_its_claim_rules_params_evidence_and_controls(house: Path) -> None:
    page = run("show", "demo.recall", "--policies", house).stdout
    for words in (
        "Recall is good",
        "A demonstration.",
        "Rules",
        "Params",
        "Evidence wanted",
        "Controls",
        "MEASURE 2.3",
        "not set",
        "90 days",
        "To every release.",
        "from art",
    ):
        assert words in page


def test_a_policy_is_shown_with_what_overlays_set_and_for_whom(house: Path) -> None:
    overlay = house / "overlay.yaml"
    overlay.write_text(OVERLAY, encoding="utf-8")
    result = run(
        "show", "demo.recall", "--policies", house, "--overlay", overlay, "--format", "json"
    )
    params = {row["param"]: row for row in json.loads(result.stdout)["params"]}
    assert params["floor"]["value"] == "0.5"
    assert params["floor"]["overlays set"] == [
        "0.6 for credit (overlay production)",
        "0.7 for system.edge == true (overlay production)",
        "0.4 for every system (overlay production, relaxed: Agreed.)",
    ]
    assert params["name"]["overlays set"] == []


@pytest.mark.parametrize("style", ["markdown", "csv"])
def test_a_policy_is_shown_as_markdown_and_csv(house: Path, style: str) -> None:
    page = run("show", "demo.recall", "--policies", house, "--format", style).stdout
    assert ("## Rules" in page) is (style == "markdown")
    assert "rule" in page


def test_a_policy_without_params_and_with_attested_rules_is_shown(house: Path) -> None:
    head = SOUND.partition("params:")[0].replace("MEASURE 2.3: supports", "MEASURE 2.3: implements")
    rule = "rules: [{id: ok, attested: {question: Is it?, role: risk, valid_for: 30d}}]\n"
    (house / "demo" / "recall.yaml").write_text(
        f"{head}applies_when: system.edge == true\n{rule}", encoding="utf-8"
    )
    page = run("show", "demo.recall", "--policies", house).stdout
    assert "system.edge == true" in page
    assert "Params" not in page


def test_every_kind_of_need_is_shown(checkout: Path) -> None:
    folder = checkout / "tests" / "data" / "policies" / "sound"
    result = run("show", "demo.every-need", "--policies", folder, "--format", "json")
    needs = {row["need"]: row for row in json.loads(result.stdout)["needs"]}
    assert needs["secrets"]["questions"] == "params.asked"
    assert needs["secrets"]["assurance"] == "params.level"
    assert needs["hits"]["questions"] == ["pii/email"]
    assert needs["hits"]["fresh for"] == "never asked"


def test_a_policy_that_is_not_there_is_told_with_what_comes_near(house: Path) -> None:
    result = run("show", "demo.recal", "--policies", house)
    assert result.exit_code == 2
    assert "Did you mean demo.recall?" in result.stderr


def test_show_and_list_tell_every_problem_of_an_unsound_folder(unsound: Path) -> None:
    result = run("list", "--policies", unsound.parents[1])
    assert result.exit_code == 5
    assert "error[not-a-choice]" in result.stderr
    assert "error[unknown-key]" in result.stderr


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("policy", "rules"),
        ("overlay", "set"),
        ("scope", "frameworks"),
        ("cases", "cases"),
        ("waivers", "waivers"),
        ("system", "releases"),
        ("trust", "persons"),
    ],
)
def test_each_kind_of_file_has_a_schema(kind: str, key: str) -> None:
    schema = json.loads(run("schema", kind).stdout)
    assert schema["$schema"].endswith("2020-12/schema")
    assert key in schema["properties"]
    assert schema["additionalProperties"] is False


def test_the_schema_of_an_unknown_kind_is_a_mistake_of_use() -> None:
    assert run("schema", "nothing").exit_code == 2


def test_lint_starts_without_any_heavy_library(house: Path) -> None:
    program = (
        "import sys; from assaybook.cli.assembly import assembled\n"
        "app = assembled(['policy', 'lint'])\n"
        "try: app(sys.argv[1:], prog_name='assay')\n"
        f"finally: print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "policy", "lint", str(house)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr.splitlines()[-1] == "[]"
