"""Model and data cards: a heading is not content, and a placeholder is not either."""

from typing import Any

import pytest

from assaybook.domain.facts import Documentation, Metric
from assaybook.intake.adapters.headings import topics_of
from assaybook.intake.many_rows import told
from support.documents import evidence_of, opened, refusal

CARD = """---
license: mit
language:
- en
- de
model-index:
- name: m
  results:
  - dataset: {name: wdbc, split: val}
    metrics:
    - {type: accuracy, value: 0.90}
    - {type: f1, value: 101}
---
# Tumour classifier

## Uses

<!-- how is it used -->

### Direct Use

Sorting slides for a second look.

### Out-of-Scope Use

[More Information Needed]

## Bias, Risks, and Limitations

Trained on one hospital.

```
## Ethical considerations
not a heading, but code
```

### Recommendations

TODO

## Training data

## Evaluation data
{{ evaluation_data | default("[More Information Needed]", true) }}

## Model Card Contact

n/a

- **Developed by:** The slide team
- **License:** [More Information Needed]
"""


def _topics(text: str, name: str = "README.md") -> dict[str, Documentation]:
    facts = evidence_of(text, name).facts
    return {fact.topic: fact for fact in facts if isinstance(fact, Documentation)}


def test_a_topic_is_present_when_its_section_says_something() -> None:
    topics = _topics(CARD)
    assert {topic: (one.present, one.placeholder) for topic, one in topics.items()} == {
        "license": (True, True),
        "title": (True, False),
        "intended_use": (True, False),
        "out_of_scope": (False, True),
        "risks": (True, False),
        "biases": (True, False),
        "limitations": (True, True),
        "training_data": (False, False),
        "evaluation_data": (False, True),
        "contact": (False, False),
        "owner": (True, False),
    }


def test_a_heading_within_code_is_no_heading() -> None:
    assert "ethics" not in _topics(CARD)


def test_a_topic_points_at_its_line_or_key() -> None:
    topics = _topics(CARD)
    assert (topics["license"].pointer, topics["intended_use"].pointer) == ("/license", "line 20")
    assert CARD.splitlines()[19] == "### Direct Use"


def test_the_text_of_a_topic_is_kept_without_comments_and_placeholders() -> None:
    topics = _topics(CARD)
    assert topics["intended_use"].text == "Sorting slides for a second look."
    assert (topics["out_of_scope"].text, topics["license"].text) == (None, "mit")
    assert topics["owner"].language == "en, de"


def test_the_metrics_of_the_index_are_read_with_data_set_and_split() -> None:
    facts = [fact for fact in evidence_of(CARD, "README.md").facts if isinstance(fact, Metric)]
    assert [(one.name, one.value, one.dataset, one.split, one.unknown) for one in facts] == [
        ("accuracy", 0.9, "wdbc", "validation", {}),
        ("f1", None, "wdbc", "validation", {"value": "unit"}),
    ]


def test_a_card_is_the_whole_record_of_its_topics() -> None:
    (row, _) = evidence_of(CARD, "README.md").coverage
    assert (row.question, row.examined, row.failed, row.errored, row.skipped) == (
        *("documentation/model", 11, 0, 0, 0),
    )


def test_a_metric_that_cannot_be_read_leaves_the_metrics_open_and_not_the_card() -> None:
    index = (
        "model-index:\n- results:\n  - metrics:\n    - {value: 1}\n    - {type: acc, value: 0.9}\n"
    )
    evidence = evidence_of(f"---\n{index}---\n# M\n", "README.md")
    rows = {row.question: row.errored for row in evidence.coverage}
    assert rows == {"documentation/model": 0, "metric/quality": 0, "metric": 1}
    assert evidence.envelope.malformed is False


def test_front_matter_that_is_no_yaml_leaves_the_text_and_marks_the_card_malformed() -> None:
    evidence = evidence_of("---\n{{ card_data }}\n---\n# M\n## License\nMIT\n", "README.md")
    assert (evidence.envelope.malformed, len(evidence.facts)) == (True, 2)


