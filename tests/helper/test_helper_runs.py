"""The installed script and its run time: what a client gets, when, and how often the source is asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import TryAgainError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.helper import runtime
from claude_gw_cli.helper.cache import now

from .conftest import GATEWAY, Bench

Make = Callable[..., Bench]
KEY = "sk-first-0123456789\n"


def test_the_first_question_fetches_and_the_next_ones_do_not(bench: Make) -> None:
    b = bench()
    assert [b.ask() for _ in range(4)] == [(KEY, 0, "")] * 4
    assert b.source.calls == 1


def test_fifty_processes_at_once_fetch_once(bench: Make) -> None:
    b = bench()
    b.source.set("sk-first-0123456789", seconds=0.3)
    started = [b.start() for _ in range(50)]
    assert {process.communicate(timeout=60)[0] for process in started} == {KEY}
    assert b.source.calls == 1


def test_a_client_that_asks_again_was_refused_and_gets_a_new_key(bench: Make) -> None:
    b = bench()
    asker = os.getpid()
    first, _ = runtime.answer(b.spec, b.env, b.cwd, asker)
    b.source.set("sk-rotated-0123456789")
    second, _ = runtime.answer(b.spec, b.env, b.cwd, asker)
    assert (first.reveal(), second.reveal()) == ("sk-first-0123456789", "sk-rotated-0123456789")
    assert b.source.calls == 2


def test_a_key_that_stays_refused_is_fetched_anew_once_and_then_left_alone(bench: Make) -> None:
    b = bench()
    for _ in range(10):
        runtime.answer(b.spec, b.env, b.cwd, 4711)
    assert b.source.calls == 2


def test_ten_refused_clients_cause_one_fetch(bench: Make) -> None:
    b = bench()
    askers = range(1000, 1010)
    for asker in askers:
        runtime.answer(b.spec, b.env, b.cwd, asker)
    b.source.set("sk-rotated-0123456789")
    answers = {runtime.answer(b.spec, b.env, b.cwd, asker)[0].reveal() for asker in askers}
    assert answers == {"sk-rotated-0123456789"}
    assert b.source.calls == 2


def test_a_question_after_the_clients_own_cache_time_is_no_refusal(bench: Make) -> None:
    b = bench()
    for _ in range(3):
        runtime.answer(b.spec, b.env | {"CLAUDE_CODE_API_KEY_HELPER_TTL_MS": "1000"}, b.cwd, 4711)
    assert b.source.calls == 1


@pytest.mark.parametrize("between", ["", "; exit $?"], ids=["shell-may-exec", "shell-stays-between"])
def test_the_script_itself_sees_a_repeated_question(bench: Make, between: str) -> None:
    b = bench()
    for _ in range(3):  # one client: this process
        command = ["/bin/sh", "-c", b.helper.command + between]
        done = subprocess.run(command, capture_output=True, text=True, env=b.env, cwd=b.cwd, check=True)
        assert done.stdout == KEY
    assert b.source.calls == 2


def test_in_the_advisory_window_a_failing_source_leaves_the_old_key_in_use(bench: Make) -> None:
    b = bench()
    b.ask()
    b.rewind(3700)
    b.source.set("", status=3, complaint="store is down")
    out, status, err = b.ask()
    assert (out, status) == (KEY, 0)
    assert "kept the old key" in err
    assert "store is down" in err


def test_in_the_mandatory_window_a_failing_source_is_an_error_and_nothing_is_printed(bench: Make) -> None:
    b = bench()
    b.ask()
    b.rewind(100_000)
    b.source.set("sk-canary", status=3, complaint="store is down")
    out, status, err = b.ask()
    assert (out, status) == ("", 69)
    assert "store is down" in err
    assert "canary" not in err


def test_a_failure_is_remembered_for_a_while(bench: Make) -> None:
    b = bench()
    b.source.set("", status=1, complaint="denied")
    answers = [b.ask() for _ in range(5)]
    assert {status for _, status, _ in answers} == {69}
    assert b.source.calls == 1
    assert "remembered" in answers[-1][2]


def test_the_old_value_is_kept_until_the_new_one_is_stored(bench: Make) -> None:
    b = bench()
    b.ask()
    b.rewind(3700)
    b.source.set("sk-new-0123456789", seconds=5)
    process = b.start()
    time.sleep(1.5)
    entry = b.cache.load()
    process.kill()
    process.communicate()
    assert entry is not None
    assert entry.value.reveal() + "\n" == KEY


def test_while_one_process_renews_the_others_get_the_old_value_at_once(bench: Make) -> None:
    b = bench()
    b.ask()
    b.rewind(3700)
    with b.cache.lock(0):
        start = time.monotonic()
        assert b.ask()[0] == KEY
        assert time.monotonic() - start < 4
    assert b.source.calls == 1


def test_a_lock_dies_with_its_holder(bench: Make) -> None:
    b = bench()
    code = (
        "import sys, time; from claude_gw_cli.world.locks import Lock\n"
        "with Lock(sys.argv[1]): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, f"{b.cache.folder}/lock"], stdout=subprocess.PIPE, env=os.environ | b.env
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(TryAgainError), b.cache.lock(0.1):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    start = time.monotonic()
    with b.cache.lock(5):
        assert time.monotonic() - start < 0.5


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:40],
        lambda data: data[:-5],
        lambda data: data.replace(b"cgw2", b"cgw0"),
        lambda data: data.replace(b"sk-first", b"sk first"),
        lambda data: data.replace(b"sk-first", b"sk-f\x00rst"),
        lambda data: data.replace(b"0123456789\n", b"01234567\n"),
        lambda data: b"\xff\xfe" * 50,
        lambda data: b"$(touch /tmp/x) `id`\n;\nend\n",
        lambda data: b"a" * 200_000,
    ],
)
def test_a_damaged_cache_is_a_miss_and_is_rewritten(bench: Make, damage: Callable[[bytes], bytes]) -> None:
    b = bench()
    b.ask()
    path = Path(b.cache.folder, "value")
    path.write_bytes(damage(path.read_bytes()))
    assert b.ask() == (KEY, 0, "")
    assert b.ask() == (KEY, 0, "")
    assert b.source.calls == 2


def test_a_cache_that_others_could_read_is_not_used_by_the_run_time(bench: Make) -> None:
    b = bench()
    b.ask()
    Path(b.cache.folder, "value").chmod(0o644)
    assert b.cache.load() is None


def test_a_reinstalled_helper_does_not_answer_from_the_old_cache(bench: Make) -> None:
    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.helper.install import install

    b = bench()
    b.ask()
    install(
        Profile(name="work", provider="unified", gateway_url="http://127.0.0.1:4001", secret="env://K"),
        b.env,
        Grant("own"),
    )
    assert b.ask(K="sk-other-0123456789")[0] == "sk-other-0123456789\n"


def test_a_slow_source_ends_within_the_budget(bench: Make) -> None:
    b = bench()
    b.source.set("sk-late", seconds=40)
    start = time.monotonic()
    out, status, err = b.ask()
    assert (out, status) == ("", 69)
    assert time.monotonic() - start < 12  # 8.5 s and a busy machine
    assert "in time" in err


def test_a_redirected_client_gets_nothing_also_when_the_cache_is_warm(bench: Make) -> None:
    b = bench()
    b.ask()
    for variable in ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}, {"CLAUDE_CODE_USE_BEDROCK": "1"}):
        out, status, err = b.ask(CLAUDE_CODE_ENTRYPOINT="cli", **variable)
        assert (out, status) == ("", 77)
        assert GATEWAY in err
    Path(b.cwd, ".claude").mkdir()
    Path(b.cwd, ".claude", "settings.json").write_text('{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}}')
    assert b.ask(CLAUDE_CODE_ENTRYPOINT="cli", ANTHROPIC_BASE_URL=GATEWAY)[:2] == ("", 77)


def test_code_in_the_working_directory_or_on_pythonpath_is_not_run(bench: Make, tmp_path: Path) -> None:
    b = bench()
    evil = tmp_path / "evil"
    evil.mkdir()
    for folder in (evil, Path(b.cwd)):
        for name in ("json", "os", "claude_gw_cli", "subprocess", "sitecustomize", "usercustomize"):
            (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'pwned')!r}, 'w')\n")
    assert b.ask(PYTHONPATH=str(evil), PYTHONHOME=str(evil), PYTHONSTARTUP=str(evil / "os.py"))[0] == KEY
    assert not (tmp_path / "pwned").exists()


def test_the_files_are_private_and_hold_no_key(bench: Make) -> None:
    b = bench()
    os.umask(0)
    b.ask()
    for path in Path(b.env["HOME"]).rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or path.is_dir(), path
        if path.is_file() and path.name != "value":
            assert "sk-first" not in path.read_text(), path
    assert Path(b.cache.folder).stat().st_mode & 0o777 == 0o700


def test_a_jwt_from_a_program_is_renewed_before_its_end(bench: Make) -> None:
    import base64
    import json

    def token(seconds: float) -> str:
        claims = {"iat": int(time.time()), "exp": int(time.time() + seconds)}
        return f"eyJh.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"

    b = bench()
    b.source.set(token(240))
    b.ask()
    entry = b.cache.load()
    assert entry is not None
    assert 100 < entry.fresh - now() <= 120  # half the lifetime
    b.source.set(token(-60))
    b.cache.clear()
    out, status, err = b.ask()
    assert (out, status) == ("", 2)
    assert "ended" in err


def test_the_warm_path_starts_no_process(bench: Make, tmp_path: Path) -> None:
    """With nothing on PATH and no interpreter where the script looks for one, only builtins can have answered."""
    b = bench()
    b.ask()
    script = Path(b.helper.path)
    script.write_text(script.read_text().replace(f"python={sys.executable}", "python=/nonexistent"))
    assert b.ask(PATH=str(tmp_path / "empty"))[:2] == (KEY, 0)
    assert b.ask(ANTHROPIC_BASE_URL="http://elsewhere")[1] == 69


def test_no_heavy_library_is_imported_to_answer_from_the_cache(bench: Make) -> None:
    b = bench()
    b.ask()
    code = (
        "import os, sys; from claude_gw_cli.helper.runtime import main; code = main(['work'])\n"
        "heavy = {'typing', 'dataclasses', 're', 'json', 'pathlib', 'pydantic', 'hvac', 'keyring', 'jwt',\n"
        "         'requests', 'subprocess', 'random', 'threading'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr); sys.exit(code)"
    )
    source = str(Path(runtime.__file__).parents[2])
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({source!r})\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, env=b.env, cwd=b.cwd, check=True)
    assert (done.stdout, done.stderr) == (KEY, "[]\n")


def test_an_old_key_is_printed_when_a_renewal_hangs(bench: Make) -> None:
    b = bench()
    b.ask()
    b.rewind(3700)
    b.source.set("sk-late", seconds=40)
    runtime_budget = time.monotonic()
    out, status, err = b.ask()
    assert (out, status) == (KEY, 0)
    assert "kept the old key" in err
    assert time.monotonic() - runtime_budget < 12


def test_an_old_key_is_printed_when_a_library_fails(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from claude_gw_cli import secrets

    b = bench()
    b.ask()
    b.rewind(3700)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("canary")

    monkeypatch.setattr(secrets, "resolve", broken)
    value, note = runtime.answer(b.spec, b.env, b.cwd, 4711)
    assert value.reveal() + "\n" == KEY
    assert "ZeroDivisionError" in note
    assert "canary" not in note


def test_every_kind_of_failure_is_remembered(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from claude_gw_cli import secrets
    from claude_gw_cli.core.errors import CgwError

    b = bench()
    calls = []

    def broken(*_: object) -> None:
        calls.append(1)
        raise EOFError

    monkeypatch.setattr(secrets, "resolve", broken)
    for _ in range(4):
        with pytest.raises(CgwError):
            runtime.answer(b.spec, b.env, b.cwd, 4711)
    assert len(calls) == 1


def test_a_fresh_key_is_printed_where_it_cannot_be_kept(bench: Make, tmp_path: Path) -> None:
    b = bench()
    blocked = Path(b.cache.folder)
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file is in the way")
    out, status, _ = b.ask()
    assert (out, status) == (KEY, 0)


def test_a_removed_working_directory_costs_no_key(bench: Make) -> None:
    b = bench()
    command = f"mkdir {b.cwd}/gone && cd {b.cwd}/gone && rmdir {b.cwd}/gone && {b.helper.command}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, env=b.env, cwd=b.cwd, check=False
    )
    assert (done.stdout, done.returncode) == (KEY, 0), done.stderr
