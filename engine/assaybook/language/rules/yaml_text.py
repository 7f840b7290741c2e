"""Faults of a file as YAML, told before anything in it is understood."""

from typing import Final

from assaybook.language.rules.rule import EXAMPLE, LintRule

RULES: Final = (
    LintRule(
        "yaml-malformed",
        "The file is no YAML",
        "Nothing of the file can be read, so nothing of it is used. Most often a text holds a "
        "colon and a space, a hash, a quote or a bracket, or a line is indented with a tab.",
        "Put the text in quotes, and indent with spaces.",
        'title: Recall: "good"\n',
        "title: 'Recall: \"good\"'\n",
    ),
    LintRule(
        "yaml-empty",
        "The file is empty",
        "An empty file is most often one that was never written, and would judge nothing.",
        "Write it, or do not name it.",
        "# demo/recall.yaml\n\n",
        f"# demo/recall.yaml\n{EXAMPLE}",
        "folder",
    ),
    LintRule(
        "yaml-duplicate-key",
        "A key stands twice in one mapping",
        "YAML readers keep the last of the two without a word, so half of what was written would "
        "be judged.",
        "Remove one of the two.",
        "severity: low\nseverity: high\n",
        "severity: high\n",
    ),
    LintRule(
        "yaml-key",
        "A key is not text",
        "A control id such as 9.10 is a number to YAML, and 9.1 is another control.",
        "Put the key in quotes.",
        "controls:\n  nist-ai-rmf-1.0: {2.3: supports}\n",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.3: supports}\n",
    ),
    LintRule(
        "yaml-number",
        "A number cannot be kept exactly",
        "Whole numbers beyond 2 to the 53, and numbers that are infinite, change their value when "
        "they are read.",
        "Put it in quotes if it is a name; else write a smaller number.",
        "version: 99999999999999999999\n",
        "version: 1\n",
    ),
    LintRule(
        "yaml-alias",
        "An alias stands for something written elsewhere",
        "A few aliases can stand for more values than any machine holds, and a reader of the "
        "policy does not see what is judged.",
        "Write the value out.",
        "title: *claim\n",
        "title: Recall is good\n",
    ),
    LintRule(
        "yaml-anchor",
        "An anchor names a value for use elsewhere",
        "Anchors exist for aliases, which are refused; an overlay or policy can so never contain "
        "itself.",
        "Write the value out where it is wanted.",
        "title: &claim Recall is good\n",
        "title: Recall is good\n",
    ),
    LintRule(
        "yaml-merge",
        "A merge key takes in another mapping",
        "Keys would be in force that do not stand where they are read.",
        "Write the keys out.",
        "<<: {severity: high}\n",
        "severity: high\n",
    ),
    LintRule(
        "yaml-tag",
        "A tag says what type a value has",
        "Tags can make a reader build objects; a policy is plain text, numbers and lists.",
        "Remove the tag; put text in quotes.",
        "title: !!str 2026\n",
        'title: "2026"\n',
    ),
    LintRule(
        "yaml-directive",
        "A directive stands before the document",
        "Directives change how the rest of the file is read.",
        "Remove the line.",
        f"# demo/recall.yaml\n%YAML 1.1\n---\n{EXAMPLE}",
        f"# demo/recall.yaml\n{EXAMPLE}",
        "folder",
    ),
    LintRule(
        "yaml-many-documents",
        "The file holds a second document",
        "One file holds one claim; what stands after the second --- would be overlooked.",
        "Put it in a file of its own.",
        f"# demo/recall.yaml\n{EXAMPLE}---\npolicy: demo.other\n",
        f"# demo/recall.yaml\n{EXAMPLE}",
        "folder",
    ),
    LintRule(
        "yaml-encoding",
        "The file is not UTF-8",
        "Text in another encoding is read as other letters, or not at all.",
        "Save the file as UTF-8.",
        "A file saved as UTF-16, or a byte such as 0xE9 alone.",
        "The same file saved as UTF-8.",
        "elsewhere",
    ),
    LintRule(
        "yaml-hidden-character",
        "The file holds a character that nobody can see",
        "Control characters and those that turn the direction of writing can show a reader "
        "another text than the one that is judged.",
        "Remove the character; the message says which it is and where.",
        "A right-to-left override (U+202E) inside a text.",
        "The text without it.",
        "elsewhere",
    ),
    LintRule(
        "yaml-too-large",
        "The file has more bytes than are read",
        "A limit keeps a hostile file from taking the memory of the process.",
        "Split it into several files.",
        "A file of more than a million bytes.",
        "Several smaller files.",
        "elsewhere",
    ),
    LintRule(
        "yaml-too-many-values",
        "The file holds more values than are read",
        "A limit keeps a hostile file from taking the memory of the process.",
        "Split it into several files.",
        "A list of more than 20,000 values.",
        "Several smaller files.",
        "elsewhere",
    ),
    LintRule(
        "yaml-too-deep",
        "Values are nested deeper than is read",
        "Deep nesting ends a parser's stack; no policy needs it.",
        "Write it flatter.",
        f"title: {'[' * 41}{']' * 41}\n",
        "title: Recall is good\n",
    ),
    LintRule(
        "file-unreadable",
        "The file cannot be opened",
        "A policy that cannot be read cannot judge; it is never taken as absent.",
        "Give the user that runs the command the right to read it.",
        "A file without read permission.",
        "The same file, readable.",
        "elsewhere",
    ),
)
