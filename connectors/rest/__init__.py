"""A system behind a REST service: paged, rate-limited, and without transactions.

The convention that a service keeps to (the sample service does):

    GET /{table}?page=1&page_size=200[&field=value…]   200 {"items": […], "total": n, "next": "/…" or null}
    GET /{table}/{key}                                 200 with ETag; 404 or 410 where it is gone
    DELETE /{table}/{key}   If-Match: etag             204; 404 gone; 409 other records refer to it; 412 changed
    PATCH /{table}/{key}    If-Match: etag             200 with ETag; the JSON fields given are set
    GET /                                              200 {"tables": {name: {"count": n, "fields": {name: type}}}}

Lists are ordered by key, filters mean equality on any field, a key is written as `domain.keys.key_text` writes it
and percent-encoded, dates are ISO 8601 text. `Authorization: Bearer …`, else 401. 429 and 503 say in `Retry-After`
when to come back. `/` may be missing (404). It may also give of each table its `key` (a list of fields) and its
`references` ({"columns": […], "table": name, "to_columns": […]}), with which a dossier that an unknown table still
needs is left alone before any of it is touched.
"""

from connectors.rest.connector import RestConnector
from connectors.rest.manners import Manners

__all__ = ["Manners", "RestConnector"]
