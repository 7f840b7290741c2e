"""OSCAL from the command line: one whole file that holds together."""

import json
from pathlib import Path

from assaybook.reporting.oscal.integrity import integrity_faults
from support.commands import assay, refused
from support.oscal import told_by_trestle
from support.small import Small


def test_a_check_writes_assessment_results_that_hold_together(small: Small) -> None:
    done = small.check("--format", "oscal", "--output", "oscal=results.json")
    raw = done.out.encode()
    assert told_by_trestle(raw) == ""
    assert integrity_faults(raw) == ()
    result = json.loads(raw)["assessment-results"]["results"][0]
    assert [p["value"] for p in result["props"] if p["name"] == "exit"] == [str(done.code)]


def test_a_catalog_goes_out_as_oscal_and_comes_in_as_a_file_of_ours(tmp_path: Path) -> None:
    written = assay("control", "export", "owasp-llm-top10")
    (tmp_path / "llm.json").write_text(written.out, encoding="utf-8")
    words = ("control", "import", "llm.json", "-o", "catalogs", "--format", "json")
    read = assay(*words, inside=tmp_path)
    assert len(read.value) == 20
    assert "20 nodes" in read.err
    assert (tmp_path / "catalogs" / "owasp-llm-top10" / "catalog.yaml").is_file()
    refused(assay(*words, inside=tmp_path), 2, "catalog-there")
    assay("control", "export", "owasp-llm-top10", "--format", "yaml", "-o", str(tmp_path / "y"))
    assert (tmp_path / "y").read_text(encoding="utf-8").startswith("catalog:")
