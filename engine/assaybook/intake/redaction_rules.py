"""What is removed from which format, as data: secrets, personal data, prompts and outputs."""

import re
from typing import Final

from assaybook.domain.record import record


@record
class Rule:
    """One thing that is removed.

    Attributes:
        name: as the envelope says it.
        format: of the documents that it is for.
        path: steps to the place; ``*`` is any key or item. All texts and numbers below go.
        secret: copies of what was removed go too, wherever they stand.
        but: keys of the mapping at the place that stay.
        but_masked: a text of one mark again and again stays, since it says nothing.
    """

    name: str
    format: str
    path: tuple[str, ...]
    secret: bool = False
    but: frozenset[str] = frozenset()
    but_masked: bool = False


_TRIVY_CAUSE: Final = ("Results", "*", "Misconfigurations", "*", "CauseMetadata")
_TRIVY_TAKEN_OUT: Final = ("Results", "*", "ExperimentalModifiedFindings", "*", "Finding")
_SARIF_RESULT: Final = ("runs", "*", "results", "*")
_SARIF_CALL: Final = ("runs", "*", "invocations", "*")
_SARIF_PLACES: Final = (
    ("locations", "*"),
    ("relatedLocations", "*"),
    ("codeFlows", "*", "threadFlows", "*", "locations", "*", "location"),
    ("stacks", "*", "frames", "*", "location"),
)

_LINES: Final[tuple[tuple[str, ...], ...]] = ((), ("*",))
"""JSON lines are a list; a file of one line may have been read as that one object."""
_PROMPTFOO: Final = (("results", "results", "*"), ("results", "*"))
"""A test in a file of promptfoo, and in what its library returns."""
_PROMPTFOO_KEPT: Final = frozenset({"pluginId", "strategyId", "severity"})
_PROMPTFOO_TEST: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("prompt",), "prompt"),
    (("vars",), "prompt"),
    (("testCase", "vars"), "prompt"),
    (("testCase", "description"), "prompt"),
    (("testCase", "assert", "*", "value"), "expected-answer"),
    (("response",), "output"),
    (("error",), "output"),
    (("gradingResult", "reason"), "output"),
    (("gradingResult", "comment"), "output"),
    (("gradingResult", "componentResults", "*", "reason"), "output"),
    (("gradingResult", "componentResults", "*", "assertion", "value"), "expected-answer"),
    (("gradingResult", "assertion", "value"), "expected-answer"),
)

_CELLS: Final = ("*", "recognizer_results")
"""The results of a column of Presidio's batch form, which may be a table in itself."""

_EXPECTATION: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("results", "*"),
    ("expectations", "*"),
    ("run_results", "*", "results", "*"),
    ("run_results", "*", "validation_result", "results", "*"),
    ("validation_results", "*", "results", "*"),
    ("validation_results", "*", "expectations", "*"),
)
"""An expectation of Great Expectations, in a validation and in the forms of a checkpoint."""
_EXPECTATION_SHOWS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("result", "partial_unexpected_list"), "sample"),
    (("result", "partial_unexpected_counts"), "sample"),
    (("result", "partial_unexpected_index_list"), "sample"),
    (("result", "unexpected_list"), "sample"),
    (("result", "unexpected_index_list"), "sample"),
    (("result", "unexpected_index_query"), "sample"),
    (("result", "unexpected_rows"), "sample"),
    (("result", "observed_value", "*"), "sample"),
    (("result", "details"), "sample"),
    (("rendered_content",), "sample"),
    (("exception_info", "exception_message"), "explanation"),
    (("exception_info", "exception_traceback"), "explanation"),
    (("exception_info", "*", "exception_message"), "explanation"),
    (("exception_info", "*", "exception_traceback"), "explanation"),
)
_DEEPCHECKS: Final[tuple[tuple[str, ...], ...]] = (("results", "*"), ())
"""A check of Deepchecks, in a suite and by itself."""

