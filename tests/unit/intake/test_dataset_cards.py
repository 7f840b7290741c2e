"""Croissant and the Model Card Toolkit: what is documented, and what only looks as if it were."""

from typing import Any

import pytest

from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.facts import ArtifactFact, Documentation, Lineage, Metric
from support.documents import evidence_of, opened, refusal

SHA = "ab" * 32


def _dataset(**more: object) -> dict[str, object]:
    conforms = "http://mlcommons.org/croissant/1.0"
    return {"@type": "sc:Dataset", "name": "people", "conformsTo": conforms, **more}


def _topics(document: object) -> dict[str, Documentation]:
    facts = evidence_of(document).facts
    return {fact.topic: fact for fact in facts if isinstance(fact, Documentation)}


def _card(**sections: object) -> dict[str, Any]:
    return {"schema_version": "0.0.2", "model_details": {"name": "m"}, **sections}


@pytest.mark.parametrize(
    "key", ["rai:dataLimitations", "dataLimitations", "cr:dataLimitations",
            "http://mlcommons.org/croissant/RAI/dataLimitations"]
)  # fmt: skip
def test_a_topic_is_read_however_its_key_is_spelt(key: str) -> None:
    fact = _topics(_dataset(**{key: ["Only adults.", "Only towns."]}))["limitations"]
    assert (fact.present, fact.text) == (True, "Only adults.\nOnly towns.")
    assert fact.pointer == "/" + key.replace("~", "~0").replace("/", "~1")


@pytest.mark.parametrize("text", ["[More Information Needed]", "TODO", "", "n/a", "{{ limits }}"])
def test_a_placeholder_in_a_description_is_no_content(text: str) -> None:
    assert _topics(_dataset(**{"rai:dataLimitations": text}))["limitations"].present is False


def test_the_language_of_the_description_is_that_of_its_context() -> None:
    named = _dataset(**{"@context": {"@language": "de"}, "inLanguage": "en"})
    assert _topics(named)["title"].language == "de"
    assert _topics(_dataset(inLanguage="en"))["title"].language == "en"


@pytest.mark.parametrize(
    ("file", "digest", "malformed"),
    [
        ({"sha256": SHA.upper()}, f"sha256:{SHA}", False),
        ({"md5": "xnQ+q8WLj9aPCvhTsG+L6A=="}, "md5:c6743eabc58b8fd68f0af853b06f8be8", False),
        ({"sha256": "https://example.org/issues/80"}, None, True),
        ({"sha256": "soon", "md5": "0" * 32}, "md5:" + "0" * 32, False),
        ({"md5": "AAAA"}, None, True),
        ({}, None, False),
    ],
)
def test_a_digest_is_one_or_is_marked(
    file: dict[str, str], digest: str | None, *, malformed: bool
) -> None:
    one = {"@type": "cr:FileObject", "name": "f.csv", "contentSize": "10 B", **file}
    evidence = evidence_of(_dataset(distribution=[one, {"@type": "cr:FileSet", "name": "all"}]))
    (fact,) = [fact for fact in evidence.facts if isinstance(fact, ArtifactFact)]
    assert (fact.digest, fact.size_bytes, fact.verified) == (digest, 10, None)
    assert ("digest" in fact.unknown) == malformed
    about = () if digest is None else (AboutArtifact(digest=digest, name="f.csv", kind="dataset"),)
    assert evidence.envelope.subject.artifacts == about


def test_an_origin_that_is_stated_is_lineage_and_a_citation_in_prose_is_not() -> None:
    document = _dataset(
        **{
            "prov:wasDerivedFrom": {"@id": "raw", "prov:label": "raw people", "sha256": SHA},
            "prov:wasGeneratedBy": [{"@id": "cleaning"}, 3],
            "isBasedOn": "https://example.org/a",
            "citation": ["Ann, 2026", "https://doi.org/10.1/x", {"name": "A book"}],
        }
    )
    found = [fact for fact in evidence_of(document).facts if isinstance(fact, Lineage)]
    assert [(one.target, one.relation, one.digest) for one in found] == [
        ("raw people", "derived_from", f"sha256:{SHA}"),
        ("https://example.org/a", "derived_from", None),
        ("cleaning", "built_by", None),
        ("https://doi.org/10.1/x", None, None),
    ]


def test_each_data_set_of_a_list_is_a_reading_of_its_own() -> None:
    found = opened([_dataset(), _dataset(name="towns"), {"@type": "Person"}]).evidence
    assert [one.envelope.scope.dataset for one in found] == ["people", "towns"]
    assert [one.facts[0].pointer for one in found] == ["/0/name", "/1/name"]


@pytest.mark.parametrize(
    ("conforms", "version"),
    [
        (["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"], "1.1"),
        ({"@id": "http://mlcommons.org/croissant/1.0"}, "1.0"),
        (None, "0.8"),
    ],
)
def test_the_version_is_that_of_croissant_and_not_of_its_parts(
    conforms: object, version: str
) -> None:
    document: dict[str, Any] = {**_dataset(conformsTo=conforms), "recordSet": []}
    assert opened(document).detected.version == version


def test_a_version_that_is_not_read_and_other_data_sets_are_refused() -> None:
    later = refusal(_dataset(conformsTo="http://mlcommons.org/croissant/2.0"))
    assert (later.code, "2.0" in later.message) == ("format-not-supported", True)
    assert refusal({"@type": "Dataset", "name": "x"}).code == "format-unknown"
    assert refusal(_dataset(distribution="f")).where == "report.json#/distribution"


