"""Which words together mean what, the same in every language.

A rule names what the sentence has to be about (see `vi.toml`), alternatives with "|", and what it
must not be about with "!". One that begins with "=" fits only where nothing else is said but what
it names, with "?" what may be said besides. One that begins with "~" counts only where no other
rule fits. "<12" at its end lets so many words be unknown, in place of MOST_UNKNOWN.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from core.understanding.phrasebook import DENIED

MOST_UNKNOWN = 5  # words; whoever tells more than that hardly asks something simple

# In any sentence, whatever it wants.
IN_PASSING = frozenset({"day", "school", "office", "polite", "plea", DENIED})

# What may be denied: "không nộp", "chưa đăng ký được", "đừng hủy".
DENIABLE = frozenset(
    {
        *(
            "submit",
            "do",
            "go_on",
            "stop",
            "again",
            "attach",
            "file",
            "done",
            "complete",
            "resend",
        ),
        *("extend", "late", "register", "join", "move", "change_school", "cancel", "hand_over"),
        *("remind", "recall"),
    }
)


class Intent(StrEnum):
    """What people want of the bot."""

    WHATS_DUE = "whats_due"
    MY_STATUS = "my_status"
    DEADLINE_OF = "deadline_of"
    SUBMIT_REPORT = "submit_report"
    UPLOAD_DOCUMENT = "upload_document"
    ALREADY_SUBMITTED = "already_submitted"
    EXTENSION_REQUEST = "extension_request"
    RESEND_FILE = "resend_file"
    ASK_PHONG = "ask_phong"
    MY_CONTACT = "my_contact"
    REGISTER = "register"
    CHANGE_SCHOOL = "change_school"
    STOP = "stop"
    CANCEL = "cancel"
    LANGUAGE = "language"
    HELP = "help"
    THANKS = "thanks_smalltalk"
    ACKNOWLEDGE = "acknowledge"
    HAND_OVER = "hand_over"
    REMIND_AGAIN = "remind_again"
    RECALL = "recall"


# What those are told of an intent who know only the ones that people have of any such bot.
TOLD_AS: Mapping[Intent, Intent | None] = {
    Intent.ACKNOWLEDGE: Intent.THANKS,
    Intent.HAND_OVER: None,
    Intent.REMIND_AGAIN: None,
    Intent.RECALL: None,
}

# What nobody means who denies anything; of what one asks for, a denial may be the reason.
TOLD = frozenset(
    {
        *(Intent.SUBMIT_REPORT, Intent.UPLOAD_DOCUMENT, Intent.ALREADY_SUBMITTED),
        *(Intent.CANCEL, Intent.HAND_OVER, Intent.REMIND_AGAIN, Intent.RECALL),
    }
)


_A_REPORT = (
    "report !what !when !how !where !yet !already !done !attach !file !extend !late !owe !receive"
    " !got !again !approve !resend !check !due !overdue !cancel !later !postpone !stop !help"
    " !tomorrow !afternoon !guide !refuse !register !mood !doc !who"
)
RULES: Mapping[Intent, Sequence[str]] = {
    Intent.WHATS_DUE: (
        "owed !outsider",
        "what todo !when !how !where !done !outsider",
        "what must report|submit !when !how !where !done !outsider",
        "what submit|due|soon|owe !when !how !where !doc !file !done !outsider",
        "what report period !when !how !where !done !outsider",
        "lacking !outsider",
        "lack what !outsider",
        "= todo ?period",
        "= task period",
        "upcoming what report|submit|todo|must !when !how !where !done !outsider",
        "todo period !when !how !where !done !outsider !file",
        "period report polite !submit !do !done !already !when",
        "todo report !when !how !where !done !outsider",
        "soon report !when",
    ),
    Intent.MY_STATUS: (
        "yet submit|done|reported|complete !what !when !outsider !owe !who",
        "yet receive|got|approve|enough report|submit|done|reported|file|doc|office !what !when"
        " !outsider !who",
        "= yet receive|got|approve|enough ?report ?submit",
        "report approve already !what !when",
        "yet report !what !when !outsider !do <2",
        "check submit|report|receive|got|approve|done !when !what",
        "done what !when !how !where !todo !outsider !notify",
        "lacking !outsider",
        "lack what !outsider",
        "= check ?help ?request ?report ?look",
    ),
    Intent.DEADLINE_OF: (
        "when due !approve !receive !got !outsider",
        "when submit !approve !receive !got !how !where !outsider",
        "when report !approve !receive !got !how !where !outsider !period",
        "due report !done !already !extend !late !what !yet !request !outsider",
        "due which !done !already !extend !late !what !yet !request !outsider",
        "due|overdue yet !submit !done !receive !got !outsider <2",
        "= due ?report ?which",
    ),
    Intent.SUBMIT_REPORT: (
        f"submit {_A_REPORT}",
        f"do|go_on {_A_REPORT} <1",
        "= submit",
        "= go_on",
    ),
    Intent.UPLOAD_DOCUMENT: (
        "submit file !resend !lost !already !done !yet !when !what !how !where !refuse",
        "attach !owe !already !done !yet !when !what !how !where !refuse",
        "here file|report|attach|doc !submit !when !what !how !where",
        "here submit file",
        "again !when !what !how !where !yet",
        "= file",
    ),
    Intent.ALREADY_SUBMITTED: (
        "done !yet !what !when !how !where !extend !resend !contest !outsider !look <4",
        "reported !yet !what !when !how !where !extend !resend !contest !outsider !who <2",
        "submit already !yet !what !when !how !where !extend !resend !contest !outsider !lost"
        " !here <4",
    ),
    Intent.EXTENSION_REQUEST: (
        "extend !done !already !contest !outsider <12",
        "late request|resend !done !already !outsider <12",
        "late do|submit !done !already !when !how !where !outsider <12",
    ),
    Intent.RESEND_FILE: (
        "resend doc|file|report !extend !contact !late",
        "lost doc|file !extend",
        "ours !yet !already !when !extend !outsider !attach",
        "ask_doc !extend !contact",
        "submit doc request !here !attach !done !already !when !what",
        "unreceived doc|file !submit",
        "doc where !submit !do !contact",
        "must|request doc !submit !do !what !when !how !where !done !ask !extend !late",
    ),
    Intent.ASK_PHONG: (
        "meet person|office <8",
        "ask person|office !contact !who !when !what !due <12",
        "= meet",
        "~ ask !contest !wait <12",
    ),
    Intent.MY_CONTACT: (
        "who person|office|contact !meet !contest !outsider !unreceived",
        "contact person|office|resend|who|what|must !meet !outsider !unreceived",
        "who receive|got report",
        "whom !meet !contest !outsider <3",
    ),
    Intent.REGISTER: (
        "register school|notify|join|intro|staff !stop !contest !submit !report !wrong_school <10",
        "register intro|staff !stop !contest !submit !wrong_school <10",
        "register !stop !contest !submit !report !outsider !wrong_school <1",
        "= join ?request ?notify ?must",
        "join intro|staff|request !contest !outsider",
        "notify school|request|resend !stop !done !reported !owe <8",
    ),
    Intent.CHANGE_SCHOOL: (
        "change_school !outsider !register !report <10",
        "wrong_school !outsider !report <10",
        "move school !outsider !register !report !submit <10",
    ),
    Intent.STOP: ("stop !report !contest !doc !file",),
    Intent.CANCEL: (
        "= cancel ?submit ?do ?go_on ?later ?tomorrow ?afternoon ?period ?postpone ?must",
        "= postpone ?submit ?do ?go_on ?report",
    ),
    Intent.LANGUAGE: (
        "= english ?speak ?move ?request ?look",
        "= vietnamese ?speak ?move ?request ?look",
        "= language ?speak ?move ?request ?vietnamese ?english",
    ),
    Intent.HELP: (
        "= help ?how ?tool ?guide ?must ?request",
        "= plea",
        "guide",
        "help tool",
        "tool how",
    ),
    Intent.THANKS: (
        "= thanks ?okay ?ack ?wish ?receive ?already ?office ?help ?resend ?file ?doc",
        "= okay ?thanks ?ack ?wish ?already",
        "~ thanks !done !submit",
    ),
    Intent.ACKNOWLEDGE: (
        "= clear ?got ?thanks ?okay ?ack ?already ?wish ?notify ?doc",
        "= got ?doc ?notify ?thanks ?okay ?ack ?already ?wish",
    ),
    Intent.REMIND_AGAIN: ("= remind ?tomorrow ?afternoon ?later ?period ?request ?help",),
    Intent.RECALL: (
        "= recall ?report ?which ?request ?period ?resend",
        "recall report !yet !when !what !how !where !outsider !doc !done !file !stop <3",
    ),
    Intent.HAND_OVER: ("hand_over !outsider !contest !report !doc !file !submit <6",),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """needs: sets, of each of which one is said. never, besides: what is not, and what may be.

    only: whether nothing else is said. weak: whether any other rule goes before it.
    """

    intent: Intent
    needs: tuple[frozenset[str], ...]
    never: frozenset[str]
    besides: frozenset[str]
    only: bool
    weak: bool
    unknown: int

    def fits(self, said: Set[str], unknown: int) -> bool:
        """unknown: how many words are about nothing."""
        if unknown > (0 if self.only else self.unknown) or not self.never.isdisjoint(said):
            return False
        if any(group.isdisjoint(said) for group in self.needs):
            return False
        return not self.only or said - IN_PASSING <= self.besides.union(*self.needs)


def meant(said: Set[str], unknown: int) -> list[Intent]:
    """What a sentence about these things may mean; several where that is not clear."""
    fitting = [rule for rule in _rules() if rule.fits(said, unknown)]
    if DENIED in said:
        fitting = [rule for rule in fitting if rule.intent not in TOLD]
    strong = [rule for rule in fitting if not rule.weak]
    return list(dict.fromkeys(rule.intent for rule in strong or fitting))


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(_rule(intent, text) for intent, texts in RULES.items() for text in texts)


def _rule(intent: Intent, text: str) -> Rule:
    words = text.split()
    marked = {mark: [word[1:] for word in words if word[0] == mark] for mark in "!?<"}
    return Rule(
        intent=intent,
        needs=tuple(frozenset(word.split("|")) for word in words if word[0].isalpha()),
        never=frozenset(marked["!"]),
        besides=frozenset(marked["?"]),
        only="=" in words,
        weak="~" in words,
        unknown=int(marked["<"][0]) if marked["<"] else MOST_UNKNOWN,
    )
