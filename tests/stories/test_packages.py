"""What becomes of one person's package: made the same twice, checked by anybody, released by two, gone when over."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pyotp
import pytest

from domain.cases import CaseKind, IdentityCheck, IdentityMethod, IdentityResult, State
from domain.evidence import Entry
from domain.release import Package, PackageState
from ledger.officers import OfficerRole
from reports import unseal
from tests.stories.small_house import TODAY, SmallHouse

#: What the source says of this person; nothing of it may be read anywhere but in source, ledger and package.
MARKS = (b"bezoeker2@", b"geheim2", b"Naam2", b"0612345602")


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """Two officers, and one request that may be answered."""
    made = SmallHouse(tmp_path)
    ledger, now = made.ledger(), datetime.now(UTC)
    first = pyotp.parse_uri(ledger.officers.enrol("fg", OfficerRole.DPO, entry=Entry("officer.enrolled", "fg")))
    assert isinstance(first, pyotp.TOTP)
    address = ledger.officers.enrol(
        "privacy", OfficerRole.PRIVACY_OFFICER, code=first.at(now), entry=Entry("officer.enrolled", "fg")
    )
    second = pyotp.parse_uri(address)
    assert isinstance(second, pyotp.TOTP)
    ledger.close()
    made.codes = {"fg": first.at(now + timedelta(seconds=30)), "privacy": second.at(now)}
    open_case(made)
    return made


def open_case(house: SmallHouse) -> None:
    """A request of visitor 2, in the ledger itself: three commands less for each test."""
    ledger, entry = house.ledger(), Entry("case.received", "privacy")
    person = {"name": "Naam2", "surname": "Naam2", "born_on": "1980-01-31", "email": "bezoeker2@example.org"}
    case = ledger.cases.open_case(
        CaseKind.ACCESS, received_on=TODAY, channel="mail", subject={**person, "phone": "0612345602"}, entry=entry
    )
    assert case.number == number_of(house)
    check = IdentityCheck(IdentityMethod.CALL_BACK, IdentityResult.VERIFIED, "privacy", TODAY)
    ledger.cases.record_identity(case.number, check, entry=Entry("case.identity", "privacy"))
    ledger.cases.move(case.number, State.IN_PROGRESS, on=TODAY, entry=Entry("case.in-progress", "privacy"))
    ledger.close()


def special(house: SmallHouse) -> None:
    """From now on the register says that visits tell of health."""
    house.edit("activities/visits.toml", 'category = "user.name"', 'category = "user.health", special = true')
    house.edit("activities/visits.toml", '["AVG 6.1.f"]', '["AVG 6.1.f", "AVG 9.2.h"]')


def export(house: SmallHouse, *words: str) -> str:
    ended = house.termijn("export", number_of(house), *words)
    assert ended.returncode == 0, ended.stderr
    return re.findall(r"sealed (\S+\.zip)", ended.stdout)[0]


def number_of(house: SmallHouse) -> str:
    return f"{TODAY.year}-0001"


def stored(house: SmallHouse) -> list[str]:
    folder = house.folder / "out" / "packages"
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def in_ledger(house: SmallHouse) -> Package:
    ledger = house.ledger()
    [found] = ledger.packages.list_packages(number_of(house))
    ledger.close()
    return found


def kinds(house: SmallHouse) -> list[str]:
    ledger = house.ledger()
    found = [e.kind for e in ledger.events.events(case=number_of(house))]
    ledger.close()
    return found


def release(house: SmallHouse, file: str, by: str, *words: str) -> subprocess.CompletedProcess[str]:
    return house.termijn("package", "release", file, "--by", by, "--code", house.codes[by], *words)


def test_the_same_case_and_data_give_the_same_files_in_two_processes(house: SmallHouse) -> None:
    first = export(house)
    one = {name: hashlib.sha256(body).hexdigest() for name, body in house.open_package(number_of(house)).items()}
    second = export(house)
    two = {name: hashlib.sha256(body).hexdigest() for name, body in house.open_package(number_of(house)).items()}
    assert first != second, "encrypted anew, so another file"
    assert one == two
    assert {"manifest.json", "manifest.json.sig", "signer.pem", "letter.pdf", "data.json"} <= one.keys()
    assert stored(house) == [second], "what was superseded is gone from the store"
    assert "package.gone" in kinds(house)


def test_anybody_checks_the_package_with_the_commands_that_it_gives(house: SmallHouse) -> None:
    for tool in ("openssl", "jq", "sha256sum"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not here, so the commands of controle.txt were not run")
    export(house)
    folder = house.folder / "opened"
    for name, body in house.open_package(number_of(house)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    commands = [line.strip() for line in (folder / "controle.txt").read_text().splitlines() if line.startswith("   ")]
    assert len(commands) == 3

    def check() -> list[int]:
        return [
            subprocess.run(["sh", "-c", c], cwd=folder, capture_output=True, check=False).returncode for c in commands
        ]

    assert check() == [0, 0, 0]
    listed = {f["name"] for f in json.loads((folder / "manifest.json").read_text())["files"]}
    every = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert every - listed == {"manifest.json", "manifest.json.sig", "signer.pub"}
    with (folder / "data.json").open("ab") as file:
        file.write(b" ")
    assert check() == [0, 1, 0]
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(manifest.replace('"event":', '"event": 1'))
    assert check()[0] != 0


def test_two_officers_release_a_special_package_and_only_then_is_the_passphrase_told(house: SmallHouse) -> None:
    special(house)
    file, number = export(house, "--by", "engineer"), number_of(house)
    shown = json.loads(house.termijn("case", "show", number, "--passphrase", "--json").stdout)
    assert (shown["passphrases"], shown["packages"]) == ({}, [f"{file}: sealed"])
    assert house.termijn("case", "move", number, "answered").returncode == 4
    assert house.termijn("package", "open", file, "--by", "fg", "--to", str(house.folder / "desk")).returncode == 4
    assert release(house, file, "privacy", "--ask").returncode == 0
    ended = release(house, file, "fg")
    assert ended.returncode == 0, ended.stderr
    told = house.termijn("package", "open", file, "--by", "privacy", "--passphrase", "--to", str(house.folder / "desk"))
    assert told.returncode == 0, told.stderr
    passphrase = re.findall(r"(?:[a-z]+-){6}[a-z]+", told.stdout)[0]
    files = unseal((house.folder / "desk" / file).read_bytes(), passphrase=passphrase)
    assert b"bezoeker2@example.org" in files["data.json"]
    assert house.termijn("case", "move", number, "answered").returncode == 0
    assert kinds(house)[4:] == [
        "case.sealed", "package.release asked", "package.released", "passphrase.read", "package.opened",
        "case.moved", "letter.recorded",
    ]  # fmt: skip


def test_a_bsn_makes_a_package_special_whatever_the_register_calls_it(house: SmallHouse) -> None:
    house.edit("systems/desk.toml", 'identifies = { email = "email",', 'identifies = { bsn = "phone", email = "email",')
    export(house)
    assert in_ledger(house).special


@pytest.mark.slow
def test_a_withdrawn_package_is_gone_from_the_store_and_nobody_gets_its_passphrase(house: SmallHouse) -> None:
    file = export(house)
    assert stored(house) == [file]
    ended = house.termijn("package", "withdraw", file, "--by", "fg")
    assert ended.returncode == 0, ended.stderr
    assert stored(house) == []
    assert house.termijn("package", "open", file, "--by", "fg", "--passphrase").returncode == 4
    assert house.termijn("case", "move", number_of(house), "answered").returncode == 4
    package = in_ledger(house)
    assert (package.state, package.gone_at is None) == (PackageState.WITHDRAWN, False)
    assert house.ledger().breaches.list_all() == (), "nobody had it"


@pytest.mark.slow
def test_a_package_that_is_withdrawn_after_its_release_proposes_a_breach_once(house: SmallHouse) -> None:
    file = export(house)
    assert release(house, file, "fg").returncode == 0
    for _ in range(2):
        house.termijn("package", "withdraw", file, "--by", "fg")
    [proposed] = house.ledger().breaches.list_all()
    assert (proposed.state.value, proposed.source) == ("proposed", f"package {file}")


EXPIRE = """
import os, sys
os.environ["TERMIJN_SKIN"] = "plain"
from datetime import timedelta
import tasks.clock as clock, tasks.expiry as expiry, tasks.office as office
from domain.trouble import Refused
moment = clock.now
try:
    expiry.expire(clock.today() + timedelta(days=99))
