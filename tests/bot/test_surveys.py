"""Surveys over real sockets: a form for anybody, answered once, and what forgers get from it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from sqlmodel import Session, col, select

from bot import surveys as web_surveys
from bot.pace import Allowance
from bot.surveys import LARGEST_BODY, Surveys
from bot.web import Health, make_app, serve
from core.roles import Role
from storage import people, surveys, units
from storage.surveys import Survey, SurveyAnswer, SurveyDevice, SurveyLink
from storage.units import OFFICE_CODE
from tests.conftest import someone
from tests.databases import all_rows
from tests.phone import HANOI, Office

ASKED = [
    {"kind": "choice", "text": "Quý vị có hài lòng?", "options": ["Rất <hài> lòng", "Chưa"]},
    {"kind": "choices", "text": "Điều gì tốt?", "options": ["Thầy cô", "Sân chơi", "Bữa ăn"]},
    {"kind": "yes_no", "text": "Trường có báo tin kịp thời không?"},
    {"kind": "number", "text": "Nhà có mấy con đi học?"},
]
GOOD = [("q1", "1"), ("q2", "1"), ("q2", "3"), ("q3", "yes"), ("q4", "2")]
KEPT = {"1": "1", "2": ["1", "3"], "3": True, "4": 2}
LAST_DAY = date(2026, 11, 30)

Fields = list[tuple[str, str]]
Visit = Callable[["Visitor"], Awaitable[None]]


class Visitor:
    """A browser. codes: of the links, "" for the one for all schools."""

    def __init__(self, client: ClientSession, url: str, codes: dict[str, str]) -> None:
        self.client, self.url, self.codes = client, url, codes

    async def opens(self, school: str = "LL") -> tuple[int, str]:
        return await self.asks(f"/phieu/{self.codes[school]}")

    async def asks(self, path: str, **more: Any) -> tuple[int, str]:
        async with self.client.get(self.url + path, **more) as response:
            return response.status, await response.text()

    async def sends(self, fields: Fields, school: str = "LL", **headers: str) -> tuple[int, str]:
        """What a form that was opened before sends."""
        _status, page = await self.opens(school)
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
        return await self.posts([*hidden, *fields], school, **headers)

    async def posts(self, fields: Fields, school: str = "LL", **headers: str) -> tuple[int, str]:
        where = f"{self.url}/phieu/{self.codes[school]}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.post(where, data=fields, headers=named) as response:
            return response.status, await response.text()


@pytest.fixture
def survey(office: Office) -> dict[str, str]:
    """The codes of a survey's links, by the code of the school."""
    someone(office, "telegram", "Minh", OFFICE_CODE, Role.OFFICER)
    with Session(office.engine) as session:
        head = units.office(session)
        [(_post, minh)] = people.holders(session, head.id, {Role.OFFICER})
        made = Survey(
            unit_id=head.id,
            author_id=minh.id,
            title="Hài lòng & góp ý",
            asked=ASKED,
            closes_on=LAST_DAY,
            least=5,
            made_at=office.now,
        )
        schools = {unit.id: unit.code for unit in units.schools(session, office.now.date())}
        surveys.make(session, made, list(schools))
        session.commit()
        links = session.exec(select(SurveyLink)).all()
        return {schools.get(link.unit_id or 0, ""): link.code for link in links}


def visit(office: Office, codes: dict[str, str], *visits: Visit) -> None:
    """Each in a browser of its own, on the pages of a program that is asked for updates."""

    async def health() -> Health:
        return Health(ok=True)

    async def main() -> None:
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        pages = Surveys(office.engine, "vi", HANOI, lambda: office.now, "http://127.0.0.1")
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            app = make_app(health, more=[pages.route])
            task = group.create_task(serve(app, "127.0.0.1:0", ready.set_result))
            url = f"http://{await ready}"
            for one in visits:
                async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
                    await one(Visitor(client, url, codes))
            task.cancel()

    asyncio.run(main())


def kept(office: Office) -> list[tuple[str, dict[str, Any]]]:
    """Each answer, with the code of its school."""
    with Session(office.engine) as session:
        rows = session.exec(select(SurveyAnswer).order_by(col(SurveyAnswer.id))).all()
        return [(session.get_one(units.Unit, one.unit_id).code, one.answers) for one in rows]


def test_anybody_answers_once(office: Office, survey: dict[str, str]) -> None:
    async def parent(browser: Visitor) -> None:
        status, page = await browser.opens()
        assert status == 200
        assert '<html lang="vi">' in page
        assert "Rất &lt;hài&gt; lòng" in page
        assert "Hài lòng &amp; góp ý" in page
        assert "Trường TH Lê Lợi" in page
        assert "<script" not in page
        assert "ghi nhận" in (await browser.sends(GOOD))[1]
        assert "đã trả lời rồi" in (await browser.opens())[1]
        assert "đã trả lời rồi" in (await browser.opens(""))[1]

    async def another(browser: Visitor) -> None:
        assert "ghi nhận" in (await browser.sends([*GOOD, ("school", school)], ""))[1]

    with Session(office.engine) as session:
        unit = units.with_code(session, "QT")
        assert unit
        school = str(unit.id)
    visit(office, survey, parent, another)
    assert kept(office) == [("LL", KEPT), ("QT", KEPT)]


