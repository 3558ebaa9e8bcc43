"""How a MariaDB source is opened and asked: sessions, zero dates, keys by their bytes, offsets in text, errors."""

from __future__ import annotations

import random
import tracemalloc
from concurrent.futures import Future
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pymysql
import pytest
import sqlalchemy as sa

from connectors.port import Announced
from connectors.sql import SqlConnector
from connectors.sql.asking import reading, writing
from connectors.sql.days_mariadb import writes_a_day, written_since
from connectors.sql.engine import make_engine
from connectors.sql.failures import StillReferredTo
from connectors.sql.keys import by_bytes
from connectors.stored_days import day_of
from domain.activity import Activity
from domain.keys import Keys, key_text
from domain.live import Kind, LiveColumn
from domain.rules import Part, compile_rules, due_test
from domain.standing import Standing
from domain.system import System
from domain.trouble import SourceUnreadable

_MARK = "Zonnebloem-73"
_AS_OF = date(2026, 11, 23)
_STAFF = Activity.model_validate({
    "id": "staff", "title": "Staff", "purpose": "Work", "role": "controller", "legal_ground": ["AVG 6.1.b"],
    "subjects": ["employee"], "source": "the person", "data": [{"item": "name", "category": "user.name"}],
    "security": ["locked"],
    "term": [{
        "since": date(2020, 1, 1), "maximum": "20 years", "counts_from": "leaving", "article": "AVG 5.1.e",
        "source": "policy", "certainty": "certain", "last_checked": _AS_OF, "at_expiry": "destroy",
    }],
})  # fmt: skip


def _system(columns, *, key=("id",), **changes):
    return System.model_validate({
        "id": "hr", "title": "HR", "connector": "sql", "url": "env:HR_URL",
        "dataset": {"person": {
            "key": key, "activity": "staff", "ceiling": {"records": 1, "share": 1},
            "columns": {c: {"class": "technical"} for c in columns}, **changes,
        }},
    })  # fmt: skip


def anybody(_announced):
    """A ledger that knows every receipt: here the source is tried, not the ledger."""
    return True


class _Source:
    """A database with a table `person`, filled by plain statements."""

    def __init__(self, url):
        self.url = url

    def run(self, *statements, values=()):
        address = urlsplit(self.url)
        connection = pymysql.connect(
            host=address.hostname, port=address.port or 3306, user=address.username, charset="utf8mb4",
            password=address.password or "", database=address.path.lstrip("/"), autocommit=True,
        )  # fmt: skip
        with connection, connection.cursor() as cursor:
            cursor.execute("SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'")
            for statement in statements:
                cursor.execute(statement)
            if values:
                cursor.executemany(f"INSERT INTO person VALUES ({', '.join(['%s'] * len(values[0]))})", values)
            cursor.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()")
        return self

    def ids(self):
        engine = make_engine(_system(["id"]), self.url, statement_seconds=5, lock_seconds=1)
        with engine.connect() as connection:
            return sorted(connection.exec_driver_sql("SELECT id FROM person").scalars())

    def open(self, columns, **changes):
        return SqlConnector(_system(columns, **changes), self.url, lock_seconds=1, vouch=anybody)

    def engine(self, **seconds):
        return make_engine(_system(["id"]), self.url, **{"statement_seconds": 5, "lock_seconds": 1, **seconds})


@pytest.fixture
def source(mariadb_url):
    return _Source(mariadb_url)


def _test_of(connector):
    activities = {"staff": _STAFF}
    [rule] = compile_rules(connector.system, activities, _AS_OF)
    return due_test(rule, activities, _AS_OF)


def _destroy(connector, *keys):
    test = _test_of(connector)
    receipt = Announced("b", test.rule.digest, {"person": Keys(keys)})
    return connector.destroy(test, list(keys), allowed=lambda k: k, announced=receipt)


