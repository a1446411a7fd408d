from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from seqkit.authoring import environment_file
from seqkit.environment import QUIET

ROOT = Path(__file__).parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = set(re.findall(r"^([a-z0-9._-]+)==", LOCK, re.MULTILINE))

# A word for each way in which an index address or a path of one machine gets into a lock file.
PRIVATE = re.compile(
    r"https?:|file:|--index|--extra-index|--find-links|--trusted-host|^-[if] | @ ", re.M
)


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return match.group().lower().replace("_", "-")


def test_the_core_is_lower_bounds_and_no_tensorflow() -> None:
    for requirement in PROJECT["dependencies"]:
        assert re.fullmatch(r"[a-z0-9-]+>=[0-9.]+", requirement)
        assert not _name(requirement).startswith("tensorflow")


def test_every_dependency_has_its_reason_in_one_line() -> None:
    for requirement in [*PROJECT["dependencies"], *(r for e in EXTRAS.values() for r in e)]:
        start = f'    "{requirement}",'
        line = next(line for line in PYPROJECT.splitlines() if line.startswith(start))
        reason = line.removeprefix(f"{start}  # ")
        assert reason != line, f"{requirement} needs a reason"
        assert len(reason.split()) >= 3, f"{requirement} needs a reason: {line}"


def test_no_dependency_is_named_twice() -> None:
    names = [_name(r) for extra in EXTRAS.values() for r in extra]
    twice = {name for name in names if names.count(name) > 1}
    assert twice <= {"tensorflow"}  # once for [cpu] where no tensorflow-cpu exists, once for [gpu]


@pytest.mark.parametrize("extra", ["cpu", "course", "ship", "grade", "cluster", "dev"])
def test_the_lock_pins_every_extra(extra: str) -> None:
    wanted = {_name(requirement) for requirement in [*PROJECT["dependencies"], *EXTRAS[extra]]}
    assert wanted <= PINNED, "Run: make lock"


def test_the_lock_has_hashes_and_no_address() -> None:
    assert not PRIVATE.search(LOCK)
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) > 50
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize(
    "line",
    [
        "--index https://example.org/simple",
        "--find-links wheels",
        "-f wheels",
        "keras @ file:///tmp/keras.whl",
    ],
)
def test_an_address_would_be_found(line: str) -> None:
    assert PRIVATE.search(f"{LOCK}{line}\n")


def test_environment_files_are_as_generated() -> None:
    for name, text in environment_file.render(ROOT).items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, "Run: seqkit environment"


def test_environment_yml_names_what_pyproject_names() -> None:
    for name in ("environment.yml", ".binder/environment.yml"):
        content = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        *conda, pip = content["dependencies"]
        constraints, project = pip["pip"]

        assert conda[0].startswith("python=3.")
        assert content["variables"] == QUIET
        assert (ROOT / name).parent.joinpath(constraints.removeprefix("-c ")).is_file()
        path, extras = re.fullmatch(r"-e (\.+)\[(.+)\]", project).groups()  # type: ignore[union-attr]
        assert (ROOT / name).parent.joinpath(path).resolve() == ROOT
        assert set(extras.split(",")) <= set(EXTRAS)


def test_the_constraints_are_the_pins_of_the_lock() -> None:
    constraints = (ROOT / environment_file.CONSTRAINTS).read_text(encoding="utf-8")
    assert set(re.findall(r"^([a-z0-9._-]+)==", constraints, re.MULTILINE)) == PINNED
    assert "hash" not in constraints
    assert not PRIVATE.search(constraints)


def test_environment_files_can_be_written(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_text((ROOT / name).read_text())

    assert {str(f.relative_to(tmp_path)) for f in environment_file.write(tmp_path)} == set(
        environment_file.render(ROOT)
    )
    assert environment_file.write(tmp_path) == []  # the second time, nothing changes


@pytest.mark.parametrize("name", [".ci/run", ".binder/start", ".binder/postBuild"])
def test_scripts_can_be_run(name: str) -> None:
    file = ROOT / name
    assert file.stat().st_mode & 0o111, f"chmod +x {name}"
    shell = "bash" if "bash" in file.read_text().splitlines()[0] else "sh"
    subprocess.run([shell, "-n", file], check=True)


def test_the_wheel_holds_the_data(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())

    sources = {
        p for p in (ROOT / "seqkit").rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    missing = {p.relative_to(ROOT).as_posix() for p in sources} - held
    assert not missing
    outside = {name for name in held if not name.startswith(("seqkit/", "seqkit-"))}
    assert not outside
