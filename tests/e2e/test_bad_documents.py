"""Documents that no pipeline should send: each is refused by name, and the rest is not lost."""

import csv
import io
import json
import os
import re
from base64 import b64decode
from pathlib import Path
from typing import Any, Final

import pytest

from support.commands import assay, refused
from support.example import outcomes
from support.small import Small, a_document

GIGABYTE: Final = 2**30
RULE: Final = "quality.floor/floor-is-held"
GOOD: Final = a_document().encode()

BROKEN: Final = {
    "empty": (b"", "document-empty"),
    "blank": (b" \n\t\n", "document-empty"),
    "cut off": (GOOD[:-9], "json-malformed"),
    "deeply nested": (b'{"assaybook": ' + b"[" * 100_000, "document-too-deep"),
    "deeply nested and closed": (b"[" * 5_000 + b"]" * 5_000, "document-too-deep"),
    "a key twice": (b'{"assaybook": "v1", "facts": [], "facts": []}', "json-duplicate-key"),
    "an unknown field": (a_document(treshold=1).encode(), "document-breaks-format"),
    "UTF-16": (a_document().encode("utf-16"), "encoding-not-utf8"),
    "Latin 1": (GOOD.replace(b"trainer", b"entra\xeeneur"), "encoding-not-utf8"),
    "an archive": (b"PK\x03\x04 and so on", "document-binary"),
    "from the future": (
        a_document(produced_at="2026-11-21T00:00:00Z").encode(),
        "evidence-from-the-future",
    ),
}
NO_NUMBERS: Final = {"NaN": "NaN", "Infinity": "-Infinity", "too large": "1e400", "text": '"0.9"'}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_refused_by_name_and_the_others_are_judged(
    name: str, small: Small
) -> None:
    content, code = BROKEN[name]
    small.write("evidence/odd.json", content)
    done = small.check("--format", "json")
    assert "evidence/odd.json" in refused(done, 5, code)
    assert outcomes(done.value) == {RULE: "pass"}
    assert done.value["gate"]["verdict"] == "error"
    (problem,) = done.value["problems"]
    assert problem["code"] == code
    assert problem["message"]
    assert problem["hint"]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_never_all_that_a_pass_needs(name: str, small: Small) -> None:
    content, code = BROKEN[name]
    small.write("evidence/metrics.json", content)
    done = small.check("--format", "json")
    refused(done, 5, code)
    assert outcomes(done.value) == {RULE: "inconclusive"}


@pytest.mark.parametrize("name", NO_NUMBERS)
def test_what_is_no_number_is_not_known_and_does_not_pass(name: str, small: Small) -> None:
    small.write("evidence/metrics.json", GOOD.replace(b"0.9", NO_NUMBERS[name].encode()))
    done = small.check("--format", "json")
    assert done.code in {3, 5}, done.err
    assert outcomes(done.value) == {RULE: "inconclusive"}


def test_a_document_of_one_gigabyte_is_refused_without_being_read(small: Small) -> None:
    big = small.write("evidence/big.json", b"[")
    os.truncate(big, GIGABYTE)
    done = small.check("--format", "json")
    assert "big.json" in refused(done, 5, "document-too-large")
    assert outcomes(done.value) == {RULE: "pass"}


@pytest.mark.parametrize("option", ["--scope", "--overlay", "--waivers", "--trust", "--system"])
def test_a_file_of_one_gigabyte_is_refused_wherever_it_is_named(option: str, small: Small) -> None:
    os.truncate(small.write("big.yaml", b"a: 1\n"), GIGABYTE)
    done = small.check(option, "big.yaml")
    assert "big.yaml" in refused(done, 2, "file-too-large")


def test_a_policy_of_one_gigabyte_is_refused(small: Small) -> None:
    os.truncate(small.write("policies/quality/big.yaml", b"policy: quality.big\n"), GIGABYTE)
    assert "big.yaml" in refused(small.check(), 5)


