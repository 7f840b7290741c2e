"""CycloneDX: one BOM in two writings says the same, and a list of parts is no scan."""

import json
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.facts import Documentation, Lineage, Metric, Security
from assaybook.intake.adapters.cyclonedx_cards import slice_of
from support.documents import DEFECTS, evidence_of, opened, refusal

SPACE = "http://cyclonedx.org/schema/bom/1.6"
LIBRARY = {"type": "library", "bom-ref": "p", "name": "pillow", "version": "8"}


def _bom(*components: dict[str, Any], version: str = "1.6", **top: Any) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": "urn:uuid:1",
        "components": list(components),
        **top,
    }


def _model(name: str = "m", **more: Any) -> dict[str, Any]:
    return {"type": "machine-learning-model", "name": name, **more}


def _security(**vulnerability: Any) -> list[Security]:
    bom = _bom(LIBRARY, vulnerabilities=[{"id": "CVE-1", **vulnerability}])
    return [one for one in evidence_of(bom).facts if isinstance(one, Security)]


def _metrics(**metric: Any) -> Metric:
    card = {"quantitativeAnalysis": {"performanceMetrics": [metric]}}
    (found,) = [
        one for one in evidence_of(_bom(_model(modelCard=card))).facts if isinstance(one, Metric)
    ]
    return found


def _topics(evidence: Evidence) -> dict[str, bool | None]:
    return {one.topic: one.present for one in evidence.facts if isinstance(one, Documentation)}


def test_a_bom_in_xml_says_what_the_same_bom_in_json_says() -> None:
    read = [
        opened((DEFECTS / "cyclonedx" / name).read_bytes(), name).evidence
        for name in ("model.json", "model.xml")
    ]
    said = [
        [
            (
                one.coverage,
                one.envelope.producer,
                one.envelope.produced_at,
                {fact.model_copy(update={"pointer": ""}).model_dump_json() for fact in one.facts},
            )
            for one in each
        ]
        for each in read
    ]
    assert said[0] == said[1]
    assert {one.pointer[:5] for each in read[1] for one in each.facts} == {"line "}


def test_a_list_of_parts_is_no_scan() -> None:
    for bom in (_bom(LIBRARY), _bom(LIBRARY, vulnerabilities=[])):
        questions = [row.question for row in evidence_of(bom).coverage]
        assert questions == ["artifact/code"]


def test_a_bom_with_vulnerabilities_does_not_say_how_much_was_looked_through() -> None:
    bom = _bom(LIBRARY, vulnerabilities=[{"id": "CVE-1", "affects": [{"ref": "p"}]}])
    (row,) = [one for one in evidence_of(bom).coverage if one.question.startswith("security")]
    assert (row.examined, row.failed, row.errored, row.skipped) == (None, 1, None, None)


@pytest.mark.parametrize(
    ("analysis", "suppressed"),
    [
        (None, None),
        ({"state": "exploitable"}, False),
        ({"state": "in_triage"}, False),
        ({"state": "not_affected"}, True),
        ({"state": "false_positive"}, True),
        ({"state": "resolved"}, True),
        ({"state": "resolved_with_pedigree"}, True),
        ({"state": "made_up"}, False),
        ({"justification": "code_not_present"}, None),
    ],
)
def test_an_analysis_that_rules_a_vulnerability_out_suppresses_it(
    analysis: object, suppressed: object
) -> None:
    (found,) = _security(analysis=analysis, affects=[{"ref": "p"}])
    assert found.suppressed is suppressed


def test_a_component_that_is_not_affected_and_a_rejected_entry_are_suppressed() -> None:
    unaffected = [{"ref": "p", "versions": [{"version": "8", "status": "unaffected"}]}]
    assert _security(affects=unaffected)[0].suppressed is True
    assert _security(rejected="2026-01-01T00:00:00Z")[0].suppressed is True


@pytest.mark.parametrize(
    ("ratings", "severity"),
    [
        ([], None),
        ([{"severity": "low"}, {"severity": "high"}], "high"),
        ([{"score": 9.8, "method": "CVSSv31"}], "critical"),
        ([{"score": "5.0"}], "medium"),
        ([{"score": 40, "method": "OWASP"}], None),
        ([{"severity": "unknown"}, {"severity": "none"}], "info"),
        ("odd", None),
    ],
)
def test_the_worst_of_the_ratings_counts(ratings: object, severity: str | None) -> None:
    assert _security(ratings=ratings)[0].severity == severity


def test_a_vulnerability_is_a_row_for_each_component_that_it_affects() -> None:
    found = _security(affects=[{"ref": "p"}, {"ref": "urn:cdx:elsewhere"}])
    assert [(one.component, one.component_version) for one in found] == [
        ("pillow", "8"),
        ("urn:cdx:elsewhere", None),
    ]
    assert found[0].fingerprint == "pillow:8:CVE-1"


