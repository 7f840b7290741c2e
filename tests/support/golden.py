"""Expected outputs under tests/golden, rewritten by ``make golden``."""

from pathlib import Path


class Golden:
    """Compares an output with its expected copy, or replaces that copy when asked to."""

    def __init__(self, folder: Path, *, rewrite: bool) -> None:
        self._folder = folder
        self._rewrite = rewrite

    def __call__(self, name: str, actual: str) -> None:
        """Assert that ``actual`` is the text kept as ``name``, line by line."""
        kept = self._folder / name
        if self._rewrite:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(actual, encoding="utf-8")
        assert kept.is_file(), f"tests/golden/{name} is missing: run `make golden`, read the diff"
        assert actual.splitlines() == kept.read_text(encoding="utf-8").splitlines()
