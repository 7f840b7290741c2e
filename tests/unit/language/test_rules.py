"""What lint says: one registry, every code in it, each with an example that shows it."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from assaybook.domain.errors import AuthorError
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.intake.describe import describe
from assaybook.intake.registry import BUILT_IN
from assaybook.language import library
from assaybook.language.build import References, build_policy
from assaybook.language.bundle import read_bundle
from assaybook.language.cases import load_cases
from assaybook.language.document_problems import problems_of
from assaybook.language.library import Folder, load_policies
from assaybook.language.parser import parse
from assaybook.language.rules.page import rule_page
from assaybook.language.rules.registry import GROUPS, RULES
from assaybook.language.rules.rule import EXAMPLE, LintRule
from assaybook.language.source import read_file, read_source
from assaybook.shelf import shelf
from support.lint_examples import files_of, linted
from support.policies import SOUND, policy, references, source

SHOWN: Final = [rule for rule in RULES.values() if rule.kind != "elsewhere"]
CODE: Final = re.compile(r"[a-z]+(-[a-z]+)+|passes_on_absence|bad_[a-z]+|not_a_choice")
NOT_CODES: Final = {"date-time"}
"""Words of this form that are no code."""


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.code)
def test_the_example_of_a_code_is_told_by_that_code_and_no_other(
    rule: LintRule, tmp_path: Path
) -> None:
    found = linted(files_of(rule, rule.fails), tmp_path)
    errors, warnings = {e.code for e in found.problems}, {e.code for e in found.warnings}
    if rule.level == "warning":
        assert errors == set()
        assert warnings - {"cases-missing"} | ({rule.code} & warnings) == {rule.code}
    else:
        assert errors == {rule.code}


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.code)
def test_the_mended_example_is_clean(rule: LintRule, tmp_path: Path) -> None:
    found = linted(files_of(rule, rule.passes), tmp_path)
    told = [(each.code, each.message) for each in (*found.problems, *found.warnings)]
    assert [each for each in told if each[0] != "cases-missing"] == []


def _loaded(*globs: str) -> object:
    return load_policies([Folder(shelf("policies"), "policies")], references(), globs=globs)


def _missing_folder() -> object:
    return load_policies([Folder(Path("no-such-folder"), "no-such-folder")], references())


def _large_table() -> str:
    rows = ",".join(["[1, pass]"] * 190)
    one = f"{{name: t, columns: {{a: params.floor}}, expect: [floor], rows: [{rows}]}}"
    return f"policy: demo.recall\ntables: [{','.join([one] * 8)}]\n"


ELSEWHERE: Final[Mapping[str, Callable[[], object]]] = {
    "yaml-encoding": lambda: read_source(b"a: \xe9", "x.yaml"),
    "yaml-hidden-character": lambda: source("a: '\u202e'"),
    "yaml-too-large": lambda: read_source(b"#" * 1_000_001, "x.yaml"),
    "yaml-too-many-values": lambda: source("[" + "1," * 20_001 + "]"),
    "file-unreadable": lambda: read_file(Path("no-such-file"), "x.yaml"),
    "folder-missing": _missing_folder,
    "folder-too-large": _loaded,
    "policy-unmatched": lambda: _loaded("fairnes.*"),
    "bundle-malformed": lambda: read_bundle({}, references().catalogs),
    "facts-unproduced": lambda: build_policy(
        source(SOUND), References(references().catalogs, produced=frozenset({"drift"}))
    ),
    "cases-too-large": lambda: load_cases(source(_large_table()), policy(SOUND)),
    "expression-too-long": lambda: parse("a" * 20_001),
    "expression-too-large": lambda: parse(f"[{','.join('1' * 2_000)}]"),
}


@pytest.mark.parametrize("code", sorted(rule.code for rule in RULES.values() if rule not in SHOWN))
def test_a_code_that_no_page_can_show_is_given_where_it_should_be(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if code == "folder-too-large":
        monkeypatch.setattr(library, "MOST_FILES", 5)
    with pytest.raises(AuthorError) as caught:
        ELSEWHERE[code]()
    assert code in {each.code for each in problems_of(caught.value)}


def _given_in_code() -> Iterator[str]:
    """Yield every word of the form of a code that stands in the language's modules."""
    for file in files("assaybook.language").iterdir():
        if not file.name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            word = node.value if isinstance(node, ast.Constant) else None
            if isinstance(word, str) and CODE.fullmatch(word):
                own = word.startswith(("bad_", "not_a_"))
                yield word.replace("_", "-") if own else word


