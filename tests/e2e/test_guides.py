"""What the guides show is what the product does: each command runs, each file loads."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import as_file
from pathlib import Path
from typing import Any, Final, cast

import pytest
import yaml

from assaybook.catalogs.load import load_catalogs
from assaybook.intake.limits import Limits
from assaybook.intake.manifest import read_manifest
from assaybook.language.document_problems import read_document
from assaybook.language.document_subject import load_subject
from assaybook.language.overlay import load_overlay
from assaybook.language.scope import load_scope
from assaybook.language.source import Source, read_text
from assaybook.language.waiver_file import load_waivers
from assaybook.service.bundles import BundleFiles, read_library
from assaybook.service.oidc import IssuersDocument
from assaybook.shelf import shelf
from support.commands import Done, assay
from support.example import SOUND
from support.guides import Shown, blocks, commands, pages
from support.policies import policy, references

VERDICTS: Final = {"check", "assess"}
"""Commands whose exit code is the verdict, which may be any but a refusal."""
RULED: Final = {0, 1, 3}
PLACEHOLDERS: Final = {
    "1.4.0": SOUND,
    "triage": "diabetes-triage",
    "FILE": "evidence/mlflow-run.json",
}
LOADED: Final[dict[str, Callable[[Source], object]]] = {
    "system": load_subject,
    "waivers": load_waivers,
}
FRAGMENT: Final = """\
policy: demo.recall
version: 1
title: Recall holds
why: A demonstration.
severity: low
controls: {nist-ai-rmf-1.0: {MEASURE 2.3: supports}}
params:
  slices: {type: list<string>, min_items: 2, stricter: superset}
  floor: {type: ratio, default: 0.5, stricter: higher}
  min_n: {type: int, default: 50, stricter: higher}
"""


@pytest.fixture(scope="module")
def reader(example: Path, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a reader who follows the guides with the files of the example."""
    folder = tmp_path_factory.mktemp("reader") / "work"
    shutil.copytree(example, folder)
    for part in ("evidence", "artifacts"):
        shutil.copytree(example / "releases" / SOUND / part, folder / part)
    with as_file(shelf("policies") / "quality") as shipped:
        shutil.copytree(shipped, folder / "my-policies" / "quality")
    for page in pages(checkout):
        for block in blocks(page, "yaml"):
            if block.text.startswith("waivers:"):
                (folder / "waivers.yaml").write_text(block.text, encoding="utf-8")
    assert assay("system", "add", "system.yaml", inside=folder).code == 0  # a store to audit
    return folder


def _run(shown: Shown, folder: Path) -> Done:
    words = [PLACEHOLDERS.get(word, word) for word in shown.words]
    target = words[words.index(">") + 1] if ">" in words else None
    done = assay(*(words[: words.index(">")] if target else words), inside=folder)
    if target:
        (folder / target).write_text(done.out, encoding="utf-8")
    return done


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        *("README.md", "auditor.md", "editor.md"),
        *("governance-lead.md", "pipeline-engineer.md", "policy-author.md"),
    ],
)
def test_every_command_of_a_guide_runs_as_it_is_written(
    page: str, reader: Path, checkout: Path
) -> None:
    (path,) = (one for one in pages(checkout) if one.name == page)
    shown = [one for one in commands(path) if len(one.words) > 1 or one.words == ["doctor"]]
    assert shown
    for one in shown:
        done = _run(one, reader)
        allowed = RULED if one.words[0] in VERDICTS else {0}
        assert done.code in allowed, f"{one.page}:{one.line}: {one.text}\n{done.err}"
        assert "error[" not in done.err, f"{one.page}:{one.line}: {one.text}\n{done.err}"


