"""Lies of whoever holds all keys: pages, index, OSCAL and dates that no finding comes to."""

import base64
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import pikepdf

from assaybook.domain.attachment import (
    BUNDLE,
    EVIDENCE_INDEX,
    FACTS,
    FRAMEWORKS,
    HISTORY,
    OSCAL_PLAN,
    OSCAL_POAM,
    OSCAL_RESULTS,
    REFUSALS,
    STATEMENTS,
)
from assaybook.domain.canonical import canonical
from assaybook.domain.ids import written
from assaybook.service.pack_named import plain
from support.assessing import a_waiver
from support.pack_attacks import Attack, Json, listed, put
from support.pack_versions import relogged
from support.verifying import MADE, World, attachments, laid_out, shown_of


def _lying_pages(world: World) -> bytes:
    lines = [line.replace("PASS", "FAIL") for line in shown_of(world.judgement)]
    return world.packed(pages=laid_out(world.folder, lines, attachments(world.files)))


def _kind_pages(world: World) -> bytes:
    lines = [line.replace("FAIL", "PASS") for line in shown_of(world.judgement)]
    return world.packed(pages=laid_out(world.folder, lines, attachments(world.files)))


def _kind_cover(world: World) -> bytes:
    """Let the cover say more than the lines beside it."""
    lines = ["Conforms" if one == "Does not conform" else one for one in shown_of(world.judgement)]
    return world.packed(pages=laid_out(world.folder, lines, attachments(world.files)))


def _written_later(kind: str) -> Callable[[World], bytes]:
    """Write the whole log again, so that a thing of a kind was recorded after it was judged by."""

    def later(text: str) -> str:
        entry = json.loads(text)
        moved = {**entry, "at": written(MADE)}
        return canonical(moved).decode() if entry["kind"] == kind else text

    def made(world: World) -> bytes:
        return world.packed(world.relisted(relogged(world, world.files, later)))

    return made


def _drawn_apart(text: bytes) -> Callable[[World], bytes]:
    """Draw something on the first page in a way in which no page of ours is drawn."""

    def made(world: World) -> bytes:
        with pikepdf.open(BytesIO(world.pages)) as document:
            page = document.pages[0]
            page.contents_add(b"BT " + text + b" ET")
            target = BytesIO()
            document.save(target, deterministic_id=True)
        return world.packed(pages=target.getvalue())

    return made


def _in_oscal(name: str, change: Callable[[Any], None]) -> Callable[[World], bytes]:
    """Change what an OSCAL document says, in its own form, and list it."""

    def made(world: World) -> bytes:
        value = json.loads(world.files[name])
        (body,) = value.values()
        change(body)
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        return world.packed(world.relisted({**world.files, name: text.encode()}))

    return made


def _met(value: Json) -> None:
    """Let a control that nothing was shown for be met."""
    props = value["results"][0]["props"]
    next(one for one in props if one["value"] == "not_covered")["value"] = "met"


def _asks_less(value: Json) -> None:
    """Let a rule ask for less."""
    part = value["local-definitions"]["objectives-and-methods"][0]["parts"][0]
    part["prose"] = part["prose"].replace("different ", "")


def _failing(value: Json) -> Json:
    """Return an OSCAL finding of a fail."""
    found = value["results"][0]["findings"]
    one: Json = next(one for one in found if one["target"]["status"]["reason"] == "fail")
    return one


def _satisfied(value: Json) -> None:
    _failing(value)["target"]["status"] = {"state": "satisfied", "reason": "pass"}


def _passes(value: Json) -> None:
    next(one for one in _failing(value)["props"] if one["value"] == "fail")["value"] = "pass"


def _erased_otherwise(value: Json) -> None:
    """Let the bytes have been erased for another reason."""
    one = next(one for one in value["evidence"] if one["erased"])
    one["erased"] = one["erased"].replace("patient", "visitor")


