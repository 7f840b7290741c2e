"""What is easily written and means another thing than its author thinks."""

from typing import Final

import pytest

from assaybook.language.overlay import load_overlay
from assaybook.language.rules.advice import advice, overlay_advice
from support.policies import policy, source

HEAD: Final = """\
policy: demo.recall
version: 1
title: Recall is good
why: A model that misses cases does harm.
severity: high
controls: {nist-ai-rmf-1.0: {MEASURE 2.3: supports}}
"""
SLICES: Final = "params:\n  slices: {type: list<string>, stricter: superset}\n"
HOLDOUT: Final = 'row.name == "recall" && row.split == "holdout"'


def _told(text: str) -> dict[str, tuple[str, str]]:
    """Return what is advised of a policy, by code: the message and the hint."""
    found = advice(policy(HEAD + text), source(HEAD + text))
    return {each.code: (each.message.partition("\n")[0], each.hint) for each in found}


def _rule(needs: str, rule: str, params: str = "") -> str:
    return f"{params}needs:\n{needs}rules:\n  - id: a\n    fix: Do.\n{rule}"


def _metric(where: str, rule: str, params: str = "") -> str:
    need = f"  m:\n    facts: metric\n    where: {where}\n    fresh_for: 90d\n"
    return _rule(need, rule, params)


def _facts(facts: str, where: str, rule: str) -> str:
    need = f"  m:\n    facts: {facts}\n    where: {where}\n    fresh_for: 90d\n"
    return _rule(need, rule)


EACH: Final = "    for_each: m\n    enough: row.n >= 50\n    pass_when: "


@pytest.mark.parametrize(
    ("where", "warned"),
    [
        ('row.name == "recall"', True),
        ('row.name in ["recall", "our_score"]', True),
        ('row.name == "recall" && row.split in ["holdout", "test"]', False),
        ('row.name == "latency_p95_ms"', False),
        ('row.name == "pass_rate"', False),
        ('row.name == "our_score"', False),
        ("row.n > 3", False),
    ],
)
def test_a_metric_of_quality_wants_the_part_of_the_data_to_be_said(
    where: str,
    warned: bool,  # noqa: FBT001
) -> None:
    assert ("split-unasked" in _told(_metric(where, f"{EACH}row.value >= 0.1\n"))) is warned


def test_a_rule_may_ask_for_the_split_instead_of_the_need() -> None:
    rule = '    for_each: m\n    where: row.split == "test"\n    enough: row.n > 9\n'
    told = _told(_metric('row.name == "recall"', f"{rule}    pass_when: row.value >= 0.1\n"))
    assert "split-unasked" not in told
    need = '  m: {facts: security, of: [security/secret], covers: scope.path == "src", '
    covered = f"{need}may_be_empty: true, fresh_for: 9d}}\n"
    assert _told(_rule(covered, "    pass_when: size(m) == 0\n")) == {}


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ("m.filter(r, r.slice in params.slices).all(r, r.value >= 0.8)", True),
        (
            "math.least(m.filter(r, r.slice in params.slices).map(r, r.value)) >= 0.8",
            True,
        ),
        ("math.least(m.map(r, r.slice in params.slices, r.value)) >= 0.8", True),
        ("m.filter(r, r.slice in params.slices).exists(r, r.slice != '')", False),
        ("size(m.filter(r, r.slice in params.slices)) == size(params.slices)", False),
        ("m.filter(r, r.n_rows > 3).all(r, r.slice in params.slices)", False),
        (
            "m.filter(r, r.slice in params.slices).all(r, r.n > 9) && params.slices.all(s, s > '')",
            False,
        ),
    ],
)
def test_a_declared_slice_that_a_filter_misses_does_not_go_unnoticed(
    condition: str,
    warned: bool,  # noqa: FBT001
) -> None:
    told = _told(_metric(HOLDOUT, f'    pass_when: "{condition}"\n', SLICES))
    assert ("declared-unseen" in told) is warned
    if warned:
        hint = "Add a rule with params.slices.all(p, m.exists(r, ...))."
        message = "an entry of params.slices without a row goes unnoticed"
        assert told["declared-unseen"] == (message, hint)