@pytest.mark.parametrize(
    ("metric", "value", "unknown"),
    [
        ({"type": "accuracy", "value": "0.91"}, 0.91, {}),
        ({"type": "accuracy", "value": 0.91}, 0.91, {}),
        ({"type": "accuracy", "value": "91 %"}, 0.91, {}),
        ({"type": "accuracy", "value": "91"}, None, {"value": "unit"}),
        ({"type": "accuracy", "value": "high"}, None, {"value": "malformed"}),
        ({"type": "accuracy", "value": True}, None, {"value": "malformed"}),
        ({"type": "accuracy"}, None, {}),
    ],
)
def test_a_value_is_a_number_in_the_unit_of_its_metric_or_unknown(
    metric: dict[str, Any], value: float | None, unknown: dict[str, str]
) -> None:
    found = _metrics(**metric)
    assert (found.value, found.unknown) == (value, unknown)


def test_a_number_that_is_none_never_meets_a_floor() -> None:
    card = {"quantitativeAnalysis": {"performanceMetrics": [{"type": "recall", "value": 7.5}]}}
    text = json.dumps(_bom(_model(modelCard=card))).replace("7.5", "NaN")
    evidence = evidence_of(text)
    (found,) = [one for one in evidence.facts if isinstance(one, Metric)]
    assert (found.value, found.unknown) == (None, {"value": "malformed"})


def test_an_interval_is_read_in_the_unit_of_its_value() -> None:
    bounds = {"lowerBound": "0.8", "upperBound": "wide"}
    found = _metrics(type="recall", value="0.9", confidenceInterval=bounds)
    assert (found.ci_low, found.ci_high) == (0.8, None)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (None, ""),
        ("", ""),
        ("Overall", ""),
        (7, ""),
        ("sex=female", "sex=female"),
        ("sex: female, age: old", "age=old,sex=female"),
        ("night shift", "night shift"),
        ("a=b=c", "a=b=c"),
    ],
)
def test_a_slice_is_written_one_way(written: Any, found: str) -> None:
    assert slice_of(written) == found


def test_template_text_is_no_documentation() -> None:
    card = {"considerations": {"useCases": ["TBD"], "technicalLimitations": [], "users": ["us"]}}
    assert _topics(evidence_of(_bom(_model(modelCard=card)))) == {
        "intended_use": False,
        "limitations": False,
        "other": True,
    }


def test_two_models_are_two_readings_that_do_not_contradict_each_other() -> None:
    cards = [
        {"quantitativeAnalysis": {"performanceMetrics": [{"type": "recall", "value": one}]}}
        for one in ("0.9", "0.5")
    ]
    models = [_model("a", modelCard=cards[0]), _model("a", modelCard=cards[1])]
    found = opened(_bom(*models)).evidence
    assert [one.envelope.scope.path for one in found] == [None, "a", "a#2"]
    assert [len(one.facts) for one in found] == [2, 2, 2]


def test_a_bom_is_about_the_models_whose_digests_it_names() -> None:
    hashes = [{"alg": "SHA-256", "content": "A" * 64}, {"alg": "MD5", "content": "b" * 32}]
    bom = _bom(_model(hashes=hashes), _model("n", hashes=[{"alg": "SHA-256", "content": "zz"}]))
    about = opened(bom).evidence[0].envelope.subject.artifacts
    assert [(one.name, one.digest) for one in about] == [("m", f"sha256:{'a' * 64}")]


def test_models_and_data_are_joined_by_references_and_libraries_are_not() -> None:
    bom = _bom(
        _model("m", **{"bom-ref": "m"}),
        {"type": "data", "name": "d", "bom-ref": "d", "licenses": [{"license": {"name": "X"}}]},
        LIBRARY,
        dependencies=[{"ref": "m", "dependsOn": ["d", "p", 7]}, {"ref": "p", "dependsOn": ["m"]}],
    )
    edges = [one for one in opened(bom).evidence[0].facts if isinstance(one, Lineage)]
    assert [(one.source, one.target, one.relation, one.license) for one in edges] == [
        ("m", "d", None, "X")
    ]