def _exchanged(value: Json) -> None:
    """Exchange the title of a finding and its description."""
    one = value["results"][0]["findings"][0]
    one["title"], one["description"] = one["description"], one["title"]


def _applies_all(value: Json) -> None:
    """Let no control be left out."""
    listed_ = next(one for one in value["back-matter"]["resources"] if "base64" in one)
    listed_["base64"]["value"] = base64.b64encode(b'{"not_applicable":[]}').decode()


def _renamed(value: Json) -> None:
    """Give a framework another title."""
    selections = value["results"][0]["reviewed-controls"]["control-selections"]
    selections[0]["description"] = "Another framework, of another year"


_PAST: Final[Json] = {
    "earlier": [
        {
            "as_of": "2026-11-01T00:00:00Z",
            "digest": f"sha256:{'0' * 64}",
            "open": [],
            "standings": {},
            "tallies": [],
        }
    ],
    "kind": "assaybook/history/v1",
    "remediation": [],
}
"""An earlier assessment that nobody made."""
_REFUSED: Final[Json] = {
    "kind": "assaybook/refusals/v1",
    "refused": [
        {
            **dict.fromkeys(("declared", "detected", "submitted_by"), ""),
            "code": "unreadable",
            "digest": None,
            "families": [],
            "id": f"rf-{'0' * 32}",
            "name": "x.json",
            "received_at": "2026-11-01T00:00:00Z",
            "release": "1.0.0-sound",
            "size": None,
            "system": "diabetes-triage",
        }
    ],
}
"""A refusal that the log knows nothing of."""
_WAIVER: Final = plain(
    a_waiver(policy="drift.features", rule="no-feature-has-moved", system="diabetes-triage")
)
"""A waiver that the log knows nothing of."""

LIES: Final = (
    Attack("the pages say something else", _lying_pages, "pages-otherwise"),
    Attack("a page draws a literal text", _drawn_apart(b"[(FAIL) 5] TJ"), "pages-unreadable", ""),
    Attack("a page draws on a line of its own", _drawn_apart(b"(FAIL) '"), "pages-unreadable", ""),
    Attack(
        "the index hides a document",
        listed(EVIDENCE_INDEX, lambda v: v["evidence"].pop()),
        "derived-otherwise",
    ),
    Attack(
        "the index names another digest",
        listed(EVIDENCE_INDEX, put(("evidence", 0, "digest"), f"sha256:{'0' * 64}")),
        "derived-otherwise",
    ),
    Attack(
        "the index lets a document hold for longer",
        listed(EVIDENCE_INDEX, put(("evidence", 0, "effective", "until"), "2030-01-01T00:00:00Z")),
        "derived-otherwise",
    ),
    Attack(
        "OSCAL says something else",
        _in_oscal(OSCAL_RESULTS, put(("metadata", "title"), "All is well")),
        "derived-otherwise",
    ),
    Attack(
        "OSCAL lets a control be met",
        _in_oscal(OSCAL_RESULTS, _met),
        "derived-otherwise",
    ),
    Attack(
        "OSCAL leaves a finding out",
        _in_oscal(OSCAL_RESULTS, lambda v: v["results"][0]["findings"].pop()),
        "derived-otherwise",
    ),
    Attack(
        "the plan in OSCAL asks for something else",
        _in_oscal(OSCAL_PLAN, _asks_less),
        "derived-otherwise",
    ),
    Attack(
        "a history is made up",
        lambda w: w.packed(w.relisted({**w.files, HISTORY: canonical(_PAST)})),
        "proof-missing",
    ),
    Attack(
        "a refusal is made up",
        lambda w: w.packed(w.relisted({**w.files, REFUSALS: canonical(_REFUSED)})),
        "proof-missing",
    ),
    Attack(
        "a part is carried under a second name too",
        lambda w: w.packed({**w.files, "more.json": w.files[EVIDENCE_INDEX]}),
        "attachment-extra",
        "attachment-elsewhere",
    ),
    Attack(
        "a document is said to have been made later",
        listed(FACTS, put(("evidence", 0, "envelope", "produced_at"), "2026-11-19T00:00:00Z")),
        "proof-missing",
    ),
    Attack(
        "a waiver is made up beside the findings",
        listed(STATEMENTS, put(("waivers",), [_WAIVER])),
        "judged-otherwise",
        "proof-missing",
    ),
    Attack(
        "a policy is said to be of a newer version",
        listed(BUNDLE, put(("bundle", "policies", 0, "version"), 9)),
        "bundle-changed",
    ),
    Attack("the system was recorded as it is later", _written_later("system"), "recorded-later"),
    Attack("the release was recorded as it is later", _written_later("release"), "recorded-later"),
)

