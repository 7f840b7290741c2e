"""No reader can group a sentence otherwise than its tree."""

from dataclasses import replace
from typing import Any

import pytest

from assaybook.domain.expression import Expression
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Need
from assaybook.domain.types import Type
from assaybook.language.checker import check
from assaybook.language.environment import params_environment, rule_environment
from assaybook.language.parser import parse
from assaybook.language.sentence import expression_words, rule_sentence
from assaybook.language.sentence_shape import Said, both, clean, finished
from support.policy_parts import NEEDS, PARAMS, a_need, a_rule, typed

FOUND = 'operational control with kind "alert" of any release of the system'
IN_TIME = "was tested within the last 180 days and not in the future"


def said(text: str) -> str:
    return expression_words(typed(text).node, NEEDS, PARAMS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "system.edge && (system.generative || has(system.owner) && system.name == 'a')",
            (
                "both of these hold: (a) the system is run at the edge; and (b) either "
                "the system is "
                "generative or both the system's owner is known and the system's name is \"a\""
            ),
        ),
        (
            "(system.generative || has(system.owner)) && system.edge",
            (
                "both of these hold: (a) either the system is generative or the system's owner is "
                "known; and (b) the system is run at the edge"
            ),
        ),
        (
            (
                "(system.generative || system.edge && (system.name == 'a' || has(system.owner)))"
                " && system.edge"
            ),
            (
                "both of these hold: (a) at least one of these holds: (1) the system is "
                "generative; "
                'or (2) both the system is run at the edge and either the system\'s name is "a" or '
                "the system's owner is known; and (b) the system is run at the edge"
            ),
        ),
        (
            "system.edge && (system.edge ? system.generative || system.edge : has(system.owner))",
            (
                "both of these hold: (a) the system is run at the edge; and (b) if the "
                "system is run "
                "at the edge, then (either the system is generative or the system is run "
                "at the edge), "
                "otherwise the system's owner is known"
            ),
        ),
        (
            "['a'.contains('b') && system.edge]",
            'the list whether (both "a" contains "b" and the system is run at the edge)',
        ),
    ],
)
def test_what_could_be_grouped_otherwise_is_a_list_with_labels(text: str, words: str) -> None:
    assert said(text) == words


def test_a_list_within_lists_has_labels_of_its_own() -> None:
    inner = [Said("p"), Said("q"), Said("r")]
    for _ in range(3):
        inner = [Said("x"), both(inner, either=False), Said("y")]
    assert finished(both(inner, either=True).text) == (
        "at least one of these holds: (a) x; (b) all of these hold: (1) x; (2) all of these hold: "
        "[(a) x; (b) all of these hold: [(1) p; (2) q; and (3) r]; and (c) y]; and (3) y; or (c) y"
    )
    many = finished(both([Said("x")] * 28, either=True).text)
    assert "(z) x; (27) x; or (28) x" in many