@pytest.mark.parametrize(
    ("tools", "tool"),
    [
        ([{"name": "cyclonedx-python-lib"}, {"name": "pip-audit", "version": "2"}], "pip-audit"),
        ({"components": [{"type": "application", "name": "trivy"}]}, "trivy"),
        ({"components": [{"name": "npm"}, {"name": "cyclonedx-npm"}]}, "cyclonedx-npm"),
        ({"services": [{"name": "scan-service"}]}, "scan-service"),
        ([{"name": "only-lib"}], "only-lib"),
        (None, ""),
        ("odd", ""),
    ],
)
def test_the_tool_that_made_a_bom_stays_its_producer(tools: object, tool: str) -> None:
    assert evidence_of(_bom(metadata={"tools": tools})).envelope.producer.tool == tool


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        pytest.param(_bom(version="1.8"), "a.json", "format-not-supported", id="newer"),
        pytest.param(_bom(version="1.2"), "a.json", "format-not-supported", id="older"),
        pytest.param({"bomFormat": "CycloneDX"}, "a.json", "format-not-supported", id="none"),
        pytest.param('<bom xmlns="http://cyclonedx.org/schema/bom/1.3"/>', "a.xml",
                     "format-not-supported", id="older XML"),
        pytest.param("<bom/>", "a.xml", "format-unknown", id="a bom of nobody"),
        pytest.param(json.dumps(_bom())[:-3], "a.json", "json-malformed", id="truncated"),
        pytest.param(f'<bom xmlns="{SPACE}"><components>', "a.xml", "xml-malformed", id="cut XML"),
        pytest.param(b'{"bomFormat": "\xe9"}', "a.json", "encoding-not-utf8", id="latin"),
        pytest.param(_bom(components={}), "a.json", "document-breaks-format", id="no list"),
        pytest.param(_bom({"type": "library"}), "a.json", "document-breaks-format", id="no name"),
        pytest.param(_bom(metadata={"component": 7}), "a.json", "document-breaks-format",
                     id="an odd main component"),
        pytest.param(_bom(vulnerabilities={}), "a.json", "document-breaks-format", id="no list 2"),
        pytest.param(_bom(vulnerabilities=[{}]), "a.json", "document-breaks-format", id="no id"),
    ],
)  # fmt: skip
def test_a_bom_that_breaks_its_format_is_refused(content: object, name: str, code: str) -> None:
    error = refusal(content, name)
    assert (error.code, bool(error.hint)) == (code, True)


def test_a_part_of_a_bom_in_xml_that_breaks_the_format_is_named_by_its_line() -> None:
    text = f'<bom xmlns="{SPACE}">\n<components>\n<component type="library"/></components></bom>'
    assert refusal(text, "a.xml").where == "a.xml#line 3"


@pytest.mark.parametrize(
    "odd",
    [
        _bom(_model(modelCard=7, supplier=[], authors="x", licenses=[3], hashes={})),
        _bom(_model(modelCard={"considerations": [], "modelParameters": {"datasets": [7, {}]}})),
        _bom(_model("\u202e{{7*7}}", version=1.5, pedigree={"ancestors": [{}, 3]})),
        _bom({"type": ["x"], "name": "n", "components": [{"name": "inner"}]}),
        _bom(dependencies="x", declarations={"attestations": [{"map": [{}]}], "assessors": [1]}),
        _bom(vulnerabilities=[{"id": "a", "affects": [3], "analysis": [], "ratings": [None]}]),
    ],
)
def test_odd_values_beside_the_parts_are_left_unknown(odd: object) -> None:
    assert opened(odd).detected.format == "cyclonedx"


@pytest.mark.parametrize(
    ("composition", "is_whole"),
    [
        ({"aggregate": "complete", "assemblies": ["p"]}, True),
        ({"aggregate": "incomplete", "assemblies": ["p"]}, False),
        ({"aggregate": "unknown"}, False),
        ({"aggregate": "incomplete", "dependencies": ["p"]}, True),
    ],
)
def test_a_bom_that_does_not_list_all_of_its_parts_says_nothing_by_leaving_one_out(
    composition: dict[str, Any],
    is_whole: bool,  # noqa: FBT001 - a case
) -> None:
    evidence = evidence_of(_bom(LIBRARY, compositions=[composition]))
    assert [row.skipped for row in evidence.coverage] == [0 if is_whole else None]
    codes = [one.code for one in evidence.envelope.warnings]
    assert codes == ([] if is_whole else ["composition-incomplete"])


def test_a_composition_in_xml_is_read_as_in_json() -> None:
    parts = "<components><component type='library'><name>p</name></component></components>"
    aggregate = "<composition><aggregate>incomplete</aggregate></composition>"
    bom = f"<bom xmlns='{SPACE}'>{parts}\n<compositions>{aggregate}</compositions></bom>"
    (warning,) = evidence_of(bom, "bom.xml").envelope.warnings
    assert (warning.code, warning.pointer) == ("composition-incomplete", "line 2")


def test_a_link_to_the_bom_itself_is_a_reference_within_it() -> None:
    (mine,) = _security(affects=[{"ref": "urn:cdx:1/2#p"}])
    assert (mine.component, mine.component_version) == ("pillow", "8")
    (other,) = _security(affects=[{"ref": "urn:cdx:2/1#p"}])
    assert other.component == "urn:cdx:2/1#p"
