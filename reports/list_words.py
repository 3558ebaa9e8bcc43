"""How a destruction list and its statement are put into plain Dutch (B1): reasons, answers, and what a line is."""

from __future__ import annotations

from domain.instruction import AtPractice, WhyKept, WhyStayed
from domain.list_papers import ListHead
from domain.lists import Answer
from reports.dutch import things

WHY_KEPT = {
    WhyKept.TREATMENT: "De behandeling loopt nog, of begint weer.",
    WhyKept.GOOD_CARE: "Langer bewaren is nodig voor goede zorg (BW 7:454 lid 3).",
    WhyKept.CLAIM: "Er is een klacht, een claim of een ander conflict.",
    WhyKept.OTHER_LAW: "Een andere wet zegt dat het langer moet blijven.",
    WhyKept.REQUEST: "De patiënt vroeg om langer bewaren.",
}
WHY_STAYED = {
    WhyStayed.FROZEN: "Het ligt vast: er loopt een verzoek van de patiënt, of het mag voorlopig niet weg.",
    WhyStayed.NOT_DUE: "Er kwam iets bij na het maken van de lijst. De termijn loopt weer.",
    WhyStayed.NEEDED: "Een ander dossier dat blijft, verwijst hiernaar.",
    WhyStayed.GONE: "Het stond niet meer in het systeem; 12Care heeft het niet vernietigd.",
}
ANSWERS = {
    Answer.ALL: "alles op de lijst mag weg",
    Answer.PART: "een deel van de lijst mag weg",
    Answer.LATER: "nu niet, vraag het later opnieuw",
}
ROLES = {
    AtPractice.OWNER: "praktijkhouder",
    AtPractice.PROVIDER: "zorgverlener",
    AtPractice.DIRECTOR: "bestuurder",
    AtPractice.DPO: "functionaris voor de gegevensbescherming",
}


def number_word(head: ListHead) -> str:
    """The head of the column that tells the lines apart."""
    return "Cliëntnummer" if head.dossiers else "Nummer"


def counted(head: ListHead, amount: int) -> str:
    """'1 dossier', '12 dossiers', '3 gegevens'."""
    return things(amount, "dossier", "dossiers") if head.dossiers else things(amount, "gegeven", "gegevens")


def practice(head: ListHead) -> str:
    """How we call the practice: by its number in the system, and by nothing else."""
    return f"praktijk nr. {head.controller}"