@pytest.mark.parametrize(
    "front", ["task_categories: [a]", "dataset_info: {}", "size_categories: [n<1K]"]
)
def test_the_keys_of_a_data_card_make_it_one(front: str) -> None:
    found = opened(
        f"---\n{front}\n---\n# D\n## Personal and Sensitive Information\nNone.\n", "R.md"
    )
    assert found.detected.version == "dataset-card"
    assert {fact.model_dump()["document"] for fact in found.evidence[0].facts} == {"dataset"}


def test_a_title_of_a_data_card_is_enough() -> None:
    assert opened("# Dataset Card for X\n", "R.md").detected.version == "dataset-card"


def test_markdown_without_front_matter_is_a_card_with_little_confidence() -> None:
    found = opened("# M\n\n## License\n\nMIT\n", "R.md")
    assert (found.detected.version, found.detected.confidence < 0.5) == ("model-card", True)


@pytest.mark.parametrize(
    ("heading", "topics"),
    [
        ("Intended uses & limitations", ("intended_use", "limitations")),
        ("Bias, Risks, and Limitations", ("limitations", "risks", "biases")),
        ("Training and evaluation data", ("training_data", "evaluation_data")),
        ("Testing Data, Factors & Metrics", ("evaluation_data", "metrics")),
        ("Out-of-Scope Use", ("out_of_scope",)),
        ("Human oversight", ("human_oversight",)),
        ("Ethical considerations", ("ethics",)),
        ("Environmental Impact", ("environment",)),
        ("Dataset Card Authors [optional]", ("owner",)),
        ("Evaluation", ("metrics",)),
        ("Framework versions", ()),
        ("Shipping and handling", ()),
    ],
)
def test_headings_have_the_topics_that_a_reader_would_expect(
    heading: str, topics: tuple[str, ...]
) -> None:
    assert set(topics_of(heading)) == set(topics)


@pytest.mark.parametrize(
    "words",
    ["More information needed", "[More Information Needed]", "TBD", "{{ x }}", "to be completed",
     "N/A", "...", "<!-- a comment", "**License:** [More Information Needed]", "[insert text]",
     "Unknown", "- ", "lorem ipsum dolor", "tbc", "t.b.d.", "xxx", "pending", "To follow.",
     "*(to be written)*", "[TBD]", "n.a.", "k.A.", "Keine Angabe", "Wird noch ergänzt.",
     "Not applicable", "Will be added later.", "To be documented", "Under review",
     "**Limitations:** to follow",
     "à compléter", "Pendiente", "todo", "WIP", "Pending review", "Not yet written.", "Draft",
     "Insert text here", "Describe the limits of the model here.", "未定",
     "Please enter here what the model cannot do."],
)  # fmt: skip
def test_a_section_of_placeholders_is_not_present(words: str) -> None:
    topics = _topics(f"# M\n## Limitations\n\n{words}\n")
    assert topics["limitations"].present is False


@pytest.mark.parametrize(
    "words",
    ["Every suggestion has to be confirmed by a nurse.", "A review needs to be completed first.",
     "Todo el personal clínico puede usarlo.", "What is left is to be done by two persons.",
     "More information is needed for patients under 18, who are out of scope.",
     "Not specified in law.", "A claim under review is out of scope.",
     "Describe symptoms in full sentences. Short ones mislead it here.",
     "Add the offset of the site where it is used here and elsewhere.",
     "We describe the limits [here](limits.md)."],
)  # fmt: skip
def test_plain_words_are_no_template_text(words: str) -> None:
    topic = _topics(f"# M\n## Limitations\n\n{words}\n")["limitations"]
    assert (topic.present, topic.placeholder) == (True, False)


def test_a_sentence_that_says_that_the_answer_is_missing_is_a_placeholder() -> None:
    topic = _topics("# M\n## Limitations\n\nThe limits are to be added.\n")["limitations"]
    assert topic.placeholder


def test_a_card_of_endless_braces_is_read_in_good_time() -> None:
    topics = _topics("# M\n## Limitations\n" + "{{" * 500_000 + "\nReal.\n")
    assert topics["limitations"].present


