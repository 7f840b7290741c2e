"""The environment and the clock, read in one place."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assaybook.domain.errors import OperatorError
from assaybook.settings import Settings, cache_folder, now


def test_without_a_setting_the_database_is_one_file_in_the_working_folder() -> None:
    assert Settings.from_environment({}).database == "sqlite:///assaybook.db"


def test_an_empty_setting_is_as_good_as_none() -> None:
    assert Settings.from_environment({"ASSAY_DATABASE": ""}) == Settings.from_environment({})


def test_the_environment_of_the_process_is_read_when_nothing_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASSAY_DATABASE", "sqlite:////srv/assay.db")
    assert Settings.from_environment().database == "sqlite:////srv/assay.db"


def test_a_path_where_a_database_url_belongs_is_refused_with_the_remedy() -> None:
    with pytest.raises(OperatorError) as refused:
        Settings.from_environment({"ASSAY_DATABASE": "assay.db"})
    assert (refused.value.code, refused.value.where) == ("setting-invalid", "ASSAY_DATABASE")
    assert "sqlite:///" in refused.value.hint


def test_a_password_in_the_database_url_is_never_printed() -> None:
    url = "postgresql+psycopg://clerk:open-sesame@127.0.0.1/assay"
    assert "open-sesame" not in repr(Settings.from_environment({"ASSAY_DATABASE": url}))


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        pytest.param({"ASSAY_CACHE": "/srv/c", "HOME": "/home/u"}, "/srv/c", id="named"),
        pytest.param({"XDG_CACHE_HOME": "/c", "HOME": "/home/u"}, "/c/assaybook", id="platform"),
        pytest.param({"ASSAY_CACHE": "off", "HOME": "/home/u"}, None, id="off"),
        pytest.param({"XDG_CACHE_HOME": "c", "HOME": "here"}, None, id="no whole path"),
        pytest.param({}, None, id="no home"),
    ],
)
def test_pages_are_kept_where_the_operator_says_or_where_the_platform_keeps_such_things(
    environment: dict[str, str], folder: str | None
) -> None:
    assert cache_folder(environment) == (Path(folder) if folder else None)
    assert Settings.from_environment(environment).cache == cache_folder(environment)


@pytest.mark.parametrize(
    ("platform", "folder"),
    [("linux", ".cache/assaybook"), ("darwin", "Library/Caches/assaybook")],
)
def test_pages_are_kept_in_the_users_home_unless_anything_else_is_said(
    platform: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    assert cache_folder({"HOME": "/home/u"}) == Path("/home/u") / folder


def test_the_clock_speaks_utc() -> None:
    instant = now()
    assert instant.tzinfo is UTC
    assert abs(datetime.now(UTC) - instant) < timedelta(minutes=1)


def test_a_server_is_told_by_the_environment_what_to_judge_by_and_how_much_to_take() -> None:
    found = Settings.from_environment(
        {
            "ASSAY_POLICIES": os.pathsep.join(["/srv/a", "/srv/b"]),
            "ASSAY_OVERLAYS": "/srv/o.yaml",
            "ASSAY_SCOPE": "/srv/scope.yaml",
            "ASSAY_TRUST": "/srv/trust.yaml",
            "ASSAY_OIDC": "/srv/oidc.yaml",
            "ASSAY_MAX_BODY": "1000",
            "ASSAY_BODY_SECONDS": "2.5",
            "ASSAY_RATE": "10",
        }
    )
    assert found.policies == (Path("/srv/a"), Path("/srv/b"))
    assert found.overlays == (Path("/srv/o.yaml"),)
    assert (found.scope, found.trust) == (Path("/srv/scope.yaml"), Path("/srv/trust.yaml"))
    assert found.oidc == Path("/srv/oidc.yaml")
    assert (found.max_body, found.body_seconds, found.rate) == (1000, 2.5, 10)


@pytest.mark.parametrize("value", ["many", "0", "-1", "1e3", "nan", "9" * 30])
@pytest.mark.parametrize("name", ["ASSAY_MAX_BODY", "ASSAY_RATE"])
def test_a_bound_that_is_no_whole_number_from_one_is_refused(name: str, value: str) -> None:
    with pytest.raises(OperatorError) as refused:
        Settings.from_environment({name: value})
    assert (refused.value.code, refused.value.where) == ("setting-invalid", name)
