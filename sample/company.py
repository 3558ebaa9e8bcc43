"""How the sample company is founded: four systems filled, and a map of the cases that are awkward on purpose."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import URL, Connection, MetaData, create_engine, event, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from domain.trouble import Refused, SourceUnreadable
from sample import Pointer, careweb_tables, crm, hr_tables, website
from sample.careweb import fill_careweb
from sample.hr import fill_hr
from sample.people import Cast, Person, cast_people

_Fill = Callable[..., Mapping[str, list[Pointer]]]
_SYSTEMS: dict[str, tuple[MetaData, _Fill]] = {
    "careweb": (careweb_tables.TABLES, fill_careweb),
    "hr": (hr_tables.TABLES, fill_hr),
    "website": (website.TABLES, website.fill_website),
    "crm": (crm.TABLES, crm.fill_crm),
}
_HEADER = "# The sample company of Termijn; nothing in it is real."


@dataclass(frozen=True, slots=True)
class Hero:
    """The person who asks for her data: who she is, which records are hers, and which only look like hers."""

    name: str = field(repr=False)
    family_name: str = field(repr=False)
    born_on: date = field(repr=False)
    bsn: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    records: tuple[Pointer, ...] = ()
    strangers: tuple[Pointer, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleCompany:
    """A founded company. `urls`: the address of each system's database; they may hold a password, so no repr."""

    directory: Path
    as_of: date
    env_file: Path
    urls: Mapping[str, str] = field(repr=False)
    crm_token: str = field(repr=False)
    crm_db: Path
    hero: Hero
    characters: Mapping[str, tuple[Pointer, ...]]
    over_ceiling: tuple[str, ...] = ("careweb.technical_log",)


def found_company(
    directory: Path, *, as_of: date, scale: int = 1, seed: int = 12, urls: Mapping[str, str] | None = None
) -> SampleCompany:
    """Make the sample company in `directory`: the same day, scale and seed give the same records.

    `urls` (system → SQLAlchemy URL) writes a system into an empty database elsewhere instead of a SQLite file; the
    CRM is always a file, because its REST service reads it. Raises `Refused` where it would overwrite what it did
    not make, and `SourceUnreadable` where a database does not answer.
    """
    elsewhere = dict(urls or {})
    if unknown := elsewhere.keys() - {"careweb", "hr", "website"}:
        raise Refused(
            f"there is no system {sorted(unknown)} to write elsewhere", where="urls", do="use careweb, hr or website"
        )
    if scale < 1:
        raise Refused(f"a scale of {scale} is no company", where="scale", do="give a whole number from 1")
    env_file = _clear_site(directory, set(_SYSTEMS) - elsewhere.keys())
    cast = cast_people(as_of=as_of, seed=seed)
    characters: dict[str, list[Pointer]] = {}
    reached: dict[str, str] = {}
    for system, (tables, fill) in _SYSTEMS.items():
        file = (directory / f"{system}.db").resolve()
        url = make_url(elsewhere[system]) if system in elsewhere else URL.create("sqlite", database=file.as_posix())
        reached[system] = url.render_as_string(hide_password=False)
        with _empty_database(url, tables, system) as connection:
            for character, where in fill(connection, cast, as_of=as_of, scale=scale, seed=seed).items():
                characters.setdefault(character, []).extend(where)
    token = hashlib.sha256(f"sample {seed}".encode()).hexdigest()[:32]
    crm_db = (directory / "crm.db").resolve()
    _write_env(env_file, reached, token, crm_db)
    found = {name: tuple(where) for name, where in characters.items()}
    hero = _introduce(cast, found)
    return SampleCompany(directory, as_of, env_file, reached, token, crm_db, hero, found)


def _introduce(cast: Cast, characters: Mapping[str, tuple[Pointer, ...]]) -> Hero:
    """The hero, her records, and those of the people who look like her."""
    hers = (*characters["two_tenants"], Pointer("website", "account", "1"), Pointer("crm", "opt_ins", "1"))
    alike = ("namesake", "namesake_other_birth_date", "shared_email")
    strangers = tuple(dict.fromkeys(p for name in alike for p in characters[name] if p not in hers))
    who: Person = cast.hero
    return Hero(who.name, who.family_name, who.born_on, who.bsn, who.email, who.phone, hers, strangers)


def _clear_site(directory: Path, systems: set[str]) -> Path:
    """Take away an earlier sample; refuse to touch a database that no sample stands beside."""
    directory.mkdir(parents=True, exist_ok=True)
    env_file = directory / "termijn.env"
    files = [directory / f"{s}.db" for s in sorted(systems) if (directory / f"{s}.db").exists()]
    ours = env_file.exists() and env_file.read_text("utf-8").startswith(_HEADER)
    if (files or env_file.exists()) and not ours:
        raise Refused(
            "the directory holds a termijn.env or databases that are not an earlier sample",
            where=str(directory), do="choose an empty directory for the sample company",
        )  # fmt: skip
    for file in files:
        file.unlink()
    env_file.write_text(_HEADER + "\n", "utf-8")
    return env_file


def _write_env(env_file: Path, urls: Mapping[str, str], token: str, crm_db: Path) -> None:
    """Write what a shell or the program needs to reach the systems; CRM_URL is known when its service starts."""
    lines = [_HEADER, *(f"{system.upper()}_URL={url}" for system, url in urls.items() if system != "crm")]
    env_file.write_text("\n".join((*lines, f"CRM_TOKEN={token}", f"CRM_DB={crm_db}")) + "\n", "utf-8")
    env_file.chmod(0o600)


@contextmanager
def _empty_database(url: URL, tables: MetaData, system: str) -> Iterator[Connection]:
    """A database with our tables in it and nothing else of the same name, in one transaction."""
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
    try:
        with engine.begin() as connection:
            taken = set(inspect(connection).get_table_names()) & tables.tables.keys()
            if taken:
                raise Refused(
                    f"the database for {system} already has tables {sorted(taken)}",
                    where=f"urls[{system!r}]", do="give an empty database; the sample never overwrites one",
                )  # fmt: skip
            tables.create_all(connection)
            yield connection
    except SQLAlchemyError as error:
        raise SourceUnreadable(
            f"the database for {system} cannot be written ({type(error).__name__})",
            where=f"urls[{system!r}]", do="check that the server runs and that this account may create tables",
        ) from None  # fmt: skip
    finally:
        engine.dispose()
