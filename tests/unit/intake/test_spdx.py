"""SPDX: edges by name, words for not saying are no content, each data set by itself."""

import json
from typing import Any

import pytest

from assaybook.domain.facts import ArtifactFact, Documentation, Lineage, Metric, Security
from support.documents import evidence_of, opened, refusal

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
MADE = {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1",
        "created": "2026-11-20T09:00:00Z"}  # fmt: skip


def _graph(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"@context": CONTEXT, "@graph": [MADE, *elements]}


def _model(name: str = "m", **more: Any) -> dict[str, Any]:
    return {"type": "ai_AIPackage", "spdxId": f"u:{name}", "name": name, **more}


def _data(name: str = "d", **more: Any) -> dict[str, Any]:
    return {"type": "dataset_DatasetPackage", "spdxId": f"u:{name}", "name": name, **more}


def _edge(kind: str, source: str, *targets: Any) -> dict[str, Any]:
    return {"type": "Relationship", "spdxId": f"u:{kind}{source}", "relationshipType": kind,
            "from": source, "to": list(targets)}  # fmt: skip


def _topics(document: dict[str, Any]) -> dict[str, str | None]:
    facts = [fact for one in opened(document).evidence for fact in one.facts]
    return {one.topic: one.text for one in facts if isinstance(one, Documentation)}


@pytest.mark.parametrize(
    ("kind", "relation"),
    [("trainedOn", "trained_on"), ("testedOn", "tested_on"), ("descendantOf", "derived_from")],
)
def test_what_a_model_was_made_from_is_lineage_with_digest_and_licence(
    kind: str, relation: str
) -> None:
    hashed = [{"type": "Hash", "algorithm": "sha256", "hashValue": "A" * 64}]
    licence = _edge("hasDeclaredLicense", "u:d", "https://spdx.org/licenses/MIT")
    document = _graph(_model(), _data(verifiedUsing=hashed), _edge(kind, "u:m", "u:d"), licence)
    (edge,) = [one for one in opened(document).evidence[0].facts if isinstance(one, Lineage)]
    assert (edge.source, edge.target, edge.relation) == ("m", "d", relation)
    assert (edge.digest, edge.license) == (f"sha256:{'a' * 64}", "MIT")


def test_an_ancestor_is_what_its_descendants_come_from() -> None:
    document = _graph(_model(), _edge("ancestorOf", "u:base", "u:m"))
    (edge,) = [one for one in evidence_of(document).facts if isinstance(one, Lineage)]
    assert (edge.source, edge.target, edge.relation) == ("m", "u:base", "derived_from")


def test_other_relationships_are_no_lineage() -> None:
    document = _graph(_model(), _edge("dependsOn", "u:m", "u:x"), _edge("contains", "u:m", "u:y"))
    assert not [one for one in evidence_of(document).facts if isinstance(one, Lineage)]


def test_words_for_not_saying_are_no_content() -> None:
    said = _topics(
        _graph(
            _model(ai_useSensitivePersonalInformation="noAssertion", ai_limitation="TBD"),
            _edge("hasDeclaredLicense", "u:m", "https://spdx.org/rdf/3.0.1/terms/Core/NoneElement"),
        )
    )
    assert said == {"personal_data": None, "limitations": None}


def test_an_answer_of_yes_or_no_reads_as_what_it_answers() -> None:
    said = _topics(_graph(_data(dataset_hasSensitivePersonalInformation="yes")))
    assert said == {"personal_data": "holds sensitive personal information: yes"}
    assert "human_oversight" not in _topics(_graph(_model(ai_autonomyType="no")))


@pytest.mark.parametrize("answer", ["N/A", "-1", 0, "", "maybe"])
def test_an_answer_that_is_neither_yes_nor_no_is_no_content(answer: object) -> None:
    said = _topics(_graph(_data(dataset_hasSensitivePersonalInformation=answer)))
    assert said == {"personal_data": None}


def test_a_declared_licence_stands_before_a_concluded_one() -> None:
    document = _graph(
        _model(),
        _edge("hasDeclaredLicense", "u:m", "u:l"),
        _edge("hasConcludedLicense", "u:m", "https://spdx.org/licenses/GPL-3.0-only"),
        {"type": "simplelicensing_LicenseExpression", "spdxId": "u:l",
         "simplelicensing_licenseExpression": "MIT OR Apache-2.0"},
    )  # fmt: skip
    assert _topics(document)["license"] == "MIT OR Apache-2.0"


