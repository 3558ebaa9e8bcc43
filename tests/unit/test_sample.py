"""The sample company is the same each time, maps onto its register, and holds every case that is awkward on purpose."""

from __future__ import annotations

import sqlite3
import stat
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, func, inspect, select, text
from sqlalchemy.exc import OperationalError
from stdnum.nl import bsn

from connectors.stored_days import day_of
from domain.keys import key_text
from domain.register import Register
from domain.rules import RetentionRule, Watch, compile_rules, due_test
from domain.standing import Standing, observe, stand
from domain.system import PartOf, Reference, System
from domain.treatment import remains
from domain.trouble import Refused, SourceUnreadable
from register.loader import load_register
from sample import TERMS, Pointer, careweb_tables, edge
from sample.company import SampleCompany, found_company

AS_OF = date(2026, 11, 23)
SYSTEMS = ("careweb", "hr", "website", "crm")
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SampleCompany:
    return found_company(tmp_path_factory.mktemp("sample"), as_of=AS_OF)


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(as_of=AS_OF)


def tables_of(company: SampleCompany, system: str) -> dict[str, Rows]:
    """All rows of a system's SQLite file, as SQLite keeps them."""
    file = company.directory / f"{system}.db"
    return read_tables(file, file.stat().st_mtime_ns)


@cache
def read_tables(file: Path, changed_at: int) -> dict[str, Rows]:
    """Reading is the slow part, so each state of a file is read once."""
    with sqlite3.connect(file) as connection:
        connection.row_factory = sqlite3.Row
        names = [n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}


class Office:
    """A second opinion on who is due: plain loops over all rows, no connector."""

    def __init__(self, system: System, tables: Mapping[str, Rows]) -> None:
        self.system, self.zone = system, ZoneInfo(system.zone)
        self.rows = {
            name: [r for r in tables[d.table] if all(r[c] == wanted for c, wanted in d.only.items())]
            for name, d in system.datasets.items()
        }
        self.found_by = cache(self._index)

    def _index(self, dataset: str, columns: tuple[str, ...]) -> dict[tuple[Any, ...], Rows]:
        found: dict[tuple[Any, ...], Rows] = {}
        for row in self.rows[dataset]:
            found.setdefault(tuple(row[c] for c in columns), []).append(row)
        return found

    def below(self, watch: Watch, root: dict[str, Any]) -> Rows:
        rows = [root]
        for hop in watch.path:
            own, owner = tuple(o for o, _ in hop.by), tuple(t for _, t in hop.by)
            index = self.found_by(hop.dataset, own)
            rows = [r for above in rows for r in index.get(tuple(above[c] for c in owner), ())]
        return rows

    def standings(self, rule: RetentionRule, register: Register) -> Iterator[tuple[str, Standing]]:
        test = due_test(rule, register.activities, AS_OF)
        change = rule.change.columns if rule.change is not None else ()
        for root in self.rows[rule.dataset.name]:
            if change and not any(remains(treatment, root[name]) for name, treatment in change):
                continue  # nothing remains of it
            facts = [
                observe(w, [day_of(r[w.column], self.zone) if w.column else AS_OF for r in self.below(w, root)], AS_OF)
                for w in test.watches
            ]
            yield key_text(tuple(root[c] for c in rule.dataset.key)), stand(test, facts).standing


def sources(register: Register) -> list[System]:
    """The systems of the company, without our own administration, which the company does not found."""
    return [s for s in register.systems.values() if s.connector != "own"]


@pytest.fixture(scope="module")
def standings(company: SampleCompany, register: Register) -> dict[str, dict[str, Standing]]:
    """Rule name → key → standing, for the whole company."""
    found: dict[str, dict[str, Standing]] = {}
    for system in sources(register):
        office = Office(system, tables_of(company, system.id))
        for rule in compile_rules(system, register.activities, AS_OF):
            found[rule.name] = dict(office.standings(rule, register))
    return found


# The same company each time


def test_the_same_day_scale_and_seed_give_the_same_company_byte_for_byte(
    company: SampleCompany, tmp_path: Path
) -> None:
    again = found_company(tmp_path, as_of=AS_OF)
    for system in SYSTEMS:
        dumps = []
        for directory in (company.directory, tmp_path):
            with sqlite3.connect(directory / f"{system}.db") as connection:
                dumps.append("\n".join(connection.iterdump()))
        assert dumps[0] == dumps[1], f"{system} differs between two foundings"
    assert again.characters == company.characters
    assert again.hero == company.hero


