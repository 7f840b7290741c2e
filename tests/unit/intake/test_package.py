"""Packages: read without unpacking, every digest computed, and nothing in them ever run."""

import base64
import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.errors import SubmitterError
from assaybook.domain.facts import ArtifactFact
from assaybook.intake.archive import ArchiveLimits
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.package import PackageRead, open_package
from assaybook.intake.package_layout import Source, looks_packed
from assaybook.intake.read import Receipt
from assaybook.service.read_evidence import SentDocument, read_paths, read_sent
from support.archives import CARD, KIT, Kit, a_kit, a_member, digest, packed, packed_members
from support.documents import RECEIVED

SAID = Declared(system="s", release="1", asked=("drift",))


def _read(source: Source, **more: Any) -> PackageRead:
    known: dict[str, Any] = {"declared": (SAID,), "receipt": Receipt(RECEIVED), "limits": Limits()}
    return open_package(source, name="kit.tar", **{**known, **more})


def _code(source: Source, **more: Any) -> str:
    try:
        _read(source, **more)
    except SubmitterError as error:
        return error.code if error.where.startswith("kit.tar") else "no place"
    return "read"


def _rows(found: PackageRead, number: int = 0) -> list[ArtifactFact]:
    facts = found.documents[number].opened.evidence[0].facts
    return [one for one in facts if isinstance(one, ArtifactFact)]


def _as_folder(kit: Kit, path: Path) -> Source:
    return kit.folder(path)


FORMS: dict[str, Callable[[Kit, Path], Source]] = {
    "a tar": lambda kit, _: kit.tar(),
    "a compressed tar": lambda kit, _: gzip.compress(kit.tar()),
    "an upload": lambda kit, _: io.BytesIO(kit.tar()),
    "a folder": _as_folder,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_a_package_reads_the_same(
    form: Callable[[Kit, Path], Source], tmp_path: Path
) -> None:
    found = _read(form(a_kit(), tmp_path))
    assert [(one.file.partition("!")[2][:20], one.opened.detected.format) for one in found.documents
            ] == [
        *(("blobs/sha256/" + found.documents[n].opened.evidence[0].envelope.blob[7:14], name)
          for n, name in ((0, "modelkit-manifest"), (1, "kitops"))),
        ("README.md", "huggingface"),
        ("reports/metrics.json", "assaybook"),
    ]  # fmt: skip
    assert found.problems == ()
    assert found.unrecognised == (
        *("kit.tar!model.pkl", "kit.tar!data/README.md", "kit.tar!data/rows.json"),
    )


def test_each_document_has_the_digest_of_its_own_bytes() -> None:
    found = _read(a_kit().tar())
    (card,) = [one for one in found.documents if one.file == "kit.tar!README.md"]
    assert card.opened.evidence[0].envelope.blob == digest(CARD.encode())
    assert card.opened.kept == CARD.encode()


def test_a_digest_that_we_computed_is_verified_and_nobody_signed_it() -> None:
    rows = _rows(_read(a_kit().tar()))
    assert [(one.name, one.kind, one.verified, one.signer) for one in rows] == [
        ("layer 0", "model", True, None),
        ("layer 1", "docs", True, None),
        ("layer 2", "dataset", True, None),
        ("model.pkl", "model", True, None),
    ]


def test_a_digest_in_the_kitfile_that_is_no_layer_stays_a_claim() -> None:
    kit = a_kit()
    kit.kitfile["docs"] = [{"path": "x", "digest": "sha256:" + "0" * 64}]
    rows = {one.name: one.verified for one in _rows(_read(kit.tar()), 1)}
    assert rows == {"m": True, "x": None}


def test_documents_are_about_the_package_and_what_it_holds() -> None:
    kit = a_kit()
    found = _read(kit.tar())
    said = {
        one.name: one for one in found.documents[2].opened.evidence[0].envelope.subject.artifacts
    }
    assert said["letters"].digest == found.documents[0].opened.evidence[0].envelope.blob
    assert (said["letters"].kind, said["layer model.pkl"].digest) == (
        *("image", kit.kitfile["model"]["digest"]),
    )
    assert said["model.pkl"].digest == digest(b"\x80\x04cos\nsystem\n.")


def test_only_what_can_hold_for_all_documents_is_taken_from_the_submitter() -> None:
    envelope = _read(a_kit().tar()).documents[3].opened.evidence[0].envelope
    assert envelope.declared == ("about", "release", "system")


def test_a_signature_in_a_package_is_about_what_it_says_itself() -> None:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "n", "digest": {"sha256": "a" * 64}}],
        "predicateType": "p",
    }
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    envelope = {"payloadType": "application/vnd.in-toto+json", "payload": payload,
                "signatures": [{"sig": "AAAA"}]}  # fmt: skip
    kit = Kit()
    kit.layer(packed({"a.json": json.dumps(envelope)}), "docs")
    (signed,) = [one for one in _read(kit.tar()).documents if one.file.endswith("!a.json")]
    assert [one.name for one in signed.opened.evidence[0].envelope.subject.artifacts] == ["n"]


