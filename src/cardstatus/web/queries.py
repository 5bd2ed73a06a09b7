"""Questions to the database in threads: look-ups side by side, passes over all cards in turn.

Equal passes are one, what nobody waits for is dropped, and nothing takes for ever. Knows no HTTP.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final, NamedTuple, TypeVar

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.served import InterruptedQuestionError, ServedDatabase
from cardstatus.errors import CardStatusError

Answer = TypeVar("Answer")
Question = Callable[[Overview], Answer]


class BusyError(CardStatusError):
    """Too many others ask; ``again``: after so many seconds it is worth another try."""

    def __init__(self, again: int) -> None:
        super().__init__(f"too many others ask for such answers now; try again in {again} seconds")
        self.again = again


class TooLongError(CardStatusError):
    """The answer would take too long."""


class GoneError(Exception):
    """Nobody waits for the answer any more."""


class Lane(NamedTuple):
    """The questions of a kind, which share threads."""

    name: str
    threads: int
    waiting: int
    """Questions that may be asked at once, those that are being answered included."""
    seconds: float
    """The longest that an answer may take."""


LOOK_UPS: Final = Lane("look-up", threads=4, waiting=128, seconds=20)
"""A look-up takes a millisecond."""
SEARCHES: Final = Lane("search", threads=2, waiting=32, seconds=20)
"""A search reads the text of all ids, or all comments: no look-up is to wait for one."""
PASSES: Final = Lane("pass", threads=1, waiting=8, seconds=300)
"""A pass over all cards takes two seconds a million cards: no look-up is to wait for one."""


@dataclass(eq=False)
class _Flight:
    """A question on its way, and who waits for it."""

    lane: Lane
    seats: int = 0
    given_up: Event = field(default_factory=Event)
    outcome: "asyncio.Future[Any]" = field(init=False)


class Queries:
    """The questions of all clients to one database."""

    def __init__(
        self, database: ServedDatabase, lanes: tuple[Lane, ...] = (LOOK_UPS, SEARCHES, PASSES)
    ):
        self._database = database
        self._pools = {
            lane: ThreadPoolExecutor(lane.threads, thread_name_prefix=lane.name) for lane in lanes
        }
        self._flights: dict[Hashable, _Flight] = {}
        self._ending = False

    async def ask(
        self,
        question: Question[Answer],
        lane: Lane,
        gone: Awaitable[object],
        key: Hashable = None,
    ) -> Answer:
        """Return the answer to a question.

        ``gone`` is done when the client is gone. ``key``: the same for equal questions, which are
        answered together while the database is the same; None for a question of its own. Raises
        :class:`GoneError`, :class:`BusyError`, :class:`TooLongError` and the question's own errors.
        """
        leaving = asyncio.ensure_future(gone)
        try:
            place: Hashable = object() if key is None else (key, self._database.state())
            flight = self._flights.get(place) or self._take_off(question, lane, place)
            answer: Answer = await self._ride(flight, place, leaving)
            return answer
        finally:
            leaving.cancel()

    async def _ride(self, flight: _Flight, place: Hashable, leaving: "asyncio.Future[Any]") -> Any:
        flight.seats += 1
        try:
            await asyncio.wait({flight.outcome, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not flight.outcome.done():
                raise GoneError
            return self._answer(flight)
        finally:
            flight.seats -= 1
            if not flight.seats:
                self._land(place, flight)

    def _take_off(self, question: Question[Any], lane: Lane, place: Hashable) -> _Flight:
        others = sum(flight.lane is lane for flight in self._flights.values())
        if self._ending or others >= lane.waiting:
            raise BusyError(again=5 if lane.threads == 1 else 1)
        flight = _Flight(lane)
        flight.outcome = asyncio.get_running_loop().run_in_executor(
            self._pools[lane], self._answer_in_thread, question, flight
        )
        # Where nobody waits any more, nobody asks for its error.
        flight.outcome.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._flights[place] = flight
        return flight

    def _answer_in_thread(self, question: Question[Answer], flight: _Flight) -> Answer:
        ends = time.monotonic() + flight.lane.seconds
        return self._database.ask(
            question, lambda: flight.given_up.is_set() or time.monotonic() > ends
        )

    def _answer(self, flight: _Flight) -> Any:
        try:
            return flight.outcome.result()
        except (InterruptedQuestionError, asyncio.CancelledError):
            if self._ending:
                raise BusyError(again=5) from None
            raise TooLongError(
                f"this would take longer than {flight.lane.seconds:.0f} seconds; ask for less, or "
                "use the commands"
            ) from None

    def _land(self, place: Hashable, flight: _Flight) -> None:
        self._flights.pop(place, None)
        flight.given_up.set()
        flight.outcome.cancel()

    def end(self) -> None:
        """Give up the questions that are being answered, and take no others."""
        self._ending = True
        for flight in self._flights.values():
            flight.given_up.set()
            with suppress(asyncio.InvalidStateError):
                flight.outcome.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
