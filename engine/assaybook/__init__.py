"""Assaybook: policy-as-code compliance for machine-learning systems."""

from typing import Final

__version__: Final = "0.2.0"
