"""Who waits for a process, in which lane, and who is woken for what.

A caller takes its place in line, and what other brokers store for it is being read, *before*
it first looks into the store, so that nothing can be submitted unseen between the look and
the wait. A process that starts to wait wakes the one that has been idle for longest of those
who may take it; where nobody is idle, whoever looks at that moment and finds nothing looks
again. So nobody is idle while something waits for which nobody was woken: a caller that was
woken and leaves with nothing, or with what came in another lane, passes its turn on. A submit
may skip the queue: it reserves a caller that stands idle and stores the process already
claimed for it, one write where two would do.

At its worst moment, when a caller's socket dies while its claim is on its way, the claimed
process goes back to the queue without using up a retry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial

from broker.channels.bus import Bus
from broker.clock import Clock
from broker.store.lanes import lanes_of
from broker.store.moves import Claim
from broker.store.others import Told
from broker.telemetry import Telemetry
from colonies.wire import errors
from colonies.wire.model import Executor, Process, State

from .announcer import Announcer
from .commit import Commit
from .lately import Lately
from .line import Line
from .place import Place, Stage, as_it_waited
from .rescuer import Rescuer


class Assigner:
    def __init__(
        self,
        commit: Commit,
        announcer: Announcer,
        clock: Clock,
        telemetry: Telemetry,
        bus: Bus[Told],
        *,
        rescuer: Rescuer,
        max_waiting: int,
    ) -> None:
        self._commit = commit
        self._announcer = announcer
        self._clock = clock
        telemetry.waiting_assigns.set_function(lambda: len(self._places))
        self._bus = bus
        self._rescuer = rescuer
        self._max_waiting = max_waiting
        self._line = Line()
        self._places: set[Place] = set()
        self._new: dict[str, tuple[str, ...]] = {}  # lanes of what began to wait in this turn of the event loop
        self._callers: dict[str, set[Place]] = {}
        self._asked = Lately()
        self._stood: set[str] = set()
        self._closed: errors.ColoniesError | None = None

    async def assign(self, executor: Executor, *, timeout: float, latest: bool, claimid: str = "") -> Process:
        """Give the executor a process, waiting up to `timeout` seconds for one.

        claimid  what the executor calls this assign; it stands in the attempt.
        Raises NothingToAssign when the time is up, Overloaded when too many wait already, Draining when
        the broker stops. Cancelling leaves the line at once and loses nothing.
        """
        if self._closed:
            raise self._closed
        if len(self._places) >= self._max_waiting:
            raise errors.Overloaded(f"{self._max_waiting} callers wait for a process here already; try another broker")
        place = self._join(Place(executor, latest=latest, claimid=claimid))
        try:
            await self._bus.covered(place.channels)
            return await self._wait_process(place, timeout)
        except BaseException:
            # Sent away or cancelled between the moment in which it was given something and its own next step.
            if place.given:
                self._rescuer.give_back(place.given)
            raise
        finally:
            self._leave(place)

    async def _wait_process(self, place: Place, timeout: float) -> Process:
        until = asyncio.get_running_loop().time() + timeout
        while True:
            has_missed = await self._look(place)
            if not (place.given or place.error or (has_missed and asyncio.get_running_loop().time() < until)):
                await self._wait_turn(place, until)
            if place.error:
                raise place.error
            if place.given:
                return place.given

    async def _look(self, place: Place) -> bool:
        """Ask the store once. Returns whether anything came meanwhile, which it may have been too early to see."""
        place.stage = Stage.LOOKING
        arrivals = self._line.arrivals(place)
        claim = Claim(
            executorid=place.executorid,
            lanes=place.lanes,
            latest=place.latest,
            now=self._clock.now(),
            claimid=place.claimid,
        )
        await self._commit.do(claim, settled=partial(self._settled, place, claim))
        if place.given is None or lanes_of(place.colonyid, place.given.spec.conditions) == place.turn:
            place.turn = ()  # nothing is there, or it got what it was woken for, or another one of the same lanes
        return self._line.arrivals(place) != arrivals

    def _settled(self, place: Place, claim: Claim, outcome: Process | Exception | None, caller_has_gone: bool) -> None:
        if isinstance(outcome, errors.Unavailable):
            self._rescuer.look_for(place.colonyid, claim.executorid, starttime=claim.now)
        elif isinstance(outcome, Process):
            self._announcer.announce(as_it_waited(outcome), outcome)
            if caller_has_gone:
                self._rescuer.give_back(outcome)
            else:
                place.given = outcome

    async def _wait_turn(self, place: Place, until: float) -> None:
        """Return when it shall look again, was given something or shall go. NothingToAssign when its time is up."""
        place.signal.clear()
        self._line.rest(place)
        try:
            async with asyncio.timeout_at(until):
                await place.signal.wait()
        except TimeoutError:
            # A submit that is storing a process for this caller ends soon, one way or the other.
            while place.stage is Stage.RESERVED:
                place.signal.clear()
                await place.signal.wait()
            if not (place.given or place.error):
                raise errors.NothingToAssign("nothing came in time; ask again") from None

    # — the line —

    def _join(self, place: Place) -> Place:
        self._places.add(place)
        self._line.join(place)
        self._callers.setdefault(place.executorid, set()).add(place)
        self._stood.add(place.channel)
        self._bus.hold(place.channels)
        return place

    def _leave(self, place: Place) -> None:
        place.left = True
        self._bus.release(place.channels)
        self._places.discard(place)
        self._line.leave(place)
        its = self._callers[place.executorid]
        its.discard(place)
        if not its:
            del self._callers[place.executorid]
        self._asked.note(place.executorid, self._clock.now())
        if place.turn:
            self._wake(place.turn)

    # — waking —

    def hear(self, process: Process, _event: str) -> None:
        """Wake somebody for a process that waits now, unless the batch that tells of it has taken it as well."""
        if process.state == State.WAITING:
            if not self._new:
                asyncio.get_running_loop().call_soon(self._wake_for_new)
            self._new[process.processid] = lanes_of(process.colonyid, process.spec.conditions)
        elif self._new:
            self._new.pop(process.processid, None)

    def _wake_for_new(self) -> None:
        new, self._new = self._new, {}
        for lanes in new.values():
            self._wake(lanes)

    def _wake(self, lanes: tuple[str, ...]) -> None:
        """Wake an idle caller in these lanes; failing that, have those that are looking look again."""
        place = self._line.first_idle(lanes)
        if place is None:
            self._line.note_arrival(lanes)
            return
        place.turn = lanes
        self._line.rouse(place, Stage.WOKEN)
        place.signal.set()

    def look_again(self) -> None:
        """Have one idle caller of each lane look, for what other brokers stored and nobody told us of."""
        for lane in self._line.lanes():
            self._wake((lane,))

    # — skipping the queue —

    def reserve(self, process: Process) -> Place | None:
        """Keep an idle caller for a process that is about to be stored. Then call `deliver` or `release`, always."""
        place = self._line.first_idle(lanes_of(process.colonyid, process.spec.conditions))
        if place:
            self._line.rouse(place, Stage.RESERVED)
        return place

    def deliver(self, place: Place, process: Process) -> None:
        """Hand over the process that was stored for this caller; back to the queue with it if the caller has gone."""
        if place.left or place.error:
            self._rescuer.give_back(process)
        else:
            place.given = process
        place.stage = Stage.WOKEN
        place.signal.set()

    def release(self, place: Place) -> None:
        """Nothing was stored for this caller after all. What came while it was reserved may concern it, so it looks."""
        place.stage = Stage.WOKEN
        place.signal.set()

    # — sending away —

    def expel(self, executorid: str, error: errors.ColoniesError) -> None:
        """Send away the callers of an executor that may work no longer."""
        for place in self._callers.get(executorid, ()):
            self._send_away(place, error)

    def leave_unanswered(self, executorid: str, claimid: str) -> None:
        """Its caller asks anew under the same name, as no answer reached it: that place in line is nobody's."""
        gone = errors.NothingToAssign("this assign was asked anew, on another connection")
        for place in self._callers.get(executorid, ()):
            if place.claimid == claimid:
                self._send_away(place, gone)

    def close(self, error: errors.ColoniesError) -> None:
        """Send everybody away and let nobody in any more."""
        self._closed = error
        for place in self._places:
            self._send_away(place, error)

    def _send_away(self, place: Place, error: errors.ColoniesError) -> None:
        place.error = error
        if place.is_idle:
            self._line.rouse(place, Stage.WOKEN)
        place.signal.set()

    def places(self) -> Iterable[Place]:
        """Everybody in line."""
        return tuple(self._places)

    def last_asked(self, executorid: str) -> int:
        """When this executor last left the line, with a process or without (ms); 0: not since the broker started."""
        return self._asked.last(executorid)

    def is_in_line(self, executorid: str) -> bool:
        """Whether it has a caller in line now."""
        return executorid in self._callers

    def stood(self) -> set[str]:
        """The bus channels of those in line now, and of those who were since this was asked last."""
        lately, self._stood = self._stood, {place.channel for place in self._places}
        return lately | self._stood

    def waiting(self) -> dict[str, int]:
        """How many callers each executor has in line."""
        return {executorid: len(places) for executorid, places in self._callers.items()}