@pytest.mark.parametrize("scheme", ["mariadb", "mysql", "mysql+pymysql", "mariadb+pymysql"])
def test_a_session_is_what_it_must_be_whatever_the_server_says(source, scheme):
    url = source.url.replace("mariadb://", f"{scheme}://")
    engine = make_engine(_system(["id"]), url, statement_seconds=7, lock_seconds=0.5)
    assert engine.hide_parameters is True
    names = "tx_isolation time_zone foreign_key_checks max_statement_time innodb_lock_wait_timeout lock_wait_timeout"
    with engine.connect() as connection:
        told = connection.exec_driver_sql(f"SELECT {', '.join(f'@@{n}' for n in names.split())}").one()
        modes = connection.exec_driver_sql("SELECT @@sql_mode").scalar().split(",")
    assert tuple(told) == ("READ-COMMITTED", "+00:00", 1, 7.0, 1, 1)
    assert "STRICT_ALL_TABLES" in modes
    assert not {"NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "NO_ZERO_DATE", "PAD_CHAR_TO_FULL_LENGTH"} & set(modes)


def test_a_transaction_that_reads_cannot_write(source):
    source.run("CREATE TABLE person (id INT PRIMARY KEY)", "INSERT INTO person VALUES (1)")
    engine = source.engine()
    with pytest.raises(SourceUnreadable, match="1792"), reading(engine, _system(["id"])) as asker:
        asker.change(sa.text("DELETE FROM person"))
    assert source.ids() == [1]


_ZERO = [
    # day, moment, time stamp, standing after 20 years
    ("2006-11-22", "2006-11-22 23:59:59", "2006-11-22 22:59:59", Standing.DUE),
    ("2006-11-22", "2006-11-22 23:59:59", "2006-11-22 23:00:00", Standing.KEPT),  # midnight in Amsterdam
    ("0000-00-00", "2001-01-01", "2001-01-01", Standing.MISSING),
    ("2001-01-01", "0000-00-00 00:00:00", "2001-01-01", Standing.MISSING),
    ("2001-01-01", "2001-01-01", "0000-00-00 00:00:00", Standing.MISSING),
    ("2001-11-00", "2001-01-01", "2001-01-01", Standing.MISSING),
    ("2001-00-00", "2001-01-01", "2001-01-01", Standing.MISSING),
    ("2001-02-31", "2001-01-01", "2001-01-01", Standing.MISSING),
    ("2001-01-01", "2001-02-31 10:00:00", "2001-01-01", Standing.MISSING),
    ("0000-05-05", "2001-01-01", "2001-01-01", Standing.MISSING),
    (None, "2001-01-01", "2001-01-01", Standing.MISSING),
    ("0001-01-01", "2001-01-01", "2001-01-01", Standing.IMPLAUSIBLE),
    ("2001-01-01", "9999-12-31 23:59:59", "2001-01-01", Standing.IMPLAUSIBLE),
    ("2001-01-01", "2001-01-01", "2038-01-19 03:14:07", Standing.IMPLAUSIBLE),
]


def _dated(source, absent="blocks"):
    source.run(
        "CREATE TABLE person (id INT PRIMARY KEY, day DATE, moment DATETIME, stamp TIMESTAMP NULL)",
        values=[(n, *row[:3]) for n, row in enumerate(_ZERO)],
    )
    triggers = [{"column": c, "absent": absent} for c in ("day", "moment", "stamp")]
    return source.open(["id", "day", "moment", "stamp"], triggers=triggers)


def test_a_zero_date_is_no_date_and_is_never_due(source):
    connector = _dated(source)
    test = _test_of(connector)
    assert [k for page in connector.find_due(test) for k in page] == [(0,)]
    tally = connector.tally(test)
    for standing in (Standing.DUE, Standing.KEPT, Standing.MISSING, Standing.IMPLAUSIBLE):
        assert tally[standing] == sum(row[3] is standing for row in _ZERO)
    facts = connector.facts(test, (2,))
    assert [f.missing for f in facts] == [1, 0, 0]
    done = _destroy(connector, *((n,) for n in range(len(_ZERO))))
    assert done.rows == {"person": Keys([(0,)])}
    assert source.ids() == list(range(1, len(_ZERO)))


def test_a_zero_date_that_may_be_missing_stops_nothing(source):
    connector = _dated(source, absent="ignored")
    due = [k for page in connector.find_due(_test_of(connector)) for k in page]
    assert due == [(n,) for n, row in enumerate(_ZERO) if row[3] in (Standing.DUE, Standing.MISSING)]
    assert connector.tally(_test_of(connector))[Standing.DUE] == len(due)


def test_rows_with_zero_dates_are_read_all_the_same(source):
    rows = list(_dated(source).rows(Part("person", ()), [(0,), (4,), (5,)]))
    assert rows[0]["stamp"] == datetime(2006, 11, 22, 22, 59, 59, tzinfo=UTC)
    assert [str(rows[1]["stamp"]), str(rows[2]["day"])] == ["0000-00-00 00:00:00", "2001-11-00"]


def _texts():
    made = random.Random(12)
    hours = [timedelta(minutes=made.randrange(-900, 900)) for _ in range(40)]
    # Around midnight, around both changes of the clock, and before the zone had whole hours.
    moments = [datetime.fromisoformat(t) for t in ("2006-03-26 01:00", "2006-10-29 01:00", "1935-06-01 00:00")]
    for moment in [m + h for m in moments for h in hours] + [datetime.fromisoformat("2006-11-22 23:00")]:
        for sign, hour, minute in [("+", 0, 0), ("-", 14, 59), ("+", 14, 30), ("-", 5, 0), ("+", 1, 0)]:
            yield f"{moment:%Y-%m-%dT%H:%M}{sign}{hour:02}:{minute:02}"
        yield f"{moment:%Y-%m-%d %H:%M:%S}.999Z"
        yield f"{moment:%Y-%m-%dT%H:%M}"
    yield from ("2006-11-22\n", "2006-11-22t10:00", "2006-11-22T10:00z", "0001-01-01T00:00Z", "2006-02-29", "x", "")
    yield from ("9999-12-31T23:59:59-14:00", "2004-02-29T23:30Z", "1900-02-29", "2000-02-29", "2006-11-22 ", "ſ")


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "UTC"])
def test_a_text_names_the_day_that_python_reads(source, zone):
    texts = sorted(set(_texts()))
    source.run("CREATE TABLE person (id INT, t VARCHAR(40))", values=list(enumerate(texts)))
    column = by_bytes(sa.column("t"), LiveColumn(Kind.TEXT), "mariadb")
    days = [date(2006, 3, 26), date(2006, 10, 29), date(2006, 10, 30), date(1935, 6, 1), date(1900, 1, 1)]
    since = [sa.type_coerce(written_since(column, d, ZoneInfo(zone)), sa.Integer()) for d in days]
    asked = [sa.func.coalesce(s, sa.literal_column("2")) for s in since]
    statement = sa.select(writes_a_day(column), *asked).select_from(sa.table("person")).order_by(sa.column("id"))
    with reading(source.engine(statement_seconds=60), _system(["id"])) as asker:
        told = [tuple(map(int, row)) for row in asker.all(statement)]
    expected = []
    for text in texts:
        day = day_of(text, ZoneInfo(zone))
        expected.append((day is not None, *(2 if day is None else day >= d for d in days)))
    assert dict(zip(texts, told, strict=True)) == dict(zip(texts, [tuple(map(int, e)) for e in expected], strict=True))


