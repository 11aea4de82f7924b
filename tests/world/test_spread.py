"""Work that is spread over processes: the same results in the same order, whatever happens to the others."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from claude_gw_cli.world import spread as room
from claude_gw_cli.world.spread import ALONE, BLOCK, spread

MANY = ALONE + 3 * BLOCK + 7


@pytest.fixture(autouse=True, params=[1, 2, 4])
def _some_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "processes", lambda: request.param)


def _size(_: object) -> int:
    return 1


@pytest.mark.parametrize("count", [0, 1, ALONE - 1, ALONE, ALONE + 1, ALONE + BLOCK - 1, ALONE + BLOCK, MANY])
def test_every_item_has_its_result_in_order(count: int) -> None:
    found = list(spread(iter(range(count)), str, _size, lambda item: [item, item * 2]))
    assert found == [(item, [item, item * 2]) for item in range(count)]


def test_large_items_are_not_held_for_long() -> None:
    seen: list[int] = []

    def items() -> Iterator[int]:
        for item in range(ALONE + 3 * BLOCK):
            seen.append(item)
            yield item

    for item, _ in spread(items(), str, lambda item: 4 << 20 if item > ALONE + BLOCK else 1, str):
        if item > ALONE + BLOCK + 1:
            assert len(seen) - item <= 2


def test_items_without_a_name_and_with_the_same_one_have_their_own_results() -> None:
    names = ["", "a", "b", "\ud800"]
    found = list(spread(iter(range(MANY)), lambda item: names[item % 4], _size, lambda item: item))
    assert sorted(found) == [(item, item) for item in range(MANY)]


def test_work_is_shared(tmp_path: object) -> None:
    own = os.getpid()
    workers = {result for _, result in spread(iter(range(MANY)), str, _size, lambda _: os.getpid())}
    assert own in workers
    assert len(workers) == room.processes()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("way", ["raises", "killed", "exits", "writes"])
def test_what_another_process_does_not_deliver_is_done_here(way: str, capfd: pytest.CaptureFixture[str]) -> None:
    own = os.getpid()

    def work(item: int) -> int:
        if os.getpid() != own and item > ALONE + BLOCK:
            if way == "raises":
                raise RuntimeError("sk-never-shown")
            if way == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if way == "exits":
                raise SystemExit(3)
            os.write(1, b"out")
            os.write(2, b"err")
        return item

    assert list(spread(iter(range(MANY)), str, _size, work)) == [(item, item) for item in range(MANY)]
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_failure_here_is_raised_and_leaves_no_process() -> None:
    def work(item: int) -> str:
        if item == MANY - 1:
            raise ValueError(item)
        return "x" * 1000

    with pytest.raises(ValueError, match=str(MANY - 1)):
        list(spread(iter(range(MANY)), lambda item: "" if item == MANY - 1 else str(item), _size, work))
    first = spread(iter(range(MANY)), str, _size, lambda _: "x" * 4000)
    assert [next(first)[0] for _ in range(ALONE + 1)] == list(range(ALONE + 1))
    first.close()  # type: ignore[attr-defined]  # a generator
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_without_another_process_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    assert [result for _, result in spread(iter(range(MANY)), str, _size, str)] == list(map(str, range(MANY)))


def test_a_stream_that_differs_between_the_processes_loses_nothing() -> None:
    """As when a file appears while a tree is checked."""
    own = os.getpid()

    def items() -> Iterator[int]:
        for item in range(MANY):
            if os.getpid() == own or item % 50:
                yield item

    assert list(spread(items(), str, _size, str)) == [(item, str(item)) for item in range(MANY)]
