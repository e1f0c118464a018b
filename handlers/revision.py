"""Offer a half-filled report the questions that the office has changed meanwhile."""

from collections.abc import Iterable
from typing import Any

from core import shown
from core.form import Form
from core.message import Message, _, ngettext, quiet, strong, verbatim
from core.screen import Choice, Screen, open_flow
from handlers.asking import form_of, form_with
from handlers.flow import Answers, Turn
from storage import last, revisions, submissions
from storage.checklists import ChecklistRevision
from storage.reports import Report
from storage.revisions import Changes
from storage.submissions import Submission

MOST_NAMED = 5  # questions of each sort; a longer list is not read on a phone


def offer(turn: Turn, report: Report, draft: Submission, how: str) -> Screen | None:
    """What to decide, or what became of it; None where there is nothing to say.

    how: "move" or "stay" with the revision's id, so that it means the one that was described.
    """
    newer = revisions.newer(turn.session, report, draft)
    if newer is None:
        return None
    answers = submissions.answers(turn.session, draft)
    if how == f"stay{newer.id}":
        revisions.stay(turn.session, draft, newer, turn.me.id, turn.now)
        return None
    if not answers or how == f"move{newer.id}":
        return _move(turn, report, draft, newer, answers)
    return _offered(turn, report, newer)


def _offered(turn: Turn, report: Report, newer: ChecklistRevision) -> Screen:
    old = turn.session.get_one(ChecklistRevision, report.revision_id)
    what = revisions.changes(turn.session, old, newer)
    title = strong(verbatim(report.title))
    lines = [title, _("The office has changed this form since you began."), *_named(what)]
    lines.append(quiet(_("Your answers are kept. What fits no more is named and asked again.")))
    choices = (
        Choice(_("Move to the new form"), open_flow("report", report.id, f"move{newer.id}")),
        Choice(_("Keep the old form"), open_flow("report", report.id, f"stay{newer.id}")),
    )
    return Screen(tuple(lines), choices)


def _named(what: Changes) -> list[Message]:
    lines = []
    for heading, texts in (
        (ngettext("{count} changed:", "{count} changed:", len(what.changed)), what.changed),
        (ngettext("{count} added:", "{count} added:", len(what.added)), what.added),
        (ngettext("{count} dropped:", "{count} dropped:", len(what.dropped)), what.dropped),
    ):
        if texts:
            lines += [heading, *_bullets(map(verbatim, texts))]
    if what.checks:
        lines.append(_("The numbers are compared in another way."))
    return lines


def _bullets(texts: Iterable[Message]) -> list[Message]:
    said = [Message("• {text}", {"text": text}) for text in texts]
    hidden = len(said) - MOST_NAMED
    if hidden <= 0:
        return said
    return [
        *said[:MOST_NAMED],
        ngettext("… and {count} more question.", "… and {count} more questions.", hidden),
    ]


def _move(
    turn: Turn, report: Report, draft: Submission, newer: ChecklistRevision, answers: Answers
) -> Screen | None:
    """The answers that were lost by it, if any."""
    old = form_of(turn.session, report, draft, answers, turn.today)
    new = form_with(turn.session, newer.id, report, draft, answers, turn.today)
    lost = _unfit(new, answers)
    revisions.move(turn.session, report, draft, newer, lost, turn.me.id, turn.now)
    last.remember(turn.session, report, draft)
    if not lost:
        return None
    asked = new.every(answers)
    again, dropped = [key for key in lost if key in asked], [k for k in lost if k not in asked]
    lines = [strong(_("You are on the new form now."))]
    if again:
        lines += [_("Please answer again:"), *_lost(old, answers, again)]
    if dropped:
        lines += [_("No longer asked, so left out:"), *_lost(old, answers, dropped)]
    return Screen(tuple(lines), (Choice(_("Continue"), open_flow("report", report.id)),))


def _unfit(form: Form, answers: Answers) -> dict[str, Any]:
    """The answers that no question of the form can take."""
    every = form.every(answers)
    return {
        key: answer
        for key, answer in answers.items()
        if key not in every or not (answer is None or every[key].fits(answer))
    }


def _lost(old: Form, answers: Answers, keys: Iterable[str]) -> list[Message]:
    """Each question in its old words, with the answer to it."""
    every = old.every(answers)
    lines = []
    for key in keys:
        if key in every:
            shows = {"answer": shown.answer(every[key], answers[key])}
            line = {"question": shown.named(every[key]), **shows}
            lines.append(Message("• {question} → {answer}", line))
    return lines
