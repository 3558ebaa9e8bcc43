"""What a person reads: the same values give the same bytes, nothing of it is lost, and nothing comes from outside."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from domain.evidence import Head
from domain.night import Night
from domain.package import PackageContents, Part, Record
from reports import (
    Link,
    anchor_mail,
    certificate_json,
    certificate_pdf,
    deadline_list_json,
    deadline_list_markdown,
    deadline_list_pdf,
    escalation_mail,
    make_passphrase,
    overview_html,
    package_files,
    purge_report_json,
    purge_report_markdown,
    purge_report_pdf,
    seal,
    unseal,
)
from reports.dutch import day as dutch_day
from reports.morning_mail import morning_message
from tests.golden import contents as given

NIGHT, MORNING = given.night(), given.morning()
MAKERS: dict[str, Callable[[], bytes]] = {
    "purge_report.pdf": lambda: purge_report_pdf(given.night()),
    "purge_report.json": lambda: purge_report_json(given.night()),
    "certificate.pdf": lambda: certificate_pdf(given.night()),
    "certificate.json": lambda: certificate_json(given.night()),
    "deadline_list.pdf": lambda: deadline_list_pdf(given.morning()),
    "deadline_list.json": lambda: deadline_list_json(given.morning()),
    "overview.html": lambda: overview_html(given.night(), [Link("a.pdf", "a.pdf")], packages=1, escalations=2),
}


def words_of(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here (Debian: poppler-utils)")
    file = tmp_path / "file.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", MAKERS)
def test_a_report_is_the_same_to_the_byte_each_time(name: str) -> None:
    assert MAKERS[name]() == MAKERS[name]()


@pytest.mark.parametrize("made", ["contents", "portable"])
def test_a_package_is_the_same_to_the_byte_in_another_process_too(made: str) -> None:
    def digest(files: dict[str, bytes]) -> str:
        return hashlib.sha256(
            b"".join(n.encode() + hashlib.sha256(b).digest() for n, b in sorted(files.items()))
        ).hexdigest()

    script = (
        "import hashlib; from tests.golden import contents as g; from reports import package_files; "
        f"f = package_files(g.{made}(), g.register()); "
        "parts = (n.encode() + hashlib.sha256(b).digest() for n, b in sorted(f.items())); "
        "print(hashlib.sha256(b''.join(parts)).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    contents = given.contents() if made == "contents" else given.portable()
    assert other.stdout.strip() == digest(package_files(contents, given.register()))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_data_of_a_package_obeys_the_schema_beside_it(language: str) -> None:
    files = package_files(given.contents(language=language), given.register())
    schema = json.loads(files["schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(files["data.json"]))
    broken = json.loads(files["data.json"])
    broken.pop(next(iter(schema["required"])))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(broken)


def test_the_manifest_lists_every_other_file_with_its_hash() -> None:
    files = package_files(given.contents(), given.register())
    listed = {f["name"]: f["sha256"] for f in json.loads(files["manifest.json"])["files"]}
    assert listed == {n: hashlib.sha256(b).hexdigest() for n, b in files.items() if n != "manifest.json"}


def test_the_letter_tells_all_of_article_15(tmp_path: Path) -> None:
    told = " ".join(words_of(package_files(given.contents(), given.register())["letter.pdf"], tmp_path).split())
    for part in (
        "Waarvoor", "Welke soorten gegevens", "Wie de gegevens krijgt", "Hoe lang", "artikel 16", "artikel 17",
        "artikel 18", "artikel 21", "Autoriteit Persoonsgegevens", "Hoe wij eraan komen", "Beslist een computer",
        "buiten Europa", "zes weken", "Waar wij hebben gezocht",
    ):  # fmt: skip
        assert part in told, part


def test_every_exported_value_stands_in_the_data_and_in_the_page() -> None:
    contents = given.contents(rows=12)
    files = package_files(contents, given.register())
    page, data = files["index.html"].decode(), files["data.json"].decode()
    texts = {
        v
        for p in contents.parts
        for r in p.records
        for c, v in r.values.items()
        if c in p.columns and isinstance(v, str)
    }
    plain = {t for t in texts if re.fullmatch(r"[A-Za-z][A-Za-z ]{3,}", t)}
    assert plain
    assert [t for t in plain if t not in page or t not in data] == []


def test_a_page_has_no_script_and_nothing_from_outside() -> None:
    for page in (package_files(given.contents(), given.register())["index.html"], MAKERS["overview.html"]()):
        text = page.decode()
        assert "<script" not in text
        assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\(""", text)
        assert all(sign in text for sign in ('lang="', "viewport", "<h1>"))