def test_owners_are_named_and_not_numbered() -> None:
    owner = {"type": "Organization", "spdxId": "u:o", "name": "Ward Ltd"}
    document = _graph(_model(suppliedBy="u:o", originatedBy=["u:o", "u:elsewhere"]), owner)
    assert _topics(document)["owner"] == "Ward Ltd\nu:elsewhere"


def test_the_data_sets_that_a_model_used_are_its_training_and_evaluation_data() -> None:
    document = _graph(_model(), _data(), _edge("trainedOn", "u:m", "u:d"),
                      _edge("testedOn", "u:m", "u:d", "u:other"))  # fmt: skip
    said = _topics(document)
    assert (said["training_data"], said["evaluation_data"]) == ("d", "d\nu:other")


def test_a_metric_is_read_in_its_unit_or_left_unknown() -> None:
    entries = [{"key": "accuracy", "value": "0.9"}, {"key": "recall", "value": "87"},
               {"key": "f1", "value": "0.5 (macro)"}, {"value": "1"}, 7]  # fmt: skip
    facts = evidence_of(_graph(_model(ai_metric=entries))).facts
    found = [(one.name, one.value, one.unknown) for one in facts if isinstance(one, Metric)]
    assert found == [
        ("accuracy", 0.9, {}),
        ("recall", None, {"value": "unit"}),
        ("f1", None, {"value": "malformed"}),
    ]


def test_each_data_set_and_each_of_several_models_is_a_reading_of_its_own() -> None:
    document = _graph(_model("a"), _model("b"), _data("d"), _data("d"))
    scopes = [one.envelope.scope for one in opened(document).evidence]
    assert [(one.path, one.dataset) for one in scopes] == [
        (None, None),
        *(("a", None), ("b", None), (None, "d"), (None, "d#2")),
    ]


def test_one_element_alone_is_a_document() -> None:
    evidence = evidence_of({"@context": CONTEXT, **_model()})
    assert [one.model_dump()["name"] for one in evidence.facts] == ["m"]


def test_when_and_with_what_a_document_was_made_is_of_the_document() -> None:
    tool = {"type": "Tool", "spdxId": "u:t", "name": "bom-maker"}
    made = {**MADE, "@id": "_:d", "created": "2026-11-21T09:00:00Z", "createdUsing": ["u:t"]}
    document = {"type": "SpdxDocument", "spdxId": "u:doc", "creationInfo": "_:d"}
    envelope = evidence_of(_graph(tool, made, document)).envelope
    assert (envelope.producer.tool, envelope.run) == ("bom-maker", "u:doc")
    assert str(envelope.produced_at) == "2026-11-21 09:00:00+00:00"
    assert evidence_of(_graph(made)).envelope.produced_at is None


@pytest.mark.parametrize(
    ("package", "kind"),
    [
        ({"software_primaryPurpose": "model"}, "model"),
        ({"software_primaryPurpose": "data"}, "dataset"),
        ({"software_primaryPurpose": "documentation"}, "docs"),
        ({"software_primaryPurpose": "container"}, "image"),
        ({}, "code"),
    ],
)
def test_a_package_is_what_its_purpose_says(package: dict[str, str], kind: str) -> None:
    element = {"type": "software_Package", "spdxId": "u:p", "name": "p", **package}
    (fact,) = evidence_of(_graph(element)).facts
    assert isinstance(fact, ArtifactFact)
    assert fact.kind == kind