JUDGED: Final = "    for_each: m\n    pass_when: row.present && !row.placeholder\n"


@pytest.mark.parametrize(
    ("where", "rule", "count"),
    [
        ('row.topic in ["risks", "limitations", "ethics"]', JUDGED, 3),
        ('row.topic == "risks" || row.topic == "limitations"', JUDGED, 2),
        ('row.topic == "risks" || row.document == "model"', JUDGED, 0),
        ('row.document in ["model", "dataset"]', JUDGED, 0),
        ('row.topic == "risks" || row.present', JUDGED, 0),
        ('row.topic in ["risks"]', JUDGED, 0),
        ('row.topic in ["risks", "limitations"]', f"{JUDGED}    at_least: 2\n", 0),
        (
            'row.topic in ["risks", "limitations"]',
            "    pass_when: m.all(t, t.present && !t.placeholder)\n",
            2,
        ),
        (
            'row.topic in ["risks", "limitations"]',
            "    pass_when: m.exists(t, t.present && !t.placeholder)\n",
            0,
        ),
    ],
)
def test_one_of_several_named_topics_is_not_taken_for_all(
    where: str, rule: str, count: int
) -> None:
    told = _told(_facts("documentation", where, rule)).get("declared-unseen")
    message = f"one of these {count} is enough: the others need not have a row"
    assert told == (
        None
        if not count
        else (message, f"Add at_least: {count} to for_each, or a rule for each of them.")
    )


def test_questions_that_must_be_answered_are_looked_for_each() -> None:
    need = (
        "  m:\n    facts: data_check\n    where: row.check in ['a', 'b']\n    fresh_for: 9d\n"
        "    of: [data_check/null, data_check/label]\n"
    )
    told = _told(_rule(need, "    for_each: m\n    pass_when: row.status == 'pass'\n"))
    assert "declared-unseen" not in told
    found = (
        "  m: {facts: pii, of: [pii/email], may_be_empty: true, fresh_for: 9d}\n",
        "    pass_when: '!m.filter(f, f.entity in params.slices).exists(f, f.count > 0)'\n",
        SLICES,
    )
    assert _told(_rule(*found)) == {}


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ("m.filter(r, r.n >= 50).all(r, r.value >= 0.8)", True),
        ("m.filter(r, r.n >= 50).filter(r, r.value > 0).all(r, r.n_rows > 3)", True),
        ("m.filter(r, r.slice != '').all(r, r.n >= 50)", False),
        ("size(m.filter(r, r.n >= 50)) >= 3", False),
    ],
)
def test_a_filter_does_not_make_small_samples_vanish(
    condition: str,
    warned: bool,  # noqa: FBT001
) -> None:
    rule = f'    pass_when: "{condition}"\n'
    assert ("small-samples-dropped" in _told(_metric(HOLDOUT, rule))) is warned
    enough = f"    enough: size(m.filter(r, r.n >= 50)) >= 2\n{rule}"
    assert "small-samples-dropped" not in _told(_metric(HOLDOUT, enough))


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ("math.least(m.map(r, r.value)) >= 0.8", True),
        ("least >= 0.8", True),
        ("only(m, r, r.slice == '').value >= 0.8", True),
        ("stats.mean(values) == 0.8", False),
        ("size(m) >= 3", False),
        ("size(slices) >= 3", False),
    ],
)
def test_a_value_made_of_shares_asks_for_their_trials_too(
    condition: str,
    warned: bool,  # noqa: FBT001
) -> None:
    rule = (
        '    let: {values: "m.map(r, r.value)", least: math.least(values), '
        'slices: "m.map(r, r.slice)"}\n'
        f'    pass_when: "{condition} || least == 0.5 || size(slices) == 7"\n'
    )
    told = _told(_metric(HOLDOUT, rule)).get("sample-size-unasked")
    hint = "Add enough: m.all(r, r.n >= params.min_n), or compare stats.wilson_lower(...)."
    assert (told and told[1]) == (hint if warned else None)


