"""What a card of the hub measures and was made from, as its specification has it."""

import json

import pytest

from assaybook.domain.facts import Documentation, Lineage, Metric
from support.documents import evidence_of, opened, refusal


def card(front: str, body: str = "# m") -> bytes:
    return f"---\n{front}\n---\n{body}\n".encode()


def results(*rows: str) -> str:
    return "model-index:\n- name: m\n  results:\n" + "\n".join(f"  - {row}" for row in rows)


def metrics_of(front: str) -> list[Metric]:
    facts = evidence_of(card(front), "README.md").facts
    return [fact for fact in facts if isinstance(fact, Metric)]


def topic(body: str, name: str, front: str = "license: mit") -> Documentation:
    facts = evidence_of(card(front, body), "README.md").facts
    return next(one for one in facts if isinstance(one, Documentation) and one.topic == name)


def test_two_configurations_of_one_data_set_are_two_data_sets() -> None:
    found = metrics_of(
        results(
            "{dataset: {name: CV, config: de}, metrics: [{type: wer, value: 0.1}]}",
            "{dataset: {name: CV, config: fr}, metrics: [{type: wer, value: 0.3}]}",
            "{dataset: {name: GLUE, config: mrpc}, metrics: [{type: f1, value: 0.8}]}",
        )
    )
    assert [(one.dataset, one.value) for one in found] == [
        ("CV/de", 0.1),
        ("CV/fr", 0.3),
        ("GLUE", 0.8),
    ]


@pytest.mark.parametrize(
    ("written", "name", "value", "reason"),
    [
        ("{type: accuracy, value: '93.5%'}", "accuracy", 0.935, None),
        ("{type: accuracy, value: '?%'}", "accuracy", None, "malformed"),
        ("{type: accuracy, value: 93.5}", "accuracy", None, "unit"),
        ("{type: f1, value: 0.8, args: {average: macro}}", "f1_macro", 0.8, None),
        ("{type: mean_reward, value: 251.2 +/- 14.1}", "mean_reward", 251.2, None),
        ("{type: wer, value: 0.21}", "word_error_rate", 0.21, None),
        ("{type: wer, value: 7.1}", "word_error_rate", None, "unit"),
    ],
)
def test_a_value_is_read_in_the_unit_that_it_states(
    written: str, name: str, value: float | None, reason: str | None
) -> None:
    (found,) = metrics_of(results(f"{{dataset: {{name: d}}, metrics: [{written}]}}"))
    assert (found.name, found.value, found.unknown.get("value")) == (name, value, reason)


@pytest.mark.parametrize(
    ("front", "at"),
    [
        ("co2_eq_emissions: {emissions: 1500, source: codecarbon}", "/co2_eq_emissions/emissions"),
        ("co2_eq_emissions: 1500", "/co2_eq_emissions"),
    ],
)
def test_emissions_are_in_grams(front: str, at: str) -> None:
    (found,) = metrics_of(front)
    assert (found.name, found.value, found.unit, found.pointer) == ("co2_kg", 1.5, "kg_co2e", at)


def test_emissions_in_words_are_no_number() -> None:
    assert not metrics_of("co2_eq_emissions: {emissions: little}")


def test_a_card_names_what_its_model_was_made_from_and_proves_no_bytes() -> None:
    front = f"base_model: [org/a, org/b]\ndatasets: glue\n{results()}"
    one = evidence_of(card(front), "README.md")
    found = [fact for fact in one.facts if isinstance(fact, Lineage)]
    assert [(each.source, each.target, each.relation, each.digest) for each in found] == [
        ("m", "org/a", "derived_from", None),
        ("m", "org/b", "derived_from", None),
        ("m", "glue", "derived_from", None),
    ]
    assert [(row.question, row.examined) for row in one.coverage if row.question == "lineage"] == [
        ("lineage", 3)
    ]


def test_a_data_card_extends_other_data_and_an_original_extends_none() -> None:
    front = "pretty_name: Fragen\nsource_datasets: [original, extended|squad, extended|]"
    facts = evidence_of(card(front), "README.md").facts
    found = [(one.source, one.target) for one in facts if isinstance(one, Lineage)]
    assert found == [("Fragen", "squad")]