_ODD = [
    "a", "A", "a ", " a", "á", "ä", "'", "''", "\\", "\\'", '"', "' OR 1=1 -- ", "%s", "%(id)s", ":id", "\0", "a\0b",
    "\x1a", "\n", "\r\n", "\t", "`", "𝔞", "😀", "\\0", "\\%", "_", "%", "ß", "ss", "ſ", "\u212a", "K",
]  # fmt: skip


@pytest.mark.parametrize("collation", ["utf8mb4_general_ci", "utf8mb4_bin", "latin1_swedish_ci"])
def test_a_key_of_text_names_its_own_row_and_no_other(source, collation):
    odd = [k for k in _ODD if "latin1" not in collation or k.isascii()]
    source.run(
        f"CREATE TABLE person (nr INT PRIMARY KEY, id VARCHAR(20) COLLATE {collation}, day DATE, INDEX (id))",
        values=[(n, key, "2001-01-01") for n, key in enumerate(odd)],
    )
    connector = source.open(["nr", "id", "day"], triggers=["day"])
    assert [k for page in connector.find_due(_test_of(connector)) for k in page] == sorted((k,) for k in odd)
    for key in odd:
        assert connector.read_key("person", key_text((key,))) == (key,)
        assert connector.still_there("person", Keys([(key,)])) == Keys([(key,)])
        assert connector.still_there("person", Keys([(f"{key} ",)])) == Keys([(k,) for k in odd if k == f"{key} "])
    left = list(odd)
    for key in ["a", "' OR 1=1 -- ", "\0", "\\", "%s"]:
        assert _destroy(connector, (key,)).rows == {"person": Keys([(key,)])}
        left.remove(key)
        assert source.ids() == sorted(left)
    _destroy(connector, *((k,) for k in left))
    assert source.ids() == []


