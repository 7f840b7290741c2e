"""Every address of the console, quoted, made by one function each.

What stands in a path is quoted whole, ``/`` too, except for ids of controls: the published ones
have no slash, and a route takes the rest of its path for one.
"""

import re
from typing import Final
from urllib.parse import quote, urlencode

_OWN: Final = re.compile(r"/(?!/)[\x21-\x5b\x5d-\x7e]*")
"""A path of this server with its query: a browser takes ``//`` and ``/\\`` for another server's."""
SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"


def path_to(*parts: str, **query: str | int | None) -> str:
    """Return an address; of the query, what is None or empty is left out."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    said = {name: value for name, value in query.items() if value is not None and value != ""}
    return f"{path}?{urlencode(said)}" if said else path


def overview(*, as_of: str | None = None, cursor: str | None = None) -> str:
    """Return the address of all systems."""
    return path_to(as_of=as_of, cursor=cursor)


def system(system: str, *, as_of: str | None = None) -> str:
    """Return the address of a system."""
    return path_to("systems", system, as_of=as_of)


def release(system: str, version: str, *, as_of: str | None = None, now: str | None = None) -> str:
    """Return the address of a release; with ``now``, it is judged anew for the page."""
    return path_to("systems", system, "releases", version, as_of=as_of, now=now)


def assessment(digest: str, **query: str | None) -> str:
    """Return the address of a recorded assessment; the query narrows its findings."""
    return path_to("assessments", digest, **query)


def findings(**query: str | None) -> str:
    """Return the address of the findings that a query narrows, as ``/v1/findings`` does."""
    return path_to("findings", **query)


def finding(policy: str, rule: str, system: str, release: str, **query: str | int | None) -> str:
    """Return the address of a finding; ``assessment`` or ``as_of`` in place of the last one."""
    return path_to("findings", policy, rule, system, release, **query)


def catalogs() -> str:
    """Return the address of all catalogs."""
    return path_to("controls")


def catalog(catalog: str, **query: str | None) -> str:
    """Return the address of the map of a catalog."""
    return path_to("controls", catalog, **query)


def control(catalog: str, control: str, **query: str | None) -> str:
    """Return the address of one control."""
    return path_to("controls", catalog, control, **query)


def evidence(**query: str | None) -> str:
    """Return the address of a listing of evidence, which a query narrows."""
    return path_to("evidence", **query)


def document(evidence: str, *, pointer: str = "") -> str:
    """Return the address of one document; a JSON pointer leads to the place in it."""
    return path_to("evidence", evidence, pointer=pointer) + ("#at" if pointer else "")


def submitting(system: str, version: str) -> str:
    """Return the address of the form that submits evidence about a release."""
    return path_to("systems", system, "releases", version, "evidence")


def submission(system: str, version: str) -> str:
    """Return where the form goes that submits evidence about a release."""
    return path_to("systems", system, "releases", version, "evidence", "submit")


def answering(system: str, version: str, *, answered: str = "") -> str:
    """Return the address of the questions that rules ask persons about a release.

    With ``answered``, the id of an answer, the page says that it is on record.
    """
    return path_to("systems", system, "releases", version, "answers", answered=answered)


def answer(system: str, version: str) -> str:
    """Return where the form goes that answers such a question."""
    return path_to("systems", system, "releases", version, "answers", "give")


def replay(**query: str | None) -> str:
    """Return the address of what a bundle would change; the query names it, and the period."""
    return path_to("replay", **query)


def replay_sent() -> str:
    """Return where the form goes that asks so of a bundle file."""
    return path_to("replay", "file")


def policies() -> str:
    """Return the address of all policies."""
    return path_to("policies")


def policy(policy: str, **query: str | None) -> str:
    """Return the address of a policy as it is in force."""
    return path_to("policies", policy, **query)


def exceptions(**query: str | None) -> str:
    """Return the address of the waivers."""
    return path_to("exceptions", **query)


def waiver(waiver: str, *, as_of: str | None = None) -> str:
    """Return the address of one waiver."""
    return path_to("exceptions", waiver, as_of=as_of)


def approval(waiver: str) -> str:
    """Return where the form goes that approves a waiver."""
    return path_to("exceptions", waiver, "approve")


def revocation(waiver: str) -> str:
    """Return where the form goes that revokes a waiver."""
    return path_to("exceptions", waiver, "revoke")


def packs(**query: str | None) -> str:
    """Return the address of the audit packs that a query narrows."""
    return path_to("packs", **query)


def pack(pack: str) -> str:
    """Return the address of one audit pack."""
    return path_to("packs", pack)


def pack_wanted() -> str:
    """Return where the form goes that asks for a pack."""
    return path_to("packs", "ask")


def pack_document(pack: str) -> str:
    """Return where the PDF of a pack is downloaded; each download is recorded."""
    return path_to("packs", pack, f"{pack}.pdf")


def ledger(**query: str | None) -> str:
    """Return the address of the log."""
    return path_to("ledger", **query)


def checkpoint() -> str:
    """Return where the signed state of the log is downloaded."""
    return path_to("ledger", "checkpoint.note")


def log_keys() -> str:
    """Return where the keys of the log are downloaded."""
    return path_to("ledger", "root.json")


def proof(seq: int) -> str:
    """Return where the proof is downloaded that an entry is in the log."""
    return path_to("ledger", "proofs", f"{seq}.json")


def search(q: str = "") -> str:
    """Return the address of what a search finds."""
    return path_to("search", q=q)


def sign_in(after: str = "", *, ended: bool = False) -> str:
    """Return the address where a person signs in, to come to ``after``."""
    return path_to("sign-in", next=after if after != "/" else "", ended="yes" if ended else "")


def asset(digest: str, name: str) -> str:
    """Return the address of a file of the console, which never changes under it."""
    return path_to("assets", digest, name)


def own_path(wanted: str) -> str:
    """Return a path of this server that somebody wants to come to; ``/`` for anything else."""
    return wanted if _OWN.fullmatch(wanted) else "/"
