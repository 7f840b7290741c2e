"""OSCAL from the command line: one whole file that holds together."""

import json

from assaybook.reporting.oscal.integrity import integrity_faults
from support.oscal import told_by_trestle
from support.small import Small


def test_a_check_writes_assessment_results_that_hold_together(small: Small) -> None:
    done = small.check("--format", "oscal", "--output", "oscal=results.json")
    raw = done.out.encode()
    assert told_by_trestle(raw) == ""
    assert integrity_faults(raw) == ()
    result = json.loads(raw)["assessment-results"]["results"][0]
    assert [p["value"] for p in result["props"] if p["name"] == "exit"] == [str(done.code)]