def test_a_release_is_named_by_its_commit_as_the_guide_says(
    reader: Path, checkout: Path, tmp_path: Path
) -> None:
    page = checkout / "docs" / "guides" / "pipeline-engineer.md"
    (block,) = (one for one in blocks(page, "sh") if "git rev-parse" in one.text)
    folder = tmp_path / "repository"
    (folder / "evidence").mkdir(parents=True)
    shutil.copy(reader / "evidence" / "mlflow-run.json", folder / "evidence")
    source = 'system: {id: triage}\nreleases: [{version: "@VERSION@"}]\n'
    (folder / "system.yaml.in").write_text(source, encoding="utf-8")
    binary = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S607
    done = subprocess.run(
        ["sh", "-eu", "-c", block.text],  # noqa: S607
        cwd=folder,
        env=os.environ | {"PATH": binary},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in RULED, done.stderr
    assert f"(exit {done.returncode})" in done.stdout
    system = (folder / "system.yaml").read_text(encoding="utf-8")
    assert re.search(r'"[0-9a-f]{40}"', system)


def test_the_numbers_of_a_script_that_writes_what_the_guide_shows_are_judged(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    guides = checkout / "docs" / "guides"
    for name in ("evidence/x", "artifacts/model.json", "artifacts/train.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    for name, page in (("system", "pipeline-engineer.md"), ("overlay", "governance-lead.md")):
        (text,) = (
            one.text for one in blocks(guides / page, "yaml") if one.text.startswith(f"{name}:")
        )
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (script,) = blocks(guides / "pipeline-engineer.md", "python")
    exec(compile(script.text, script.page, "exec"), {})  # noqa: S102 - as its reader runs it
    asked = ("--policy", "quality.floor", "--policy", "fairness.*", "--overlay", "overlay.yaml")
    done = assay("check", "evidence", *asked, "--format", "json")
    assert (done.code, done.value["gate"]["counts"]["pass"]) == (0, 4), done.err


def test_what_was_not_found_is_proven_by_the_document_that_the_guide_shows(
    checkout: Path, tmp_path: Path
) -> None:
    (shown,) = blocks(checkout / "docs" / "guides" / "pipeline-engineer.md", "json")
    (tmp_path / "scan.json").write_text(shown.text, encoding="utf-8")
    (read,) = assay("evidence", "read", "scan.json", "--format", "json", inside=tmp_path).value
    assert (read["facts"], read["coverage"][0]["question"]) == ([], "pii/email")


def test_no_guide_was_left_out(checkout: Path) -> None:
    names = {path.name for path in pages(checkout)}
    assert names == {
        *("README.md", "adapters.md", "auditor.md"),
        *("editor.md", "governance-lead.md", "pipeline-engineer.md"),
        "policy-author.md",  # its files are those of test_author_guide.py
        "python.md",  # its blocks are run below
        "server.md",  # its commands are those of test_http_day.py
    }


def test_every_block_of_python_runs_one_after_the_other(
    reader: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reader)
    names: dict[str, Any] = {}
    for block in blocks(checkout / "docs" / "guides" / "python.md", "python"):
        text = "\n" * (block.line - 1) + block.text.replace("1.4.0", SOUND)
        exec(compile(text, block.page, "exec"), names)  # noqa: S102 - as its reader types it
    result, later = names["result"], names["later"]
    assert re.fullmatch(r"<Result: \w+, exit \d, \d+ findings>", repr(result))
    assert later.gate.exit == 3  # what is old is undecided
    assert (reader / "findings.json").read_text(encoding="utf-8") == result.to_json()
    assert len(names["both"]) == len(result.findings)


def test_the_rule_on_the_first_page_reads_back_as_the_page_says(checkout: Path) -> None:
    page = checkout / "README.md"
    (block,) = blocks(page, "yaml")
    slices = 'type: list<string>, default: ["sex=female", "sex=male"]'
    head = FRAGMENT.replace("type: list<string>", slices).replace("0.5", "0.8")
    quoted = [line[2:] for line in page.read_text("utf-8").splitlines() if line.startswith("> ")]
    (rule,) = policy(head + block.text).rules
    assert rule.sentence == " ".join(quoted)


def test_every_file_that_a_guide_shows_is_one_that_is_read(checkout: Path, tmp_path: Path) -> None:
    policies = read_library(BundleFiles()).policies
    kinds: list[str] = []
    for page in (one for one in pages(checkout) if one.name != "policy-author.md"):
        for block in blocks(page, "yaml"):
            kind = block.text.split(":")[0]
            kinds.append(kind)
            source = read_text(block.text, f"{block.page}:{block.line}")
            if kind == "overlay":
                assert load_overlay(source, policies=policies).sets
            elif kind == "scope":
                scope = load_scope(source, catalogs=load_catalogs(), policies=policies)
                assert scope.gaps or scope.controls or scope.left_out
            elif kind in LOADED:
                assert LOADED[kind](source)
            elif kind == "needs":
                assert policy(FRAGMENT + block.text).rules
            elif kind in {"defaults", "files"}:
                _manifest_is_read(block, tmp_path)
            elif kind in {"jobs", "assay"}:
                assert _pipeline_commands(block)
            elif kind == "issuers":
                assert read_document(IssuersDocument, source).issuers
            else:
                pytest.fail(f"{block.page}:{block.line}: nobody checks a block of {kind!r}")
    assert sorted(kinds) == [
        *("assay", "defaults", "files", "issuers", "jobs"),
        *("needs", "overlay", "scope", "scope", "scope", "system", "waivers"),
    ]
    assert references().catalogs == load_catalogs()


def _pipeline_commands(block: Shown) -> list[Shown]:
    """Return the commands of ours in the definition of a pipeline, which must be YAML."""
    lines: list[str] = []

    def collect(value: object) -> None:
        if isinstance(value, dict):
            for one in cast("dict[str, object]", value).values():
                collect(one)
        elif isinstance(value, list):
            for one in cast("list[object]", value):
                collect(one)
        elif isinstance(value, str) and value.startswith("assay "):
            lines.append(value)

    collect(yaml.safe_load(block.text))
    return [Shown(block.page, block.line, line) for line in lines]


@pytest.mark.slow
def test_every_pipeline_that_a_guide_shows_runs_and_writes_its_reports(
    reader: Path, checkout: Path
) -> None:
    shown = [
        command
        for page in pages(checkout)
        for block in blocks(page, "yaml")
        if block.text.split(":")[0] in {"jobs", "assay"}
        for command in _pipeline_commands(block)
    ]
    assert len(shown) == 2
    for one in shown:
        text = one.text.replace("$GITHUB_STEP_SUMMARY", "summary.md")
        done = _run(Shown(one.page, one.line, text), reader)
        assert done.code in RULED, f"{one.page}:{one.line}: {one.text}\n{done.err}"
    for name in ("summary.md", "assay.sarif", "assay.xml", "assay.md"):
        assert (reader / name).stat().st_size > 0


def _manifest_is_read(block: Shown, folder: Path) -> None:
    """Read a manifest beside the files that it names."""
    for name in re.findall(r"\.\./artifacts/[\w.]+|path: ([\w.]+)", block.text):
        (folder / "artifacts").mkdir(exist_ok=True)
        (folder / "evidence").mkdir(exist_ok=True)
        (folder / "evidence" / (name or "x")).write_text("{}", encoding="utf-8")
    for name in re.findall(r"\.\./(artifacts/[\w.]+)", block.text):
        (folder / name).write_text("artifact", encoding="utf-8")
    file = folder / "evidence" / "evidence.yaml"
    file.write_text(block.text, encoding="utf-8")
    read = read_manifest(file, Limits())
    assert read.problems == ()
    assert [entry.name for entry in read.entries] == re.findall(r"- path: (\S+)", block.text)


def test_the_table_of_exit_codes_is_that_of_the_command(checkout: Path) -> None:
    page = (checkout / "docs" / "guides" / "pipeline-engineer.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| (\d) \|", page, re.MULTILINE))
    said = assay("check", "--help").out
    assert told == set("012345")
    assert told == set(re.findall(r"(?:Exit |\. )(\d):", " ".join(said.split())))


def test_every_link_of_a_guide_leads_to_a_file(checkout: Path) -> None:
    gone: list[str] = []
    for page in pages(checkout):
        text = page.read_text(encoding="utf-8")
        links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
        gone += [f"{page.name}: {link}" for link in links if not (page.parent / link).exists()]
    assert gone == []


@pytest.mark.slow
def test_the_command_of_the_example_says_what_the_example_promises(checkout: Path) -> None:
    text = (checkout / "examples" / "diabetes" / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^    (assay check(?:.*\\\n)*.*)$", text, re.MULTILINE)
    assert shown
    line = re.sub(r"\\\n *", " ", shown[1])
    sound = assay(*line.split()[1:], "--format", "json", inside=checkout)
    assert sound.code == 0, sound.err
    flawed = line.replace("1.0.0-sound", "1.1.0-flawed")
    done = assay(*flawed.split()[1:], "--format", "json", inside=checkout)
    assert done.code == 1, done.err
    assert json.loads(done.out)["gate"]["verdict"] == "fail"
