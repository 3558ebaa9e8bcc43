"""A letter of a request, filled from its template: as lines, as a PDF to print, and as a message to mail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from types import ModuleType

from domain.cases import IdentityMethod
from domain.letters import LetterKind, LetterTold, missing
from domain.moves import GROUNDS, HANDS_OVER, OWN_SITUATION, CaseKind
from domain.register import Organisation
from domain.trouble import Refused
from reports import letter_en, letter_nl
from reports.dutch import day, listed, officer, rule
from reports.page import Sheet

#: Facts that are days, written as 2026-11-25, and said as a person says them.
_DAYS = frozenset({"lifted_on", "since"})
_LIST = re.compile(r"- \{\*(\w+)\}\Z")
_PLACE = re.compile(r"\{\*?(\w+)\}")


def letter_lines(told: LetterTold, who: Organisation) -> tuple[str, ...]:
    """The letter from its title to its last word: each line a paragraph, `# `, `## ` or `- ` before it.

    Raises Refused where something that must be given was not.
    """
    lacks = missing(told.kind, told.given)
    if lacks:
        raise Refused(
            f"this letter needs: {', '.join(lacks)}",
            where=f"case {told.case}, {told.kind.value}",
            do="give them in a file: termijn letter send CASE KIND --facts FILE",
        )
    words = _words(told.language)
    single, several = _values(told, who, words)
    template = words.TEMPLATES[told.kind]
    for block, text in (
        ("{body}", _body(told, words)),
        ("{granted}", _granted(told, words)),
        ("{disagree}", words.DISAGREE),
    ):
        template = template.replace(block, text.rstrip("\n"))
    return tuple(_filled(template.splitlines(), single, several))


def case_letter_pdf(told: LetterTold, lines: Sequence[str], who: Organisation) -> bytes:
    """The letter on paper. The same letter gives the same bytes."""
    say = _words(told.language).SAY
    title = lines[0].removeprefix("# ")
    sheet = Sheet(
        title=f"{title} ({told.case})",
        header=f"{who.trading_as} · {who.name}",
        footer=f"{say['reference']}: {told.case} · {say['footer']}",
        language=told.language,
        of="van" if told.language == "nl" else "of",
    )
    for line in (who.trading_as, officer(who.officer.title, told.language), who.street, f"{who.postcode} {who.city}"):
        sheet.paragraph(line, size=9, after=0)
    sheet.space(26)
    for line in (told.addressee.name, *told.addressee.address):
        sheet.paragraph(line, size=10.5, after=0)
    sheet.space(26)
    dated = f"{who.city}, {day(told.as_of, told.language)}"
    sheet.facts([(say["date"], dated), (say["reference"], told.case), (say["about"], title)], label=110)
    sheet.space(8)
    sheet.heading(title, 1)
    sheet.paragraph(say["dear"])
    _draw(sheet, lines[1:])
    sheet.need(80)
    sheet.paragraph(say["regards"], after=18)
    sheet.paragraph(who.trading_as, style=sheet.bold, after=2)
    sheet.paragraph(officer(who.officer.title, told.language))
    return sheet.finish()


def plain_letter(told: LetterTold, lines: Sequence[str], who: Organisation) -> str:
    """The letter as plain text, for a message or a screen: no name and no postal address of the person."""
    say = _words(told.language).SAY
    parts = [say["dear"]]
    for line in lines[1:]:
        glue = "\n" if line.startswith("- ") and parts[-1].startswith("- ") else "\n\n"
        said = line.removeprefix("## ").upper() if line.startswith("## ") else line
        if glue == "\n":
            parts[-1] += f"\n{said}"
        else:
            parts.append(said)
    title = officer(who.officer.title, told.language)
    closing = f"{say['regards']}\n\n{who.trading_as}\n{title}\n\n{say['reference']}: {told.case}"
    return "\n\n".join([*parts, closing]) + "\n"


def letter_mail(
    told: LetterTold, lines: Sequence[str], who: Organisation, *, sender: str, to: str, message_id: str, answers: str
) -> EmailMessage:
    """The letter as a message to one address. Its subject says the number and nothing of the person.

    `answers`: the Message-ID of what the person wrote, where it came by mail. Raises Refused for an unusable address.
    """
    say = _words(told.language).SAY
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = Address(addr_spec=to)
    except ValueError:
        raise Refused(
            "the mail address of this case cannot be used", where=f"case {told.case}", do="send the letter by post"
        ) from None
    message["Subject"] = say["subject"].format(number=told.case, title=_small(lines[0].removeprefix("# ")))
    message["From"] = sender
    message["Reply-To"] = who.email
    message["Message-ID"] = message_id
    if answers:
        message["In-Reply-To"] = message["References"] = answers
    by_itself = told.kind is LetterKind.ACKNOWLEDGEMENT
    message["Auto-Submitted"] = "auto-replied" if by_itself else "auto-generated"
    message["Content-Language"] = told.language
    message.set_content(plain_letter(told, lines, who), cte="quoted-printable")
    return message


def _words(language: str) -> ModuleType:
    return letter_en if language == "en" else letter_nl


def _values(
    told: LetterTold, who: Organisation, words: ModuleType
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """What each placeholder says: the single ones, and those that may be several."""
    nl, dpo, supervisor = told.language, who.officer, who.supervisor
    given = {**words.DEFAULTS, **told.given}
    method = given.get("method", ("",))[0]
    if "how" not in told.given and method in set(IdentityMethod):
        ways: tuple[str, ...] = words.METHODS[IdentityMethod(method)]
        given["how"] = tuple(way.replace("{trading_as}", who.trading_as) for way in ways)
    if "refused" in given:
        given["refused"] = tuple(words.SAY["part"].format(what, why, rule(by, nl)) for what, why, by in _parts(told))
    if "recipients" in given:
        given["recipients"] = tuple(_recipients(told, words)) or (words.SAY["nobody"],)
    if "article" in given:
        given["article"] = tuple(rule(by, nl) for by in given["article"])
    single = {
        "number": told.case, "right": (words.RIGHT_OF_ANOTHER if told.represented else words.RIGHT)[told.right],
        "received": day(told.received_on, nl), "today": day(told.as_of, nl),
        "promise": day(told.promise, nl), "law": day(told.law, nl), "extended": day(told.extended, nl),
        "no_copy": "" if method == IdentityMethod.MASKED_COPY else words.NO_COPY,
        "email": who.email, "website": who.website, "officer": officer(dpo.title, nl, inside=True),
        "officer_email": dpo.email, "officer_address": dpo.address,
        "supervisor": supervisor.name, "supervisor_address": supervisor.address,
        "supervisor_phone": supervisor.phone, "supervisor_site": supervisor.website,
    }  # fmt: skip
    for name, values in given.items():
        if name in _DAYS:
            single[name] = day(date.fromisoformat(values[0]), nl)
        elif name not in single:
            single[name] = (
                listed(values, nl) if values else words.SAY["decider_of_another" if told.represented else "decider"]
            )
    return single, given


def _parts(told: LetterTold) -> Iterator[tuple[str, ...]]:
    """Each part that is refused: what, why not, and the article. Raises Refused where one of these is missing."""
    texts = told.given["refused"]
    if not texts or len(texts) % 3:
        raise Refused(
            "each part that is refused has three texts",
            where=f"case {told.case}, {told.kind.value}",
            do='write refused = [["which part", "why not", "article"], …]',
        )
    return (texts[n : n + 3] for n in range(0, len(texts), 3))


def _recipients(told: LetterTold, words: ModuleType) -> Iterator[str]:
    """What became of the telling of each recipient."""
    texts, nl = told.given["recipients"], told.language
    for name, how, on, confirmed in (texts[n : n + 4] for n in range(0, len(texts), 4)):
        said = "confirmed" if confirmed else how or "untold"
        yield words.SAY[said].format(name, *(day(date.fromisoformat(d), nl) for d in (on, confirmed) if d))


def _body(told: LetterTold, words: ModuleType) -> str:
    if told.kind is not LetterKind.ANSWER:
        return ""
    return str(words.ANSWER[told.right, _ground(told.right, told.ground)])


def _granted(told: LetterTold, words: ModuleType) -> str:
    """How the part that is granted comes: only where data are handed over."""
    return str(words.GRANTED) if told.right in HANDS_OVER else ""


def _ground(right: CaseKind, ground: str) -> str:
    """On which ground the answer stands: only an objection is answered by its ground."""
    if right is not CaseKind.OBJECTION:
        return ""
    return ground if ground in GROUNDS[right] else OWN_SITUATION


def _filled(
    template: Sequence[str], single: Mapping[str, str], several: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    for line in template:
        found = _LIST.match(line)
        if found is not None:
            yield from (f"- {' '.join(value.split())}" for value in several.get(found[1], ()))
        elif line.strip():
            said = " ".join(_PLACE.sub(lambda m: single[m[1]], line).split())
            if said:
                yield said


def _draw(sheet: Sheet, lines: Sequence[str]) -> None:
    items: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("- "):
            items.append(line.removeprefix("- "))
            continue
        if items:
            sheet.bullets(items)
            items = []
        if line.startswith("## "):
            sheet.heading(line.removeprefix("## "))
        elif line:
            sheet.paragraph(line)


def _small(title: str) -> str:
    """A title after a colon: its first letter small."""
    return title[:1].lower() + title[1:]