def test_every_code_that_the_language_gives_is_in_the_registry_and_none_is_dead() -> None:
    advice = {rule.code for rule in GROUPS["Advice"]}
    assert set(_given_in_code()) - NOT_CODES == RULES.keys() - advice


def test_every_code_stands_in_the_registry_once() -> None:
    codes = [rule.code for group in GROUPS.values() for rule in group]
    assert len(codes) == len(set(codes))


def test_every_rule_says_what_it_means_and_what_to_do_in_whole_sentences() -> None:
    unfinished = [
        rule.code
        for rule in RULES.values()
        if rule.title.endswith(".") or not rule.means.endswith(".") or not rule.remedy.endswith(".")
    ]
    assert unfinished == []


def test_the_page_of_a_rule_shows_both_examples() -> None:
    page = rule_page(RULES["never-holds"])
    assert "row.value >= 90" in page
    assert "row.value >= 0.9" in page
    assert "What to do" in page
    assert len(max(rule_page(RULES["expression-too-deep"]).splitlines(), key=len)) < 200
    assert "Refused: A file" in rule_page(RULES["yaml-too-large"])


def test_the_shipped_policies_have_neither_problems_nor_warnings(tmp_path: Path) -> None:
    copied = {
        f"{theme.name}/{file.name}": file.read_text(encoding="utf-8")
        for theme in shelf("policies").iterdir()
        if theme.is_dir()
        for file in theme.iterdir()
    }
    found = linted(copied, tmp_path)
    assert [(each.code, each.where) for each in (*found.problems, *found.warnings)] == []


def test_a_warning_points_at_the_place_that_its_author_wrote(tmp_path: Path) -> None:
    rules = """\
rules:
  - id: floor
    for_each: recall
    enough: row.n >= 50
    pass_when: >-
      row.value >= params.floor
      && row.value
         != 1.0
    fix: Retrain.
"""
    text = EXAMPLE[: EXAMPLE.index("rules:")] + rules
    warnings = linted({"demo/recall.yaml": text}, tmp_path).warnings
    (found,) = (each for each in warnings if each.code == "fraction-equality")
    assert found.where == "demo/recall.yaml:21:10"
    assert "^" in found.message


def test_texts_of_one_alphabet_are_left_alone(tmp_path: Path) -> None:
    text = EXAMPLE.replace('"holdout"', '"δοκιμή"') + "  # Greek alone\n"
    codes = {each.code for each in linted({"demo/recall.yaml": text}, tmp_path).warnings}
    assert "mixed-alphabets" not in codes


@pytest.mark.parametrize(
    ("param", "words"),
    [
        ("list<string>, default: [h\u043eldout], stricter: superset", "mixes letters"),
        ("list<string>, default: [holdout]", "superset or subset"),
    ],
    ids=["a letter of another alphabet", "a list without direction"],
)
def test_params_are_looked_at_too(param: str, words: str, tmp_path: Path) -> None:
    text = EXAMPLE.replace("needs:", f"  splits: {{type: {param}}}\nneeds:").replace(
        'row.split == "holdout"', "row.split in params.splits"
    )
    found = linted({"demo/recall.yaml": text}, tmp_path)
    assert [each.where for each in found.warnings if words in each.message + each.hint] != []


@pytest.mark.parametrize(
    "condition",
    ["row.slice.matches(row.split)", "row.ci_high <= 0.9", "row.kind in ['quality']"],
    ids=["a pattern of the evidence", "a bound of the evidence", "no limit"],
)
def test_what_is_not_written_out_or_held_to_a_limit_is_not_warned_of(
    condition: str, tmp_path: Path
) -> None:
    rule = f'{{id: sure, for_each: recall, pass_when: "{condition}", fix: Do.}}'
    found = linted({"demo/recall.yaml": f"{EXAMPLE}  - {rule}\n"}, tmp_path)
    assert [each.code for each in found.problems] == []
    codes = {each.code for each in found.warnings}
    assert not codes & {"pattern-unanchored", "sample-size-unasked"}


