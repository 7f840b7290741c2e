"""Running the service: health, metrics, logs, headers, and a database that is not as it must be."""

import io
import json
import logging
import re
import shutil
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from assaybook.api.logs import Batched, JsonLines
from assaybook.api.state import Service, reading
from assaybook.domain.errors import OperatorError
from assaybook.settings import now
from assaybook.store.engine import open_engine
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.api import a_service, calling, headers_of
from support.api_use import EVIDENCE, a_report, a_server, code, problem

ID = re.compile(r"[0-9a-f]{24}")


def test_a_process_is_alive_and_ready_without_a_key(database: str) -> None:
    with calling(database, headers={}) as caller:
        assert caller.get("/v1/health").json()["status"] == "alive"
        assert caller.get("/v1/ready").json() == {"status": "ready"}


def test_every_answer_has_the_id_of_its_request_and_is_harmless_in_a_browser(
    sqlite_database: str,
) -> None:
    with calling(sqlite_database) as caller:
        answers = [
            caller.get("/v1/health"),
            caller.get("/nowhere"),
            caller.get("/v1/systems/x"),
            caller.ask("PATCH", "/v1/health"),
        ]
        for answer in answers:
            assert ID.fullmatch(answer.headers["x-request-id"])
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert answer.headers["cache-control"] == "no-store"
        assert len({answer.headers["x-request-id"] for answer in answers}) == 4
        named = caller.get("/v1/health", headers={"X-Request-ID": "build-42.attempt_1"})
        assert named.headers["x-request-id"] == "build-42.attempt_1"
        for odd in ("short", "a" * 65, "a b c d e f g", "ключ-ключ", "x\ty-long-enough"):
            answer = caller.get("/v1/health", headers={"X-Request-ID": odd.encode()})
            assert ID.fullmatch(answer.headers["x-request-id"])


@pytest.mark.parametrize(
    ("sent", "where", "words", "hint"),
    [
        pytest.param(
            {"system": "s", "relase": "1"},
            *("body/relase", "this key is not known here", "Did you mean release?"),
            id="a key mistyped",
        ),
        pytest.param(
            {"system": "s"}, "body/release", "this is missing", "/docs", id="a key missing"
        ),
        pytest.param(
            {"system": "s", "release": "1", "fail_on": "never"},
            *("body/fail_on", "it must be 'low', 'medium', 'high' or 'critical'", "/docs"),
            id="no such word",
        ),
    ],
)
def test_a_request_that_does_not_fit_is_told_where_why_and_what_to_do(
    sent: dict[str, str], where: str, words: str, hint: str, sqlite_database: str
) -> None:
    with a_server(sqlite_database) as caller:
        told = problem(caller.post("/v1/assessments", json=sent), 422)
    assert (told["code"], told["where"], told["detail"]) == ("request-invalid", where, words)
    assert hint in told["hint"]


def test_a_document_of_several_formats_is_told_how_an_address_names_one(
    sqlite_database: str,
) -> None:
    with a_server(sqlite_database) as caller:
        path = "/v1/systems/s/releases/1/evidence?name=scan.json"
        sent = {"content": b"[]", "headers": {"Content-Type": "application/json"}}
        told = problem(caller.post(path, **sent), 422)
        named = caller.post(f"{path}&as=gitleaks", **sent)
    assert told["code"] == "format-ambiguous"
    assert {told["hint"], told["problems"][0]["hint"]} == {
        "Name the format: as: in the manifest, --as, or over HTTP ?as=FORMAT."
    }
    assert named.status_code == 201


def test_a_submission_carries_the_id_of_its_request(sqlite_database: str) -> None:
    with a_server(sqlite_database) as caller:
        named = {"X-Request-ID": "pipeline-run-7"}
        receipt = caller.post(EVIDENCE, content=a_report(), headers=named).json()["accepted"][0]
        shown = caller.get(f"/v1/evidence/{receipt['evidence']}").json()["envelope"]
    assert shown["submission"].endswith("/pipeline-run-7")


def test_what_became_of_requests_and_documents_is_counted(sqlite_database: str) -> None:
    with a_server(sqlite_database) as caller:
        caller.post(EVIDENCE, content=a_report())
        caller.post(EVIDENCE, content=a_report())
        caller.post(EVIDENCE, content=b"{")
        caller.get("/v1/systems/../../x")
        text_ = caller.get("/metrics").text
    route = '/v1/systems/{system}/releases/{version}/evidence"'
    assert f'assay_http_requests_total{{method="POST",route="{route},status="201"}} 1.0' in text_
    assert 'assay_evidence_documents_total{state="accepted"} 1.0' in text_
    assert 'assay_evidence_documents_total{state="duplicate"} 1.0' in text_
    assert 'assay_evidence_documents_total{state="refused"} 1.0' in text_
    assert "assay_writer_waiting 0.0" in text_
    assert "assay_http_request_seconds_bucket" in text_
    assert "systems/s/" not in text_


