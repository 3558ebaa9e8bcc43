"""The files of a package as they are written: exact in a stream as in one piece, signed the same way each time."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from hypothesis import given as drawn
from hypothesis import strategies as st
from psycopg.types.range import Range

from domain.package import Outcome, Part, Record, fit_on_paper
from domain.system import Column
from domain.trouble import Refused
from reports.export_data import data_json, iso
from reports.package import package_files, write_package
from reports.passphrase import make_passphrase
from reports.sealing import Sealing, seal, unseal
from reports.signing import Signing, fingerprint, sign
from tasks.spool import Spool
from tests.golden import contents as given

COLUMN = Column.model_validate({"class": "export", "label": "Waarde"})
VALUES: list[Any] = [
    None, True, 0, 2**53, 2**53 + 1, -(2**53) - 1, 2**70, 1.5, -0.0, float("inf"), float("nan"),
    "é\x00\n\u2028", "\ud800",
    Decimal("1.50"), Decimal("NaN"), b"\x00\xff", memoryview(b"scan"), date(1, 1, 1), time(1, 2), UUID(int=7),
    datetime.fromisoformat("2026-01-02 03:04:05.000006"), datetime(2026, 1, 2, tzinfo=UTC),
    datetime(1930, 1, 2, 3, 4, tzinfo=ZoneInfo("Europe/Amsterdam")),  # twenty minutes less 28 seconds off UTC
    datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-3))), {"b": [float("nan"), 2**60], "a": {1: None}},
    [float("inf"), date(2026, 1, 1)], {"x", "y"}, Range(date(2026, 1, 2), None), timedelta(days=1),
]  # fmt: skip


def part(values: list[Any]) -> Part:
    records = [Record(f"k{n}", {"v": v}, date(2030, 1, 1), "wet") for n, v in enumerate(values)]
    return Part("s", "S", "d", "D", "medical-dossier", {"v": COLUMN}, records)


def told(values: list[Any]) -> list[Any]:
    contents = replace(given.contents(rows=1), parts=(part(values),))
    [dataset] = json.loads(data_json(contents))["systems"]["s"]["datasets"]
    return [r["values"]["v"] for r in dataset["records"]]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_a_value_in_the_stream_is_the_value_that_the_rule_says(value: Any) -> None:
    expected = json.loads(json.dumps(iso(value)))
    assert told([value, value]) == [expected, expected]


ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters()), st.dates(), st.datetimes(),
    st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Europe/Amsterdam"), timezone(timedelta(seconds=90))])),
    st.decimals(), st.binary(), st.uuids(),
)  # fmt: skip


@drawn(st.lists(ANY, max_size=8))
def test_whatever_a_source_gives_is_written_as_the_rule_says(values: list[Any]) -> None:
    assert told(values) == [json.loads(json.dumps(iso(v))) for v in values]


ROWS: list[list[dict[str, Any]]] = [
    [{"v": 1, "w": 2}, {"v": 3}], [{"v": 1}, {"v": 3, "w": 2}], [{}, {"v": 3, "w": 2}],
    [{"w": 1, "v": 2}, {"v": 3, "w": 4}],
    [{"v": 1}, {"v": 2}],
]  # fmt: skip


@pytest.mark.parametrize("rows", ROWS)
def test_a_column_that_a_row_lacks_is_empty_in_it(rows: list[dict[str, Any]]) -> None:
    records = [Record(f"k{n}", row) for n, row in enumerate(rows)]
    odd = replace(part([]), columns={"v": COLUMN, "w": COLUMN}, records=records)
    [dataset] = json.loads(data_json(replace(given.contents(rows=1), parts=(odd,))))["systems"]["s"]["datasets"]
    assert [r["values"] for r in dataset["records"]] == [{"v": row.get("v"), "w": row.get("w")} for row in rows]


def test_each_record_stands_on_a_line_of_its_own_and_parts_of_one_system_keep_their_order() -> None:
    contents = given.contents(rows=1200)
    lines = data_json(contents).decode().splitlines()
    records = [line for line in lines if line.startswith('{"key"')]
    assert len(records) == contents.records
    data = json.loads("\n".join(lines))
    for system, body in data["systems"].items():
        mine = [p for p in contents.parts if p.system == system]
        assert [d["dataset"] for d in body["datasets"]] == [p.dataset for p in mine]
        keys = [[r["key"] for r in d["records"]] for d in body["datasets"]]
        assert keys == [[r.key for r in p.records] for p in mine]


def test_a_value_without_a_classified_column_is_in_no_file() -> None:
    odd = replace(part(["x"]), records=[Record("k", {"v": 1, "nieuw": "geheim"})])
    with pytest.raises(Refused, match="no class"):
        package_files(replace(given.contents(rows=1), parts=(odd,)), given.register())


def test_a_table_too_long_for_paper_says_so_and_is_whole_in_the_data() -> None:
    contents = given.contents(rows=300)
    long = replace(contents.parts[1], summarised=True)
    files = package_files(replace(contents, parts=(contents.parts[0], long, contents.parts[2])), given.register())
    page = files["index.html"].decode()
    assert "Deze tabel heeft 300 regels. Hier ziet u de eerste 25." in page
    assert page.count("<tr>") < 60
    [dataset] = [
        d for d in json.loads(files["data.json"])["systems"]["careweb"]["datasets"] if d["dataset"] == "contact"
    ]
    assert len(dataset["records"]) == 300
    assert files["csv/careweb.contact.csv"].count(b"\r\n") == 301


@pytest.mark.parametrize(
    ("rows", "summarised"),
    [
        ([], []), ([5, 5], [False, False]), ([5, 11], [False, True]), ([10, 10, 10], [False, False, True]),
        ([9, 1, 10, 2], [False, False, True, False]), ([0, 25], [False, True]),
    ],
)  # fmt: skip
def test_what_is_too_long_for_paper_is_summarised_the_longest_first(rows: list[int], summarised: list[bool]) -> None:
    fitted = fit_on_paper([part(list(range(n))) for n in rows], each=10, in_all=20)
    assert [len(p.records) for p in fitted] == rows, "in their order"
    assert [p.summarised for p in fitted] == summarised


def signing(kind: str = "ec") -> Signing:
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Praktijk")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    return Signing(key, builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC)).sign(key, SHA256()))


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_signature_is_the_same_each_time_and_only_of_this_data(kind: str) -> None:
    one = signing(kind)
    assert sign(one, b"lijst") == sign(one, b"lijst") != sign(one, b"lijsU")
    public = one.certificate.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(sign(one, b"lijst"), b"lijst", padding.PKCS1v15(), SHA256())
    else:
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(sign(one, b"lijst"), b"lijst", ec.ECDSA(SHA256()))
    assert "PrivateKey" not in repr(one)
    assert len(fingerprint(one)) == 64


def written(one: Signing, **changed: Any) -> dict[str, bytes]:
    found: dict[str, io.BytesIO] = {}

    @contextmanager
    def opens(name: str) -> Iterator[BinaryIO]:
        found[name] = io.BytesIO()
        yield found[name]

    write_package(replace(given.contents(rows=3), **changed), given.register(), one, opens)
    return {name: body.getvalue() for name, body in found.items()}


def test_the_manifest_tells_which_right_was_answered_by_which_rules_for_what_and_from_where() -> None:
    one = signing()
    files = written(one)
    manifest = json.loads(files["manifest.json"])
    assert manifest["dpv:hasRight"] == "eu-gdpr:A15"
    assert json.loads(written(one, kind="portability")["manifest.json"])["dpv:hasRight"] == "eu-gdpr:A20"
    contents = given.contents(rows=3)
    assert [p["dct:title"] for p in manifest["dpv:hasProcess"]] == [
        a.title for _, a in sorted(contents.activities.items())
    ]
    for process in manifest["dpv:hasProcess"]:
        assert process["dpv:hasPurpose"]["dct:description"]
        assert all(s["dpv:hasDuration"] for s in process["dpv:hasStorageCondition"])
    assert manifest["chain"] == {"event": contents.chain_event, "hash": contents.chain_hash}
    assert manifest["register"] == contents.register_digest
    digests = {r.name: r.digest for r in given.register().rules_on(contents.as_of)}
    assert all(digests[r["rule"]] == r["digest"] for r in manifest["rules"])
    assert {f["name"] for f in manifest["files"]} == files.keys() - {"manifest.json", "manifest.json.sig"}
    public = one.certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(files["manifest.json.sig"], files["manifest.json"], ec.ECDSA(SHA256()))


def test_the_same_contents_and_key_give_the_same_bytes() -> None:
    one = signing()
    assert written(one) == written(one)


def test_memory_does_not_grow_with_the_records() -> None:
    """A tenfold of records costs no more memory while they come in and while they are written."""

    def peak(rows: int) -> int:
        tracemalloc.start()
        with Spool(held=2**18, page=2**16) as spool, TemporaryFile() as out:
            shelf = spool.shelf()
            for n in range(rows):
                shelf.add(Record(f"k{n}", {"v": f"regel {n} " * 10}, date(2030, 1, 1), "wet"))
            long = replace(part([]), records=shelf, summarised=True)
            with Sealing(out, passphrase="een") as package:
                write_package(replace(given.contents(), parts=(long,)), given.register(), one, package.opens)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    one = signing()
    written(one)  # fonts and code are loaded
    assert peak(20_000) < peak(2_000) + 2**20


@pytest.mark.slow
def test_a_person_with_a_million_rows_is_answered_in_256_megabytes() -> None:
    from bench.export import measure

    [found] = measure(1_000_000, 1, "")
    assert found["records"] == 1_000_000
    assert found["peak"] < 256


def test_an_answer_that_is_not_whole_opens_no_file() -> None:
    missing = given.contents(rows=1, searched=Outcome.NOT_SEARCHED)

    @contextmanager
    def opens(name: str) -> Iterator[BinaryIO]:
        pytest.fail(f"{name} was opened")
        yield io.BytesIO()

    with pytest.raises(Refused, match="not be whole"):
        write_package(missing, given.register(), signing(), opens)


def test_a_package_that_breaks_off_opens_for_nobody() -> None:
    out = io.BytesIO()

    def broken() -> None:
        with Sealing(out, passphrase="een-twee") as package, package.opens("a.json") as file:
            file.write(b"geheim" * 1000)
            raise Refused("half-way", do="again")

    with pytest.raises(Refused):
        broken()
    assert b"geheim" not in out.getvalue()
    with pytest.raises(Exception, match="not a zip"):
        unseal(out.getvalue(), passphrase="een-twee")


def test_every_file_of_a_package_is_closed_with_aes_256_and_leaves_no_checksum_of_what_it_says() -> None:
    files = {**written(signing()), "csv/leeg.csv": b""}
    with zipfile.ZipFile(io.BytesIO(seal(files, passphrase="een-twee"))) as package:
        members = package.infolist()
    assert {m.filename for m in members} == files.keys()
    for member in members:
        assert (member.flag_bits & 1, member.compress_type) == (1, 99), "encrypted, in the way of WinZip"
        kind, size, version, vendor, strength, _ = struct.unpack_from("<HHH2sBH", member.extra)
        assert (kind, size, vendor, strength) == (0x9901, 7, b"AE", 3), "256 bits"
        assert (version, member.CRC) == (2, 0) or not files[member.filename], member.filename


def test_a_passphrase_is_seven_common_words_that_nobody_guesses() -> None:
    from reports.passphrase import _words

    words = _words()
    assert len(words) == len(set(words)) == 2048
    assert len({w[:4] for w in words}) == 2048, "four letters tell each apart"
    assert all(w.isascii() and w.isalpha() and w == w.lower() and 4 <= len(w) <= 7 for w in words)
    phrase, bits = make_passphrase()
    assert (len(phrase.split("-")), bits) == (7, 77.0)
    assert set(phrase.split("-")) <= set(words)
    assert len({make_passphrase()[0] for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("category", "special"),
    [
        ("user.health", True), ("user.health.medications", True), ("user.healthy", False), ("user.name", False),
        (None, False),
        ("user.government_id.national_identification_number", True), ("user.government_id.passport_number", False),
        ("user.criminal_history", True), ("user.biometric.facial", True),
    ],
)  # fmt: skip
def test_two_persons_release_what_the_law_calls_special(category: str | None, special: bool) -> None:
    column = Column.model_validate({"class": "export", "label": "x", "category": category})
    contents = replace(given.contents(), activities={}, parts=(replace(part([1]), columns={"v": column}),))
    assert contents.special is special


def test_an_activity_with_special_data_makes_its_package_special() -> None:
    contents = given.contents()
    assert contents.special
    prospect = replace(contents, parts=contents.parts[2:])
    assert not any(d.special for d in contents.activities["prospects"].data)
    assert not prospect.special
