"""The letters of a request in plain English, line for line as `reports.letter_nl` has them."""

from __future__ import annotations

from collections.abc import Mapping

from domain.cases import IdentityMethod
from domain.letters import LetterKind
from domain.moves import DIRECT_MARKETING, OWN_SITUATION, CaseKind

#: What the person asks, as it stands after "your request for".
RIGHT: Mapping[CaseKind, str] = {
    CaseKind.ACCESS: "access to your data",
    CaseKind.PORTABILITY: "a copy of your data to take with you",
    CaseKind.RECTIFICATION: "correction of your data",
    CaseKind.ERASURE: "erasure of your data",
    CaseKind.WGBO_DESTRUCTION: "destruction of your medical file",
    CaseKind.RESTRICTION: "restriction of the use of your data",
    CaseKind.OBJECTION: "an end to the use of your data",
    CaseKind.CONSENT: "a change of your consent",
    CaseKind.ACCESS_LOG: "an overview of who looked at your file",
}

#: The same where somebody else asks for the person.
RIGHT_OF_ANOTHER: Mapping[CaseKind, str] = {
    CaseKind.ACCESS: "access to the data of the person for whom you ask",
    CaseKind.PORTABILITY: "a copy of the data of the person for whom you ask",
    CaseKind.RECTIFICATION: "correction of the data of the person for whom you ask",
    CaseKind.ERASURE: "erasure of the data of the person for whom you ask",
    CaseKind.WGBO_DESTRUCTION: "destruction of the medical file of the person for whom you ask",
    CaseKind.RESTRICTION: "restriction of the use of the data of the person for whom you ask",
    CaseKind.OBJECTION: "an end to the use of the data of the person for whom you ask",
    CaseKind.CONSENT: "a change of the consent of the person for whom you ask",
    CaseKind.ACCESS_LOG: "an overview of who looked at the file of the person for whom you ask",
}

#: How a person shows who they are, by the way that was chosen.
METHODS: Mapping[IdentityMethod, tuple[str, ...]] = {
    IdentityMethod.SESSION: ("Log in to your account. Send us a message from there.",),
    IdentityMethod.KNOWN_ADDRESS: (
        "Write to us from the mail address that we already have of you.",
        "Add what else we know of you. For example your postcode, or your last visit.",
    ),
    IdentityMethod.CALL_BACK: ("Ask us to call you. We call the number that we already have of you.",),
    IdentityMethod.ID_SHOWN: (
        "Visit us with your passport, identity card or driving licence. We look at it and make no copy.",
    ),
    IdentityMethod.MASKED_COPY: (
        "Make a copy of your passport, identity card or driving licence.",
        "Cross out: your photo, your BSN and the lines with arrows at the bottom. Do so wherever your BSN stands.",
        "Write on the copy: for {trading_as}, with the date.",
        "Bring us the copy or send it. We look at it and destroy it at once.",
    ),
}
#: What a person need not send, unless it is what we ask for.
NO_COPY = "Do not send a copy of your passport or identity card. We do not need it."

#: What stands where nobody gave something else.
DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "how": (*METHODS[IdentityMethod.CALL_BACK], *METHODS[IdentityMethod.ID_SHOWN])
}

DISAGREE = """\
## Do you disagree with our answer?
- Please contact our {officer} first: {officer_email}, {officer_address}.
- You may complain to the {supervisor}, {supervisor_address}, telephone {supervisor_phone}, {supervisor_site} \
(article 77 GDPR).
- You may also go to court. You do so by a petition, within six weeks after you got this answer (article 35 of the \
Dutch implementation act, UAVG).
"""

#: How the part comes that is granted, where the rest is not.
GRANTED = """\
The part that you do get is ready for you. You get it apart from this letter, as a protected file. You get the \
password in another way, for example by telephone.
"""

#: The answer to a request that is granted, by kind and ground.
ANSWER: Mapping[tuple[CaseKind, str], str] = {
    (CaseKind.ACCESS, ""): """\
Your data are ready. You get them as a protected file. You get the password in another way, for example by telephone.
There is a letter in the file too. In it you read why we use your data, who gets them and how long they stay.
""",
    (CaseKind.PORTABILITY, ""): """\
Your data are ready. You get them as a protected file. You get the password in another way, for example by telephone.
A computer can read this file. So you can give it to another organisation.
""",
    (CaseKind.ACCESS_LOG, ""): """\
The overview is ready. You get it as a protected file. You get the password in another way, for example by telephone.
In the overview you see who opened your file, and when.
""",
    (CaseKind.RECTIFICATION, ""): """\
We did what you asked. Your data are corrected, or your own statement now stands beside them.
Did others get these data from us? Then we tell them what changed. Do you want to know who they are? Just ask us.
""",
    (CaseKind.RESTRICTION, ""): """\
We do what you ask. We keep your data, but we do not use them for now. We do not erase them either.
Sometimes we may still use them. We may do so if you agree, or if a court case needs it.
Did others get these data from us? Then we tell them this too. Do you want to know who they are? Ask us.
Does the restriction end? Then you hear that from us before it does.
""",
    (CaseKind.OBJECTION, DIRECT_MARKETING): """\
We have stopped. You get no more advertising from us, by e-mail or telephone neither.
Was something under way already? Then you may still get that.
""",
    (CaseKind.OBJECTION, OWN_SITUATION): """\
We looked carefully at your situation. You are right. We do not use your data for this any more.
""",
}

