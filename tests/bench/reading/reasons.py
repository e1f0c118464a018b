"""Rules that a single marked document needs, each with why it is general all the same."""

REASONS = {
    "asks: condition": "offices often ask only those who have, or have not, done something yet",
    "date: dashed": "15-9-2023 and 15.9.2023 are as common as 15/9/2023 on web pages",
    "date: of the month": "monthly statistics are due on a day that has no month",
    "date: weekly": "epidemics and storms are reported weekly",
    "drops: condition": "before a day by which something else had to be so",
    "drops: lasts": "holidays and terms are windows too",
    "drops: objective": "a plan's aims name years, not days on which to hand in",
    "judged: verb in its sentence": "the verb of a long sentence stands before a semicolon",
    "judged: within a month": "plans give months and quarters for what has no day",
    "merge: instances": "a weekly rule is followed by a table of its weeks",
    "merge: same": "summaries say again what the body said",
    "owner: papers of pupils": "enrolment plans speak to parents; nothing is due from schools",
    "owner: who collects": "an office above asks districts to add up what their schools report",
    "owner: what an office does": "results are published by who asked, whatever the heading",
    "phrase: hạn đến": "the time of receiving ends on a day, in every contest",
    "phrase: hạn": "a label and a day, without any verb",
    "phrase: weekly": "see the date",
    "phrase: đến": "until a day, where something is received until then",
    "phrase: đến hết": "until the end of a day",
}