def test_a_named_file_that_is_not_there_or_no_file_is_told(small: Small) -> None:
    os.mkfifo(small.folder / "pipe.json")
    (small.evidence / "gone.json").symlink_to("nowhere.json")
    done = small.check("--format", "json", evidence=("evidence", "missing.json", "pipe.json"))
    said = refused(done, 5, "file-unreadable")
    for name in ("evidence/gone.json", "missing.json", "pipe.json"):
        assert f"error[file-unreadable] {name}: " in said
    assert outcomes(done.value) == {RULE: "pass"}


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_without_permission_is_told(small: Small) -> None:
    small.write("evidence/odd.json", GOOD).chmod(0)
    assert "evidence/odd.json" in refused(small.check(), 5, "file-unreadable")


def test_a_document_declared_as_what_it_is_not_is_refused(small: Small) -> None:
    done = small.check("--as", "gitleaks", evidence=("evidence/metrics.json",))
    assert "evidence/metrics.json" in refused(done, 5, "format-contradicted")
    small.write("evidence/evidence.yaml", "files:\n  - {path: metrics.json, as: presidio}\n")
    done = small.check("--format", "json")
    refused(done, 5, "format-contradicted")
    assert outcomes(done.value) == {RULE: "inconclusive"}


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("check", "--release", "1"), id="check"),
        pytest.param(("submit", "--system", "triage", "--release", "1"), id="submit"),
        pytest.param(("evidence", "read"), id="evidence read"),
    ],
)
def test_a_format_that_nobody_reads_is_a_mistake_of_whoever_names_it(
    command: tuple[str, ...], small: Small
) -> None:
    done = assay(*command, "evidence/metrics.json", "--as", "crystal-ball", inside=small.folder)
    assert "assay evidence adapters" in refused(done, 2, "format-unknown")


def test_a_format_that_nearly_has_a_name_is_told_that_name(small: Small) -> None:
    near = small.check("--as", "gitleak", evidence=("evidence/metrics.json",))
    assert "Did you mean gitleaks?" in refused(near, 2, "format-unknown")


def test_a_format_of_folders_alone_would_hold_for_nothing_and_is_refused(small: Small) -> None:
    refused(small.check("--as", "assaybok"), 2, "format-unknown")
    refused(small.check("--as", "assaybook"), 2, "format-of-folder")
    assert small.check("--as", "assaybook", evidence=("evidence/metrics.json",)).code == 0


def test_an_empty_list_that_says_nothing_of_itself_needs_a_declared_format(small: Small) -> None:
    small.write("scan.json", "[]")
    done = small.check(evidence=("evidence", "scan.json"))
    assert "scan.json" in refused(done, 5, "format-ambiguous")


def test_a_file_name_that_is_not_text_is_spelled_out(small: Small) -> None:
    name = os.fsdecode(os.fsencode(small.evidence) + b"/odd\xff\n.json")
    Path(name).write_bytes(b"{")
    done = small.check("--format", "json")
    assert "odd\\xff" in refused(done, 5, "json-malformed")
    Path(name).write_bytes(a_document(run="another").encode())
    assert small.check("--format", "json").code == 0


def test_evidence_of_another_release_is_left_out_by_name_and_proves_nothing(small: Small) -> None:
    other = a_document(subject={"system": "triage", "release": "2"})
    small.write("evidence/metrics.json", other)
    done = small.check("--format", "json")
    assert done.code in {3, 5}, done.err
    assert outcomes(done.value) == {RULE: "inconclusive"}
    assert "wrong_subject" in done.out or "contradict" in done.err


def test_submitting_a_broken_file_records_the_others(small: Small) -> None:
    assert assay("system", "add", "system.yaml", inside=small.folder).code == 0
    small.write("evidence/odd.json", b"{")
    words = ("submit", "evidence", "--system", "triage", "--release", "1", "--format", "json")
    done = assay(*words, inside=small.folder)
    assert "evidence/odd.json" in refused(done, 5, "json-malformed")
    states = {one["state"] for one in done.value}
    assert states == {"accepted", "refused"}
    again = assay(*words, inside=small.folder)
    assert {one["state"] for one in again.value} == {"duplicate", "refused"}


def _repeated(generator: dict[str, Any]) -> str:
    return str(generator["unit"]) * int(generator["times"])


def _content(vector: dict[str, Any]) -> bytes:
    if "text_b64" in vector:
        return b64decode(vector["text_b64"])
    if "text" in vector:
        return str(vector["text"]).encode()
    generator = vector["generator"]
    if generator["type"] == "alias_bomb":
        width, levels = generator["width"], generator["levels"]
        lines = ["a0: &a0 [x]"]
        for level in range(1, levels):
            members = ", ".join([f"*a{level - 1}"] * width)
            lines.append(f"a{level}: &a{level} [{members}]")
        return "\n".join(lines).encode()
    return _repeated(generator).encode()


