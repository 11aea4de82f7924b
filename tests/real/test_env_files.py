"""The file formats as the real programs read them: every value arrives byte for byte, or was refused by name.

Env files have their own test (test_dotenv_readers.py). mise and Compose are in `$CGW_PARTS_DIR`; systemd, PAM,
direnv, bash, kubectl and Groovy are the machine's. 272 values: those of tests/vectors; 160 of them are random.
"""

from __future__ import annotations

import ast
import ctypes
import json
import os
import plistlib
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from glob import glob
from pathlib import Path

import pytest
import yaml

from claude_gw_cli import emit
from claude_gw_cli.core.errors import UsageError

pytestmark = pytest.mark.real

VECTORS = Path(__file__).parent.parent / "vectors"
VALUES: dict[str, str] = {
    f"{file}: {label}": value
    for file in ("hostile", "realistic", "further")
    for label, value in json.loads((VECTORS / f"{file}.json").read_text()).items()
}
PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
DUMP = "import os, json; print(json.dumps(dict(os.environ)))"


def run(
    *argv: str | Path,
    cwd: Path | None = None,
    text: bytes = b"",
    accepts: tuple[int, ...] = (0,),
    env: Mapping[str, str] | None = None,
) -> str:
    """What a program prints, started without this machine's variables."""
    base = {"PATH": os.environ["PATH"], "HOME": str(cwd or "/nonexistent"), "LC_ALL": "C.UTF-8", "GONE": "stale"}
    done = subprocess.run(
        argv, cwd=cwd, input=text, env={**base, **(env or {})}, capture_output=True, check=False, timeout=60
    )
    assert done.returncode in accepts, (done.returncode, done.stderr.decode())
    return done.stdout.decode()


def through_bash(file: Path, **env: str) -> dict[str, str]:
    """The environment after bash has run the file as ``BASH_ENV``."""
    found: dict[str, str] = json.loads(
        run("bash", "-c", f"{sys.executable} -c '{DUMP}'", cwd=file.parent, env={"BASH_ENV": str(file), **env})
    )
    return found


def environment_d(file: Path) -> dict[str, str]:
    """systemd's own generator; what it prints is of the form that ``EnvironmentFile=`` has."""
    folder = file.parent / "environment.d"
    folder.mkdir()
    file.rename(folder / "99-zz.conf")
    programs = glob("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")
    printed = run(*programs, cwd=file.parent, env={"XDG_CONFIG_HOME": str(file.parent)})
    (file.parent / "printed").write_text(printed)
    return environment_file(file.parent / "printed")


def systemd_shared() -> ctypes.CDLL:
    return ctypes.CDLL(glob("/usr/lib/*/systemd/libsystemd-shared-*.so")[0])


def environment_file(file: Path) -> dict[str, str]:
    """systemd's own parser of ``EnvironmentFile=``."""
    found = ctypes.POINTER(ctypes.c_char_p)()
    assert systemd_shared().load_env_file(None, bytes(file), ctypes.byref(found)) == 0
    pairs: list[tuple[str, str, str]] = []
    while (pair := found[len(pairs)]) is not None:
        pairs.append(pair.decode().partition("="))
    return {name: value for name, _, value in pairs}


def drop_in(file: Path) -> dict[str, str]:
    """systemd's own splitting of ``Environment=``; ``%%`` by the manual."""
    unquote_and_unescape = 1 << 5 | 1 << 1  # EXTRACT_UNQUOTE and EXTRACT_CUNESCAPE of systemd 252
    found: dict[str, str] = {}
    for line in file.read_text().split("\n"):
        key, _, rest = line.partition("=")
        if key == "UnsetEnvironment":
            found[rest] = ""
        elif key == "Environment":
            at, word = ctypes.c_char_p(rest.encode()), ctypes.c_char_p()
            split = systemd_shared().extract_first_word
            assert split(ctypes.byref(at), ctypes.byref(word), None, unquote_and_unescape) == 1
            assert word.value is not None
            assert not at.value
            text = word.value.decode()
            assert not re.search("%", text.replace("%%", ""))
            name, _, value = text.replace("%%", "%").partition("=")
            found[name] = value
    return found


