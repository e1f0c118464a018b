"""Send messages to many: in parts that never hold up a reply, and stopped between any two.

A tick begins what is due, keeps a few seconds of copies in the outbox, reads back what became of
them, and shows their authors how far it is. All truth is in the tables: a tick that was missed or
a program that was killed is made up for by the next tick, and two at once send nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.inbound import Desk, Times, tell, tell_all
from bot.writing import let_others_write
from core import writing
from core.audience import Audience
from core.calendar import next_allowed, working_later
from core.message import _
from core.screen import Choice, Screen, show
from handlers import acknowledge, delivery
from storage import broadcasts, closed_days, copies, daily_lines, files, outbox, receipts
from storage.broadcasts import Broadcast, Holder, Recipient, Stage, Why
from storage.copies import Waiting
from storage.daily_lines import OTHERS, About, Kind
from storage.database import reading
from storage.events import Event
from storage.files import Arrival
from storage.outbox import Draft, Lane
from storage.people import address_of

PART = 500  # recipients made in one transaction, about 20 ms
AHEAD = 4  # seconds of copies that wait in the outbox
MOST_AT_ONCE = 250  # copies of one transaction, a few hundredths of a second
SHOW_EVERY = timedelta(seconds=3)  # a messenger slows down who edits a message more often
LOOK_BACK = timedelta(days=3)  # at what was begun, for corrections and for who acknowledges
LONGEST_REST = timedelta(days=21)  # Tết with its weekends, before who keeps silent is reminded
ENDED = (Stage.STOPPED, Stage.SENT)
FIRST_AFTER = timedelta(hours=4)  # of work: who is silent is reminded
SECOND_AFTER = timedelta(hours=24)  # by then the others of their school are asked, too
EDITING = frozenset({"telegram"})  # elsewhere only the end is shown, as each time is a message


@dataclass(frozen=True, slots=True)
class Post:
    """What every tick needs. rate: copies a second."""

    engine: Engine
    desk: Desk
    rate: float

    @property
    def ahead(self) -> int:
        return ceil(self.rate * AHEAD)


def tick(post: Post, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    for broadcast_id in _to_begin(post.engine, times):
        _begin(post, broadcast_id, times)
    begun = _begun(post.engine, times)
    return sum(_go_on(post, id, times) for id in begun)


def halted(engine: Engine, times: Times) -> list[int]:
    """What was paused or stopped, by whichever process."""
    with reading(engine) as session:
        return broadcasts.halted(session, times.now - LOOK_BACK)


def _to_begin(engine: Engine, times: Times) -> list[int]:
    due = col(Broadcast.send_at).is_(None) | (col(Broadcast.send_at) <= times.now)
    with reading(engine) as session:
        waiting = select(Broadcast.id).where(Broadcast.stage == Stage.WAITING, due)
        return list(session.exec(waiting.order_by(col(Broadcast.id))))


def _begun(engine: Engine, times: Times) -> list[int]:
    recent = col(Broadcast.begun_at) > times.now - LOOK_BACK
    to_remind = (col(Broadcast.begun_at) > times.now - LONGEST_REST) & (Broadcast.reminded < 2)
    with reading(engine) as session:
        begun = select(Broadcast.id).where(
            col(Broadcast.stage).in_([Stage.SENDING, Stage.PAUSED])
            | (col(Broadcast.stage).in_(ENDED) & recent)
            | ((col(Broadcast.stage) == Stage.SENT) & to_remind)
        )
        return list(session.exec(begun.order_by(col(Broadcast.id))))


# Beginning


def _begin(post: Post, broadcast_id: int, times: Times) -> None:
    """Make its recipients. One that was killed in the middle is begun again."""
    holders = _meant(post, broadcast_id, times)
    for start in range(0, len(holders or []), PART):
        with Session(post.engine) as session:
            if _waiting(session, broadcast_id) is None:
                return  # stopped meanwhile
            copies.make(session, broadcast_id, (holders or [])[start : start + PART])
            session.commit()
        let_others_write(post.engine)
    with Session(post.engine) as session:
        broadcast = _waiting(session, broadcast_id)
        if broadcast and holders is not None:
            broadcasts.move(session, broadcast, Stage.SENDING, None, times.now)
            session.commit()


def _meant(post: Post, broadcast_id: int, times: Times) -> list[Holder] | None:
    """Whom it is for by now; None where it cannot begin yet."""
    with Session(post.engine) as session:
        broadcast = _waiting(session, broadcast_id)
        if broadcast is None or not _files_are_here(session, post.desk, broadcast, times):
            session.commit()
            return None
        wanted, office_id = Audience.from_json(broadcast.audience), broadcast.unit_id
    with reading(post.engine) as session:
        today = times.now.astimezone(post.desk.zone).date()
        reached = broadcasts.reach(session, wanted, office_id, today)
    with Session(post.engine) as session:
        if broadcast := _waiting(session, broadcast_id):
            broadcast.begun_at = times.now
            broadcast.unit_ids = sorted(reached.units)
            session.commit()
    return list(reached.people.values()) if broadcast else None


def _waiting(session: Session, broadcast_id: int) -> Broadcast | None:
    broadcast = session.get(Broadcast, broadcast_id, with_for_update=True)
    return broadcast if broadcast and broadcast.stage is Stage.WAITING else None


def _files_are_here(session: Session, desk: Desk, broadcast: Broadcast, times: Times) -> bool:
    """Nothing is passed on before its content was looked at."""
    arrivals = files.arrivals(session, writing.uploads(broadcast.letter))
    if bad := [name for name, arrival in arrivals if arrival in _UNUSABLE]:
        broadcasts.move(session, broadcast, Stage.DRAFT, None, times.now)
        why = _("It was not sent, as “{name}” cannot be used. Please change it.", name=bad[0])
        look = Choice(_("See the message"), show("broadcast", str(broadcast.id)))
        _say(session, desk, broadcast.author_id, Screen((why,), (look,)), times)
    return all(arrival is Arrival.STORED for _name, arrival in arrivals)


_UNUSABLE = (Arrival.REFUSED, Arrival.LOST)


def _say(session: Session, desk: Desk, person_id: int, screen: Screen, times: Times) -> None:
    drafts = tell(session, desk, person_id, screen)
    session.flush()
    outbox.add(session.connection(), drafts, times.machine)


# Sending


def _go_on(post: Post, broadcast_id: int, times: Times) -> int:
    written = _look_after(post, broadcast_id, times)
    while more := _queue_more(post, broadcast_id, times):
        written += more
        let_others_write(post.engine)
    return written


def _look_after(post: Post, broadcast_id: int, times: Times) -> int:
    """All but its copies: what became of them, corrections, reminders, and how far it is."""
    with Session(post.engine) as session:
        broadcast = session.get_one(Broadcast, broadcast_id, with_for_update=True)
        copies.settle(session, broadcast.id, times.now)
        if broadcast.reminded and not broadcast.urgent:
            copies.settle_daily(session, broadcast.id)
        drafts = _corrections(session, post, broadcast)
        drafts += _reminders(session, post, broadcast, times)
        session.flush()
        outbox.add(session.connection(), drafts, times.machine)
        if broadcast.stage is Stage.SENDING and not copies.any_open(session, broadcast.id):
            broadcasts.move(session, broadcast, Stage.SENT, None, times.now)
        shown = _show(session, post.desk, broadcast, times)
        session.commit()
    return len(drafts) + shown


def _queue_more(post: Post, broadcast_id: int, times: Times) -> int:
    """Write some of its copies, where the outbox is not a few seconds ahead; return how many."""
    with Session(post.engine) as session:
        broadcast = session.get_one(Broadcast, broadcast_id, with_for_update=True)
        if broadcast.stage is not Stage.SENDING:
            return 0
        room = post.ahead - copies.queued(session, broadcast.id)
        waiting = copies.take_waiting(session, broadcast.id, max(0, min(room, MOST_AT_ONCE)))
        drafts = _copies(session, post, broadcast, waiting)
        outbox.add(session.connection(), drafts, times.machine)
        session.commit()
    return len(drafts)


def _copies(
    session: Session, post: Post, broadcast: Broadcast, waiting: Sequence[Waiting]
) -> list[Draft]:
    screen, ids = delivery.copy(session, broadcast), [one.person_id for one in waiting]
    told = tell_all(session, post.desk, ids, screen, lane=Lane.BROADCAST)
    reached = [one for one in waiting if one.person_id in told]
    copies.queue(session, [one.id for one in reached], broadcast.version)
    closed = [one.id for one in waiting if one.person_id not in told]
    copies.fail(session, closed, Why.CLOSED)
    return [draft for one in reached for draft in _keyed(told[one.person_id], one.message_key)]


def _keyed(drafts: Sequence[Draft], key: str) -> list[Draft]:
    """Files that do not fit the first message follow in others, which need none."""
    first, *more = drafts
    return [replace(first, key=key), *more]


def _corrections(session: Session, post: Post, broadcast: Broadcast) -> list[Draft]:
    screen = delivery.correction(session, broadcast)
    drafts: list[Draft] = []
    for recipient in copies.take_outdated(session, broadcast, post.ahead):
        sent = copies.reference(session, recipient)
        edits = None if recipient.acknowledged_at else sent
        key = f"{recipient.message_key}:{broadcast.version}"
        drafts += _to(session, post, recipient, screen, key=key, edits=edits)
        recipient.version, recipient.acknowledged_at = broadcast.version, None
    return drafts


def _reminders(session: Session, post: Post, broadcast: Broadcast, times: Times) -> list[Draft]:
    """To those who keep silent: of what is urgent at once, else in their message of a day."""
    time = _time_come(session, post.desk.zone, broadcast, times.now)
    if time == 0:
        return []
    most = post.ahead if broadcast.urgent else PART
    silent = receipts.take_silent(session, broadcast, time, most)
    drafts = _remind(session, post, broadcast, silent, times, time)
    for recipient in silent:
        recipient.reminded = time
    if time == 2 and broadcast.reminded < 2 and len(silent) < most:
        _ask_others(session, post, broadcast, times)
    return drafts


def _time_come(session: Session, zone: ZoneInfo, broadcast: Broadcast, now: datetime) -> int:
    """Whether the first or second reminder is to be given now; 0 for none."""
    begun, today = broadcast.begun_at, now.astimezone(zone).date()
    if broadcast.stage is not Stage.SENT or begun is None or now < begun + FIRST_AFTER:
        return 0
    works = closed_days.works(session)
    if not works(today) or next_allowed(now, zone) != now:
        return 0
    if broadcast.event_id and session.get_one(Event, broadcast.event_id).has_begun(today):
        return 0
    first = working_later(begun, FIRST_AFTER, zone, works)
    return 2 if now >= max(begun + SECOND_AFTER, first) else int(now >= first)


def _remind(
    session: Session,
    post: Post,
    broadcast: Broadcast,
    silent: Sequence[Recipient],
    times: Times,
    time: int,
) -> list[Draft]:
    if not broadcast.urgent:
        about = About(Kind.UNREAD, broadcast.id, str(time))
        people = [recipient.person_id for recipient in silent]
        daily_lines.note(session, about, people, times.now, post.desk.zone)
        return []
    screen = acknowledge.reminder(session, broadcast)
    drafts: list[Draft] = []
    for recipient in silent:
        key, to = receipts.reminder_key(recipient.message_key, time), recipient.person_id
        drafts += tell(session, post.desk, to, screen, lane=Lane.NUDGE, key=key)
    return drafts


def _ask_others(session: Session, post: Post, broadcast: Broadcast, times: Times) -> None:
    """Who else holds a post at a silent school hears of the message too."""
    broadcast.reminded = 2
    others = receipts.others_of_silent(session, broadcast)
    if others and broadcast.urgent:
        copies.make(session, broadcast.id, others, broadcast.reminded)
        broadcasts.move(session, broadcast, Stage.SENDING, None, times.now)
    elif others:
        about, people = About(Kind.UNREAD, broadcast.id, OTHERS), [one.person_id for one in others]
        daily_lines.note(session, about, people, times.now, post.desk.zone)


def _to(
    session: Session,
    post: Post,
    recipient: Recipient,
    screen: Screen,
    *,
    key: str,
    edits: str | None = None,
) -> list[Draft]:
    to = recipient.person_id
    return tell(session, post.desk, to, screen, lane=Lane.BROADCAST, key=key, edits=edits)


# Showing how far it is


def _show(session: Session, desk: Desk, broadcast: Broadcast, times: Times) -> int:
    """One message to its author, which changes in place."""
    if not _may_show(broadcast, times):
        return 0
    counts = copies.count(session, broadcast)
    to_show = {"stage": str(broadcast.stage), **counts.to_json()}
    address = address_of(session, broadcast.author_id)
    if address is None or not (address.channel in EDITING or broadcast.stage in ENDED):
        return 0
    if to_show == broadcast.shown:
        return 0
    key = f"progress:{broadcast.id}:{address.id}"
    screen = delivery.progress(broadcast, counts)
    for draft in tell(session, desk, broadcast.author_id, screen, key=key):
        outbox.replace_waiting(session.connection(), draft, times.machine)
    broadcast.shown, broadcast.shown_at = to_show, times.machine
    return 1


def _may_show(broadcast: Broadcast, times: Times) -> bool:
    """Counting takes a while, so it is done no more often than it may be shown."""
    if not broadcast.watched and broadcast.stage in ENDED:
        return False
    at = broadcast.shown_at
    return at is None or abs(times.machine - at) >= SHOW_EVERY
