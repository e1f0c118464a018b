"""What a handler is given (`Turn`) and what a conversation has to define (`FormFlow`)."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from core.form import Form
from core.message import Message
from core.screen import Screen
from core.understanding.shape import Shape
from storage.conversations import Conversation
from storage.people import Acting

Subject = TypeVar("Subject")
Answers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One incoming message being answered.

    session: the turn's transaction, which the caller commits: handlers never do.
    now, zone: the program's clock, aware and in UTC, and where the office is.
    tell: shows somebody else (a person's id) a screen, sent only if the turn is committed.
    machine_now: machine time, on which sending runs.
    nickname: what the person calls themselves in the app, "" if unknown.
    bot_name: the bot's own name on the channel, for links, "" if unknown.
    missed: notes the shape of words that nobody understood.
    tell_by_day: as `tell`, held at night and on days of rest.
    public_url: where the program is reached on the web, "" for nowhere.
    survey_least: answers of which something is told, see `core.survey`.
    """

    session: Session
    me: Acting
    now: datetime
    zone: ZoneInfo
    tell: Callable[[int, Screen], None]
    machine_now: datetime
    nickname: str = ""
    bot_name: str = ""
    missed: Callable[[Shape], None] = lambda _shape: None
    public_url: str = ""
    tell_by_day: Callable[[int, Screen], None] = lambda _id, _screen: None
    survey_least: int = 5

    @property
    def today(self) -> date:
        """The day it is at the office."""
        return self.now.astimezone(self.zone).date()


class Gone(Exception):
    """What this conversation is about can no longer be worked on. `why` is told to the person."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.id)
        self.why = why


@dataclass(frozen=True, slots=True)
class Opens:
    """A query's answer that is a conversation."""

    flow: str
    subject_id: int = 0
    how: str = ""


class FormFlow(ABC, Generic[Subject]):
    """A conversation that fills in a form about a subject, loaded afresh on every turn.

    by_button: whether an action may start it; else only a query, which checks more than an id.
    anew: whether what opened it stays to be read, see `core.screen.Screen`.
    """

    name: ClassVar[str]
    by_button: ClassVar[bool] = True
    anew: ClassVar[bool] = False

    @abstractmethod
    def subject(self, turn: Turn, subject_id: int) -> Subject:
        """Load what the conversation is about. Raises Gone."""

    @abstractmethod
    def form(self, turn: Turn, subject: Subject, answers: Answers) -> Form:
        """What is asked, which may depend on what was answered so far."""

    @abstractmethod
    def finish(self, turn: Turn, subject: Subject, answers: Answers) -> Screen:
        """Do what submitting means, once, in the turn's transaction; return the last screen."""

    def entered(self, turn: Turn, subject: Subject, how: str) -> None:
        """The person opened or re-opened it. how: the last part of the action, "" if none."""

    def first(self, turn: Turn, subject: Subject, how: str) -> Screen | None:  # noqa: ARG002
        """What the person has to decide before they go on with what they opened."""
        return None

    def hindrance(self, turn: Turn, subject: Subject) -> Screen | None:  # noqa: ARG002
        """What is shown in place of the form while this person may not go on with it."""
        return None

    def closed(self, turn: Turn, subject: Subject) -> Screen | None:  # noqa: ARG002
        """What is shown in place of the form while nobody may go on with it.

        What was just said to the question on screen is kept all the same.
        """
        return None

    def answers(self, turn: Turn, subject: Subject, talking: Conversation) -> Answers:  # noqa: ARG002
        """What was answered so far."""
        return dict(talking.answers)

    def touched_at(self, turn: Turn, subject: Subject, talking: Conversation) -> datetime:  # noqa: ARG002
        """When something was answered last."""
        return talking.touched_at

    def again(self, turn: Turn, subject: Subject) -> frozenset[str]:  # noqa: ARG002
        """Keys of questions that are asked once more, although they are answered."""
        return frozenset()

    def looked_again(self, turn: Turn, subject: Subject, still: frozenset[str]) -> None:
        """One of those was answered or kept. still: those that are left."""

    def keep(
        self,
        turn: Turn,  # noqa: ARG002
        subject: Subject,  # noqa: ARG002
        talking: Conversation,
        changed: Mapping[str, Any],
    ) -> None:
        """Store new or changed answers."""
        talking.answers = {**talking.answers, **changed}

    def noted(self, changed: Mapping[str, Any]) -> tuple[Message, ...]:  # noqa: ARG002
        """What is said over the next question of answers that were just kept."""
        return ()
