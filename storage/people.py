"""People, the chats in which each is reached, and the posts they hold."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, bindparam
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select, update

from core.roles import AT_A_SCHOOL, AT_THE_OFFICE, Role, Standing, at_level, may_hand_over
from core.units import Level
from storage import audit
from storage.database import Instant, Json, insert_for, primary_key, words
from storage.prepared import Prepared
from storage.units import Unit

HEARD_EVERY = timedelta(minutes=5)  # how exact `last_heard_at` is; saves a write a message


class Person(SQLModel, table=True):
    """conversation_id: the conversation this person is in now; their other ones wait.

    name, phone: "" until told. language: "" until chosen, then the app's own is used.
    consent_at: when they agreed to be kept; nothing but the chat is kept before.
    post_id: for which post they act now.
    told_at: the local time of their one message a day; None for the usual one.
    """

    id: int = primary_key()
    name: str = ""
    phone: str = ""
    language: str = ""
    consent_at: datetime | None = Field(default=None, sa_type=Instant)
    post_id: int | None = None
    conversation_id: int | None = None
    told_at: time | None = None


class Address(SQLModel, table=True):
    """A chat on one channel. A person may have several, for instance Telegram and Zalo.

    menu: which command menu the chat was last given, see `bot.menus`.
    """

    __table_args__ = (UniqueConstraint("channel", "chat"),)

    id: int = primary_key()
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: str
    chat: str
    reachable: bool = True
    last_heard_at: datetime | None = Field(default=None, sa_type=Instant)
    menu: str = ""


class Post(SQLModel, table=True):
    """A person's role at a unit. topics: empty for all.

    caught_up: whether its holder was reminded of what was due when they came.
    """

    id: int = primary_key()
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    role: Role = words(Role)
    topics: list[str] = Field(default_factory=list, sa_type=Json())
    standing: Standing = words(Standing, default=Standing.PENDING)
    since: datetime = Field(sa_type=Instant)
    until: datetime | None = Field(default=None, sa_type=Instant)
    caught_up: bool = Field(default=False, index=True)


@dataclass(frozen=True, slots=True)
class Acting:
    """The person who is being answered, in the post they act for now.

    Read afresh in every turn, so that a post that ended gives no right any more.
    name: "" until told. language: as chosen, "" until then. role, unit: None without a post.
    """

    id: int
    name: str
    language: str
    consented: bool
    address_id: int
    channel: str
    chat: str
    reachable: bool
    last_heard_at: datetime | None
    conversation_id: int | None
    post_id: int | None
    role: Role | None
    unit_id: int | None
    unit_name: str | None

    @property
    def at_a_school(self) -> bool:
        return self.role in AT_A_SCHOOL

    @property
    def at_the_office(self) -> bool:
        return self.role in AT_THE_OFFICE


_ACTING = Prepared(
    select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
        Person.id,
        Person.name,
        Person.language,
        col(Person.consent_at).is_not(None),
        Address.id,
        Address.channel,
        Address.chat,
        Address.reachable,
        Address.last_heard_at,
        Person.conversation_id,
        Post.id,
        Post.role,
        Unit.id,
        Unit.name,
    )
    .select_from(Address)
    .join(Person)
    .outerjoin(Post, (col(Post.id) == Person.post_id) & (col(Post.standing) == Standing.ACTIVE))
    .outerjoin(Unit, col(Unit.id) == Post.unit_id)
    .where(Address.channel == bindparam("channel"), Address.chat == bindparam("chat"))
    # Locked, so that two processes answer one person one message at a time; with a lock that
    # lets others write rows about the person, who might wait for each other otherwise.
    .with_for_update(of=Person, key_share=True)
)


def meet(connection: Connection, channel: str, chat: str, now: datetime) -> Acting:
    """The person behind a chat, locked until the transaction ends; made known if new."""
    me = acting(connection, channel, chat) or _made_known(connection, channel, chat, now)
    heard = me.last_heard_at
    if not me.reachable or heard is None or abs(now - heard) > HEARD_EVERY:
        _heard(connection, me.address_id, now)
    return me


def acting(connection: Connection, channel: str, chat: str) -> Acting | None:
    """As `meet`, of somebody who said nothing now."""
    row = _ACTING.first(connection, {"channel": channel, "chat": chat})
    return Acting(*row) if row else None


def _made_known(connection: Connection, channel: str, chat: str, now: datetime) -> Acting:
    insert = insert_for(connection)
    person = connection.execute(insert(Person).returning(col(Person.id)), {}).scalar_one()
    address = {"person_id": person, "channel": channel, "chat": chat, "reachable": True}
    # Another process may meet the same chat at the same instant; then theirs is the one.
    connection.execute(
        insert(Address).on_conflict_do_nothing(), {**address, "menu": "", "last_heard_at": now}
    )
    return Acting(*_ACTING.one(connection, {"channel": channel, "chat": chat}))


def _heard(connection: Connection, address_id: int, now: datetime) -> None:
    connection.execute(_HEARD, {"at": address_id, "now": now})


_HEARD = (
    update(Address)
    .where(col(Address.id) == bindparam("at"))
    .values(reachable=True, last_heard_at=bindparam("now"))
)


def set_reachable(session: Session, address_id: int, reachable: bool) -> None:
    session.exec(update(Address).where(col(Address.id) == address_id).values(reachable=reachable))


def is_closed(session: Session, address_id: int) -> bool:
    """Whether the chat gets nothing any more."""
    return not session.get_one(Address, address_id).reachable


def move_chat(session: Session, channel: str, old: str, new: str) -> None:
    session.exec(
        update(Address)
        .where(col(Address.channel) == channel, col(Address.chat) == old)
        .values(chat=new)
    )


def address_of(session: Session, person_id: int) -> Address | None:
    """The chat to write to when the bot speaks first: the reachable one heard from last."""
    return session.exec(
        select(Address)
        .where(Address.person_id == person_id)
        .order_by(col(Address.reachable).desc(), col(Address.last_heard_at).desc())
        .limit(1)
    ).first()


def addresses_of(session: Session, person_ids: Collection[int]) -> dict[int, tuple[Address, str]]:
    """As `address_of`, of many, with their languages; who can be reached nowhere is left out."""
    rows = session.exec(
        select(Address, Person.language)
        .join(Person)
        .where(col(Address.person_id).in_(person_ids), col(Address.reachable).is_(True))
        .order_by(col(Address.last_heard_at).nulls_first(), col(Address.id))
    )
    return {address.person_id: (address, language) for address, language in rows}


def posts_of(session: Session, person_id: int) -> list[tuple[Post, Unit]]:
    """Held and asked for, not those that ended; oldest first."""
    return list(
        session.exec(
            select(Post, Unit)
            .join(Unit, col(Unit.id) == Post.unit_id)
            .where(Post.person_id == person_id, Post.standing != Standing.ENDED)
            .order_by(col(Post.id))
        )
    )


def holders(
    session: Session, unit_id: int, roles: frozenset[Role] | set[Role]
) -> list[tuple[Post, Person]]:
    """Who holds a post with one of these roles at a unit."""
    return list(
        session.exec(
            select(Post, Person)
            .join(Person, col(Person.id) == Post.person_id)
            .where(Post.unit_id == unit_id, Post.standing == Standing.ACTIVE)
            .where(col(Post.role).in_(roles))
            .order_by(col(Post.id))
        )
    )


def at_school(session: Session, unit_id: int) -> list[Person]:
    """Everybody who holds a post at a school, once each."""
    return _each_once([person for _post, person in holders(session, unit_id, AT_A_SCHOOL)])


def units_of(session: Session, person_ids: Collection[int]) -> dict[int, set[int]]:
    """By person, where they hold a post; who holds none is left out."""
    active = select(Post.person_id, Post.unit_id).where(Post.standing == Standing.ACTIVE)
    found: dict[int, set[int]] = {}
    for person_id, unit_id in session.exec(active.where(col(Post.person_id).in_(person_ids))):
        found.setdefault(person_id, set()).add(unit_id)
    return found


def at_schools(session: Session, unit_ids: Collection[int]) -> dict[int, list[Person]]:
    """As `at_school`, of several schools at once."""
    rows = session.exec(
        select(Post.unit_id, Person)
        .join(Person, col(Person.id) == Post.person_id)
        .where(col(Post.unit_id).in_(unit_ids), Post.standing == Standing.ACTIVE)
        .where(col(Post.role).in_(AT_A_SCHOOL))
        .order_by(col(Post.id))
    )
    found: dict[int, list[Person]] = {}
    for unit_id, person in rows:
        found.setdefault(unit_id, []).append(person)
    return {unit_id: _each_once(held) for unit_id, held in found.items()}


def responsible(
    session: Session, unit_id: int, topic: str, levels: Collection[str] = tuple(Level)
) -> list[Person]:
    """The officers of a unit who hold the topic, else all its officers, else its admins.

    levels: of the school it is about; officers of another level come in only without others.
    """
    held = contacts(session, unit_id, levels)
    of_topic = [person for post, person in held if topic and topic in post.topics]
    return _each_once(of_topic or [person for _post, person in held])


def contacts(session: Session, unit_id: int, levels: Collection[str]) -> list[tuple[Post, Person]]:
    """The officers of a unit for schools of these levels, else all of them, else its admins."""
    officers = holders(session, unit_id, {Role.OFFICER})
    of_level = [(post, one) for post, one in officers if at_level(post.topics, levels)]
    return of_level or officers or holders(session, unit_id, {Role.ADMIN})


def is_head(session: Session, person_id: int, unit_id: int | None) -> bool:
    """Whether they hold the post of head there, also while they act for another of theirs."""
    heads = holders(session, unit_id or 0, {Role.HEAD})
    return person_id in {person.id for _post, person in heads}


def give_post(
    session: Session,
    person_id: int,
    unit_id: int,
    role: Role,
    now: datetime,
    *,
    standing: Standing,
    topics: list[str] | None = None,
) -> Post:
    """A post, made once: who holds or awaits it already keeps that one."""
    post = session.exec(
        select(Post).where(
            Post.person_id == person_id,
            Post.unit_id == unit_id,
            Post.role == role,
            Post.standing != Standing.ENDED,
        )
    ).first() or Post(person_id=person_id, unit_id=unit_id, role=role, since=now)
    if post.standing is not Standing.ACTIVE:
        post.standing, post.since = standing, now
    post.topics = topics or post.topics or []
    session.add(post)
    session.flush()
    audit.record(session, now, person_id, post, f"post {standing}", None, {"role": role})
    return post


def pending_post(session: Session, post_id: int) -> Post | None:
    """A post somebody asks for, locked; None when it is decided."""
    post = session.get(Post, post_id, with_for_update=True, populate_existing=True)
    return post if post and post.standing is Standing.PENDING else None


def activate(session: Session, post: Post, by_id: int, now: datetime) -> bool:
    """The office accepts. Whether the person acts for this post now, as they had no other."""
    post.standing, post.since = Standing.ACTIVE, now
    audit.record(session, now, by_id, post, "admitted")
    others = session.exec(
        select(Post.id).where(
            Post.person_id == post.person_id,
            Post.standing == Standing.ACTIVE,
            Post.id != post.id,
        )
    ).first()
    if others is None:
        act_for(session, post.person_id, post.id)
    return others is None


def end_post(session: Session, post: Post, by_id: int, now: datetime, why: str) -> None:
    post.standing, post.until = Standing.ENDED, now
    audit.record(session, now, by_id, post, why)


def lock_post(session: Session, post_id: int) -> Post:
    """As it is once nobody is just changing it, and until the commit.

    Its holder first, as in their own turns: two locks taken crosswise would never be had.
    """
    holder = select(Post.person_id).where(Post.id == post_id).scalar_subquery()
    lock = select(Person.id).where(Person.id == holder).with_for_update(key_share=True)
    session.exec(lock).first()
    return session.get_one(Post, post_id, with_for_update=True, populate_existing=True)


def to_hand_over(session: Session, me: Acting) -> list[tuple[Post, Person]]:
    """Those at the unit a person acts for that they may hand over."""
    held = holders(session, me.unit_id or 0, frozenset(Role))
    return [(post, person) for post, person in held if _may_hand_over(me, post)]


def post_to_hand_over(session: Session, me: Acting, post_id: int) -> Post | None:
    """A post wherever it is, if this person may hand it over; locked."""
    post = session.get(Post, post_id, with_for_update=True, populate_existing=True)
    return post if post and _may_hand_over(me, post) else None


def _may_hand_over(me: Acting, post: Post) -> bool:
    if me.role is None or post.standing is not Standing.ACTIVE:
        return False
    same_unit = post.unit_id == me.unit_id
    return may_hand_over(me.role, post.role, own=post.id == me.post_id, same_unit=same_unit)


def act_for_another(session: Session, person_id: int) -> None:
    """After a post of theirs ended: the oldest they still hold, if any."""
    held = [post for post, _unit in posts_of(session, person_id)]
    active = [post.id for post in held if post.standing is Standing.ACTIVE]
    act_for(session, person_id, active[0] if active else None)


def is_last_admin(session: Session, person_id: int) -> bool:
    admins = session.exec(
        select(Post.person_id).where(Post.role == Role.ADMIN, Post.standing == Standing.ACTIVE)
    ).all()
    return set(admins) == {person_id}


def set_language(session: Session, person_id: int, language: str) -> None:
    session.exec(update(Person).where(col(Person.id) == person_id).values(language=language))


def act_for(session: Session, person_id: int, post_id: int | None) -> None:
    session.exec(update(Person).where(col(Person.id) == person_id).values(post_id=post_id))


def _each_once(people: list[Person]) -> list[Person]:
    return list({person.id: person for person in people}.values())