PAM = """
import ctypes, json, sys
pam = ctypes.CDLL("libpam.so.0")
Answer = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
class Conversation(ctypes.Structure):
    _fields_ = [("answer", Answer), ("data", ctypes.c_void_p)]
talk, handle = Conversation(Answer(lambda *_: 19), None), ctypes.c_void_p()
folder = sys.argv[1].encode()
assert pam.pam_start_confdir(b"cgw", b"root", ctypes.byref(talk), folder, ctypes.byref(handle)) == 0
assert pam.pam_open_session(handle, 0) == 0
pam.pam_getenvlist.restype = ctypes.POINTER(ctypes.c_char_p)
found, pairs = pam.pam_getenvlist(handle), []
while found[len(pairs)] is not None:
    pairs.append(found[len(pairs)].decode().partition("="))
print(json.dumps({name: value for name, _, value in pairs}))
"""


def pam_env(file: Path) -> dict[str, str]:
    """The module pam_env in a session of PAM."""
    folder = file.parent / "pam"
    folder.mkdir()
    service = f"session required pam_env.so conffile=/dev/null envfile={file} readenv=1\n"
    (folder / "cgw").write_text(f"auth required pam_permit.so\naccount required pam_permit.so\n{service}")
    found: dict[str, str] = json.loads(run(sys.executable, "-c", PAM, folder))
    return found


def mise(file: Path) -> dict[str, str]:
    program = PARTS / "mise/node_modules/@jdxcode/mise-linux-x64/bin/mise"
    file.rename(file.parent / "mise.toml")
    trusted = {"MISE_TRUSTED_CONFIG_PATHS": str(file.parent), "MISE_OFFLINE": "1"}
    found: dict[str, str] = json.loads(
        run(program, "exec", "--", sys.executable, "-c", DUMP, cwd=file.parent, env=trusted)
    )
    return found


def direnv(file: Path) -> dict[str, str]:
    file.rename(file.parent / ".envrc")
    run("direnv", "allow", ".", cwd=file.parent)
    found: dict[str, str] = json.loads(run("direnv", "exec", ".", sys.executable, "-c", DUMP, cwd=file.parent))
    return found


def compose(file: Path) -> dict[str, str]:
    """Docker Compose writes what it has read, with each dollar sign doubled."""
    program = PARTS / "compose/bin/docker-compose"
    image = file.parent / "image.yaml"
    image.write_text("services: {claude: {image: x}}\n")
    printed = run(program, "-f", image, "-f", file, "config", "--format", "json", cwd=file.parent)
    environment = json.loads(printed)["services"]["claude"]["environment"]
    return {name: value.replace("$$", "$") for name, value in environment.items()}


def kubernetes(file: Path) -> dict[str, str]:
    """kubectl reads the manifest and writes it as JSON, without a cluster."""
    found: dict[str, str] = json.loads(run("kubectl", "label", "--local", "-o", "json", "-f", file, "x=y"))["data"]
    return found


def podman_compose(file: Path) -> dict[str, str]:
    code = "import json, sys, yaml, podman_compose as p; d = p.rec_subs(yaml.safe_load(open(sys.argv[1])), {}); "
    code += "print(json.dumps(d['services']['claude']['environment']))"
    found: dict[str, str] = json.loads(run(PARTS / "env-readers-py/bin/python", "-c", code, file))
    return found


def devcontainer(file: Path) -> dict[str, str]:
    """The reference program, without a Docker that it could ask for running containers."""
    (file.parent / ".devcontainer").mkdir()
    document = {"image": "x", **json.loads(file.read_text())}
    (file.parent / ".devcontainer" / "devcontainer.json").write_text(json.dumps(document))
    program = PARTS / "env-readers/node_modules/.bin/devcontainer"
    words: list[str | Path] = ["read-configuration", "--workspace-folder", file.parent, "--docker-path", "/bin/true"]
    read = json.loads(run(program, *words, cwd=file.parent).strip().rpartition("\n")[2])["configuration"]
    return {name: value or "" for name, value in {**read["containerEnv"], **read["remoteEnv"]}.items()}


def in_node(code: str) -> Callable[[Path], dict[str, str]]:
    """JavaScript that makes an object of the text ``t``."""

    def read(file: Path) -> dict[str, str]:
        script = f"const t = require('fs').readFileSync(process.argv[1], 'utf8'); console.log(JSON.stringify({code}))"
        found: dict[str, str | None] = json.loads(run("node", "-e", script, file))
        return {name: value or "" for name, value in found.items()}

    return read