def test_only_what_the_register_names_by_its_bytes_is_of_the_dataset(source):
    source.run(
        "CREATE TABLE person (id INT PRIMARY KEY, kind VARCHAR(10), day DATE)",
        values=[(1, "former", "2001-01-01"), (2, "Former", "2001-01-01"), (3, "former ", "2001-01-01")],
    )
    connector = source.open(["id", "kind", "day"], triggers=["day"], only={"kind": "former"})
    assert _destroy(connector, (1,), (2,), (3,)).rows == {"person": Keys([(1,)])}
    assert source.ids() == [2, 3]


@pytest.mark.parametrize(
    ("made_as", "value"),
    [
        ("uuid", "7f2c0c1e-5b6e-4a43-9a3c-0d9e6a1b2c3d"),
        ("char(4)", "ab"),
        ("varchar(3)", "abc"),
        ("enum('in','out')", "out"),
        ("decimal(10,2)", "12.50"),
        ("date", "2001-02-03"),
        ("datetime(6)", "2001-02-03 10:00:00.000001"),
        ("timestamp", "2001-02-03 10:00:00"),
        ("binary(4)", b"\x00\xff"),
        ("varbinary(4)", b"\x00'\\\xff"),
        ("bigint unsigned", 9_000_000_000),
        ("boolean", True),
        ("inet6", "2001:db8::1"),
    ],
)
def test_keys_of_every_type_lead_back_to_their_row(source, made_as, value):
    source.run(f"CREATE TABLE person (id {made_as}, nr int, day date, PRIMARY KEY (id, nr))")
    source.run(values=[(value, 1, "2001-01-01")])
    for key in (("id",), ("id", "nr")):
        connector = source.open(["id", "nr", "day"], key=key, triggers=["day"])
        [page] = connector.find_due(_test_of(connector))
        [found] = page
        assert connector.read_key("person", key_text(found)) == found
        assert connector.still_there("person", Keys([found])) == Keys([found])
        connector.close()
    assert len(_destroy(connector, found).rows["person"]) == 1
    assert source.ids() == []


