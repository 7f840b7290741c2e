"""Systems and releases over HTTP: versioned, changed with a reason, strict about what is sent."""

import pytest

from support.api import calling, headers_of
from support.api_use import JSON, a_server, code, problem


def test_a_system_is_registered_once_and_an_equal_record_is_left_as_it_is(database: str) -> None:
    with calling(database) as caller:
        first = caller.put("/v1/systems/s", json={"name": "Triage", "risk_tier": "high"})
        again = caller.put("/v1/systems/s", json={"name": "Triage", "risk_tier": "high"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["version"] == 1
    assert first.headers["etag"] == again.headers["etag"]


@pytest.mark.parametrize("field", ["risk_tier", "purpose", "deployed_use"])
def test_a_change_that_decides_which_rules_apply_needs_a_reason(
    sqlite_database: str, field: str
) -> None:
    wanted = {"risk_tier": "high", "purpose": "triage", "deployed_use": "triage"}
    changed = wanted | {field: "limited"}
    with calling(sqlite_database) as caller:
        caller.put("/v1/systems/s", json=wanted)
        assert code(caller.put("/v1/systems/s", json=changed), 400) == "change-unexplained"
        done = caller.put("/v1/systems/s", json=changed | {"reason": "reviewed"})
        assert done.json()["version"] == 2
        history = caller.get("/v1/systems/s/history").json()["items"]
    assert [(one["version"], one["person"], one["reason"]) for one in history] == [
        (1, "tester", ""),
        (2, "tester", "reviewed"),
    ]


def test_the_reason_of_a_pipeline_explains_no_change(sqlite_database: str) -> None:
    with calling(sqlite_database) as caller:
        caller.put("/v1/systems/s", json={"risk_tier": "high"})
        pipeline = headers_of(caller.service, name="ci", kind="pipeline", roles=["author"])
        wanted = {"risk_tier": "minimal", "reason": "the build is green"}
        refused = caller.put("/v1/systems/s", json=wanted, headers=pipeline)
        assert code(refused, 400) == "change-unexplained"
        caller.put("/v1/systems/s/releases/1", json={}, headers=pipeline)
        other = {"baseline": "1", "reason": "the build is green"}
        changed = caller.put("/v1/systems/s/releases/1", json=other, headers=pipeline)
        assert code(changed, 400) == "change-unexplained"


def test_a_change_is_made_only_to_what_the_caller_saw(database: str) -> None:
    with calling(database) as caller:
        missing = caller.put("/v1/systems/s", json={}, headers={"If-Match": "*"})
        assert code(missing, 412) == "version-conflict"
        seen = caller.put("/v1/systems/s", json={"name": "a"}).headers["etag"]
        caller.put("/v1/systems/s", json={"name": "b"})
        lost = caller.put("/v1/systems/s", json={"name": "c"}, headers={"If-Match": seen})
        assert code(lost, 412) == "version-conflict"
        now = caller.get("/v1/systems/s")
        assert now.json()["system"]["name"] == "b"
        done = caller.put(
            "/v1/systems/s", json={"name": "c"}, headers={"If-Match": now.headers["etag"]}
        )
    assert done.json()["version"] == 3


def test_of_parallel_changes_of_one_version_exactly_one_is_made(database: str) -> None:
    with calling(database) as caller:
        seen = caller.put("/v1/systems/s", json={}).headers["etag"]
        answers = caller.together(
            [
                ("PUT", "/v1/systems/s", {"json": {"name": f"n{n}"}, "headers": {"If-Match": seen}})
                for n in range(20)
            ]
        )
        assert sorted(one.status_code for one in answers) == [200] + [412] * 19
        assert len(caller.get("/v1/systems/s/history").json()["items"]) == 2


@pytest.mark.parametrize(
    ("body", "what"),
    [
        pytest.param({"id": "other"}, "request-invalid", id="its id"),
        pytest.param({"version": 7}, "request-invalid", id="its version"),
        pytest.param({"person": "the boss"}, "request-invalid", id="who registers it"),
        pytest.param({"at": "2020-01-01T00:00:00Z"}, "request-invalid", id="when"),
        pytest.param({"generative": "yes"}, "request-invalid", id="a text for yes or no"),
        pytest.param({"generative": 1}, "request-invalid", id="a number for yes or no"),
        pytest.param({"name": 5}, "request-invalid", id="a number for a text"),
        pytest.param({"risk_tier": "none"}, "request-invalid", id="an unknown word"),
        pytest.param([], "request-invalid", id="a list"),
    ],
)
def test_what_a_caller_may_not_say_is_refused(
    sqlite_database: str, body: object, what: str
) -> None:
    with calling(sqlite_database) as caller:
        found = problem(caller.put("/v1/systems/s", json=body), 422)
        assert found["code"] == what
        assert found["where"].startswith("body")
        assert caller.get("/v1/systems").json()["items"] == []


@pytest.mark.parametrize(
    ("body", "what", "status"),
    [
        pytest.param(b"", "document-empty", 422, id="nothing"),
        pytest.param(b'{"name": ', "json-malformed", 422, id="half"),
        pytest.param(b'{"name": "a", "name": "b"}', "json-duplicate-key", 422, id="twice"),
        pytest.param(b'{"name": NaN}', "number-invalid", 422, id="not a number"),
        pytest.param(b'{"name": 1e999}', "number-invalid", 422, id="beyond any number"),
        pytest.param(b"[" * 10_000, "document-too-deep", 422, id="deep"),
        pytest.param(b'{"name": "\xff"}', "encoding-not-utf8", 422, id="not UTF-8"),
        pytest.param(b'{"name": "\\ud800"}', "text-not-unicode", 422, id="half a character"),
        pytest.param('{"name": "a"}'.encode("utf-16"), "encoding-not-utf8", 422, id="UTF-16"),
    ],
)
def test_json_is_read_strictly(sqlite_database: str, body: bytes, what: str, status: int) -> None:
    with calling(sqlite_database) as caller:
        assert code(caller.put("/v1/systems/s", content=body, headers=JSON), status) == what


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "", "application/jsonx"])
def test_a_record_is_taken_as_json_only(sqlite_database: str, media: str) -> None:
    with calling(sqlite_database) as caller:
        answer = caller.put("/v1/systems/s", content=b"{}", headers={"Content-Type": media})
        assert code(answer, 415) == "media-type-unsupported"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/systems/..%2f..%2fetc%2fpasswd",
        "/v1/systems/.hidden",
        "/v1/systems/a%00b",
        "/v1/systems/a%0d%0aX-Evil:1",
        "/v1/systems/" + "a" * 200,
        "/v1/systems/%ff",
        "/v1/systems/s/releases/..%2f1",
        "/v1/systems/s/releases/%2e%2e",
    ],
)
def test_an_id_is_never_a_path(sqlite_database: str, path: str) -> None:
    with calling(sqlite_database) as caller:
        for method in ("GET", "PUT"):
            answer = caller.ask(method, path, **({"json": {}} if method == "PUT" else {}))
            assert answer.status_code in {404, 422}
            assert code(answer, answer.status_code) in {"not-found", "request-invalid"}