def test_what_is_missing_is_said_and_nothing_that_was_filled_in_is_lost(
    office: Office, survey: dict[str, str]
) -> None:
    async def parent(browser: Visitor) -> None:
        some = [("q1", "2"), ("q2", "3"), ("q4", "nhiều <b>")]
        status, page = await browser.sends(some, "")
        assert all(words in page for words in ("Chọn trường", "Xin chọn trường", "Gửi câu trả"))
        assert status == 422
        assert 'role="alert"' in page
        assert [k for k in ("school", "1", "2", "3", "4") if f'href="#f{k}"' in page] == [
            *("school", "3", "4")
        ]
        assert 'value="2" checked' in page
        assert 'value="nhiều &lt;b&gt;"' in page
        for wrong in ([("q1", "9")], [("q3", "maybe")], [("q4", "-1")], [("q4", "9" * 30)], []):
            fields = [one for one in GOOD if one[0] not in {name for name, _value in wrong}]
            status, _page = await browser.sends(fields + wrong if wrong else [])
            assert status == 422

    visit(office, survey, parent)
    assert kept(office) == []


def test_closed_and_unknown_surveys_say_so(office: Office, survey: dict[str, str]) -> None:
    async def late(browser: Visitor) -> None:
        _status, page = await browser.opens()
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
        office.now = office.now.replace(year=2027)
        assert (await browser.opens())[0] == 200
        assert "không nhận thêm" in (await browser.opens())[1]
        assert "không nhận thêm" in (await browser.posts([*fields, *GOOD]))[1]
        for path in ("/phieu/unknown", "/phieu/" + "x" * 2000, "/phieu/%00", "/phieu/'--"):
            status, page = await browser.asks(path)
            assert (status, "không mở khảo sát nào" in page) == (404, True)

    visit(office, survey, late)
    assert kept(office) == []


def test_other_sites_and_machines_answer_nothing(office: Office, survey: dict[str, str]) -> None:
    async def forger(browser: Visitor) -> None:
        assert (await browser.posts(GOOD))[0] == 403  # no word was given
        await browser.opens()
        assert (await browser.posts([*GOOD, ("once", "x" * 32), ("school", "2")]))[0] == 403
        assert (await browser.sends(GOOD, Origin="https://evil.example"))[0] == 403
        assert (await browser.sends(GOOD, Sec_Fetch_Site="cross-site"))[0] == 403
        assert (await browser.sends([*GOOD, ("q1", "x" * LARGEST_BODY)]))[0] == 413
        many = [(f"x{number}", "1") for number in range(300)]
        assert (await browser.sends([*GOOD, *many]))[0] == 403

    visit(office, survey, forger)
    assert kept(office) == []


def test_too_many_visits_from_one_place_are_asked_to_wait(
    office: Office, survey: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_surveys, "VISITS", Allowance(burst=3, interval=60))

    async def machine(browser: Visitor) -> None:
        assert [(await browser.opens())[0] for _time in range(5)] == [200, 200, 200, 429, 429]

    visit(office, survey, machine)


def test_sent_twice_at_once_it_counts_once(office: Office, survey: dict[str, str]) -> None:
    async def impatient(browser: Visitor) -> None:
        _status, page = await browser.opens()
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
        pages = await asyncio.gather(*(browser.posts([*hidden, *GOOD]) for _time in range(4)))
        assert {status for status, _page in pages} == {200}

    visit(office, survey, impatient)
    assert len(kept(office)) == 1


def test_nothing_that_is_kept_or_sent_says_who_it_was(
    office: Office, survey: dict[str, str]
) -> None:
    words: list[str] = []

    async def parent(browser: Visitor) -> None:
        agent = {"user-agent": "a-very-special-browser", "x-forwarded-for": "203.0.113.77"}
        async with browser.client.get(f"{browser.url}/phieu/{survey['LL']}", headers=agent) as got:
            assert "set-cookie" in got.headers
            assert "httponly" in got.headers["set-cookie"].lower()
            assert "samesite=lax" in got.headers["set-cookie"].lower()
            assert "default-src 'none'" in got.headers["content-security-policy"]
            assert got.headers["cache-control"] == "no-store"
            words.extend(one.value for one in got.cookies.values())
        await browser.sends(GOOD, User_Agent="a-very-special-browser")

    visit(office, survey, parent)
    with Session(office.engine) as session:
        assert len(session.exec(select(SurveyDevice)).all()) == 1
        columns = set(SurveyAnswer.model_fields)
    assert columns == {"id", "survey_id", "unit_id", "answers"}
    stored = [rows for name, rows in all_rows(office.engine).items() if "survey" in name]
    for word in (*words, "special", "127.0.0.1", "203.0.113.77"):
        assert word not in str(stored)