def test_another_seed_gives_other_people(company: SampleCompany, tmp_path: Path) -> None:
    other = found_company(tmp_path, as_of=AS_OF, seed=13)
    theirs = [r["surname"] for r in tables_of(other, "careweb")["patient"]]
    ours = [r["surname"] for r in tables_of(company, "careweb")["patient"]]
    assert theirs != ours


@pytest.mark.parametrize("as_of", [date(2024, 2, 29), date(2027, 1, 1), date(2026, 12, 31), date(2028, 3, 1)])
def test_the_company_can_be_founded_on_any_day(as_of: date, tmp_path: Path) -> None:
    assert found_company(tmp_path, as_of=as_of).characters.keys() >= {"just_due", "just_not_due"}


def test_founding_takes_less_than_three_seconds(tmp_path: Path) -> None:
    begun = process_time()  # not of the wall: other work on the machine says nothing of us
    found_company(tmp_path, as_of=AS_OF)
    assert process_time() - begun < 3


def test_twice_the_scale_is_about_twice_the_records(company: SampleCompany, tmp_path: Path) -> None:
    double = found_company(tmp_path, as_of=AS_OF, scale=2)
    for system, table in (
        ("careweb", "patient"), ("careweb", "access_log"), ("careweb", "contact"), ("hr", "staff"),
        ("website", "account"), ("crm", "prospects"),
    ):  # fmt: skip
        before, after = len(tables_of(company, system)[table]), len(tables_of(double, system)[table])
        assert 1.8 * before < after < 2.2 * before, table


def test_the_company_has_about_the_size_that_the_demo_tells_of(company: SampleCompany) -> None:
    careweb, hr = tables_of(company, "careweb"), tables_of(company, "hr")
    sizes = {t: len(rows) for t, rows in (careweb | hr).items()}
    assert sizes["practice"] == 4
    assert 380 <= sizes["patient"] <= 440
    assert 1200 <= sizes["contact"] <= 1800
    assert 4900 <= sizes["access_log"] <= 5100
    assert sizes["staff"] == 60
    assert sizes["applicant"] == 30


# The register and the systems are one


def test_every_table_and_column_is_classified_and_nothing_else_is(company: SampleCompany, register: Register) -> None:
    for system in sources(register):
        engine = create_engine(f"sqlite:///{company.directory / system.id}.db")
        inspector = inspect(engine)
        live = {t: {c["name"] for c in inspector.get_columns(t)} for t in inspector.get_table_names()}
        registered: dict[str, set[str]] = {}
        for dataset in system.datasets.values():
            assert registered.setdefault(dataset.table, set(dataset.columns)) == set(dataset.columns)
            assert set(dataset.key) == set(inspector.get_pk_constraint(dataset.table)["constrained_columns"])
        assert registered == {t: c for t, c in live.items() if t not in system.ignored_tables}
        assert system.ignored_tables.keys() <= live.keys()
        engine.dispose()


def test_every_declared_foreign_key_is_in_the_register_and_one_is_left_undeclared(
    company: SampleCompany, register: Register
) -> None:
    for system in sources(register):
        engine = create_engine(f"sqlite:///{company.directory / system.id}.db")
        inspector = inspect(engine)
        for dataset in system.datasets.values():
            links: list[PartOf | Reference] = list(dataset.references)
            links += [dataset.part_of] if dataset.part_of else []
            known = {(system.datasets[link.dataset].table, *sorted(link.by.items())) for link in links}
            for found in inspector.get_foreign_keys(dataset.table):
                pairs = zip(found["constrained_columns"], found["referred_columns"], strict=True)
                assert (found["referred_table"], *sorted(pairs)) in known
        engine.dispose()
    assert not careweb_tables.MEDICATION.foreign_keys
    assert register.systems["careweb"].datasets["medication"].part_of is not None


def test_the_edges_of_the_sample_lie_where_the_register_puts_them(register: Register) -> None:
    for activity, (term, counting) in TERMS.items():
        block = register.activities[activity].term_on(AS_OF)
        assert block is not None
        assert edge(activity, AS_OF)[0] == block.cutoff(AS_OF), f"{activity} is no longer {term}, {counting}"


def test_every_activity_of_a_source_system_has_a_dataset(register: Register) -> None:
    datasets = [d for s in register.systems.values() for d in s.datasets.values()]
    used = {d.activity for d in datasets if d.activity}
    used |= {c.activity for d in datasets for c in d.columns.values() if c.activity}
    in_the_ledger = {
        "breach-register", "destruction-evidence",
    }  # fmt: skip
    assert set(register.activities) - in_the_ledger == used