def test_a_text_of_a_policy_cannot_forge_a_label() -> None:
    assert finished(clean("a\x0e\x10b\x0f\x02c\x1fd\x03")) == "a??b??c?d?"
    assert said("system.name == 'a\\u0010b'") == 'the system\'s name is "a?b"'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "drift.exists(d, d.method == 'psi' || d.method == 'ks')",
            'there is at least one drift statistic whose method is either "psi" or "ks"',
        ),
        (
            "drift.exists(d, d.method == 'psi' || d.column == 'ks')",
            (
                'there is at least one drift statistic for which either its method is "psi" or its '
                'column is "ks"'
            ),
        ),
        (
            "drift.exists(d, !(d.method == 'psi' || d.method == '' || d.method == 'ks'))",
            'there is at least one drift statistic whose method is none of "psi", empty or "ks"',
        ),
        (
            (
                "drift.exists(d, d.column != '' && (d.method == 'psi' && d.statistic == 'distance'"
                " || d.method == 'ks' && d.statistic == 'p_value'))"
            ),
            (
                "there is at least one drift statistic whose column is not empty and "
                "whose method and "
                'statistic are either "psi" and "distance", or "ks" and "p_value"'
            ),
        ),
        (
            (
                "drift.exists(d, (d.method == 'psi' && d.statistic == 'distance'"
                " || d.method == 'ks' && d.statistic == 'p_value') && d.column != '')"
            ),
            (
                "there is at least one drift statistic for which (a) its method and statistic are "
                'either "psi" and "distance", or "ks" and "p_value"; and (b) its column '
                "is not empty"
            ),
        ),
        (
            (
                "drift.exists(d, !(d.method == 'a' && d.statistic == 'distance'"
                " || d.method == 'c' && d.statistic == 'p_value'))"
            ),
            (
                "there is at least one drift statistic for which both of these hold: (a) "
                "either its "
                'method is not "a" or its statistic is not "distance"; and (b) either '
                'its method is not "c" '
                'or its statistic is not "p_value"'
            ),
        ),
        (
            "system.name == 'a' && system.id == 'b' || system.name == 'c' && system.id == 'd'",
            'the system\'s name and id are either "a" and "b", or "c" and "d"',
        ),
        (
            (
                "system.name == 'a' && release.version == 'b'"
                " || system.name == 'c' && release.version == 'd'"
            ),
            (
                'at least one of these holds: (a) both the system\'s name is "a" and '
                "the release's "
                'version is "b"; or (b) both the system\'s name is "c" and the '
                "release's version is "
                '"d"'
            ),
        ),
        (
            "system.name in ['a', 'b', 'c']",
            'the system\'s name is one of "a", "b" or "c"',
        ),
        (
            "system.name in ['a', system.id]",
            "the system's name is one of (\"a\", the system's id)",
        ),
        (
            "!(system.name in ['a', system.id])",
            "the system's name is none of (\"a\", the system's id)",
        ),
        (
            "drift.exists(d, d.method in ['a', d.column] && d.method == 'a')",
            (
                'there is at least one drift statistic whose method is one of ("a", its '
                "column) and "
                'whose method is "a"'
            ),
        ),
    ],
)
def test_values_of_one_field_are_said_as_one_choice(text: str, words: str) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            (
                "alerts.exists(a, a.result == 'pass' && age(a.tested_at) >= duration('0s')"
                " && age(a.tested_at) <= duration('180d'))"
            ),
            f'there is at least one {FOUND} whose result is "pass" and that {IN_TIME}',
        ),
        (
            (
                "age(release.released_at) <= duration('180d')"
                " && age(release.released_at) >= duration('0s')"
            ),
            "the release was released within the last 180 days and not in the future",
        ),
        (
            (
                "age(only(alerts, a, a.loaded).tested_at) >= duration('0s')"
                " && age(only(alerts, a, a.loaded).tested_at) <= duration('1d')"
            ),
            (
                f"the time of the test of (the one {FOUND} that is loaded) lies within "
                f"the last 1 day "
                "and not in the future"
            ),
        ),
        (
            (
                "age(timestamp(system.name)) >= duration('0s')"
                " && age(timestamp(system.name)) <= duration('1d')"
            ),
            "the time the system's name lies within the last 1 day and not in the future",
        ),
        (
            (
                "age(release.released_at) >= duration('1s')"
                " && age(release.released_at) <= params.max_age"
            ),
            (
                "the time since the release's time of release is at least 1 second and is at most "
                "90 days"
            ),
        ),
        (
            (
                "age(release.released_at) >= params.max_age"
                " && age(release.released_at) <= params.max_age"
            ),
            (
                "the time since the release's time of release is at least 90 days and is at most "
                "90 days"
            ),
        ),
        (
            "has(system.owner) && system.owner in ['a', 'b']",
            'the system\'s owner is known to be either "a" or "b"',
        ),
        (
            "has(system.owner) && system.edge && system.owner == 'a'",
            'both the system\'s owner is known to be "a" and the system is run at the edge',
        ),
        (
            "has(system.owner) && system.name == 'a'",
            "both the system's owner is known and the system's name is \"a\"",
        ),
        (
            "recall.all(r, has(r.slice) && r.slice == only(drift, d, d.column == 'a').column)",
            (
                "for every recall measurement on the holdout split, both its slice is "
                "known and the "
                "first-named recall measurement's slice is the column of (the one drift statistic "
                'whose column is "a")'
            ),
        ),
    ],
)
def test_two_statements_about_one_value_are_said_as_one(text: str, words: str) -> None:
    assert said(text) == words