RULES: Final[tuple[Rule, ...]] = (
    Rule("secret", "gitleaks", ("*", "Secret"), secret=True),
    Rule("match", "gitleaks", ("*", "Match"), secret=True),
    Rule("line", "gitleaks", ("*", "Line"), secret=True),
    *(
        Rule("secret", "trufflehog", (*line, key), secret=True)
        for line in _LINES
        for key in ("Raw", "RawV2", "SecretParts", "StructuredData")
    ),
    *(
        Rule(name, "trufflehog", (*line, *path))
        for line in _LINES
        for name, path in (
            ("match", ("Redacted",)),
            ("detail", ("ExtraData",)),
            ("explanation", ("VerificationError",)),
            ("author", ("SourceMetadata", "Data", "*", "email")),
            ("author", ("SourceMetadata", "Data", "*", "username")),
        )
    ),
    Rule("hash-of-secret", "detect-secrets", ("results", "*", "*", "hashed_secret")),
    Rule("commit-message", "gitleaks", ("*", "Message")),
    Rule("author", "gitleaks", ("*", "Author")),
    Rule("author", "gitleaks", ("*", "Email")),
    Rule("match", "trivy", ("Results", "*", "Secrets", "*", "Match")),
    Rule("line", "trivy", ("Results", "*", "Secrets", "*", "Code", "Lines", "*", "Content")),
    Rule("line", "trivy", ("Results", "*", "Secrets", "*", "Code", "Lines", "*", "Highlighted")),
    Rule("line", "trivy", (*_TRIVY_CAUSE, "Code", "Lines", "*", "Content")),
    Rule("line", "trivy", (*_TRIVY_CAUSE, "Code", "Lines", "*", "Highlighted")),
    Rule("match", "trivy", (*_TRIVY_TAKEN_OUT, "Match")),
    *(
        Rule("line", "trivy", (*_TRIVY_TAKEN_OUT, "CauseMetadata", "Code", "Lines", "*", shown))
        for shown in ("Content", "Highlighted")
    ),
    Rule("line", "trivy", (*_TRIVY_TAKEN_OUT, "Code", "Lines", "*", "Content")),
    Rule("line", "trivy", (*_TRIVY_TAKEN_OUT, "Code", "Lines", "*", "Highlighted")),
    Rule("message", "trivy", ("Results", "*", "Misconfigurations", "*", "Message")),
    Rule("message", "trivy", (*_TRIVY_TAKEN_OUT, "Message")),
    Rule("environment", "trivy", ("Metadata", "ImageConfig", "config", "Env")),
    Rule("build-step", "trivy", ("Metadata", "ImageConfig", "history", "*", "created_by")),
    *(
        Rule("snippet", "sarif", (*_SARIF_RESULT, *place, "physicalLocation", region, "snippet"))
        for place in _SARIF_PLACES
        for region in ("region", "contextRegion")
    ),
    Rule("author", "sarif", (*_SARIF_RESULT, "partialFingerprints", "author")),
    Rule("author", "sarif", (*_SARIF_RESULT, "partialFingerprints", "email")),
    Rule("commit-message", "sarif", (*_SARIF_RESULT, "partialFingerprints", "commitMessage")),
    Rule("replacement", "sarif", (*_SARIF_RESULT, "fixes")),
    Rule("contents", "sarif", ("runs", "*", "artifacts", "*", "contents")),
    Rule("command-line", "sarif", (*_SARIF_CALL, "commandLine")),
    Rule("command-line", "sarif", (*_SARIF_CALL, "arguments")),
    Rule("environment", "sarif", (*_SARIF_CALL, "environmentVariables")),
    Rule("account", "sarif", (*_SARIF_CALL, "account")),
    Rule("examined-text", "presidio", ("*", "value")),
    Rule("examined-text", "presidio", ("*", "recognizer_results", "*", "value")),
    *(
        Rule("anonymized-text", "presidio", (*place, *path), but_masked=len(path) > 1)
        for place in _LINES
        for path in (("text",), ("items", "*", "text"))
    ),
    *(
        Rule(name, "great-expectations", (*place, *path))
        for place in _EXPECTATION
        for path, name in _EXPECTATION_SHOWS
    ),
    *(
        Rule("sample", "deepchecks", (*place, *path))
        for place in _DEEPCHECKS
        for path in (("display",), ("value", "data"), ("value", "samples"))
    ),
    *(
        Rule("explanation", "presidio", (*place, *cell, "analysis_explanation"))
        for place in (("*",), (*_CELLS, "*"), (*_CELLS, *_CELLS, "*"))
        for cell in ((), ("*",))
    ),
    *(
        Rule("prompt", "garak", (*line, key))
        for line in _LINES
        for key in ("prompt", "conversations", "triggers", "targets", "notes", "run.system_prompt")
    ),
    *(
        Rule("output", "garak", (*line, key))
        for line in _LINES
        for key in ("output", "outputs", "all_outputs", "messages", "reverse_translation_outputs")
    ),
    Rule("prompt", "garak", ("*", "meta", "setup", "run.system_prompt")),
    *(
        Rule(name, "promptfoo", (*test, *path))
        for test in _PROMPTFOO
        for path, name in _PROMPTFOO_TEST
    ),
    *(
        Rule("prompt", "promptfoo", (*test, *path), but=_PROMPTFOO_KEPT)
        for test in _PROMPTFOO
        for path in (
            ("metadata",),
            ("testCase", "metadata"),
            ("gradingResult", "metadata"),
            ("gradingResult", "componentResults", "*", "metadata"),
        )
    ),
    *(
        Rule("prompt", "promptfoo", (*top, "prompts", "*", key))
        for top in (("results",), ())
        for key in ("raw", "label", "template", "display")
    ),
    Rule("prompt", "promptfoo", ("results", "table")),
    Rule("prompt", "promptfoo", ("table",)),
    Rule("prompt", "promptfoo", ("config",), but=frozenset({"description"})),
    Rule("sample", "inspect", ("samples",)),
    Rule("sample", "inspect", ("reductions",)),
    Rule("explanation", "inspect", ("error",)),
    Rule("prompt", "inspect", ("plan",)),
    *(
        Rule("argument", "inspect", ("eval", *path))
        for path in (
            *(("task_args",), ("task_args_passed",), ("model_args",), ("metadata",)),
            *(("model_generate_config",), ("model_roles",), ("solver_args",)),
            *(("scorers", "*", "options"), ("scorers", "*", "metadata")),
        )
    ),
    Rule("argument", "inspect", ("metadata",)),
    *(
        Rule("argument", "inspect", ("results", "scores", "*", key))
        for key in ("params", "metadata")
    ),
    *(
        Rule("sample", "lm-eval", (*line, key))
        for line in _LINES
        for key in ("doc", "target", "arguments", "resps", "filtered_resps")
    ),
)