@pytest.mark.parametrize(
    ("facts", "condition", "counted"),
    [
        ("attack", "row.successes <= 5", "attempts"),
        ("attack", "row.successes <= 5 && row.attempts >= 100", ""),
        ("data_check", "row.failed <= 5", "examined"),
        ("data_check", "row.failed_share <= 0.01", "examined"),
        ("drift", "row.value <= 0.1", ""),
    ],
)
def test_few_failures_ask_of_how_many(facts: str, condition: str, counted: str) -> None:
    rule = f"    for_each: m\n    pass_when: {condition}\n"
    told = _told(_rule(f"  m: {{facts: {facts}, fresh_for: 90d}}\n", rule))
    found = told.get("sample-size-unasked", ("", ""))
    assert found[1] == (f"Add enough: row.{counted} >= params.min_{counted}." if counted else "")


TURNED: Final = "Turn the comparison round."
APART: Final = "Judge them in rules of their own."


@pytest.mark.parametrize(
    ("facts", "where", "condition", "hint"),
    [
        ("attack", "row.family == 'evasion'", "row.rate >= 0.9", TURNED),
        ("attack", "row.family == 'evasion'", "row.rate <= 0.1", ""),
        ("attack", "row.family == 'evasion'", "row.clean_value >= 0.1", ""),
        ("data_check", "row.family == 'null'", "row.failed_share >= 0.1", TURNED),
        ("drift", "row.statistic == 'p_value'", "row.value <= 0.05", TURNED),
        ("drift", "row.statistic == 'p_value'", "row.value >= 0.05", ""),
        ("drift", "row.method == 'psi'", "row.value >= 0.2", TURNED),
        ("drift", "row.column != ''", "row.value <= 0.1", APART),
        (
            "drift",
            "row.column != ''",
            "row.statistic == 'p_value' ? row.value >= 0.05 : row.value <= 0.1",
            "",
        ),
        ("metric", "row.name in ['accuracy', 'error_rate']", "row.value >= 0.9", APART),
        ("metric", "row.name in ['accuracy', 'our_score']", "row.value <= 0.9", ""),
        (
            "metric",
            "row.name in ['accuracy', 'error_rate']",
            "row.direction == 'higher' && row.value >= 0.9",
            "",
        ),
    ],
)
def test_a_limit_stops_the_worse_values_of_every_kind(
    facts: str, where: str, condition: str, hint: str
) -> None:
    rule = f'    for_each: m\n    pass_when: "{condition}"\n'
    assert _told(_facts(facts, where, rule)).get("limit-turned", ("", ""))[1] == hint


@pytest.mark.parametrize(
    ("rule", "warned"),
    [
        ("    for_each: m\n    where: row.value >= 0.5\n    pass_when: row.value >= 0.8\n", True),
        ("    pass_when: m.filter(r, r.value < 0.9).all(r, r.value >= 0.8)\n", True),
        ("    pass_when: size(m.filter(r, r.value >= 0.8)) >= 2\n", False),
        ("    for_each: m\n    where: row.value >= 0.5\n    pass_when: row.n >= 80\n", False),
        ("    for_each: m\n    where: row.n == 5\n    pass_when: row.value >= 0.8\n", False),
    ],
)
def test_rows_are_not_chosen_by_what_they_are_judged_by(
    rule: str,
    warned: bool,  # noqa: FBT001
) -> None:
    assert ("worse-left-out" in _told(_metric(HOLDOUT, rule))) is warned


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("m.exists(t, t.topic == 'risks')", "a heading with nothing under it"),
        ("m.exists(t, t.topic == 'risks' && t.present)", "template text"),
        ("m.exists(t, t.topic == 'risks' && !t.placeholder)", "a heading with nothing under it"),
        ("m.exists(t, t.topic == 'risks' && size(t.text) > 80)", ""),
        ("m.exists(t, t.topic == 'risks' && t.present && !t.placeholder)", ""),
    ],
)
def test_a_heading_alone_is_no_documentation(condition: str, says: str) -> None:
    rule = f'    pass_when: "{condition}"\n'
    told = _told(_facts("documentation", "row.document == 'model'", rule))
    message = f"{says} is enough for this to pass" if says else ""
    assert told.get("heading-enough", ("", ""))[0] == message


