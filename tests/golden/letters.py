"""A letter of every kind with values that fill it, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.cases import IdentityMethod
from domain.letters import ANSWERS, ASKED, FROM_LEDGER, LetterKind, LetterTold
from domain.moves import DIRECT_MARKETING, OWN_SITUATION, CaseKind
from domain.package import Addressee

GIVEN = {
    "nl": {
        "question": ("Wilt u alles zien, of alleen uw gegevens van dit jaar?",),
        "reasons": ("Uw gegevens staan in vier systemen.", "Een deel staat alleen op papier."),
        "practice": ("Praktijk De Brug",),
        "refused": (
            "Wij geven u niet de naam van wie over u klaagde.",
            "Die naam gaat over iemand anders.",
            "AVG 15 lid 4",
        ),
        "lifted_on": ("2026-12-07",),
        "changes": ("Wij bewaren sollicitaties nog maar vier weken.",),
        "since": ("2027-01-01",),
        "purpose": ("Onze nieuwsbrief per e-mail",),
        "done": ("U krijgt al uw andere gegevens.",),
        "recipients": (
            "Arbodienst De Brug", "told", "2026-11-20", "",
            "Pensioenfonds Zorg", "told", "2026-11-20", "2026-11-23",
            "Uitzendbureau Oost", "excused", "", "",
            "Drukkerij Zuid", "", "", "",
        ),
    },
    "en": {
        "question": ("Do you want to see everything, or only your data of this year?",),
        "reasons": ("Your data are in four systems.", "A part is on paper only."),
        "practice": ("Praktijk De Brug",),
        "refused": (
            "We do not give you the name of who complained about you.",
            "It is about somebody else.",
            "AVG 15 lid 4",
        ),
        "lifted_on": ("2026-12-07",),
        "changes": ("We keep applications for only four weeks.",),
        "since": ("2027-01-01",),
        "purpose": ("Our newsletter by e-mail",),
        "done": ("You get all your other data.",),
        "recipients": (
            "Arbodienst De Brug", "told", "2026-11-20", "",
            "Pensioenfonds Zorg", "told", "2026-11-20", "2026-11-23",
            "Uitzendbureau Oost", "excused", "", "",
            "Drukkerij Zuid", "", "", "",
        ),
    },
}  # fmt: skip
#: Why a request is refused, which is not why it takes longer.
REFUSED = {
    "nl": ("U vroeg dit vorige maand ook. Er is sindsdien niets veranderd.",),
    "en": ("You asked this last month too. Nothing has changed since.",),
}
#: Of which right each kind of letter is shown; the others are of an access request.
_RIGHT = {
    LetterKind.RESTRICTION_LIFTED: CaseKind.RESTRICTION,
    LetterKind.DESTROYED: CaseKind.ERASURE,
    LetterKind.RECIPIENTS: CaseKind.RECTIFICATION,
    LetterKind.CONSENT_RECORDED: CaseKind.CONSENT,
    LetterKind.CONSENT_WITHDRAWN: CaseKind.CONSENT,
}


def told(kind: LetterKind, language: str, right: CaseKind | None = None, ground: str = "") -> LetterTold:
    """The letter of 25 November 2026 about a request of the third."""
    more = {"done"} if kind is LetterKind.PART_REFUSAL else set()
    given = {name: GIVEN[language][name] for name in (*sorted(ASKED[kind] - {"article"}), *FROM_LEDGER[kind], *more)}
    if kind is LetterKind.REFUSAL:
        given |= {"reasons": REFUSED[language], "article": ("AVG 12 lid 5",)}
    if kind is LetterKind.RESTRICTION_LIFTED:
        given["reasons"] = {"nl": ("Uw adres is nu goed.",), "en": ("Your address is right now.",)}[language]
    return LetterTold(
        kind=kind,
        case="2026-0042",
        right=right or _RIGHT.get(kind, CaseKind.ACCESS),
        language=language,
        received_on=date(2026, 11, 3),
        as_of=date(2026, 11, 25),
        promise=date(2026, 12, 1),
        law=date(2026, 12, 3),
        extended=date(2027, 2, 3),
        addressee=Addressee("Mevrouw A.J. Čapek", ("Kromme Nieuwegracht 999-bis", "3512 ZZ Utrecht")),
        ground=ground,
        given=given,
    )


def every() -> dict[str, LetterTold]:
    """Every kind in every language; the answer once for each right that has one."""
    found = {}
    for language in ("nl", "en"):
        for kind in LetterKind:
            if kind is not LetterKind.ANSWER:
                found[f"{language}-{kind.value}"] = told(kind, language)
        nobody = replace(told(LetterKind.RECIPIENTS, language), given={"recipients": ()})
        found[f"{language}-recipients-nobody"] = nobody
        for method in IdentityMethod:
            asks = told(LetterKind.IDENTITY_QUESTION, language)
            name = f"{language}-identity-question-{method.value.replace(' ', '-').lower()}"
            found[name] = replace(asks, given={"method": (method.value,)})
        for right in (r for r in CaseKind if LetterKind.ANSWER in ANSWERS[r]):
            grounds = (DIRECT_MARKETING, OWN_SITUATION) if right is CaseKind.OBJECTION else ("",)
            for ground in grounds:
                name = "-".join(filter(None, (language, "answer", right.value, ground)))
                found[name] = told(LetterKind.ANSWER, language, right, ground)
    return found
