from pathlib import Path

import pytest

from assaybook.domain.errors import AuthorError
from assaybook.language import library as library_module
from assaybook.language.document_problems import problems_of
from assaybook.language.library import (
    MOST_FOLDERS_DEEP,
    Folder,
    Found,
    kind_of,
    load_policies,
    policy_id_of,
    read_policies,
)
from assaybook.language.library_lint import Linted, lint
from assaybook.shelf import shelf
from support.policies import SOUND, faults, references, source

CASES = """\
policy: demo.recall
defaults: {as_of: 2026-11-20T00:00:00Z}
cases:
  - {name: nothing, expect: {floor: inconclusive, complete: inconclusive}}
"""


def folder_of(path: Path) -> Folder:
    return Folder(path, "house")


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def house(tmp_path: Path) -> Path:
    write(tmp_path, "demo/recall.yaml", SOUND)
    write(tmp_path, "demo/recall.cases.yaml", CASES)
    write(tmp_path, "demo/notes.txt", "not YAML, not read")
    write(tmp_path, ".hidden/x.yaml", "broken: [")
    return tmp_path


def test_the_policies_of_a_folder_are_loaded_with_where_they_came_from(house: Path) -> None:
    (one,) = load_policies([folder_of(house)], references(), with_cases=True).loaded
    assert (one.policy.id, one.file) == ("demo.recall", "house/demo/recall.yaml")
    assert one.cases is not None
    assert one.cases.file == "house/demo/recall.cases.yaml"
    (bare,) = load_policies([folder_of(house)], references()).loaded
    assert bare.cases is None


def test_the_shipped_shelf_loads_whole_and_every_file_of_it_is_a_policy_or_cases() -> None:
    loaded = load_policies([Folder(shelf("policies"), "policies")], references(), with_cases=True)
    assert loaded.policies
    assert loaded.others == ()
    assert [one.policy.id for one in loaded.loaded if one.cases is None] == []


def test_patterns_keep_the_policies_whose_id_matches(house: Path) -> None:
    write(house, "other/recall.yaml", SOUND.replace("demo.recall", "other.recall"))
    folders = [folder_of(house)]
    kept = load_policies(folders, references(), globs=["demo.*"])
    assert [policy.id for policy in kept.policies] == ["demo.recall"]
    wrong = faults(lambda: load_policies(folders, references(), globs=["demo.*", "nix.*"]))
    assert wrong == [("policy-unmatched", "nix.*")]


@pytest.mark.parametrize(
    ("glob", "hint"),
    [
        ("demo", "For all of that theme write 'demo.*'."),
        ("demo.recal", "Did you mean demo.recall?"),
        ("nix", "assay policy list shows them all."),
    ],
)
def test_a_pattern_that_matches_nothing_is_told_what_was_meant(
    glob: str, hint: str, house: Path
) -> None:
    with pytest.raises(AuthorError) as caught:
        load_policies([folder_of(house)], references(), globs=[glob])
    assert [each.hint for each in problems_of(caught.value)] == [hint]


