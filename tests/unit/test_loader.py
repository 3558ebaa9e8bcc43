"""The register loads whole or not at all, and says everything that is wrong with it at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from domain.register import stale_terms
from domain.trouble import NotFound, RegisterInvalid
from register.loader import PACKAGED, load_activities, load_register

ACTIVITY = """
title = "Personeel"
purpose = "Werk regelen"
role = "controller"
legal_ground = ["AVG 6.1.b"]
subjects = ["medewerkers"]
source = "De medewerker"
data = [{ item = "naam", category = "user.name" }]
security = ["NEN 7510"]

[[term]]
since = 2018-05-25
maximum = "2 years"
counts_from = "de laatste dag"
article = "AVG 5"
source = "AP"
certainty = "certain"
last_checked = 2026-11-23
at_expiry = "destroy"
"""

SYSTEM = """
title = "HR"
connector = "sql"
url = "env:HR_URL"

[dataset.staff]
activity = "staff"
key = ["id"]
triggers = ["left_on"]
ceiling = { records = 10, share = 0.1 }
[dataset.staff.columns]
id = { class = "technical" }
left_on = { label = "Uit dienst", class = "export" }
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a register; `activity` and `system` are changed by (old, new) pairs, `more` holds further files."""

    def write(
        *, activity: tuple[str, str] = ("", ""), system: tuple[str, str] = ("", ""), more: dict[str, str] | None = None
    ) -> Path:
        assert activity[0] in ACTIVITY
        assert system[0] in SYSTEM
        files = {
            "activities/staff.toml": ACTIVITY.replace(*activity),
            "systems/hr.toml": SYSTEM.replace(*system),
        }
        for name, text in (files | (more or {})).items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path

    return write


def refused(directory: Path) -> str:
    with pytest.raises(RegisterInvalid) as caught:
        load_register(directory)
    assert caught.value.exit_code == 3
    assert caught.value.do
    return str(caught.value)


def test_a_directory_of_ones_own_needs_only_its_activities_and_systems(write: Write) -> None:
    register = load_register(write())
    assert list(register.activities) == ["staff"]
    assert register.systems["hr"].datasets["staff"].activity == "staff"
    assert register.organisation.trading_as == "12Care"
    assert [rule.name for rule in register.rules_on(date(2026, 11, 23))] == ["hr.staff"]
    assert register.rule("hr.staff", date(2026, 11, 23)).term.at_expiry == "destroy"


def test_an_organisation_and_a_ladder_of_ones_own_replace_the_packaged_ones(write: Write) -> None:
    own = (PACKAGED / "organisation.toml").read_text("utf-8").replace('"12Care"', '"Elders"')
    ladder = (PACKAGED / "ladder.toml").read_text("utf-8").replace("days_left = 14", "days_left = 13")
    register = load_register(write(more={"organisation.toml": own, "ladder.toml": ladder}))
    assert register.organisation.trading_as == "Elders"
    assert register.ladder["rung"][0]["days_left"] == 13


def test_the_packaged_register_of_12care_loads() -> None:
    register = load_register()
    assert len(register.activities) == 35
    assert register.systems.keys() == {"careweb", "hr", "crm", "website", "termijn"}
    assert register.rules_on(date(2026, 11, 23))
    assert stale_terms(register, date(2026, 11, 24)) == ()


def test_every_error_of_every_file_is_told_at_once(write: Write) -> None:
    said = refused(
        write(
            activity=('maximum = "2 years"', 'maximum = "seven years"\nminimun = "1 year"'),
            system=('url = "env:HR_URL"', 'url = "HR_URL"\npage_sice = 10'),
            more={
                "activities/broken.toml": 'title = "x\nrole = 1',
                "activities/thin.toml": "title = 'ok'",
                "organisation.toml": "name = 'Elders'",
            },
        )
    )
    for expected in (
        "activities/staff.toml: term[#1].maximum: 'seven years' is not a term; write for example '20 years'",
        "activities/staff.toml: term[#1].minimun: the register does not know this key. Did you mean 'minimum'? Known",
        "activities/broken.toml: this is not TOML: Illegal character '\\n' (at line 1",
        "activities/thin.toml: purpose: this key is missing",
        "systems/hr.toml: url: found a value that is not repeated here;",
        "systems/hr.toml: page_sice: the register does not know this key. Did you mean 'page_size'?",
        "organisation.toml: city: this key is missing",
        "nothing is loaded",
    ):
        assert expected in said


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('source = "AP"\n', "", "term[#1].source: this key is missing"),
        ("2018-05-25", '"soon"', "term[#1].since: found 'soon'; input should be a valid date"),
        ('"controller"', '"boss"', "role: found 'boss'; input should be 'controller' or 'processor'"),
        ('"certain"', '"unsure"', "term[#1]: an unsure term says in `choice` which reading the DPO signs"),
        ('"controller"', '"processor"', "a processor says in `on_behalf_of` for whom"),
        ('"user.name" }', '"user.name", secial = true }', "data[#1].secial: the register does not know this key"),
        ('["AVG 6.1.b"]', "[]", "legal_ground: found a list of 0;"),
        ('title = "Personeel"', 'id = "people"\ntitle = "P."', "id: the file is called staff.toml; leave `id` out"),
    ],
)
def test_an_error_in_an_activity_says_where_what_was_found_and_what_is_allowed(
    write: Write, old: str, new: str, expected: str
) -> None:
    assert f"activities/staff.toml: {expected}" in refused(write(activity=(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '"staff"',
            '"stafff"',
            "dataset.staff.activity: found 'stafff', and activities/ has no such file. Did you mean",
        ),
        ('["left_on"]', '["gone_on"]', "dataset.staff: triggers names 'gone_on', which is not in columns"),
        ('triggers = ["left_on"]\n', "", "dataset.staff: no trigger starts this term"),
        (
            "ceiling = {",
            "celing = {",
            "dataset.staff.celing: the register does not know this key. Did you mean 'ceiling'?",
        ),
        (
            "share = 0.1",
            "share = 1.5",
            "dataset.staff.ceiling.share: found 1.5; input should be less than or equal to 1",
        ),
        ('"technical" }', '"tech" }', "dataset.staff.columns.id.class: found 'tech'; input should be 'export'"),
        ('"sql"', '"ftp"', "connector: found 'ftp'; input should be 'sql', 'rest', 'fhir', 'memory' or 'own'"),
    ],
)
def test_an_error_in_a_system_says_where_what_was_found_and_what_is_allowed(
    write: Write, old: str, new: str, expected: str
) -> None:
    assert f"systems/hr.toml: {expected}" in refused(write(system=(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"env:HR_URL"', '"postgresql://root:hunter2@db/hr"'),
        ('"env:HR_URL"', '"hunter2"'),
        ('"env:HR_URL"', '["hunter2"]'),
        ('url = "env:HR_URL"', 'url = "env:HR_URL"\ntoken = "hunter2"'),
        ('url = "env:HR_URL"', 'url = "env:HR_URL"\npassword = "hunter2"'),
        ('url = "env:HR_URL"', 'url = "env:HR_URL"\nzone = ["postgresql://root:hunter2@db/hr"]'),
        ('connector = "sql"', 'connector = "mysql://root:hunter2@db"'),
        ('activity = "staff"', 'activity = "https://x:hunter2@crm"'),
        ('url = "env:HR_URL"', 'url = "hunter2'),
    ],
)
def test_a_value_that_may_be_a_secret_is_never_repeated(write: Write, old: str, new: str) -> None:
    said = refused(write(system=(old, new)))
    assert "hunter2" not in said
    assert "systems/hr.toml" in said


def test_a_broken_activity_is_not_also_called_missing(write: Write) -> None:
    said = refused(write(activity=('role = "controller"', "role = ")))
    assert "activities/staff.toml: this is not TOML" in said
    assert "has no such file" not in said


def test_a_rule_that_cannot_be_compiled_in_any_term_is_an_error(write: Write) -> None:
    said = refused(write(system=('triggers = ["left_on"]', "")))
    assert "no trigger starts this term" in said


def test_datasets_that_refer_to_each_other_in_a_circle_go_in_one_step(write: Write) -> None:
    circle = """