def test_the_time_of_the_description_goes_before_that_of_the_data() -> None:
    times = {"datePublished": "2025-01-01T00:00:00Z", "sdDatePublished": "2026-01-01T00:00:00Z"}
    assert str(evidence_of(_dataset(**times)).envelope.produced_at)[:4] == "2026"
    assert evidence_of(_dataset(datePublished="2025-01-01")).envelope.produced_at is None


def test_a_number_in_quotes_is_a_number_and_its_interval_is_kept() -> None:
    metrics: list[Any] = [
        {"type": "accuracy", "value": "0.9", "slice": "sex:female",
         "confidence_interval": {"lower_bound": "0.8", "upper_bound": 0.95}},
        {"type": "accuracy", "value": "ninety", "slice": "Overall", "threshold": 0.5},
        {"type": "accuracy", "slice": "a_X_b:1", "confidence_interval": {}},
        {"type": "accuracy", "value": 90, "slice": "women"},
    ]  # fmt: skip
    document = _card(quantitative_analysis={"performance_metrics": metrics})
    found = [fact for fact in evidence_of(document).facts if isinstance(fact, Metric)]
    assert [(one.slice, one.value, one.ci_low, one.dimension) for one in found] == [
        ("sex=female", 0.9, 0.8, None),
        ("", None, None, "threshold=0.5"),
        ("a_X_b:1", None, None, None),
        ("women", None, None, None),
    ]
    assert [one.unknown for one in found] == [
        *({}, {"value": "malformed"}, {}, {"value": "unit"}),
    ]
    assert all(one.n is None for one in found)


def test_a_metric_without_a_name_opens_the_list_of_metrics() -> None:
    listed: list[Any] = [{"value": 1}, {"type": "x", "value": []}]
    evidence = evidence_of(_card(quantitative_analysis={"performance_metrics": listed}))
    rows = {row.question: row for row in evidence.coverage}
    assert (rows["metric"].examined, rows["metric"].errored) == (0, 2)


def test_a_known_trade_off_is_no_limitation_and_a_data_set_without_a_use_no_training_data() -> None:
    document = _card(
        considerations={"tradeoffs": [{"description": "Slow"}], "limitations": ["TBD"]},
        model_parameters={"data": [{"name": "people"}]},
    )
    topics = _topics(document)
    assert (topics["limitations"].present, topics["limitations"].placeholder) == (False, True)
    assert "training_data" not in topics
    assert topics["other"].text == "Slow\npeople"


@pytest.mark.parametrize(
    ("name", "topic"),
    [("train_split", "training_data"), ("eval", "evaluation_data"), ("test-2", "evaluation_data"),
     ("constrained", "other"), ("contest", "other")],
)  # fmt: skip
def test_the_use_of_a_data_set_is_a_word_in_its_name(name: str, topic: str) -> None:
    topics = _topics(_card(model_parameters={"data": [{"name": name}]}))
    assert topic in topics


def test_a_card_that_says_no_version_is_told_by_its_lists() -> None:
    newer: dict[str, object] = {"model_details": {"licenses": []}, "considerations": {}}
    older = {"model_details": {"license": "MIT"}, "considerations": {}}
    assert [opened(one).detected.version for one in (newer, older)] == ["0.0.2", "0.0.1"]
    assert opened(older).detected.confidence == 0.9


def test_cards_that_are_not_or_break_the_schema_are_refused() -> None:
    assert refusal({"schema_version": "0.0.2", "model_details": []}).code == "format-unknown"
    assert refusal({**_card(), "schema_version": "9"}).code == "format-not-supported"
    assert refusal(_card(considerations=[])).where == "report.json#/considerations"
    assert refusal({"model_details": {}}).code == "format-unknown"


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("# Dataset Card for {{ pretty_name }}", False),
        ("# Model Card", False),
        ("# Model Card for Triage", True),
        ("# Triage", True),
    ],
)
def test_the_word_card_is_no_title(text: str, *, present: bool) -> None:
    card = f"---\nlicense: mit\n---\n{text}\n\n## Limitations\n\nSome.\n"
    fact = {one.topic: one for one in evidence_of(card, "c.md").facts
            if isinstance(one, Documentation)}["title"]  # fmt: skip
    assert fact.present is present


@pytest.mark.parametrize(
    "text", ["*Coming soon*", "[describe the limits]", "Not yet documented.", "{% if x %}",
             "To be announced", "More information is needed."]
)  # fmt: skip
def test_a_promise_to_write_is_a_placeholder(text: str) -> None:
    card = f"---\nlicense: mit\n---\n## Limitations\n\n{text}\n"
    fact = {one.topic: one for one in evidence_of(card, "c.md").facts
            if isinstance(one, Documentation)}["limitations"]  # fmt: skip
    assert (fact.present, fact.placeholder) == (False, True)


def test_a_link_and_a_sentence_about_the_future_are_content() -> None:
    text = "[Add-on report](https://example.org): a better model is coming soon for adults."
    card = f"---\nlicense: mit\n---\n## Limitations\n\n{text}\n"
    fact = {one.topic: one for one in evidence_of(card, "c.md").facts
            if isinstance(one, Documentation)}["limitations"]  # fmt: skip
    assert (fact.present, fact.placeholder) == (True, False)