BY_FORM: Final = {"junit": "output", "sarif": "quoted"}
"""What no path leads to: all that tests print, and code that messages repeat."""
TOKENS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("aws-key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("github-token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b")),
    ("gitlab-token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,255}\b")),
    ("slack-token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,255}\b")),
    ("hub-token", re.compile(r"\bhf_[A-Za-z0-9]{30,255}\b")),
    ("bearer-token", re.compile(r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}")),
    (
        "private-key",
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [^-]{1,60}-----)?"
        ),
    ),
)
"""Secrets that are known by their form, removed from the texts of every document."""
STARTS_OF: Final[dict[str, tuple[str, ...]]] = {
    "aws-key": ("AKIA", "ASIA"),
    "github-token": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    "gitlab-token": ("glpat-",),
    "slack-token": ("xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-"),
    "hub-token": ("hf_",),
    "bearer-token": ("eyJ",),
    "private-key": ("-----BEGIN ",),
}
"""What each kind of these secrets begins with."""
HELD_BY: Final[dict[str, str]] = {"bearer-token": ".eyJ", "private-key": "PRIVATE KEY-----"}
"""What each secret of a kind holds besides, where that is quicker to look for than the secret."""
TOKEN_STARTS: Final = tuple(start for starts in STARTS_OF.values() for start in starts)
