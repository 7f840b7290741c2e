"""The schemas that an editor reads: every key has a sentence, and real files fit."""

import json
import re
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, get_args

import jsonschema_rs
import pytest
from typer.testing import CliRunner

from assaybook.cli.policy import app
from assaybook.domain.errors import SubmitterError
from assaybook.intake.limits import Limits
from assaybook.intake.manifest import read_sent_manifest
from assaybook.language.document import DocumentKind
from assaybook.language.rules.registry import RULES
from assaybook.language.rules.rule import EXAMPLE, EXAMPLE_CASES
from assaybook.language.schema import DOCUMENTS, json_schema
from assaybook.language.schema_words import WORDS
from assaybook.language.source import read_file, read_text
from assaybook.shelf import shelf

SCHEMAS: Final = {kind: json_schema(kind) for kind in DOCUMENTS}
_KNOWN: Final = re.compile(r"Known: (.*)\.$")


def shapes(kind: DocumentKind) -> dict[str, dict[str, Any]]:
    schema: Any = SCHEMAS[kind]
    return {schema["title"]: schema, **schema.get("$defs", {})}


def faults(kind: DocumentKind, data: object) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator(json.dumps(SCHEMAS[kind]))
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(data)]


def shipped(ending: str) -> list[tuple[str, Traversable]]:
    return [
        (f"{theme.name}/{file.name}", file)
        for theme in shelf("policies").iterdir()
        if theme.is_dir()
        for file in theme.iterdir()
        if file.name.endswith(".yaml")
        and file.name.endswith(".cases.yaml") == (ending == ".cases.yaml")
    ]


def test_every_kind_of_file_that_people_write_has_a_schema() -> None:
    assert set(DOCUMENTS) == set(get_args(DocumentKind))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_key_has_a_sentence_that_an_editor_shows(kind: DocumentKind) -> None:
    silent = [
        f"{name}.{key}"
        for name, shape in shapes(kind).items()
        for key, field in shape.get("properties", {}).items()
        if not field.get("description")
    ]
    assert silent == []
    assert [name for name, shape in shapes(kind).items() if not shape.get("description")] == []


def test_no_sentence_is_written_for_a_key_that_is_not_there_or_says_its_own() -> None:
    found = {name: shape for kind in DOCUMENTS for name, shape in shapes(kind).items()}
    own = {
        name: {key for key, field in model.model_fields.items() if field.description}
        for name, model in {model.__name__: model for model in DOCUMENTS.values()}.items()
    }
    dead = [
        f"{name}.{key}"
        for name, words in WORDS.items()
        for key in words
        if key not in found.get(name, {}).get("properties", {}) or key in own.get(name, ())
    ]
    assert dead == []


@pytest.mark.parametrize(("kind", "ending"), [("policy", ".yaml"), ("cases", ".cases.yaml")])
def test_the_shipped_policies_and_cases_fit_their_schemas(kind: DocumentKind, ending: str) -> None:
    files = shipped(ending)
    assert files
    told = {name: faults(kind, read_file(file, name).data) for name, file in files}
    assert {name: said for name, said in told.items() if said} == {}


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("overlay", "overlay.yaml"),
        ("scope", "scope.yaml"),
        ("system", "system.yaml"),
        ("trust", "trust.yaml"),
        ("manifest", "releases/*/evidence/evidence.yaml"),
    ],
)
def test_the_files_of_the_example_fit_their_schemas(
    kind: DocumentKind, pattern: str, checkout: Path
) -> None:
    files = sorted((checkout / "examples" / "diabetes").glob(pattern))
    assert files
    assert [faults(kind, read_file(file, file.name).data) for file in files] == [[]] * len(files)


@pytest.mark.parametrize("wrong", ["severty: high", "severity: hihg", "version: yes"])
def test_what_lint_refuses_by_its_shape_is_marked_in_the_editor_too(wrong: str) -> None:
    key = wrong.partition(":")[0]
    text = re.sub(rf"^{key}: .*\n", "", EXAMPLE, flags=re.MULTILINE)
    assert faults("policy", read_text(f"{text}{wrong}\n", "x").data)


def test_keys_of_evidence_in_cases_are_known_to_the_editor() -> None:
    assert faults("cases", read_text(EXAMPLE_CASES, "x").data) == []
    assert faults("cases", read_text(EXAMPLE_CASES.replace("facts:", "fact:"), "x").data)


@pytest.mark.parametrize("kind", ["waivers", "baseline"])
def test_the_examples_of_waivers_and_baselines_fit_their_schemas(kind: DocumentKind) -> None:
    texts = {rule.passes for rule in RULES.values() if rule.passes.startswith(f"{kind}:")}
    assert texts
    assert [faults(kind, read_text(text, "x").data) for text in texts] == [[]] * len(texts)


@pytest.mark.parametrize(
    ("place", "shape"),
    [
        ("", "ManifestDocument"),
        ("defaults", "ManifestDefaults"),
        ("files/0", "ManifestFile"),
        ("files/0/counts", "CountsDocument"),
        ("files/0/scope", "Scope"),
        ("files/0/about", "ByPath"),
    ],
)
def test_the_schema_of_manifests_knows_the_keys_that_the_reader_knows(
    place: str, shape: str
) -> None:
    data: dict[str, Any] = {"defaults": {}, "files": [{"path": "a.json", "about": {}}]}
    data["files"][0] |= {"counts": {}, "scope": {}}
    at: Any = data
    for step in filter(None, place.split("/")):
        at = at[int(step) if step.isdigit() else step]
    at["zzzzzzzzzzzz"] = "x"
    with pytest.raises(SubmitterError) as caught:
        read_sent_manifest(json.dumps(data).encode(), ["a.json"], Limits())
    known = _KNOWN.search(caught.value.hint)
    assert known
    assert set(known[1].split(", ")) == set(shapes("manifest")[shape]["properties"])


def test_all_schemas_are_written_into_a_folder_at_once(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["schema", "--into", str(tmp_path / "schema")])
    assert result.exit_code == 0
    written = {path.name: json.loads(path.read_text()) for path in (tmp_path / "schema").iterdir()}
    assert written == {f"{kind}.schema.json": schema for kind, schema in SCHEMAS.items()}


def test_the_guide_for_editors_names_the_schemas_that_are_written_and_a_matcher_that_matches(
    checkout: Path,
) -> None:
    text = (checkout / "docs" / "guides" / "editor.md").read_text(encoding="utf-8")
    settings, tasks = (
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    )
    named = {Path(name).name for name in settings["yaml.schemas"]}
    assert named == {f"{kind}.schema.json" for kind in DOCUMENTS}
    matcher = re.compile(tasks["tasks"][0]["problemMatcher"]["pattern"]["regexp"])
    line = 'error,never-holds,policies/demo/recall.yaml:10:35,"row.name cannot be two words at once'
    hit = matcher.match(line)
    assert hit
    assert hit.groups()[:5] == ("error", "never-holds", "policies/demo/recall.yaml", "10", "35")
    plain = matcher.match("warning,fix-missing,a.yaml:15:5,the rule says nothing,Add fix.")
    assert plain
    assert plain[6] == "the rule says nothing"