@pytest.mark.parametrize(
    ("facts", "rule", "warned"),
    [
        pytest.param("attack", "row.rate <= 0.02", True, id="a rate of attacks"),
        pytest.param(
            "attack", "row.attempts >= 500 && row.rate <= 0.02", False, id="of so many attempts"
        ),
        pytest.param("attack", "row.successes == 0", False, id="a count"),
        pytest.param("data_check", "row.failed_share <= 0.01", True, id="a share of rows"),
    ],
)
def test_a_share_of_any_fact_wants_to_know_of_how_many(
    facts: str, rule: str, *, warned: bool, tmp_path: Path
) -> None:
    need = f"  tried: {{facts: {facts}, fresh_for: 90d}}\nrules:\n"
    more = f'  - {{id: few, for_each: tried, pass_when: "{rule}", fix: Do.}}\n'
    text = EXAMPLE.replace("rules:\n", need) + more
    found = linted({"demo/recall.yaml": text}, tmp_path)
    assert [each.code for each in found.problems] == []
    codes = {each.code for each in found.warnings}
    assert ("sample-size-unasked" in codes) is warned


@pytest.mark.parametrize(
    ("condition", "stricter", "warned"),
    [
        pytest.param("row.value >= params.p", "higher", False, id="a floor"),
        pytest.param("row.value >= params.p", "lower", True, id="a floor called a ceiling"),
        pytest.param("params.p <= row.value", "lower", True, id="a floor written backwards"),
        pytest.param("row.value <= params.p", "higher", True, id="a ceiling called a floor"),
        pytest.param("!(row.value > params.p)", "higher", True, id="a ceiling by a denial"),
        pytest.param(
            "row.n > 5 && (row.value >= params.p || row.value >= 0.99)", "lower", True, id="joined"
        ),
        pytest.param(
            "row.n > 5 ? row.value >= params.p : row.ci_low >= params.p", "lower", True, id="a case"
        ),
        pytest.param("recall.all(r, r.value >= params.p)", "lower", True, id="every row"),
        pytest.param("row.value >= params.p - 0.1", "lower", False, id="a part of a sum"),
        pytest.param("row.value >= 0.5 && row.value == params.p", "lower", False, id="equality"),
        pytest.param(
            "row.value >= params.p && row.ci_high <= params.p", "lower", False, id="both ways"
        ),
        pytest.param("params.p > 0.5 ? row.n > 5 : row.n > 9", "lower", False, id="a test"),
    ],
)
def test_the_stricter_way_of_a_limit_is_that_of_its_conditions(
    condition: str, stricter: str, *, warned: bool, tmp_path: Path
) -> None:
    param = f"params:\n  p: {{type: ratio, default: 0.8, stricter: {stricter}}}\n"
    rule = (
        f'  - {{id: p, for_each: recall, enough: row.n > 9, pass_when: "{condition}", fix: Do.}}\n'
    )
    found = linted({"demo/recall.yaml": EXAMPLE.replace("params:\n", param) + rule}, tmp_path)
    assert [each.code for each in found.problems] == []
    assert ("stricter-turned" in {each.code for each in found.warnings}) is warned


@pytest.mark.parametrize(
    ("condition", "stricter", "warned"),
    [
        pytest.param("row.slice in params.p", "subset", False, id="accepted by name"),
        pytest.param("row.slice in params.p", "superset", True, id="accepted, and growing"),
        pytest.param("!(row.slice in params.p)", "subset", True, id="forbidden, and shrinking"),
        pytest.param("params.p.all(s, s != row.slice)", "subset", True, id="all of fewer"),
        pytest.param("params.p.exists(s, s == row.slice)", "superset", True, id="one of more"),
        pytest.param("size(params.p) > 0 && row.n > 5", "subset", False, id="a count"),
    ],
)
def test_the_stricter_way_of_a_list_is_that_of_its_conditions(
    condition: str, stricter: str, *, warned: bool, tmp_path: Path
) -> None:
    param = f"params:\n  p: {{type: list<string>, default: [a, b], stricter: {stricter}}}\n"
    rule = f"  - {{id: p, for_each: recall, pass_when: '{condition}', fix: Do.}}\n"
    found = linted({"demo/recall.yaml": EXAMPLE.replace("params:\n", param) + rule}, tmp_path)
    assert [each.code for each in found.problems] == []
    assert ("stricter-turned" in {each.code for each in found.warnings}) is warned


