"""What happens when somebody changes a dossier at the very moment of its destruction, between two of our questions.

PostgreSQL and MariaDB only: SQLite lets one writer in at a time, and memory has no other.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from datetime import date

import psycopg
import pymysql
import pytest

from connectors.port import Announced
from connectors.sql.destroy import Destruction
from domain.keys import Keys
from domain.trouble import SourceUnreadable

pytestmark = pytest.mark.parametrize("world", ["postgres", "mariadb"], indirect=True)
_RECENT = date(2020, 1, 1)


def _filled(clinic):
    for number in (1, 2):
        clinic.patient(number)
        clinic.contact(10 * number, number)
        clinic.result(10 * number, 1)
    return clinic.open()


def _meanwhile(monkeypatch, step, happens):
    """Let something happen once, just before a step of the destruction."""
    whole = getattr(Destruction, step)
    done = []

    def stepped(self, *given):
        if not done:
            done.append(happens())
        return whole(self, *given)

    monkeypatch.setattr(Destruction, step, stepped)


def test_a_contact_added_while_the_holds_are_read_keeps_its_dossier(loose_clinic):
    connector = _filled(loose_clinic)

    def allowed(keys):
        loose_clinic.contact(19, 1, _RECENT)
        return keys

    done = loose_clinic.destroy(connector, (1,), (2,), allowed=allowed)
    assert done.stayed == {"changed since announced": Keys([(1,)])}
    assert [row["id"] for row in loose_clinic.world.rows("patient")] == [1]


def test_a_date_that_moves_after_the_due_test_undoes_the_deletion(loose_clinic, monkeypatch):
    connector = _filled(loose_clinic)
    _meanwhile(monkeypatch, "_clear", lambda: loose_clinic.world.change("contact", {"id": 10}, contact_on=_RECENT))
    done = loose_clinic.destroy(connector, (1,), (2,))
    assert done.rows == {}
    assert {w: sorted(k) for w, k in done.stayed.items()} == {"changed since announced": [(1,), (2,)]}
    assert len(loose_clinic.world.rows("result")) == 2


def test_a_row_that_comes_in_late_undoes_the_deletion(loose_clinic, monkeypatch):
    connector = _filled(loose_clinic)
    _meanwhile(monkeypatch, "_look_back", lambda: loose_clinic.result(10, 7))
    done = loose_clinic.destroy(connector, (1,))
    assert (done.rows, done.stayed) == ({}, {"changed since announced": Keys([(1,)])})
    assert len(loose_clinic.world.rows("contact")) == 2


def test_a_referral_that_comes_in_late_undoes_the_deletion(loose_clinic, monkeypatch):
    connector = _filled(loose_clinic)
    sent = {"id": 1, "patient_id": 1, "sent_on": _RECENT}
    _meanwhile(monkeypatch, "_look_back", lambda: loose_clinic.world.load("referral", sent))
    assert loose_clinic.destroy(connector, (1,)).rows == {}
    assert len(loose_clinic.world.rows("patient")) == 2


def _adding(clinic):
    """Somebody who adds a contact of yesterday to patient 1, and whether the source refused it."""
    refused = []

    def late():
        try:
            clinic.contact(19, 1, _RECENT)
        except (psycopg.errors.ForeignKeyViolation, pymysql.err.IntegrityError):
            refused.append(True)

    return threading.Thread(target=late), refused


def test_nobody_can_add_to_a_dossier_that_is_being_destroyed(clinic):
    connector = _filled(clinic)
    other, refused = _adding(clinic)

    def allowed(keys):
        other.start()
        return keys

    clinic.destroy(connector, (1,), allowed=allowed)
    other.join(timeout=10)
    assert refused == [True]
    assert [row["id"] for row in clinic.world.rows("patient")] == [2]


def test_on_the_straight_way_too_a_dossier_goes_whole_or_stays_whole(clinic):
    connector = _filled(clinic)
    other, refused = _adding(clinic)

    def allowed(keys):
        other.start()
        return keys

    def announce(rows):
        done = Future()
        done.set_result(Announced("b", clinic.test.rule.digest, {**rows, "patient": Keys([(1,)])}))
        return done

    done = connector.destroy_straight(clinic.test, Keys([(1,)]), allowed=allowed, announce=announce)
    if clinic.world.name == "mariadb":
        # A patient refers to a mother, so InnoDB takes the careful way; tests/unit/test_sql_mariadb.py goes straight.
        assert (done, len(clinic.world.rows("patient"))) == (None, 2)
        return
    other.join(timeout=10)
    left = sorted(row["id"] for row in clinic.world.rows("contact"))
    assert (done is None, refused, left) in [(True, [], [10, 19, 20]), (False, [True], [20])]
    assert len(clinic.world.rows("result")) == len(left) - (19 in left)


def test_rows_that_somebody_else_holds_are_left_for_tomorrow(clinic):
    connector = _filled(clinic)
    with clinic.world.session() as other:
        other.execute("SELECT 1 FROM patient WHERE id = 1 FOR UPDATE")
        with pytest.raises(SourceUnreadable, match=r"55P03|1205"):
            clinic.destroy(connector, (1,))
    assert len(clinic.world.rows("patient")) == 2


def test_a_hold_that_appears_after_the_plan_is_asked_inside_the_transaction(clinic):
    connector = _filled(clinic)
    holds = set()
    receipt = Announced("b", clinic.test.rule.digest, connector.dossiers(clinic.test.rule.parts, [(1,), (2,)]))
    holds.add((2,))
    done = clinic.destroy(
        connector, (1,), (2,), announced=receipt, allowed=lambda ks: [k for k in ks if k not in holds]
    )
    assert done.stayed == {"frozen": Keys([(2,)])}
