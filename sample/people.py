"""The invented people of the sample company: Dutch, awkward where real people are, and never the same twice."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date

from dateutil.relativedelta import relativedelta
from faker.providers.address.nl_NL import Provider as Addresses
from faker.providers.person.nl_NL import Provider as Names
from stdnum import iban as iban_numbers
from stdnum.nl import bsn as bsn_numbers

#: The commonest Dutch names, particles apart, and some that carry what trips programs.
SURNAMES = tuple(
    tuple(name.rpartition("|")[::2])
    for name in (
        "de|Jong;Jansen;de|Vries;van den|Berg;van|Dijk;Bakker;Janssen;Visser;Smit;Meijer;de|Boer;Mulder;de|Groot;Bos;"
        "Vos;Peters;Hendriks;van|Leeuwen;Dekker;Brouwer;de|Wit;Dijkstra;Smits;de|Graaf;van der|Meer;van der|Linden;"
        "Kok;Jacobs;de|Haan;Vermeulen;van den|Heuvel;van der|Veen;van den|Broek;de|Bruijn;Schouten;van|Beek;Willems;"
        "van|Vliet;van de|Ven;Hoekstra;Maas;Verhoeven;Koster;van|Dam;van der|Wal;Prins;Blom;Huisman;Kuipers;Veenstra;"
        "Kramer;van den|Brink;Scholten;van|Wijk;Yılmaz;Özdemir;El Idrissi;Nguyễn;Müller;in 't|Veld;van 't|Hof;Coëlho;"
        "Ramdin;Martina;d'|Ancona;Wójcik;'s Gravesande;Zoë-Kromhout"
    ).split(";")
)
_PARTICLES = ("van der ", "van den ", "van de ", "van ", "de ", "den ", "ter ", "ten ")
_STREETS = (
    "Dorpsstraat;Kerkstraat;Molenweg;Julianalaan;Beatrixstraat;Schoolstraat;Nieuwstraat;Prins Bernhardplein;"
    "Wilhelminasingel;Parallelweg;Burgemeester Reigerstraat;Oudegracht;Haagweg;Nassaukade;'t Zand;Lange Vijverberg"
).split(";")
_PHONE_STYLES = ("{0}-{1}", "{0}{1}", "+31 6 {1}", "{0} {1}")


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """One invented person. Its repr shows nothing, so that no test or log ever prints one."""

    given_name: str
    prefix: str
    surname: str
    sex: str
    born_on: date
    bsn: str
    email: str
    phone: str
    street: str
    house_number: str
    postcode: str
    city: str
    iban: str

    @property
    def family_name(self) -> str:
        """The surname with its particle: 'van der Meer'."""
        return f"{self.prefix} {self.surname}".strip()

    @property
    def name(self) -> str:
        """Given name and surname, as one writes it on an envelope."""
        return f"{self.given_name} {self.family_name}"

    @property
    def initials(self) -> str:
        """The first letter of each given name."""
        return "".join(f"{part[0]}." for part in self.given_name.replace("-", " ").split())

    def address(self) -> dict[str, str]:
        """The four columns of an address."""
        return {
            "street": self.street,
            "house_number": self.house_number,
            "postcode": self.postcode,
            "city": self.city,
        }

    def __repr__(self) -> str:
        return "Person()"


class Population:
    """A source of people. `lane` (0 to 3) keeps the numbers and addresses of two populations apart."""

    def __init__(self, *, as_of: date, seed: int, lane: int, domain: str) -> None:
        self.rng = random.Random(f"{seed}:{lane}")
        self._as_of, self._lane, self._domain, self._serial = as_of, lane, domain, 0
        self._given = {"m": tuple(Names.first_names_male), "v": tuple(Names.first_names_female)}
        self._surnames = tuple(_apart(n) for n in Names.last_names)
        self._cities = tuple(Addresses.cities)

    def draw(self, *, youngest: int = 18, oldest: int = 88, sex: str | None = None) -> Person:
        """The next person, of an age between `youngest` and `oldest` years."""
        self._serial += 1
        rng = self.rng
        sex = sex or rng.choice("mv")
        given = rng.choice(self._given[sex])
        prefix, surname = rng.choice(SURNAMES if rng.random() < 0.7 else self._surnames)
        if rng.random() < 0.08:
            surname = f"{surname}-{' '.join(p for p in rng.choice(SURNAMES) if p)}"
        return Person(
            given_name=given,
            prefix=prefix,
            surname=surname,
            sex=sex,
            born_on=self._as_of - relativedelta(years=rng.randint(youngest, oldest - 1), days=rng.randint(1, 365)),
            bsn=self._bsn(),
            email=f"{_plain(given)}.{_plain(prefix + surname)}{self._serial}@{self._domain}",
            phone=self._phone(),
            street=rng.choice(_STREETS),
            house_number=f"{rng.randint(1, 240)}{rng.choice(('', '', '', ' A', '-2'))}",
            postcode=f"{rng.randint(1011, 9999)} {''.join(rng.choices('ABCDEGHJKLMNPRTVWXZ', k=2))}",
            city=rng.choice(self._cities),
            iban=self.account(),
        )

    def account(self) -> str:
        """A bank account number whose check digits are right, of a bank that does not exist."""
        rest = f"CARE{self.rng.randrange(10**10):010d}"
        return f"NL{iban_numbers.calc_check_digits('NL00' + rest)}{rest}"

    def _bsn(self) -> str:
        """A valid BSN, counted down through the range that is set apart for tests."""
        body = 99_999_999 - self._lane - 4 * self._serial
        check = sum((9 - place) * int(digit) for place, digit in enumerate(str(body))) % 11
        if check == 10:  # no BSN has this body
            self._serial += 1
            return self._bsn()
        return str(bsn_numbers.validate(f"{body}{check}"))

    def _phone(self) -> str:
        last_eight = 10_000_000 + (self._serial * 4 + self._lane) * 7919 % 10_000_000
        return self.rng.choice(_PHONE_STYLES).format("06", last_eight)


def _apart(name: str) -> tuple[str, str]:
    for particle in _PARTICLES:
        if name.lower().startswith(particle):
            return particle.strip(), name[len(particle) :]
    return "", name


def _plain(name: str) -> str:
    """A name as it stands in an e-mail address: letters only, without diacritics."""
    folded = unicodedata.normalize("NFKD", name.replace("ı", "i"))
    return "".join(c for c in folded.lower() if c.isascii() and c.isalnum())


@dataclass(frozen=True, slots=True)
class Cast:
    """The people who appear in more than one place, and those who look like them."""

    hero: Person = field(repr=False)
    namesake: Person = field(repr=False)  # the hero's name and birth date, in another practice
    name_only: Person = field(repr=False)  # the hero's name, another birth date
    spouse: Person = field(repr=False)  # the hero's e-mail address
    parent: Person = field(repr=False)
    child: Person = field(repr=False)  # the parent's e-mail address and phone
    employee: Person = field(repr=False)  # is a patient and works at 12Care


def cast_people(*, as_of: date, seed: int) -> Cast:
    """Choose the people of the story, the same for the same day and seed."""
    people = Population(as_of=as_of, seed=seed, lane=0, domain="example.net")
    drawn = people.draw(youngest=38, oldest=52, sex="v")
    hero = replace(drawn, given_name="Zoë", prefix="van der", surname="Meer", email="zoe.vandermeer@example.net")
    twin, older = people.draw(sex="v"), people.draw(youngest=60, oldest=70, sex="v")
    spouse, parent = people.draw(sex="m"), people.draw(youngest=30, oldest=45)
    child = replace(people.draw(youngest=6, oldest=11), prefix=parent.prefix, surname=parent.surname)
    return Cast(
        hero=hero,
        namesake=_named_as(hero, replace(twin, born_on=hero.born_on)),
        name_only=_named_as(hero, older),
        spouse=_living_with(hero, replace(spouse, email=hero.email)),
        parent=parent,
        child=_living_with(parent, replace(child, email=parent.email, phone=parent.phone)),
        employee=people.draw(youngest=28, oldest=55),
    )


def _named_as(other: Person, who: Person) -> Person:
    return replace(who, given_name=other.given_name, prefix=other.prefix, surname=other.surname)


def _living_with(other: Person, who: Person) -> Person:
    return replace(who, street=other.street, house_number=other.house_number, postcode=other.postcode, city=other.city)