@pytest.mark.parametrize(
    ("condition", "usual"),
    [
        pytest.param('row.name == "auc"', "roc_auc", id="an alias"),
        pytest.param('"acuracy" != row.name', "accuracy", id="a slip"),
        pytest.param('row.split == "hold-out"', "holdout", id="a split"),
        pytest.param('row.name in ["recall", "sensitivity"]', "recall", id="one of a list"),
        pytest.param("row.name in params.p", "roc_auc", id="one of a param"),
        pytest.param('other.exists(r, r.split == "val")', "validation", id="of a bound row"),
        pytest.param('row.name == "wer_of_the_house"', None, id="a name of the house"),
        pytest.param('row.name == "recall"', None, id="the usual name"),
        pytest.param('row.name == row.raw_name && row.slice == "auc"', None, id="another field"),
        pytest.param('system.name == "auc" && row.n > 3', None, id="another record"),
        pytest.param("row.name == params.q", None, id="a param that is not set"),
        pytest.param('row.slice == "sex = f"', "sex=f", id="a slice with blanks"),
        pytest.param('row.slice == "sex=f"', None, id="a slice without"),
    ],
)
def test_a_name_is_compared_as_reports_are_read(
    condition: str, usual: str | None, tmp_path: Path
) -> None:
    params = "params:\n  p: {type: list<string>, default: [auc]}\n  q: {type: string}\n"
    need = "needs:\n  other: {facts: metric, fresh_for: 90d}\n"
    rule = f"  - {{id: p, for_each: other, pass_when: '{condition}', fix: Do.}}\n"
    used = "row.slice in params.p || row.slice == params.q"
    rest = f"  - {{id: q, for_each: recall, pass_when: {used}, fix: Do.}}\n"
    text = EXAMPLE.replace("params:\n", params).replace("needs:\n", need) + rule + rest
    found = linted({"demo/recall.yaml": text}, tmp_path)
    assert [each.code for each in found.problems] == []
    told = [each.hint for each in found.warnings if each.code == "name-otherwise"]
    assert told == ([] if usual is None else [f"Did you mean {usual}?"])


def test_persons_who_sign_are_told_apart_by_their_signatures(tmp_path: Path) -> None:
    needs = (
        "  seen: {facts: review, fresh_for: 90d}\n  said: {facts: attestation, fresh_for: 90d}\n"
    )
    rule = "seen.exists(a, said.exists(b, a.person == b.person))"
    one = f'  - {{id: same, pass_when: "{rule}", fix: Do.}}\n'
    text = EXAMPLE.replace("rules:\n", f"{needs}rules:\n") + one
    codes = {each.code for each in linted({"demo/recall.yaml": text}, tmp_path).warnings}
    assert "person-claimed" not in codes


def test_every_fact_type_that_a_policy_can_ask_for_is_read_by_some_adapter() -> None:
    assert {name for one in BUILT_IN for name in describe(one).facts} == FACT_TYPES.keys()


@pytest.mark.parametrize(
    ("value", "usual"),
    [
        ('["sex = f", "sex=m"]', "sex=f"),
        ('["sex=f ", "sex=m"]', "sex=f"),
        ('["sex=f", "sex=m"]', None),
    ],
)
def test_a_slice_that_an_overlay_spells_as_no_report_does_is_told(
    value: str, usual: str | None, tmp_path: Path
) -> None:
    param = "params:\n  slices: {type: list<string>, stricter: superset}\n"
    where = "    enough: row.slice in params.slices && row.n >= 50\n"
    policy = EXAMPLE.replace("params:\n", param).replace("    enough: row.n >= 50\n", where)
    entries = f"  - {{policy: demo.recall, params: {{slices: {value}, floor: 0.9}}}}\n"
    overlay = f"overlay: o\nset:\n{entries}"
    found = linted({"demo/recall.yaml": policy, "overlay.yaml": overlay}, tmp_path)
    assert [each.code for each in found.problems] == []
    told = [each.hint for each in found.warnings if each.code == "name-otherwise"]
    assert told == ([] if usual is None else [f"Did you mean {usual}?"])


