"""The same work for many items, in as many processes as there are processors; results in the order of the items.

Every process goes through all items, because finding them takes a quarter of the time, and works on its share, told
by name. A forked process goes on from where this one is: only results are sent, and no imports are repeated.
"""

from __future__ import annotations

import os
from itertools import chain, islice

from claude_gw_cli.hints import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")
    _Other = tuple[ForkProcess | None, Connection]

ALONE = 500
"""Items before other processes are started, which take as long as some hundred of them."""
BLOCK = 256
_HELD = 4 << 20
"""Items that are held until the other processes have done their share, and their size together."""
_MOST = 4


def spread(
    items: Iterator[Item], name: Callable[[Item], str], size: Callable[[Item], int], work: Callable[[Item], Result]
) -> Iterator[tuple[Item, Result]]:
    """Each item with its result.

    Args:
        items: consumed in every process, with whatever it reads; it must not write.
        name: of an item; one without a name stays in this process.
        size: of an item in memory, in any unit of about a byte.
        work: gives a result that can be pickled. What another process does not deliver is done here.
    """
    yield from ((item, work(item)) for item in islice(items, ALONE))
    blocks = _blocks(items, size)
    block = next(blocks, [])
    count = processes() if len(block) == BLOCK else 1
    others: list[_Other] = []

    # The hash of a text is another one in every start of Python, and the same in forked processes.
    def share(number: int, block: list[Item]) -> list[tuple[str, Result]]:
        named = ((name(item), item) for item in block)
        return [(place, work(item)) for place, item in named if place and hash(place) % count == number]

    try:
        for number in range(1, count):
            others.append(_forked((share(number, each) for each in chain([block], blocks)), others))
        results: dict[str, list[Result]] = {}
        while block:
            for place, result in chain(share(0, block), *(_received(pipe) for _, pipe in others)):
                results.setdefault(place, []).append(result)
            for item in block:
                ready = results.pop(name(item), [])
                if ready[1:]:
                    results[name(item)] = ready[1:]
                yield item, ready[0] if ready else work(item)
            block = next(blocks, [])
    finally:
        for process, pipe in others:
            pipe.close()  # a process that still writes is ended by that
            if process:
                process.join()


def _blocks(items: Iterator[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    block: list[Item] = []
    held = 0
    for item in items:
        block.append(item)
        held += size(item)
        if len(block) == BLOCK or held > _HELD:
            yield block
            block, held = [], 0
    yield block


def processes() -> int:
    """How many processes share the work here."""
    return min(len(os.sched_getaffinity(0)), _MOST) if hasattr(os, "sched_getaffinity") else 1


def _forked(results: Iterable[object], others: Iterable[_Other]) -> _Other:
    """A process that gives these results, and the end of the pipe at which they arrive."""
    from multiprocessing import get_context

    here = get_context("fork")
    receiving, sending = here.Pipe(duplex=False)
    process = here.Process(target=_deliver, args=(results, sending, [receiving, *(pipe for _, pipe in others)]))
    try:
        process.start()
    except OSError:  # too many processes: this one's work is done where it is missed
        return None, receiving
    finally:
        sending.close()
    return process, receiving


def _deliver(results: Iterable[object], sending: Connection, of_the_first: Iterable[Connection]) -> None:
    """In the forked process: send what is computed. It says nothing, whatever happens."""
    from contextlib import suppress

    for pipe in of_the_first:
        pipe.close()  # or their end in the first process would not end those that write
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    with suppress(Exception):  # the first process does what is missing, and says what is wrong with it
        for result in results:
            sending.send(result)


def _received(pipe: Connection) -> list[tuple[str, Any]]:
    """One block's results; none from a process that has ended."""
    try:
        return list(pipe.recv())
    except (EOFError, OSError):
        return []
