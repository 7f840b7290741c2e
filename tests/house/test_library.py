"""What ships beside the code, in a checkout and in the wheel."""

from collections.abc import Iterator
from importlib.resources.abc import Traversable

import pytest

from assaybook.shelf import Shelf, shelf


def _files(folder: Traversable, before: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{before}{entry.name}"
        if entry.is_dir():
            yield from _files(entry, f"{name}/")
        else:
            yield name, entry


def _policies() -> dict[str, str]:
    return {
        name: text
        for name, entry in _files(shelf("policies"))
        if name.endswith(".yaml")
        and not name.endswith(".cases.yaml")
        and (text := entry.read_text(encoding="utf-8")).lstrip().startswith("policy:")
    }


@pytest.mark.parametrize("name", ["policies", "controls", "templates", "examples"])
def test_every_shelf_of_shipped_data_is_found_and_not_empty(name: Shelf) -> None:
    assert next(_files(shelf(name)), None) is not None


def test_every_policy_has_cases_beside_it() -> None:
    names = {name for name, _ in _files(shelf("policies"))}
    policies = _policies()
    assert policies
    assert [
        name for name in policies if f"{name.removesuffix('.yaml')}.cases.yaml" not in names
    ] == []


def test_the_id_of_a_policy_is_its_path() -> None:
    wrong = {
        name: text.splitlines()[0]
        for name, text in _policies().items()
        if f"policy: {name.removesuffix('.yaml').replace('/', '.')}" not in text
    }
    assert wrong == {}