def test_a_value_that_looks_like_html_or_a_formula_stays_text() -> None:
    contents = given.contents(rows=1)
    part = contents.parts[0]
    first = next(iter(part.records))
    column = next(c for c, v in first.values.items() if isinstance(v, str) and c in part.columns)
    evil = replace(first, values={**first.values, column: "=HYPERLINK(1)<script>alert(1)</script>"})
    changed = replace(contents, parts=[replace(part, records=[evil]), *contents.parts[1:]])
    files = package_files(changed, given.register())
    assert b"<script" not in files["index.html"]
    table = next(b for n, b in files.items() if n.startswith("csv/") and b"HYPERLINK" in b)
    cells = [c for row in csv.reader(io.StringIO(table.decode("utf-8-sig")), delimiter=";") for c in row]
    cells += [c for row in csv.reader(io.StringIO(table.decode("utf-8-sig"))) for c in row]
    assert not any(c.startswith("=HYPERLINK") for c in cells)


def test_who_is_known_nowhere_gets_a_letter_that_says_so(tmp_path: Path) -> None:
    contents = given.contents()
    nobody = replace(
        contents, parts=[], activities={}, withheld=[], searched=[replace(s, rows=0) for s in contents.searched]
    )
    files = package_files(nobody, given.register())
    assert "Geen gegevens" in words_of(files["letter.pdf"], tmp_path)


def test_a_long_table_is_whole_in_the_dossier(tmp_path: Path) -> None:
    contents = given.contents(rows=600)
    told = words_of(package_files(contents, given.register())["dossier.pdf"], tmp_path)
    pages = told.count("\f")
    assert pages > 15
    assert f"van {pages}" in " ".join(told.split())


def test_an_unprintable_letter_is_marked_and_never_dropped() -> None:
    contents = given.contents(rows=1)
    part: Part = contents.parts[0]
    first = next(iter(part.records))
    column = next(c for c, v in first.values.items() if isinstance(v, str) and c in part.columns)
    odd: Record = replace(first, values={**first.values, column: "Ne\x01ža 漢字 😀"})
    changed: PackageContents = replace(contents, parts=[replace(part, records=[odd])])
    assert package_files(changed, given.register())["dossier.pdf"].startswith(b"%PDF")


def test_the_night_can_be_read_back_from_its_report() -> None:
    assert Night.model_validate_json(purge_report_json(NIGHT)) == NIGHT


def test_the_report_names_every_rule_and_what_to_do_about_a_refusal(tmp_path: Path) -> None:
    page, markdown = words_of(purge_report_pdf(NIGHT), tmp_path), purge_report_markdown(NIGHT)
    for rule in NIGHT.rules:
        assert rule.rule in page
        assert f"| {rule.rule} |" in markdown
        for refusal in rule.refusals:
            assert refusal.do.split(";")[0][:40] in " ".join(markdown.split())


def test_the_certificate_lists_each_batch_with_its_root(tmp_path: Path) -> None:
    told = "".join(words_of(certificate_pdf(NIGHT), tmp_path).split())
    roots = [b.root for r in NIGHT.rules for b in r.batches]
    assert roots
    assert all(root[:24] in told for root in roots)
    assert json.loads(certificate_json(NIGHT))["chain"]["hash"] == NIGHT.chain_hash


def test_the_morning_list_has_every_case_and_shouts_what_is_overdue(tmp_path: Path) -> None:
    told = words_of(deadline_list_pdf(MORNING), tmp_path)
    assert all(c.case in told and c.case in deadline_list_markdown(MORNING) for c in MORNING.cases)
    assert "OVERDUE" in told
    assert MORNING.overdue


def test_the_date_without_its_pauses_stays_in_sight_wherever_a_request_is_listed(tmp_path: Path) -> None:
    unpaused = {c.case: c.unpaused for c in MORNING.cases}
    pdf = " ".join(words_of(deadline_list_pdf(MORNING), tmp_path).split())
    rows = [line for line in deadline_list_markdown(MORNING).splitlines() if line.startswith("| 2026-")]
    for case, day in unpaused.items():
        assert str(day) in pdf, case
        assert str(day) in next(row for row in rows if row.startswith(f"| {case} |")), case
    [paused] = [c for c in MORNING.cases if c.paused]
    message = morning_message(MORNING, sender="t@localhost", to="fg@localhost")
    said = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [line] = [line for line in said.splitlines() if paused.case in line]
    assert f"zonder onderbreking {dutch_day(paused.unpaused)}" in line


