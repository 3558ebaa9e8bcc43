"""Opening a ledger: its keys, its migrations, and what is in its bytes."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import LargeBinary, create_engine, inspect, text

from domain.cases import CaseKind
from domain.consents import Act, Statement
from domain.evidence import Entry
from domain.identity import Identifier
from domain.keys import Keys
from domain.trouble import LedgerBroken, NotFound, Refused, TermijnError
from ledger import open_ledger
from ledger.engine import make_engine, make_file, read_address
from ledger.migrations.run import configuration, newest
from ledger.open import Ledger
from ledger.packages import Made
from ledger.schema import VERSION, metadata, written
from ledger.secrets import VARIABLE, Keyring
from ledger.switch import Switch
from tests.unit.ledger_desk import AS_OF, Desk

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MARKED = "Marktova"


def at(path: Path) -> str:
    return f"sqlite:///{path}/ledger.db"


def test_the_migrations_make_exactly_the_tables_that_the_program_expects(desk: Desk) -> None:
    assert newest() == VERSION
    with desk.ledger.events.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        names = set(inspect(connection).get_table_names())
    assert names == {*metadata.tables, "alembic_version"}


def test_every_column_of_bytes_is_encrypted_or_holds_only_hashes() -> None:
    columns = [c for table in metadata.tables.values() for c in table.columns if isinstance(c.type, LargeBinary)]
    assert [str(c) for c in columns if not c.info.get("encrypted")] == ["leaves.blob"]


def test_a_new_ledger_and_its_keys_are_readable_to_their_owner_only(tmp_path: Path) -> None:
    open_ledger(at(tmp_path), clock=lambda: NOW).close()
    for name in ("ledger.db", "ledger.db.keys"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name


def test_sqlite_loses_nothing_that_was_stored(paper: Desk) -> None:
    with paper.ledger.events.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
        "secure_delete": 1,
    }


def test_an_up_to_date_ledger_opens_without_alembic(tmp_path: Path) -> None:
    open_ledger(at(tmp_path), clock=lambda: NOW).close()
    program = (
        "import sys; from datetime import UTC, datetime; from ledger import open_ledger;"
        f"open_ledger({at(tmp_path)!r}, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)).verify();"
        "heavy = {'alembic', 'prefect', 'pandas', 'reportlab', 'faker'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert done.returncode == 0, done.stderr


def test_many_that_open_a_new_ledger_at_once_open_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_ledger(at(tmp_path), clock=lambda: NOW), range(4)))
    for ledger in opened:
        with ledger.events.write(Entry("told", "fg")):
            pass
    assert opened[0].verify().events == 4
    for ledger in opened:
        ledger.close()


def test_without_leave_to_make_one_a_missing_ledger_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_ledger(at(tmp_path), clock=lambda: NOW, create=False)
    assert list(tmp_path.iterdir()) == []


def test_another_programs_database_is_never_made_a_ledger(tmp_path: Path) -> None:
    engine = create_engine(at(tmp_path))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE patient (id INTEGER)"))
    with pytest.raises(Refused, match="another program"):
        open_ledger(at(tmp_path), clock=lambda: NOW)
    assert inspect(engine).get_table_names() == ["patient"]


def test_a_newer_ledger_is_refused_untouched(tmp_path: Path) -> None:
    open_ledger(at(tmp_path), clock=lambda: NOW).close()
    with create_engine(at(tmp_path)).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerBroken, match="newer"):
        open_ledger(at(tmp_path), clock=lambda: NOW)


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql+pymysql://root@127.0.0.1/x"])
def test_an_address_that_keeps_no_evidence_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        open_ledger(url, clock=lambda: NOW)


def test_a_database_that_does_not_answer_says_what_to_look_at() -> None:
    with pytest.raises(LedgerBroken, match="does not answer"):
        open_ledger("postgresql://nobody@127.0.0.1:1/none", clock=lambda: NOW, keyring=Keyring.fresh())


def test_a_ledger_whose_keys_are_gone_is_broken_and_gets_no_new_ones(tmp_path: Path) -> None:
    open_ledger(at(tmp_path), clock=lambda: NOW).close()
    (tmp_path / "ledger.db.keys").unlink()
    with pytest.raises(LedgerBroken, match="key file") as caught:
        open_ledger(at(tmp_path), clock=lambda: NOW)
    assert "put back" in str(caught.value)
    assert not (tmp_path / "ledger.db.keys").exists()


@pytest.mark.parametrize(
    "wording", ["", "{}", '{"encryption": [], "evidence": []}', '{"encryption": ["x"], "evidence": []}']
)
def test_a_damaged_key_file_is_said_to_be_one(tmp_path: Path, wording: str) -> None:
    open_ledger(at(tmp_path), clock=lambda: NOW).close()
    (tmp_path / "ledger.db.keys").write_text(wording)
    with pytest.raises(LedgerBroken, match="keys"):
        open_ledger(at(tmp_path), clock=lambda: NOW)


def test_wrong_keys_open_nothing(tmp_path: Path) -> None:
    open_ledger(at(tmp_path), clock=lambda: NOW).close()
    with pytest.raises(LedgerBroken, match="does not open"):
        open_ledger(at(tmp_path), clock=lambda: NOW, keyring=Keyring.fresh())


def test_a_ring_without_the_evidence_key_does_not_pass(tmp_path: Path) -> None:
    open_ledger(at(tmp_path), clock=lambda: NOW).close()
    file = tmp_path / "ledger.db.keys"
    ring = json.loads(file.read_text())
    ring["evidence"] = [{"id": "e2", "key": "00" * 32}]
    file.write_text(json.dumps(ring))
    with pytest.raises(LedgerBroken, match="evidence key"):
        open_ledger(at(tmp_path), clock=lambda: NOW)


def test_keys_may_come_from_a_named_file_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere" / "keys.json"))
    open_ledger(at(tmp_path), clock=lambda: NOW).close()
    assert not (tmp_path / "ledger.db.keys").exists()
    monkeypatch.setenv(VARIABLE, (tmp_path / "elsewhere" / "keys.json").read_text())
    ledger = open_ledger(at(tmp_path), clock=lambda: NOW)
    assert ledger.rotate_keys(entry=Entry("keys rotated", "fg")) == 2
    with pytest.raises(Refused, match="not in a file"):
        ledger.rotate_keys(entry=Entry("keys rotated", "fg"), forget=True)
    ledger.close()


def test_a_ledger_on_a_server_asks_for_a_key_file(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(LedgerBroken, match="beside"):
        open_ledger(postgres_url, clock=lambda: NOW)


def test_keys_never_show_themselves() -> None:
    ring = Keyring.fresh()
    assert repr(ring) == "Keyring(1 encryption keys, 1 evidence keys)"


def test_an_encrypted_value_moved_to_another_place_does_not_open() -> None:
    ring = Keyring.fresh()
    token = ring.encrypt(b"x", of="cases.subject:2026-0001")
    assert ring.decrypt(token, of="cases.subject:2026-0001") == b"x"
    with pytest.raises(LedgerBroken, match="not put"):
        ring.decrypt(token, of="cases.subject:2026-0002")


def fill(desk: Desk) -> str:
    """One of everything that holds a person, each marked."""
    ledger = desk.office()
    desk.approve()
    desk.announce({"patient": Keys([(f"{MARKED}-open",)])})
    desk.shut(desk.announce({"patient": Keys([(f"{MARKED}-gone",)])}))
    case = ledger.cases.open_case(
        CaseKind.ACCESS,
        received_on=AS_OF,
        channel="mail",
        subject={"name": MARKED, "email": f"{MARKED}@example.org"},
        entry=Entry("case.received", "dev"),
    )
    decide = Entry("match decided", "dev", case=case.number)
    ledger.cases.decide(case.number, system="crm", dataset="prospects", key=f"{MARKED}|1", include=True, entry=decide)
    held = {"owner": "fg", "reason": f"dispute with {MARKED}", "review_on": date(2027, 1, 1)}
    ledger.holds.add(**held, system="hr", dataset="staff", key=MARKED, entry=Entry("hold added", "fg"))
    ledger.holds.add(**held, identifiers=[Identifier("name", MARKED)], entry=Entry("hold added", "fg"))
    body = f'{{"keys": ["{MARKED}"]}}'.encode()
    ledger.plans.keep_plan(
        "p" * 64, system="hr", as_of=AS_OF, drawn_by="dev", body=body, entry=Entry("plan kept", "dev")
    )
    made = Made(
        file=f"{case.number}.zip", controller="", sha256="0" * 64, special=False, records=1,
        passphrase=f"{MARKED}-open-it",
    )  # fmt: skip
    ledger.packages.seal(case.number, [made], expires_on=date(2026, 12, 31), entry=Entry("package.sealed", "dev"))
    released = Entry("package.released", "fg")
    ledger.packages.release(made.file, code=desk.code("fg"), as_of=AS_OF, entry=released)
    ledger.seals.in_use("Praktijk", entry=Entry("office seal made", "dev"))
    agrees(ledger, Act.GIVEN, case.number)
    withdrawn = agrees(ledger, Act.WITHDRAWN, case.number)
    stopped = Entry("consent.stopped", "fg")
    ledger.consent_stops.by_hand(withdrawn.number, "crm.opt_ins", f"called {MARKED}", entry=stopped)
    who = [Identifier("email", f"{MARKED.lower()}@example.org")]
    ledger.suppressions.add(who, on=AS_OF, channel="mail", entry=Entry("marketing.objected", "fg", case=case.number))
    return case.number


def agrees(ledger: Ledger, act: Act, case: str) -> Statement:
    """One line of the opt-in register, by somebody marked."""
    words = {} if act is Act.WITHDRAWN else {"version": "1", "digest": "0" * 64}
    said = Statement(number="", purpose="newsletter", act=act, on=AS_OF, channel="mail", case=case, **words)
    person = {"name": MARKED, "email": f"{MARKED}@example.org"}
    return ledger.opt_ins.record(
        said, person=person, identifiers=[Identifier("email", f"{MARKED.lower()}@example.org")], today=AS_OF,
        proof=f"signed by {MARKED}", places=["crm.opt_ins"] if act is Act.WITHDRAWN else (),
        entry=Entry(f"consent.{act.value}", "dev", case=case),
    )  # fmt: skip


def bytes_of(desk: Desk) -> bytes:
    if desk.url.startswith("sqlite"):
        folder = Path(desk.url.removeprefix("sqlite:///")).parent
        return b"".join(file.read_bytes() for file in folder.iterdir())
    with desk.ledger.events.engine.connect() as connection:
        found = [connection.execute(table.select()).all() for table in metadata.sorted_tables]
    return repr(found).encode()


def test_no_byte_of_the_ledger_holds_a_person(desk: Desk) -> None:
    number = fill(desk)
    raw = bytes_of(desk)
    assert number.encode() in raw
    assert MARKED.encode() not in raw
    assert MARKED.lower().encode() not in raw.lower()
    assert MARKED.encode().hex().encode() not in raw
    assert desk.ledger.cases.subject_of(number)["name"] == MARKED


def test_rotated_keys_open_everything_and_the_old_ones_nothing(desk: Desk, tmp_path: Path) -> None:
    number = fill(desk)
    old = Keyring.parse(Path(desk.keyring.path or "").read_text())
    assert desk.ledger.rotate_keys(entry=Entry("keys rotated", "fg"), forget=True) == 19
    desk.close()
    with pytest.raises(LedgerBroken):
        open_ledger(desk.url, clock=lambda: NOW, keyring=old)
    desk.keyring = Keyring.at(Path(desk.keyring.path or ""), create=False)
    ledger = desk.ledger
    assert ledger.verify().ok
    assert ledger.cases.subject_of(number)["name"] == MARKED
    assert ledger.cases.decisions_of(number)[0].key == f"{MARKED}|1"
    assert {h.key for h in ledger.holds.list_active(AS_OF)} == {MARKED, None}
    assert MARKED.encode() in ledger.plans.read_plan("p" * 64).body
    assert ledger.batches.open_batches()[0].dossiers["patient"] == Keys([(f"{MARKED}-open",)])
    assert ledger.batches.was_destroyed("careweb", "patient", (f"{MARKED}-gone",))
    assert (
        ledger.packages.passphrase_of(f"{number}.zip", as_of=AS_OF, entry=Entry("asked", "fg")) == f"{MARKED}-open-it"
    )
    ledger.seals.in_use("Praktijk", entry=Entry("office seal made", "dev"))
    assert ledger.opt_ins.person_of("C000001")["name"] == MARKED
    assert ledger.opt_ins.proof_of("C000002") == f"signed by {MARKED}"
    marks = ledger.opt_ins.marker().of([Identifier("email", f"{MARKED.lower()}@example.org")])
    assert ledger.suppressions.standing() == frozenset(marks), "who objected is known again after every key was turned"
    desk.approve("b" * 64)


def test_a_rotation_killed_half_way_loses_nothing(paper: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = fill(paper)
    renewed = iter(range(4))

    def killed(self: Keyring, token: bytes, *, of: str) -> bytes:
        if next(renewed, None) is None:
            raise KeyboardInterrupt
        return self._fernet.rotate(token)

    with monkeypatch.context() as patched:
        patched.setattr(Keyring, "renew", killed)
        with pytest.raises(KeyboardInterrupt):
            paper.ledger.rotate_keys(entry=Entry("keys rotated", "fg"), forget=True)
    paper.close()
    paper.keyring = Keyring.at(Path(paper.keyring.path or ""), create=False)
    assert paper.ledger.cases.subject_of(number)["name"] == MARKED
    assert paper.ledger.verify().ok


def test_an_error_of_the_ledger_names_no_person(desk: Desk) -> None:
    number = fill(desk)
    desk.by_hand("UPDATE cases SET subject = :token", token=b"damaged")
    with pytest.raises(TermijnError) as caught:
        desk.ledger.cases.subject_of(number)
    assert MARKED not in str(caught.value)
    assert MARKED not in repr(desk.ledger.holds.list_active(AS_OF))


def test_a_moment_is_written_alike_whatever_its_zone() -> None:
    assert written(NOW) == "2026-11-23T08:00:00.000000+00:00"
    with pytest.raises(ValueError, match="zone"):
        written(NOW.replace(tzinfo=None))


def test_a_ledger_of_the_first_version_gets_its_switch_sealed_as_it_stood(tmp_path: Path) -> None:
    ring = Keyring.fresh(tmp_path / "ledger.db.keys")
    ring.save(new=True)
    make_file(tmp_path / "ledger.db", create=True)
    engine = make_engine(read_address(at(tmp_path)))
    proof = ring.encrypt(b"these keys are the keys of this ledger", of="key_checks.proof:keys")
    with engine.connect().execution_options(termijn_writes=True) as connection, connection.begin():
        command.upgrade(configuration(connection), "0001")
        first = {"hash": "0" * 64, "seal": ring.seal("head", 0, "0" * 64)}
        connection.execute(text("INSERT INTO head VALUES (1, 0, :hash, :seal)"), first)
        connection.execute(text("INSERT INTO key_checks VALUES ('keys', :proof)"), {"proof": proof})
        connection.execute(text("INSERT INTO switch VALUES (1, 1, 'fg', :at)"), {"at": written(NOW)})
    engine.dispose()
    ledger = open_ledger(at(tmp_path), clock=lambda: NOW)
    assert ledger.switch.show() == Switch(stopped=True, by="fg", at=NOW)
    assert ledger.verify().ok
    ledger.close()
