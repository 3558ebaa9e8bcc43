"""Pictures of a person's documents: safe to draw on a page, small enough to stand in one."""

from __future__ import annotations

import base64
import io
import warnings

from PIL import Image, UnidentifiedImageError

from domain.documents import Document

#: A picture larger than this stands in index.html as a link only: a page that a telephone can still open.
INLINE = 300_000
#: Of all pictures together no more than this stands in index.html.
INLINE_IN_ALL = 6_000_000
#: The most points of a picture on paper, along its longer side; the file beside it has them all.
_LONGEST = 1400
#: A picture that says it has more points than this is not opened: it could fill memory.
_MOST = 60_000_000


def drawable(document: Document) -> Image.Image | None:
    """The picture in plain RGB on white, bounded in size; None where it cannot be read."""
    if not document.is_image:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            found = Image.open(io.BytesIO(document.body), formats=("JPEG", "PNG"))
            if found.width * found.height > _MOST:
                return None
            found.draft("RGB", (_LONGEST, _LONGEST))
            found.thumbnail((_LONGEST, _LONGEST))
            seen = found.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning):
        return None
    plain = Image.new("RGB", seen.size, "white")
    plain.paste(seen, mask=seen.getchannel("A"))
    return plain


def data_uri(document: Document) -> str:
    """The picture as a page carries it inside itself."""
    return f"data:{document.media_type};base64,{base64.b64encode(document.body).decode()}"
