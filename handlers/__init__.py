"""Everything the bot can do. To add a conversation or a query, list it here."""

from collections.abc import Callable, Mapping
from typing import Any

from core.screen import Screen
from handlers import (
    approval,
    archive,
    arrival,
    case,
    commands,
    due,
    easing,
    extension,
    handover,
    locking,
    me,
    menu,
    registration,
    review,
    sent,
    status,
    undelivered,
    units,
    version,
)
from handlers.flow import FormFlow, Opens, Turn
from handlers.report import FillReport

FLOWS: tuple[FormFlow[Any], ...] = (
    FillReport(),
    extension.AskForTime(),
    extension.AgreeUntil(),
    extension.RefuseTime(),
    extension.GiveTime(),
    locking.Lock(),
    locking.LockRound(),
    locking.Unlock(),
    locking.UnlockRound(),
    locking.AskToUnlock(),
    locking.RefuseUnlock(),
    easing.FiledElsewhere(),
    easing.Excuse(),
    easing.Restore(),
    approval.SendBack(),
    review.Return(),
    registration.Register(),
    registration.Join(),
    registration.Refuse(),
    me.ChangeName(),
    me.ChangePhone(),
    me.Erase(),
    units.Invite(),
    handover.HandOver(),
    archive.Find(),
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
    "more_time": extension.more_time,
    "agree": extension.agree,
    "grant_unlock": locking.grant_unlock,
    "proof": easing.proof,
    "sent": sent.handed_in,
    "recall": sent.recall,
    "presented": approval.card,
    "approve": approval.approve,
    "writer": approval.writer,
    "enclosed": approval.enclosed,
    "alone": approval.alone,
    "me": me.about_me,
    "act": me.act_for,
    "admit": registration.admit,
    "status": status.status,
    "read": status.read,
    "case": case.case,
    "asked": case.asked,
    "files": status.get_files,
    "changes": version.what_changed,
    "review": review.review,
    "accept": review.accept,
    "undo": review.undo,
    "clean": review.clean,
    "archive": archive.archive,
    "archive_of": archive.of_unit,
    "archive_report": archive.of_report,
    "archive_file": archive.file,
    "same": arrival.same,
    "units": units.list_units,
    "sheet": units.sheet,
    "undelivered": undelivered.undelivered,
    "import": units.take_in,
    "invite": units.invite,
    "handover": handover.offer,
    "withdraw": handover.withdraw,
}
COMMANDS: Mapping[str, str] = {
    word: command.query for command in commands.COMMANDS for word in command.names.values()
}
