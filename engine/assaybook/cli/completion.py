"""``assay completion``, and what a shell is answered while a person types."""

from importlib import import_module
from typing import Annotated, Any, Final, Literal

import typer

VARIABLE: Final = "_ASSAY_COMPLETE"
"""Set by the script of a shell that asks how a command line may go on."""

_Shell = Annotated[
    Literal["bash", "zsh", "fish", "powershell"], typer.Argument(metavar="SHELL", help="Which.")
]


def completion(shell: _Shell) -> None:
    """Print a script by which a shell completes commands, options and their values.

    For bash, put into ~/.bashrc: eval "$(assay completion bash)". So it is for zsh, whose
    ~/.zshrc has to call compinit before. For fish: assay completion fish | source
    """
    scripts: Any = import_module("typer._completion_shared")
    typer.echo(scripts.get_completion_script(prog_name="assay", complete_var=VARIABLE, shell=shell))


def asked() -> list[str]:
    """Return the words that stand before the cursor of a shell, once it can be answered."""
    from assaybook.settings import words_typed

    classes: Any = import_module("typer._completion_classes")
    classes.completion_init()
    return words_typed()
