"""Help is whole sentences, and a misused command is told what to write instead."""

import os
import subprocess
import sys

import pytest

from support.commands import assay


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "--fail-on", "hi"), "'hi' is not one of 'low', 'medium', 'high', 'critical'."),
        (("check", "--format", "xml"), "'xml' is not one of 'table', 'json', 'csv'"),
        (("evidence", "list", "--limit", "x"), "'x' is no whole number."),
        (("serve", "--port", "99999"), "99999 is more than 65535."),
        (("serve", "--port", "-1"), "-1 is less than 0."),
        (("check", "--assurance", "verified"), "'verified' is not one of self, ci."),
        (("explain", "x"), "No such command 'explain'. Did you mean 'policy explain'?"),
        (("append",), "No such command 'append'."),
        (("submit",), "assay submit EVIDENCE --system ID --release VERSION"),
        (("trust", "list"), "assay trust list --trust FILE"),
        (("evidence", "erase"), "assay evidence erase ID --person TEXT --reason TEXT"),
    ],
    ids=[
        "word",
        "form",
        "number",
        "too-high",
        "too-low",
        "level",
        "verb",
        "none",
        "argument",
        "option",
        "several",
    ],
)
def test_misuse_is_told_in_words_of_a_person(words: tuple[str, ...], said: str) -> None:
    done = assay(*words)
    assert done.code == 2
    assert said in done.err
    assert "Value error" not in done.err
    assert "Input should" not in done.err


@pytest.mark.parametrize("noun", ["evidence", "ledger keys"])
def test_a_noun_alone_lists_what_can_be_done_with_it(noun: str) -> None:
    done = assay(*noun.split())
    assert done.code == 2
    assert "Commands:" in done.streams


def test_no_sentence_of_a_list_of_commands_is_cut_off() -> None:
    for words in (["--help"], ["policy", "--help"], ["ledger", "keys", "--help"]):
        listed = assay(*words).out.partition("Commands:")[2]
        assert listed
        assert ".." not in listed


def test_help_names_arguments_and_values_without_their_types() -> None:
    told = assay("check", "--help").out + assay("attest", "--help").out
    assert "EVIDENCE  Files and folders." in told
    assert "--key FILE" in told
    assert not {"<path>", "<str>", "Path]"} & set(told.replace("\n", " ").split())


def test_a_shell_completes_commands_options_and_values() -> None:
    def completed(*words: str) -> list[str]:
        asked = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        done = subprocess.run(
            [sys.executable, "-m", "assaybook"],
            env=os.environ | asked | {"_ASSAY_COMPLETE": "complete_bash"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    assert completed("assay", "evidence", "re") == ["read", "retire"]
    assert completed("assay", "check", "--format", "s") == ["sarif"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_script(shell: str) -> None:
    done = assay("completion", shell)
    assert done.code == 0
    assert "_ASSAY_COMPLETE" in done.out


def test_a_shell_that_is_not_known_is_told_which_are() -> None:
    assert "'bash'" in assay("completion", "tcsh").err