def test_a_bad_report_in_a_package_is_a_problem_and_the_rest_is_read() -> None:
    kit = a_kit()
    kit.layer(packed({"bad.json": '{"a": 1, "a": 2}'}), "docs")
    found = _read(kit.tar())
    assert [(one.file, one.code) for one in found.problems] == [
        ("kit.tar!bad.json", "json-duplicate-key")
    ]
    assert len(found.documents) == 4


def test_the_same_path_in_two_layers_is_read_twice() -> None:
    kit = Kit()
    for text in (CARD, CARD.replace("mit", "apache-2.0")):
        kit.layer(packed({"README.md": text}), "docs")
    found = _read(kit.tar())
    assert [one.file for one in found.documents[2:]] == ["kit.tar!README.md"] * 2


def test_a_layer_that_is_no_part_of_a_model_is_hashed_and_not_opened() -> None:
    kit = a_kit()
    raw = _hostile_layer()
    kit.layers.append({"mediaType": "application/vnd.oci.image.layer.v1.tar",
                       "digest": kit.add(raw), "size": len(raw)})  # fmt: skip
    found = _read(kit.tar())
    assert sum("!blobs/" in one for one in found.unrecognised) == 1
    assert [one.verified for one in _rows(found)[:5]] == [True] * 5


def test_a_layer_that_cannot_be_opened_is_a_problem_and_the_others_are_read() -> None:
    kit = a_kit()
    kit.layer(b"zstd", "model", "tar+zstd")
    found, plain = _read(kit.tar()), _read(a_kit().tar())
    (problem,) = found.problems
    assert problem.code == "layer-not-opened"
    assert "tar+zstd" in problem.message
    assert "gzip" in problem.hint
    assert len(found.documents) == len(plain.documents)
    assert all(one.verified for one in _rows(found)[:5])


def test_a_raw_layer_is_a_file_of_the_name_that_it_has() -> None:
    kit = Kit()
    said: dict[str, Any] = {"mediaType": "application/vnd.cncf.model.doc.v1.raw", "size": len(CARD),
            "digest": kit.add(CARD.encode()),
            "annotations": {"org.cncf.model.filepath": "docs/README.md"}}  # fmt: skip
    kit.layers.append(said)
    assert _read(kit.tar()).documents[2].file == "kit.tar!docs/README.md"
    said["annotations"]["org.cncf.model.filepath"] = "../README.md"
    assert _code(kit.tar()) == "archive-traversal"


def test_a_manifest_behind_an_index_is_found() -> None:
    kit = a_kit()
    files = kit.files()
    inner = files["index.json"]
    files[f"blobs/{digest(inner).replace(':', '/')}"] = inner
    outer = {"manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json",
                            "digest": digest(inner), "size": len(inner)}]}  # fmt: skip
    files["index.json"] = json.dumps(outer).encode()
    assert len(_read(packed(files)).documents) == 4


def test_a_manifest_of_something_unknown_is_told_and_its_layers_are_hashed() -> None:
    kit = a_kit()
    config = b"{}"
    other = {"mediaType": "application/vnd.example+json", "digest": kit.add(config), "size": 2}
    found = _read(kit.tar(config=other))
    assert [one.file for one in found.documents] == [
        "kit.tar!README.md",
        "kit.tar!reports/metrics.json",
    ]
    assert sum("!blobs/" in one for one in found.unrecognised) == 2
    names = [one.name for one in found.documents[0].opened.evidence[0].envelope.subject.artifacts]
    assert "letters" not in names


def test_a_card_that_hardly_is_one_is_listed_as_in_a_folder() -> None:
    kit = Kit()
    kit.layer(packed({"notes.md": "# Notes\n\nnone yet\n"}), "docs")
    assert _read(kit.tar()).unrecognised == ("kit.tar!notes.md",)


