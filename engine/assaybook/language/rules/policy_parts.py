"""Faults of the parts of a policy: controls, params, needs, rules and messages."""

from typing import Final

from assaybook.language.rules.rule import LintRule

RULES: Final = (
    LintRule(
        "catalog-unknown",
        "A catalog is not known",
        "Verdicts are mapped to controls of published frameworks; a link into a framework that is "
        "not there would be lost.",
        "Write an id that `assay control list` shows.",
        "controls:\n  nist-ai-rmf: {MEASURE 2.3: supports}\n",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.3: supports}\n",
    ),
    LintRule(
        "control-unknown",
        "A control is not in its catalog",
        "A control that does not exist would never be reported, however often the rule passes.",
        "Write an id of the catalog; the message suggests the nearest.",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.33: supports}\n",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.3: supports}\n",
    ),
    LintRule(
        "control-heading",
        "A control is a heading",
        "A heading stands for everything under it; one rule does not speak for all of that.",
        "Name the controls under it that the rule speaks for.",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2: supports}\n",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.3: supports}\n",
    ),
    LintRule(
        "control-twice",
        "A control stands twice",
        "It would count twice, or with two relations of which nobody knows which holds.",
        "Keep one of the two.",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.3: supports, ms-2.3: supports}\n",
        "controls:\n  nist-ai-rmf-1.0: {MEASURE 2.3: supports}\n",
    ),
    LintRule(
        "param-type",
        "A value is not of the type of its param",
        "A duration without a unit, or a number in quotes, would be compared as something else.",
        "Write a value of the type, or change the type.",
        'params:\n  floor: {type: ratio, default: "0.8", stricter: higher}\n',
        "params:\n  floor: {type: ratio, default: 0.8, stricter: higher}\n",
    ),
    LintRule(
        "param-bounds",
        "A value is outside the bounds of its param",
        "A ratio of 80 passes nothing or everything; bounds also keep overlays sensible.",
        "Write a value within the bounds; 80 % is 0.8.",
        "params:\n  floor: {type: ratio, default: 80, stricter: higher}\n",
        "params:\n  floor: {type: ratio, default: 0.8, stricter: higher}\n",
    ),
    LintRule(
        "param-direction",
        "The stricter side does not fit the type",
        "Numbers and durations are stricter when higher or lower, lists when they hold more or "
        "less; texts have no stricter side.",
        "Write a direction that fits, or leave stricter out.",
        "params:\n  floor: {type: ratio, default: 0.8, stricter: superset}\n",
        "params:\n  floor: {type: ratio, default: 0.8, stricter: higher}\n",
    ),
    LintRule(
        "param-unused",
        "Nothing reads a param",
        "Somebody would set it in an overlay and believe that the rule has changed.",
        "Use it in a rule, or remove it.",
        "params:\n"
        "  floor: {type: ratio, default: 0.8, stricter: higher}\n"
        "  min_n: {type: int, default: 50, stricter: higher}\n",
        "params:\n  floor: {type: ratio, default: 0.8, stricter: higher}\n",
    ),
    LintRule(
        "facts-unknown",
        "A fact type is not known",
        "No evidence would ever meet the need.",
        "Write one of the fact types that the message lists.",
        "needs:\n  recall: {facts: metrics, fresh_for: 90d}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d}\n",
    ),
    LintRule(
        "facts-unproduced",
        "No adapter reads facts of this type",
        "The need could never be met, and the rule would be inconclusive for ever.",
        "Ask for a type that an adapter reads, or install the package that adds one.",
        "A need of a fact type that none of the installed adapters yields.",
        "A need of a type that `assay evidence adapters` lists.",
        "elsewhere",
    ),
    LintRule(
        "need-unused",
        "No rule reads a need",
        "The policy would seem to want evidence that changes nothing.",
        "Read it in a rule, or remove it.",
        "needs:\n"
        "  recall: {facts: metric, fresh_for: 90d}\n"
        "  moved: {facts: drift, fresh_for: 30d}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d}\n",
    ),
    LintRule(
        "need-of-missing",
        "A need may be empty, and no question says when that is proven",
        "An empty list proves nothing unless a tool says that it looked: only an answered "
        "question shows that there is nothing.",
        "Add of: with the exact questions that must be answered.",
        "needs:\n"
        "  recall: {facts: metric, fresh_for: 90d}\n"
        "  secrets: {facts: security, fresh_for: 30d, may_be_empty: true}\n"
        "rules:\n"
        "  - {id: floor, pass_when: 'recall.all(r, r.value >= params.floor)', fix: Retrain.}\n"
        "  - {id: none, pass_when: '!secrets.exists(s, s.suppressed)', fix: Remove it.}\n",
        "needs:\n"
        "  recall: {facts: metric, fresh_for: 90d}\n"
        "  secrets: {facts: security, fresh_for: 30d, may_be_empty: true, of: [security/secret]}\n"
        "rules:\n"
        "  - {id: floor, pass_when: 'recall.all(r, r.value >= params.floor)', fix: Retrain.}\n"
        "  - {id: none, pass_when: '!secrets.exists(s, s.suppressed)', fix: Remove it.}\n",
    ),
    LintRule(
        "need-covers-alone",
        "covers stands without may_be_empty",
        "covers says which documents can prove that there is nothing; without may_be_empty "
        "nothing asks for that proof.",
        "Add may_be_empty: true with of:, or remove covers.",
        "needs:\n  recall: {facts: metric, fresh_for: 90d, covers: scope.split == 'holdout'}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d}\n",
    ),
    LintRule(
        "need-within-alone",
        "within stands without last",
        "within is the greatest age of the oldest of several documents; last says how many.",
        "Add last: with a number, or use fresh_for alone.",
        "needs:\n  recall: {facts: metric, fresh_for: 90d, within: 180d}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d, last: 3, within: 180d}\n",
    ),
    LintRule(
        "need-last-empty",
        "last and may_be_empty stand together",
        "A series wants rows in every document, so its list can never be proven empty.",
        "Remove one of the two.",
        "needs:\n"
        "  recall:\n"
        "    {facts: metric, fresh_for: 90d, last: 3, may_be_empty: true, of: [metric/quality]}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d, last: 3}\n",
    ),
    LintRule(
        "question-unknown",
        "A coverage question is none of its fact type",
        "No tool can answer it, so the need could never be met.",
        "Write a question that the message suggests, such as security/secret.",
        "needs:\n  recall: {facts: metric, fresh_for: 90d, of: [metric/qualty]}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d, of: [metric/quality]}\n",
    ),
    LintRule(
        "question-twice",
        "A coverage question stands twice",
        "The copy says nothing; most often another question was meant.",
        "Remove one of the two, or write the one that was meant.",
        "needs:\n  recall: {facts: metric, fresh_for: 90d, of: [metric/quality, metric/quality]}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d, of: [metric/quality]}\n",
    ),
    LintRule(
        "name-taken",
        "A name has a meaning already",
        "A need or let called row, system or params would hide what rules are made of.",
        "Choose another name.",
        "needs:\n"
        "  recall: {facts: metric, fresh_for: 90d}\n"
        "  system: {facts: drift, fresh_for: 90d}\n",
        "needs:\n  recall: {facts: metric, fresh_for: 90d}\n",
    ),
    LintRule(
        "rule-twice",
        "Two rules have one id",
        "Findings, waivers and reports name a rule by its id.",
        "Rename one of the two.",
        "rules:\n"
        "  - {id: floor, pass_when: 'recall.all(r, r.ci_low >= params.floor)', fix: Retrain.}\n"
        "  - {id: floor, pass_when: 'recall.all(r, r.n >= 50)', fix: Collect more.}\n",
        "rules:\n"
        "  - {id: floor, pass_when: 'recall.all(r, r.ci_low >= params.floor)', fix: Retrain.}\n"
        "  - {id: enough, pass_when: 'recall.all(r, r.n >= 50)', fix: Collect more.}\n",
    ),
    LintRule(
        "rule-undecided",
        "A rule says neither pass_when nor attested",
        "It could come to nothing.",
        "Add pass_when: with a condition, or attested: with a question to persons.",
        "rules:\n"
        "  - {id: floor, pass_when: 'recall.all(r, r.ci_low >= params.floor)', fix: Retrain.}\n"
        "  - {id: nothing, fix: None.}\n",
        "rules:\n"
        "  - {id: floor, pass_when: 'recall.all(r, r.ci_low >= params.floor)', fix: Retrain.}\n",
    ),
    LintRule(
        "rule-both",
        "A rule is judged and attested at once",
        "attested stands in place of a judgement; with both nobody could say which decides.",
        "Make two rules of it, or remove one of the two.",
        "rules:\n"
        "  - id: floor\n"
        "    pass_when: recall.all(r, r.ci_low >= params.floor)\n"
        "    attested: {question: Is it good?, role: approver, valid_for: 90d}\n"
        "    fix: Retrain.\n",
        "rules:\n"
        "  - {id: floor, pass_when: 'recall.all(r, r.ci_low >= params.floor)', fix: Retrain.}\n"
        "  - id: approved\n"
        "    attested: {question: Is it good?, role: approver, valid_for: 90d}\n"
        "    fix: Ask a person with the role.\n",
    ),
    LintRule(
        "rule-without-rows",
        "where or at_least stands without for_each",
        "Both speak of rows that are judged one by one; without for_each there are none.",
        "Add for_each: with a need, or put the condition into pass_when.",
        "rules:\n"
        "  - id: floor\n"
        "    where: recall.exists(r, r.n > 9)\n"
        "    pass_when: recall.all(r, r.value >= params.floor)\n"
        "    fix: Retrain.\n",
        "rules:\n"
        "  - {id: floor, for_each: recall, pass_when: 'row.value >= params.floor && row.n >= 9',"
        " fix: Retrain.}\n",
    ),
    LintRule(
        "for-each-unknown",
        "for_each names neither a need nor a let list",
        "There are no rows to judge.",
        "Name a need of the policy, or a let of the rule that is a list.",
        "rules:\n"
        "  - {id: floor, for_each: recal, pass_when: row.value >= params.floor, fix: Retrain.}\n",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    enough: row.n >= 50\n"
        "    pass_when: row.value >= params.floor\n"
        "    fix: Retrain.\n",
    ),
    LintRule(
        "at-least-zero",
        "A rule may pass over no rows, and nothing proves that there are none",
        "at_least: 0 makes an empty list a pass. That is right only where a tool has said that "
        "it looked everywhere and found nothing.",
        "Remove at_least: 0, or go over a need with may_be_empty: true itself, without where.",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    at_least: 0\n"
        "    pass_when: row.value >= params.floor && row.n >= 50\n"
        "    fix: Retrain.\n",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    at_least: 1\n"
        "    pass_when: row.value >= params.floor && row.n >= 50\n"
        "    fix: Retrain.\n",
    ),
    LintRule(
        "unused-let",
        "Nothing reads a let name",
        "A condition that was named and forgotten is a condition that nobody asks.",
        "Use the name, or leave it out.",
        "rules:\n"
        "  - id: floor\n"
        "    let: {big: 'recall.filter(r, r.n >= 50)'}\n"
        "    pass_when: recall.all(r, r.value >= params.floor)\n"
        "    fix: Retrain.\n",
        "rules:\n"
        "  - id: floor\n"
        "    let: {big: 'recall.filter(r, r.n >= 50)'}\n"
        "    pass_when: big.all(r, r.value >= params.floor)\n"
        "    fix: Retrain.\n",
    ),
    LintRule(
        "message-braces",
        "A brace of a message is not closed, or not opened",
        "Braces in a message stand for values of the row; half a pair stands for nothing.",
        "Close it, or write {{ or }} for a brace itself.",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    enough: row.n >= 50\n"
        "    pass_when: row.value >= params.floor\n"
        '    message: "{row.slice is too low"\n'
        "    fix: Retrain.\n",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    enough: row.n >= 50\n"
        "    pass_when: row.value >= params.floor\n"
        '    message: "{row.slice} is too low"\n'
        "    fix: Retrain.\n",
    ),
    LintRule(
        "message-name",
        "The braces of a message hold more than a name",
        "A message shows values and computes none, so that it can never change a verdict.",
        "Write a name such as row.slice; put calculations into a let.",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    enough: row.n >= 50\n"
        "    pass_when: row.value >= params.floor\n"
        '    message: "{row.value * 100} percent"\n'
        "    fix: Retrain.\n",
        "rules:\n"
        "  - id: floor\n"
        "    for_each: recall\n"
        "    enough: row.n >= 50\n"
        "    pass_when: row.value >= params.floor\n"
        '    message: "recall is {row.value}"\n'
        "    fix: Retrain.\n",
    ),
)