part_of = { dataset = "staff", by = { id = "id" } }
references = [{ dataset = "chat", by = { id = "id" } }]
key = ["id"]
columns.id = { class = "technical" }
"""
    other = '\n[dataset.chat]\npart_of = { dataset = "staff", by = { id = "id" } }\nkey = ["id"]\n'
    other += 'references = [{ dataset = "desk", by = { id = "id" } }]\ncolumns.id = { class = "technical" }\n'
    register = load_register(write(system=("[dataset.staff]", f"[dataset.desk]{circle}{other}\n[dataset.staff]")))
    [rule] = register.rules_on(date(2026, 11, 23))
    assert rule.knots == (frozenset({"desk", "chat"}),)
    assert [p.dataset for p in rule.parts][-1] == "staff"


def test_a_row_that_would_point_at_a_dossier_that_is_gone_cannot_stay_for_others(write: Write) -> None:
    desk = """
part_of = { dataset = "staff", by = { id = "id" }, when_shared = "stays" }
key = ["id"]
columns.id = { class = "technical" }
"""
    said = refused(write(system=("[dataset.staff]", f"[dataset.desk]{desk}\n[dataset.staff]")))
    assert "when_shared is 'stays'" in said


def test_the_same_rows_under_two_names_are_an_error(write: Write) -> None:
    twice = SYSTEM[SYSTEM.index("[dataset.staff]") :].replace("dataset.staff", "dataset.leaver")
    twice = twice.replace("activity =", 'table = "staff"\nactivity =')
    said = refused(write(system=(SYSTEM, SYSTEM + twice)))
    assert "dataset.leaver: these are the same rows as dataset.staff" in said
    apart = SYSTEM.replace("key =", "only = { id = 1 }\nkey =") + twice.replace("key =", "only = { id = 2 }\nkey =")
    assert len(load_register(write(system=(SYSTEM, apart))).rules_on(date(2026, 1, 1))) == 2


def test_two_activities_under_one_title_are_an_error(write: Write) -> None:
    said = refused(write(more={"activities/staff2.toml": ACTIVITY}))
    assert "activities/staff2.toml: title: activities/staff.toml has the same title" in said


PROCESSOR = (
    ACTIVITY.replace('"destroy"', '"propose"')
    .replace('"Personeel"', '"Dossier"')
    .replace('"controller"', '"processor"\non_behalf_of = "de praktijk"')
)
PRACTICES = SYSTEM.replace('key = ["id"]', 'key = ["id"]\ntenant = "id"').replace('"staff"', '"dossier"')


def test_controllers_told_apart_in_two_systems_are_an_error_for_a_number_would_be_two_of_them(write: Write) -> None:
    one = {"activities/dossier.toml": PROCESSOR, "systems/care.toml": PRACTICES}
    assert load_register(write(more=one)).systems["care"].datasets["staff"].tenant == "id"
    said = refused(write(more={"systems/desk.toml": PRACTICES, "systems/form.toml": PRACTICES}))
    for system in ("desk", "form"):
        assert f"systems/{system}.toml: dataset.staff.tenant: systems/care.toml tells controllers apart" in said
    assert "a register of its own" in said
    assert "2 errors" in said


def test_a_second_system_with_a_tenant_of_our_own_data_is_no_error(write: Write) -> None:
    ours = PRACTICES.replace('"dossier"', '"staff"')
    more = {"activities/dossier.toml": PROCESSOR, "systems/care.toml": PRACTICES, "systems/desk.toml": ours}
    assert load_register(write(more=more)).systems.keys() == {"hr", "care", "desk"}


@pytest.mark.parametrize("folder", ["activities", "systems"])
def test_a_register_without_activities_or_systems_is_an_error(write: Write, folder: str) -> None:
    directory = write()
    shutil.rmtree(directory / folder)
    assert f"{folder}/: no .toml file found" in refused(directory)


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "nowhere")


def test_a_file_that_is_not_text_is_an_error(write: Write) -> None:
    directory = write()
    (directory / "activities" / "odd.toml").write_bytes(b"title = '\xff'")
    assert "activities/odd.toml: byte 9 is not UTF-8" in refused(directory)


def test_a_file_name_that_cannot_be_an_id_is_an_error(write: Write) -> None:
    assert "activities/Two Words.toml: the file's name is its id" in refused(
        write(more={"activities/Two Words.toml": ACTIVITY.replace('"Personeel"', '"Anders"')})
    )


def test_a_broken_ladder_is_an_error(write: Write) -> None:
    assert "ladder.toml: rung: this key is missing" in refused(write(more={"ladder.toml": "since = 2026-01-01"}))


def test_the_digest_is_of_what_the_files_say_and_not_of_how_they_are_written(write: Write) -> None:
    digest = load_register(write()).digest
    assert load_register(write(activity=("[[term]]", "# a remark\n[[term]]"))).digest == digest
    assert load_register(write(activity=('"2 years"', '"3 years"'))).digest != digest
    assert load_register(write(system=("records = 10", "records = 11"))).digest != digest


def test_a_new_term_is_a_new_block_and_both_can_be_planned_with(write: Write) -> None:
    block = ACTIVITY[ACTIVITY.index("[[term]]") :].replace("2018-05-25", "2027-01-01").replace("2 years", "3 years")
    register = load_register(write(activity=(ACTIVITY, ACTIVITY + block)))
    assert str(register.rule("hr.staff", date(2026, 12, 31)).term.maximum) == "2 years"
    assert str(register.rule("hr.staff", date(2027, 1, 1)).term.maximum) == "3 years"


def test_a_rule_that_is_not_there_is_named_with_those_that_are(write: Write) -> None:
    register = load_register(write())
    with pytest.raises(NotFound, match=r"use one of: hr\.staff"):
        register.rule("hr.stuff", date(2026, 11, 23))
    with pytest.raises(NotFound, match="no rule is in force"):
        register.rule("hr.staff", date(2018, 5, 24))


def test_a_term_is_stale_when_its_last_check_is_over_a_year_ago(write: Write) -> None:
    register = load_register(write())
    assert stale_terms(register, date(2027, 11, 23)) == ()
    (stale,) = stale_terms(register, date(2027, 11, 24))
    assert (stale.activity, stale.last_checked) == ("staff", date(2026, 11, 23))
    assert "activities/staff.toml" in str(stale)


def test_a_term_that_a_newer_one_replaced_need_not_be_checked_again(write: Write) -> None:
    block = ACTIVITY[ACTIVITY.index("[[term]]") :].replace("2018-05-25", "2027-01-01").replace("2026-11", "2027-11")
    register = load_register(write(activity=(ACTIVITY, ACTIVITY + block)))
    assert stale_terms(register, date(2028, 1, 1)) == ()
    assert [s.since for s in stale_terms(register, date(2029, 1, 1))] == [date(2027, 1, 1)]


def test_the_activities_can_be_read_before_any_system_is_described(write: Write) -> None:
    directory = write()
    shutil.rmtree(directory / "systems")
    assert list(load_activities(directory)) == ["staff"]
