"""What 12Care's CRM holds: prospects, contacts, opt-ins, who must be left alone, suppliers and invoices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, MetaData, Table

from sample import ADDRESS, Book, Pointer, ago, day, edge, key, money, point, text, to
from sample.people import Cast, Population

#: Every value is a number, a text or a day: what JSON can carry.
TABLES = MetaData()

PROSPECTS = Table(
    "prospects", TABLES, key(), *text("name", "company", "email", "phone", "source"),
    *day("first_contact_on", "last_contact_on", "archived_on"),
)  # fmt: skip
PROSPECT_NOTES = Table(
    "prospect_notes", TABLES, key(), to("prospect_id", "prospects.id"), *day("noted_on"), *text("note")
)
CUSTOMER_CONTACTS = Table(
    "customer_contacts", TABLES, key(), *text("name", "job_title", "practice_name", "email", "phone", *ADDRESS),
    *day("since", "relation_ended_on"),
)  # fmt: skip
INSURER_CONTACTS = Table(
    "insurer_contacts", TABLES, key(), *text("name", "job_title", "insurer_name", "email", "phone"),
    *day("since", "relation_ended_on"),
)  # fmt: skip
OPT_INS = Table(
    "opt_ins", TABLES, key(), *text("name", "email", "phone", "purpose", "text_version", "text_shown", "channel"),
    *text("status", "given_by", "evidence"), *day("given_on", "expires_on", "withdrawn_on", "ended_on"),
)  # fmt: skip
SUPPRESSION_LIST = Table("suppression_list", TABLES, key(), *text("email", "reason"), *day("added_on"))
SUPPLIERS = Table(
    "suppliers", TABLES, key(), *text("name", "company", "email", "phone", *ADDRESS, "iban"),
    *day("relation_ended_on"),
)  # fmt: skip
OWN_INVOICES = Table(
    "own_invoices", TABLES, key(), *text("number", "customer_name", "contact_name", "email", "iban"),
    *day("invoiced_on", "paid_on"), *money("amount", "outstanding"),
)  # fmt: skip


class _Crm:
    """The CRM while it fills."""

    def __init__(self, connection: Connection, *, as_of: date, scale: int, seed: int) -> None:
        self.people = Population(as_of=as_of, seed=seed + 1, lane=3, domain="relatie.example")
        self.rng = self.people.rng
        self.book = Book(TABLES, connection)
        self.as_of, self.scale = as_of, scale
        self.characters: dict[str, list[Pointer]] = {}

    def pair(self, activity: str, dataset: str, started: date | None, row: int) -> None:
        """Mark a record when it lies on the edge of its term."""
        for character, on in zip(("just_due", "just_not_due"), edge(activity, self.as_of), strict=True):
            if started == on:
                self.characters.setdefault(character, []).append(point("crm", dataset, row))

    def prospects(self) -> None:
        """People who once showed interest; a note is a contact too."""
        due, not_due = edge("prospects", self.as_of)
        last_contacts = {0: due, 1: not_due, 2: ago(due, days=90), 3: ago(due, days=30), 4: None}
        for turn in range(60 * self.scale):
            who = self.people.draw(youngest=25, oldest=66)
            last = last_contacts.get(turn, ago(self.as_of, days=self.rng.randint(1, 340)))
            row = self.book.add(
                PROSPECTS, name=who.name, company=f"Praktijk {who.surname}", email=who.email, phone=who.phone,
                source=self.rng.choice(("beurs", "website", "telefoon")),
                first_contact_on=ago(last or self.as_of, months=4), last_contact_on=last,
                archived_on=ago(self.as_of, months=2) if turn == 3 else None,
            )  # fmt: skip
            if turn % 2 == 0:
                noted = ago(last or self.as_of, days=14)
                self.book.add(PROSPECT_NOTES, prospect_id=row, noted_on=noted, note="Wil een demonstratie")
            self.pair("prospects", "prospects", last, row)

    def contacts(self) -> None:
        """People at practices and insurers with whom 12Care deals or dealt."""
        for turn in range(40 * self.scale):
            who = self.people.draw(youngest=25, oldest=66)
            ended = dict(enumerate((*edge("customer-contacts", self.as_of), ago(self.as_of, months=30)))).get(turn)
            row = self.book.add(
                CUSTOMER_CONTACTS, name=who.name, job_title="praktijkmanager", practice_name=f"Praktijk {who.surname}",
                email=who.email, phone=who.phone, **who.address(), since=ago(self.as_of, years=5),
                relation_ended_on=ended,
            )  # fmt: skip
            self.pair("customer-contacts", "customer_contacts", ended, row)
        for turn in range(16 * self.scale):
            who = self.people.draw(youngest=25, oldest=66)
            ended = dict(enumerate(edge("insurer-contacts", self.as_of))).get(turn)
            row = self.book.add(
                INSURER_CONTACTS, name=who.name, job_title="zorginkoper", insurer_name="Verzekerd Beter",
                email=who.email, phone=who.phone, since=ago(self.as_of, years=4), relation_ended_on=ended,
            )  # fmt: skip
            self.pair("insurer-contacts", "insurer_contacts", ended, row)

    def permissions(self, cast: Cast) -> None:
        """The opt-in register (the hero's is the first) and those who asked never to be written to again."""
        due, not_due = edge("opt-in-register", self.as_of)
        for turn in range(50 * self.scale):
            who = cast.hero if turn == 0 else self.people.draw()
            ended = {1: due, 2: not_due, 3: ago(self.as_of, years=1)}.get(turn)
            given = ago(ended or self.as_of, years=1)
            row = self.book.add(
                OPT_INS, name=who.name, email=who.email, phone=who.phone, purpose="nieuwsbrief", text_version="2024-2",
                text_shown="Ja, stuur mij de nieuwsbrief van 12Care", channel="website", given_by="betrokkene zelf",
                status="ingetrokken" if ended else "gegeven", evidence=f"{self.rng.randrange(16**16):016x}",
                given_on=given, withdrawn_on=ended, ended_on=ended, expires_on=None if ended else ago(given, years=-3),
            )  # fmt: skip
            self.pair("opt-in-register", "opt_ins", ended, row)
        edges = edge("suppression-list", self.as_of)
        for turn in range(12 * self.scale):
            added = edges[turn] if turn < 2 else ago(self.as_of, days=self.rng.randint(10, 1500))
            row = self.book.add(
                SUPPRESSION_LIST,
                email=self.people.draw().email,
                reason="bezwaar tegen direct marketing",
                added_on=added,
            )
            self.pair("suppression-list", "suppression_list", added, row)

    def books(self) -> None:
        """Suppliers, and 12Care's own invoices, which the tax law keeps for seven years."""
        for turn in range(15 * self.scale):
            who = self.people.draw(youngest=25, oldest=66)
            ended = dict(enumerate(edge("suppliers", self.as_of))).get(turn)
            row = self.book.add(
                SUPPLIERS, name=who.name, company=f"{who.surname} B.V.", email=who.email, phone=who.phone,
                **who.address(), iban=who.iban, relation_ended_on=ended,
            )  # fmt: skip
            self.pair("suppliers", "suppliers", ended, row)
        edges = edge("own-invoices", self.as_of)
        for turn in range(120 * self.scale):
            who = self.people.draw(youngest=25, oldest=66)
            on = edges[turn] if turn < 2 else ago(self.as_of, days=self.rng.randint(20, 2300))
            amount = round(self.rng.uniform(200, 4000), 2)
            row = self.book.add(
                OWN_INVOICES, number=f"12C-{on.year}-{turn + 1:05d}", customer_name=f"Praktijk {who.surname}",
                contact_name=who.name, email=who.email, iban=who.iban, invoiced_on=on, amount=amount,
                paid_on=on if turn < 2 else min(ago(on, days=-20), self.as_of), outstanding=0,
            )  # fmt: skip
            self.pair("own-invoices", "own_invoices", on, row)


def fill_crm(connection: Connection, cast: Cast, *, as_of: date, scale: int, seed: int) -> Mapping[str, list[Pointer]]:
    """Fill empty CRM tables, and say where the awkward cases stand."""
    crm = _Crm(connection, as_of=as_of, scale=scale, seed=seed)
    crm.prospects()
    crm.contacts()
    crm.permissions(cast)
    crm.books()
    crm.book.pour()
    return crm.characters