def test_thousands_of_keys_of_two_columns_are_asked_for_at_once(source):
    source.run(
        "CREATE TABLE person (id INT, nr VARCHAR(9), day DATE, PRIMARY KEY (id, nr))",
        "INSERT INTO person SELECT seq DIV 10, seq % 10, '2001-01-01' FROM seq_1_to_20000",
    )
    connector = source.open(["id", "nr", "day"], key=("id", "nr"), triggers=["day"])
    keys = Keys((n // 10, str(n % 10)) for n in range(1, 8_001))
    assert len(connector.still_there("person", keys)) == 8_000
    assert len(_destroy(connector, *keys).rows["person"]) == 8_000
    assert len(source.ids()) == 12_000


def test_due_keys_stream_in_bounded_memory(source):
    source.run(
        "CREATE TABLE person (id INT PRIMARY KEY, day DATE)",
        "INSERT INTO person SELECT seq, '2001-01-01' FROM seq_1_to_300000",
    )
    connector = source.open(["id", "day"], triggers=["day"])
    test = _test_of(connector)
    tracemalloc.start()
    assert sum(len(page) for page in connector.find_due(test)) == 300_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000, "300,000 keys at once take several times that"


def test_a_reader_that_stops_half_way_leaves_the_connection_usable(source):
    source.run(
        "CREATE TABLE person (id INT PRIMARY KEY, day DATE)",
        "INSERT INTO person SELECT seq, '2001-01-01' FROM seq_1_to_30000",
    )
    connector = source.open(["id", "day"], triggers=["day"])
    pages = connector.find_due(_test_of(connector))
    next(pages)
    pages.close()
    assert connector.still_there("person", Keys([(7,)])) == Keys([(7,)])


def test_failures_are_named_by_their_number_and_repeat_nothing(source):
    source.run(
        "CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR(40), day DATE)",
        f"CREATE TRIGGER no BEFORE DELETE ON person FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{_MARK}'",
        values=[(1, _MARK, "2001-01-01")],
    )
    asked = {
        "1146": sa.text("SELECT 1 FROM nowhere"),
        "1054": sa.text("SELECT nothing FROM person"),
        "1644": sa.text("DELETE FROM person WHERE name = :mark").bindparams(mark=_MARK),
        "1969": sa.text("SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b"),
        "1292": sa.text("UPDATE person SET day = name WHERE name = :mark").bindparams(mark=_MARK),
    }
    for number, statement in asked.items():
        engine, system = source.engine(statement_seconds=0.5), _system(["id"])
        with pytest.raises(SourceUnreadable, match=rf"\b{number}\b") as found, writing(engine, system) as asker:
            asker.change(statement)
        assert _MARK not in str(found.value)
        assert found.value.__suppress_context__
    with pytest.raises(StillReferredTo) as refused, writing(source.engine(), _system(["id"])) as asker:
        asker.change(sa.text("INSERT INTO person VALUES (1, :mark, NULL)").bindparams(mark=_MARK))
    assert _MARK not in str(refused.value)


def test_a_server_that_refuses_is_named_without_address_or_account(source):
    for url in (f"mariadb://{_MARK}:{_MARK}@127.0.0.1:3306/{_MARK}", f"mariadb://{_MARK}@127.0.0.1:1/{_MARK}"):
        with pytest.raises(SourceUnreadable, match=r"1045|1698|2003") as found:
            SqlConnector(_system(["id"]), url).look()
        assert _MARK not in str(found.value)
        assert "127.0.0.1" not in str(found.value)


def test_a_table_without_transactions_is_read_and_never_destroyed_from(source):
    source.run(
        "CREATE TABLE person (id INT PRIMARY KEY, day DATE) ENGINE=MyISAM",
        "INSERT INTO person VALUES (1, '2001-01-01')",
    )
    connector = source.open(["id", "day"], triggers=["day"])
    assert connector.tally(_test_of(connector))[Standing.DUE] == 1
    with pytest.raises(SourceUnreadable, match="'person' knows no transactions"):
        _destroy(connector, (1,))
    assert source.ids() == [1]


def test_a_table_that_keeps_what_is_deleted_stops_its_source(source):
    source.run("CREATE TABLE person (id INT PRIMARY KEY, day DATE) WITH SYSTEM VERSIONING")
    with pytest.raises(SourceUnreadable, match="'person' keeps every row"):
        source.open(["id", "day"], triggers=["day"]).look()


@pytest.mark.parametrize("rule", ["RESTRICT", "CASCADE", "SET NULL"])
def test_a_family_goes_at_once_whatever_the_order_of_its_keys(source, rule):
    """InnoDB looks at each row by itself: in the order of the key a parent would go before its child."""
    source.run(
        "CREATE TABLE person (id INT PRIMARY KEY, mother INT, day DATE)",
        values=[(n, n - 1 if n % 10 else None, "2001-01-01") for n in range(10, 40)],
    )
    source.run(
        "UPDATE person SET mother = 31 WHERE id = 30",  # a circle
        "UPDATE person SET mother = 20 WHERE id = 20",
        f"ALTER TABLE person ADD FOREIGN KEY (mother) REFERENCES person (id) ON DELETE {rule}",
    )
    references = [{"dataset": "person", "by": {"mother": "id"}}]
    connector = source.open(["id", "mother", "day"], triggers=["day"], references=references)
    done = _destroy(connector, *((n,) for n in range(10, 40)))
    assert sorted(done.rows["person"]) == [(n,) for n in range(10, 40)]
    assert source.ids() == []


def test_the_live_schema_shows_what_matters_to_a_term(source):
    source.run(
        """CREATE TABLE person (id UUID PRIMARY KEY, name TEXT, kind ENUM('a','b'), born DATE, seen DATETIME(6),
           stamp TIMESTAMP, pay DECIMAL(8,2), rate DOUBLE, active BOOLEAN, photo LONGBLOB, hash BINARY(16), spot POINT,
           nr BIGINT UNSIGNED, at TIME, made YEAR, note JSON)""",
        "CREATE TABLE log (id INT, at DATE, person UUID, PRIMARY KEY (id, at), INDEX (person),"
        " FOREIGN KEY (person) REFERENCES person (id) ON DELETE CASCADE)",
        "CREATE VIEW everybody AS SELECT * FROM person",
        "CREATE TRIGGER audit AFTER DELETE ON person FOR EACH ROW DELETE FROM log",
        "CREATE TRIGGER welcome AFTER INSERT ON person FOR EACH ROW DELETE FROM log",
    )
    seen = source.open(["id"]).look()
    assert set(seen.tables) == {"person", "log"}
    assert {c: live.kind.value for c, live in seen.tables["person"].columns.items()} == {
        "id": "text", "name": "text", "kind": "other", "born": "date", "seen": "moment", "stamp": "zoned moment",
        "pay": "number", "rate": "number", "active": "integer", "photo": "binary", "hash": "binary", "spot": "other",
        "nr": "integer", "at": "other", "made": "other", "note": "text",
    }  # fmt: skip
    assert seen.tables["person"].triggers == ("audit",)
    assert seen.tables["log"].key == ("id", "at")
    assert ("person",) in seen.tables["log"].indexes
    [reference] = seen.tables["log"].references
    assert (reference.columns, reference.table, reference.on_delete) == (("person",), "person", "CASCADE")


def _family_files(source):
    source.run(
        "CREATE TABLE person (id INT PRIMARY KEY, day DATE)",
        "CREATE TABLE file (id INT PRIMARY KEY, person INT NOT NULL, FOREIGN KEY (person) REFERENCES person (id))",
        "INSERT INTO person SELECT seq, IF(seq <= 2500, '2001-01-01', '2020-01-01') FROM seq_1_to_3000",
        "INSERT INTO file SELECT seq, seq FROM seq_1_to_3000",
    )
    declared = _system(["id", "day"], triggers=["day"]).model_dump(by_alias=True)
    declared["dataset"]["file"] = {
        "key": ["id"], "part_of": {"dataset": "person", "by": {"person": "id"}},
        "columns": {"id": {"class": "technical"}, "person": {"class": "technical"}},
    }  # fmt: skip
    return SqlConnector(System.model_validate(declared), source.url, lock_seconds=5, vouch=anybody)


@pytest.mark.parametrize("somebody_adds", [False, True])
def test_the_straight_way_takes_a_batch_whole_or_leaves_it_whole(source, somebody_adds):
    connector = _family_files(source)
    test = next(
        due_test(rule, {"staff": _STAFF}, _AS_OF)
        for rule in compile_rules(connector.system, {"staff": _STAFF}, _AS_OF)
        if rule.dataset.name == "person"
    )
    keys = Keys((n,) for n in range(1, 2_501))

    def announce(rows):
        done = Future()
        done.set_result(Announced("b", test.rule.digest, dict(rows)))
        return done

    def allowed(wanted):
        if somebody_adds:  # committed before the rows are locked, so it goes or keeps the whole batch
            source.run("UPDATE person SET day = '2020-01-01' WHERE id = 7")
        return wanted

    done = connector.destroy_straight(test, keys, allowed=allowed, announce=announce)
    left = source.ids()
    if somebody_adds:
        assert (done, len(left)) == (None, 3_000)
    else:
        assert left == list(range(2_501, 3_001))
        assert {name: len(gone) for name, gone in done[1].rows.items()} == {"person": 2_500, "file": 2_500}
    assert len(connector.still_there("file", keys)) == len(left) - 500
