"""What an incoming message asks, by its wording in Dutch or English, and which messages ask nothing of us.

Rules, no model: each pattern can be read by a DPO. A proposal is only that; a person adopts it. Whatever matches no
rule is `OTHER` and waits for a person: nothing is ever dropped for its wording.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from domain.cases import CaseKind


class Ask(StrEnum):
    """What a message seems to ask."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    WGBO_DESTRUCTION = "wgbo-destruction"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    CONSENT = "consent"
    ACCESS_LOG = "access-log"
    COMPLAINT = "complaint"
    BREACH = "breach"
    OTHER = "other"


class Aside(StrEnum):
    """Why a message is kept but asks nothing of a handler."""

    AUTOMATIC = "automatic reply"
    LIST = "bulk or list mail"
    DELIVERY_REPORT = "delivery report"
    JUNK = "junk"
    OWN = "from our own address"
    TOO_LARGE = "too large, left in the mailbox"
    UNREADABLE = "cannot be taken apart"
    DUPLICATE = "came before"


#: Nobody could read what these ask: they wait for a person, like every draft.
NEEDS_A_LOOK = frozenset({Aside.TOO_LARGE, Aside.UNREADABLE})

#: The asks for which a case can be opened; the others are handled by the DPO (complaint, breach) or a question.
OPENS: Mapping[Ask, CaseKind] = {Ask(k.value): k for k in CaseKind if k.value in {a.value for a in Ask}}

