"""With which key the office signs: the certificate that the settings name, in a file or in the secret itself."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from domain.trouble import Refused, SourceUnreadable
from reports.signing import sign
from tasks.office_seal import signer_of
from tasks.settings import Settings
from tests.unit.test_package_files import signing

PASSWORD = "een lang wachtwoord"


def office(**given: Any) -> Any:
    """As much of an office as is asked when the settings name a seal: no ledger."""
    return SimpleNamespace(settings=Settings(seal="env:SEAL", seal_password="env:SEAL_PASSWORD", **given))


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("kept", ["in a file", "in the secret"])
def test_a_certificate_that_the_settings_name_signs(
    kind: str, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = signing(kind)
    blob = serialize_key_and_certificates(
        b"x", one.key, one.certificate, None, BestAvailableEncryption(PASSWORD.encode())
    )
    (tmp_path / "seal.p12").write_bytes(blob)
    told = str(tmp_path / "seal.p12") if kept == "in a file" else base64.b64encode(blob).decode()
    monkeypatch.setenv("SEAL", told)
    monkeypatch.setenv("SEAL_PASSWORD", PASSWORD)
    found = signer_of(office())
    assert found.certificate == one.certificate
    assert sign(found, b"lijst") == sign(one, b"lijst")
    monkeypatch.setenv("SEAL_PASSWORD", "een ander")
    with pytest.raises(Refused, match="does not open") as trouble:
        signer_of(office())
    assert "een ander" not in str(trouble.value)


@pytest.mark.parametrize("told", ["/nowhere/seal.p12", "geen base64!", ""])
def test_a_seal_that_is_not_there_is_refused_and_never_replaced_by_our_own(
    told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAL", told)
    monkeypatch.setenv("SEAL_PASSWORD", PASSWORD)
    with pytest.raises(Refused):
        signer_of(office())


def test_a_secret_that_is_not_set_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEAL", raising=False)
    with pytest.raises(SourceUnreadable, match="SEAL is not set"):
        signer_of(office())
