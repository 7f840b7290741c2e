"""Faults of folders and of files that belong together."""

from typing import Final

from assaybook.language.rules.rule import EXAMPLE, EXAMPLE_CASES, LintRule

_GOOD: Final = f"# demo/recall.yaml\n{EXAMPLE}"
_CASES: Final = f"{_GOOD}# demo/recall.cases.yaml\n{EXAMPLE_CASES}"

RULES: Final = (
    LintRule(
        "folder-empty",
        "A folder holds no policy",
        "A run over an empty folder would judge nothing and look as if all were well.",
        "Name the folder that holds the policies, such as fairness/slice-floor.yaml in it.",
        "# notes/readme.txt\nNo policy is here.\n",
        _GOOD,
        "folder",
    ),
    LintRule(
        "folder-missing",
        "There is no such folder",
        "A wrong path must not read as a folder without policies.",
        "Check the path.",
        "assay policy list --policies polices",
        "assay policy list --policies policies",
        "elsewhere",
    ),
    LintRule(
        "folder-too-deep",
        "Folders are nested too deep",
        "A limit keeps a folder that contains itself by a link from being walked for ever.",
        "Put the policies nearer to the top.",
        f"# {'a/' * 13}recall.yaml\n{EXAMPLE}",
        _GOOD,
        "folder",
    ),
    LintRule(
        "folder-too-large",
        "A folder holds too many files",
        "A limit keeps a wrong path, such as a home folder, from being read in whole.",
        "Name the folder of the policies alone.",
        "A folder of more than 5,000 YAML files.",
        "The folder of the policies.",
        "elsewhere",
    ),
    LintRule(
        "policy-path",
        "The id of a policy is not its path",
        "A policy is found by its id; two names for one thing go apart in time.",
        "Rename the file or the id, so that fairness/slice-floor.yaml is fairness.slice-floor.",
        "policy: demo.precision\n",
        "policy: demo.recall\n",
    ),
    LintRule(
        "policy-twice",
        "Two files hold a policy of one id",
        "Nobody could say which of the two judges. In a scope: a policy is left out twice.",
        "Give the copy another path and id, or change its values with an overlay.",
        f"# demo/recall.yaml\n{EXAMPLE}# demo/recall.yml\n{EXAMPLE}",
        _GOOD,
        "folder",
    ),
    LintRule(
        "policy-unmatched",
        "A pattern matches no policy",
        "A run that was asked for one policy and judged none must not end well.",
        "List the ids with `assay policy list`.",
        "assay check evidence --policy 'fairnes.*'",
        "assay check evidence --policy 'fairness.*'",
        "elsewhere",
    ),
    LintRule(
        "policy-unknown",
        "A file speaks of a policy that is not there",
        "An overlay or scope for a policy of another name changes nothing, and nobody notices.",
        "Write the id of a policy that is loaded, or name its folder too.",
        "overlay: clinic\nset:\n  - {policy: demo.recal, params: {floor: 0.9}}\n",
        "overlay: clinic\nset:\n  - {policy: demo.recall, params: {floor: 0.9}}\n",
        "file",
    ),
    LintRule(
        "bundle-malformed",
        "A bundle file is not one that this engine wrote",
        "A bundle judges by its digest; one that was edited or cut short is not what was agreed.",
        "Build it again with `assay bundle build`.",
        "A bundle whose JSON was edited by hand.",
        "The file as `assay bundle build` wrote it.",
        "elsewhere",
    ),
    LintRule(
        "cases-alone",
        "There is no policy beside these cases",
        "Cases without their policy prove nothing.",
        "Put the cases beside the policy, with its name before .cases.yaml.",
        f"{_GOOD}# demo/precision.cases.yaml\n{EXAMPLE_CASES}",
        _CASES,
        "folder",
    ),
    LintRule(
        "cases-name",
        "A file of cases does not have the name of one",
        "Cases are found by their name; under another name they would not be run.",
        "Name it <policy>.cases.yaml, beside its policy.",
        f"{_GOOD}# demo/tests.yaml\n{EXAMPLE_CASES}",
        _CASES,
        "folder",
    ),
    LintRule(
        "cases-policy",
        "The cases name another policy than the one beside them",
        "A copied file would prove the wrong policy.",
        "Write the id of the policy beside the cases.",
        _CASES.replace("policy: demo.recall\ndefaults", "policy: demo.precision\ndefaults"),
        _CASES,
        "folder",
    ),
)
