"""What every test may rely on: loopback only, no settings of the developer, steady examples."""

import os
import shutil
import sys
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import settings

from support.golden import Golden

HERE = Path(__file__).resolve().parent

# The same examples in each run, so that a red test is red for everybody; `--hypothesis-profile
# search` looks further.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """Keep painted parts of packs for this run alone; many tests make the same pages."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["ASSAY_CACHE"] = kept = mkdtemp(prefix="assay-parts-")
        config.add_cleanup(partial(shutil.rmtree, kept, ignore_errors=True))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="rewrite tests/golden")


def _loopback_only(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse any connection that leaves this machine."""
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple):
        host = str(address[0])  # pyright: ignore[reportUnknownArgumentType]
        if not host.startswith("127.") and host not in {"::1", "localhost"}:
            message = f"a test tried to reach {host}; tests use loopback only"
            raise RuntimeError(message)


sys.addaudithook(_loopback_only)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    for name in [name for name in os.environ if name.startswith("ASSAY_")]:
        if name not in {"ASSAY_CACHE", "ASSAY_SAMPLES", "ASSAY_VECTORS"}:
            monkeypatch.delenv(name)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare an output with its expected copy under tests/golden."""
    return Golden(HERE / "golden", rewrite=bool(request.config.getoption("--rewrite-golden")))


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Return the root of the source tree; tests of the installed wheel alone have none."""
    root = HERE.parent
    if not (root / "engine" / "assaybook").is_dir():
        pytest.skip("no source tree here: the installed package is under test")
    return root


def _folder_of(variable: str) -> Path:
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{variable} names no folder: the sample documents are not in the repository")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"{variable} names a folder that is not there")
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of sample documents of real tools."""
    return _folder_of("ASSAY_SAMPLES")


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Return the folder of published test vectors."""
    return _folder_of("ASSAY_VECTORS")
