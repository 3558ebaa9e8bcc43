"""Letter and data in one PDF that opens with a passphrase: for who wants one document and no package of files."""

from __future__ import annotations

from domain.package import PackageContents
from domain.register import Register
from domain.trouble import Refused
from reports.dossier import draw_dossier
from reports.letter import draw_letter
from reports.letter_blocks import new_sheet
from reports.pdf_signature import encrypted_copy
from reports.volumes import plan_volumes


def one_document(contents: PackageContents, register: Register) -> bytes:
    """The letter, and behind it all data; the same contents give the same bytes. PDF/UA-1 as every paper of ours.

    Raises Refused where it would not be whole: data to take along is for a computer, and what fills several volumes or
    is summarised on paper is complete only in the files of the package.
    """
    volumes = plan_volumes(contents)
    wrong = ""
    if contents.kind == "portability":
        wrong = "what a person takes along is for a computer to read, which a PDF is not"
    elif len(volumes) > 1 or any(part.summarised for part in contents.parts):
        wrong = "there is too much for one document"
    if wrong:
        raise Refused(wrong, where=f"case {contents.case}", do="export without --pdf-copy: the package has every file")
    sheet = new_sheet(contents, register.organisation)
    draw_letter(sheet, contents, register, None)
    sheet.new_page()
    draw_dossier(sheet, contents, volumes[0], end="end_here")
    return sheet.finish()


def sealed_document(contents: PackageContents, register: Register, *, passphrase: str) -> bytes:
    """The same, encrypted (AES-256), without the claim to PDF/A, which forbids that. Raises as `one_document` does."""
    return encrypted_copy(one_document(contents, register), password=passphrase)