def test_a_release_has_versions_and_a_baseline_that_is_known(database: str) -> None:
    artifact = {"name": "m", "kind": "model", "digest": f"sha256:{'1' * 64}"}
    with calling(database) as caller:
        nowhere = caller.put("/v1/systems/s/releases/1", json={})
        assert code(nowhere, 404) == "system-unknown"
        caller.put("/v1/systems/s", json={})
        first = caller.put("/v1/systems/s/releases/1", json={"artifacts": [artifact]})
        assert first.status_code == 201
        unknown = caller.put("/v1/systems/s/releases/2", json={"baseline": "0"})
        assert code(unknown, 404) == "release-unknown"
        second = caller.put("/v1/systems/s/releases/2", json={"baseline": "1"})
        assert second.json()["release"]["baseline"] == "1"
        swapped = caller.put("/v1/systems/s/releases/1", json={"artifacts": []})
        assert code(swapped, 400) == "change-unexplained"
        listed = caller.get("/v1/systems/s/releases").json()["items"]
        shown = caller.get("/v1/systems/s/releases/1")
        missing = caller.get("/v1/systems/s/releases/9")
    assert [one["release"]["version"] for one in listed] == ["1", "2"]
    assert shown.headers["etag"] == first.headers["etag"]
    assert code(missing, 404) == "release-unknown"


def test_systems_are_listed_in_pages(sqlite_database: str) -> None:
    with calling(sqlite_database) as caller:
        for number in range(5):
            caller.put(f"/v1/systems/s{number}", json={})
        seen: list[str] = []
        cursor: str | None = None
        while True:
            query = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
            page = caller.get("/v1/systems", params=query).json()
            seen += [one["system"]["id"] for one in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        for limit in ("0", "201", "many", "-1"):
            assert code(caller.get("/v1/systems", params={"limit": limit}), 422)
    assert seen == [f"s{number}" for number in range(5)]


def test_a_system_that_a_caller_may_not_touch_is_as_unknown_as_one_that_is_not_there(
    sqlite_database: str,
) -> None:
    with a_server(sqlite_database) as caller:
        caller.put("/v1/systems/mine", json={})
        mine = headers_of(caller.service, name="mine", systems=["mine"])
        listed = caller.get("/v1/systems", headers=mine).json()["items"]
        assert [one["system"]["id"] for one in listed] == ["mine"]
        for path in ("", "/history", "/releases", "/releases/1"):
            hidden = problem(caller.get(f"/v1/systems/s{path}", headers=mine), 404)
            absent = problem(caller.get(f"/v1/systems/z{path}", headers=mine), 404)
            for one in (hidden, absent):
                del one["instance"], one["request_id"]
                one["detail"] = one["detail"].replace("'z'", "'s'")
            assert hidden == absent
        written = caller.put("/v1/systems/s", json={}, headers=mine)
        assert code(written, 404) == "system-unknown"
