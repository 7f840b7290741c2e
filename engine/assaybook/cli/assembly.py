"""The parts of the command ``assay``, of which those are mounted that were asked for."""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Final

import typer

from assaybook import __version__
from assaybook.cli.words import Root, Spoken, spoken

_GROUPS: Final = {
    "bundle": "What is in force as one file: build, show, compare, sign.",
    "control": "Catalogs of controls, and what is related to what.",
    "db": "The database: bring it up to date, or say how it stands.",
    "evidence": "Evidence: what files are, what is read out of them, what is recorded.",
    "key": "Keys by which a server knows its callers.",
    "ledger": "The log of everything accepted: sign its state, prove an entry, audit the store.",
    "pack": "Audit packs.",
    "policy": "Policies: check, show, explain, try out.",
    "system": "Systems and their releases.",
    "trust": "Persons whose signatures count.",
    "waiver": "Decisions to accept a fail for a time.",
}
_COMMANDS: Final = (
    *("check", "submit", "assess", "replay", "attest", "verify"),
    *("demo", "doctor", "init", "serve", "completion"),
)
_UNDER: Final = {
    "control": {"coverage": ("control_coverage", "coverage")},
    "evidence": {
        "read": ("evidence_read", "read"),
        "adapters": ("evidence_read", "list_adapters"),
        "erase": ("evidence_erase", "erase"),
        "list": ("evidence_list", "list_recorded"),
        "retire": ("evidence_retire", "retire"),
        "show": ("evidence_show", "show"),
    },
    "policy": {
        "test": ("policy_test", "try_policies"),
        "explain": ("explain", "explain"),
        "eval": ("evaluate", "evaluate"),
        "new": ("init", "new"),
        "docs": ("policy_docs", "docs"),
    },
}
"""Commands of a group that stand in a module of their own, with their function in it."""
_MODULE: Final = "assaybook.cli.{}"


def assembled(arguments: Sequence[str]) -> typer.Typer:
    """Return the command with the parts that the arguments can need.

    With a known first word only its part is imported, and for ``--version`` none; otherwise, as for
    ``--help``, all of them.
    """
    app = typer.Typer(
        name="assay",
        cls=Root,
        help="Judge the evidence of a machine-learning system by policies.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=False,
    )
    app.callback()(_common)
    words = [word for word in arguments if not word.startswith("-")]
    first, second = [*words, None, None][:2]
    known = first in _GROUPS or first in _COMMANDS or list(arguments) == ["--version"]
    for name in _COMMANDS:
        if not known or name == first:
            app.command(name, cls=Spoken)(getattr(import_module(_MODULE.format(name)), name))
    for name, help_ in _GROUPS.items():
        if not known or name == first:
            app.add_typer(_group(name, second), name=name, help=help_)
    return app


def _group(name: str, second: str | None) -> typer.Typer:
    """Return a group, with those of its commands that the second word can need."""
    group: typer.Typer = import_module(_MODULE.format(name)).app
    more = _UNDER.get(name, {})
    there = {command.name for command in group.registered_commands}
    wanted = [second] if second in more else [] if second in there else list(more)
    for command in wanted:
        if command not in there:
            module, function = more[command]
            group.command(command)(getattr(import_module(_MODULE.format(module)), function))
    return spoken(group)


def _version(asked: bool) -> None:  # noqa: FBT001
    if asked:
        typer.echo(f"assay {__version__}")
        raise typer.Exit


def _common(
    _version: Annotated[  # noqa: FBT002 - a flag of the command line
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Judge the evidence of a machine-learning system by policies."""
