"""Who asks after a night took their records is told what went, on which day and by which article."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from reports.dutch import day
from tests.stories.small_house import TODAY, SmallHouse


@pytest.mark.parametrize(
    ("language", "heading", "article"),
    [
        ("nl", "Wat wij al eerder vernietigd hebben", "AVG 5 lid 1 onder e"),
        ("en", "What we destroyed before", "GDPR 5(1)(e)"),
    ],
)
def test_what_a_night_destroyed_is_told_with_its_kind_its_day_and_its_article(
    tmp_path: Path, language: str, heading: str, article: str
) -> None:
    house = SmallHouse(tmp_path)
    house.edit("systems/desk.toml", "identifies = {", 'identifies = { client_number = "id",')
    house.countersign()
    assert house.termijn("purge", "desk", "--arm").returncode == 0
    assert 2 not in house.living()
    subject = 'name = "Anna Naam2"\nclient_number = "2"\nemail = "bezoeker2@example.org"\n'
    opened = house.termijn("case", "new", "--subject", "-", "--language", language, given=subject)
    number = opened.stdout.split()[1]
    house.termijn("case", "move", number, "identity", "--method", "call-back")
    house.termijn("case", "move", number, "in-progress")
    ended = house.termijn("export", number)
    assert ended.returncode == 0, ended.stderr
    files = house.open_package(number)
    told = json.loads(files["data.json"])
    assert told["systems"]["desk"]["outcome"] == "nothing found"
    assert told["destroyed_before"] == [
        {"what": "Bezoekers", "records": 1, "destroyed_on": TODAY.isoformat(), "article": "AVG 5 lid 1 onder e"}
    ]
    read = subprocess.run(["pdftotext", "-", "-"], input=files["letter.pdf"], capture_output=True, check=True)
    for words in (" ".join(read.stdout.decode().split()), files["index.html"].decode()):
        for said in (heading, "Bezoekers", day(TODAY, language), article):
            assert said in words, said
        assert TODAY.isoformat() not in words