def test_a_section_that_its_template_calls_optional_may_stay_a_placeholder() -> None:
    body = (
        "# m\n## Uses\n### Direct Use\nTriage.\n### Downstream Use [optional]\n"
        "[More Information Needed]\n## Model Card Authors [optional]\n[More Information Needed]"
    )
    use, owner = topic(body, "intended_use"), topic(body, "owner")
    assert (use.present, use.placeholder) == (True, False)
    assert (owner.present, owner.placeholder) == (False, True)


def test_a_section_that_must_be_filled_stays_a_placeholder_beside_an_answer() -> None:
    body = "# m\n## Direct Use\nTriage.\n## Intended use\n[More Information Needed]"
    assert topic(body, "intended_use").placeholder


@pytest.mark.parametrize(
    "line",
    [
        "Users should be made aware of the risks, biases and limitations of the dataset.",
        (
            "Users (both direct and downstream) should be made aware of the risks, biases and "
            "limitations of the model. More information needed for further recommendations."
        ),
    ],
)
def test_a_sentence_of_the_template_is_no_limitation(line: str) -> None:
    found = topic(f"# m\n## Recommendations\n\n{line}\n\n[More Information Needed]", "limitations")
    assert (found.present, found.placeholder) == (False, True)


def test_a_licence_that_is_said_twice_is_one() -> None:
    assert topic("# m\n- **License:** mit", "license").text == "mit"


def test_versions_of_a_framework_are_no_version_of_the_model() -> None:
    facts = evidence_of(card("license: mit", "# m\n## Framework versions\n- Torch 2"), "R.md").facts
    assert not [one for one in facts if isinstance(one, Documentation) and one.topic == "version"]


@pytest.mark.parametrize(("models", "codes"), [(1, []), (2, ["several-models"])])
def test_a_card_with_the_metrics_of_several_models_says_so(models: int, codes: list[str]) -> None:
    index = "model-index:" + "\n- {name: m, results: []}" * models
    one = evidence_of(card(index), "README.md")
    assert [warning.code for warning in one.envelope.warnings] == codes


def entry(dataset: str, task: str, value: object, **more: object) -> dict[str, object]:
    return {"dataset": {"id": dataset, "task_id": task}, "value": value, **more}


def test_results_of_benchmarks_are_scores_of_a_task_of_which_nobody_says_the_unit() -> None:
    entries = [
        entry("cais/hle", "default", 20.9, date="2026-01-15T10:30:00Z", notes="no-tools"),
        entry("gpqa", "diamond", "0.4", date="2026-01-15"),
    ]
    found = opened(json.dumps(entries), "hle.yaml").evidence
    facts = [fact for one in found for fact in one.facts if isinstance(fact, Metric)]
    assert [(one.name, one.dataset, one.dimension, one.value, one.unit) for one in facts] == [
        ("benchmark_score", "cais/hle", "default; no-tools", 20.9, None),
        ("benchmark_score", "gpqa", "diamond", 0.4, None),
    ]
    scopes = [(one.envelope.scope.dataset, one.envelope.scope.job) for one in found]
    assert scopes == [("cais/hle", "default; no-tools"), ("gpqa", "diamond")]
    assert [one.envelope.produced_at is None for one in found] == [False, True]


def test_two_values_of_one_task_stand_together_and_an_unnamed_task_is_refused() -> None:
    twice = [entry("d", "t", 1), entry("d", "t", 2)]
    (one,) = opened(json.dumps(twice), "r.yaml").evidence
    assert [fact.pointer for fact in one.facts] == ["/0/value", "/1/value"]
    odd = [entry("d", "t", 1), entry("d", " ", 1)]
    assert refusal(json.dumps(odd), "r.yaml").where == "r.yaml#/1/dataset"
    assert refusal(json.dumps([{"value": 1}]), "r.yaml").code == "format-unknown"
