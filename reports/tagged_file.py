"""How a drawn document becomes one file: PDF/UA-1 and PDF/A-3a, with its structure, its fonts and what it carries.

ReportLab writes the pages; the structure follows in compressed object streams behind one cross-reference stream
(ISO 32000-1 §7.5.7 and §7.5.8), so that a table of a hundred thousand cells costs twenty bytes a cell. The same
document gives the same bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from reports.structure import Element, Structure, text_string

#: So many objects go into one compressed stream.
_TOGETHER = 200
_LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels inside the PDF. `relationship`: 'Data' or 'Schema' (ISO 19005-3 annex E)."""

    name: str
    media_type: str
    about: str
    body: bytes
    relationship: str = "Data"


def write_tagged(
    canvas: Canvas, structure: Structure, *, title: str, language: str, attachments: Sequence[Attachment] = ()
) -> bytes:
    """The whole file. The canvas must have shown its last page, and is spent afterwards."""
    document: Any = canvas._doc  # type: ignore[attr-defined]
    document._pdfVersion = (1, 7)
    catalog = document.Catalog
    catalog.__dict__["__NoDefault__"] = [*pdfdoc.PDFCatalog.__NoDefault__, "OutputIntents", "AF"]
    catalog.__dict__["__Refs__"] = [n for n in catalog.__dict__["__NoDefault__"] if n not in ("Tabs", "Lang")]
    catalog.Lang = pdfdoc.PDFString(_LANGUAGES.get(language, language))
    catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})
    catalog.Metadata = _metadata(document.info, title)
    catalog.OutputIntents = pdfdoc.PDFArray([_output_intent(document)])
    if attachments:
        _attach(document, attachments)
    for number, page in enumerate(document.Pages.pages):
        page.__dict__["__NoDefault__"] = [*pdfdoc.PDFPage.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = number, pdfdoc.PDFName("S")
    document.format = lambda: _format(document, structure)
    data: bytes = document.GetPDFData(canvas)
    return data


def _format(document: Any, structure: Structure) -> bytes:
    """ReportLab's own objects, then the structure, then one cross-reference stream over all."""
    document.encrypt.prepare(document)
    catalog, info = document.Catalog, document.info
    document.Reference(catalog)
    document.Reference(info)
    document.__accum__ = out = _File(document._pdfVersion)
    counter, late = 1, 0
    while counter in document.numberToId:
        name = document.numberToId[counter]
        obj = document.idToObject[name]
        written = pdfdoc.PDFIndirectObject(name, obj).format(document)
        if obj is catalog:
            late = counter  # it names the structure, whose number is not known yet; formatted now for what it needs
        else:
            out.put(counter, _ended(written) if b"endstream" in written[-40:] else written)
        counter += 1
    del document.__accum__
    tree = _Tree(document, structure, first=counter)
    catalog.StructTreeRoot = None
    body = pdfdoc.PDFIndirectObject(document.numberToId[late], catalog).format(document)
    body = body.replace(b"<<\n", b"<<\n/StructTreeRoot %d 0 R\n" % tree.root, 1)
    out.put(late, body)
    packed = out.pack(tree.objects(), first=tree.end)
    ends = [document.Reference(catalog).format(document), document.Reference(info).format(document)]
    return out.finish(packed, root=ends[0], info=ends[1], identity=_plain(document.ID()))


class _File:
    """The bytes of the file so far, and where each object is: at an offset, or in a compressed stream."""

    def __init__(self, version: tuple[int, int]) -> None:
        self._parts = [b"%%PDF-%d.%d\n%%\xe2\xe3\xcf\xd3\n" % version]
        self._length = len(self._parts[0])
        self._where: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}

    def add(self, written: bytes) -> int:
        """ReportLab's word for it: append, and say where."""
        at = self._length
        self._parts.append(written)
        self._length += len(written)
        return at

    def put(self, number: int, written: bytes) -> None:
        self._where[number] = (1, self.add(written), 0)

    def pack(self, objects: Iterator[tuple[int, bytes]], *, first: int) -> int:
        """Put objects into compressed streams, numbered from `first`; returns the first number that is free."""
        number, run = first, list[tuple[int, bytes]]()
        for one in objects:
            run.append(one)
            if len(run) == _TOGETHER:
                self._pack(number, run)
                number, run = number + 1, []
        if run:
            self._pack(number, run)
            number += 1
        return number

    def _pack(self, number: int, run: Sequence[tuple[int, bytes]]) -> None:
        heads, bodies, at = [], [], 0
        for nth, (own, written) in enumerate(run):
            self._where[own] = (2, number, nth)
            heads.append(b"%d %d" % (own, at))
            bodies.append(written)
            at += len(written) + 1
        head = b" ".join(heads) + b"\n"
        packed = zlib.compress(head + b"\n".join(bodies), 6)
        named = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d" % (len(run), len(head), len(packed))
        self.put(number, b"%d 0 obj\n<<%s>>\nstream\n%s\nendstream\nendobj\n" % (number, named, packed))

    def finish(self, number: int, *, root: bytes, info: bytes, identity: bytes) -> bytes:
        """Append the cross-reference stream as object `number`, and give the file."""
        at = self._length
        self._where[number] = (1, at, 0)
        rows = (self._where.get(n, (0, 0, 65535)) for n in range(number + 1))
        table = zlib.compress(
            b"".join(bytes([kind]) + a.to_bytes(4, "big") + b.to_bytes(2, "big") for kind, a, b in rows), 9
        )
        named = b"/Type/XRef/Size %d/W[1 4 2]/Root %s/Info %s/ID%s" % (number + 1, root, info, identity)
        named += b"/Filter/FlateDecode/Length %d" % len(table)
        self.add(b"%d 0 obj\n<<%s>>\nstream\n%s\nendstream\nendobj\n" % (number, named, table))
        self.add(b"startxref\n%d\n%%%%EOF\n" % at)
        return b"".join(self._parts)


