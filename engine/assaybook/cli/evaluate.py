"""``assay policy eval``: try an expression, or a file of cases."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from assaybook.cli.listing import errors_spoken
from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.service.evaluate_expression import evaluate_cases, evaluate_text


def evaluate(
    expression: Annotated[
        str | None, typer.Argument(metavar="EXPR", help="The expression to judge.")
    ] = None,
    variables: Annotated[
        Path | None, typer.Option("--vars", help="JSON object of the names it may use.")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", help='File of lines {"expr": ..., "bind": {...}}.')
    ] = None,
) -> None:
    """Print what an expression yields, as JSON: a value, an unknown, or an error."""
    with errors_spoken():
        if expression is not None and cases is None:
            names = {} if variables is None else _read_names(variables)
            sys.stdout.write(json.dumps(evaluate_text(expression, names)) + "\n")
        elif cases is not None and expression is None and variables is None:
            _print_cases(cases)
        else:
            raise UsageError(
                "eval-arguments",
                "give either an expression, or --cases",
                hint="assay policy eval EXPR [--vars FILE.json], or --cases FILE.jsonl",
            )


def _print_cases(path: Path) -> None:
    try:
        with path.open("rb") as lines:
            sys.stdout.writelines(f"{line}\n" for line in evaluate_cases(lines))
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from error


def _read_names(path: Path) -> dict[str, JsonValue]:
    try:
        names: JsonValue = json.loads(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, f"this is not JSON: {error}") from error
    if not isinstance(names, dict):
        raise SubmitterError(
            "vars-invalid",
            "the file holds no JSON object",
            where=str(path),
            hint='Write the names with their values: {"row": {"value": 0.9}}',
        )
    return names


def _unreadable(path: Path, reason: str) -> SubmitterError:
    hint = "Check the path and what the file holds."
    return SubmitterError("file-unreadable", reason, where=str(path), hint=hint)