TEMPLATES: Mapping[LetterKind, str] = {
    LetterKind.ACKNOWLEDGEMENT: """\
# We received your request
On {received} we received your request for {right}. Your request has number {number}.
## What happens now?
- First we see whether we know for sure who you are. Must we ask you something? Then you hear that soon.
- Then we search our systems and write our answer.
- You get our answer on {promise} at the latest. The law gives us until {law}.
## What can you do?
Do you want to tell or ask us something? Reply to this message, or mail to {email}. Mention number {number}. Do not \
send a copy of your passport or identity card. This request is free.
""",
    LetterKind.IDENTITY_QUESTION: """\
# We want to be sure who you are
On {received} we received your request for {right}. We give data only to the person they are about. We do not know \
for sure yet that this is you.
## How do you show who you are?
- {*how}
{no_copy}
## What does this mean for our answer?
We wait for you. While we wait, our term stands still. Do we hear from you? Then we go on at once.
""",
    LetterKind.CLARIFICATION: """\
# We have a question about your request
On {received} we received your request for {right}. We want to answer you well. Therefore we ask you:
- {*question}
It is up to you. Do you not want to choose? Then tell us that too. Then we search everything.
## What does this mean for our answer?
We wait for you. While we wait, our term stands still. Do we hear from you? Then we go on at once.
""",
    LetterKind.EXTENSION: """\
# We need more time
On {received} we received your request for {right}. We must answer you within a month. This time we cannot. This is \
the reason:
- {*reasons}
You get our answer on {extended} at the latest. The law allows this once (article 12(3) GDPR). Is it ready earlier? \
Then you get it earlier.
## Do you disagree?
- Please contact our {officer}: {officer_email}, {officer_address}.
- You may also complain to the {supervisor}, {supervisor_address}, telephone {supervisor_phone}, {supervisor_site}.
""",
    LetterKind.FORWARDING: """\
# We passed your request on
On {received} we received your request for {right}. We may not decide about this ourselves. That is for: {practice}. \
We keep these data for them only (article 28 GDPR).
On {today} we passed your request on. We also offered to help.
## Who answers you?
You get an answer from: {practice}. Do you hear nothing? Ask them, or ask us. Then mention number {number}.
""",
    LetterKind.ANSWER: """\
# Our answer to your request
On {received} we received your request for {right}. This letter is our answer.
{body}
- {*done}
{disagree}
""",
    LetterKind.PART_REFUSAL: """\
# Our answer to your request
On {received} we received your request for {right}. We do one part. We do not do another part.
- {*done}
{granted}
## What we do not do, and why not
- {*refused}
{disagree}
""",
    LetterKind.REFUSAL: """\
# We do not do what you ask
On {received} we received your request for {right}. We do not do what you ask. This is the reason:
- {*reasons}
This is in the law: {*article}.
{disagree}
""",
    LetterKind.DESTROYED: """\
# Our answer to your request
On {received} we received your request for {right}. Our answer is a letter with this message. In it you read what is \
gone, what stays and why.
The letter is protected by a password. You get that in another way, for example by telephone.
{disagree}
""",
    LetterKind.RESTRICTION_LIFTED: """\
# We are going to use your data again
You asked us not to use your data for a while. That ends on {lifted_on}. From that day on we use them again (article \
18(3) GDPR). This is the reason:
- {*reasons}
{disagree}
""",
    LetterKind.POLICY_CHANGE: """\
# Something changes in how we treat your data
From {since} on our privacy statement changes. This is new:
- {*changes}
You read the whole text on {website}. You do not have to do anything.
Do you disagree? Or do you have a question? Then mail to {email}.
""",
    LetterKind.RECIPIENTS: """\
# Who got the data from us
On {received} we received your request for {right}. You asked us who got these data from us (article 19 GDPR). Here \
you read it.
- {*recipients}
Do you have a question? Then mail to {email}. Mention number {number}.
""",
    LetterKind.CONSENT_RECORDED: """\
# We wrote down your consent
You gave us your consent. It is about:
- {*purpose}
We wrote that down on {today}. You may change your mind at any time. Then mail to {email}. That is as easy as saying \
yes. What we did until that day stays valid.
""",
    LetterKind.CONSENT_WITHDRAWN: """\
# You withdrew your consent
On {received} you told us that you no longer give your consent. It is about:
- {*purpose}
We have stopped this. Do we need these data for nothing else? Then we erase them. What we did before stays valid.
You do not have to do anything more. Do you want to give your consent again later? You always can.
{disagree}
""",
}

SAY: Mapping[str, str] = {
    "date": "Date",
    "reference": "Our reference",
    "about": "Subject",
    "footer": "Confidential",
    "dear": "Dear Sir or Madam,",
    "regards": "Yours sincerely,",
    "subject": "Your request {number}: {title}",
    "part": "{0} Why not? {1} ({2})",
    "told": "{0}: we told them on {1}.",
    "confirmed": "{0}: we told them on {1}. Their answer came on {2}.",
    "excused": "{0}: telling them was not possible, or took too much effort.",
    "untold": "{0}: we are still going to tell them.",
    "nobody": "Nobody else got these data from us.",
    "decider": "the care provider who treats you",
    "decider_of_another": "the care provider who treats this person",
}
