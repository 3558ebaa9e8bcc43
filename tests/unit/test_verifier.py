"""The auditor's verifier: one file without us, that finds every way to touch an export."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from domain.evidence import Entry, canonical
from domain.keys import Keys
from ledger.anchors import Way, record_anchor
from tests.unit.ledger_desk import Desk

VERIFIER = Path(__file__).parents[2] / "ledger/auditor/verify_ledger.py"
Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def exported(fresh_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The export of a ledger with three batches, an open one, an anchor and events around them."""
    from ledger.secrets import Keyring

    folder = tmp_path_factory.mktemp("exported")
    shutil.copytree(fresh_ledger, folder, dirs_exist_ok=True)
    desk = Desk(f"sqlite:///{folder}/ledger.db", Keyring.at(folder / "ledger.db.keys", create=False))
    desk.office()
    desk.approve()
    desk.shut(desk.announce({"patient": Keys((n,) for n in range(5)), "contact": Keys((n,) for n in range(5))}))
    record_anchor(desk.ledger.events, desk.ledger.events.head(), Way.MAIL, entry=Entry("head anchored", "fg"))
    desk.shut(desk.announce({"patient": Keys((n,) for n in range(5, 10))}))
    desk.announce({"patient": Keys([(77,)])})
    desk.shut(desk.announce({"patient": Keys([(78,)])}), {})
    with desk.ledger.events.write(Entry("told", "fg", why="de klok is één uur verzet")):
        pass
    text = "".join(f"{line}\n" for line in desk.ledger.export())
    assert desk.ledger.verify().ok
    desk.close()
    return text