def test_two_manifests_may_share_a_config() -> None:
    kit = a_kit()
    files = kit.files()
    other = json.loads(files[next(name for name in files if b"layers" in files[name])])
    other["annotations"] = {"x": "y"}
    raw = json.dumps(other).encode()
    index = json.loads(files["index.json"])
    index["manifests"].append({"mediaType": other["mediaType"], "digest": digest(raw),
                               "size": len(raw)})  # fmt: skip
    files[f"blobs/{digest(raw).replace(':', '/')}"] = raw
    files["index.json"] = json.dumps(index).encode()
    names = [one.opened.detected.format for one in _read(packed(files)).documents]
    assert (names.count("modelkit-manifest"), names.count("kitops")) == (2, 1)


def test_other_files_beside_the_layout_are_told(tmp_path: Path) -> None:
    assert "kit.tar!notes.txt" in _read(packed({**a_kit().files(), "notes.txt": "x"})).unrecognised
    a_kit().folder(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    assert "kit.tar!notes.txt" in _read(tmp_path).unrecognised


def test_of_very_many_other_files_some_are_named_and_all_are_counted() -> None:
    kit = Kit()
    kit.layer(packed({f"{number}.bin": b"x" for number in range(250)}))
    assert _read(kit.tar()).unrecognised[-1] == "kit.tar!... and 50 more files"


def _hostile_layer() -> bytes:
    return packed_members((a_member("a", tarfile.SYMTYPE, linkname="/etc/passwd"), b""))


def _changed(**changes: bytes | None) -> bytes:
    """Return a package of which some files are other ones, or are gone."""
    files = {**a_kit().files()}
    names = {"index": "index.json", "layout": "oci-layout"}
    for name, content in changes.items():
        files.pop(names[name])
        if content is not None:
            files[names[name]] = content
    return packed(files)


def _index(**descriptor: object) -> bytes:
    known = {"mediaType": "m", "digest": "sha256:" + "0" * 64, "size": 1}
    return _changed(index=json.dumps({"manifests": [{**known, **descriptor}]}).encode())


def _with_layer(tar: bytes, **more: Any) -> bytes:
    kit = a_kit()
    kit.layer(tar, **more)
    return kit.tar()


def _wrong(change: Callable[[bytes], bytes]) -> bytes:
    """Return a package in which the largest layer is not what its digest says."""
    kit = a_kit()
    name = max(kit.blobs, key=lambda one: len(kit.blobs[one]))
    kit.blobs[name] = change(kit.blobs[name])
    return kit.tar()


HOSTILE = {
    "no index": (_changed(index=None), "package-unknown"),
    "a tar of something else": (packed({"train.csv": "a,b\n"}), "package-unknown"),
    "no layout file": (_changed(layout=None), "package-incomplete"),
    "another version": (_changed(layout=b'{"imageLayoutVersion": "2.0.0"}'), "package-unknown"),
    "an index that is a list": (_changed(index=b"[]"), "package-malformed"),
    "an index of nothing": (_changed(index=b'{"manifests": []}'), "package-unknown"),
    "an index without manifests": (_changed(index=b"{}"), "package-malformed"),
    "an index that repeats a key": (
        _changed(index=b'{"manifests": [], "manifests": []}'),
        "json-duplicate-key",
    ),
    "an index that is too large": (_changed(index=b" " * 5_000_000), "package-too-large"),
    "a manifest that is not there": (_index(), "package-incomplete"),
    "a digest that leads out": (_index(digest="sha256:../../x"), "package-malformed"),
    "a digest of another algorithm": (_index(digest="md5:abc"), "package-malformed"),
    "a size that is text": (_index(size="1"), "package-malformed"),
    "a size below zero": (_index(size=-1), "package-malformed"),
    "a layer of another digest": (
        _wrong(lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])),
        "package-wrong-digest",
    ),
    "a layer of another size": (_wrong(lambda raw: raw + bytes(512)), "package-wrong-size"),
    "a layer that is not there": (
        a_kit().tar(layers=[{"mediaType": f"{KIT}.model.v1.tar", "size": 1,
                             "digest": "sha256:" + "1" * 64}]),
        "package-incomplete",
    ),
    "a manifest without layers": (a_kit().tar(layers=None), "package-malformed"),
    "a link in a layer": (_with_layer(_hostile_layer()), "archive-link"),
    "a way out in a layer": (_with_layer(packed({"../a": b""})), "archive-traversal"),
    "a clash in a layer": (_with_layer(packed({"a": b"", "A": b""})), "archive-clash"),
    "a bomb in a layer": (
        _with_layer(packed({"a": bytes(32 * 1024 * 1024)})),
        "archive-bomb",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_package_that_is_not_what_it_says_is_refused_with_a_code(raw: bytes, code: str) -> None:
    assert _code(raw) == code


def test_a_layer_that_says_gzip_and_is_none_is_refused() -> None:
    kit = Kit()
    raw = packed({"a": b""})
    kit.layers.append({"mediaType": f"{KIT}.model.v1.tar+gzip", "digest": kit.add(raw),
                       "size": len(raw)})  # fmt: skip
    assert _code(kit.tar()) == "archive-damaged"


def test_indexes_that_lead_on_and_on_are_refused() -> None:
    files = a_kit().files()
    for _ in range(4):
        inner = files["index.json"]
        files[f"blobs/{digest(inner).replace(':', '/')}"] = inner
        one = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(inner),
               "size": len(inner)}  # fmt: skip
        files["index.json"] = json.dumps({"manifests": [one]}).encode()
    assert _code(packed(files)) == "package-malformed"