def test_the_packages_of_the_older_version_are_read_with_their_tool() -> None:
    sums = [{"algorithm": "SHA256", "checksumValue": "a" * 64}]
    document = {
        "spdxVersion": "SPDX-2.3",
        "documentNamespace": "u:doc",
        "creationInfo": {"created": "2026-11-20T09:00:00Z", "creators": [7, "Tool: syft-1.2.3"]},
        "packages": [{"name": "numpy", "versionInfo": "2.4", "checksums": sums}],
    }
    evidence = evidence_of(document)
    (fact,) = evidence.facts
    assert isinstance(fact, ArtifactFact)
    assert (fact.name, fact.digest) == ("numpy@2.4", f"sha256:{'a' * 64}")
    producer = evidence.envelope.producer
    assert (producer.tool, producer.version) == ("syft", "1.2.3")
    nameless = {"spdxVersion": "SPDX-2.3", "creationInfo": {"creators": ["Person: A"]}}
    assert evidence_of(nameless).envelope.producer.tool == ""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({"@graph": [{"spdxId": "u", "specVersion": "3.1.0"}]},
                     "format-not-supported", id="newer"),
        pytest.param({"spdxVersion": "SPDX-2.1"}, "format-not-supported", id="older"),
        pytest.param({"spdxVersion": 2.3}, "format-unknown", id="a version that is a number"),
        pytest.param({"@context": CONTEXT, "@graph": {}}, "document-breaks-format", id="no list"),
        pytest.param({"@context": CONTEXT, "@graph": [7]}, "document-breaks-format", id="odd"),
        pytest.param({"spdxVersion": "SPDX-2.3", "packages": {}}, "document-breaks-format",
                     id="packages no list"),
        pytest.param({"spdxVersion": "SPDX-2.3", "packages": [{"versionInfo": "1"}]},
                     "document-breaks-format", id="a package without a name"),
        pytest.param(json.dumps(_graph())[:-3], "json-malformed", id="truncated"),
        pytest.param(b'{"spdxVersion": "SPDX-2.3\xe9"}', "encoding-not-utf8", id="latin"),
    ],
)  # fmt: skip
def test_a_document_that_breaks_its_format_is_refused(content: object, code: str) -> None:
    error = refusal(content)
    assert (error.code, bool(error.hint)) == (code, True)


@pytest.mark.parametrize(
    "odd",
    [
        _graph(_model(ai_metric=7, suppliedBy=3, verifiedUsing="x", ai_domain={"a": [1, None]})),
        _graph({"type": ["ai_AIPackage"]}, {"type": "Relationship", "to": 7}, {}),
        _graph(_edge("trainedOn", "", None, 7), {"type": "Relationship", "relationshipType": []}),
        _graph({"type": "SpdxDocument", "rootElement": ["u:doc"], "spdxId": "u:doc"}),
        _graph(_model("\u202e{{7*7}}", software_packageVersion=7.5)),
    ],
)
def test_odd_values_beside_the_elements_are_left_unknown(odd: object) -> None:
    assert opened(odd).detected.format == "spdx"


def test_a_document_that_only_uses_the_vocabulary_for_checksums_is_not_spdx() -> None:
    other = {"@context": {"spdx": "http://spdx.org/rdf/terms#"}, "@type": "dcat:Catalog"}
    assert refusal(other).code == "format-unknown"


def test_the_names_of_types_are_no_content() -> None:
    described = {"type": "ai_EnergyConsumptionDescription", "ai_energyQuantity": 12.5}
    empty = {"type": "ai_EnergyConsumption"}
    full = {**empty, "ai_trainingEnergyConsumption": [described]}
    found = [_topics(_graph(_model(ai_energyConsumption=one))) for one in (empty, full)]
    assert [one["environment"] for one in found] == [None, "12.5"]


VULNERABILITY: dict[str, Any] = {
    "type": "security_Vulnerability", "spdxId": "u:v", "name": "elliptic",
    "externalIdentifier": [
        {"externalIdentifierType": "securityOther", "identifier": "GHSA-x"},
        {"externalIdentifierType": "cve", "identifier": "CVE-2020-28498"},
    ],
}  # fmt: skip
APP: dict[str, Any] = {
    "type": "software_Package", "spdxId": "u:app", "name": "app", "software_packageVersion": "1.3"
}  # fmt: skip


def _says(kind: str, relation: str, *targets: str, **more: Any) -> dict[str, Any]:
    return {"type": f"security_{kind}VulnAssessmentRelationship", "relationshipType": relation,
            "from": "u:v", "to": list(targets), **more}  # fmt: skip