_DATA = r"(persoons)?gegevens|data|information|info|informatie|records?|dossiers?|file"
_MEDICAL = r"(medisch\w*|pati[eë]nt\w*|zorg|behandel)\W*(dossier|gegevens)|dossier|medical (records?|file|data)"
_RULES: tuple[tuple[Ask, str], ...] = (
    (Ask.ACCESS_LOG, r"wie (er )?(heeft|hebben|heb|is|zijn|keek|in)\b.{0,60}\b(dossier|gegevens)\b.{0,40}"
     r"\b(gekeken|bekeken|ingezien|geopend|gehad)|wie (er )?(heeft|hebben)\b.{0,20}\b(gekeken|bekeken|ingezien)|"
     r"\b(log(ging|gegevens|bestand)?|inzagelog)\b.{0,60}\b(dossier|inzage|toegang)|who\b.{0,40}\b(looked at|accessed|"
     r"viewed|opened|has had access)|access log|audit (log|trail)"),
    (Ask.BREACH, r"data ?lek|gegevens (zijn )?gelekt|data breach|leaked|verkeerde (persoon|adres|pati[eë]nt)|"
     r"(gegevens|dossier|brief|mail|uitslag) van (iemand anders|een ander\w*)|(somebody|someone) else'?s|"
     r"wrong (person|patient|recipient)"),
    (Ask.COMPLAINT, r"\bklacht\b|\bklagen\b|beklag|complain"),
    (Ask.PORTABILITY, r"\boverdra(gen|cht)|dataportabiliteit|portabilit|machine ?lees|machine.?readable|"
     r"(meenemen|overzetten|doorsturen) naar (een )?(ander|nieuw)|(transfer|move)\b.{0,50}\b(to|provider)\b.{0,30}"
     r"\b(another|new|other)|artikel 20|article 20"),
    (Ask.CONSENT, r"toestemming\b.{0,40}\b(in|terug|wijzig\w*|verander\w*)\b|"
     r"\b(trek|intrek\w*|wijzig\w*|geef|verander\w*)\b.{0,40}"
     r"\btoestemming|\b(withdraw|revoke|change|give)\b.{0,40}\bconsent|opt.?(out|in)\b|consent\b.{0,30}\bwithdrawn"),
    (Ask.OBJECTION, r"\bbezwaar\b|\bafmelden\b|\buitschrijven\b|geen (reclame|nieuwsbrie\w+|mailing\w*)|\bobject\b|"
     r"\bobjection\b|unsubscribe|stop (sending|using)|no (more )?(marketing|newsletters?)"),
    (Ask.RESTRICTION, r"\bbeperk\w*\b.{0,50}\b(verwerk|gebruik|gegevens)|\b(verwerking|gebruik)\b.{0,50}\bbeperk|"
     r"bevries|tijdelijk (niet|stop)|\brestrict\w*\b|\bfreeze\b"),
    (Ask.RECTIFICATION, r"\b(corrig|rectific|verbeter|aanpass|wijzig)\w*\b.{0,60}\b(gegevens|adres|naam|dossier|"
     r"geboorte\w+|telefoon\w*|fout\w*)|\b(gegevens|adres|naam|dossier|geboorte\w+|telefoon\w*)\b.{0,50}\b(klop\w*|"
     r"onjuist|verkeerd|fout|verbeteren|aanpassen|wijzigen|corrigeren)|\b(correct|rectify|rectification|amend|fix)\b|"
     r"\b(wrong|incorrect|inaccurate|misspelled)\b"),
    (Ask.WGBO_DESTRUCTION, rf"\b(vernietig|verwijder|wis|destroy|delete|erase)\w*\b.{{0,60}}\b({_MEDICAL})|"
     rf"\b({_MEDICAL})\b.{{0,60}}\b(vernietig|verwijder|gewist|destroy|delete|erase)\w*|7:455|wgbo"),
    (Ask.ERASURE, rf"\b(verwijder|wis|wissen|gewist|vernietig|vergeet|schrap)\w*\b.{{0,60}}\b({_DATA}|account|alles|"
     rf"mij)|\b({_DATA}|account|alles)\b.{{0,60}}\b(verwijder|wissen|gewist|vernietig)\w*|vergeten te worden|"
     rf"vergetelheid|"
     rf"recht op (gegevens)?wissing|\b(delete|erase|remove|destroy)\b.{{0,60}}\b({_DATA}|account|everything|me)\b|"
     r"right to (be forgotten|erasure)"),
    (Ask.ACCESS, r"\binzage\b|\binzien\b|\binzageverzoek|welke (persoons)?gegevens|(kopie|afschrift|overzicht|"
     rf"uitdraai)\b.{{0,50}}\b({_DATA})|\b(copy|overview)\b.{{0,40}}\b({_DATA})|subject access|\bsar\b|\bdsar\b|"
     r"(what|which|all( the)?) (personal )?(data|information)\b.{0,40}\b(hold|have|about me|store|keep)|"
     r"access to my|see my (data|file|records?)|(?<!alles )wat (jullie|u) (over|van) mij|artikel 15|article 15"),
)  # fmt: skip
_COMPILED = tuple((ask, re.compile(pattern, re.I | re.S)) for ask, pattern in _RULES)
#: "I do not want my data deleted": a clause with one of these is not read as an ask for what it denies.
_NOT = re.compile(
    r"\b(hoeft?|wil|willen|hoeven|vraag|moet(en)?)\b(?:(?!\bmaar\b).){0,40}\b(niet|geen)\b|\b(do not|don'?t|does not)\b"
    r"\s+(want|need|ask|delete|erase|remove|wish|have to)|\bnot asking\b|\bno need\b|\bgeen (inzage|klacht|bezwaar|"
    r"kopie|datalek|wissing|correctie)\b|\bno (complaint|objection)\b|\bniet (verwijder|wis|vernietig)\w*",
    re.I,
)
#: Refusals that are themselves the ask: "I do not want newsletters" is an objection.
_NO_IS_THE_ASK = frozenset({Ask.OBJECTION, Ask.CONSENT, Ask.BREACH, Ask.ACCESS_LOG, Ask.RECTIFICATION})
_NOUN_DENIED = re.compile(
    r"\bgeen (bezwaar|klacht|datalek|toestemming nodig)\b|\bno (complaint|objection|breach)\b", re.I
)
_CLAUSE = re.compile(r"(?<=[.!?;\n])\s+|,?\s+\b(?:maar|but|wel)\b\s+", re.I)
_QUOTE_HEAD = re.compile(
    r"^(op .{4,200} schreef.{0,200}:|on .{4,200} wrote:|"
    r"-{2,} ?(oorspronkelijk bericht|original message) ?-{2,}|_{10,})\s*$",
    re.I,
)
_FORWARD_HEAD = re.compile(
    r"^-{2,} ?(doorgestuurd bericht|forwarded message) ?-{2,}|^begin (doorgestuurd|forwarded)", re.I
)
_HEADER_LINE = re.compile(r"^(from|to|cc|date|sent|subject|van|aan|datum|verzonden|onderwerp)\s*:", re.I)
_CASE = re.compile(r"(?<![\dBM-])(20\d{2}-\d{4,6})(?!\d)")
_ABSENT = re.compile(
    r"\b(out of (the )?office|automatic reply|auto.?reply|automatisch antwoord|afwezig(heids)?\w*|autoreply)\b", re.I
)
_ID_WORDS = re.compile(
    r"paspoort|passport|identiteit|identity|rijbewijs|licen[cs]e|\bid\b|id.?(kaart|card|bewijs)", re.I
)
_ENGLISH = re.compile(r"\b(the|my|you|please|and|want|would|have|about|is|your|this|dear|data)\b", re.I)
_DUTCH = re.compile(r"\b(de|het|mijn|ik|u|jullie|graag|en|wil|een|van|niet|geachte|over|dat)\b", re.I)