class _Tree:
    """The structure as PDF objects, numbered from `first`: the root, the parents of each page, then every element."""

    def __init__(self, document: Any, structure: Structure, *, first: int) -> None:
        self._structure = structure
        numbers = document.idToObjectNumberAndVersion
        self._pages = [numbers[page.__InternalName__][0] for page in document.Pages.pages]
        self._annotation = {name: numbers[document.annotationName(name)][0] for name in _annotations(structure)}
        self.root, self._parents = first, first + 1
        self._of_page = first + 2
        number = self._of_page + len(self._pages)
        for element in structure.every():
            element.number = number
            number += 1
        self.end = number

    def objects(self) -> Iterator[tuple[int, bytes]]:
        """Every object with its number."""
        top = self._structure.root.number
        yield self.root, b"<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>" % (
            top, self._parents, len(self._pages) + len(self._structure.links),
        )  # fmt: skip
        places = [b"%d %d 0 R" % (n, self._of_page + n) for n in range(len(self._pages))]
        places += [b"%d %d 0 R" % (len(self._pages) + n, e.number) for n, e in enumerate(self._structure.links)]
        yield self._parents, b"<</Nums[" + b" ".join(places) + b"]>>"
        for n in range(len(self._pages)):
            owners = self._structure.marks[n] if n < len(self._structure.marks) else []
            yield self._of_page + n, b"[" + b" ".join(b"%d 0 R" % e.number for e in owners) + b"]"
        for element in self._structure.every():
            yield element.number, self._element(element)

    def _element(self, element: Element) -> bytes:
        parent = self.root if element.parent is None else element.parent.number
        home = next((kid[0] for kid in element.kids if isinstance(kid, tuple)), None)
        kids = b" ".join(self._kid(kid, home) for kid in element.kids)
        parts = [b"<</S/%s/P %d 0 R" % (element.kind.encode(), parent)]
        if home is not None:
            parts.append(b"/Pg %d 0 R" % self._pages[home])
        if element.attributes:
            parts.append(b"/A%s" % element.attributes.encode())
        if element.alt:
            parts.append(b"/Alt%s" % text_string(element.alt).encode())
        if kids:
            parts.append(b"/K[%s]" % kids)
        return b"".join(parts) + b">>"

    def _kid(self, kid: Element | tuple[int, int] | tuple[int, str], home: int | None) -> bytes:
        if isinstance(kid, Element):
            return b"%d 0 R" % kid.number
        page, what = kid
        if isinstance(what, str):
            return b"<</Type/OBJR/Obj %d 0 R/Pg %d 0 R>>" % (self._annotation[what], self._pages[page])
        if page == home:
            return b"%d" % what
        return b"<</Type/MCR/Pg %d 0 R/MCID %d>>" % (self._pages[page], what)


