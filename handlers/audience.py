"""How an officer says to whom a message goes: groups to tick, and schools by name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from zlib import crc32

from core import fold
from core.audience import Audience
from core.events import News
from core.message import Message, _, verbatim
from core.question import Answer, Misread, Question, SeveralChoices, When
from core.roles import Role
from core.screen import DONE, Choice, Input, Picked, Typed
from core.units import Level
from core.writing import excerpt
from handlers import phrases
from handlers.flow import Answers, Turn
from storage import broadcasts, units
from storage.broadcasts import Broadcast, Stage

MOST_ROUNDS, MOST_BROADCASTS = 6, 4
SURE = 90.0  # of 100, see `core.fold.alike`; a name typed less like one of ours is asked again
NAMED, LEFT_OUT = "named", "left_out"
BY_NAME: dict[str, Message] = {
    NAMED: _("＋ schools by name"),
    LEFT_OUT: _("－ all but some schools"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """What can be ticked. field, value: of `core.audience.Audience`."""

    label: Message
    field: str
    value: str | int | bool


class Groups(SeveralChoices):
    """Done comes first, as there are more groups than a phone shows at once."""

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        *boxes, done = SeveralChoices.choices(self, so_far)
        return (done, *boxes) if so_far else tuple(boxes)


def questions(turn: Turn) -> tuple[Question, ...]:
    return (_whom(turn), *by_name(turn))


def _whom(turn: Turn) -> Groups:
    labels = {code: group.label for code, group in groups(turn).items()}
    return Groups("to", _("To whom? Tick all that have to fit."), options=labels | BY_NAME)


def by_name(turn: Turn) -> tuple[Question, ...]:
    """Asked where `BY_NAME` was ticked in a question "to"."""
    names = tuple((unit.id, unit.name) for unit in units.schools(turn.session, turn.today))
    return (
        Schools(NAMED, _("Which schools, by name?"), when=When("to", (NAMED,)), names=names),
        Schools(
            LEFT_OUT,
            _("Which schools shall not get it?"),
            when=When("to", (LEFT_OUT,)),
            names=names,
        ),
    )


def meant(turn: Turn, answers: Answers) -> Audience:
    known = groups(turn)
    ticked = [known[code] for code in answers["to"] if code in known]
    values: dict[str, set[object]] = {}
    for group in ticked:
        values.setdefault(group.field, set()).add(group.value)
    values[NAMED] = set(map(int, answers.get(NAMED) or []))
    values[LEFT_OUT] = set(map(int, answers.get(LEFT_OUT) or []))
    everybody = bool(values.pop("everybody", None))
    given = {name: frozenset(its) for name, its in values.items()}
    return Audience(everybody=everybody, **given)  # type: ignore[arg-type]  # as groups say


def groups(turn: Turn) -> Mapping[str, Group]:
    """By codes that stay the same while their group exists."""
    return {
        "all": Group(_("All schools"), "everybody", True),
        **{level: Group(verbatim(level), "levels", str(level)) for level in Level},
        **_of_people(turn),
        **_of_state(turn),
        **_of_place(turn),
    }


def of_schools(turn: Turn) -> dict[str, Message]:
    """The labels of groups that say which schools, whoever is there and whatever they owe."""
    fields = ("everybody", "levels", "clusters", "wards")
    return {code: one.label for code, one in groups(turn).items() if one.field in fields}


def _of_people(turn: Turn) -> dict[str, Group]:
    roles = {f"role.{role}": Group(phrases.ROLE[role], "roles", str(role)) for role in Role}
    topics = broadcasts.topics(turn.session)
    return roles | {
        _code("topic", t): Group(_("topic {topic}", topic=t), "topics", t) for t in topics
    }


def _of_state(turn: Turn) -> dict[str, Group]:
    rounds = broadcasts.open_rounds(turn.session, turn.me.unit_id or 0, turn.today)
    owe = {
        f"owes.{round_}": Group(_("has not handed in {title}", title=title), "owes", round_)
        for round_, title in rounds[:MOST_ROUNDS]
    }
    sent = broadcasts.recent(turn.session, turn.me, MOST_BROADCASTS)
    return owe | {
        f"silent.{b.id}": Group(_silent_about(b), "silent", b.id)
        for b in sent
        if b.stage in (Stage.SENDING, Stage.SENT) and b.news in (None, News.INVITATION)
    }


def _silent_about(broadcast: Broadcast) -> Message:
    words = {"words": excerpt(broadcast.letter.get("text", ""))}
    if broadcast.event_id:
        return _("has not answered “{words}”", **words)
    return _("has not acknowledged “{words}”", **words)


def _of_place(turn: Turn) -> dict[str, Group]:
    schools = units.schools(turn.session, turn.today)
    clusters = sorted({school.cluster for school in schools if school.cluster})
    wards = sorted({school.ward for school in schools if school.ward})
    return {
        **{_code("cluster", c): Group(verbatim(c), "clusters", c) for c in clusters},
        **{_code("ward", w): Group(verbatim(w), "wards", w) for w in wards},
    }


def _code(kind: str, name: str) -> str:
    return f"{kind}.{crc32(name.encode()):08x}"


@dataclass(frozen=True, slots=True)
class Schools(Question):
    """Schools as people type them, several at once or one after the other, until Done.

    Stored as a list of their ids. names: from a unit's id to its name.
    """

    names: tuple[tuple[int, str], ...] = ()

    typed: ClassVar[bool] = True

    def choices(self, so_far: Answer) -> tuple[Choice, ...]:
        if not so_far:
            return ()
        return (Choice(_("Done"), DONE), Choice(_("Write it anew"), "answer:none"))

    def read(self, given: Input, so_far: Answer) -> Answer:
        chosen: list[int] = list(so_far or [])
        match given:
            case Picked("answer:none"):
                return []
            case Picked("done") if chosen:
                return chosen
            case Typed(text) if parts := [p for p in re.split(r"[,;\n]", text) if p.strip()]:
                return list(dict.fromkeys([*chosen, *map(self._one, parts)]))
        raise Misread(_("Please type the names of schools, with commas between them."))

    def settles(self, given: Input) -> bool:
        return given == Picked(DONE)

    def enough(self, answer: Answer) -> bool:
        return bool(answer) and self.fits(answer)

    def show(self, answer: Answer) -> Message:
        names = dict(self.names)
        return verbatim(", ".join(names[id] for id in answer if id in names))

    def fits(self, answer: Answer) -> bool:
        return isinstance(answer, list) and all(isinstance(id, int) for id in answer)

    def _one(self, typed: str) -> int:
        """Never a guess: a name that may be of several schools is asked again."""
        names = dict(self.names)
        found = fold.alike(typed, names)
        exact = [id for id, _score in found if fold.fold(names[id]) == fold.fold(typed)]
        only = [id for id, score in found if len(found) == 1 and score >= SURE]
        if len(exact or only) == 1:
            return (exact or only)[0]
        raise Misread(_which(typed.strip(), [names[id] for id, _score in found]))


def _which(typed: str, names: Sequence[str]) -> Message:
    if not names:
        return _("No school here is called “{typed}”. Please type its name again.", typed=typed)
    several = {"typed": typed, "names": ", ".join(names)}
    return _("“{typed}” may be {names}. Please type the whole name.", **several)
