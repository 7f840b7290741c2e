"""A name in look-alike letters is the name that a person sees; other scripts stay as they are."""

import pytest

from assaybook.domain.letters import says_something, seen_as
from assaybook.domain.metrics import canonical_metric, tidy_slice
from assaybook.intake.adapters.drift_methods import tidy_method
from assaybook.intake.entities import canonical_entity


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("email", "email"),
        ("em\u0430il", "email"),
        ("\u0435-mail", "e-mail"),
        ("rec\u0430ll \u0440sis", "recall psis"),
        ("\u0421ountry", "Country"),
        ("re\u200bcall", "recall"),
        ("\uff52\uff45\uff43\uff41\uff4c\uff4c", "recall"),
    ],
    ids=["plain", "a", "e", "two words", "upper", "unseen", "full width"],
)
def test_a_word_of_mixed_scripts_is_read_as_it_is_seen(written: str, seen: str) -> None:
    assert seen_as(written) == seen


@pytest.mark.parametrize(
    "written",
    [
        *("\u0441\u043e\u0440", "\u043f\u043e\u043b=male", "\u0441\u043e\u0440=male"),
        *("\u0422\u0438\u043f_KPI", "\u0394recall", "\u03b1-trimmed", "sex=M\u00e4nner"),
        *("\u5e74\u9f62_age", "\u03c1_spearman"),
    ],
    ids=[
        "one script",
        "two words",
        "alike word",
        "mixed",
        "delta",
        "alpha",
        "umlaut",
        "kanji",
        "rho",
    ],
)
def test_words_of_other_scripts_and_letters_of_formulas_stay(written: str) -> None:
    assert seen_as(written) == written


def test_no_name_of_ours_passes_as_another_by_look_alike_letters() -> None:
    assert canonical_entity("EM\u0410IL_ADDRESS") == "email"
    assert canonical_metric("rec\u0430ll").name == "recall"
    assert tidy_method("\u0440si") == "psi"
    assert tidy_slice("sex=f\u0435male") == "sex=female"
    assert canonical_metric("our_sc\u043ere").name == "our_sc\u043ere"


@pytest.mark.parametrize(
    "text",
    ["", "  ", "\n\t", "\u00a0", "\u200b\u2060", "\ufeff \u00ad"],
    ids=["nothing", "spaces", "lines", "no break", "no width", "marks"],
)
def test_a_text_of_which_nobody_sees_anything_says_nothing(text: str) -> None:
    assert not says_something(text)
    assert says_something(f"{text}why")