except Refused:
    print("not before its day comes")
for days in sys.argv[1:]:
    clock.now = office.now = expiry.now = lambda: moment() + timedelta(days=int(days))
    removed = expiry.expire(clock.today()).packages
    print(os.listdir(os.path.join(os.environ["TERMIJN_OUT"], "packages")), removed)
"""


def test_a_package_expires_by_the_term_of_the_register(house: SmallHouse) -> None:
    (house.register / "packages.toml").write_text(
        'since = 2026-01-01\nstays = "5 days"\ncounts_from = "de dag"\narticle = "AVG 5"\nsource = "eigen keuze"\n'
        'choice = "vijf dagen"\nlast_checked = 2026-11-25\n'
    )
    file = export(house)
    ended = house.run_python(EXPIRE, "5", "6")
    assert ended.stdout.splitlines() == ["not before its day comes", f"[{file!r}] 0", "[] 1"], ended.stderr
    assert stored(house) == []
    ledger = house.ledger()
    assert ledger.verify().ok
    ledger.close()
    assert {"package.expired", "package.gone"} <= set(kinds(house))


def test_the_night_removes_what_a_killed_export_left_and_what_a_withdrawn_request_had_ready(house: SmallHouse) -> None:
    export(house)
    folder = house.folder / "out" / "packages"
    names = (f"{number_of(house)}-00000000.zip", f".{'a' * 16}.draft", "leesmij.txt", "2026-0001-new00000.zip")
    for name in names:
        (folder / name).write_bytes(b"x")
        if "new" not in name:
            os.utime(folder / name, (0, 0))
    ledger = house.ledger()
    ledger.cases.move(number_of(house), State.WITHDRAWN, on=TODAY, entry=Entry("case.withdrawn", "privacy"))
    ledger.close()
    ended = house.termijn("package", "expire")
    assert ended.returncode == 0, ended.stderr
    assert "1 packages, 2 stray files" in ended.stdout
    assert stored(house) == ["2026-0001-new00000.zip", "leesmij.txt"]


def test_one_encrypted_pdf_goes_the_way_of_a_package_and_opens_with_its_passphrase_only(house: SmallHouse) -> None:
    export(house, "--pdf-copy")
    [name] = [n for n in stored(house) if n.endswith(".pdf")]
    assert len(stored(house)) == 2
    body = (house.folder / "out" / "packages" / name).read_bytes()
    assert [m for m in MARKS if m in body] == []
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(body))
    desk = str(house.folder / "desk")
    assert house.termijn("package", "open", name, "--by", "fg", "--passphrase").returncode == 4, "not released"
    assert release(house, name, "fg").returncode == 0
    told = house.termijn("package", "open", name, "--by", "privacy", "--passphrase", "--to", desk)
    passphrase = re.findall(r"(?:[a-z]+-){6}[a-z]+", told.stdout)[0]
    with pikepdf.open(house.folder / "desk" / name, password=passphrase) as opened:
        assert (opened.encryption.R, opened.encryption.bits) == (6, 256)
        assert b"pdfaid:part" not in opened.Root.Metadata.read_bytes()
        assert len(opened.pages) > 3
    assert house.termijn("case", "move", number_of(house), "answered").returncode == 4, "the package is not released"
    assert export(house) in stored(house)
    assert len(stored(house)) == 1, "both were superseded and are gone"


def drift(house: SmallHouse) -> None:
    house.sql("ALTER TABLE visitor ADD COLUMN nickname TEXT")


def unreadable(house: SmallHouse) -> None:
    house.secrets["DESK_URL"] = f"sqlite:///{house.folder / 'nowhere' / 'desk.db'}"


def undecided(house: SmallHouse) -> None:
    house.sql("INSERT INTO visitor VALUES (77, 'Anders', '1950-01-01', 'bezoeker2@example.org', '0600000000', NULL)")


def no_room(house: SmallHouse) -> None:
    house.secrets["TERMIJN_STORE"] = str(house.folder / "desk.db" / "packages")


TROUBLES = [(drift, 5), (unreadable, 5), (undecided, 4), (no_room, 5)]


@pytest.mark.parametrize(("trouble", "code"), TROUBLES, ids=[t.__name__ for t, _ in TROUBLES])
def test_an_answer_is_whole_or_nothing_of_it_is_anywhere(house: SmallHouse, trouble: object, code: int) -> None:
    assert callable(trouble)
    trouble(house)
    ended = house.termijn("export", number_of(house))
    assert ended.returncode == code, ended.stderr
    assert stored(house) == []
    assert "package.sealed" not in kinds(house)
    ledger = house.ledger()
    assert ledger.cases.read_case(number_of(house)).state is State.IN_PROGRESS
    ledger.close()
    assert not any(mark.decode() in ended.stdout + ended.stderr for mark in MARKS)


KILLED = """
import os, sys
os.environ["TERMIJN_SKIN"] = "plain"
from ledger.cases import Cases
from ledger.packages import Packages
from tasks.store import Store
def die(*args, **kwargs):
    raise SystemExit(9) if sys.argv[2] == "refused by the ledger" else os._exit(137)
