"""The house holds to its own rules: walls, deployments, one clock, no personal data where it must not be."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))
PACKAGES = sorted(p.parent.name for p in HOUSE.glob("*/__init__.py"))
MODULES = sorted(m for name in PACKAGES for m in (HOUSE / name).rglob("*.py"))
PREFECT: dict[str, Any] = yaml.safe_load((HOUSE / "prefect.yaml").read_text("utf-8"))


def test_every_package_has_its_place_behind_the_walls() -> None:
    layers = " ".join(PROJECT["tool"]["importlinter"]["contracts"][0]["layers"])
    assert sorted(re.findall(r"\w+", layers)) == PACKAGES
    assert sorted(PROJECT["tool"]["importlinter"]["root_packages"]) == PACKAGES
    assert sorted(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES


def test_the_walls_hold() -> None:
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    ended = subprocess.run(lint, cwd=HOUSE, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]


@pytest.mark.parametrize("deployment", PREFECT["deployments"], ids=lambda d: d["name"])
def test_every_deployment_names_a_flow_and_parameters_that_exist(deployment: dict[str, Any]) -> None:
    file, _, flow = deployment["entrypoint"].partition(":")
    tree = ast.parse((HOUSE / file).read_text("utf-8"))
    [found] = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == flow]
    known = {a.arg for a in found.args.args}
    assert set(deployment.get("parameters", {})) <= known
    assert len(deployment["description"]) > 40
    assert "termijn" in deployment["tags"]


def test_every_flow_is_deployed() -> None:
    deployed = {d["entrypoint"].partition(":")[0] for d in PREFECT["deployments"]}
    assert deployed == {f"flows/{p.name}" for p in (HOUSE / "flows").glob("*.py") if p.stem != "__init__"}


def test_only_prefect_yaml_arms_a_purge() -> None:
    armed = [d["name"] for d in PREFECT["deployments"] if d.get("parameters", {}).get("rehearsal") is False]
    assert armed == ["nightly"]
    source = (HOUSE / "flows/nightly_purge.py").read_text("utf-8")
    assert "rehearsal: bool = True" in source


@pytest.mark.parametrize("flow", sorted((HOUSE / "flows").glob("*.py")), ids=lambda p: p.stem)
def test_a_flow_is_a_story_of_under_thirty_lines_without_nested_ifs(flow: Path) -> None:
    for function in (n for n in ast.walk(ast.parse(flow.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)):
        assert (function.end_lineno or 0) - function.lineno < 30
        assert not any(isinstance(n, ast.If | ast.Try) for n in ast.walk(function))


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_a_module_says_what_it_knows_and_reads_no_clock(module: Path) -> None:
    text = module.read_text("utf-8")
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{module.name} opens with no sentence"
    if module.relative_to(HOUSE) != Path("tasks/clock.py"):
        assert not re.search(r"datetime\.now\(|date\.today\(|utcnow|time\.time\(", text)


def test_the_one_broad_catch_is_the_one_that_was_decided() -> None:
    catches = [m.name for m in MODULES if re.search(r"except (Base)?Exception\b", m.read_text("utf-8"))]
    assert catches == ["careful.py"]
    assert (HOUSE / "docs/decisions/0003-one-broad-catch.md").is_file()


def test_every_engine_hides_its_parameters() -> None:
    makers = [m for m in MODULES if "create_engine(" in m.read_text("utf-8")]
    assert len(makers) >= 2
    shown = [m.name for m in makers if not re.search(r'hide_parameters"?[=:] ?True', m.read_text("utf-8"))]
    assert shown == []


def test_every_error_has_an_exit_code_that_the_help_tells() -> None:
    trouble = importlib.import_module("domain.trouble")
    codes = {c.exit_code for c in vars(trouble).values() if isinstance(c, type) and issubclass(c, trouble.TermijnError)}
    told = importlib.import_module("cli.main").__doc__ or ""
    assert all(re.search(rf"\b{code} ", told) for code in codes)


def test_looking_at_the_clock_needs_neither_prefect_nor_a_database() -> None:
    probe = (
        "import sys; from cli.main import app; "
        "from typer.testing import CliRunner; r = CliRunner().invoke(app, ['clock', '2026-03-05', '--json']); "
        "assert r.exit_code == 0, r.output; "
        "print([m for m in ('prefect', 'sqlalchemy', 'pandas', 'reportlab', 'faker') if m in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", probe], cwd=HOUSE, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.strip().endswith("[]"), ended.stdout + ended.stderr


def test_no_committed_file_names_a_package_index() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout.split()
    guilty = [f for f in files if f.endswith((".lock", ".toml", ".md", ".yaml")) and _names_an_index(HOUSE / f)]
    assert guilty == []


def _names_an_index(file: Path) -> bool:
    text = file.read_text("utf-8", errors="replace") if file.is_file() else ""
    return bool(re.search(r"--(extra-)?index-url|files\.pythonhosted|pypi\.org|/simple/", text))


def test_what_reports_offers_by_name_is_never_also_a_module_of_its_own() -> None:
    """Whichever was imported first would else decide what `from reports import …` gives."""
    import reports

    assert not set(reports.__all__) & {p.stem for p in Path(reports.__file__).parent.glob("*.py")}
