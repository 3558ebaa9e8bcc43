"""What every source must do, and must refuse to do, when columns of rows that survive are changed."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

import pytest

from connectors.port import Announced
from domain.column_rules import Change
from domain.keys import Keys
from domain.live import Kind, LiveColumn, LiveSchema, LiveTable
from domain.rules import compile_rules, due_test
from domain.standing import Standing
from domain.treatment import Fixed, Plain, pseudonym
from domain.trouble import Refused, SourceUnreadable

worlds = pytest.mark.parametrize("world", ["memory", "sqlite", "postgres", "mariadb"], indirect=True)
AS_OF = date(2026, 11, 23)
ALIAS = partial(pseudonym, key=b"k" * 32)
_LEFT = date(2020, 5, 31)
_COLUMNS = {
    "id": Kind.INTEGER, "name": Kind.TEXT, "phone": Kind.TEXT, "note": Kind.TEXT, "born_on": Kind.DATE,
    "seen_at": Kind.MOMENT, "wrote_on": Kind.TEXT, "postcode": Kind.TEXT, "pay": Kind.NUMBER, "left_on": Kind.DATE,
    "photo": Kind.BINARY, "kind": Kind.TEXT,
}  # fmt: skip
_SCHEMA = LiveSchema({
    "staff": LiveTable({c: LiveColumn(k) for c, k in _COLUMNS.items()}, ("id",)),
    "spell": LiveTable({"id": LiveColumn(Kind.INTEGER), "staff_id": LiveColumn(Kind.INTEGER),
                        "ended_on": LiveColumn(Kind.DATE)}, ("id",)),
})  # fmt: skip
_PERSON = {
    "name": "Jan Jansen", "phone": "0612345678", "note": "lachte graag", "born_on": date(1980, 5, 31),
    "seen_at": datetime.fromisoformat("2019-03-04 05:06"), "wrote_on": "2019-03-04", "postcode": "1234 AB", "pay": 100,
    "photo": b"\x89PNG", "kind": "staff",
}  # fmt: skip
_TREATMENTS = {
    "name": "pseudonym", "note": {"fixed": "verwijderd"}, "born_on": "year", "seen_at": "month", "wrote_on": "month",
    "postcode": "postcode4",
}  # fmt: skip


class Personnel:
    """Staff whose rows stay seven years; what only the file needs goes after two: emptied, and made anonymous."""

    def __init__(self, world, declare, promise):
        self.world = world
        columns = {c: {"class": "technical"} for c in _COLUMNS}
        for name in ("phone", "photo"):
            columns[name]["activity"] = "file"
        for name, treatment in _TREATMENTS.items():
            columns[name] |= {"activity": "figures", "at_expiry": treatment}
        self.system = declare(
            {
                "staff": {
                    "key": ["id"], "activity": "payroll", "triggers": ["left_on"], "columns": columns,
                    "only": {"kind": "staff"},
                },
                "spell": {
                    "key": ["id"], "part_of": {"dataset": "staff", "by": {"staff_id": "id"}},
                    "triggers": [{"column": "ended_on", "absent": "ignored"}],
                },
            },
            _SCHEMA,
        )  # fmt: skip
        self.activities = {
            "payroll": promise("payroll", maximum="7 years"),
            "file": promise("file", maximum="2 years"),
            "figures": promise("figures", maximum="2 years", at_expiry="anonymise"),
        }
        rules = compile_rules(self.system, self.activities, AS_OF)
        self.tests = {r.filed_as: due_test(r, self.activities, AS_OF) for r in rules}
        self.file, self.figures = self.tests["staff#file"], self.tests["staff#figures"]
        world.build(self.system, _SCHEMA)
        self.connector = world.open()

    def hire(self, number, left_on=_LEFT, **changes):
        self.world.load("staff", {"id": number, **_PERSON, "left_on": left_on, **changes})

    def row(self, number):
        [row] = [r for r in self.world.rows("staff") if r["id"] == number]
        return row

    def due(self, test):
        return [k for page in self.connector.find_due(test) for k in page]

    def change(self, test, *keys, **given):
        dossiers = {test.rule.filed_as: Keys(keys)}
        asked = {"allowed": lambda k: k, "announced": Announced("b", test.rule.digest, dossiers), "alias": ALIAS}
        return self.connector.change(test, list(keys), **{**asked, **given})

    def hold_fast(self):
        """From now on the source says that it changed a row of staff, and did not."""
        if self.world.name == "memory":
            self.world.lie("staff")
            return
        with _other(self.world) as session:
            if self.world.name == "sqlite":
                session.execute("CREATE TRIGGER keep BEFORE UPDATE ON staff BEGIN SELECT RAISE(IGNORE); END")
                return
            if self.world.name == "mariadb":
                session.execute("CREATE TRIGGER keep BEFORE UPDATE ON staff FOR EACH ROW SET NEW.phone = OLD.phone")
                return
            session.execute("CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'")
            session.execute("CREATE TRIGGER hold BEFORE UPDATE ON staff FOR EACH ROW EXECUTE FUNCTION hold()")


def _other(world):
    """A connection of somebody else."""
    return world.session()


@pytest.fixture
def staff(world, declare, promise):
    return Personnel(world, declare, promise)


@worlds
def test_the_columns_with_the_shorter_term_are_emptied_and_the_row_stays(staff):
    staff.hire(1)
    staff.hire(2, left_on=date(2026, 1, 1))
    before = staff.row(1)
    done = staff.change(staff.file, *staff.due(staff.file))
    assert done.rows == {"staff#file": Keys([(1,)])}
    assert done.stayed == {}
    assert staff.row(1) == {**before, "phone": None, "photo": None}
    assert staff.row(2)["phone"] == "0612345678"


@worlds
def test_each_column_becomes_what_its_treatment_makes_of_it(staff):
    staff.hire(1)
    before = staff.row(1)
    staff.change(staff.figures, (1,))
    assert staff.row(1) == {
        **before, "name": ALIAS("Jan Jansen"), "note": "verwijderd", "born_on": "1980-01-01",
        "seen_at": "2019-03-01 00:00:00", "wrote_on": "2019-03-01", "postcode": "1234",
    }  # fmt: skip


@worlds
def test_what_nothing_remains_of_is_never_due_again_and_is_not_counted(staff):
    staff.hire(1)
    staff.hire(2, left_on=date(2026, 1, 1))
    for test in (staff.file, staff.figures):
        assert staff.connector.tally(test).total == 2
        staff.change(test, (1,))
        assert staff.due(test) == []
        tally = staff.connector.tally(test)
        assert (tally.total, tally[Standing.KEPT], tally[Standing.DUE]) == (1, 1, 0)
        assert staff.change(test, (1,)).stayed == {"no longer due": Keys([(1,)])}


@worlds
@pytest.mark.parametrize(("column", "value"), [
    ("name", "Jan"), ("note", "x"), ("born_on", date(1980, 1, 2)),
    ("seen_at", datetime.fromisoformat("2019-03-01 00:01")),
    ("wrote_on", "2019-03-01 00:00"), ("wrote_on", "soon"), ("postcode", "12345"), ("postcode", "AB"), ("note", ""),
])  # fmt: skip
def test_one_column_of_which_something_remains_makes_a_row_due(staff, column, value):
    staff.hire(1, **{**dict.fromkeys(_TREATMENTS), column: value})
    assert staff.due(staff.figures) == [(1,)]
    assert staff.connector.still_bears("staff", staff.figures.rule.change, Keys([(1,)])) == Keys([(1,)])
    staff.change(staff.figures, (1,))
    assert len(staff.connector.still_bears("staff", staff.figures.rule.change, Keys([(1,)]))) == 0


@worlds
@pytest.mark.parametrize(("column", "value"), [
    ("name", ALIAS("Jan")), ("note", "verwijderd"), ("born_on", date(1980, 1, 1)),
    ("seen_at", datetime.fromisoformat("2019-03-01")), ("wrote_on", "2019-03-01"), ("wrote_on", "2019-03-01T00:00:00"),
    ("postcode", "1234"), ("name", None),
])  # fmt: skip
def test_a_row_of_which_nothing_remains_is_not_due(staff, column, value):
    staff.hire(1, **{**dict.fromkeys(_TREATMENTS), column: value})
    assert staff.due(staff.figures) == []


@worlds
def test_an_empty_column_stays_empty(staff):
    staff.hire(1, **{**dict.fromkeys(_TREATMENTS), "name": "Jan"})
    staff.change(staff.figures, (1,))
    row = staff.row(1)
    assert row.pop("name") == ALIAS("Jan")
    assert {row[c] for c in _TREATMENTS if c != "name"} == {None}


@worlds
def test_what_cannot_be_generalised_is_emptied(staff):
    staff.hire(1, postcode="B-1000", wrote_on="eergisteren")
    staff.change(staff.figures, (1,))
    assert (staff.row(1)["postcode"], staff.row(1)["wrote_on"]) == (None, None)


@worlds
def test_a_record_under_hold_at_the_last_moment_keeps_its_columns(staff):
    staff.hire(1)
    staff.hire(2)
    before = staff.row(1)
    done = staff.change(staff.file, (1,), (2,), allowed=lambda keys: [k for k in keys if k != (1,)])
    assert done.stayed == {"frozen": Keys([(1,)])}
    assert staff.row(1) == before
    assert staff.row(2)["phone"] is None


@worlds
def test_nothing_is_changed_that_was_not_asked_whatever_allowed_says(staff):
    staff.hire(1)
    staff.hire(2)
    staff.change(staff.file, (1,), allowed=lambda _: [(1,), (2,)])
    assert staff.row(2)["phone"] == "0612345678"


@worlds
def test_a_date_that_moved_between_plan_and_change_keeps_the_columns(staff):
    staff.hire(1)
    staff.world.change("staff", {"id": 1}, left_on=date(2026, 1, 1))
    assert staff.change(staff.file, (1,)).stayed == {"no longer due": Keys([(1,)])}
    assert staff.row(1)["phone"] == "0612345678"


@worlds
def test_a_later_event_in_the_dossier_keeps_the_columns(staff):
    staff.hire(1)
    staff.world.load("spell", {"id": 1, "staff_id": 1, "ended_on": date(2025, 1, 1)})
    assert staff.due(staff.file) == []
    assert staff.change(staff.file, (1,)).stayed == {"no longer due": Keys([(1,)])}


@pytest.mark.parametrize("world", ["postgres"], indirect=True)  # SQLite lets one writer in, memory has no other
def test_an_event_that_comes_in_while_the_holds_are_read_undoes_the_change(staff):
    staff.hire(1)

    def allowed(keys):
        staff.world.load("spell", {"id": 1, "staff_id": 1, "ended_on": date(2025, 1, 1)})
        return keys

    done = staff.change(staff.file, (1,), allowed=allowed)
    assert (done.rows, done.stayed) == ({}, {"changed since announced": Keys([(1,)])})
    assert staff.row(1)["phone"] == "0612345678"


@worlds
def test_what_was_never_announced_is_never_changed(staff):
    staff.hire(1)
    for dossiers in ({}, {"staff": Keys([(1,)])}, {"staff#file": Keys([(2,)])}):
        with pytest.raises(Refused, match="announce"):
            staff.change(staff.file, (1,), announced=Announced("b", staff.file.rule.digest, dossiers))
    with pytest.raises(Refused, match="wording"):
        staff.change(staff.file, (1,), announced=Announced("b", "0" * 64, {"staff#file": Keys([(1,)])}))
    assert staff.row(1)["phone"] == "0612345678"


@worlds
def test_a_rule_of_columns_never_deletes_a_row_and_a_rule_of_rows_never_changes_one(staff):
    staff.hire(1, left_on=date(2010, 1, 1))
    for test, ask in ((staff.file, staff.connector.destroy), (staff.tests["staff"], partial(_change, staff.connector))):
        receipt = Announced("b", test.rule.digest, {"staff": Keys([(1,)]), "staff#file": Keys([(1,)])})
        with pytest.raises(Refused, match="not what was asked"):
            ask(test, [(1,)], allowed=lambda k: k, announced=receipt)
    assert staff.row(1)["phone"] == "0612345678"


def _change(connector, *given, **named):
    return connector.change(*given, **named, alias=ALIAS)


@worlds
def test_a_row_of_the_same_table_that_is_of_no_dataset_stays_as_it_is(staff):
    staff.hire(1, kind="supplier")
    assert staff.due(staff.file) == []
    assert staff.change(staff.file, (1,)).stayed == {"no longer due": Keys([(1,)])}
    assert staff.row(1)["phone"] == "0612345678"


@worlds
def test_a_row_that_no_longer_is_of_the_dataset_still_bears_what_it_bears(staff):
    staff.hire(1, kind="supplier")
    assert staff.connector.still_bears("staff", staff.file.rule.change, Keys([(1,), (9,)])) == Keys([(1,)])


@worlds
def test_a_source_that_keeps_what_it_says_it_changed_is_found_out(staff):
    staff.hire(1)
    staff.hold_fast()
    liar = staff.connector = staff.world.open()
    if staff.world.name == "memory":
        assert staff.change(staff.file, (1,)).rows == {"staff#file": Keys([(1,)])}
    else:
        with pytest.raises(SourceUnreadable, match="kept columns"):
            staff.change(staff.file, (1,))
    assert liar.still_bears("staff", staff.file.rule.change, Keys([(1,)])) == Keys([(1,)])


@worlds
def test_a_column_that_must_hold_a_value_undoes_the_batch_and_is_named(world, declare, promise):
    columns = {c: LiveColumn(k) for c, k in _COLUMNS.items()}
    strict = LiveSchema({"staff": LiveTable({**columns, "phone": LiveColumn(Kind.TEXT, nullable=False)}, ("id",))})
    declared = {c: {"class": "technical"} | ({"activity": "file"} if c == "phone" else {}) for c in columns}
    system = declare(
        {"staff": {"key": ["id"], "activity": "payroll", "triggers": ["left_on"], "columns": declared}}, strict
    )
    world.build(system, strict)
    if world.name == "postgres":
        with _other(world) as session:
            session.execute("ALTER TABLE staff ALTER COLUMN phone SET NOT NULL")
    if world.name == "mariadb":
        with _other(world) as session:
            session.execute("ALTER TABLE staff MODIFY phone TEXT NOT NULL")
    if world.name == "sqlite":
        with _other(world) as session:
            session.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON staff WHEN NEW.phone IS NULL "
                "BEGIN SELECT RAISE(ABORT, 'phone is empty'); END"
            )
    world.load("staff", {"id": 1, **_PERSON, "left_on": _LEFT})
    activities = {"payroll": promise("payroll", maximum="7 years"), "file": promise("file", maximum="2 years")}
    test = due_test(compile_rules(system, activities, AS_OF)[1], activities, AS_OF)
    receipt = Announced("b", test.rule.digest, {"staff#file": Keys([(1,)])})
    with pytest.raises(SourceUnreadable, match="does not allow"):
        world.open().change(test, [(1,)], allowed=lambda k: k, announced=receipt, alias=ALIAS)
    assert world.rows("staff")[0]["phone"] == "0612345678"


@pytest.mark.parametrize("world", ["rest"], indirect=True)
def test_a_service_over_rest_refuses_to_change_a_record_by_name(clinic):
    clinic.patient(1)
    connector = clinic.open()
    with pytest.raises(Refused, match="clinic"):
        connector.change(
            clinic.test, [(1,)], allowed=lambda k: k, announced=Announced("b", clinic.test.rule.digest, {}), alias=ALIAS
        )
    change = Change((("surname", Plain.NULL), ("kind", Fixed(fixed="patient"))))
    assert connector.still_bears("patient", change, Keys([(1,), (2,)])) == Keys([(1,)])
