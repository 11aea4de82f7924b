"""A quiet environment of the bench's own: the built wheel in a fresh venv with bytecode, and a home with profiles."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
GATEWAY = "http://127.0.0.1:4000"
KEY = "sk-bench-0123456789"
_SETTINGS = '{\n  "model": "opus",\n  "permissions": {"allow": ["Bash(ls:*)"]},\n  "env": {"FOO": "1"}\n}\n'
_THROUGH_A_GATEWAY = (
    '{"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com", "ANTHROPIC_AUTH_TOKEN": "gw-4f1c9a7e22b0"}}'
)


@dataclass(frozen=True)
class House:
    """Where everything is."""

    folder: Path

    @property
    def bin(self) -> Path:
        """The programs of the venv that the wheel is installed in."""
        return self.folder / "venv" / "bin"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def work(self) -> Path:
        """Working directory of every command; not inside a repository."""
        return self.folder / "work"

    @property
    def env(self) -> dict[str, str]:
        """Nothing is inherited: no PYTHONDONTWRITEBYTECODE, no key, no proxy."""
        return {"HOME": str(self.home), "PATH": f"{self.bin}:/usr/bin:/bin", "GATEWAY_KEY": KEY}

    def cgw(self, *words: str, codes: tuple[int, ...] = (0,), **more: str) -> str:
        """Run the installed cgw."""
        command = [str(self.bin / "cgw"), *words]
        done = subprocess.run(
            command, env=self.env | more, cwd=self.work, capture_output=True, text=True, check=False
        )
        if done.returncode not in codes:
            raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def helper(self, name: str) -> Path:
        """The script that ``cgw helper install`` wrote."""
        return self.home / ".config/cgw/helpers" / name


def build(folder: Path, commit: str | None = None) -> House:
    """Install the wheel of this checkout, or of a commit, and make the profiles ``work`` (static key) and ``helper``.

    pip is brought up to date first, as pipx does: the console script that pip wrote until 2024 imports ``re``, which
    costs half an interpreter start before the first line of cgw runs.
    """
    house = House(folder)
    folder.mkdir(exist_ok=True)
    for path in (house.home / ".claude", house.work):
        path.mkdir(parents=True)
    (house.home / ".claude/settings.json").write_text(_SETTINGS)
    (house.work / "settings.json").write_text(_SETTINGS)
    (house.work / "gateway.json").write_text(_THROUGH_A_GATEWAY)
    print(f"building and installing the wheel in {folder}", file=sys.stderr)
    venv.create(folder / "venv", with_pip=True)
    pip = [str(house.bin / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--compile"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    source = _source(folder / "source", commit)
    for arguments in (["-U", "pip"], [str(source)]):
        subprocess.run([*pip, *arguments], check=True, env=env, stderr=subprocess.DEVNULL)
    key = house.home / "key"
    key.write_text(KEY + "\n")
    key.chmod(0o600)
    common = ("--provider", "unified", "--gateway-url", GATEWAY, "--yes")
    house.cgw("init", "work", *common, "--secret", "env://GATEWAY_KEY")
    house.cgw("init", "helper", *common, "--auth", "helper", "--secret", f"file://{key}")
    house.cgw("profile", "use", "work")
    house.cgw("helper", "install", "helper")
    return house


def _source(folder: Path, commit: str | None) -> Path:
    """A copy of what a wheel is built from: the checkout itself is not written to."""
    import shutil

    folder.mkdir()
    if commit:
        archive = subprocess.run(["git", "-C", str(REPOSITORY), "archive", commit], check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
        return folder
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, folder)
    shutil.copytree(REPOSITORY / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return folder
