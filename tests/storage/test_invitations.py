"""Invitation codes admit their holder and nobody else."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from core.roles import Role
from core.units import UnitKind
from storage import invitations
from storage.invitations import ALARM_AT, ALPHABET, DAY, LASTS, WRONG_IN_A_DAY, BadCode, Invitation
from storage.people import Person
from storage.units import Unit
from tests.databases import BOTH, empty_database

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with empty_database(request.param) as engine, Session(engine) as session:
        session.add(Unit(id=1, code="THCS-1", name="Lê Lợi", kind=UnitKind.SCHOOL))
        session.commit()
        yield engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def people(session: Session, count: int) -> list[Person]:
    made = [Person(name=f"person {n}") for n in range(count)]
    session.add_all(made)
    session.flush()
    return made


def make(session: Session, uses: int = 1, role: Role = Role.REPORTER) -> str:
    return invitations.make(session, 1, role, None, NOW, uses)


def refusal(session: Session, code: str, person: Person, now: datetime = NOW) -> str:
    with pytest.raises(BadCode) as refused:
        invitations.look(session, code, person, now)
    return refused.value.message.id


def any_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def test_a_code_opens_the_role_it_was_made_for(session: Session) -> None:
    boss, lan = people(session, 2)
    code = invitations.make(session, 1, Role.HEAD, boss, NOW, topics=("safety",))
    found = invitations.look(session, code, lan, NOW)
    assert (found.unit_id, found.role, found.topics) == (1, Role.HEAD, ["safety"])
    assert found.made_by == boss.id
    invitations.use(session, found, lan, NOW)
    assert found.uses_left == 0


def test_codes_are_ten_letters_of_thirty_two_that_do_not_look_alike(session: Session) -> None:
    codes = {make(session) for _ in range(20)}
    assert len(codes) == 20
    assert {len(code) for code in codes} == {10}
    assert len(set(ALPHABET)) == 32
    assert not set("".join(codes)) - set(ALPHABET)
    assert not set(ALPHABET) & set("0O1I")


def test_the_code_is_kept_nowhere(session: Session) -> None:
    code = make(session)
    (row,) = session.exec(select(Invitation)).all()
    assert code.lower() not in str(row.model_dump()).lower()


@pytest.mark.parametrize(
    "typing",
    [
        str.lower,
        lambda code: f"  {code[:5]} {code[5:]}\n",
        lambda code: f"{code[:5]}-{code[5:7]}–{code[7:]}",
        lambda code: code.replace("L", "1"),
        lambda code: code.replace("L", "i"),
    ],
)
def test_slips_of_typing_are_forgiven(
    session: Session, monkeypatch: pytest.MonkeyPatch, typing: Callable[[str], str]
) -> None:
    letters = iter("ALB2CLD3EL")
    monkeypatch.setattr(secrets, "choice", lambda _alphabet: next(letters))
    code = make(session)
    (lan,) = people(session, 1)
    assert invitations.look(session, typing(code), lan, NOW).uses_left == 1


def test_missing_expired_and_used_up_codes_get_the_same_answer(session: Session) -> None:
    (lan,) = people(session, 1)
    used, expired = make(session), make(session)
    invitations.use(session, invitations.look(session, used, lan, NOW), lan, NOW)
    late = NOW + LASTS[Role.REPORTER]
    assert invitations.look(session, expired, lan, late - timedelta(seconds=1))
    answers = {refusal(session, code, lan, late) for code in (any_code(), used, expired, "", "x")}
    assert len(answers) == 1


def test_a_found_invitation_that_runs_out_meanwhile_is_not_used(session: Session) -> None:
    (lan,) = people(session, 1)
    found = invitations.look(session, make(session), lan, NOW)
    with pytest.raises(BadCode):
        invitations.use(session, found, lan, NOW + LASTS[Role.REPORTER])


def test_an_office_role_is_open_for_a_shorter_time(session: Session) -> None:
    (lan,) = people(session, 1)
    code = make(session, role=Role.ADMIN)
    assert refusal(session, code, lan, NOW + timedelta(hours=48))


def test_after_five_wrong_codes_even_the_right_one_waits_for_tomorrow(session: Session) -> None:
    lan, mai = people(session, 2)
    code = make(session)
    wrong = {refusal(session, any_code(), lan) for _ in range(WRONG_IN_A_DAY)}
    assert refusal(session, code, lan) not in wrong
    assert refusal(session, code, lan, NOW + DAY - timedelta(seconds=1)) not in wrong
    assert invitations.look(session, code, mai, NOW)
    assert invitations.look(session, code, lan, NOW + DAY)


def test_attempts_are_forgotten_after_a_day(session: Session) -> None:
    lan, mai = people(session, 2)
    refusal(session, any_code(), lan)
    refusal(session, any_code(), mai, NOW + DAY)
    assert len(session.exec(select(invitations.WrongCode)).all()) == 1
    assert invitations.wrong_today(session, NOW + DAY) == 1


def test_guessing_from_many_accounts_raises_an_alarm(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    for person in people(session, ALARM_AT // WRONG_IN_A_DAY):
        assert not caplog.records
        for _ in range(WRONG_IN_A_DAY):
            refusal(session, any_code(), person)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_one_use_has_exactly_one_winner_among_twenty(engine: Engine) -> None:
    assert race(engine, uses=1) == 1


def test_three_uses_have_exactly_three_winners_among_twenty(engine: Engine) -> None:
    assert race(engine, uses=3) == 3


def race(engine: Engine, uses: int) -> int:
    """How many of twenty who use the same code at the same moment get in."""
    with Session(engine) as session:
        code = make(session, uses)
        ids = [person.id for person in people(session, 20)]
        session.commit()
    start = Barrier(20)

    def enter(person_id: int) -> bool:
        with Session(engine, expire_on_commit=False) as session:
            person = session.get_one(Person, person_id)
            found = invitations.look(session, code, person, NOW)
            session.commit()
            start.wait(timeout=30)  # everybody saw it unused
            try:
                invitations.use(session, found, person, NOW)
            except BadCode:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(20) as pool:
        return sum(pool.map(enter, ids))


@pytest.mark.parametrize(
    ("accounts", "live", "guesses"),
    [(30, 5, 10), pytest.param(1_000, 400, 100, marks=pytest.mark.soak)],
)
def test_guesses_from_many_accounts_never_get_in(
    session: Session, accounts: int, live: int, guesses: int
) -> None:
    for _ in range(live):
        make(session)
    admitted = 0
    for person in people(session, accounts):
        for _ in range(guesses):
            refusal(session, any_code(), person)
    assert admitted == 0
    assert invitations.wrong_today(session, NOW) == accounts * WRONG_IN_A_DAY