def test_an_empty_list_holds_nothing() -> None:
    assert expression_words(parse("system.name in []").node, {}, {}) == (
        "the system's name is among an empty list"
    )


def test_a_wider_condition_is_left_out_beside_a_narrower_one() -> None:
    need = a_need("links", "lineage", "row.relation == 'trained_on' || row.relation == 'tested_on'")
    over = "links.filter(l, l.relation == 'trained_on').exists(l, l.digest == 'a')"
    node = check(parse(over), {"links": _rows_of(need)}).node
    assert expression_words(node, {"links": need}, {}) == (
        'there is at least one lineage link whose relation is "trained_on" and whose digest is "a"'
    )
    other = (
        "links.filter(l, l.relation in ['tested_on', 'trained_on']).exists(l, l.digest in ['a'])"
    )
    node = check(parse(other), {"links": _rows_of(need)}).node
    assert expression_words(node, {"links": need}, {}) == (
        'there is at least one lineage link whose relation is either "trained_on" or "tested_on", '
        'whose relation is either "tested_on" or "trained_on" and whose digest is "a"'
    )


def _rows_of(need: Need) -> Type:
    return rule_environment({need.name: need}, PARAMS, METRICS)[need.name]


def test_a_noun_with_more_than_one_reading_stands_in_brackets_before_other_words() -> None:
    assert said(
        "recall.filter(r, (r.n > 3 || r.value > 0.5) && r.n_rows > 1).all(r, r.slice == '')"
    ) == (
        "for every recall measurement on the holdout split (for which (a) either its number of "
        "trials is more than 3 or its value is more than 0.50; and (b) its number of rows is more "
        "than 1), its slice is empty"
    )
    assert said("recall.all(r, r.n > 3 || r.value > 0.5) && system.edge").startswith(
        "both of these hold: (a) for every recall measurement on the holdout split, either "
    )
    wide = "recall.exists(r, r.slice != '' ? r.n > 3 : r.n > 5)"
    assert said(wide) == (
        "there is at least one recall measurement on the holdout split for which if its slice is "
        "not empty, then its number of trials is more than 3, otherwise its number of trials is "
        "more than 5"
    )


def test_a_let_is_said_without_brackets() -> None:
    rule = a_rule(
        "sound && !(size(few) > 3) && share <= 1 || !sound",
        let={
            "few": "recall.filter(r, r.n > 3)",
            "sound": "system.edge && system.generative",
            "share": "size(recall)",
        },
    )
    assert rule_sentence(rule, NEEDS, PARAMS) == (
        'Take "few" to be the recall measurements on the holdout split whose number of trials is '
        'more than 3. Take "sound" to be whether both the system is run at the edge and the system '
        'is generative. Take "share" to be the number of recall measurements on the holdout split. '
        'At least one of these holds: (a) all of these hold: (1) "sound" holds; (2) the number of '
        'entries of "few" is not more than 3; and (3) "share" is at most 1; or (b) "sound" does '
        "not hold."
    )


def test_the_value_of_a_param_is_said_once() -> None:
    unset = {**PARAMS, "slices": replace(PARAMS["slices"], value=None)}
    rule = a_rule(
        "row.n > 3",
        for_each="recall",
        where="row.slice in params.slices",
        at_least="size(params.slices)",
    )
    assert rule_sentence(rule, NEEDS, unset) == (
        "For each recall measurement on the holdout split whose slice is among the declared slices "
        "(not set yet): its number of trials is more than 3. With fewer of them than there are "
        "declared slices, it is undecided."
    )