def test_one_id_in_two_folders_is_an_error(
    house: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    write(other, "demo/recall.yaml", SOUND)
    with pytest.raises(AuthorError, match=r"is in house/demo/recall\.yaml already"):
        load_policies([folder_of(house), Folder(other, "other")], references())


def test_a_file_that_cannot_be_loaded_is_an_error_and_the_others_are_still_read(
    house: Path,
) -> None:
    write(house, "demo/broken.yaml", "policy: [")
    write(house, "demo/unsound.yml", SOUND.replace("severity: low", "severity: lo"))
    found, problems = read_policies([folder_of(house)], references())
    assert [policy.id for policy in found.policies] == ["demo.recall"]
    assert [problem.code for problem in problems] == ["yaml-malformed", "not-a-choice"]


def test_the_id_of_a_policy_must_be_its_path(house: Path) -> None:
    write(house, "demo/precision.yaml", SOUND.replace("id: demo.recall", "id: demo.precision"))
    wrong = faults(lambda: load_policies([folder_of(house)], references()))
    assert ("policy-path", "house/demo/precision.yaml:1:9") in wrong


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("demo/none.cases.yaml", CASES, "cases-alone"),
        ("demo/cases.yaml", CASES, "cases-name"),
        ("demo/recall.cases.yaml", CASES.replace("floor", "flor"), "rule-unknown"),
        ("demo/x.yaml", "", "yaml-empty"),
        ("demo/x.yaml", "[a]", "wrong-type"),
    ],
)
def test_nothing_in_a_folder_is_skipped_without_a_word(
    house: Path, name: str, text: str, code: str
) -> None:
    write(house, name, text)
    wrong = faults(lambda: load_policies([folder_of(house)], references(), with_cases=True))
    assert [found for found, _ in wrong] == [code]


def test_cases_of_a_policy_that_cannot_be_loaded_add_no_second_problem(house: Path) -> None:
    write(house, "demo/recall.yaml", SOUND.replace("severity: low", "severity: lo"))
    wrong = faults(lambda: load_policies([folder_of(house)], references(), with_cases=True))
    assert [code for code, _ in wrong] == ["not-a-choice"]


def test_a_file_of_another_kind_is_listed_as_what_it_is(house: Path) -> None:
    write(house, "overlay.yaml", "overlay: x\nset: []")
    write(house, "trust.yaml", "persons: []")
    others = load_policies([folder_of(house)], references()).others
    assert [(found.name, kind) for found, kind in others] == [
        ("house/overlay.yaml", "overlay"),
        ("house/trust.yaml", "trust"),
    ]
    assert Found(Folder(house, ""), "a.yaml", house).name == "a.yaml"


def test_a_folder_without_a_policy_is_an_error_said_in_words(tmp_path: Path) -> None:
    wrong = faults(lambda: load_policies([folder_of(tmp_path)], references()))
    assert wrong == [("folder-empty", "house")]
    write(tmp_path, "overlay.yaml", "overlay: x\nset: []")
    assert faults(lambda: load_policies([folder_of(tmp_path)], references())) == wrong


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    wrong = faults(lambda: load_policies([folder_of(tmp_path / "none")], references()))
    assert wrong == [("folder-missing", "house")]


def test_a_folder_is_read_to_its_limits_and_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = "/".join(["a"] * (MOST_FOLDERS_DEEP + 1))
    write(tmp_path, f"{deep}/x.yaml", SOUND)
    wrong = faults(lambda: load_policies([folder_of(tmp_path)], references()))
    assert [code for code, _ in wrong] == ["folder-too-deep"]
    monkeypatch.setattr(library_module, "MOST_FOLDERS_DEEP", 99)
    monkeypatch.setattr(library_module, "MOST_FILES", 0)
    wrong = faults(lambda: load_policies([folder_of(tmp_path)], references()))
    assert [code for code, _ in wrong] == ["folder-too-large"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("policy: a", "policy"),
        ("policy: a\ncases: []", "cases"),
        ("overlay: a", "overlay"),
        ("scope: a", "scope"),
        ("waivers: []", "waivers"),
        ("system: {}", "system"),
        ("persons: []", "trust"),
        ("a: b", None),
        ("[policy]", None),
    ],
)
def test_a_document_is_told_by_its_keys(text: str, kind: str | None) -> None:
    assert kind_of(source(text)) == kind


def test_the_path_of_a_policy_gives_its_id() -> None:
    assert policy_id_of("fairness/slice-floor.yaml") == "fairness.slice-floor"
    assert policy_id_of("a/b.yml") == "a.b"


def linted(house: Path, *names: str, folders: bool = False) -> Linted:
    files = [Found(Folder(house, "house"), name, house / name) for name in names]
    read = [folder_of(house)] if folders else []
    return lint(read, files, references(), Folder(shelf("policies"), "policies"))