def test_the_log_holds_neither_keys_nor_evidence_nor_queries(
    sqlite_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "CANARY-7f3a"  # in every place that a caller can fill
    with a_server(sqlite_database) as caller, caplog.at_level(logging.DEBUG, logger="assaybook"):
        caller.post(EVIDENCE, content=a_report(secret), params={"name": f"{secret}.json"})
        caller.post(EVIDENCE, content=f'{{"{secret}": '.encode())
        caller.put(f"/v1/systems/{secret}", json={"owner": secret, "purpose": secret})
        caller.put("/v1/systems/s", json={secret: secret})
        caller.get("/v1/systems", params={"cursor": secret, "limit": secret})
        caller.get(f"/{secret}", headers={"X-Secret": secret, "Cookie": secret})
        caller.ask(f"GET{secret}"[:9], "/v1/health")
        lines = [JsonLines().format(one) for one in caplog.records if one.name[:9] == "assaybook"]
    assert len(lines) >= 7
    for line in lines:
        assert secret not in line
        assert {"time", "level", "event", "request_id"} <= json.loads(line).keys()


def test_lines_of_the_log_are_written_whole_and_errors_without_delay() -> None:
    stream = io.StringIO()
    handler = Batched(stream)
    handler.setFormatter(JsonLines())
    said: dict[str, object] = {"msg": "request", "levelno": logging.INFO, "levelname": "INFO"}
    handler.emit(logging.makeLogRecord(said | {"fields": {"status": 200, "odd": "a\nb"}}))
    failed: dict[str, object] = {"msg": "started %s", "args": ("twice",), "levelname": "ERROR"}
    handler.emit(logging.makeLogRecord(failed | {"levelno": logging.ERROR}))
    for _turn in range(200):
        if stream.getvalue().count("\n") == 2:
            break
        time.sleep(0.01)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(one["level"], one["event"]) for one in lines] == [
        ("info", "request"),
        ("error", "started twice"),
    ]
    assert lines[0]["odd"] == "a\nb"


def test_a_database_that_does_not_answer_makes_a_process_unready_within_seconds(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    @contextmanager
    def hanging(service: Service) -> Generator[Reading]:
        may_go_on.wait(20)
        with reading(service) as store:
            yield store

    monkeypatch.setattr("assaybook.api.routes.health.reading", hanging)
    with calling(sqlite_database) as caller:
        answer = caller.get("/v1/ready")
        assert code(answer, 503) == "database-unreachable"
        assert int(answer.headers["retry-after"]) >= 1
        may_go_on.set()
        assert caller.get("/v1/ready").status_code == 200


def test_an_error_that_nobody_foresaw_is_an_answer_without_its_words(
    sqlite_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with calling(sqlite_database) as caller:

        async def fails() -> None:
            raise RuntimeError("CANARY in the words of a library")

        caller.app.add_api_route("/v1/fails", fails)
        found = problem(caller.get("/v1/fails"), 500)
    assert found["code"] == "internal-error"
    assert "CANARY" not in json.dumps(found)
    (line,) = [one for one in caplog.records if one.getMessage() == "defect"]
    written = JsonLines().format(line)
    assert "CANARY" not in written
    assert json.loads(written)["request_id"] == found["request_id"]
    assert "test_operation.py" in written


def test_a_locked_database_is_a_503_that_says_when_to_come_back_and_passes(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(url: str) -> Engine:
        return open_engine(url, wait_seconds=0.05)

    monkeypatch.setattr("assaybook.service.store_access.open_engine", impatient)
    with a_server(sqlite_database) as caller:
        other = open_engine(sqlite_database)
        with UnitOfWork(other, now):
            answer = caller.post(EVIDENCE, content=a_report())
            assert code(answer, 503) == "database-locked"
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.json()["where"] == ""
            assert caller.get("/v1/systems/s").status_code == 200
        assert caller.post(EVIDENCE, content=a_report()).status_code == 201
        other.dispose()


def test_tables_of_a_newer_engine_stop_every_request_and_readiness_with_a_503(
    database: str,
) -> None:
    with a_server(database) as caller:
        with caller.service.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for answer in (
            caller.get("/v1/ready"),
            caller.get("/v1/systems"),
            caller.post(EVIDENCE, content=a_report()),
            caller.put("/v1/systems/t", json={}),
        ):
            assert code(answer, 503) == "database-newer"
            assert int(answer.headers["retry-after"]) >= 1
        assert caller.get("/v1/health").status_code == 200


def test_a_server_does_not_start_on_tables_that_it_does_not_know(database: str) -> None:
    engine = open_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(OperatorError) as refused, a_service(database):
        pass
    assert refused.value.code == "database-newer"


def test_a_database_that_cannot_be_written_is_a_503_and_can_still_be_read(
    sqlite_database: str,
) -> None:
    with a_server(sqlite_database) as caller:
        key = headers_of(caller.service)
    file = sqlite_database.removeprefix("sqlite:///")
    with calling(f"sqlite:///file:{file}?mode=ro&uri=true", headers=key) as caller:
        assert code(caller.post(EVIDENCE, content=a_report()), 503) == "database-read-only"
        assert caller.get("/v1/systems/s").status_code == 200


def test_a_database_file_that_vanished_is_a_503_and_no_empty_answer(
    sqlite_database: str, tmp_path: Path
) -> None:
    with a_server(sqlite_database) as caller:
        caller.service.engine.dispose()
        for file in tmp_path.glob("assay.db*"):
            shutil.move(file, tmp_path / f"gone-{file.name}")
        for answer in (caller.get("/v1/ready"), caller.get("/v1/systems")):
            assert code(answer, 503) in {"database-not-ready", "database-missing"}


def test_the_reference_is_one_page_that_loads_nothing_from_elsewhere(sqlite_database: str) -> None:
    with calling(sqlite_database, headers={}) as caller:
        page = caller.get("/docs")
        document = caller.get("/v1/openapi.json").json()
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", page.text) == ["/v1/openapi.json"]
    assert "<script" not in page.text
    for path in document["paths"]:
        assert path in page.text
    assert "style-src 'sha256-" in page.headers["content-security-policy"]


def test_the_openapi_document_names_every_shape_that_it_refers_to(sqlite_database: str) -> None:
    with calling(sqlite_database, headers={}) as caller:
        document = caller.get("/v1/openapi.json").json()
    written = json.dumps(document)
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', written))
    assert named <= document["components"]["schemas"].keys()
    put = document["paths"]["/v1/systems/{system}"]["put"]
    assert put["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/SystemWanted"
    }
