"""Look for personal data in a table with Presidio, by patterns only.

Without a language model Presidio finds what has a form (e-mail, telephone, card, IBAN, IP address,
US social security number) and no names or places. Only the recognisers named here run, so only
these questions may be called asked.
"""

from typing import Any

import pandas as pd
import tldextract
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
    UsSsnRecognizer,
)

ASKED = (
    "pii/email",
    "pii/phone",
    "pii/credit_card",
    "pii/iban",
    "pii/ip_address",
    "pii/us_ssn",
)

# Telephone digits must be grouped as their country groups them; at the default of 1 a laboratory
# value such as 113.2000 is taken for a telephone number.
EXACT_GROUPING = 3


def engine() -> BatchAnalyzerEngine:
    """Build the scanner. The list of public domains is the bundled one: nothing is downloaded."""
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # type: ignore[assignment]
    recognizers = [
        EmailRecognizer(),
        PhoneRecognizer(leniency=EXACT_GROUPING),
        CreditCardRecognizer(),
        IbanRecognizer(),
        IpRecognizer(),
        UsSsnRecognizer(),
    ]
    analyzer = AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognizers, supported_languages=["en"]),
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}]),
        supported_languages=["en"],
    )
    return BatchAnalyzerEngine(analyzer)


def scan(scanner: BatchAnalyzerEngine, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Scan every cell and give Presidio's batch form: one entry for each column.

    `value` keeps its length and loses its texts: a report about personal data must not carry
    them. The recogniser's identifier ends in a memory address, which is cut off.
    """
    texts: dict[str, Any] = {
        str(name): [str(cell) for cell in column] for name, column in table.items()
    }
    report = []
    for column in scanner.analyze_dict(texts, language="en"):
        found: Any = column.recognizer_results  # for a column: one list of hits for each cell
        hits = [[_stable(hit.to_dict()) for hit in cell] for cell in found]
        report.append({"key": column.key, "value": [""] * len(hits), "recognizer_results": hits})
    return report


def _stable(hit: dict[str, Any]) -> dict[str, Any]:
    metadata = hit["recognition_metadata"]
    metadata["recognizer_identifier"] = metadata["recognizer_name"]
    return hit
