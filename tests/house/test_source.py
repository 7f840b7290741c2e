"""Rules of the house that no linter has."""

import ast
import re
from typing import Final

from support.source import Module, calls, comments

LINES_OF_A_FILE: Final = 400
LINES_OF_A_FUNCTION: Final = 40
CLOCKS: Final = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime)"
    r"|func\.(now|current_timestamp))$"
)
TIMES: Final = re.compile(
    r"\b(now|utcnow|today|time|time_ns|localtime|gmtime|current_timestamp)\s*\("
)
DEFAULTS: Final = {"default_factory", "server_default", "onupdate"}
BARE: Final = re.compile(r"\bexcept\s*:")
BROAD: Final = {"Exception", "BaseException"}


def test_a_transaction_is_committed_in_one_place_only(modules: list[Module]) -> None:
    found = [
        module.at(call)
        for module in modules
        if "commit" in module.text
        for call, _ in calls(module)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "commit"
        and module.name != "store/unit_of_work.py"
    ]
    assert found == []


def test_only_settings_reads_the_clock(modules: list[Module]) -> None:
    found = [
        module.at(call)
        for module in modules
        if TIMES.search(module.text)
        for call, name in calls(module)
        if CLOCKS.search(name) and module.name != "settings.py"
    ]
    assert found == []


def test_a_default_never_reads_the_clock_behind_our_back(modules: list[Module]) -> None:
    found = [
        module.at(word.value)
        for module in modules
        if any(word in module.text for word in DEFAULTS)
        for word in module.nodes()
        if isinstance(word, ast.keyword)
        and word.arg in DEFAULTS
        and re.search(r"now|today|CURRENT_|time\.time", ast.unparse(word.value))
    ]
    assert found == []


def test_no_file_outgrows_one_sitting(modules: list[Module]) -> None:
    sizes = {module.name: len(module.text.splitlines()) for module in modules}
    assert {name: size for name, size in sizes.items() if size > LINES_OF_A_FILE} == {}


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has besides its docstring."""
    size = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        size -= (first.end_lineno or first.lineno) - first.lineno + 1
    return size


def test_no_function_outgrows_one_screen(modules: list[Module]) -> None:
    found = {
        f"{module.at(node)} {node.name}": size
        for module in modules
        for node in module.nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := _lines(node)) > LINES_OF_A_FUNCTION
    }
    assert found == {}


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(name).split(".")[-1] in BROAD for name in named)


def _reason(comment: str) -> str:
    """Return what a comment says besides silencing a linter."""
    return re.sub(r"#\s*(noqa|pyright|type|pragma)[^#]*?([A-Z]+\d+|\]|cover)(?!\w)", "", comment)


def test_a_broad_except_says_why_it_is_broad(modules: list[Module]) -> None:
    found: list[str] = []
    for module in modules:
        if not (BARE.search(module.text) or any(name in module.text for name in BROAD)):
            continue
        caught = (each for each in module.nodes() if isinstance(each, ast.ExceptHandler))
        broad = [each for each in caught if _is_broad(each)]
        notes = comments(module) if broad else {}
        for node in broad:
            near = " ".join(notes.get(node.lineno + step, "") for step in (-1, 0, 1))
            if len(re.findall(r"[a-z]{2,}", _reason(near))) < 3:
                found.append(module.at(node))
    assert found == []