where = {"laid in the store": (Packages, "seal"), "refused by the ledger": (Packages, "seal"),
         "kept in the ledger": (Cases, "move"), "before the old one goes": (Store, "remove")}[sys.argv[2]]
setattr(*where, die)
from flows.export_subject import export_subject
export_subject(sys.argv[1])
"""


def test_a_package_that_the_ledger_does_not_keep_does_not_stay_in_the_store(house: SmallHouse) -> None:
    assert house.run_python(KILLED, number_of(house), "refused by the ledger").returncode == 9
    assert stored(house) == []


@pytest.mark.slow
@pytest.mark.parametrize("instant", ["laid in the store", "kept in the ledger", "before the old one goes"])
def test_killed_at_any_instant_the_next_export_and_the_next_night_mend_it(house: SmallHouse, instant: str) -> None:
    if instant == "before the old one goes":
        export(house)
    assert house.run_python(KILLED, number_of(house), instant).returncode == 137
    left = stored(house)
    assert len(left) == (2 if instant == "before the old one goes" else 1)
    file = export(house)
    for name in left:
        if (house.folder / "out" / "packages" / name).exists():
            os.utime(house.folder / "out" / "packages" / name, (0, 0))
    assert house.termijn("package", "expire").returncode == 0
    assert stored(house) == [file]
    ledger = house.ledger()
    assert ledger.cases.read_case(number_of(house)).state is State.SEALED
    assert ledger.verify().ok
    assert [p.state.value for p in ledger.packages.list_packages() if p.gone_at is None] == ["sealed"]
    ledger.close()


WATCHED = """
import os, sys, tempfile
os.environ["TERMIJN_SKIN"] = "plain"
made, kept = tempfile.TemporaryFile, []
def watched(*args, **kwargs):
    file = made(*args, **kwargs)
    kept.append(os.dup(file.fileno()))
    return file
