"""Words that nothing can be, ends of intervals, and limits that needs take less evidence by."""

from typing import Final

import pytest

from assaybook.language.overlay import load_overlay
from assaybook.language.rules.advice import advice, overlay_advice
from support.policies import policy, source

HEAD: Final = """\
policy: demo.recall
version: 1
title: Recall is good
why: {}
severity: high
controls: {{nist-ai-rmf-1.0: {{MEASURE 2.3: supports}}}}
"""
CARD: Final = "needs:\n  c: {facts: documentation, fresh_for: 90d}\n"
TOPICS: Final = "params.p.all(t, c.exists(x, x.topic == t && x.present && !x.placeholder))"
EACH: Final = "rules:\n  - id: a\n    fix: Do.\n    for_each: m\n    enough: row.attempts >= 50\n"


def _told(text: str, why: str = "A model that misses cases does harm.") -> dict[str, list[str]]:
    """Return what is advised of a policy: hints by code."""
    whole = HEAD.format(why) + text
    found: dict[str, list[str]] = {}
    for each in advice(policy(whole), source(whole)):
        found.setdefault(each.code, []).append(each.hint)
    return found


def _param(kind: str, default: str, stricter: str = "superset") -> str:
    return f"params:\n  p: {{type: {kind}, default: {default}, stricter: {stricter}}}\n"


def _attacks(condition: str, need: str = "of: [attack/jailbreak]") -> str:
    needs = f"needs:\n  m: {{facts: attack, fresh_for: 90d, {need}}}\n"
    return f"{needs}{EACH}    pass_when: '{condition}'\n"


@pytest.mark.parametrize(
    ("default", "hints"),
    [
        ("[risks, owner]", []),
        ("[risks, humanoversight]", ["Did you mean human_oversight?"]),
        ("[xyzzy]", ["There are intended_use, out_of_scope, limitations, risks, training_data, "]),
    ],
)
def test_a_topic_that_no_card_can_answer_is_told(default: str, hints: list[str]) -> None:
    rule = f'rules:\n  - {{id: a, fix: Do., pass_when: "{TOPICS}"}}\n'
    told = _told(_param("list<string>", default) + CARD + rule).get("word-never-read", [])
    assert [one.startswith(hint) for one, hint in zip(told, hints, strict=True)] == [True] * len(
        hints
    )


@pytest.mark.parametrize(
    ("default", "told"),
    [
        ("[attack/jailbreak, attack]", False),
        ("[attack/jailbrake]", True),
        ("[jailbreak]", True),
        ("[security/secret]", True),
    ],
)
def test_a_question_that_no_report_answers_is_told(default: str, *, told: bool) -> None:
    text = _param("list<string>", default) + _attacks("row.rate <= 0.1", "of: params.p")
    assert ("word-never-read" in _told(text)) is told


@pytest.mark.parametrize(
    ("condition", "default", "told"),
    [
        ("row.family == params.p && row.rate <= 0.1", "jailbrake", True),
        ("params.p == row.family && row.rate <= 0.1", "jailbreak", False),
        ('row.family in ["toxicity", params.p] && row.rate <= 0.1', "jailbrake", True),
        ("row.name == params.p && row.rate <= 0.1", "jailbrake", False),
        ("row.name != params.p && row.rate < 0.1", "x", False),
        ("system.risk_tier == params.p && row.rate <= 0.1", "hgih", True),
    ],
)
def test_a_word_of_a_closed_list_is_one_of_the_list(
    condition: str, default: str, *, told: bool
) -> None:
    text = _param("string", default).replace(", stricter: superset", "")
    assert ("word-never-read" in _told(text + _attacks(condition))) is told


@pytest.mark.parametrize(
    ("facts", "told"), [("pii", False), ("metric", True), ("lineage", True), ("drift", True)]
)
def test_questions_are_known_of_the_facts_that_have_a_closed_list(
    facts: str, *, told: bool
) -> None:
    params = _param("list<string>", f"[{facts}/of_the_house]")
    needs = f"needs:\n  m: {{facts: {facts}, fresh_for: 90d, of: params.p}}\n"
    rule = "rules:\n  - {id: a, fix: Do., pass_when: size(m) > 3}\n"
    assert ("word-never-read" in _told(params + needs + rule)) is told


