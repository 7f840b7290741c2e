"""What the console believes of a cookie and of a form, and what it counts."""

from urllib.parse import urlencode

import httpx
import pytest

from support.api import Caller, calling
from support.console import Browser, key_of

PLAIN, TLS = "assay-key", "__Host-assay-key"
SAFE = "https://assay.test"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _signed_in(console: Caller, url: str, **headers: str) -> httpx.Response:
    said = FORM | {"Sec-Fetch-Site": "same-origin"} | headers
    return console.post(f"{url}/sign-in", content=urlencode({"key": key_of(console)}), headers=said)


def _shows(console: Caller, url: str, **cookies: str) -> int:
    said = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return console.get(f"{url}/policies", headers={"Cookie": said}).status_code


def test_over_tls_the_cookie_has_a_name_that_no_neighbouring_host_can_set(console: Caller) -> None:
    said = _signed_in(console, SAFE).headers["set-cookie"]
    assert said.startswith(f"{TLS}=assay_")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(said.split("; "))
    assert "domain" not in said.lower()


def test_a_cookie_of_a_neighbouring_host_signs_nobody_in_over_tls(console: Caller) -> None:
    mine, theirs = key_of(console), key_of(console, "Mallory")
    assert _shows(console, SAFE, **{PLAIN: theirs}) == 303
    assert _shows(console, SAFE, **{TLS: mine}) == 200
    assert _shows(console, "http://assay.test", **{PLAIN: mine}) == 200
    both = {"Cookie": f"{TLS}={mine}; {PLAIN}={theirs}"}
    for url in (SAFE, "http://assay.test"):
        page = console.get(f"{url}/policies", headers=both).text
        assert "<b>Mara</b>" in page
        assert "Mallory" not in page


def test_a_proxy_that_does_not_say_tls_is_seen_through_by_the_origin(console: Caller) -> None:
    behind = _signed_in(console, "http://assay.test", Origin=SAFE).headers["set-cookie"]
    assert behind.startswith(f"{TLS}=")
    assert "Secure" in behind.split("; ")
    assert _shows(console, "http://assay.test", **{TLS: key_of(console)}) == 200


def test_signing_out_forgets_both_cookies(console: Caller) -> None:
    said = {"Sec-Fetch-Site": "same-origin", "Cookie": f"{TLS}={key_of(console)}"} | FORM
    answer = console.post(f"{SAFE}/sign-out", headers=said)
    gone = answer.headers.get_list("set-cookie")
    assert [one.partition("=")[0] for one in gone] == [PLAIN, TLS]
    assert all("Max-Age=0" in one for one in gone)
    assert "Secure" in gone[1].split("; ")


@pytest.mark.parametrize(
    "origin", ["http://[", "http://[::1", "//", "null", "http://[x]:y", "\x7f"]
)
def test_an_origin_that_is_none_is_refused_and_breaks_nothing(console: Caller, origin: str) -> None:
    said = FORM | {"Origin": origin}
    for path in ("/sign-in", "/sign-out", "/packs/ask"):
        answer = console.post(path, content="key=x", headers=said)
        assert (answer.status_code, "<dd>origin-refused</dd>" in answer.text) == (403, True)


def test_a_page_without_tls_cannot_send_the_forms_of_the_page_with_it(console: Caller) -> None:
    body = urlencode({"key": key_of(console)})
    said = FORM | {"Origin": "http://assay.test"}
    assert console.post(f"{SAFE}/sign-in", content=body, headers=said).status_code == 403
    said["Origin"] = SAFE
    assert console.post(f"{SAFE}/sign-in", content=body, headers=said).status_code == 303


def test_every_request_of_somebody_who_signed_in_counts(sqlite_database: str) -> None:
    for path in ("/nowhere", "/sign-in", "/policies"):
        with calling(sqlite_database, headers={}, rate=4) as caller:
            browser = Browser(caller, key_of(caller))
            answers = [browser.get(path).status_code for _turn in range(7)]
            assert answers[-1] == 429, (path, answers)
            assert 429 not in answers[:4]
    with calling(sqlite_database, headers={}, rate=4) as caller:
        key = key_of(caller)
        tries = [Browser(caller).post("/sign-in", {"key": key}).status_code for _ in range(6)]
        assert tries == [303] * 4 + [429] * 2
