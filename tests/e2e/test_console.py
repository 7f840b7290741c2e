"""``assay serve`` in a process of its own serves pages that a person can sign in to."""

import shutil
from pathlib import Path

import httpx
import pytest

from support.serving import admin_key, serving

pytestmark = pytest.mark.slow


def test_a_person_signs_in_to_a_running_server_and_sees_what_the_pipeline_registered(
    sqlite_template: Path, tmp_path: Path
) -> None:
    database = Path(shutil.copy(sqlite_template, tmp_path / "assay.db"))
    authorization = admin_key(database)
    key = authorization["Authorization"].removeprefix("Bearer ")
    with (
        serving(database, "--workers", "1") as (_process, address, said),
        httpx.Client(base_url=address) as browser,
    ):
        assert any("open it in a browser" in line for line in said)
        made = browser.put("/v1/systems/triage", headers=authorization, json={"name": "Triage"})
        assert made.status_code == 201, made.text
        led = browser.get("/systems/triage")
        assert (led.status_code, led.headers["location"]) == (
            303,
            "/sign-in?next=%2Fsystems%2Ftriage",
        )
        fields = {"key": key, "next": "/systems/triage"}
        tls = {"Origin": address.replace("http:", "https:"), "X-Forwarded-Proto": "https"}
        behind = httpx.post(f"{address}/sign-in", data=fields, headers=tls)
        assert "; Secure" in behind.headers["set-cookie"]
        entered = browser.post("/sign-in", data=fields, headers={"Origin": address})
        assert (entered.status_code, entered.headers["location"]) == (303, "/systems/triage")
        page = browser.get("/systems/triage")
        assert page.status_code == 200
        assert "<h1>Triage</h1>" in page.text
        style = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert browser.get(style).headers["content-type"].startswith("text/css")
        out = browser.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"}, data={"x": "y"})
        assert out.status_code == 303
        assert browser.get("/").status_code == 303