def own_words(text: str) -> str:
    """The sender's own words: quoted replies and the signature are gone; what was forwarded to us is kept."""
    kept: list[str] = []
    forwarded = False
    for line in text.splitlines():
        if _FORWARD_HEAD.match(line.strip()):
            forwarded = True
            continue
        if not forwarded and _QUOTE_HEAD.match(line.strip()):
            break
        if line.rstrip() == "--" and not forwarded:
            break
        if line.lstrip().startswith(">") or (forwarded and _HEADER_LINE.match(line)):
            continue
        kept.append(line)
    return "\n".join(kept).strip()


def asks_of(subject: str, text: str) -> tuple[Ask, ...]:
    """Every kind the message seems to ask, in the order of `Ask`; (OTHER,) where no rule matches."""
    plain = re.sub(r"^\s*((re|fw|fwd|antw|doorst)\s*:\s*)+", "", subject, flags=re.I)
    found: set[Ask] = set()
    for clause in _CLAUSE.split(f"{plain}.\n{own_words(text)[:20_000]}"):
        found |= _asks_of_clause(" ".join(clause.split())[:2_000])
    if Ask.WGBO_DESTRUCTION in found:
        found.discard(Ask.ERASURE)  # the medical right is the narrower one; both are never proposed for one wish
    return tuple(a for a in Ask if a in found) or (Ask.OTHER,)


def _asks_of_clause(clause: str) -> set[Ask]:
    if _NOUN_DENIED.search(clause):
        return set()
    denied = _NOT.search(clause) is not None
    return {ask for ask, rule in _COMPILED if rule.search(clause) and not (denied and ask not in _NO_IS_THE_ASK)}


def why_aside(headers: Mapping[str, str], *, own: frozenset[str], sender: str) -> Aside | None:
    """Why nobody should answer this message (RFC 3834), or None. `headers` by lower-case name."""
    kind = headers.get("content-type", "").lower()
    if kind.startswith("multipart/report"):
        return Aside.DELIVERY_REPORT
    if sender.lower() in own:
        return Aside.OWN
    if headers.get("x-spam-flag", "").strip().lower() == "yes":
        return Aside.JUNK
    automatic = headers.get("auto-submitted", "no").strip().lower()
    replies = ("x-autoreply", "x-autorespond", "x-auto-reply-from")
    machine = not automatic.startswith("no") or any(h in headers for h in replies)
    precedence = headers.get("precedence", "").strip().lower()
    nobody = headers.get("return-path", "").strip() == "<>" or precedence == "auto_reply"
    if nobody or machine or _ABSENT.search(headers.get("subject", "")):
        return Aside.AUTOMATIC
    return Aside.LIST if precedence in {"bulk", "list", "junk"} or "list-id" in headers else None


def case_numbers(subject: str) -> tuple[str, ...]:
    """The numbers of ours that a subject names."""
    return tuple(dict.fromkeys(_CASE.findall(subject)))


def looks_like_identity(media_type: str, name: str, text: str) -> bool:
    """Whether an attachment may be a copy of an identity document: to be flagged, never judged here."""
    pictured = media_type.startswith("image/") or media_type == "application/pdf"
    return pictured and bool(_ID_WORDS.search(name) or _ID_WORDS.search(text))


def language_of(text: str) -> str:
    """'en' where the English little words outnumber the Dutch ones, else 'nl'."""
    return "en" if len(_ENGLISH.findall(text[:5_000])) > len(_DUTCH.findall(text[:5_000])) else "nl"