def _annotations(structure: Structure) -> Iterator[str]:
    for element in structure.links:
        for kid in element.kids:
            if isinstance(kid, tuple) and isinstance(kid[1], str):
                yield kid[1]


def _ended(written: bytes) -> bytes:
    """A stream whose last byte is followed by an end of line, as ISO 19005-3 §6.1.7.1 asks; ReportLab writes none."""
    head, word, tail = written.rpartition(b"endstream")
    return head + b"\n" + word + tail


def _plain(identity: bytes) -> bytes:
    """ReportLab's file identifier without the comment behind it."""
    return identity.partition(b"]")[0].strip() + b"]"


def _output_intent(document: Any) -> Any:
    profile = pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"N": 3}), content=(files("reports.fonts") / "sRGB.icc").read_bytes()
    )
    profile.filters = [pdfdoc.PDFZCompress]
    return pdfdoc.PDFDictionary(
        {
            "Type": pdfdoc.PDFName("OutputIntent"),
            "S": pdfdoc.PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": pdfdoc.PDFString("sRGB"),
            "Info": pdfdoc.PDFString("sRGB IEC61966-2.1"),
            "DestOutputProfile": document.Reference(profile),
        }
    )


def _attach(document: Any, attachments: Sequence[Attachment]) -> None:
    named, every = [], []
    for one in sorted(attachments, key=lambda a: a.name):
        parameters = pdfdoc.PDFDictionary({"Size": len(one.body), "ModDate": pdfdoc.PDFString("D:20000101000000Z")})
        kind: Mapping[str, Any] = {
            "Type": pdfdoc.PDFName("EmbeddedFile"),
            "Subtype": f"/{one.media_type.replace('/', '#2F')}",
            "Params": parameters,
        }
        stream = pdfdoc.PDFStream(dictionary=pdfdoc.PDFDictionary(dict(kind)), content=one.body)
        stream.filters = [pdfdoc.PDFZCompress]
        body = document.Reference(stream)
        spec = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Filespec"),
                "F": pdfdoc.PDFString(one.name),
                "UF": pdfdoc.PDFString(one.name),
                "EF": pdfdoc.PDFDictionary({"F": body, "UF": body}),
                "Desc": pdfdoc.PDFString(one.about),
                "AFRelationship": pdfdoc.PDFName(one.relationship),
            }
        )
        reference = document.Reference(spec)
        named += [pdfdoc.PDFString(one.name), reference]
        every.append(reference)
    names = pdfdoc.PDFDictionary({"Names": pdfdoc.PDFArray(named)})
    document.Catalog.Names = pdfdoc.PDFDictionary({"EmbeddedFiles": names})
    document.Catalog.AF = pdfdoc.PDFArray(every)


def _metadata(info: Any, title: str) -> Any:
    """XMP: what the document is, and which standards it claims (with the schema that PDF/A wants of pdfuaid)."""
    told = {
        "title": escape(title),
        "author": escape(info.author),
        "subject": escape(info.subject),
        "creator": escape(info.creator),
        "producer": escape(info.producer),
    }
    return pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("Metadata"), "Subtype": pdfdoc.PDFName("XML")}),
        content=_XMP.format(**told).encode(),
        filters=[],
    )


_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<xmp:CreatorTool>{creator}</xmp:CreatorTool><pdf:Producer>{producer}</pdf:Producer>
<xmp:CreateDate>2000-01-01T00:00:00Z</xmp:CreateDate><xmp:ModifyDate>2000-01-01T00:00:00Z</xmp:ModifyDate>
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