def codes(found: Linted) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in found.problems]


def test_lint_reads_every_kind_of_file(house: Path) -> None:
    write(house, "o.yaml", "overlay: x\nset: [{policy: demo.recall, params: {floor: 0.6}}]")
    write(house, "s.yaml", "scope: x\nleft_out: [{policy: demo.recall, reason: Later.}]")
    write(house, "w.yaml", "waivers: []")
    write(house, "t.yaml", "persons: []")
    write(house, "y.yaml", 'system: {id: a}\nreleases: [{version: "1"}]')
    found = linted(house, folders=True)
    kinds = {kind for _, kind in found.files}
    assert kinds == {"policy", "cases", "overlay", "scope", "waivers", "trust", "system"}
    assert codes(found) == [
        ("trust-empty", "house/t.yaml:1:1"),
        ("out-of-range", "house/w.yaml:1:10"),
    ]


def test_lint_of_single_files_joins_cases_to_their_policy(house: Path) -> None:
    found = linted(house, "demo/recall.cases.yaml", "demo/recall.yaml")
    assert codes(found) == []
    (one,) = found.loaded
    assert one.cases is not None
    assert "floor has no case that comes to pass, fail" in found.warnings[0].message


def test_lint_of_cases_alone_looks_for_their_policy_among_those_that_ship(house: Path) -> None:
    assert codes(linted(house, "demo/recall.cases.yaml")) == [
        ("cases-alone", "house/demo/recall.cases.yaml:1:9")
    ]


def test_lint_of_cases_that_ship_finds_their_policy() -> None:
    place = shelf("policies")
    loaded = load_policies([Folder(place, "policies")], references(), with_cases=True).loaded
    cases = loaded[0].cases
    assert cases is not None
    path = cases.file.removeprefix("policies/")
    file = Found(Folder(place, "policies"), path, place.joinpath(*path.split("/")))
    found = lint([], [file], references(), Folder(place, "policies"))
    assert (codes(found), found.files) == ([], [(cases.file, "cases")])


def test_lint_of_an_overlay_alone_judges_it_by_the_shipped_policies(house: Path) -> None:
    write(house, "o.yaml", "overlay: x\nset: [{policy: no.such, params: {floor: 0.6}}]")
    assert codes(linted(house, "o.yaml")) == [("policy-unknown", "house/o.yaml:2:16")]


def test_lint_of_a_policy_without_cases_warns_of_it(house: Path) -> None:
    (house / "demo/recall.cases.yaml").unlink()
    found = linted(house, "demo/recall.yaml")
    assert (codes(found), found.warnings[0].code) == ([], "cases-missing")


def test_lint_of_a_policy_alone_does_not_miss_the_cases_beside_it(house: Path) -> None:
    found = linted(house, "demo/recall.yaml")
    warned = {each.code for each in found.warnings}
    assert (codes(found), warned) == ([], {"fix-missing"})


def test_lint_tells_every_problem_of_every_file(house: Path) -> None:
    write(house, "a.yaml", SOUND.replace("severity: low", "severity: lo"))
    write(house, "b.yaml", "a: b")
    write(house, "c.yaml", "policy: [")
    found = linted(house, "c.yaml", "b.yaml", "a.yaml", "none.yaml")
    by_code = {code for code, _ in codes(found)}
    assert {"not-a-choice", "missing-key", "yaml-malformed", "file-unreadable"} <= by_code
    assert codes(found) == sorted(codes(found), key=lambda each: each[1].split(":")[0])


def test_each_error_is_one_of_its_own(house: Path) -> None:
    write(house, "demo/x.yaml", SOUND.replace("severity: low", "severity: lo"))
    with pytest.raises(AuthorError) as caught:
        load_policies([folder_of(house)], references())
    assert all(problems_of(each) == (each,) for each in problems_of(caught.value))
