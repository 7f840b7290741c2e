"""What a command says of itself and of its misuse: words of a person, with what to type instead."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from typer import BadParameter, Exit, Typer, TyperException
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

UNREAD_PIPE: Final = 141
"""As a shell tells the end by SIGPIPE, which is no verdict."""
_KINDS: Final = {
    "int_parsing": "{input!r} is no whole number.",
    "int_from_float": "{input!r} is no whole number.",
    "float_parsing": "{input!r} is no number.",
    "greater_than_equal": "{input} is less than {ge}.",
    "less_than_equal": "{input} is more than {le}.",
}
_LIBRARY: Final = "Value error, "
"""What the library under the options puts before a message of its own."""
_NO_LIMIT: Final = 1000
_WRITTEN: Final = frozenset({"out", "outputs", "pack"})
"""Parameters that name what a command writes."""
_MANIFEST: Final = "evidence.yaml"
_TYPE: Final = re.compile(r"<(?:list\[)?(Path|path|str|int|int range)\]?>")
_SEVERAL: Final = re.compile(r"<list\[([^\]]*)\]>")
_VALUES: Final = {"path": "FILE", "Path": "FILE", "str": "TEXT"}


class Spoken(TyperCommand):
    """A command whose help names each argument as the person types it, and not its type."""

    def get_short_help_str(self, limit: int = _NO_LIMIT) -> str:
        """Return the first sentence whole, however narrow the list in which it stands."""
        return super().get_short_help_str(max(limit, _NO_LIMIT))

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Parse the words; an empty one is no file, and nothing is written over what is read."""
        given, _rest, _order = self.make_parser(ctx).parse_args(args=list(args))
        rest = super().parse_args(ctx, args)
        for one in () if ctx.resilient_parsing else self.get_params(ctx):
            fault = _fault(one.name, given.get(one.name), ctx.params)
            if fault and isinstance(one, TyperArgument | TyperOption):
                raise BadParameter(fault, ctx=ctx, param=one)
        return rest

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the arguments and the options."""
        arguments: list[tuple[str, str]] = []
        options: list[tuple[str, str]] = []
        for one in self.get_params(ctx):
            record = one.get_help_record(ctx)
            if record is not None and isinstance(one, TyperArgument):
                arguments.append((one.display_name_raw, record[1]))
            elif record is not None:
                options.append((_values(record[0]), record[1]))
        for title, lines in (("Arguments", arguments), ("Options", options)):
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines)


class Group(TyperGroup):
    """Commands of one noun, of which the list above says a whole sentence."""

    def get_short_help_str(self, limit: int = _NO_LIMIT) -> str:
        """Return the first sentence whole."""
        return super().get_short_help_str(max(limit, _NO_LIMIT))


class Root(Group):
    """The command ``assay``, which says what is wrong with its arguments in plain words."""

    def resolve_command(
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Command | None, list[str]]":
        """Find the command of the first word; of a verb alone, say under which nouns it stands."""
        try:
            return super().resolve_command(ctx, args)
        except TyperException as error:
            verb, *_rest = args
            nouns = [name for name, one in self.commands.items() if verb in _verbs(one)]
            if nouns:
                known = " or ".join(f"'{noun} {verb}'" for noun in nouns)
                error.message = f"No such command '{verb}'. Did you mean {known}?"
            raise

    def invoke(self, ctx: "Context") -> Any:  # noqa: ANN401 - as it is there
        """Run the command that the arguments name."""
        try:
            return super().invoke(ctx)
        except BadParameter as error:
            error.message = _plain(error)
            raise
        except BrokenPipeError as error:
            # It would end as 1, which is the verdict that a rule fails.
            raise Exit(UNREAD_PIPE) from error


def _verbs(command: "Command") -> Collection[str]:
    return command.commands if isinstance(command, Group) else ()


def _fault(name: str | None, given: object, params: Mapping[str, object]) -> str:
    """Return what is wrong with a parameter that names files, or nothing."""
    files = _files(params.get(name or ""))
    if files and "" in (given if isinstance(given, list | tuple) else (given,)):
        return "an empty word names no file or folder; is a variable not set?"
    if name not in _WRITTEN:
        return ""
    named = [file for key, value in params.items() if key != name for file in _files(value)]
    read = [one / _MANIFEST if one.is_dir() else one for one in named]
    for file in filter(Path.is_file, files):
        if any(one.is_file() and one.samefile(file) for one in read):
            return f"the command reads {file}, and would write over it; name another file."
    return ""


def _files(value: object) -> list[Path]:
    """Return the files and folders that the value of a parameter names, in a report's form too."""
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    named: list[object] = [getattr(one, "file", one) for one in values]
    return [one for one in named if isinstance(one, Path)]


def spoken(app: Typer) -> Typer:
    """Return a group of commands, each of which speaks so."""
    app.info.no_args_is_help = True
    app.info.cls = Group
    for command in app.registered_commands:
        command.cls = Spoken
    for group in app.registered_groups:
        if group.typer_instance is not None:
            spoken(group.typer_instance)
    return app


def _values(text: str) -> str:
    """Return an option with the kind of its value as a person would say it."""
    one = _TYPE.sub(lambda hit: _VALUES.get(hit[1], "NUMBER"), text)
    return _SEVERAL.sub(r"<\1>", one)


def _plain(error: BadParameter) -> str:
    """Return what is wrong with an option or argument, or which ones are wanted."""
    if type(error).__name__ == "MissingParameter" and error.ctx is not None:
        return f"Write at least: {_wanted(error.ctx)}"
    from pydantic import ValidationError

    cause = error.__cause__
    if isinstance(cause, ValidationError):
        first = cause.errors()[0]
        said = _KINDS.get(first["type"])
        if said is not None:
            return said.format(input=first["input"], **first.get("ctx", {}))
    return error.message.removeprefix(_LIBRARY)


def _wanted(ctx: "Context") -> str:
    """Return the command with everything that it cannot do without."""
    words = [ctx.command_path]
    for one in ctx.command.params:
        if one.required and isinstance(one, TyperArgument):
            words.append(one.display_name_raw)
        elif one.required and isinstance(one, TyperOption):
            words.append(_values(f"{one.opts[-1]} {one.display_type_rich(ctx)}"))
    return " ".join(words)
