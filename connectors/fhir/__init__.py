"""A server that speaks HL7 FHIR R4 over REST: resources as rows, a column for each element of the resource itself.

What is asked of a server:

    GET /{type}?_count=200[&subject=Patient/5…]        200 Bundle with entry[].resource and link[relation=next].url
    GET /{type}/{id}                                   200 with ETag; 404 or 410 where it is gone
    DELETE /{type}/{id}   If-Match: etag               200, 202 or 204; 404 or 410 gone; 409 referred to; 412 changed
    GET /metadata                                      200 CapabilityStatement; 404 where there is none

A column of the register is the element of its name (`status`, `code`), whole. Others say where in it a value stands:
`period.end`, `name.family` (of what repeats the first), `subject.reference` (the id behind `Patient/5`), and
`identifier|http://fhir.nl/fhir/NamingSystem/bsn` (the value of the first one of that system).
"""

from connectors.fhir.connector import FhirConnector

__all__ = ["FhirConnector"]
