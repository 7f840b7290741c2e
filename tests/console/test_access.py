"""Who signs in, what they then may see, and what no other site can make a browser do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import Response

from assaybook.api.faces import Backend as Given
from assaybook.console import app, links
from assaybook.console.app import FORMS, PAGES
from assaybook.console.backend import Backend
from assaybook.console.forms import Form, Said
from assaybook.console.routing import Page
from assaybook.domain.principal import MATRIX, PERSONAL, Action, PrincipalKind, Role
from support.api import Caller, calling, headers_of
from support.console import Browser, key_of, sound

SECRET: Final = "assay-key"
SYSTEM_PAGE: Final = "/systems/s?as_of=2026-11-20T09%3A00"


@pytest.fixture
def fresh(sqlite_database: str) -> Iterator[Caller]:
    with calling(sqlite_database, headers={}) as caller:
        yield caller


def _routes() -> list[tuple[str, str, Action]]:
    pages = [("GET", one.path, one.action) for one in PAGES]
    return sorted([*pages, *(("POST", one.path, one.action) for one in FORMS)])


def _path(path: str, system: str = "s") -> str:
    filled = path.replace("{system}", system)
    while "{" in filled:
        start, _, rest = filled.partition("{")
        filled = f"{start}0{rest.partition('}')[2]}"
    return filled


def _asked(browser: Browser, method: str, path: str) -> tuple[int, str]:
    answer = browser.get(path) if method == "GET" else browser.post(path, {})
    return answer.status_code, answer.text


def test_each_page_lets_in_exactly_the_roles_of_the_table(
    console: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The guards are those of the pages; what stands behind them is nothing that takes time.
    pages = tuple(Page(one.path, _nothing, one.action) for one in PAGES)
    forms = tuple(Form(one.path, _nowhere, one.action, pages[0]) for one in FORMS)
    monkeypatch.setattr(app, "PAGES", pages)
    monkeypatch.setattr(app, "FORMS", forms)
    kinds: tuple[PrincipalKind, ...] = ("person", "pipeline")
    with Caller(console.service) as caller:
        for kind in kinds:
            for role in Role:
                browser = Browser(caller, key_of(caller, f"{role}-{kind}", kind=kind, roles=[role]))
                for method, path, action in _routes():
                    status, text = _asked(browser, method, _path(path))
                    may = role in MATRIX[action] and (kind == "person" or action not in PERSONAL)
                    assert status == ((204 if method == "GET" else 303) if may else 403), path
                    assert may or "<dd>not-allowed</dd>" in text, (path, role, kind)


def _nothing(_request: Request) -> Response:
    return Response(status_code=204)


def _nowhere(_request: Request, _said: Said) -> str:
    return "/"


def test_every_page_answers_in_our_words_also_where_there_is_nothing(
    console: Caller, browser: Browser
) -> None:
    for method, path, _action in _routes():
        status, text = _asked(browser, method, _path(path, "none"))
        assert status in {200, 303, 404, 415, 422}, (method, path, status, text)
    assert console.get("/nowhere").status_code == 404


def test_no_page_answers_who_has_not_signed_in(console: Caller) -> None:
    admin = headers_of(console.service, "admin", roles=["admin"])
    revoked = key_of(console, "gone")
    ended = console.post(
        f"/v1/keys/{revoked.split('_')[1]}/revoke", headers=admin, json={"reason": "lost"}
    )
    assert ended.status_code == 200, ended.text
    late = headers_of(console.service, "late", life=timedelta(microseconds=1))
    good = key_of(console)
    others = [
        "",
        revoked,
        late["Authorization"].removeprefix("Bearer "),
        good[:-1] + ("1" if good[-1] == "0" else "0"),
        "a." * 500,
        "%00",
    ]
    for method, path, _action in _routes():
        for key in others:
            browser, where = Browser(console, key), _path(path)
            answer = browser.get(where) if method == "GET" else browser.post(where, {})
            assert answer.status_code == 303, (method, path, key)
            assert answer.headers["location"].startswith("/sign-in")
            assert not answer.text


def test_a_system_that_a_key_does_not_reach_is_on_no_page(console: Caller) -> None:
    limited = Browser(console, key_of(console, "limited", systems=["bare"]))
    for method, path, _action in _routes():
        if "{system}" in path:
            found = [_asked(limited, method, _path(path, one)) for one in ("s", "none")]
            assert [status for status, _text in found] == [404, 404], path


def test_who_signs_in_comes_to_the_page_that_was_asked_for(console: Caller) -> None:
    nobody, key = Browser(console), key_of(console)
    led = nobody.get(SYSTEM_PAGE)
    after = parse_qs(urlsplit(led.headers["location"]).query)["next"][0]
    assert after == SYSTEM_PAGE
    form = nobody.get(led.headers["location"])
    assert quote(after, safe="/?=%&") in sound(form)
    answer = nobody.post("/sign-in", {"key": f" {key}\n", "next": after})
    assert (answer.status_code, answer.headers["location"]) == (303, SYSTEM_PAGE)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SECRET}={key}; ")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert not {"Secure", "Domain", "Max-Age"} & {
        one.partition("=")[0] for one in cookie.split("; ")
    }
    assert Browser(console, key).get("/sign-in").headers["location"] == "/"


def test_the_cookie_goes_over_https_only_where_the_page_came_so(console: Caller) -> None:
    fields, same = {"key": key_of(console)}, {"Sec-Fetch-Site": "same-origin"}
    answer = console.post("https://assay.test/sign-in", data=fields, headers=same)
    assert "Secure" in answer.headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        " //evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/x\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_signing_in_leads_to_no_other_site(console: Caller, elsewhere: str) -> None:
    key = key_of(console)
    answer = Browser(console).post("/sign-in", {"key": key, "next": elsewhere})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    again = Browser(console, key).get(f"/sign-in?next={quote(elsewhere, safe='')}")
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert links.own_path(elsewhere) == "/"


@pytest.mark.parametrize(
    "wrong", ["", "x", "assay_0", "ключ", "a;b", 'a"b', "a, b", "x" * 4001, "\x00", "a\r\nb: c"]
)
def test_a_wrong_key_gives_the_form_again_with_the_reason(console: Caller, wrong: str) -> None:
    answer = Browser(console).post("/sign-in", {"key": wrong, "next": SYSTEM_PAGE})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    text = sound(answer)
    assert "Not signed in:" in text
    assert 'name="next" value="/systems/s' in text


def test_the_key_is_on_no_page_and_in_no_address(console: Caller, browser: Browser) -> None:
    key = key_of(console)
    answer = Browser(console).post("/sign-in", {"key": key})
    assert key not in answer.headers["location"] + answer.text
    assert key not in Browser(console, key).shown("/")
    assert SECRET not in browser.shown("/")


def test_a_key_that_ends_leads_to_the_form_at_once_and_says_why(fresh: Caller) -> None:
    key = key_of(fresh)
    browser = Browser(fresh, key)
    browser.shown("/")
    admin = headers_of(fresh.service, "admin", roles=["admin"])
    ended = {"reason": "lost"}
    fresh.post(f"/v1/keys/{key.split('_')[1]}/revoke", headers=admin, json=ended)
    led = browser.get("/")
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?ended=yes")
    assert "it no longer counts" in browser.get(led.headers["location"]).text


def test_signing_out_forgets_the_key_in_the_browser(console: Caller) -> None:
    answer = Browser(console, key_of(console)).post("/sign-out", {})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert answer.headers["set-cookie"].startswith(f'{SECRET}=""; ')
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "foreign",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://assay.test"},
        {"Sec-Fetch-Site": "", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
    ],
    ids=lambda said: "-".join(said.values()),
)
def test_no_form_of_another_site_does_anything(console: Caller, foreign: dict[str, str]) -> None:
    key = key_of(console)
    forms = ["/sign-in", "/sign-out", *(_path(one.path) for one in FORMS)]
    said = {name: value for name, value in foreign.items() if value}
    for path in forms:
        cookie = {"Cookie": f"{SECRET}={key}"}
        answer = console.post(path, data={"key": key}, headers=cookie | said)
        assert answer.status_code == 403, path
        assert "<dd>origin-refused</dd>" in answer.text
        assert "set-cookie" not in answer.headers


def test_a_browser_that_says_only_its_origin_can_sign_in(console: Caller) -> None:
    said = {"Origin": "http://assay.test"}
    answer = console.post("/sign-in", data={"key": key_of(console)}, headers=said)
    assert answer.status_code == 303
    assert '<meta name="referrer" content="same-origin">' in console.get("/sign-in").text


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("text/plain", b"key=x", 415),
        ("application/x-www-form-urlencoded", b"key=" + b"x" * 20_000, 413),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 30), 400),
        ("application/x-www-form-urlencoded", b"\xff%ff&key", 401),
    ],
)
def test_what_is_no_form_of_ours_is_refused(
    console: Caller, media: str, body: bytes, status: int
) -> None:
    said = {"Sec-Fetch-Site": "same-origin", "Content-Type": media}
    answer = console.post("/sign-in", content=body, headers=said)
    assert answer.status_code == status
    sound(answer)


def test_a_link_of_another_site_is_followed_once_more_from_here(console: Caller) -> None:
    answer = Browser(console).get(SYSTEM_PAGE, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert answer.headers["refresh"] == f"0; url={SYSTEM_PAGE}"
    assert "Triage" not in sound(answer)
    ended = Browser(console, "x").get(SYSTEM_PAGE, **{"Sec-Fetch-Site": "cross-site"})
    assert ended.status_code == 303


def test_the_key_in_the_cookie_opens_pages_and_never_the_api(fresh: Caller) -> None:
    cookie = {"Cookie": f"{SECRET}={key_of(fresh)}"}
    assert fresh.get("/v1/systems", headers=cookie).status_code == 401
    assert fresh.put("/v1/systems/x", headers=cookie, json={}).status_code == 401


def test_who_asks_too_often_or_guesses_is_told_to_wait(sqlite_database: str) -> None:
    with calling(sqlite_database, headers={}, rate=4) as caller:
        browser = Browser(caller, key_of(caller))
        answers = [browser.get("/") for _ in range(6)]
        assert [one.status_code for one in answers[:4]] == [200] * 4
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        guesses = [Browser(caller).post("/sign-in", {"key": f"x{one}"}) for one in range(6)]
        assert guesses[0].status_code == 401
        assert guesses[-1].status_code == 429


_PAGES: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"Content-Length": "99999999999"}, 413, "body-too-large"),
        ({"Content-Length": "-1"}, 413, "body-too-large"),
        ({"X-Long": "x" * 40_000}, 431, "headers-too-large"),
    ],
    ids=["large", "no length", "long headers"],
)
def test_what_is_refused_before_a_page_is_found_is_a_page_to_browsers_alone(
    console: Caller, said: dict[str, str], status: int, code: str
) -> None:
    shown = console.post("/sign-in", headers=_PAGES | said)
    assert shown.status_code == status
    assert f"<dd>{code}</dd>" in sound(shown)
    assert shown.headers["x-request-id"] in shown.text
    for path, headers in (
        ("/sign-in", said | {"Accept": "*/*"}),
        ("/v1/systems", _PAGES | said),
        ("/metrics", _PAGES | said),
    ):
        told = console.post(path, headers=headers)
        assert (told.status_code, told.json()["code"]) == (status, code), path


def test_an_address_that_guessed_too_often_reads_on_a_page_what_to_do(
    sqlite_database: str,
) -> None:
    with calling(sqlite_database, headers={}, rate=2) as caller:
        guesses = [
            Browser(caller).post("/sign-in", {"key": f"x{one}"}, **_PAGES) for one in range(3)
        ]
        last = guesses[-1]
        assert last.status_code == 429
        assert "Wait a minute" in sound(last)
        assert int(last.headers["retry-after"]) >= 1
        assert "Sign out" not in last.text


def test_pages_take_no_other_method_and_the_api_keeps_its_own(console: Caller) -> None:
    browser = Browser(console, key_of(console))
    answer = console.ask("DELETE", "/systems/s", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert console.ask("HEAD", "/sign-in").status_code == 200
    assert browser.get("/v1/nowhere").json()["code"] == "not-found"
    assert browser.get("/metrics").text.startswith("# HELP")
    assert not [one for one in PAGES if one.path.startswith(("/v1", "/docs", "/metrics"))]


def test_the_files_of_pages_are_kept_by_browsers_until_they_change(console: Caller) -> None:
    text = Browser(console).get("/sign-in").text
    (style,) = [part.split('"')[0] for part in text.split('rel="stylesheet" href="')[1:]]
    found = Browser(console).get(style)
    assert found.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in found.headers["cache-control"]
    tag = found.headers["etag"]
    assert Browser(console).get(style, **{"If-None-Match": tag}).status_code == 304
    for name in found.text.split("src:url(")[1:]:
        font = Browser(console).get(f"{style.rpartition('/')[0]}/{name.partition(')')[0]}")
        assert (font.status_code, font.headers["content-type"]) == (200, "font/ttf")
    assert "url(http" not in found.text


def test_what_the_api_gives_the_console_is_what_it_asks_for() -> None:
    def given(backend: Given) -> Backend:
        return backend  # the checkers of types see that it is one

    assert given.__annotations__ == {"backend": Given, "return": Backend}