def test_a_book_is_no_card() -> None:
    assert refusal("# M\n" + "a" * 2_000_000, "README.md").code == "document-too-large"


def _of_toolkit(owners: list[dict[str, str]], overview: str = "") -> dict[str, object]:
    details = {"name": "m", "owners": owners, "overview": overview}
    return {"schema_version": "0.0.2", "model_details": details}


def test_an_owner_who_is_named_again_says_nothing_more() -> None:
    owners = [{"name": "A", "contact": "a@example.org"}, {"name": " "}, {"name": "B"}]
    once = evidence_of(_of_toolkit(owners), name="a.json").facts
    assert evidence_of(_of_toolkit(owners * 3), name="a.json").facts == once
    said = [one for one in once if isinstance(one, Documentation) and one.topic == "owner"]
    assert [(one.pointer, one.text) for one in said] == [("/model_details/owners/0", "A\nB")]


@pytest.mark.parametrize(
    ("owners", "overview", "why"),
    [
        ([{"name": f"Team {n}"} for n in range(25_001)], "", "more than 25000 passages"),
        ([], "a\n" * 50_002, "more than 50000 lines"),
    ],
    ids=["passages", "lines"],
)
def test_a_card_that_says_more_than_anybody_reads_is_refused(
    owners: list[dict[str, str]], overview: str, why: str
) -> None:
    refused = refusal(_of_toolkit(owners, overview), name="a.json")
    assert refused.code == "document-too-large"
    assert why in refused.message


def _bom(*said: list[str]) -> dict[str, Any]:
    """Return a bill of materials of models, each with what it says of its limitations."""
    cards = [{"considerations": {"technicalLimitations": texts}} for texts in said]
    model = {"type": "machine-learning-model", "name": "m"}
    components = [{**model, "name": f"m{n}", "modelCard": card} for n, card in enumerate(cards)]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}


def test_lines_of_all_models_together_are_bounded() -> None:
    many = _bom(*([f"{number}" + "\na" * 40_000] for number in range(4)))
    refused = refusal(many, name="bom.json")
    assert refused.code == "document-too-large"
    assert "more than 150000 lines" in refused.message


def test_a_passage_that_many_models_repeat_is_looked_at_once() -> None:
    same = _bom(*(["said" + "\na" * 40_000] for _ in range(8)))
    facts = [fact for each in opened(same, "bom.json").evidence for fact in each.facts]
    said = [one.text for one in facts if isinstance(one, Documentation) and one.text]
    assert [len(text) for text in said] == [20_000] * 8


def test_texts_of_one_topic_are_told_apart_without_a_search_for_each() -> None:
    many = _bom([str(number) for number in range(24_000)] * 2)
    (found,) = evidence_of(many, name="bom.json").facts[-1:]
    assert isinstance(found, Documentation)
    assert found.present


@pytest.mark.parametrize("lines", [300, 3_000, 30_000], ids=["few", "enough", "more"])
def test_the_last_line_of_a_passage_counts_however_much_of_it_a_fact_holds(lines: int) -> None:
    said = "a line of words\n" * lines
    for last, placeholder in (("TODO: the rest", True), ("the rest", False)):
        facts = evidence_of(_bom([f"{said}{last}"]), name="bom.json").facts
        topics = [one for one in facts if isinstance(one, Documentation)]
        (found,) = (one for one in topics if one.topic == "limitations")
        assert found.placeholder is placeholder
        assert found.text is not None
        assert len(found.text) == min(20_000, len(said) - 1 if placeholder else len(said + last))


def test_links_that_a_few_texts_make_many_of_are_refused_before_all_are_made() -> None:
    card = {"modelParameters": {"datasets": [{"ref": "d"}] * 100}}
    model = {"type": "machine-learning-model", "modelCard": card}
    components = [{**model, "name": f"m{number}"} for number in range(4_000)]
    data = {"type": "data", "name": "d", "bom-ref": "d"}
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [data, *components]}
    assert refusal(bom, name="bom.json").code == "too-many-facts"
    rows = iter(range(30_000))
    assert len(told(rows)) == 25_001
    assert next(rows) == 25_001
