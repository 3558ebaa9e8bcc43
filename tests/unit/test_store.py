"""The store of packages, by folder, in memory and as a real S3-like server: whole, read back, and gone when gone."""

from __future__ import annotations

import hashlib
import io
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from domain.trouble import NotConfirmed, NotFound, Refused, SourceUnreadable
from tasks.settings import Settings
from tasks.store import Store

NAME, BODY = "2026-0001-abcdef01.zip", os.urandom(3_000_000)
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3, on this machine alone."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    match request.param:
        case "folder":
            return Store(str(tmp_path / "packages"))
        case "memory":
            return Store(f"memory://{uuid4().hex}")
    return in_bucket(request.getfixturevalue("s3"), monkeypatch)


def in_bucket(address: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    settings = {"endpoint_url": address, "key": "k", "secret": "s"}
    monkeypatch.setitem(fsspec.config.conf, "s3", settings)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"bucket-{uuid4().hex[:8]}"
    made = Store(f"s3://{bucket}/packages")
    made._fs.mkdir(bucket)
    return made


def put(store: Store, body: bytes = BODY, name: str = NAME) -> None:
    store.put(name, io.BytesIO(body), hashlib.sha256(body).hexdigest())


def fetched(store: Store, sha256: str = SHA) -> bytes:
    out = io.BytesIO()
    store.fetch(NAME, out, sha256)
    return out.getvalue()


def test_what_is_put_comes_back_and_when_removed_is_gone(store: Store) -> None:
    assert store.names() == ()
    put(store)
    assert store.names() == (NAME,)
    assert fetched(store) == BODY
    store.remove(NAME)
    assert store.names() == ()
    with pytest.raises(NotFound):
        store.sha256(NAME)
    store.remove(NAME)  # once more does no harm


def test_a_name_that_is_taken_is_not_written_over(store: Store) -> None:
    put(store)
    with pytest.raises(Refused, match="already"):
        put(store, b"another")
    assert fetched(store) == BODY


def test_another_file_than_was_sealed_is_not_handed_over(store: Store) -> None:
    put(store)
    with pytest.raises(NotConfirmed, match="not the one that was sealed"):
        fetched(store, "0" * 64)


def test_a_store_that_keeps_something_else_is_found_out_and_nothing_stays(store: Store) -> None:
    with pytest.raises(NotConfirmed, match="another file"):
        store.put(NAME, io.BytesIO(BODY), "0" * 64)
    assert store.names() == ()


def test_a_file_that_breaks_off_leaves_nothing(store: Store) -> None:
    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 1_500_000:
                raise OSError("the disk is gone")
            return super().read(size)

    with pytest.raises(SourceUnreadable):
        store.put(NAME, Breaks(BODY), SHA)
    assert store.names() == ()


def test_a_store_that_lies_about_a_removal_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store)
    with monkeypatch.context() as patched:
        patched.setattr(store._fs, "rm_file", lambda *_: None)
        with pytest.raises(NotConfirmed, match="still holds"):
            store.remove(NAME)
    store.remove(NAME)


def test_only_files_of_before_a_moment_are_old(store: Store) -> None:
    put(store)
    now = datetime.now(UTC)
    assert store.names(older_than=now - timedelta(minutes=5)) == ()
    assert store.names(older_than=now + timedelta(minutes=5)) == (NAME,)


@pytest.mark.parametrize("name", ["", ".", "..", "../a.zip", "a/b.zip"])
def test_a_name_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused):
        Store(str(tmp_path)).sha256(name)


def test_a_file_is_for_this_account_alone(tmp_path: Path) -> None:
    put(Store(str(tmp_path)))
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_written_says_so_and_names_no_path(tmp_path: Path) -> None:
    (tmp_path / "packages").write_text("a file where a folder should be")
    with pytest.raises(SourceUnreadable) as told:
        put(Store(str(tmp_path / "packages")))
    assert str(tmp_path) not in str(told.value)


def test_a_store_that_is_not_there_is_trouble_and_no_surprise(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings: dict[str, Any] = {
        "endpoint_url": f"http://127.0.0.1:{port}", "key": "k", "secret": "s",
        "config_kwargs": {"retries": {"max_attempts": 0}, "connect_timeout": 1},
    }  # fmt: skip
    monkeypatch.setitem(fsspec.config.conf, "s3", settings)
    with pytest.raises(SourceUnreadable):
        put(Store("s3://bucket/packages"))


def test_a_bucket_that_keeps_versions_is_no_place_for_a_person(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = in_bucket(s3, monkeypatch)
    made._fs.make_bucket_versioned(made._root.split("/")[0])
    with pytest.raises(Refused, match="keeps every version"):
        put(made)
    assert made.names() == ()


def test_a_kind_of_store_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused, match="not installed"):
        Store("nowhere://bucket")


def test_the_setting_says_where(tmp_path: Path) -> None:
    assert Store.of(Settings(out=tmp_path))._root == str(tmp_path / "packages")
    assert Store.of(Settings(out=tmp_path, store=str(tmp_path / "x")))._root == str(tmp_path / "x")
