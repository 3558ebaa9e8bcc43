"""What answering a person is: search everywhere, leave nothing open, hand over what is theirs, sealed."""

from tasks.careful import story
from tasks.export import seal_packages
from tasks.sealing import Sealed
from tasks.search import check_whole, search_everywhere


@story(
    name="export-subject",
    run_name="export-{case_number}",
    description="Assembles one person's data into a sealed package. The parameter is a case number, never a name.",
)
def export_subject(case_number: str, by: str = "termijn", pdf_copy: bool = False) -> list[Sealed]:
    """Whole or not at all: an unreadable system or an undecided candidate stops it, and the case stays open.

    case_number: the number of the case, for example 2026-0004.
    by: the id of the officer who asks for it; another one releases what is special.
    pdf_copy: beside each package also the letter and the data in one encrypted PDF.
    """
    found = search_everywhere(case_number)
    whole = check_whole(found)
    return seal_packages(whole, by, pdf_copy=pdf_copy)