tempfile.TemporaryFile = watched
import tasks.spool
tasks.spool.Spool.__init__.__kwdefaults__.update(held=0, page=1)
from flows.export_subject import export_subject
export_subject(sys.argv[1])
with open(sys.argv[2], "wb") as out:
    for file in kept:
        out.write(os.pread(file, 10**9, 0) + b"|end|")
"""


def test_nothing_of_a_person_is_in_a_temporary_file_a_log_or_a_name(house: SmallHouse) -> None:
    temporary = house.folder / "tmp"
    temporary.mkdir()
    house.secrets["TMPDIR"] = str(temporary)
    seen = house.folder / "seen"
    ended = house.run_python(WATCHED, number_of(house), str(seen))
    assert ended.returncode == 0, ended.stderr
    found = seen.read_bytes()
    assert found.count(b"|end|") == 2, "the spool and the package"
    assert len(found) > 10_000
    assert [m for m in MARKS if m in found] == []
    assert list(temporary.iterdir()) == []
    assert [m for m in MARKS if m in (ended.stdout + ended.stderr).encode()] == []
    [file] = stored(house)
    body = (house.folder / "out" / "packages" / file).read_bytes()
    assert [m for m in MARKS if m in body or m.decode() in file] == []
    assert [m for m in MARKS if m in (house.folder / "ledger.db").read_bytes()] == []
