"""The console for tests: a store with something of everything, asked as a browser asks."""

import re
from collections.abc import Collection, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from assaybook.domain.principal import PrincipalKind, Role
from support.api import Caller, calling, headers_of
from support.api_use import EVIDENCE, a_report

EVIL: Final = "<script>alert(1)</script>\"'&\u202e{{ 7 * 7 }}"
"""A name that would be markup, end an attribute, turn the text around it, or be evaluated."""
_FORM: Final = "application/x-www-form-urlencoded"
_SHOWS: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""What browsers say that they can show, where a person follows a link or sends a form."""
_NO_FILE: Final = "\r\nContent-Type: application/octet-stream\r\n\r\n\r\n"
_FIELDS: Final = ("input", "select", "textarea")
_NO_LABEL: Final = frozenset({"hidden", "submit"})


def key_of(
    caller: Caller,
    name: str = "Mara",
    *,
    kind: PrincipalKind = "person",
    roles: Collection[str] = tuple(Role),
    systems: Collection[str] | None = None,
) -> str:
    """Return the text of a new key."""
    headers = headers_of(caller.service, name, kind=kind, roles=roles, systems=systems)
    return headers["Authorization"].removeprefix("Bearer ")


class Browser:
    """Asks for pages with the key that somebody signed in with, and follows nothing."""

    def __init__(self, caller: Caller, key: str = "") -> None:
        self._caller = caller
        self.key = key
        self._said = {"Accept": _SHOWS} | ({"Cookie": f"assay-key={key}"} if key else {})

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page."""
        return self._caller.get(path, headers=self._said | headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """Send a form, as a page of this server does unless the headers say otherwise."""
        said = {"Sec-Fetch-Site": "same-origin", "Content-Type": _FORM} | self._said | headers
        return self._caller.post(path, content=urlencode(fields), headers=said)

    def send(self, path: str, files: dict[str, bytes], **fields: str) -> httpx.Response:
        """Send a form with files as a browser does; without any, it sends an empty one."""
        said = {"Sec-Fetch-Site": "same-origin"} | self._said
        if files:
            chosen = [("file", named) for named in files.items()]
            return self._caller.post(path, files=chosen, data=fields, headers=said)
        body = f'--x\r\nContent-Disposition: form-data; name="file"; filename=""{_NO_FILE}--x--\r\n'
        said["Content-Type"] = "multipart/form-data; boundary=x"
        return self._caller.post(path, content=body.encode(), headers=said)

    def shown(self, path: str) -> str:
        """Return a page that is there, and is sound."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return sound(answer)


@contextmanager
def a_console(database: str, **changes: Any) -> Generator[Caller]:
    """Serve a store with a judged, an unjudged and an ill-named system, asked without a key."""
    with calling(database, rate=1_000_000, **changes) as caller:
        for system, said in (("s", {"name": "Triage"}), ("bare", {}), ("evil", {"name": EVIL})):
            assert caller.put(f"/v1/systems/{system}", json=said).status_code == 201
        for system in ("s", "evil"):
            wanted = {"stage": EVIL, "artifacts": [an_artifact()]}
            for version in ("1", "2"):
                answer = caller.put(f"/v1/systems/{system}/releases/{version}", json=wanted)
                assert answer.status_code == 201, answer.text
        assert caller.post(EVIDENCE, content=a_report()).status_code == 201
        evil = EVIDENCE.replace("/s/", "/evil/")
        assert caller.post(evil, content=a_report(run=EVIL)).status_code == 201
        for system in ("s", "s", "evil"):
            wanted = {"system": system, "release": "1"}
            assert caller.post("/v1/assessments", json=wanted).status_code == 201
        yield caller


def an_artifact() -> dict[str, str]:
    """Return a part of a release with a name that would be markup."""
    return {"name": EVIL, "kind": "model", "digest": f"sha256:{'1' * 64}"}


def sound(answer: httpx.Response) -> str:
    """Return the text of a page, which is valid, accessible as far as text tells, and harmless."""
    text = answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    parser = import_module("tinyhtml5.parser").HTMLParser(namespace_html_elements=False)
    page = parser.parse(text)
    assert not parser.errors, parser.errors
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    assert len(list(page.iter("h1"))) == 1
    assert page.find(".//main") is not None
    _nothing_runs(page)
    _fields_are_named(page, frozenset(ids))
    for head in page.iter("th"):
        assert head.get("scope") in {"col", "row"}
    for part in page.iter("section"):
        named = part.get("aria-labelledby")
        assert named is None or named in ids
    return text


def _nothing_runs(page: Any) -> None:
    for element in page.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        assert tag not in {"script", "style", "iframe", "object", "base"}
        for name, value in element.items():
            assert not str(name).startswith("on"), (tag, name)
            assert name != "style", (tag, value)
            if name in {"href", "src", "action"}:
                assert str(value).startswith(("/", "#")), (tag, value)
                assert not str(value).startswith("//")


def _fields_are_named(page: Any, ids: Collection[str]) -> None:
    labelled = {one.get("for") for one in page.iter("label")}
    within = {field for one in page.iter("label") for field in one.iter() if field is not one}
    assert labelled - {None} <= set(ids)
    for tag in _FIELDS:
        for field in page.iter(tag):
            if field.get("type") not in _NO_LABEL:
                named = field.get("id") in labelled or field in within
                assert named or field.get("aria-label"), dict(field.items())