def _findings(*elements: dict[str, Any]) -> list[Security]:
    (one,) = opened(_graph(VULNERABILITY, APP, *elements)).evidence
    found = [fact for fact in one.facts if isinstance(fact, Security)]
    (row,) = (row for row in one.coverage if row.question == "security/vulnerability")
    assert (row.examined, row.passed, row.errored, row.skipped) == (None, None, None, None)
    assert row.failed == sum(not fact.suppressed for fact in found)
    return found


@pytest.mark.parametrize(
    ("kind", "relation", "suppressed"),
    [
        ("VexAffected", "affects", False),
        ("VexUnderInvestigation", "underInvestigationFor", False),
        ("VexNotAffected", "doesNotAffect", True),
        ("VexFixed", "fixedIn", True),
        ("CvssV3", "hasAssessmentFor", None),
    ],
)
def test_a_vulnerability_is_a_finding_for_each_element_with_what_vex_says_of_it(
    kind: str, relation: str, suppressed: object
) -> None:
    (fact,) = _findings(_says(kind, relation, "u:app"))
    assert (fact.rule, fact.component, fact.component_version) == ("CVE-2020-28498", "app", "1.3")
    assert fact.suppressed is suppressed


@pytest.mark.parametrize(
    ("kind", "more", "severity"),
    [
        ("CvssV3", {"security_severity": "critical"}, "critical"),
        ("CvssV4", {"security_score": "6.8"}, "medium"),
        ("CvssV2", {"security_score": 9.8}, "high"),
        ("CvssV3", {}, None),
        ("Epss", {"security_probability": 0.9}, None),
    ],
)
def test_the_severity_is_that_of_the_assessment_by_cvss(
    kind: str, more: dict[str, Any], severity: str | None
) -> None:
    rated = _says(kind, "hasAssessmentFor", "u:app", **more)
    (fact,) = _findings(rated, _says("VexAffected", "affects", "u:app"))
    assert (fact.severity, fact.suppressed) == (severity, False)


def test_the_last_dated_statement_stands_and_without_dates_the_worst() -> None:
    early = {"security_publishedTime": "2026-01-01T00:00:00Z"}
    late = {"security_publishedTime": "2026-02-01T00:00:00Z"}
    fixed, bad = ("VexFixed", "fixedIn", "u:app"), ("VexAffected", "affects", "u:app")
    assert [one.suppressed for one in _findings(_says(*fixed, **late), _says(*bad, **early))] == [
        True
    ]
    assert [one.suppressed for one in _findings(_says(*fixed), _says(*bad, **early))] == [False]
    withdrawn = {"security_withdrawnTime": "2026-03-01T00:00:00Z"}
    assert [one.suppressed for one in _findings(_says(*fixed, **withdrawn), _says(*bad))] == [False]


def test_the_element_that_was_assessed_is_the_component_and_not_the_product() -> None:
    said = _says("VexAffected", "affects", "u:app", security_assessedElement="u:npm-elliptic")
    assert [one.component for one in _findings(said)] == ["u:npm-elliptic"]


def test_packages_can_name_their_vulnerabilities_and_one_without_any_is_a_finding_too() -> None:
    associated = _edge("hasAssociatedVulnerability", "u:app", "u:v", "u:elsewhere")
    assert [one.component for one in _findings(associated)] == ["app"]
    (alone,) = _findings(_edge("dependsOn", "u:app", "u:v"), _edge("other", "u:v", "u:app"))
    assert (alone.component, alone.suppressed, alone.severity) == (None, None, None)
    withdrawn = {**VULNERABILITY, "security_withdrawnTime": "2026-03-01T00:00:00Z"}
    (fact,) = (one for one in evidence_of(_graph(withdrawn)).facts if isinstance(one, Security))
    assert fact.suppressed is True


def test_a_document_without_vulnerabilities_does_not_say_that_anybody_looked() -> None:
    assert "security/vulnerability" not in {
        one.question for one in evidence_of(_graph(APP)).coverage
    }


def test_the_older_version_may_be_written_as_yaml() -> None:
    text = "spdxVersion: SPDX-2.3\npackages:\n- name: numpy\n  versionInfo: '1.0'\n"
    (fact,) = evidence_of(text, "sbom.yaml").facts
    assert isinstance(fact, ArtifactFact)
    assert fact.name == "numpy@1.0"
