"""The websites of 12Care: accounts, the choices people made about cookies, visits, and who was told of a new policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random

from sqlalchemy import Column, Connection, MetaData, Table, Text

from sample import Book, Pointer, ago, at, blob, day, edge, flag, key, moment, point, text, to
from sample.people import Cast, Population

TABLES = MetaData()

ACCOUNT = Table(
    "account", TABLES, key(), *text("username", "name", "email", "phone", "organisation", "password_hash"),
    *day("created_on", "closed_on"), *moment("last_login_at", "updated_at", "deleted_at"), *blob("photo"),
)  # fmt: skip
COOKIE_CONSENT = Table(
    "cookie_consent", TABLES, Column("cookie_id", Text, primary_key=True), *day("chosen_on"),
    *flag("functional", "statistics"), *text("notice_version"),
)  # fmt: skip
VISIT = Table(
    "visit", TABLES, key(), to("account_id", "account.id", required=False), *moment("visited_at", zoned=True),
    *text("cookie_id", "ip_address", "page", "browser"),
)  # fmt: skip
POLICY_NOTICE = Table(
    "policy_notice", TABLES, key(), *text("email", "policy_version", "channel"), *day("sent_on"),
)  # fmt: skip
TABLES_OF_THE_FRAMEWORK = Table("schema_migration", TABLES, Column("version", Text, primary_key=True))

_PAGES = ("/", "/careweb", "/contact", "/privacy", "/nieuws", "/vacatures")


def fill_website(
    connection: Connection, cast: Cast, *, as_of: date, scale: int, seed: int
) -> Mapping[str, list[Pointer]]:
    """Fill empty website tables, and say where the awkward cases stand."""
    people = Population(as_of=as_of, seed=seed, lane=3, domain="example.com")
    book, rng = Book(TABLES, connection), people.rng
    characters = _accounts(book, people, cast, as_of=as_of, scale=scale)
    accounts = 80 * scale
    due, not_due = edge("website-cookies", as_of)
    for turn in range(60 * scale):
        chosen = (due, not_due)[turn] if turn < 2 else ago(as_of, days=rng.randint(1, 170))
        book.add(
            COOKIE_CONSENT, cookie_id=f"ck{turn:08d}", chosen_on=chosen, functional=True,
            statistics=rng.random() < 0.5, notice_version="2025-1",
        )  # fmt: skip
    within = (as_of - not_due).days
    for turn in range(900 * scale):
        past = within + rng.randint(1, 40) if turn % 40 == 0 else rng.randint(1, within)
        _visit(book, rng, at(ago(as_of, days=past), rng.randint(6, 22)), account=rng.randint(8, accounts))
        book.pour(above=20_000)
    characters["just_due"].append(point("website", "cookie_consent", "ck00000000"))
    characters["just_not_due"].append(point("website", "cookie_consent", "ck00000001"))
    characters["just_due"].append(point("website", "visit", _visit(book, rng, at(due, 23, 59), account=None)))
    characters["just_not_due"].append(point("website", "visit", _visit(book, rng, at(not_due, 0, 10), account=None)))
    notices = edge("policy-changes", as_of)
    for turn in range(70 * scale):
        row = book.add(
            POLICY_NOTICE, email=f"lezer{turn}@example.com", policy_version="2025-1", channel="e-mail",
            sent_on=notices[turn] if turn < 2 else ago(as_of, days=120),
        )  # fmt: skip
        if turn < 2:
            characters[("just_due", "just_not_due")[turn]].append(point("website", "policy_notice", row))
    book.add(TABLES_OF_THE_FRAMEWORK, version="0042")
    book.pour()
    return characters


def _accounts(book: Book, people: Population, cast: Cast, *, as_of: date, scale: int) -> dict[str, list[Pointer]]:
    """Eighty accounts per scale; the hero's is the first, the ones that were closed come next."""
    due, not_due = edge("website-accounts", as_of)
    closed = {1: due, 2: not_due, 3: ago(as_of, months=8), 4: ago(as_of, months=9), 5: ago(as_of, months=2)}
    deleted_at = at(ago(as_of, months=1)).replace(tzinfo=None)
    for turn in range(80 * scale):
        who = cast.hero if turn == 0 else people.draw()
        book.add(
            ACCOUNT, username=f"lid{turn + 1:05d}", name=who.name, email=who.email.upper() if turn == 0 else who.email,
            phone=who.phone, organisation="Praktijk De Linde" if turn % 3 == 0 else None, closed_on=closed.get(turn),
            password_hash=f"scrypt${people.rng.randrange(16**12):012x}", created_on=ago(as_of, years=2),
            last_login_at=at(ago(as_of, days=people.rng.randint(1, 200))).replace(tzinfo=None),
            deleted_at=deleted_at if turn in (4, 6) else None,
        )  # fmt: skip
    named = {"just_due": 2, "just_not_due": 3, "held": 4, "soft_deleted": 5}
    return {character: [point("website", "account", row)] for character, row in named.items()}


def _visit(book: Book, rng: Random, moment_at: object, *, account: int | None) -> int:
    return book.add(
        VISIT, account_id=account if rng.random() < 0.3 else None, visited_at=moment_at,
        cookie_id=f"ck{rng.randrange(2, 60):08d}", ip_address=f"198.51.100.{rng.randint(1, 254)}",
        page=rng.choice(_PAGES), browser="Firefox",
    )  # fmt: skip
