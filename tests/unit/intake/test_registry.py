"""Adapters of third parties: by name, on demand, and never in place of ours."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint

import pytest

from assaybook.domain.documents import Detected
from assaybook.domain.errors import OperatorError, SubmitterError
from assaybook.intake import registry
from assaybook.intake.adapter import ENTRY_POINTS, Adapter, Reading, answers
from assaybook.intake.parsed import Parsed
from support.documents import refusal


class Foreign:
    """An adapter that another package could publish."""

    name = "foreign"
    version = 1
    versions = ("1",)
    facts = ("review",)
    questions = ("review/*",)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        del declared
        if "foreign" not in document.text:
            return None
        return Detected(format="foreign", version="1", confidence=1.0)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        del detected
        raise KeyError(document.name)


class Misnamed(Foreign):
    name = "another"


class Careless(Foreign):
    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        raise TypeError(document.name, declared)


class _Loads(EntryPoint):
    """An entry point that finds its object here, whatever this module is called."""

    def load(self) -> object:
        return globals()[self.attr]


def _foreign(name: str = "foreign", attribute: str = "Foreign") -> list[EntryPoint]:
    return [_Loads(name, f"some.package:{attribute}", ENTRY_POINTS)]


def test_a_foreign_adapter_is_loaded_by_its_name() -> None:
    assert registry.adapter_named("foreign", _foreign()).name == "foreign"


def test_a_foreign_adapter_is_among_all_of_them() -> None:
    names = [one.name for one in registry.adapters(_foreign())]
    assert names == [*(one.name for one in registry.BUILT_IN), "foreign"]


@pytest.mark.parametrize("name", ["mlflow", "hf-model-card"])
def test_a_foreign_adapter_that_takes_our_name_is_an_error(name: str) -> None:
    with pytest.raises(OperatorError) as error:
        list(registry.adapters(_foreign(name)))
    assert error.value.code == "adapter-clash"


def test_two_foreign_adapters_of_one_name_are_an_error() -> None:
    with pytest.raises(OperatorError, match="two adapters"):
        list(registry.adapters(_foreign() + _foreign()))


@pytest.mark.parametrize("attribute", ["Misnamed", "pytest", "Absent"])
def test_what_is_no_adapter_of_its_name_cannot_be_used(attribute: str) -> None:
    with pytest.raises(OperatorError) as error:
        registry.adapter_named("foreign", _foreign(attribute=attribute))
    assert error.value.code == "adapter-unusable"


def test_a_format_without_an_adapter_is_unknown() -> None:
    with pytest.raises(SubmitterError, match="no adapter"):
        registry.adapter_named("absent", [])


def test_an_adapter_that_fails_is_a_refusal_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*, group: str) -> Iterable[EntryPoint]:
        assert group == ENTRY_POINTS
        return _foreign()

    monkeypatch.setattr(registry, "entry_points", found)
    monkeypatch.setattr(registry, "installed", registry.installed.__wrapped__)
    assert refusal({"foreign": 1}).code == "adapter-failed"


def test_an_adapter_that_fails_to_recognise_is_a_refusal_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "installed", lambda: _foreign(attribute="Careless"))
    for declared in (None, "foreign"):
        assert refusal({"any": 1}, as_format=declared).code == "adapter-failed"


def test_what_a_format_can_answer_is_known_by_question_or_family() -> None:
    adapter: Adapter = Foreign()
    assert (answers(adapter, "review/feedback"), answers(adapter, "pii/email")) == (True, False)
