"""What the page of exceptions says of a baseline: which fails, signed by whom, until when."""

import re
from datetime import timedelta
from html import unescape

import pytest

from assaybook.domain.finding import BaselinedRow, BaselineUse
from assaybook.reporting.context import Context, PackInput
from assaybook.reporting.exceptions import waivers_page
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from support.pack_documents import AS_OF, a_digest, documents
from support.pack_findings import findings
from support.packs import a_source, an_assessment


def _row(state: str, rule: str = "holds", key: str = "", note: str = "") -> BaselinedRow:
    said = {"policy": "quality.floor", "rule": rule, "key": key, "state": state, "note": note}
    return BaselinedRow.model_validate(said)


ROWS = (
    _row("accepted", key="slice=f"),
    _row("worse", key="slice=m", note="0.2 from its limit, and 0.1 when it was accepted"),
    _row("mended", rule="gap"),
)


def _used(state: str = "in_force", **said: object) -> BaselineUse:
    base: dict[str, object] = {
        "id": "BL-1",
        "digest": a_digest("baseline"),
        "state": state,
        "reason": "The old estate is mended by spring.",
        "requester": "ada",
        "approver": "ben",
        "approver_verified": True,
        "written_at": AS_OF - timedelta(days=10),
        "expires": AS_OF + timedelta(days=80),
        "rows": ROWS,
    }
    return BaselineUse.model_validate(base | said)


def _source(used: BaselineUse, **said: object) -> PackInput:
    whole = an_assessment(findings(documents()), baseline=used, **said)
    return a_source(assessment=whole)


def test_a_baseline_says_what_it_accepts_who_signed_it_and_when_it_ends() -> None:
    html = " ".join(
        unescape(re.sub(r"<[^>]+>", " ", render_html(build_pack(_source(_used()))))).split()
    )
    assert "Baseline BL-1: ◈ In force" in html
    assert (
        "It names 3 fails and accepts 1 of them as found; nothing that came since, and nothing "
        "that grew worse. Asked for by ada on 21 September 2026; approved by ben. "
        "It ends on 20 December 2026. Reason: The old estate is mended by spring."
    ) in html
    assert "quality.floor / holds slice=f accepted, as it was found" in html
    assert "slice=m worse since: it counts as a fail 0.2 from its limit" in html
    assert "quality.floor / gap the whole rule mended" in html
    assert "quality.floor / holds 1 fail as found: The old estate is mended by spring." in html
    assert "Accepted by ben until 20 December 2026 (baseline BL-1)." in html


@pytest.mark.parametrize(
    ("state", "said", "words"),
    [
        pytest.param("pending", {"approver": None}, "approved by nobody yet", id="unsigned"),
        pytest.param(
            "pending", {"approver_verified": False, "note": "the approval is not verified"},
            "accepts none of them: the approval is not verified.", id="not verified",
        ),
        pytest.param("expired", {}, "accepts none of them: expired.", id="expired"),
        pytest.param("revoked", {}, "accepts none of them: revoked.", id="revoked"),
    ],
)  # fmt: skip
def test_a_baseline_that_does_not_hold_accepts_nothing(
    state: str, said: dict[str, object], words: str
) -> None:
    part = waivers_page(Context(_source(_used(state, **said)))).baseline
    assert part is not None
    assert words in part.lead
    assert part.lines[0].now == "as it was found, and not accepted"


def test_without_waivers_the_page_does_not_say_that_every_fail_stands() -> None:
    with_baseline = waivers_page(Context(_source(_used(), waivers=())))
    assert with_baseline.lead == "No waiver was submitted."
    bare = waivers_page(Context(a_source(assessment=an_assessment((), waivers=()))))
    assert bare.lead == "No waiver was submitted. Every fail stands as it is."
    assert bare.baseline is None


def test_a_large_baseline_is_counted_beyond_its_first_fails() -> None:
    rows = tuple(_row("accepted", key=f"slice=s{number}") for number in range(45))
    part = waivers_page(Context(_source(_used(rows=rows)))).baseline
    assert part is not None
    assert (len(part.lines), part.note) == (40, "5 more fails, in the findings JSON.")
