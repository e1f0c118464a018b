"""Everything the bot can do. To add a conversation or a query, list it here."""

from collections.abc import Callable, Mapping
from typing import Any

from core.screen import Screen
from handlers import (
    agenda,
    commands,
    contact,
    due,
    handed,
    me,
    menu,
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
)
CONVERSATIONS: Mapping[str, FormFlow[Any]] = {flow.name: flow for flow in FLOWS}

Query = Callable[[Turn, str], Screen | Opens]
QUERIES: Mapping[str, Query] = {
    "menu": menu.menu,
    "start": menu.start,
    "help": menu.help_,
    "language": menu.language,
    "cancel": menu.cancel,
    "stop": menu.stop,
    "thanks": menu.thanks,
    "due": due.whats_due,
    "fill": due.fill,
    "handed": handed.handed,
    "elsewhere": handed.elsewhere,
    "again": handed.again,
    "deadlines": handed.deadlines,
    "more_time": handed.more_time,
    "contact": contact.contact,
    "calendar": agenda.calendar,
    "subscribe": agenda.subscribe,
    "unsubscribe": agenda.unsubscribe,
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
}
COMMANDS: Mapping[str, str] = {
    word: command.query for command in commands.COMMANDS for word in command.names.values()
}
