"""What the people around a report do, one visit to their phone at a time.

They see only their phone, and may press any button that ever stood on it.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from core.roles import Role
from tests.conftest import someone
from tests.phone import Office, Phone

TITLE = "Fire safety tháng 10/2026"
SCHOOL = "Trường TH Lê Lợi"
MOST_QUESTIONS = 9  # that one visit to a form answers

POSTS: Mapping[str, tuple[str, Role]] = {
    "Lan": ("LL", Role.REPORTER),
    "Sơn": ("LL", Role.REPORTER),
    "Hoa": ("LL", Role.HEAD),
    "Minh": ("PHONG", Role.OFFICER),
    "Nga": ("PHONG", Role.OFFICER),
}
NEWCOMER = "Tú"  # holds no post, until somebody hands theirs over and is the next newcomer


@dataclass
class Crew:
    """Everybody's phone: of who sits in each seat, by who sat there first, and the newcomer's."""

    seats: dict[str, Phone]
    newcomer: Phone
    acted: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, office: Office, channel: str) -> "Crew":
        seats = {name: someone(office, channel, name, *post) for name, post in POSTS.items()}
        return cls(seats, Phone(office, channel, "70012345", NEWCOMER))

    def sits_in(self, seat: str) -> Phone:
        return self.seats.get(seat, self.newcomer)

    def follow(self, leaver: str) -> None:
        """The newcomer sits where the leaver sat, who holds no post any more."""
        seat = next(seat for seat, phone in self.seats.items() if phone.name == leaver)
        self.seats[seat], self.newcomer = self.newcomer, self.seats[seat]


@dataclass
class Person:
    """Somebody at their phone. shown: the choices of what it showed last."""

    crew: Crew
    phone: Phone
    chance: random.Random
    shown: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def says(self, line: str) -> None:
        self.crew.acted.add(self.phone.name)
        self.heard = self.phone.says(line)
        self.shown = re.findall(r"\[([^]]+)\]", "\n".join(self.heard[-1:]))

    def picks(self, *beginnings: str) -> bool:
        """Pick a choice that begins so; False where none is shown."""
        found = [label for label in self.shown if label.startswith(beginnings)]
        if found:
            self.says(f"[{self.chance.choice(found)}]")
        return bool(found)

    def picks_all(self, *beginnings: str) -> bool:
        """Pick one after the other; False where one is not shown."""
        return all(self.picks(beginning) for beginning in beginnings)

    def perhaps(self, probability: float) -> bool:
        return self.chance.random() < probability

    def says_a_day(self) -> None:
        days = timedelta(self.chance.choice([-1, 2, 4, 8]))
        self.says(self.chance.choice([f"{self.phone.office.now + days:%d/%m}", "no idea"]))


Step = Callable[[Person], object]

# At the school


def fill_in(me: Person) -> None:
    """Answer some questions, maybe all, and maybe hand it in."""
    me.says("/han")
    if not me.picks(f"Fill in {TITLE}", f"Mend {TITLE}", f"Continue {TITLE}"):
        return
    me.picks("Go on in place")
    if me.picks("Move to the new form", "Keep the old form"):
        me.picks("Continue")
    for _time in range(me.chance.choice([2, MOST_QUESTIONS, MOST_QUESTIONS, MOST_QUESTIONS])):
        _answer(me)


def _answer(me: Person) -> None:
    screen = "\n".join(me.heard)
    if "check your answers" in screen:
        me.picks(*(("Submit", "Present") if me.perhaps(0.8) else ("Change",)))
    elif "Send photos" in screen:
        for _time in range(me.chance.choice([1, 1, 2])):
            me.says(f"({me.chance.randrange(1000)}.jpg)")
        me.picks("Done")
    elif "How many" in screen:
        me.says(str(me.chance.randrange(9)))
    elif "Anything to add" in screen and me.perhaps(0.5):
        me.says("The door was mended.")
    elif not me.picks("Yes", "No", "Skip"):
        me.picks("2.")


def recall(me: Person) -> None:
    me.says("/han")
    if me.picks_all("Handed in", f"Read {TITLE}"):
        me.picks("Recall it")


def send_alone(me: Person) -> None:
    me.says("/nop")
    me.picks(f"Send {TITLE}")


def ask_the_office(me: Person) -> None:
    """To unlock what is locked, else for more time."""
    me.says("/han")
    if me.picks("Send a request to unlock"):
        me.says("We were ill.")
    elif me.picks("Ask for more time"):
        me.picks(TITLE)
        me.picks("1 day", "3 days", "5 days")
        me.says("The power is cut.")


def decide_as_head(me: Person) -> None:
    me.says("/han")
    if me.picks("Decide about") and me.perhaps(0.6):
        me.picks("Approve")
    elif me.picks("Send back"):
        _say_what(me)
        me.picks("Send back")


def _say_what(me: Person) -> None:
    me.picks("Are all", "How many", "Send photos")
    me.says("Please look again.")
    me.picks("That is all")


# At the office


def review_it(me: Person) -> None:
    me.says("/duyet")
    if me.picks(SCHOOL, "(") and me.perhaps(0.2):
        me.picks("Accept")
    elif me.perhaps(0.8) and me.picks("Return"):
        _say_what(me)
        me.says_a_day()
        me.picks("Skip")  # where that was no day to come
        me.picks("Return")
    if me.perhaps(0.3):
        me.picks("Undo")


def accept_clean(me: Person) -> None:
    me.says("/duyet")
    if me.picks_all("Accept", "Accept") and me.perhaps(0.7):
        me.picks("Undo")


def answer_requests(me: Person) -> None:
    me.says("/tinhhinh")
    if not me.picks_all("Schools that ask", TITLE):
        return
    if me.perhaps(0.4) and me.picks("Agree until another day"):
        me.says_a_day()
    elif me.perhaps(0.5) and me.picks("No", "Decline"):
        me.says("It was long enough.")
    else:
        me.picks("Agree: ", "Unlock")


def decide_unasked(me: Person) -> None:
    """Give time, lock, excuse, note what came elsewhere, or take that back."""
    me.says("/tinhhinh")
    me.picks(f"{TITLE} (")
    if me.perhaps(0.2) and me.picks("Lock all", "Unlock all"):
        me.picks("Lock all", "Unlock all")
        return
    me.picks(SCHOOL, f"Read {SCHOOL}")
    me.picks("More")
    moves = [label for label in me.shown if label in DECISIONS]
    if moves:
        move = me.chance.choice(moves)
        me.says(f"[{move}]")
        DECISIONS[move](me)


def _give_time(me: Person) -> None:
    me.says_a_day()
    me.says("The road is flooded.")


def _filed_elsewhere(me: Person) -> None:
    me.picks("on paper", "by Zalo")
    if me.perhaps(0.5):
        me.says("12/BC-THLL")
        return
    for _time in range(me.chance.choice([1, 2])):
        me.says(f"({me.chance.randrange(1000)}.jpg)")
    me.picks("Done")


DECISIONS: Mapping[str, Step] = {
    "Give more time": _give_time,
    "Handed in outside the system": _filed_elsewhere,
    "Excuse the school": lambda me: me.says("The school is flooded."),
    "Take it back": lambda me: me.picks("Yes"),
    "Lock": lambda me: me.picks("Lock"),
    "Unlock": lambda me: me.picks("Unlock"),
}

# Anywhere


def hand_over(me: Person) -> None:
    """One's own post or, by a head, another's; the newcomer opens the code, unless withdrawn."""
    me.says("/toi")
    if not me.picks_all("Hand over a post", "Hand over: ", "Make the code"):
        return
    text = "\n".join(me.heard)
    code, leaver = re.search(r"Code: (\S+)", text), re.search(r"take over from (\S+) ", text)
    assert code
    assert leaver
    if me.perhaps(0.2):
        me.picks("Withdraw")
    newcomer = Person(me.crew, me.crew.newcomer, me.chance)
    newcomer.says(f"/start {code[1]}")
    newcomer.picks("I agree")
    if newcomer.picks("Yes, I am"):
        me.crew.follow(leaver[1])


def press_anything(me: Person) -> None:
    """Any button that ever stood on this phone, where old messages keep theirs."""
    labels = sorted(set(me.phone.labels) - {"Erase my data"})  # then nobody would sit there
    if labels and me.phone.channel == "telegram":
        me.says(f"[{me.chance.choice(labels)}]")


WRITER = (fill_in,) * 6 + (recall, send_alone, ask_the_office, press_anything)
HEAD = (decide_as_head,) * 6 + (fill_in, recall, ask_the_office, hand_over, press_anything)
OFFICER = (review_it,) * 5 + (accept_clean, answer_requests, answer_requests, decide_unasked)
STEPS: Mapping[str, tuple[Step, ...]] = {
    "Lan": WRITER,
    "Sơn": WRITER,
    "Hoa": HEAD,
    "Minh": (*OFFICER, press_anything, hand_over),
    "Nga": (*OFFICER, press_anything),
    NEWCOMER: (press_anything,),
}

SEATS = ("Lan", "Lan", "Lan", "Sơn", "Hoa", "Hoa", "Hoa", "Minh", "Minh", "Minh", "Nga", NEWCOMER)


def visit(crew: Crew, seat: str, chance: random.Random) -> bool:
    """What who sits there does at one go. Return whether it may have answered anything."""
    step = chance.choice(STEPS[seat])
    step(Person(crew, crew.sits_in(seat), chance))
    return step in (fill_in, press_anything)
