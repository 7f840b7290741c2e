"""What a pack says of documents that came and could not be read."""

from dataclasses import replace

from assaybook.domain.documents import Problem
from assaybook.domain.refusal import MOST_KEPT, Refusal
from assaybook.reporting.context import Context
from assaybook.reporting.refused import refused_for, refused_lines, refused_note
from support import packs
from support.refusals import a_refusal

METRICS = a_refusal("metrics.json", detected="assaybook", families=("metric",))
ODD = a_refusal("odd.bin", digest=None, size=None, submitted_by="", code="document-too-large")


def _context(*refused: Refusal, problems: tuple[Problem, ...] = ()) -> Context:
    return Context(replace(packs.a_source(), problems=problems, refused=refused))


def test_nothing_refused_is_said_too() -> None:
    assert refused_note(_context()) == "None: every document that came could be read."
    assert refused_lines(_context()) == ()


def test_each_refused_document_is_named_with_its_reason_and_where_it_came_from() -> None:
    context = _context(METRICS, ODD)
    note = refused_note(context)
    assert note.startswith("2 documents came and could not be read.")
    assert "Of 1 the format is not known" in note
    first, second = refused_lines(context)
    assert (first.name, second.name) == ("metrics.json", "odd.bin")
    assert first.text.startswith("Document breaks format. Taken for assaybook. Came ")
    assert " from ann, 51 bytes. sha256:" in first.text
    assert second.text.startswith("Document too large. Of no format that is known. Came ")


def test_bytes_that_were_taken_at_another_time_are_said_to_be() -> None:
    document = packs.a_source().evidence[0]
    again = a_refusal("again.json", digest=document.envelope.blob)
    (line,) = refused_lines(_context(again))
    assert line.text.endswith("The same bytes were accepted at another time.")


def test_beside_findings_stand_those_that_may_have_answered_them() -> None:
    context = _context(METRICS, ODD)
    asked = [one for one in context.findings if one.needs]
    needs = {context.needs.get((one.policy, need.need)) for one in asked for need in one.needs}
    told = {refused_for(context, [one]) for one in asked}
    assert told <= {"0 refused", "1 refused"}
    assert ("1 refused" in told) is ("metric" in needs)
    problem = Problem(file="x", code="c", where="x", message="m", hint="h")
    assert refused_for(_context(problems=(problem,)), asked) == "1 refused in the pack"


def test_hundreds_of_refusals_are_counted_by_reason_and_a_full_record_is_said() -> None:
    many = tuple(a_refusal(f"{number}.json") for number in range(MOST_KEPT))
    lines = refused_lines(_context(*many))
    assert len(lines) == 31
    assert (lines[-1].name, lines[-1].text) == ("970 more", "970 document breaks format.")
    assert "there may be others" in refused_note(_context(*many))