#: One line per item of the policy's lists: where it is kept.
POLICY = """
careweb.patient: bsn surname street postcode city phone email sex born_on gp_name gp_address gp_postcode gp_city
careweb.patient: insurance_kind insurer_id insurance_number iban
careweb.contact: contact_on
careweb.request: examination reason anamnesis
careweb.medication: name dose
careweb.result: outcome conclusion
careweb.advice: advice
careweb.invoice: iban amount outstanding insurance_kind insurer_id insurance_number
careweb.practice_user: surname street postcode city phone email iban
careweb.practice: contact_name insurance_kind insurer_name insurance_number iban
careweb.insurer: name street postcode city phone email iban
careweb.insurer_contact: name phone email
hr.staff: bsn sex surname street postcode city phone email iban born_on
hr.personnel_file: marital_status birth_place birth_country curriculum_vitae
hr.partner_or_child: relation surname born_on
hr.diploma: title scan
hr.payroll_year: gross net wage_tax
hr.vog: scan
hr.absence: reported_on recovered_on
hr.appraisal: report
hr.applicant: curriculum_vitae motivation education
crm.prospects: name email phone
website.visit: cookie_id ip_address
crm.opt_ins: purpose text_version status
"""


@pytest.mark.parametrize("line", POLICY.strip().splitlines())
def test_every_item_of_the_policy_has_a_column(line: str, register: Register) -> None:
    place, columns = line.split(": ")
    system, dataset = place.split(".")
    known = register.systems[system].datasets[dataset].columns
    assert set(columns.split()) <= known.keys()


# The awkward cases

CHARACTERS = {
    "namesake", "namesake_other_birth_date", "shared_email", "parent_of_child_with_same_email", "two_tenants",
    "patient_and_employee", "soft_deleted", "null_trigger", "sentinel", "future", "bulk_migrated", "orphan", "cycle",
    "leap_day", "held", "just_due", "just_not_due", "leaver_with_payroll", "invalid_bsn", "leading_zero_bsn",
    "empty_identifiers", "needed_user", "applicant_consent", "manager_who_left",
}  # fmt: skip


def records(company: SampleCompany, register: Register, character: str) -> Rows:
    """The rows that a character points at."""
    found = []
    for system, name, key in company.characters[character]:
        dataset = register.systems[system].datasets[name.partition("#")[0]]
        rows = tables_of(company, system)[dataset.table]
        matching = [r for r in rows if key_text(tuple(r[c] for c in dataset.key)) == key]
        assert len(matching) == 1, f"{character}: {system}.{name} points at {len(matching)} records"
        found += matching
    return found


@pytest.mark.parametrize("character", sorted(CHARACTERS))
def test_every_character_is_really_there(character: str, company: SampleCompany, register: Register) -> None:
    assert records(company, register, character)


def test_there_are_no_characters_that_nobody_tests(company: SampleCompany) -> None:
    assert company.characters.keys() == CHARACTERS


@pytest.mark.parametrize(
    ("character", "rule", "standing"),
    [
        ("null_trigger", "careweb.patient", Standing.MISSING),
        ("sentinel", "careweb.patient", Standing.IMPLAUSIBLE),
        ("future", "careweb.patient", Standing.IMPLAUSIBLE),
        ("bulk_migrated", "careweb.patient", Standing.DUE),  # the migration is no medical change
        ("cycle", "careweb.patient", Standing.DUE),
        ("leap_day", "careweb.patient", Standing.DUE),
        ("held", "careweb.patient", Standing.DUE),
        ("held", "hr.personnel_file", Standing.DUE),
        ("held", "website.account", Standing.DUE),
        ("two_tenants", "careweb.patient", Standing.KEPT),
        ("needed_user", "careweb.practice_user", Standing.NEEDED),
        ("leaver_with_payroll", "hr.personnel_file", Standing.DUE),
        ("leaver_with_payroll", "hr.staff", Standing.KEPT),
        ("manager_who_left", "hr.staff", Standing.DUE),  # who still reports to this number is no reason to stay
        ("applicant_consent", "hr.applicant", Standing.DUE),
        ("applicant_consent", "hr.applicant_with_consent", Standing.DUE),
    ],
)
def test_a_character_stands_where_its_name_says(
    character: str,
    rule: str,
    standing: Standing,
    company: SampleCompany,
    standings: dict[str, dict[str, Standing]],
) -> None:
    keys = [p.key for p in company.characters[character] if f"{p.system}.{p.dataset}" == rule]
    assert keys
    assert {standings[rule][k] for k in keys} == {standing}


