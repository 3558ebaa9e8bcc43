"""The data dictionary of a package (woordenboek): each column of each file in words, and what was left out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from domain.origin import Origin
from domain.package import PackageContents, Part, Withheld
from domain.system import Column
from reports.dutch import is_money

HEADS: Mapping[str, Sequence[str]] = {
    "nl": ("Bestand", "Kop", "Wat het is", "Hoe wij eraan komen", "Soort waarde", "Eenheid of vorm", "Meegestuurd",
           "Gegevens van", "Waarvoor", "Kolom in het systeem"),
    "en": ("File", "Heading", "What it is", "How we got it", "Kind of value", "Unit or form", "Included", "Data of",
           "What for", "Column in the system"),
}  # fmt: skip
#: What a Fideslang key means to a layman, (Dutch, English); the longest beginning that is known is taken.
_MEANING: Mapping[str, tuple[str, str]] = {
    "user": ("een gegeven over u", "something about you"),
    "user.name": ("een naam", "a name"),
    "user.contact": ("hoe u te bereiken bent", "how to reach you"),
    "user.contact.email": ("een e-mailadres", "an e-mail address"),
    "user.contact.phone_number": ("een telefoonnummer", "a telephone number"),
    "user.contact.address": ("een adres", "an address"),
    "user.contact.address.street": ("straat of huisnummer", "street or house number"),
    "user.contact.address.postal_code": ("een postcode", "a postal code"),
    "user.contact.address.city": ("een plaats", "a town"),
    "user.unique_id": ("een nummer waaronder u bekend bent", "a number by which you are known"),
    "user.account": ("over uw account", "about your account"),
    "user.account.username": ("uw gebruikersnaam", "your user name"),
    "user.authorization": ("wat u in een systeem mag", "what you may do in a system"),
    "user.behavior": ("wat u deed", "what you did"),
    "user.behavior.browsing_history": ("wat u op de website bekeek", "what you looked at on the website"),
    "user.device": ("over uw apparaat", "about your device"),
    "user.device.cookie_id": ("een nummer in een cookie", "a number in a cookie"),
    "user.device.ip_address": ("een adres van uw internetverbinding", "an address of your internet connection"),
    "user.demographic": ("een kenmerk van u", "a characteristic of you"),
    "user.demographic.date_of_birth": ("een geboortedatum", "a date of birth"),
    "user.demographic.gender": ("een geslacht", "a gender"),
    "user.demographic.marital_status": ("een burgerlijke staat", "a marital status"),
    "user.demographic.citizenship_or_immigration_status": ("een nationaliteit", "a nationality"),
    "user.children": ("over uw gezin", "about your family"),
    "user.government_id": ("over een identiteitsbewijs", "about an identity document"),
    "user.government_id.national_identification_number": ("een burgerservicenummer (BSN)", "a national number (BSN)"),
    "user.government_id.passport_number": ("een documentnummer", "a document number"),
    "user.financial": ("over geld", "about money"),
    "user.financial.bank_account": ("een bankrekeningnummer", "a bank account number"),
    "user.payment": ("over een factuur of betaling", "about an invoice or payment"),
    "user.professional_information": ("over werk of opleiding", "about work or education"),
    "user.privacy_preferences": ("over een keuze of toestemming van u", "about a choice or consent of yours"),
    "user.content": ("iets dat u aanleverde", "something you handed in"),
    "user.content.self_image": ("een foto van u", "a photo of you"),
    "user.criminal_history": ("over een verklaring omtrent het gedrag", "about a certificate of conduct"),
    "user.health": ("over uw gezondheid of zorg", "about your health or care"),
    "user.health.record_id": ("een nummer van uw dossier", "a number of your record"),
    "user.health.condition": ("over een klacht", "about a complaint"),
    "user.health.medications": ("over een medicijn", "about a medicine"),
    "user.health.treatment": ("over een behandeling of onderzoek", "about a treatment or examination"),
    "user.health.medical_diagnosis": ("over een uitslag of diagnose", "about a result or diagnosis"),
    "user.health.insurance_beneficiary_id": ("over uw zorgverzekering", "about your health insurance"),
    "system": ("hoe het systeem dit bijhield", "how the system kept track of this"),
}
_CAME = {
    Origin.PROVIDED: ("gaf u zelf", "you gave it"),
    Origin.OBSERVED: ("ontstond door uw gebruik, of is gemeten", "came about by your use, or was measured"),
    Origin.DERIVED: ("schreef of berekende een ander", "somebody else wrote or calculated it"),
}
#: A kind of value by the types that a source gives, with its form: the first that has them all is the word for it.
_KINDS: Sequence[tuple[tuple[type, ...], tuple[str, str], tuple[str, str]]] = (
    ((bool,), ("ja of nee", "yes or no"), ("True of False", "True or False")),
    ((int,), ("geheel getal", "whole number"), ("", "")),
    ((int, float, Decimal), ("getal", "number"), ("punt voor de decimalen", "point before the decimals")),
    ((datetime,), ("datum en tijd", "date and time"), ("jaar-maand-dagTuur:minuut", "year-month-dayThour:minute")),
    ((date, datetime), ("datum", "date"), ("jaar-maand-dag", "year-month-day")),
    ((time,), ("tijd", "time"), ("uur:minuut", "hour:minute")),
    ((bytes, bytearray, memoryview), ("bestand", "file"), ("base64", "base64")),
    ((str,), ("tekst", "text"), ("", "")),
)
_CODE, _ONE_ZERO = ("code", "code"), ("1 is ja, 0 is nee", "1 is yes, 0 is no")
_EMPTY, _MIXED = ("altijd leeg", "always empty"), ("gemengd", "mixed")
_OURS = {
    "nl": (
        ("tot welke dag wij de rij bewaren", "datum", "jaar-maand-dag"),
        ("de wet of regel waarom wij de rij zo lang bewaren", "tekst", ""),
        ("de rij is in het systeem verwijderd, maar bestaat nog", "ja of leeg", ""),
        ("de rij is in het systeem gearchiveerd, en bestaat nog", "ja of leeg", ""),
    ),
    "en": (
        ("until which day we keep the row", "date", "year-month-day"),
        ("the law or rule for which we keep the row so long", "text", ""),
        ("the row was deleted in the system, but still exists", "yes or empty", ""),
        ("the row was archived in the system, and still exists", "yes or empty", ""),
    ),
}


def meaning(category: str | None, language: str) -> str:
    """What a column is about, in a layman's words; by the longest beginning of its key that has any."""
    key = category or ""
    while key and key not in _MEANING:
        key = key.rpartition(".")[0]
    return _MEANING[key][language == "en"] if key else ""