AZURE = "require('MODULE/taskcommand').commandFromString(l)".replace(
    "MODULE", str(PARTS / "env-readers/node_modules/azure-pipelines-task-lib")
)
azure = in_node(
    f"Object.fromEntries(t.trim().split('\\n').map(l => {AZURE}).map(c => [c.properties.variable, c.message]))"
)
as_json = in_node("JSON.parse(t)")
vscode = in_node("Object.fromEntries(JSON.parse(t)['claudeCode.environmentVariables'].map(i => [i.name, i.value]))")
as_javascript = in_node("(0, eval)('(' + t + ')')")


def as_python(file: Path) -> dict[str, str]:
    found: dict[str, str] = ast.literal_eval(file.read_text())
    return found


def property_list(file: Path) -> dict[str, str]:
    found: dict[str, str] = plistlib.loads(file.read_bytes())["EnvironmentVariables"]
    return found


def workflow(file: Path) -> dict[str, str]:
    found: dict[str, str] = yaml.safe_load(file.read_text())["env"]
    return found


def groovy(file: Path) -> dict[str, str]:
    """The Groovy that Jenkins has, with a ``withEnv`` that prints what it is given."""
    head = "def withEnv(l, c) { println(groovy.json.JsonOutput.toJson(l)) }\n"
    script = file.parent / "x.groovy"
    script.write_text(head + file.read_text())
    jar = "/usr/share/java/groovy-all.jar"
    printed = run("java", "-cp", jar, "groovy.ui.GroovyMain", "-c", "UTF-8", script, env={"HOME": "/nonexistent"})
    return dict(item.split("=", 1) for item in json.loads(printed.splitlines()[-1]))


# Variables without which a format refuses everything.
NEEDS = {"action": [("ANTHROPIC_API_KEY", "${{ secrets.K }}")]}


def refused(dialect: str, name: str, value: str) -> str | None:
    """What the refusal says; ``None`` when the dialect carries the value."""
    try:
        emit.render(dialect, [(name, value), *NEEDS.get(dialect, [])], [])
    except UsageError as error:
        return error.message
    return None


# (dialect, reader, how many of the 112 values it carries at least)
READERS: list[tuple[str, Callable[[Path], dict[str, str]], int]] = [
    ("systemd", environment_file, 105),
    ("systemd-dropin", drop_in, 105),
    ("environment.d", environment_d, 85),
    ("etc-environment", pam_env, 58),
    ("etc-environment", environment_d, 58),
    ("mise", mise, 112),
    ("direnv", direnv, 112),
    ("circleci", through_bash, 112),
    ("buildkite", through_bash, 112),
    ("compose", compose, 112),
    ("compose", podman_compose, 112),
    ("kubernetes", kubernetes, 112),
    ("devcontainer", devcontainer, 110),
    ("azure", azure, 112),
    ("json", as_json, 112),
    ("vscode", vscode, 112),
    ("sdk-ts", as_javascript, 112),
    ("sdk-python", as_python, 112),
    ("launchd", property_list, 110),
    ("jenkins", groovy, 111),
    ("action", workflow, 110),
]


@pytest.mark.parametrize(
    ("dialect", "read", "least"),
    READERS,
    ids=[f"{dialect}-{getattr(read, '__name__', '')}" for dialect, read, _ in READERS],
)
def test_a_value_arrives_byte_for_byte_or_is_refused_by_name(
    dialect: str, read: Callable[[Path], dict[str, str]], least: int, tmp_path: Path
) -> None:
    sets = []
    for index, value in enumerate(VALUES.values()):
        if (said := refused(dialect, f"T{index}", value)) is None:
            sets.append((f"T{index}", value))
        else:
            assert said.startswith(f"{dialect} cannot carry T{index}: ")
    assert sum(int(name[1:]) < 112 for name, _ in sets) >= least
    file = tmp_path / "text"
    file.write_bytes(emit.render(dialect, [*sets, *NEEDS.get(dialect, [])], ["GONE"]).encode())
    found = read(file)
    assert {name: found.get(name) for name, _ in sets} == dict(sets)
    assert not found.get("GONE")
