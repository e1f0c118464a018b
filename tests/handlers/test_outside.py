"""Recipients outside the system: a list, and the clerk's numbers and days."""

from sqlmodel import Session, select

from core.roles import Role
from core.screen import Picked
from core.units import UnitKind
from storage.audit import Audit
from storage.units import Unit
from tests.bot.test_broadcasting import SEND
from tests.conftest import someone
from tests.handlers.test_broadcast import write
from tests.phone import Office, Phone


def test_the_clerk_sends_it_outside_and_notes_number_and_day(
    office: Office, channel: str, lan: Phone, minh: Phone
) -> None:
    assert lan.name
    with Session(office.engine) as session:
        session.add(Unit(code="UBND", name="UBND thành phố", kind=UnitKind.OUTSIDE))
        session.commit()
    nga = someone(office, channel, "Nga", "PHONG", Role.OFFICER, topics=["văn thư"])
    write(minh, "Fire drill", *SEND)
    minh.gives(Picked("show:outside:1"))
    minh.plays("""
        Fire drill
        Recipients outside this system:
        [Add to the list] [See the message]
        > [Add to the list]
        Recipients outside
        Who outside gets it, too?
        [UBND thành phố] [Website] [Lưu: VT] [Done]
        > [UBND thành phố]
        Recipients outside
        Who outside gets it, too?
        Your answer so far: UBND thành phố
        [✓ UBND thành phố] [Website] [Lưu: VT] [Done]
        > [Website]
        Recipients outside
        Who outside gets it, too?
        Your answer so far: UBND thành phố, Website
        [✓ UBND thành phố] [✓ Website] [Lưu: VT] [Done]
        > [Done]
        Fire drill
        Recipients outside this system:
        • UBND thành phố: to be sent
        • Website: to be sent
        [Sent: UBND thành phố] [Sent: Website] [Add to the list] [See the message]
    """)
    nga.plays("""
        Fire drill
        Recipients outside this system:
        • UBND thành phố: to be sent
        • Website: to be sent
        [Sent: UBND thành phố] [Sent: Website] [Add to the list] [See the message]
        > [Sent: UBND thành phố]
        UBND thành phố (1/2)
        Under which number did it go?
        > 12/CV-GDĐT
        UBND thành phố (2/2)
        On which day?
        [Today] [Yesterday] [Back]
        > [Today]
        Fire drill
        Recipients outside this system:
        • UBND thành phố: sent, number 12/CV-GDĐT, 27 October 2026
        • Website: to be sent
        [Sent: Website] [Add to the list] [See the message]
    """)
    assert minh.hears()[2] == "• UBND thành phố: sent, number 12/CV-GDĐT, 27 October 2026"
    minh.gives(Picked("open:despatch:1"))
    assert minh.hears()[0] == "There is no such letter to be sent by you."
    with Session(office.engine) as session:
        noted = session.exec(select(Audit).where(Audit.change == "sent outside")).one()
    assert noted.after == {"number": "12/CV-GDĐT", "sent_on": "2026-10-27"}