def test_a_word_that_an_overlay_sets_is_one_of_the_list() -> None:
    rule = f'rules:\n  - {{id: a, fix: Do., pass_when: "{TOPICS}"}}\n'
    one = policy(HEAD.format("W.") + _param("list<string>", "[risks]") + CARD + rule)
    written = source(
        "overlay: o\nset:\n  - {policy: demo.recall, params: {p: [risks, ownr, contact]}}\n"
    )
    overlay = load_overlay(written, policies=[one])
    told = [(e.code, e.hint) for e in overlay_advice(overlay, written, {one.id: one})]
    assert told == [("word-never-read", "Did you mean owner?")]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("stats.wilson_upper(row.rate, row.attempts, 0.95) <= 0.1", []),
        ("stats.wilson_lower(row.rate, row.attempts, 0.95) <= 0.1", ["upper"]),
        ("0.1 >= stats.wilson_lower(row.rate, row.attempts, 0.95)", ["upper"]),
        ("!(stats.wilson_lower(row.rate, row.attempts, 0.95) > 0.1)", ["upper"]),
        ("stats.wilson_upper(row.attacked_value, row.attempts, 0.95) >= 0.5", ["lower"]),
        ("0.5 <= stats.wilson_lower(row.attacked_value, row.attempts, 0.95)", []),
        ("row.n == 1 ? row.rate < 0.1 : stats.wilson_lower(row.rate, 9, 0.95) < 0.1", ["upper"]),
        ("m.all(r, r.rate < 0.1 && stats.wilson_lower(r.rate, 9, 0.95) < 0.1)", ["upper"]),
        (
            "stats.wilson_lower(row.rate, 9, 0.95) < stats.wilson_upper(row.rate, 99, 0.95)",
            [],
        ),
    ],
)
def test_a_limit_is_held_to_the_worse_end_of_an_interval(condition: str, told: list[str]) -> None:
    text = _attacks(condition.replace("row.n ==", "row.successes =="))
    hints = [f"Compare stats.wilson_{end}(...)." for end in told]
    assert _told(text).get("better-end", []) == hints


@pytest.mark.parametrize(
    ("kind", "default", "stricter", "need", "told"),
    [
        ("duration", "90d", "lower", "fresh_for: params.p", False),
        ("duration", "90d", "higher", "fresh_for: params.p", True),
        ("duration", "90d", "higher", "fresh_for: 30d, last: 5, within: params.p", True),
        ("list<string>", "[a]", "superset", "fresh_for: 90d, may_skip: params.p", True),
        ("list<string>", "[a]", "subset", "fresh_for: 90d, may_skip: params.p", False),
        ("list<string>", "[attack]", "subset", "fresh_for: 90d, of: params.p", True),
        ("list<string>", "[attack]", "superset", "fresh_for: 90d, of: params.p", False),
    ],
)
def test_the_stricter_way_of_a_param_takes_less_evidence(
    kind: str, default: str, stricter: str, need: str, *, told: bool
) -> None:
    needs = f"needs:\n  m: {{facts: attack, {need}}}\n"
    rule = "rules:\n  - {id: a, fix: Do., pass_when: size(m) > 3}\n"
    found = _told(_param(kind, default, stricter) + needs + rule)
    assert ("stricter-turned" in found) is told


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ('row.family != "jailbreak" || row.rate <= 0.1', "rows-excused"),
        ("row.attacked_value <= 0.5", "limit-turned"),
        ("row.clean_value < 0.5", "limit-turned"),
    ],
)
def test_attacks_are_judged_by_what_they_are_and_by_what_is_left(condition: str, code: str) -> None:
    assert code in _told(_attacks(condition))


@pytest.mark.parametrize(
    ("why", "told"), [("TODO", True), ("TBD: ask", True), ("TODOs rot.", False)]
)
def test_a_note_to_write_it_later_is_no_reason(why: str, *, told: bool) -> None:
    assert ("words-unfilled" in _told(_attacks("row.rate <= 0.1"), f'"{why}"')) is told
