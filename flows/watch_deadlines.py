"""What a morning is: look at every open request, tell whom it presses, and lay the list on the DPO's desk."""

from datetime import date

from domain.morning import MorningList
from tasks.asks import chase_holders
from tasks.careful import story
from tasks.deadlines import escalate, file_morning, list_open_cases
from tasks.drafts import escalate_drafts
from tasks.forwarding import chase_practices
from tasks.letter_moves import send_waiting_letters
from tasks.mailbox_check import look_at_mailbox
from tasks.morning_mail import send_morning
from tasks.notify import chase_recipients
from tasks.to_forward import say_what_to_forward


@story(
    name="watch-deadlines",
    run_name="morning-{as_of}",
    description="Lists every open request by what presses most, and climbs the ladder of the register where it is due.",
)
def watch_deadlines(as_of: date | None = None) -> MorningList:
    """No timeout ever answers, denies or destroys: this story only counts, tells and lists.

    as_of: look as on this day (default: the day this run was planned for).
    """
    morning = look_at_mailbox(list_open_cases(as_of))
    told = escalate_drafts(escalate(morning))
    chased = say_what_to_forward(chase_practices(chase_recipients(chase_holders(told))))
    written = send_waiting_letters(chased)
    file_morning(written)
    send_morning(written, asked_for=as_of)
    return written