def test_around_every_term_one_record_is_just_due_and_one_is_not(
    company: SampleCompany, standings: dict[str, dict[str, Standing]]
) -> None:
    for character, expected in (("just_due", Standing.DUE), ("just_not_due", Standing.KEPT)):
        for system, dataset, key in company.characters[character]:
            assert standings[f"{system}.{dataset}"][key] is expected, f"{system}.{dataset} {character}"
    covered = {f"{p.system}.{p.dataset}" for p in company.characters["just_due"]}
    # An insurer goes when nobody needs it, a practice when its contract is over, a year of pay with its year.
    assert standings.keys() - covered == {"careweb.insurer", "careweb.practice"}
    assert covered == {f"{p.system}.{p.dataset}" for p in company.characters["just_not_due"]}


def test_exactly_one_rule_is_over_its_ceiling_and_the_others_have_work(
    company: SampleCompany, register: Register, standings: dict[str, dict[str, Standing]]
) -> None:
    over, idle = [], []
    ceilings = {rule.name: rule.dataset.ceiling for rule in register.rules_on(AS_OF)}
    for name, by_key in standings.items():
        ceiling = ceilings[name]
        due = Counter(by_key.values())[Standing.DUE]
        assert ceiling is not None
        if due > ceiling.records or due / len(by_key) > ceiling.share:
            over.append(name)
        if due == 0:
            idle.append(name)
    assert tuple(over) == company.over_ceiling
    assert idle == ["careweb.practice"]  # four practices, all of them customers


def test_a_migration_touched_everybody_at_the_same_moment(company: SampleCompany) -> None:
    assert len({r["updated_at"] for r in tables_of(company, "careweb")["patient"]}) == 1


def test_the_orphan_has_no_patient_and_the_cycle_is_closed(company: SampleCompany, register: Register) -> None:
    careweb = tables_of(company, "careweb")
    patients, contacts = {r["id"] for r in careweb["patient"]}, {r["id"]: r for r in careweb["contact"]}
    assert not {r["patient_id"] for r in records(company, register, "orphan")} & patients
    for row in records(company, register, "cycle"):
        assert contacts[row["last_contact_id"]]["patient_id"] == row["id"]


def test_the_leap_day_is_the_29th_of_february(company: SampleCompany) -> None:
    patient = int(company.characters["leap_day"][0].key)
    days = [r["contact_on"] for r in tables_of(company, "careweb")["contact"] if r["patient_id"] == patient]
    assert [d[5:] for d in days] == ["02-29"]


def test_soft_deleted_records_and_the_wrong_numbers_are_marked(company: SampleCompany, register: Register) -> None:
    assert all(r["deleted_at"] for r in records(company, register, "soft_deleted"))
    assert [bsn.is_valid(r["bsn"]) for r in records(company, register, "invalid_bsn")] == [False]
    assert [len(r["bsn"]) for r in records(company, register, "leading_zero_bsn")] == [8]


def test_bsns_pass_the_eleven_test_and_nobody_shares_one_by_accident(company: SampleCompany) -> None:
    patients = tables_of(company, "careweb")["patient"]
    numbers = Counter(r["bsn"] for r in patients)
    shared = [n for n in numbers.values() if n > 1]
    assert shared == [2]  # the hero, in two practices
    assert sum(not bsn.is_valid(r["bsn"]) for r in patients) == 2  # a wrong one and an empty one
    staff = {r["bsn"] for r in tables_of(company, "hr")["staff"]}
    assert len(staff & numbers.keys()) == 1  # the patient who is an employee
    assert len(staff) == 60


def test_names_carry_particles_diacritics_and_hyphens(company: SampleCompany) -> None:
    people = tables_of(company, "careweb")["patient"]
    assert any(r["prefix"] == "van der" for r in people)
    assert any("-" in r["surname"] for r in people)
    assert any(not r["surname"].isascii() for r in people)


# The hero


def test_the_hero_is_in_three_systems_and_is_not_her_namesake(company: SampleCompany, register: Register) -> None:
    hero = company.hero
    assert {(p.system, p.dataset) for p in hero.records} == {
        ("careweb", "patient"), ("website", "account"), ("crm", "opt_ins")
    }  # fmt: skip
    patients = {r["id"]: r for r in tables_of(company, "careweb")["patient"]}
    hers = [patients[int(p.key)] for p in hero.records if p.dataset == "patient"]
    assert len({r["practice_id"] for r in hers}) == 2
    assert {r["bsn"] for r in hers} == {hero.bsn}
    strangers = [patients[int(p.key)] for p in hero.strangers]
    assert len(strangers) == 3
    assert hero.bsn not in {r["bsn"] for r in strangers}
    assert hero.email in {r["email"] for r in strangers}
    assert any(r["surname"] == hers[0]["surname"] and r["born_on"] == hers[0]["born_on"] for r in strangers)
    assert any(r["deleted_at"] for r in records(company, register, "soft_deleted") if r.get("patient_id") in patients)


