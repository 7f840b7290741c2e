"""Kinds of personal data by one name each, whatever a tool calls them."""

from functools import lru_cache
from typing import Final

from assaybook.domain.letters import seen_as
from assaybook.intake.values import question_word

ENTITIES: Final[dict[str, str]] = {
    "IBAN_CODE": "iban",
    "US_BANK_NUMBER": "us_bank_number",
    "CRYPTO": "crypto_wallet",
    "NRP": "nationality_religion_politics",
    "US_ITIN": "us_itin",
    "UK_NHS": "uk_nhs",
    **dict.fromkeys(("EMAIL_ADDRESS", "E_MAIL", "E_MAIL_ADDRESS", "MAIL_ADDRESS"), "email"),
    **dict.fromkeys(("PHONE_NUMBER", "TELEPHONE", "TELEPHONE_NUMBER", "MOBILE_NUMBER"), "phone"),
}
"""Canonical names that differ from the tool's in more than case; the first are Presidio's."""
_REMEMBERED: Final = 1024
_PREFIX: Final = "pii/"


@lru_cache(_REMEMBERED)
def canonical_entity(raw: str) -> str:
    """Return the canonical name of an entity: lower case, ``email`` for ``EMAIL_ADDRESS``."""
    plain = seen_as(raw).strip()
    spelt = plain.upper().replace("-", "_").replace(" ", "_")
    return ENTITIES.get(spelt) or question_word(plain.lower())


def canonical_question(raw: str) -> str:
    """Return a coverage question with the canonical name of the entity that it asks for."""
    if not raw.startswith(_PREFIX):
        return raw
    return f"{_PREFIX}{canonical_entity(raw.removeprefix(_PREFIX))}"