@pytest.mark.parametrize(
    ("at_least", "words"),
    [
        ("1", "With none, it is undecided."),
        ("3", "With fewer than 3 of them, it is undecided."),
        (
            "size(drift)",
            "With fewer of them than there are drift statistics, it is undecided.",
        ),
        ("params.some + 1", "With fewer of them than 3 plus 1, it is undecided."),
    ],
)
def test_what_too_few_rows_mean_is_said(at_least: str, words: str) -> None:
    rule = a_rule("row.n > 3", for_each="recall", at_least=at_least)
    assert rule_sentence(rule, NEEDS, PARAMS).endswith(f"is more than 3. {words}")


@pytest.mark.parametrize(
    ("questions", "noun"),
    [
        (("security/secret",), "secret"),
        (("security/secret", "security/license"), "security finding"),
        (("security/exposure",), "security finding"),
    ],
)
def test_rows_that_answer_one_question_alone_are_called_what_was_sought(
    questions: tuple[str, ...], noun: str
) -> None:
    needs = {"secrets": replace(NEEDS["secrets"], where=None, of=questions)}
    rule = a_rule("!secrets.exists(s, s.suppressed)")
    assert rule_sentence(rule, needs, PARAMS).startswith(f"There is no {noun} that is suppressed.")


def test_none_is_said_to_need_a_proof() -> None:
    lead = 'security finding with class "secret"'
    rule = a_rule("row.fingerprint in params.nothing", for_each="secrets", at_least="0")
    proof = "To prove it, the release must have been scanned completely, looking for secrets."
    assert rule_sentence(rule, NEEDS, PARAMS) == (
        f"There is no {lead} unless its fingerprint is among the nothing (none so far). {proof}"
    )
    wide = a_rule("row.rule == 'a' ? row.suppressed : true", for_each="secrets", at_least="0")
    assert rule_sentence(wide, NEEDS, PARAMS).startswith(f"For each {lead}: if its rule is")
    none = a_rule("!secrets.exists(s, s.rule == 'a')")
    assert rule_sentence(none, NEEDS, PARAMS) == (
        f'There is no {lead} whose rule is "a". To prove what is said of the '
        'security findings with class "secret", the release must have been scanned completely, '
        "looking for secrets."
    )
    some = a_rule("secrets.exists(s, s.rule == 'a')")
    assert rule_sentence(some, NEEDS, PARAMS) == f'There is at least one {lead} whose rule is "a".'


def test_what_must_have_been_examined_is_said() -> None:
    def proof(**more: Any) -> str:
        need = replace(NEEDS["secrets"], **more)
        rule = a_rule("row.suppressed", for_each="secrets", at_least="0")
        return rule_sentence(rule, {"secrets": need}, PARAMS).partition("To prove it, ")[2]

    def params(text: str) -> Expression:
        return check(parse(text), params_environment(PARAMS))

    assert proof(about="model", of=("security/a_b", "security/c"), may_be_empty=False) == (
        "each model of the release must have been scanned, looking for a b and c."
    )
    assert proof(min_examined=0.995) == (
        "the release must have been scanned to at least 99.5 %, looking for secrets."
    )
    assert proof(may_skip=params("params.nothing")).startswith(
        "the release must have been scanned completely, looking"
    )
    assert proof(may_skip=params("params.slices"), min_examined=0.9) == (
        'the release must have been scanned to at least 90 % but for "sex=female" and "sex=male", '
        "looking for secrets."
    )
    assert proof(may_skip=params("params.forbidden")).startswith(
        "the release must have been scanned completely but for the forbidden (not set yet), looking"
    )
    assert proof(of=params("params.slices")).endswith("looking for sex=female and sex=male.")
    assert proof(of=params("params.forbidden")).endswith("looking for the forbidden (not set yet).")
    assert proof(facts="operation").startswith("the release must have been examined completely")