def _corpus(vectors: Path, *kinds: str) -> dict[str, bytes]:
    listed = json.loads((vectors / "abuse-corpus.json").read_text(encoding="utf-8"))
    return {
        f"{one['kind']}-{re.sub(r'[^a-z0-9]', '_', one['id'])}": _content(one)
        for one in listed
        if one["kind"] in kinds
    }


def test_every_hostile_text_of_the_corpus_is_refused_or_inert_as_evidence(
    vectors: Path, small: Small
) -> None:
    hostile = _corpus(vectors, "yaml", "json", "html_in_text", "template", "spreadsheet")
    assert len(hostile) > 20
    for name, content in hostile.items():
        suffix = "yaml" if name.startswith("yaml") else "json"
        small.write(f"evidence/{name}.{suffix}", content)
    done = small.check("--format", "json")
    refused(done, 5)
    assert outcomes(done.value) == {RULE: "pass"}
    told = {Path(one["file"]).stem for one in done.value["problems"]}
    listed = {Path(one["name"]).stem for one in done.value["unused"]}
    assert set(hostile) <= told | listed
    assert {"json-deep_100k", "json-dup", "json-lone_surrogate", "json-not_object"} <= told


@pytest.mark.parametrize(
    "words",
    [
        ["--scope", "odd.yaml"],
        ["--overlay", "odd.yaml"],
        ["--waivers", "odd.yaml"],
        ["--trust", "odd.yaml"],
        ["--system", "odd.yaml"],
        ["--manifest", "odd.yaml"],
    ],
)
def test_every_hostile_yaml_of_the_corpus_is_refused_wherever_it_is_named(
    words: list[str], vectors: Path, small: Small
) -> None:
    for content in _corpus(vectors, "yaml", "yaml_value").values():
        small.write("odd.yaml", content)
        assert "odd.yaml" in refused(small.check(*words), 5)


def test_every_json_text_that_is_no_json_is_refused_and_none_stops_the_check(
    vectors: Path, small: Small
) -> None:
    lines = (vectors / "json-parsing.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line) for line in lines]
    for one in texts:
        small.write(f"evidence/{one['name']}", b64decode(one["data_b64"]))
    done = small.check("--format", "json")
    refused(done, 5)
    assert outcomes(done.value) == {RULE: "pass"}
    told = {Path(one["file"]).name for one in done.value["problems"]}
    rejected = {one["name"] for one in texts if one["expect"] == "reject"}
    # Real tools write these two words; a value of theirs is read as not known.
    lenient = {"n_number_NaN.json", "n_number_infinity.json", "n_number_minus_infinity.json"}
    assert rejected
    assert rejected - told - lenient == set()


def _naughty(vectors: Path) -> list[str]:
    return list(json.loads((vectors / "naughty-strings.json").read_text(encoding="utf-8")))


def test_no_awkward_text_of_evidence_acts_in_any_form_of_the_answer(
    vectors: Path, small: Small
) -> None:
    metric = json.loads(a_document())["facts"][0]
    facts = [
        metric | {"dataset": text, "value": 0.1, "unit": "ratio"} for text in _naughty(vectors)
    ]
    facts += [metric | {"dataset": text} for text in ("=1+1", "@SUM(A1)", "<img src=x>")]
    small.write("evidence/metrics.json", a_document(facts=facts))
    forms = {style: small.check("--format", style) for style in ("table", "markdown", "csv")}
    for done in (small.check("--format", "json"), *forms.values()):
        assert done.code in {1, 3, 5}, done.err
    for done in forms.values():
        assert not re.search(
            "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.out
        )
    cells = [cell for row in csv.reader(io.StringIO(forms["csv"].out)) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_no_awkward_text_stops_a_command_that_is_given_it(vectors: Path, small: Small) -> None:
    for text in _naughty(vectors):
        if "\x00" in text:
            continue  # no argument of a process can hold it
        done = small.check(f"--as-of={text}")
        assert done.code == 2, (text, done.streams)
        assert "Traceback" not in done.streams