@pytest.mark.parametrize(
    ("param", "condition", "hint"),
    [
        ("type: number, default: 5", "row.value <= params.limit", "Write 0.05 for 5 %."),
        ("type: number, default: 90", "params.limit <= row.value", "Write 0.9 for 90 %."),
        ("type: ratio, default: 1.0", "row.value <= params.limit", "stop something"),
        ("type: number, default: 0.5", "row.value <= params.limit", ""),
        ("type: number", "row.value <= params.limit", ""),
        ("type: number, default: 5", "row.value == params.limit", ""),
        ("type: duration, default: 5d", "age(release.released_at) <= params.limit", ""),
    ],
)
def test_a_limit_is_within_what_its_values_can_be(param: str, condition: str, hint: str) -> None:
    rule = f'{EACH}"{condition}"\n'
    error = 'row.name == "error_rate" && row.split == "holdout"'
    text = _metric(error, rule, f"params:\n  limit: {{{param}, stricter: lower}}\n")
    told = _told(text).get("limit-out-of-reach", ("", ""))[1]
    assert hint in told
    assert bool(told) is bool(hint)


def test_a_limit_that_an_overlay_sets_is_within_what_its_values_can_be() -> None:
    param = "params:\n  limit: {type: number, default: 0.1}\n  most: {type: number, default: 1e3}\n"
    error = 'row.name == "error_rate" && row.split == "holdout"'
    text = HEAD + _metric(
        error, f"{EACH}row.value <= params.limit && row.value <= params.most\n", param
    )
    one = policy(text)
    written = source(
        "overlay: o\nset:\n  - policy: demo.recall\n    allow_relax: true\n    reason: Why not.\n"
        "    params: {limit: 5}\n"
    )
    overlay = load_overlay(written, policies=[one])
    told = [(e.code, e.hint) for e in overlay_advice(overlay, written, {one.id: one})]
    assert told == [("limit-out-of-reach", "Write 0.05 for 5 %.")]


def test_needs_of_other_facts_do_not_blur_which_side_is_better() -> None:
    needs = (
        "  m: {facts: metric, where: row.name == 'recall', fresh_for: 90d}\n"
        "  card: {facts: documentation, fresh_for: 90d}\n"
    )
    told = _told(_rule(needs, "    pass_when: m.all(r, r.value <= 0.8) && size(card) > 3\n"))
    assert told["limit-turned"][1] == TURNED
    assert "heading-enough" in told


@pytest.mark.parametrize(
    ("need", "hint"),
    [
        ("facts: data_check, about: dataset", "Add of: [data_check/<family>], which every data"),
        ("facts: drift, about: model", "Add of: [drift], which every model must answer."),
        ("facts: data_check, about: dataset, of: [data_check/label]", ""),
        ("facts: data_check", ""),
        ("facts: data_check, about: system", ""),
    ],
)
def test_every_data_set_of_a_release_is_asked_for(need: str, hint: str) -> None:
    rule = "    pass_when: size(m) > 3\n"
    told = _told(_rule(f"  m: {{{need}, fresh_for: 9d}}\n", rule)).get("part-unasked", ("", ""))
    assert told[1].startswith(hint)
    assert bool(told[1]) is bool(hint)
