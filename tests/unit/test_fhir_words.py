"""What a data type of FHIR says to a person: the words for a code, the two ends of a period, and no address of ours."""

from __future__ import annotations

from typing import Any

import pytest

from reports.dutch import shown
from tests.golden import contents as given

COLUMN = given.column("Iets")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": "Brand"}], "text": "Wond"}, "Wond"),
        ({"coding": [{"code": "1", "display": "Brand"}, {"code": "2"}]}, "Brand; 2"),
        ({"start": "2024-01-31", "end": "2024-02-01T10:00:00Z"}, "31 januari 2024 – 1 februari 2024 om 11:00 uur"),
        ({"start": "2024-01-31"}, "vanaf 31 januari 2024"),
        ({"value": 8.4, "unit": "mmol/l", "system": "http://unitsofmeasure.org", "code": "mmol/L"}, "8,4 mmol/l"),
        ({"comparator": "<", "value": 5, "unit": "mg"}, "< 5 mg"),
        ({"family": "de Vries", "given": ["Anna", "M."], "use": "official"}, "Anna M. de Vries"),
        ({"line": ["Straat 1"], "postalCode": "1234 AB", "city": "Utrecht"}, "Straat 1, 1234 AB Utrecht"),
        ({"system": "email", "value": "a@example.org", "use": "home"}, "e-mail: a@example.org"),
        ({"system": "urn:x", "value": "12", "type": {"text": "Pasnummer"}}, "Pasnummer: 12"),
        ({"reference": "Practitioner/5"}, "(Practitioner)"),
        ({"reference": "Practitioner/5", "display": "Dr. Kwant"}, "Dr. Kwant"),
        ({"width": 3, "height": 4}, "width: 3; height: 4"),
    ],
)
def test_a_value_of_fhir_is_told_in_words(value: dict[str, Any], told: str) -> None:
    assert shown(value, COLUMN) == told
