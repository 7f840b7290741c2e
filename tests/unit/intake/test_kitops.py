"""Kitfiles and OCI manifests: what a package says that it holds, as claims."""

from typing import Any

import pytest

from assaybook.domain.facts import ArtifactFact, Documentation, Lineage
from assaybook.intake.adapters.kitops import is_reference
from support.documents import evidence_of, opened, refusal

HASH = "sha256:" + "a" * 64
MODEL = "application/vnd.kitops.modelkit.model.v1.tar+gzip"
CONFIG = {"mediaType": "application/vnd.kitops.modelkit.config.v1+json", "digest": HASH, "size": 2}


def _manifest(*layers: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"schemaVersion": 2, "config": CONFIG, "layers": list(layers), **more}


def _layer(media_type: str = MODEL, digest: object = HASH, **more: object) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest, "size": 3, **more}


def _artifacts(content: object, name: str = "Kitfile") -> list[ArtifactFact]:
    return [one for one in evidence_of(content, name).facts if isinstance(one, ArtifactFact)]


@pytest.mark.parametrize(
    ("written", "version"),
    [("'1.0.0'", "1.0.0"), ("v1.0.0", "1.0.0"), ("1.0", "1.0"), ("~", "")],
)
def test_the_version_of_a_kitfile_is_read_however_it_is_written(written: str, version: str) -> None:
    found = opened(f"manifestVersion: {written}\nmodel: {{path: m.pkl}}\n", "Kitfile")
    assert (found.detected.format, found.detected.version) == ("kitops", version)


def test_a_kitfile_without_a_version_is_known_by_its_package_and_parts() -> None:
    found = opened("package: {name: p, version: 1.10}\ndatasets: [{path: d.csv}]\n", "Kitfile")
    (version,) = [
        one.text
        for one in found.evidence[0].facts
        if isinstance(one, Documentation) and one.topic == "version"
    ]
    assert (version, found.evidence[0].envelope.scope.job) == ("1.10", "p")


def test_a_package_alone_is_no_kitfile_unless_it_is_named_so() -> None:
    assert refusal("package: {name: p}\n", "a.yaml").code == "format-unknown"
    assert opened("package: {name: p}\n", "a.yaml", as_format="kitops").detected.confidence == 0.8


def test_authors_are_the_owner_be_they_a_list_or_a_text() -> None:
    for authors in ("[Ada, Ben]", "'Ada, Ben'"):
        facts = evidence_of(
            f"manifestVersion: 1\npackage: {{authors: {authors}}}\n", "Kitfile"
        ).facts
        assert [(one.topic, one.text) for one in facts if isinstance(one, Documentation)] == [
            ("owner", "Ada, Ben")
        ]


def test_what_stands_in_a_kitfile_for_want_of_an_answer_is_no_content() -> None:
    package = "package: {name: p, license: TODO, description: '[More Information Needed]'}\n"
    evidence = evidence_of(f"manifestVersion: 1.0.0\n{package}model: {{path: m}}\n", "Kitfile")
    said = {
        one.topic: (one.present, one.placeholder)
        for one in evidence.facts
        if isinstance(one, Documentation)
    }
    assert said == {"title": (True, False), "license": (False, True), "other": (False, True)}


def test_prompts_are_documents_and_servers_are_code() -> None:
    later = "prompts: [{path: p.md}]\nmcpServers: [{name: files, path: files.mcpb}]\n"
    found = _artifacts(f"manifestVersion: 1.0.0\n{later}")
    assert [(one.name, one.kind, one.pointer) for one in found] == [
        ("p.md", "docs", "/prompts/0"),
        ("files", "code", "/mcpServers/0"),
    ]


def test_each_data_set_says_its_own_licence() -> None:
    sets = "[{name: a, path: a.csv, license: CC0-1.0}, {path: b}, {name: a, license: TBD}]"
    read = opened(f"manifestVersion: 1.0.0\ndatasets: {sets}\n", "Kitfile").evidence
    found = [
        (one.envelope.scope.dataset, fact.pointer, fact.text, fact.present)
        for one in read[1:]
        for fact in one.facts
        if isinstance(fact, Documentation) and fact.topic == "license"
    ]
    assert found == [
        ("a", "/datasets/0/license", "CC0-1.0", True),
        ("a#2", "/datasets/2/license", None, False),
    ]


def test_every_part_is_an_artifact_and_equal_names_are_told_apart_by_path() -> None:
    text = """
manifestVersion: 1.0.0
model: {name: m, path: ./m, parts: [{path: lora.bin}]}
datasets: [{name: d, path: a.csv}, {name: d, path: b.csv}]
code: [{path: src}]
docs: [{path: README.md}]
tools: [{path: p.txt}]
"""
    found = evidence_of(text, "Kitfile")
    assert [(one.name, one.kind) for one in found.facts if isinstance(one, ArtifactFact)] == [
        ("m", "model"),
        ("lora.bin", "model"),
        ("d (a.csv)", "dataset"),
        ("d (b.csv)", "dataset"),
        ("src", "code"),
        ("README.md", "docs"),
    ]
    assert [(one.code, one.pointer) for one in found.envelope.warnings] == [("not-read", "/tools")]


