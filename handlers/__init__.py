"""Everything the bot can do. To add a conversation or a query, list it here."""

from collections.abc import Callable, Mapping
from typing import Any

from core.screen import Screen
from handlers import (
    acknowledge,
    answer,
    broadcast,
    commands,
    delivery,
    due,
    me,
    menu,
    outside,
    paste,
    question,
    registration,
    status,
    undelivered,
    units,
)
from handlers.flow import FormFlow, Opens, Turn
from handlers.report import FillReport

FLOWS: tuple[FormFlow[Any], ...] = (
    FillReport(),
    registration.Register(),
    registration.Join(),
    registration.Refuse(),
    me.ChangeName(),
    me.ChangePhone(),
    me.Erase(),
    units.Invite(),
    broadcast.WriteBroadcast(),
    delivery.CorrectBroadcast(),
    outside.ListOutside(),
    outside.SentOutside(),
    question.Ask(),
    question.AskFurther(),
    answer.AnswerQuestion(),
    answer.HandOver(),
    answer.ShareAnswer(),
)
CONVERSATIONS: Mapping[str, FormFlow[Any]] = {flow.name: flow for flow in FLOWS}

Query = Callable[[Turn, str], Screen | Opens]
QUERIES: Mapping[str, Query] = {
    "menu": menu.menu,
    "start": menu.start,
    "help": menu.help_,
    "language": menu.language,
    "cancel": menu.cancel,
    "due": due.whats_due,
    "fill": due.fill,
    "me": me.about_me,
    "act": me.act_for,
    "admit": registration.admit,
    "status": status.status,
    "read": status.read,
    "files": status.get_files,
    "units": units.list_units,
    "sheet": units.sheet,
    "undelivered": undelivered.undelivered,
    "import": units.take_in,
    "invite": units.invite,
    "broadcast": broadcast.list_broadcasts,
    "send": broadcast.send,
    "confirm": broadcast.confirm,
    "sendback": broadcast.send_back,
    "discard": broadcast.discard,
    "second": broadcast.second,
    "pause": delivery.pause,
    "resume": delivery.resume,
    "stop": delivery.stop,
    "understood": acknowledge.understood,
    "who": acknowledge.who,
    "receipts": acknowledge.sheet,
    "outside": outside.outside,
    "card": paste.card,
    "ask": answer.ask,
    "mine": question.mine,
    "questions": answer.inbox,
    "take": answer.take,
    "close": answer.close,
}
COMMANDS: Mapping[str, str] = {
    word: command.query for command in commands.COMMANDS for word in command.names.values()
}