def test_a_message_that_may_be_of_a_data_breach_stands_above_all_requests(tmp_path: Path) -> None:
    pdf, page = words_of(deadline_list_pdf(MORNING), tmp_path), deadline_list_markdown(MORNING)
    said = "M2026-0052 may be about a data breach: look today, the 72 hours may run"
    assert said in " ".join(pdf.split())
    assert page.index(said) < page.index("| case |")
    message = morning_message(MORNING, sender="t@localhost", to="fg@localhost")
    lines = message.get_body(("plain",)).get_content().splitlines()  # type: ignore[union-attr]
    leak, late = (
        next(n for n, line in enumerate(lines) if line.startswith(w)) for w in ("Misschien een dat", "Te laat")
    )
    assert leak < late
    assert "M2026-0052" in lines[leak + 1]


def test_a_forecast_says_how_long_it_takes_and_how_long_there_is(tmp_path: Path) -> None:
    pdf = " ".join(words_of(deadline_list_pdf(MORNING), tmp_path).split())
    for told in (pdf, deadline_list_markdown(MORNING)):
        assert "usually 9 days" in told
        assert "you have 7" in told
        assert "ask now" in told
    message = morning_message(MORNING, sender="t@localhost", to="fg@localhost")
    said = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "vraag het nu; het komt naar verwachting te laat (duurt meestal 9 dagen, u heeft er 7)" in said


def test_an_escalation_has_a_subject_without_a_person_and_one_identity_per_rung() -> None:
    case = MORNING.cases[0]
    one = escalation_mail(case, rung="promise-3", asks="antwoord vandaag", sender="t@localhost", to=["fg@localhost"])
    two = escalation_mail(case, rung="promise-3", asks="antwoord vandaag", sender="t@localhost", to=["fg@localhost"])
    assert one["Message-ID"] == two["Message-ID"]
    assert case.case in one["Subject"]
    assert "antwoord vandaag" in one.get_content()


def test_a_sealed_package_opens_only_with_its_passphrase() -> None:
    passphrase, bits = make_passphrase()
    sealed = seal({"a.txt": b"geheim" * 100, "b/c.txt": b""}, passphrase=passphrase)
    assert bits >= 70
    assert make_passphrase()[0] != passphrase
    assert unseal(sealed, passphrase=passphrase) == {"a.txt": b"geheim" * 100, "b/c.txt": b""}
    assert b"geheim" not in sealed
    with pytest.raises(RuntimeError):
        unseal(sealed, passphrase="iets anders")


def test_reports_read_no_clock() -> None:
    later = replace(given.contents(), as_of=given.AS_OF + timedelta(days=1))
    one, two = package_files(given.contents(), given.register()), package_files(later, given.register())
    assert one["letter.pdf"] != two["letter.pdf"]


def test_the_certificate_tells_who_approved_what_was_reread_and_until_when_backups_hold_it(tmp_path: Path) -> None:
    told = " ".join(words_of(certificate_pdf(NIGHT), tmp_path).split())
    for part in (
        "gevraagd door dev, gegeven door fg", "111 rijen opnieuw gezocht", "geen enkele was er nog",
        "30 december 2026", "bevriezing", "open verzoek",
        f"{NIGHT.chain_event}:{NIGHT.chain_hash[:24]}", "Goedkeuring van het plan",
    ):  # fmt: skip
        assert part in told, part


def test_what_was_there_is_what_went_and_what_stayed_and_why() -> None:
    served = json.loads(certificate_json(NIGHT))["rules"]
    assert served
    for rule in served:
        assert rule["total"] == rule["destroyed"] + sum(rule["stayed_because"].values())
        assert rule["total_after"] == rule["total"] - rule["destroyed"]


def test_an_anchor_mail_holds_the_head_and_nothing_else() -> None:
    head = Head(121, "ab" * 32)
    mail = anchor_mail(head, at=NIGHT.ended_at, sender="t@localhost", to="auditor@localhost")
    assert f"--head {head}" in mail.get_content()
    assert mail["Message-ID"] == anchor_mail(head, at=NIGHT.ended_at, sender="x@localhost", to="y@z")["Message-ID"]


def test_what_was_put_away_is_there_and_says_so_in_every_form(tmp_path: Path) -> None:
    files = package_files(given.contents(), given.register())
    data = json.loads(files["data.json"])
    records = [r for s in data["systems"].values() for d in s["datasets"] for r in d["records"]]
    assert [r["key"] for r in records if r["archived"]] == ["c12", "c13"]
    assert [r["key"] for r in records if r["soft_deleted"]] == ["c11"]
    page = files["index.html"].decode()
    for said in (
        "2 gegevens zijn in het systeem gearchiveerd",
        "1 gegeven is in het systeem al als verwijderd gemerkt",
    ):
        assert said in page
        assert said in " ".join(words_of(files["dossier.pdf"], tmp_path).split())
    table = files["csv/careweb.contact.csv"]
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig")), delimiter=";"))
    assert [r["Gearchiveerd"] for r in rows].count("ja") == 2