def test_a_data_set_in_a_package_is_not_said_to_be_training_data() -> None:
    facts = evidence_of("manifestVersion: 1\nmodel: {path: m}\ndatasets: [{path: d}]", "Kitfile")
    assert not [one for one in facts.facts if isinstance(one, Lineage)]


@pytest.mark.parametrize(
    ("path", "digest"),
    [("test-ref:model-1", None), ("hub.example/org/base:1.0", None), (f"org/base@{HASH}", HASH)],
)
def test_a_model_that_is_another_modelkit_is_derived_from_it(path: str, digest: str | None) -> None:
    found = evidence_of({"manifestVersion": "1.0.0", "model": {"name": "m", "path": path}})
    (edge,) = [one for one in found.facts if isinstance(one, Lineage)]
    assert (edge.source, edge.target, edge.relation, edge.digest) == (
        *("m", path, "derived_from", digest),
    )


@pytest.mark.parametrize("path", ["./m", "models/m.pkl", "my-model/", "C:/m", "Model:1", "a b:c"])
def test_a_plain_path_is_no_reference(path: str) -> None:
    assert not is_reference(path)


def test_the_stored_form_of_a_kitfile_has_digests_of_layers() -> None:
    model = {"name": "m", "path": "m.pkl", "digest": HASH, "diffId": HASH}
    evidence = evidence_of({"manifestVersion": "1.0.0", "model": model})
    (about,) = evidence.envelope.subject.artifacts
    assert (about.digest, about.kind, about.name) == (HASH, "model", "layer m.pkl")


MISSHAPEN: list[tuple[dict[str, Any], str]] = [
    ({"manifestVersion": 1, "model": []}, "/model"),
    ({"manifestVersion": 1, "package": "p"}, "/package"),
    ({"manifestVersion": 1, "datasets": {}}, "/datasets"),
    ({"manifestVersion": 1, "code": [1]}, "/code"),
    ({"manifestVersion": 1, "model": {"parts": "x", "path": "m"}}, "/model/parts"),
    ({"manifestVersion": 1, "docs": [{}]}, "/docs/0"),
]


@pytest.mark.parametrize(("document", "place"), MISSHAPEN)
def test_a_kitfile_of_the_wrong_shape_is_refused_at_its_place(document: object, place: str) -> None:
    error = refusal(document)
    assert (error.code, error.where.partition("#")[2]) == ("document-breaks-format", place)


def test_a_manifest_lends_a_row_for_each_layer() -> None:
    title = {"org.opencontainers.image.title": "w"}
    found = _artifacts(
        _manifest(_layer(annotations=title), _layer(MODEL.replace("model.v1", "docs.v1"))),
        "manifest.json",
    )
    assert [(one.name, one.kind, one.digest, one.size_bytes, one.verified) for one in found] == [
        ("w", "model", HASH, 3, None),
        ("layer 1", "docs", HASH, 3, None),
    ]


@pytest.mark.parametrize(
    "digest", ["sha256:layer1", "sha256:" + "A" * 64, "sha512:" + "a" * 64, "md5", "sha256:"]
)
def test_a_digest_that_is_no_hash_is_unknown_and_said(digest: str) -> None:
    evidence = evidence_of(_manifest(_layer(digest=digest)), "manifest.json")
    (fact,) = evidence.facts
    assert isinstance(fact, ArtifactFact)
    assert (fact.digest, fact.unknown) == (None, {"digest": "malformed"})
    assert [one.pointer for one in evidence.envelope.warnings] == ["/layers/0/digest"]
    assert evidence.envelope.subject.artifacts == ()


@pytest.mark.parametrize(
    ("more", "version"),
    [
        ({}, "modelkit"),
        ({"config": {"mediaType": "application/vnd.cncf.model.config.v1+json"}}, "modelpack"),
        ({"config": {"mediaType": "application/vnd.oci.image.config.v1+json"}}, "image"),
        (
            {
                "config": {"mediaType": "application/vnd.oci.empty.v1+json"},
                "artifactType": "application/vnd.cncf.model.manifest.v1+json",
            },
            "modelpack",
        ),
    ],
)
def test_a_manifest_says_of_what_kind_of_package_it_is(
    more: dict[str, object], version: str
) -> None:
    found = opened({**_manifest(_layer()), **more}, "manifest.json").detected
    assert (found.format, found.version) == ("modelkit-manifest", version)


@pytest.mark.parametrize(
    "change",
    [{"schemaVersion": 1}, {"layers": {}}, {"config": "x"}, {"config": {"mediaType": "text/x"}}],
)
def test_other_json_is_no_manifest(change: dict[str, object]) -> None:
    assert refusal({**_manifest(), **change}, "manifest.json").code == "format-unknown"


@pytest.mark.parametrize("layer", [{"mediaType": MODEL}, {"digest": HASH}, "x"])
def test_a_layer_without_digest_or_type_is_refused(layer: Any) -> None:
    error = refusal(_manifest(layer), "manifest.json")
    assert (error.code, error.where) == ("document-breaks-format", "manifest.json#/layers/0")


def test_the_layers_of_an_image_are_parts_of_an_image() -> None:
    layer = _layer("application/vnd.oci.image.layer.v1.tar+gzip")
    config = {"mediaType": "application/vnd.oci.image.config.v1+json"}
    (fact,) = _artifacts(_manifest(layer, config=config), "manifest.json")
    assert fact.kind == "image"
