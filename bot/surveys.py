"""Surveys on the web: who opens a link gets a form, answers it once, and is told so.

Nothing is kept of who answers. Each device is given a random word for each survey, in a cookie;
the form shows it again, which another site's page could not do, and only what it was made into by
a hash is kept. Addresses are looked at in memory, so that one of them cannot fill the database.
"""

import asyncio
import hmac
import logging
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot import survey_page
from bot.pace import Allowance, ChatPace
from bot.survey_page import HEADERS, ONCE, SCHOOL
from core import survey as rules
from core.message import Message, _
from core.survey import Given
from handlers.flow import Answers
from handlers.survey import WEB_PATH
from storage import surveys
from storage.database import reading
from storage.surveys import Survey
from storage.units import Unit

PATH = WEB_PATH
LARGEST_BODY = 20_000  # bytes; a whole form of ten questions is under 2 kB
MOST_FIELDS = 200
REMEMBERED = 180 * 86_400  # seconds that a device keeps its word
# A class of parents behind one address answers at once; a machine goes on and on.
VISITS = Allowance(burst=240, interval=0.5)
SENT = "da-gui"  # in the address, where the answer was just taken

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DEVICE = re.compile(r"[A-Za-z0-9_-]{32}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """A page with one sentence. status: of HTTP."""

    status: int
    title: Message
    words: Message


CLOSED = Note(200, _("The survey is closed"), _("This survey takes no more answers. Thank you!"))
UNKNOWN = Note(404, _("No such survey"), _("Nothing is asked here; please check the link."))
TWICE = Note(200, _("Thank you!"), _("This device has answered already; one answer is enough."))
THANKS = Note(200, _("Thank you!"), _("Your answer is noted, without your name."))
STALE = Note(
    403,
    _("Please open the link again"),
    _("Your answer could not be checked; allow cookies here."),
)
TOO_FAST = Note(429, _("One moment"), _("Very many are answering now; please try in a minute."))
TOO_LARGE = Note(413, _("Too much"), _("That is more than the form asks for."))
TROUBLE = Note(503, _("One moment"), _("This did not work; please try again in a minute."))


@dataclass(frozen=True, slots=True)
class Opened:
    """A survey as its link opens it. schools: of which one is picked."""

    survey: Survey
    office: str
    schools: list[tuple[int, str]]


class Surveys:
    """now: the program's clock. public_url: where people reach this program."""

    def __init__(
        self,
        engine: Engine,
        language: str,
        zone: ZoneInfo,
        now: Callable[[], datetime],
        public_url: str,
    ) -> None:
        self._engine, self._language, self._zone, self._now = engine, language, zone, now
        self._public = urlsplit(public_url)
        self._pace = ChatPace(private=VISITS)

    @property
    def route(self) -> Route:
        return Route(f"/{PATH}/{{code:str}}", self._answer, methods=["GET", "POST"])

    async def _answer(self, request: Request) -> Response:
        if self._is_too_fast(request):
            return self._say(TOO_FAST)
        code = request.path_params["code"]
        try:
            if request.method == "POST":
                return await self._post(request, code)
            return await self._get(request, code)
        except Exception as error:  # whose words may hold what somebody answered
            log.error("a survey's page could not be shown: %s", type(error).__name__)
            return self._say(TROUBLE)

    async def _get(self, request: Request, code: str) -> Response:
        opened = await asyncio.to_thread(self._opened, code)
        if isinstance(opened, Note):
            return self._say(opened)
        survey, device = opened.survey, _device(request, opened.survey)
        if await asyncio.to_thread(self._has_answered, survey.id, device):
            return self._say(THANKS if SENT in request.query_params else TWICE)
        return self._form(opened, device or secrets.token_urlsafe(24), {}, ())

    async def _post(self, request: Request, code: str) -> Response:
        opened = await asyncio.to_thread(self._opened, code)
        if isinstance(opened, Note):
            return self._say(opened)
        body = await _body(request)
        if body is None:
            return self._say(TOO_LARGE)
        given, device = _fields(body), _device(request, opened.survey)
        if not (device and self._is_own_page(request) and _shows(given, device)):
            return self._say(STALE)
        answers, missing = rules.read(opened.survey.asked, given)
        school = _school(given, opened)
        if school is None or missing:
            missing = missing if school else [SCHOOL, *missing]
            return self._form(opened, device, given, missing)
        if refused := await asyncio.to_thread(
            self._keep, opened.survey.id, school, device, answers
        ):
            return self._say(refused)
        there = f"{self._public.path.rstrip('/')}/{PATH}/{code}?{SENT}=1"
        return RedirectResponse(there, 303, headers={"cache-control": "no-store"})

    # In a thread

    def _opened(self, code: str) -> Opened | Note:
        if not _CODE.fullmatch(code):
            return UNKNOWN
        with reading(self._engine) as session:
            found = surveys.opened_by(session, code)
            if found is None:
                return UNKNOWN
            survey, to = found
            if not survey.is_open(self._today()):
                return CLOSED
            office = session.get_one(Unit, survey.unit_id).name
            asked = surveys.schools(session, survey.id)
            session.expunge(survey)
        schools = [(u.id, u.name) for u in asked if to.unit_id in (None, u.id)]
        return Opened(survey, office, schools)

    def _has_answered(self, survey_id: int, device: str) -> bool:
        with reading(self._engine) as session:
            return surveys.has_answered(session, survey_id, device)

    def _keep(self, survey_id: int, school: int, device: str, answers: Answers) -> Note | None:
        """Why it is not kept; None where it is. Nothing comes after the end, even by a moment."""
        with Session(self._engine) as session:
            survey = surveys.locked(session, survey_id)
            if not survey.is_open(self._today()):
                return CLOSED
            new = surveys.answer(session, survey.id, school, device, answers)
            session.commit()
        return None if new else TWICE

    def _today(self) -> date:
        return self._now().astimezone(self._zone).date()

    # Showing

    def _form(
        self, opened: Opened, device: str, given: Given, missing: Collection[str]
    ) -> Response:
        survey = opened.survey
        html = survey_page.form(
            self._language, opened.office, survey, opened.schools, device, given, missing
        )
        page = Response(html, 422 if missing else 200, HEADERS)
        page.set_cookie(
            _cookie(survey),
            device,
            max_age=REMEMBERED,
            path=f"{self._public.path.rstrip('/')}/{PATH}",
            secure=self._public.scheme == "https",
            httponly=True,
            samesite="lax",  # a link in another app must find the word again
        )
        return page

    def _say(self, note: Note) -> Response:
        html = survey_page.note(self._language, note.title, note.words)
        return Response(html, note.status, HEADERS)

    # Refusing

    def _is_too_fast(self, request: Request) -> bool:
        now = asyncio.get_running_loop().time()
        address = request.client.host if request.client else ""
        if self._pace.free_at(address, now) > now:
            return True
        self._pace.spend(address, now)
        return False

    def _is_own_page(self, request: Request) -> bool:
        """What browsers tell of where a form stands; old ones tell nothing."""
        origin = request.headers.get("origin")
        own = {self._public.netloc, request.headers.get("host", "")}
        return (origin is None or urlsplit(origin).netloc in own) and (
            request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        )


def _cookie(survey: Survey) -> str:
    return f"{PATH}-{survey.id}"


def _device(request: Request, survey: Survey) -> str:
    """The word it was given, "" if none."""
    kept = request.cookies.get(_cookie(survey), "")
    return kept if _DEVICE.fullmatch(kept) else ""


def _shows(given: Given, device: str) -> bool:
    shown = (given.get(ONCE) or [""])[0]
    return hmac.compare_digest(shown.encode(), device.encode())


def _school(given: Given, opened: Opened) -> int | None:
    chosen = (given.get(SCHOOL) or [""])[0]
    return next((id for id, _name in opened.schools if str(id) == chosen), None)


def _fields(body: bytes) -> Given:
    """Nothing, where it is no form."""
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


async def _body(request: Request) -> bytes | None:
    """None where it is too much, or was broken off."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)