def test_the_hero_is_never_printed(company: SampleCompany) -> None:
    hero = company.hero
    shown = repr(company)
    for secret in (hero.name, hero.bsn, hero.email, hero.phone, hero.born_on.isoformat(), company.crm_token):
        assert secret not in shown


# The directory


def test_the_env_file_says_where_the_systems_are_and_is_for_its_owner_only(company: SampleCompany) -> None:
    lines = dict(line.split("=", 1) for line in company.env_file.read_text("utf-8").splitlines()[1:])
    assert lines.keys() == {"CAREWEB_URL", "HR_URL", "WEBSITE_URL", "CRM_TOKEN", "CRM_DB"}
    assert lines["CAREWEB_URL"].startswith("sqlite:///")
    assert Path(lines["CRM_DB"]).is_file()
    assert stat.S_IMODE(company.env_file.stat().st_mode) == 0o600


def test_a_second_founding_replaces_the_first(tmp_path: Path) -> None:
    found_company(tmp_path, as_of=AS_OF)
    again = found_company(tmp_path, as_of=AS_OF)
    assert len(tables_of(again, "hr")["staff"]) == 60


def test_a_database_that_no_sample_made_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "hr.db").write_text("the only copy", "utf-8")
    with pytest.raises(Refused, match="choose an empty directory"):
        found_company(tmp_path, as_of=AS_OF)
    assert (tmp_path / "hr.db").read_text("utf-8") == "the only copy"


def test_a_database_elsewhere_that_has_such_tables_is_never_overwritten(company: SampleCompany, tmp_path: Path) -> None:
    before = len(tables_of(company, "hr")["staff"])
    with pytest.raises(Refused, match="already has tables"):
        found_company(tmp_path, as_of=AS_OF, urls={"hr": company.urls["hr"]})
    assert len(tables_of(company, "hr")["staff"]) == before


@pytest.mark.parametrize(("given", "word"), [({"scale": 0}, "scale"), ({"urls": {"crm": "sqlite://"}}, "crm")])
def test_what_makes_no_company_is_refused(given: dict[str, Any], word: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=word):
        found_company(tmp_path, as_of=AS_OF, **given)


def test_an_unreachable_database_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable) as caught:
        found_company(tmp_path, as_of=AS_OF, urls={"hr": "postgresql+psycopg://u:hush@127.0.0.1:1/none"})
    assert "hush" not in str(caught.value)


# The database triggers


def test_the_trigger_in_hr_counts_an_appraisal_that_goes(tmp_path: Path) -> None:
    company = found_company(tmp_path, as_of=AS_OF)
    with sqlite3.connect(company.directory / "hr.db") as connection:
        connection.execute("DELETE FROM appraisal WHERE id = 1")
        [(removed,)] = connection.execute("SELECT removed FROM removal_count").fetchall()
    assert removed == 1


@pytest.fixture
def postgres() -> Iterator[str]:
    """An empty database of our own on the PostgreSQL of this machine, where there is one."""
    admin = create_engine("postgresql+psycopg://postgres@127.0.0.1:5432/postgres", isolation_level="AUTOCOMMIT")
    name = f"termijn_sample_{uuid.uuid4().hex[:12]}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432 that lets us in")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:5432/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def test_the_same_company_can_live_in_postgresql(company: SampleCompany, postgres: str, tmp_path: Path) -> None:
    same = found_company(tmp_path, as_of=AS_OF, urls={"careweb": postgres})
    assert same.characters == company.characters
    engine = create_engine(postgres)
    with engine.connect() as connection:
        for table in careweb_tables.TABLES.sorted_tables:
            count = connection.execute(select(func.count()).select_from(table)).scalar_one()
            assert count == len(tables_of(company, "careweb")[table.name]), table.name
        edge_line = next(int(p.key) for p in company.characters["just_not_due"] if p.dataset == "access_log")
        log = careweb_tables.ACCESS_LOG
        moment = connection.execute(select(log.c.logged_at).where(log.c.id == edge_line)).scalar_one()
    engine.dispose()
    assert day_of(moment, ZoneInfo("Europe/Amsterdam")) == edge("careweb-access-log", AS_OF)[1]
    assert Pointer("careweb", "access_log", str(edge_line)) in same.characters["just_not_due"]
