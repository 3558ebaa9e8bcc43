"""How an identifier is written, and whether a record is about the person who asks. All people here are invented."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import KINDS, Identifier, bsn_is_sound, client_number_in, identifiers_of, normalise, ways_to_write
from domain.same_person import HOUSEHOLD_KINDS, MANY, STRONG_KINDS, Verdict, borne_by_many, compare
from domain.system import Identifies, System
from tasks.person import in_its_system

ANNA_BORN = date(1980, 3, 1)
EMMA_BORN = date(2015, 6, 9)


def person(**given: Any) -> tuple[Identifier, ...]:
    """Identifiers by kind; a list gives several of a kind; what is empty gives none."""
    found = []
    for kind, raw in given.items():
        for one in raw if isinstance(raw, list) else [raw]:
            value = normalise(kind, one)
            if value is not None:
                found.append(Identifier(kind, value))
    return tuple(found)


# --- One way to write it ------------------------------------------------------------------------------------------

WRITTEN: list[tuple[str, Any, str | None, str]] = [
    ("email", " Anna.deVries@Example.NL ", "anna.devries@example.nl", "spaces and capitals"),
    ("email", "anna+zorg@example.nl", "anna+zorg@example.nl", "what follows a plus is part of the address"),
    ("email", "anna@exämple.nl", "anna@xn--exmple-cua.nl", "an international domain in its ASCII form"),
    ("email", "Anna <anna@example.nl>", "anna@example.nl", "with the name in front"),
    ("email", "mailto:anna@example.nl", "anna@example.nl", "copied from a web page"),
    ("email", "anna@example.nl.", "anna@example.nl", "a dot at the end of the domain"),
    ("email", "anna", None, "no address"),
    ("email", "@example.nl", None, "nobody at a domain"),
    ("email", "anna@", None, "no domain"),
    ("email", "anna@@example.nl", None, "two at-signs"),
    ("email", "anna@a..nl", None, "no such domain"),
    ("phone", "06-12345678", "+31612345678", "mobile"),
    ("phone", "(030) 234 56 78", "+31302345678", "landline"),
    ("phone", "+31 (0)6 1234 5678", "+31612345678", "the zero between brackets"),
    ("phone", "0031612345678", "+31612345678", "00 for plus"),
    ("phone", 612345678, "+31612345678", "a number column lost the zero"),
    ("phone", "06-12345678 (werk)", "+31612345678", "a remark behind it"),
    ("phone", "+32 475 12 34 56", "+32475123456", "Belgian"),
    ("phone", "0475 12 34 56", "+31475123456", "without country code it is Dutch"),
    ("phone", "0612345678901234", "0612345678901234", "no number of any country: the bare digits"),
    ("phone", "0000000000", None, "a stand-in"),
    ("phone", "112", None, "too short to name anybody"),
    ("phone", "geen", None, "no number"),
    ("bsn", "123456782", "123456782", "as it is"),
    ("bsn", "012345672", "012345672", "a leading zero"),
    ("bsn", 12345672, "012345672", "a number column lost the leading zero"),
    ("bsn", 1234567, "001234567", "and two of them"),
    ("bsn", 123456782.0, "123456782", "a spreadsheet made it a fraction"),
    ("bsn", Decimal("123456782"), "123456782", "a numeric column"),
    ("bsn", "123456782.0", "123456782", "and wrote it as text"),
    ("bsn", "1234.56.782", "123456782", "dots"),
    ("bsn", "1234 56 782", "123456782", "spaces"),
    ("bsn", "123456789", "123456789", "fails the eleven-test and is still written: a typing error finds the record"),
    ("bsn", "000000000", None, "a stand-in"),
    ("bsn", "999999999", None, "a stand-in"),
    ("bsn", 0, None, "a stand-in"),
    ("bsn", "1234567890", None, "ten digits"),
    ("bsn", "12345678X", None, "a letter"),
    ("bsn", True, None, "no number at all"),
    ("bsn", 1.5, None, "no whole number"),
    ("iban", "nl91 abna 0417 1643 00", "NL91ABNA0417164300", "spaces and small letters"),
    ("iban", "nvt", None, "a stand-in"),
    ("client_number", " C-0012 ", "c-0012", "spaces and capitals"),
    ("client_number", 12, "12", "a number"),
    ("client_number", "0", None, "a stand-in"),
    ("client_number", "null", None, "a stand-in"),
    ("name", "Anna de Vries", "anna vries", "the particle goes"),
    ("name", "Vries, Anna de", "anna vries", "as in a list"),
    ("name", "Mw. A. de Vries", "a vries", "the title goes"),
    ("name", "Jansen-de Vries", "jansen vries", "the partner's name before the hyphen"),
    ("name", "de Vries - Jansen", "jansen vries", "or behind it"),
    ("name", "van 't Hoff", "hoff", "two particles"),
    ("name", "d'Hondt", "dhondt", "the apostrophe inside a name"),
    ("name", "Müller", "muller", "diacritics folded"),
    ("name", "Şükrü Çelik", "celik sukru", "also Turkish"),
    ("name", "Łukasz Østergård", "lukasz ostergard", "letters that do not come apart"),
    ("name", "Gaußmann", "gaussmann", "and the German s"),
    ("name", "ĲSBRAND", "ijsbrand", "the Dutch ij as one letter"),
    ("name", "Van den", "den van", "who is called nothing but particles keeps them"),
    ("name", "onbekend", None, "a stand-in"),
    ("name", "Null", "null", "a surname like any other"),
    ("name_born", ("de Vries", ANNA_BORN), "vries+1980-03-01", "surname and date"),
    ("name_born", ("De Vriés ", "1980-03-01"), "vries+1980-03-01", "the date as text"),
    ("name_born", ("de Vries", "01-03-1980"), "vries+1980-03-01", "the Dutch way"),
    ("name_born", ("de Vries", datetime(1980, 3, 1, tzinfo=UTC)), "vries+1980-03-01", "a moment"),
    ("name_born", ("de Vries", "1980-02-29T23:30:00Z"), "vries+1980-03-01", "a moment that is the next day here"),
    ("name_born", "vries+1980-03-01", "vries+1980-03-01", "as we write it ourselves"),
    ("name_born", ("de Vries", None), None, "no date of birth"),
    ("name_born", (None, ANNA_BORN), None, "no surname"),
    ("name_born", ("", ANNA_BORN), None, "an empty surname"),
    ("name_born", ("de Vries", date(1900, 1, 1)), None, "a stand-in for a date"),
    ("name_born", ("de Vries", date(9999, 12, 31)), None, "a stand-in for a date"),
    ("name_born", ("de Vries", "1980-00-00"), None, "a date of birth that nobody knows"),
    ("name_born", "de Vries", None, "a name alone"),
]


@pytest.mark.parametrize(("kind", "raw", "written", "why"), WRITTEN, ids=[f"{w[0]}: {w[3]}" for w in WRITTEN])
def test_an_identifier_is_written_in_one_way(kind: str, raw: Any, written: str | None, why: str) -> None:
    assert normalise(kind, raw) == written, why


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "name_born"])
@pytest.mark.parametrize("raw", [None, "", "   ", "-", "?", "n.v.t.", "ONBEKEND", "\t\n", "\u00a0", float("nan"), b"x"])
def test_what_is_empty_or_stands_for_empty_names_nobody(kind: str, raw: Any) -> None:
    assert normalise(kind, raw) is None


@given(st.sampled_from([k for k in KINDS if k != "name_born"]), st.text() | st.integers() | st.floats() | st.none())
def test_whatever_stands_in_a_cell_it_reads_without_breaking_and_twice_is_once(kind: str, raw: Any) -> None:
    once = normalise(kind, raw)
    assert once is None or (once and normalise(kind, once) == once)


@given(st.text(), st.dates(date(1900, 1, 2), date(2030, 1, 1)))
def test_a_name_with_a_birthday_written_twice_is_once(surname: str, born: date) -> None:
    once = normalise("name_born", (surname, born))
    assert once is None or normalise("name_born", once) == once


@given(st.integers(10_000_000, 999_999_998))
def test_a_bsn_is_one_bsn_as_number_and_as_text_with_its_zeros(number: int) -> None:
    assert normalise("bsn", number) == normalise("bsn", f"{number:09d}") == normalise("bsn", f" {number} ")


def test_the_eleven_test_is_a_signal_and_no_filter() -> None:
    assert bsn_is_sound("123456782")
    assert not bsn_is_sound("123456789")
    assert not bsn_is_sound("")
    assert normalise("bsn", "123456789") is not None


def test_a_phone_number_is_read_in_its_country() -> None:
    assert normalise("phone", "0475 12 34 56", country="BE") == "+32475123456"


def test_an_unknown_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="not a kind"):
        normalise("shoe size", "42")


def test_an_identifier_never_shows_its_value() -> None:
    assert "123456782" not in repr(Identifier("bsn", "123456782"))
    assert "123456782" not in repr(compare(person(bsn="123456782"), person(bsn="123456782")))


# --- What a row says ----------------------------------------------------------------------------------------------

PATIENT = Identifies(bsn="bsn", email="mail", phone="tel", client_number="nr", name_born=("surname", "born"))


def test_a_row_gives_all_that_the_register_says_identifies() -> None:
    called = {"surname": "de Vries", "born": ANNA_BORN}
    row = {"bsn": 12345672, "mail": "A@B.nl", "tel": "0612345678", "nr": "7", **called}
    assert identifiers_of(row, PATIENT) == (
        Identifier("bsn", "012345672"),
        Identifier("client_number", "7"),
        Identifier("email", "a@b.nl"),
        Identifier("name_born", "vries+1980-03-01"),
        Identifier("phone", "+31612345678"),
    )


def test_an_empty_row_gives_nothing() -> None:
    assert identifiers_of({}, PATIENT) == ()
    assert identifiers_of(dict.fromkeys(["bsn", "mail", "tel", "nr", "surname", "born"], ""), PATIENT) == ()


@pytest.mark.parametrize("cell", ["a@b.nl; c@d.nl", "a@b.nl,c@d.nl", "a@b.nl c@d.nl", "Anna <a@b.nl>, Werk <c@d.nl>"])
def test_two_addresses_in_one_cell_are_both_read(cell: str) -> None:
    assert {i.value for i in identifiers_of({"mail": cell}, PATIENT)} == {"a@b.nl", "c@d.nl"}


@pytest.mark.parametrize("cell", ["06-12345678 / 030-2345678", "0612345678/0302345678", "0612345678; 0302345678"])
def test_two_numbers_in_one_cell_are_both_read(cell: str) -> None:
    assert {i.value for i in identifiers_of({"tel": cell}, PATIENT)} == {"+31612345678", "+31302345678"}


def test_a_client_number_counts_within_its_tenant_only() -> None:
    here = identifiers_of({"nr": 12, "practice": 1}, PATIENT, tenant="practice")
    there = identifiers_of({"nr": 12, "practice": 2}, PATIENT, tenant="practice")
    assert here == (Identifier("client_number", "1/12"),)
    assert compare(here, there).verdict is Verdict.DIFFERENT
    assert identifiers_of({"nr": 12, "practice": None}, PATIENT, tenant="practice") == ()
    assert identifiers_of({"nr": 12}, PATIENT, tenant="practice") == ()


def test_a_client_number_that_does_not_say_its_tenant_is_asked_and_never_counts_as_strong() -> None:
    record = identifiers_of({"nr": 12, "practice": 1, "mail": "anna@example.nl"}, PATIENT, tenant="practice")
    alone = compare(person(client_number="12"), record)
    assert (alone.matching, alone.verdict) == (("client_number",), Verdict.ASK)
    assert compare(person(client_number="12", email="anna@example.nl"), record).verdict is Verdict.ASK
    assert compare(person(client_number="1/12", email="anna@example.nl"), record).verdict is Verdict.SAME
    assert compare(person(client_number="2/12"), record).verdict is Verdict.DIFFERENT
    assert compare(person(client_number="13"), record).verdict is Verdict.DIFFERENT


def test_a_tenant_with_a_slash_in_its_name_is_no_other_tenant() -> None:
    assert client_number_in("a/b", "c") != client_number_in("a", "b/c")


# --- Is it the same person? ---------------------------------------------------------------------------------------

ANNA = person(
    bsn="123456782",
    email=["anna@example.nl", "a.devries@work.example"],
    phone="0612345678",
    name_born=("de Vries", ANNA_BORN),
    name="Anna de Vries",
)
SAME, ASK, DIFFERENT = Verdict.SAME, Verdict.ASK, Verdict.DIFFERENT
HOME: dict[str, Any] = {"email": "anna@example.nl", "phone": "06-12345678"}

RECORDS: list[tuple[str, dict[str, Any], Verdict]] = [
    ("her dossier", {"bsn": 123456782, "name_born": ("de Vries", ANNA_BORN)}, SAME),
    ("her dossier and her e-mail", {"bsn": 123456782, "email": "ANNA@example.nl"}, SAME),
    ("by her other e-mail", {"bsn": 123456782, "email": "a.devries@work.example"}, SAME),
    ("without a BSN", {"name_born": ("de Vries", ANNA_BORN), "phone": "+31612345678"}, SAME),
    ("married, hyphenated", {"bsn": 123456782, "name_born": ("Jansen-de Vries", ANNA_BORN), **HOME}, SAME),
    ("the BSN and another first name", {"bsn": 123456782, "name": "Roepnaam de Vries", **HOME}, SAME),
    ("full name, e-mail and phone", {"name": "Vries, Anna de", **HOME}, SAME),
    ("e-mail and phone only", HOME, ASK),
    ("e-mail, phone and a surname", {"name": "de Vries", **HOME}, ASK),
    ("e-mail, phone and an initial", {"name": "A. de Vries", **HOME}, ASK),
    ("her partner, same e-mail and phone", {"name": "Bram de Vries", **HOME}, ASK),
    ("her child, with birthday", {"name_born": ("de Vries", EMMA_BORN), **HOME}, ASK),
    ("her child, with BSN", {"bsn": "111222333", **HOME}, ASK),
    ("her child, with everything", {"bsn": "111222333", "name_born": ("de Vries", EMMA_BORN), **HOME}, ASK),
    ("her child, with the name only", {"name": "Emma de Vries", **HOME}, ASK),
    ("her child, with nothing of its own", {"name": "", "bsn": None, "name_born": (None, None), **HOME}, ASK),
    ("her twin sister", {"name_born": ("de Vries", ANNA_BORN), "name": "Eva de Vries", **HOME}, ASK),
    ("her twin sister, with BSN", {"bsn": "111222333", "name_born": ("de Vries", ANNA_BORN), **HOME}, ASK),
    ("a shared e-mail", {"email": "anna@example.nl"}, ASK),
    ("a BSN alone", {"bsn": 123456782}, ASK),
    ("her BSN on a record with another birthday", {"bsn": 123456782, "name_born": ("de Vries", EMMA_BORN)}, ASK),
    ("a typing error in her BSN", {"bsn": "123456789", "name_born": ("de Vries", ANNA_BORN), **HOME}, ASK),
    ("another surname on her birthday", {"name_born": ("Bakker", ANNA_BORN), **HOME}, ASK),
    ("surname and birthday alone", {"name_born": ("de Vries", ANNA_BORN)}, ASK),
    ("a namesake of whom nothing else is known", {"name": "Anna de Vries"}, ASK),
    ("a namesake with another BSN", {"name": "Anna de Vries", "bsn": "111222333"}, DIFFERENT),
    ("a namesake with another birthday", {"name": "Anna de Vries", "name_born": ("de Vries", EMMA_BORN)}, DIFFERENT),
    ("a stranger", {"bsn": "111222333", "email": "bram@example.org", "name": "Bram Bakker"}, DIFFERENT),
    ("an empty record", {"bsn": "", "email": None, "phone": "-", "name": "onbekend"}, DIFFERENT),
]


@pytest.mark.parametrize(("record", "given_", "verdict"), RECORDS, ids=[r[0] for r in RECORDS])
def test_a_record_is_anna_s_or_not_or_a_person_decides(record: str, given_: dict[str, Any], verdict: Verdict) -> None:
    assert compare(ANNA, person(**given_)).verdict is verdict, record


def test_a_parent_s_e_mail_and_phone_on_a_child_s_record_say_why_it_is_asked() -> None:
    match = compare(ANNA, person(bsn="111222333", name_born=("de Vries", EMMA_BORN), **HOME))
    assert match.matching == ("email", "phone")
    assert match.conflicting == ("bsn", "name_born")


def test_two_empty_values_are_not_equal() -> None:
    nothing = (Identifier("bsn", ""), Identifier("email", ""), Identifier("phone", ""))
    assert compare(nothing, nothing).verdict is DIFFERENT
    assert compare((), ()).verdict is DIFFERENT
    assert compare(ANNA, ()).verdict is DIFFERENT


VALUES = st.sampled_from(["a", "b", "c", "t/a"])
NAMES = st.sampled_from(["anna vries", "emma vries", "a vries", "vries", "bakker bram"])
BIRTHS = st.sampled_from(["vries+1980-03-01", "jansen vries+1980-03-01", "vries+2015-06-09", "bakker+1980-03-01"])
IDENTIFIERS = st.sampled_from([k for k in KINDS if "name" not in k]).flatmap(
    lambda k: st.builds(Identifier, st.just(k), VALUES)
)
ANYBODY = st.frozensets(
    IDENTIFIERS | st.builds(Identifier, st.just("name"), NAMES) | st.builds(Identifier, st.just("name_born"), BIRTHS),
    max_size=7,
)


@given(ANYBODY, ANYBODY)
def test_same_means_two_strong_kinds_no_conflict_and_more_than_a_household(
    wanted: frozenset[Identifier], found: frozenset[Identifier]
) -> None:
    match = compare(wanted, found)
    shared = {i.kind for i in wanted & found}
    assert set(match.matching) - {"client_number"} == shared - {"client_number"}
    assert shared <= set(match.matching)
    assert not set(match.matching) & set(match.conflicting)
    if match.verdict is SAME:
        assert len(shared & STRONG_KINDS) >= 2
        assert not match.conflicting
        assert shared - HOUSEHOLD_KINDS
    if not match.matching:
        assert match.verdict is DIFFERENT
    if shared & STRONG_KINDS:
        assert match.verdict is not DIFFERENT, "a record with a strong match is never passed over in silence"


@given(ANYBODY, ANYBODY)
def test_whoever_is_compared_with_whom_the_verdict_is_the_same(
    wanted: frozenset[Identifier], found: frozenset[Identifier]
) -> None:
    assert compare(wanted, found) == compare(found, wanted)
    assert compare(sorted(wanted), sorted(found, reverse=True)) == compare(wanted, found)


@given(ANYBODY, st.sampled_from(["bsn", "name_born"]))
def test_another_bsn_or_birthday_is_never_the_same_person(found: frozenset[Identifier], kind: str) -> None:
    ours, theirs = Identifier(kind, "ours+2000-01-01"), Identifier(kind, "theirs+1990-01-01")
    rest = {i for i in found if i.kind != kind}
    assert compare(rest | {ours}, rest | {theirs}).verdict is not SAME


def test_two_systems_that_number_their_clients_alike_do_not_make_one_person() -> None:
    """The hole that was: client 4711 of the shop and client 4711 of the clinic, with one family mailbox."""
    row = {"nr": 4711, "mail": "thuis@example.nl"}
    record = identifiers_of(row, Identifies(client_number="nr", email="mail"), system="shop")
    assert Identifier("client_number", "shop:4711") in record
    assert compare(person(client_number="clinic:4711", email="thuis@example.nl"), record).verdict is Verdict.ASK
    assert compare(person(client_number="4711", email="thuis@example.nl"), record).verdict is Verdict.ASK
    assert compare(person(client_number="shop:4711", email="thuis@example.nl"), record).verdict is Verdict.SAME
    assert compare(person(client_number="clinic:4711"), record).verdict is Verdict.DIFFERENT


def test_a_number_is_scoped_by_its_system_and_its_tenant() -> None:
    of = Identifies(client_number="nr")
    [here] = identifiers_of({"nr": 12, "practice": 1}, of, tenant="practice", system="careweb")
    assert here.value == "careweb:1/12"
    assert ways_to_write(here.value) == {"careweb:1/12", "1/12", "12"}
    for written in ("12", "1/12"):
        assert compare([Identifier("client_number", written)], [here]).verdict is Verdict.ASK
    assert compare([Identifier("client_number", "2/12")], [here]).verdict is Verdict.DIFFERENT


def _bearing(mail: str, *names: str) -> list[tuple[Identifier, ...]]:
    return [(Identifier("email", mail), Identifier("name", name)) for name in names]


def test_a_mailbox_that_many_people_bear_is_nobodys() -> None:
    mail = Identifier("email", "info@praktijk.nl")
    names = [f"anna vries{n}" for n in range(MANY)]
    assert borne_by_many([mail], _bearing(mail.value, *names)) == {mail}
    assert borne_by_many([mail], _bearing(mail.value, *names[1:])) == frozenset(), "a family with one mailbox"
    assert borne_by_many([mail], _bearing(mail.value, *names[:1] * 50)) == frozenset(), "many records of one person"
    assert borne_by_many([Identifier("bsn", "123456782")], _bearing(mail.value, *names)) == frozenset()


@pytest.mark.parametrize(
    ("written", "same"),
    [("a@STRASSE.de", "a@strasse.de"), ("a@straße.de", "a@xn--strae-oqa.de"), ("a@_x.nl", "a@_x.nl")],
)
def test_a_domain_is_written_as_registrars_do(written: str, same: str) -> None:
    assert normalise("email", written) == same
    assert normalise("email", same) == same


@given(st.text(max_size=20), st.text(max_size=20))
def test_an_email_is_written_once_and_stays_so(local: str, domain: str) -> None:
    once = normalise("email", f"{local}@{domain}")
    assert once is None or normalise("email", once) == once


def test_a_bare_number_is_of_the_only_system_that_gives_numbers() -> None:
    of = {"connector": "memory", "url": "env:X", "title": "A system"}
    numbered = {
        "key": ["nr"],
        "activity": "a",
        "ceiling": {"records": 1, "share": 1},
        "identifies": {"client_number": "nr"},
    }
    columns = {"columns": {"nr": {"class": "technical"}}}
    shop, clinic = (
        System.model_validate({"id": n, **of, "dataset": {"c": numbered | columns}}) for n in ("shop", "clinic")
    )
    bare, said = Identifier("client_number", "12"), Identifier("client_number", "clinic:12")
    assert in_its_system([bare], {"shop": shop}) == (Identifier("client_number", "shop:12"),)
    assert in_its_system([bare, said], {"shop": shop, "clinic": clinic}) == (bare, said)