def rows_of(
    part: Part, file: str, heads: Mapping[str, str], types: Mapping[str, Set[type]], contents: PackageContents
) -> Iterator[Sequence[str]]:
    """One line for each column of a file that is handed over. `types`: what its values turned out to be."""
    en = contents.language == "en"
    activity = contents.activities.get(part.activity)
    about = (part.title, activity.title if activity else part.activity)
    for name, head in heads.items():
        column = part.columns[name]
        came = _CAME[column.origin][en] if column.origin is not None else ""
        kind, form = _kind(column, types.get(name, frozenset()), en=en)
        yield (file, head, meaning(column.category, contents.language) or head, came, kind, form,
               "yes" if en else "ja", *about, name)  # fmt: skip


def our_rows(part: Part, file: str, heads: Sequence[str], contents: PackageContents) -> Iterator[Sequence[str]]:
    """The columns that we put behind every table ourselves."""
    yes, by_us = ("yes", "we added it") if contents.language == "en" else ("ja", "voegden wij toe")
    for head, (what, kind, form) in zip(heads, _OURS[contents.language], strict=True):
        yield file, head, what, by_us, kind, form, yes, part.title, "", ""


def withheld_rows(withheld: Sequence[Withheld], files: Mapping[tuple[str, str], str], language: str) -> Iterator[Any]:
    """What is in no file, with the reason: beside the file it would have stood in, where there is one."""
    no, number = ("no", "number") if language == "en" else ("nee", "aantal")
    for one in withheld:
        said = f"{no}: {one.because} ({one.article}); {number}: {one.values}"
        yield files.get((one.system, one.dataset), ""), one.what, "", "", "", "", said, one.dataset, "", ""


def _kind(column: Column, types: Set[type], *, en: bool) -> tuple[str, str]:
    found = types - {type(None)}
    if not found:
        return _EMPTY[en], ""
    if isinstance(column.means, dict):
        return _CODE[en], ", ".join(f"{code}: {said}" for code, said in column.means.items())
    if column.means is not None and found <= {int, bool}:
        return _KINDS[0][1][en], "" if found == {bool} else _ONE_ZERO[en]
    for known, word, form in _KINDS:
        if found <= set(known):
            money = is_money(column.label) and bool(found & {int, float, Decimal})
            return word[en], "euro" if money else form[en]
    return _MIXED[en], ""
