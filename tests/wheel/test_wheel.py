"""The built wheel: all that it must carry, nothing else, and it works alone."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import Final

import pytest

import assaybook

pytestmark = [pytest.mark.wheel, pytest.mark.slow]

PLACES: Final = {
    "engine/assaybook/": "assaybook/",
    "policies/": "assaybook/data/policies/",
    "controls/": "assaybook/data/controls/",
    "templates/": "assaybook/data/templates/",
    "examples/": "assaybook/data/examples/",
}


def _run(*command: str | Path, cwd: Path) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_", "ASSAY_"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution, and the wheel from that, as a release does."""
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, checkout, cwd=checkout)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python that has the wheel and its dependencies, and no source tree.

    The dependencies are lent by a path file. Path files within that folder are not followed, so
    the editable installation of the checkout stays out of sight.
    """
    home = tmp_path_factory.mktemp("alone")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    packages = Path(
        _run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=home).strip()
    )
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def test_the_wheel_carries_every_file_that_git_keeps_and_no_other(
    wheel: Path, checkout: Path
) -> None:
    git = shutil.which("git")
    if git is None or not (checkout / ".git").exists():
        pytest.skip("not a git checkout: there is no list of files to compare with")
    kept = _run(
        git, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PLACES, cwd=checkout
    )
    wanted = {
        name.replace(place, target, 1)
        for name in kept.split("\0")
        for place, target in PLACES.items()
        if name.startswith(place) and (checkout / name).is_file()
    }
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert wanted - carried == set(), "these would be missing from the wheel"
    assert carried - wanted == set(), "these do not belong into the wheel"


def test_the_wheel_says_its_licence_and_version(wheel: Path) -> None:
    folder = f"assaybook-{assaybook.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{folder}/METADATA").decode()
        licence = archive.read(f"{folder}/licenses/LICENSE").decode()
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "Apache License" in licence


def test_the_installed_wheel_runs_without_the_source_tree(alone: Path, tmp_path: Path) -> None:
    where = "import assaybook; print(assaybook.__file__)"
    assert Path(_run(alone, "-c", where, cwd=tmp_path).strip()).is_relative_to(alone.parents[1])
    said = _run(alone, "-m", "assaybook", "--version", cwd=tmp_path)
    assert assaybook.__version__ in said


@pytest.mark.parametrize("name", ["policies", "controls", "templates", "examples"])
def test_the_installed_wheel_finds_its_own_data(name: str, alone: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from assaybook.shelf import shelf;"
        "folder = shelf(sys.argv[1]); print(folder, len(list(folder.iterdir())))"
    )
    folder, count = _run(alone, "-c", script, name, cwd=tmp_path).rsplit(maxsplit=1)
    assert Path(folder).is_relative_to(alone.parents[1])
    assert int(count) > 0


def test_the_wheel_alone_runs_the_demo_and_writes_both_packs(alone: Path, tmp_path: Path) -> None:
    _run(alone, "-m", "assaybook", "demo", cwd=tmp_path)
    assert len(list(tmp_path.rglob("*.pdf"))) == 2
