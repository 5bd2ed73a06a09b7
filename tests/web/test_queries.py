"""Questions of many clients at a time: who waits for whom, and what is dropped."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, take, write

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.served import ServedDatabase
from cardstatus.errors import UsageError
from cardstatus.web.queries import (
    LOOK_UPS,
    PASSES,
    BusyError,
    GoneError,
    Lane,
    Queries,
    TooLongError,
)

ENDLESS = """
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number)
    SELECT max(n) FROM number
"""


@pytest.fixture
def served(tmp_path: Path, database: Path) -> ServedDatabase:
    take(database, write(tmp_path, "pickup.csv", row("CRD1")))
    return ServedDatabase(database)


class Pass:
    """A question that lasts until it is let go on, and counts how often it is put."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.times = 0

    def __call__(self, overview: Overview) -> int:
        self.times += 1
        self.begun.set()
        assert self.go_on.wait(30)
        return self.times


class Endless:
    """A question without an end, which tells when it was given up."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.left = threading.Event()

    def __call__(self, overview: Overview) -> None:
        self.begun.set()
        try:
            overview._connection.execute(ENDLESS).fetchall()
        finally:
            self.left.set()


def run(
    served: ServedDatabase,
    scene: Callable[[Queries], Coroutine[Any, Any, None]],
    lanes: tuple[Lane, ...] = (LOOK_UPS, PASSES),
) -> None:
    async def played() -> None:
        queries = Queries(served, lanes)
        try:
            await asyncio.wait_for(scene(queries), 30)
        finally:
            queries.end()

    asyncio.run(played())


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 30)


def never() -> "asyncio.Future[None]":
    """Return what is done when the client is gone: this one stays."""
    return asyncio.get_running_loop().create_future()


def test_equal_passes_are_one(served: ServedDatabase) -> None:
    async def scene(queries: Queries) -> None:
        question = Pass()
        asking = [
            asyncio.create_task(queries.ask(question, PASSES, never(), "same")) for _ in range(20)
        ]
        await until(question.begun)
        question.go_on.set()
        assert await asyncio.gather(*asking) == [1] * 20
        assert await queries.ask(question, PASSES, never(), "same") == 2

    run(served, scene)


def test_other_questions_and_other_states_are_passes_of_their_own(
    served: ServedDatabase, tmp_path: Path
) -> None:
    async def scene(queries: Queries) -> None:
        question = Pass()
        asking = [asyncio.create_task(queries.ask(question, PASSES, never(), "same"))]
        asking.append(asyncio.create_task(queries.ask(question, PASSES, never(), "other")))
        await until(question.begun)
        more = write(tmp_path, "more/pickup.csv", row("CRD2"))
        await asyncio.to_thread(take, served.path, more)
        asking.append(asyncio.create_task(queries.ask(question, PASSES, never(), "same")))
        await asyncio.sleep(0)
        question.go_on.set()
        # The first was put again, since the file was written to meanwhile.
        assert sorted(await asyncio.gather(*asking)) == [2, 3, 4]

    run(served, scene)


def test_look_ups_do_not_wait_for_passes(served: ServedDatabase) -> None:
    async def scene(queries: Queries) -> None:
        question = Pass()
        asking = asyncio.create_task(queries.ask(question, PASSES, never(), "pass"))
        await until(question.begun)
        assert await queries.ask(lambda overview: "found", LOOK_UPS, never()) == "found"
        assert not asking.done()
        question.go_on.set()
        await asking

    run(served, scene)


def test_what_nobody_waits_for_is_dropped(served: ServedDatabase) -> None:
    async def scene(queries: Queries) -> None:
        question, gone = Endless(), never()
        asking = [
            asyncio.create_task(queries.ask(question, PASSES, gone, ("endless", at)))
            for at in range(8)
        ]
        await until(question.begun)
        gone.set_result(None)
        assert all(
            isinstance(error, GoneError)
            for error in await asyncio.gather(*asking, return_exceptions=True)
        )
        await until(question.left)
        assert await queries.ask(lambda overview: "next", PASSES, never(), "next") == "next"

    run(served, scene)


def test_who_stays_is_answered_when_another_goes(served: ServedDatabase) -> None:
    async def scene(queries: Queries) -> None:
        question, gone = Pass(), never()
        goes = asyncio.create_task(queries.ask(question, PASSES, gone, "same"))
        stays = asyncio.create_task(queries.ask(question, PASSES, never(), "same"))
        await until(question.begun)
        gone.set_result(None)
        with pytest.raises(GoneError):
            await goes
        question.go_on.set()
        assert await stays == 1

    run(served, scene)


def test_beyond_a_few_others_are_told_to_come_again(served: ServedDatabase) -> None:
    async def scene(queries: Queries) -> None:
        question = Pass()
        asking = [
            asyncio.create_task(queries.ask(question, PASSES, never(), at))
            for at in range(PASSES.waiting)
        ]
        await until(question.begun)
        with pytest.raises(BusyError, match="try again in 5 seconds"):
            await queries.ask(question, PASSES, never(), "one more")
        same = asyncio.create_task(queries.ask(question, PASSES, never(), 0))
        question.go_on.set()
        await asyncio.gather(*asking, same)

    run(served, scene)


def test_nothing_takes_for_ever(served: ServedDatabase) -> None:
    short = PASSES._replace(seconds=0.05)

    async def scene(queries: Queries) -> None:
        with pytest.raises(TooLongError, match="longer than 0 seconds"):
            await queries.ask(Endless(), short, never(), "endless")

    run(served, scene, (short,))


def test_at_the_end_what_is_left_is_given_up(served: ServedDatabase) -> None:
    async def scene(queries: Queries) -> None:
        question = Endless()
        asking = [
            asyncio.create_task(queries.ask(question, PASSES, never(), at)) for at in range(3)
        ]
        await until(question.begun)
        queries.end()
        for task in asking:
            with pytest.raises(BusyError):
                await task
        with pytest.raises(BusyError):
            await queries.ask(question, LOOK_UPS, never())

    run(served, scene)


def test_the_errors_of_a_question_reach_everybody(served: ServedDatabase) -> None:
    def question(overview: Overview) -> None:
        raise UsageError("nothing of that kind")

    async def scene(queries: Queries) -> None:
        asking = [queries.ask(question, PASSES, never(), "same") for _ in range(3)]
        for error in await asyncio.gather(*asking, return_exceptions=True):
            assert isinstance(error, UsageError)

    run(served, scene)