def _warned(code: str, text: str, tmp_path: Path) -> bool:
    found = linted({"demo/recall.yaml": text}, tmp_path)
    assert [each.code for each in found.problems if each.code != "param-unused"] == []
    return code in {each.code for each in found.warnings}


RECALL: Final = EXAMPLE.partition("rules:\n")[0]


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ("row.value <= params.floor", True),
        ("params.floor >= row.value", True),
        ("!(row.value >= params.floor)", True),
        ("row.value >= params.floor", False),
        ("row.value >= params.floor && row.value <= 0.999", False),
        ("row.value <= params.floor || row.n > 3", True),
        ("recall.all(r, r.value < params.floor)", True),
        ("recall.all(a, recall.all(b, a.value <= b.value))", False),
        ("row.value != 0.5", False),
    ],
)
def test_a_limit_is_on_the_side_that_stops_the_worse_values(
    condition: str,
    warned: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    rule = f"rules:\n  - {{id: a, for_each: recall, pass_when: '{condition}', fix: Do.}}\n"
    assert _warned("limit-turned", RECALL + rule, tmp_path) is warned


@pytest.mark.parametrize(
    ("where", "warned"),
    [
        ('row.name == "ece"', True),
        ('row.name in ["ece", "brier"]', True),
        ('row.name in ["ece", "recall"]', True),
        ('row.name == "our_score"', False),
        ("row.n > 3", False),
    ],
)
def test_which_side_a_limit_belongs_on_is_known_of_named_metrics(
    where: str,
    warned: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    needs = f"needs:\n  found: {{facts: metric, where: '{where}', fresh_for: 90d}}\n"
    rule = "rules:\n  - {id: a, for_each: found, pass_when: row.value >= 0.1, fix: Do.}\n"
    text = EXAMPLE.partition("params:\n")[0] + needs + rule
    assert _warned("limit-turned", text, tmp_path) is warned


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ('age(row.tested_at) <= duration("90d")', True),
        ('duration("90d") > age(row.tested_at)', True),
        ('age(row.tested_at) < duration("90d") && age(row.tested_at) >= duration("0s")', False),
        ('age(row.tested_at) < duration("90d") && duration("0s") <= age(row.tested_at)', False),
        ('age(row.tested_at) >= duration("1d")', False),
        ('age(timestamp("2026-01-01T00:00:00Z")) < duration("90d")', True),
    ],
)
def test_an_age_under_a_limit_is_asked_to_be_past(
    condition: str,
    warned: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    needs = "needs:\n  found: {facts: operation, fresh_for: 90d}\n"
    asked = f'row.result == "pass" && {condition}'
    rule = f"rules:\n  - {{id: a, for_each: found, pass_when: '{asked}', fix: Do.}}\n"
    text = EXAMPLE.partition("params:\n")[0] + needs + rule
    assert _warned("still-to-come", text, tmp_path) is warned


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ('row.result != "fail"', True),
        ('"fail" != row.result', True),
        ('!(row.result == "fail")', True),
        ('!(row.result in ["fail", "skip"])', True),
        ('!(row.result in ["fail", "skip", "error"])', False),
        ('row.result == "pass"', False),
        ('row.severity != "page"', False),
        ("row.owner != row.severity", False),
    ],
)
def test_what_was_not_tried_is_no_pass(condition: str, warned: bool, tmp_path: Path) -> None:  # noqa: FBT001
    needs = "needs:\n  found: {facts: operation, fresh_for: 90d}\n"
    rule = f"rules:\n  - {{id: a, for_each: found, pass_when: '{condition}', fix: Do.}}\n"
    text = EXAMPLE.partition("params:\n")[0] + needs + rule
    assert _warned("not-tried-passes", text, tmp_path) is warned


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ('row.slice != "a=b" || row.value >= params.floor', True),
        ('row.value >= params.floor || "a=b" != row.slice', True),
        ('!(row.slice == "a=b") || row.value >= params.floor', True),
        ('!(row.slice in ["a=b"]) || row.value >= params.floor', True),
        ('row.slice == "a=b" ? row.value >= params.floor : true', True),
        ('row.slice != "a=b" ? true : row.value >= params.floor', True),
        ('row.slice == "a=b" ? row.value >= params.floor : row.value >= 0.5', False),
        ('recall.all(r, r.slice != "a=b" || r.value >= params.floor)', True),
        ("row.value >= params.floor || row.n > 90000", False),
        ('row.raw_name != "x" || row.value >= params.floor', False),
        ("row.slice != row.raw_name || row.value >= params.floor", False),
        ('system.name != "x" || row.value >= params.floor', False),
    ],
)
def test_rows_of_another_kind_are_not_passed_over(
    condition: str,
    warned: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    rule = f"rules:\n  - {{id: a, for_each: recall, pass_when: '{condition}', fix: Do.}}\n"
    assert _warned("rows-excused", RECALL + rule, tmp_path) is warned


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ('release.stage == "production"', True),
        ('"production" == release.stage', True),
        ('!(release.stage != "production")', True),
        ('release.stage in ["production", "live"]', True),
        ('"health" in system.tags', True),
        ('system.tags.exists(t, t == "health")', True),
        ('system.purpose.contains("health")', True),
        ('system.generative ? release.stage == "live" : true', True),
        ('release.stage != "development"', False),
        ('!(release.stage in ["development"])', False),
        ('!("internal" in system.tags)', False),
        ('system.risk_tier == "high" || system.edge', False),
        ('system.id == "triage"', False),
        ('release.artifacts.exists(a, a.kind == "model")', False),
    ],
)
def test_a_policy_is_not_escaped_by_another_spelling(
    condition: str,
    warned: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    applies = f"applies_when: '{condition}'\n"
    assert _warned("excused-by-spelling", EXAMPLE + applies, tmp_path) is warned


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ("math.greatest(known) >= params.floor", True),
        ("params.floor <= math.greatest(known)", True),
        ("math.least(known) <= params.floor", True),
        ("math.least(known) >= params.floor", False),
        ("math.greatest(known) - math.least(known) <= params.floor", False),
        ("math.greatest(0.1, params.floor) >= 0.2 && size(known) > 3", False),
    ],
)
def test_the_best_of_several_values_does_not_stand_for_all(
    condition: str,
    warned: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    let = "let: {known: 'recall.map(r, r.value)'}"
    rule = f"rules:\n  - id: a\n    {let}\n    pass_when: '{condition}'\n    fix: Do.\n"
    assert _warned("one-good-row", RECALL + rule, tmp_path) is warned


@pytest.mark.parametrize(
    ("rule", "warned"),
    [
        ("where: row.slice in params.s", True),
        ("where: row.n > 3 && row.slice in params.s", True),
        ("where: row.slice in params.s\n    at_least: size(params.s)", False),
        ("where: row.slice in params.s || row.n > 3", False),
        ('where: row.slice in ["a=b"] && row.raw_name in params.s', True),
        ("where: row.slice in system.tags && size(params.s) > 1", False),
        ('where: row.slice == "a=b" && "a=b" in params.s', False),
        ("enough: row.slice in params.s", False),
    ],
)
def test_what_is_declared_is_asked_for(rule: str, warned: bool, tmp_path: Path) -> None:  # noqa: FBT001
    head = EXAMPLE.partition("rules:\n")[0]
    params = "params:\n  s: {type: list<string>, default: [a=b], stricter: superset}\n"
    text = head.replace("params:\n", params)
    text += f"rules:\n  - id: a\n    for_each: recall\n    {rule}\n"
    text += "    pass_when: row.value >= params.floor\n    fix: Do.\n"
    assert _warned("declared-unseen", text, tmp_path) is warned
    every = "  - {id: b, pass_when: 'params.s.all(s, recall.exists(r, r.slice == s))', fix: Do.}\n"
    assert not _warned("declared-unseen", text + every, tmp_path)