def verified(text: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What the verifier says, in a Python that sees nothing but its standard library."""
    file = folder / "export.jsonl"
    file.write_text(text, encoding="utf-8", newline="\n")
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(file), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def read(text: str) -> Lines:
    return [json.loads(line) for line in text.splitlines()]


def written(lines: Lines) -> str:
    return "".join(f"{canonical(line)}\n" for line in lines)


def meaning(raw: bytes) -> object:
    """What an export says, whatever its spaces and empty lines; None where it cannot be read."""
    try:
        return [json.loads(line) for line in raw.decode().split("\n") if line]
    except ValueError:
        return None


def events_in(lines: Lines) -> Lines:
    return [line for line in lines if "seq" in line]


def batches_in(lines: Lines) -> Lines:
    return [line for line in lines if "batch" in line]


def rechained(lines: Lines) -> Lines:
    """Every hash and the head made to fit again: a forger who knows how the chain works."""
    previous, seq = "0" * 64, 0
    for event in events_in(lines):
        seq, event["previous"] = event["seq"], previous
        fields = [event[name] for name in ("seq", "at", "kind", "by", "subject", "body", "previous")]
        previous = event["hash"] = hashlib.sha256(canonical(fields).encode()).hexdigest()
    lines[-1] = {"head": {"seq": seq, "hash": previous}}
    return lines


def test_an_export_that_nobody_touched_verifies_without_us(exported: str, tmp_path: Path) -> None:
    done = verified(exported, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    head = read(exported)[-1]["head"]
    assert f"head {head['seq']}:{head['hash']}" in done.stdout
    assert "3 batches with 15 records destroyed, 1 anchors" in done.stdout
    assert "no --head was given" in done.stdout
    assert verified(exported, tmp_path, "--head", f"{head['seq']}:{head['hash']}").returncode == 0


def edit(lines: Lines) -> None:
    events_in(lines)[3]["by"] = "dev2"


def edit_body(lines: Lines) -> None:
    events_in(lines)[3]["body"] = events_in(lines)[3]["body"].replace("{", "{ ", 1)


def edit_and_hash_again(lines: Lines) -> None:
    edit(lines)
    event = events_in(lines)[3]
    fields = [event[name] for name in ("seq", "at", "kind", "by", "subject", "body", "previous")]
    event["hash"] = hashlib.sha256(canonical(fields).encode()).hexdigest()


def remove(lines: Lines) -> None:
    lines.remove(events_in(lines)[3])


def insert(lines: Lines) -> None:
    lines.insert(4, {**events_in(lines)[3], "kind": "told"})


def insert_whole(lines: Lines) -> None:
    lines.insert(4, dict(lines[4]))


def reorder(lines: Lines) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def truncate(lines: Lines) -> None:
    lines.remove(events_in(lines)[-1])


def cut_head(lines: Lines) -> None:
    lines.pop()


def change_leaf(lines: Lines) -> None:
    blob = batches_in(lines)[0]["leaves"]["patient"]
    batches_in(lines)[0]["leaves"]["patient"] = ("0" if blob[0] != "0" else "1") + blob[1:]


def remove_leaf(lines: Lines) -> None:
    batches_in(lines)[0]["leaves"]["patient"] = batches_in(lines)[0]["leaves"]["patient"][64:]


def add_leaf(lines: Lines) -> None:
    batches_in(lines)[0]["leaves"]["patient"] += "0" * 64


def no_leaf(lines: Lines) -> None:
    batches_in(lines)[0]["leaves"]["patient"] = "x" * 320


def swap_datasets(lines: Lines) -> None:
    found = batches_in(lines)[0]["leaves"]
    found["patient"], found["contact"] = found["contact"], found["patient"]


def rename_dataset(lines: Lines) -> None:
    found = batches_in(lines)[0]["leaves"]
    found["contacts"] = found.pop("contact")


def swap_batches(lines: Lines) -> None:
    one, two, _ = batches_in(lines)
    one["leaves"]["patient"], two["leaves"]["patient"] = two["leaves"]["patient"], one["leaves"]["patient"]


def strange_batch(lines: Lines) -> None:
    lines.insert(-1, {"batch": "B0000099", "leaves": {"patient": "0" * 64}})


def open_batch(lines: Lines) -> None:
    lines.insert(-1, {"batch": "B0000003", "leaves": {"patient": "0" * 64}})


def twice(lines: Lines) -> None:
    lines.insert(-1, batches_in(lines)[0])


def lost_batch(lines: Lines) -> None:
    lines.remove(batches_in(lines)[0])


def behind_the_head(lines: Lines) -> None:
    lines.append(events_in(lines)[0])


def another_field(lines: Lines) -> None:
    events_in(lines)[3]["note"] = "looks harmless"


@pytest.mark.parametrize(
    ("touch", "event"),
    [
        (edit, 4), (edit_body, 4), (edit_and_hash_again, 5),
        (remove, 5), (insert, 4), (insert_whole, 4), (reorder, 4), (truncate, 12),
        (cut_head, 13), (change_leaf, 6), (remove_leaf, 6), (add_leaf, 6), (no_leaf, 6), (swap_datasets, 6),
        (rename_dataset, 6), (swap_batches, 6), (strange_batch, "B0000099"), (open_batch, "B0000003"),
        (twice, "B0000001"), (lost_batch, 6),
        (behind_the_head, 13), (another_field, 3),
    ],
)  # fmt: skip
def test_the_verifier_finds_every_way_to_touch_an_export_and_names_the_event(
    exported: str, tmp_path: Path, touch: Callable[[Lines], None], event: int | str
) -> None:
    lines = read(exported)
    touch(lines)
    done = verified(written(lines), tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"FAULT {'event' if isinstance(event, int) else 'batch'} {event}:" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("touch", [edit, edit_body, truncate])
def test_a_chain_forged_whole_is_found_against_a_head_that_was_kept_elsewhere(
    exported: str, tmp_path: Path, touch: Callable[[Lines], None]
) -> None:
    lines = read(exported)
    kept = lines[-1]["head"]
    touch(lines)
    forged = written(rechained(lines))
    if touch is truncate:
        assert verified(forged, tmp_path).returncode == 0  # only the kept head can tell
    done = verified(forged, tmp_path, "--head", f"{kept['seq']}:{kept['hash']}")
    assert done.returncode == 1
    assert f"FAULT event {kept['seq']}:" in done.stdout
    assert ("events were cut off" in done.stdout) is (touch is truncate)


@pytest.mark.parametrize("touch", [remove, insert, reorder])
def test_a_chain_forged_whole_around_a_gap_is_found(
    exported: str, tmp_path: Path, touch: Callable[[Lines], None]
) -> None:
    lines = [line for line in read(exported) if "anchor" not in line.get("body", "")]
    lines = read(written(lines))
    for number, event in enumerate(events_in(lines), 1):
        event["seq"] = number
    touch(lines)
    done = verified(written(rechained(lines)), tmp_path)
    assert done.returncode == 1
    assert "was removed, inserted or moved" in done.stdout


def test_a_chain_forged_whole_is_found_by_an_anchor_inside_it(exported: str, tmp_path: Path) -> None:
    lines = read(exported)
    edit(lines)
    done = verified(written(rechained(lines)), tmp_path)
    assert done.returncode == 1
    assert "event 7 says it laid down another hash" in done.stdout


def test_a_batch_that_was_closed_and_never_announced_is_found(exported: str, tmp_path: Path) -> None:
    lines = read(exported)
    for event in events_in(lines):
        body = json.loads(event["body"])
        if body["record"].pop("announced", None):
            event["body"] = canonical(body)
        if body["record"].pop("anchor", None):
            event["body"] = canonical(body)
    done = verified(written(rechained(lines)), tmp_path)
    assert done.returncode == 1
    assert "which no event announced" in done.stdout


@pytest.mark.parametrize("text", ["", "{}\n", "no json\n", '{"export":"termijn ledger","version":2}\n', "\x00\n"])
def test_what_is_no_export_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    done = verified(text, tmp_path)
    assert done.returncode == 2
    assert "no export" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["--head", "7"], ["--head", "7:abc"], ["--what", "x"], ["--head"]])
def test_wrong_use_of_the_verifier_is_said(exported: str, tmp_path: Path, words: list[str]) -> None:
    done = verified(exported, tmp_path, *words)
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_the_verifier_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(VERIFIER.read_text("utf-8"), feature_version=(3, 9))
    names = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    assert len(VERIFIER.read_text("utf-8").splitlines()) < 200


@pytest.mark.parametrize("python", ["3.9", "3.10", "3.12", "3.13"])
def test_the_verifier_runs_on_other_pythons(exported: str, tmp_path: Path, python: str) -> None:
    found = sorted(Path.home().glob(f".pyenv/versions/{python}.*/bin/python"))
    command = str(found[-1]) if found else shutil.which(f"python{python}")
    if command is None:
        pytest.skip(f"there is no Python {python} here")
    (tmp_path / "export.jsonl").write_text(exported, encoding="utf-8")
    done = subprocess.run(
        [command, "-I", "-S", str(VERIFIER), "export.jsonl"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_ledger", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_byte_of_an_export_that_changes_its_meaning_is_found(
    exported: str, verifier: ModuleType, tmp_path: Path, data: st.DataObject
) -> None:
    raw = exported.encode()
    at = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.sampled_from([b"", b"0", b"1", b"a", b'"', b" ", b"\n", b"{", b"\xff", b"\x00", b"-", b"e"]))
    before = data.draw(st.booleans())
    changed = raw[:at] + byte + raw[at if before else at + 1 :]
    assume(meaning(changed) != meaning(raw))
    file = tmp_path / "changed.jsonl"
    file.write_bytes(changed)
    assert verifier.main([str(file)]) != 0