def test_two_sizes_of_one_layer_cannot_both_be_right() -> None:
    kit = Kit()
    first = kit.layer(packed({"a": b""}))
    kit.layers.append({**first, "size": 1})
    assert _code(kit.tar()) == "package-wrong-size"


def test_a_link_in_the_folder_of_a_layout_is_not_followed(tmp_path: Path) -> None:
    kit = a_kit()
    kit.folder(tmp_path)
    blob = next((tmp_path / "blobs/sha256").iterdir())
    blob.rename(tmp_path / "elsewhere")
    blob.symlink_to(tmp_path / "elsewhere")
    assert _code(tmp_path) == "archive-link"


def test_a_package_may_be_declared_as_a_package_only() -> None:
    for name, code in {"kitops": "read", "modelkit-manifest": "read",
                       "sarif": "format-contradicted"}.items():  # fmt: skip
        assert _code(a_kit().tar(), declared=(Declared(format=name),)) == code


def test_too_many_documents_or_entries_are_refused() -> None:
    kit = Kit()
    kit.layer(packed({f"{number}.json": b"{}" for number in range(1_001)}), "docs")
    assert _code(kit.tar()) == "package-too-large"
    assert _code(kit.tar(), bounds=ArchiveLimits(members=900)) == "archive-too-large"


def test_a_document_beyond_the_limit_is_left_as_data() -> None:
    kit = Kit()
    kit.layer(packed({"vocabulary.json": json.dumps(["word"] * 3_000)}), "model")
    assert _read(kit.tar(), limits=Limits(size=20_000)).unrecognised == ("kit.tar!vocabulary.json",)


def test_a_package_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    kit = a_kit()
    (tmp_path / "a.bin").write_bytes(gzip.compress(kit.tar()))
    assert looks_packed(tmp_path / "a.bin")
    assert looks_packed(kit.folder(tmp_path / "kit"))
    for raw in (b"", b"{}", gzip.compress(b"{}"), b"\x1f\x8b", b"\x1f\x8bxx", b"PK\x03\x04"):
        assert not looks_packed(raw)
    assert not looks_packed(tmp_path)
    assert not looks_packed(tmp_path / "none")
    assert not looks_packed(Path("/dev/null"))


def test_files_folders_and_uploads_of_packages_are_read_with_other_evidence(tmp_path: Path) -> None:
    (tmp_path / "kit.tar").write_bytes(a_kit().tar())
    (tmp_path / "data.tar").write_bytes(packed({"rows.csv": "a\n"}))
    (tmp_path / "bad.tar").write_bytes(_with_layer(_hostile_layer()))
    a_kit().folder(tmp_path / "store")
    receipt = Receipt(RECEIVED)
    found = read_paths([tmp_path], receipt=receipt)
    names = [one.file.removeprefix(f"{tmp_path}/") for one in found.documents]
    assert names.count("kit.tar!README.md") == names.count("store!README.md") == 1
    assert [one.code for one in found.problems] == ["archive-link"]
    assert f"{tmp_path}/data.tar" in found.unrecognised
    named = read_paths([tmp_path / "store", tmp_path / "data.tar"], receipt=receipt)
    assert (len(named.documents), [one.code for one in named.problems]) == (
        *(4, ["package-unknown"]),
    )
    sent = [SentDocument("kit.tar", a_kit().tar(), (SAID,))]
    assert len(read_sent(sent, receipt=receipt).documents) == 4


GOOD = a_kit().tar()


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=40))
def test_a_changed_package_gives_documents_or_one_refusal(at: int, change: bytes) -> None:
    _code(GOOD[:at] + change + GOOD[at + len(change) :])


@given(st.binary(max_size=1_000))
def test_any_bytes_give_documents_or_one_refusal(raw: bytes) -> None:
    assert _code(raw) != "read"
    assert _code(packed({"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": raw})) != (
        "no place"
    )