LIES_ON_WHAT_IS_OPEN: Final = (
    Attack(
        "OSCAL says that a fail is satisfied",
        _in_oscal(OSCAL_RESULTS, _satisfied),
        "derived-otherwise",
    ),
    Attack(
        "OSCAL says that a fail passes",
        _in_oscal(OSCAL_RESULTS, _passes),
        "derived-otherwise",
    ),
    Attack(
        "OSCAL says that a fail was accepted",
        _in_oscal(OSCAL_RESULTS, put(("results", 0, "risks", 0, "status"), "deviation-approved")),
        "derived-otherwise",
    ),
    Attack(
        "the plan of action leaves an item out",
        _in_oscal(OSCAL_POAM, lambda v: v["poam-items"].pop()),
        "derived-otherwise",
    ),
    Attack(
        "the plan of action gives more time",
        _in_oscal(OSCAL_POAM, put(("risks", 0, "deadline"), "2030-01-01T00:00:00Z")),
        "derived-otherwise",
    ),
    Attack(
        "the plan of action is left out",
        lambda w: w.packed(
            w.relisted({name: data for name, data in w.files.items() if name != OSCAL_POAM})
        ),
        "derived-otherwise",
    ),
    Attack(
        "the history gives more time",
        listed(HISTORY, put(("remediation", 0, "due"), "2030-01-01T00:00:00Z")),
        "derived-otherwise",
    ),
    Attack(
        "the history is left out",
        lambda w: w.packed(
            w.relisted({name: data for name, data in w.files.items() if name != HISTORY})
        ),
        "derived-otherwise",
    ),
    Attack(
        "the index tells another reason for an erasure",
        listed(EVIDENCE_INDEX, _erased_otherwise),
        "derived-otherwise",
    ),
    Attack(
        "the index does not tell of an erasure",
        listed(EVIDENCE_INDEX, put(("evidence", 0, "erased"), None)),
        "derived-otherwise",
    ),
    Attack(
        "OSCAL tells two texts of a finding in each other's place",
        _in_oscal(OSCAL_RESULTS, _exchanged),
        "derived-otherwise",
    ),
    Attack(
        "OSCAL calls a framework otherwise",
        _in_oscal(OSCAL_RESULTS, _renamed),
        "derived-otherwise",
    ),
    Attack(
        "the list of frameworks calls one otherwise",
        listed(FRAMEWORKS, put(("frameworks", 0, "title"), "A better one")),
        "derived-otherwise",
    ),
    Attack(
        "the list of frameworks names a control that nothing speaks of",
        listed(FRAMEWORKS, put(("frameworks", 0, "tokens", "x"), "x")),
        "derived-otherwise",
    ),
    Attack(
        "the scope gives another reason",
        listed(BUNDLE, put(("bundle", "scope", "frameworks"), {})),
        "bundle-changed",
    ),
    Attack(
        "the statement of applicability in OSCAL leaves out what it leaves out",
        _in_oscal(OSCAL_RESULTS, _applies_all),
        "derived-otherwise",
    ),
    Attack("pages of a release that fails say that it passes", _kind_pages, "pages-otherwise"),
    Attack(
        "the cover of a release that fails says that it conforms", _kind_cover, "pages-otherwise"
    ),
)
"""Attacks on a pack of which something is open, and is to be mended by a day."""
