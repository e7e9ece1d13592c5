"""Which brokers live on this store, which of them have callers waiting for what, and whose turn something is.

Once a second this broker says that it lives, and is told who else does. Nobody leads: every
broker orders them all by a hash of the thing in question and their names, and so all come
to the same order without asking each other. Two that know different rosters may for a
moment both think that it is theirs, or neither; whatever is shared out must be harmless when
done twice, and must be done by others after a while. Without others it is always this one's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable

from broker.store.others import Others, Standing, order_of
from broker.telemetry import Telemetry
from colonies.wire import errors

BEAT_SECONDS = 1.0
MAX_TAKES = 256  # of more channels it is not said; then others may wake a caller at once, too
# As long as a beat was written so lately, this broker speaks with a primary that has a majority.
CURRENT_SECONDS = 2.0


class Roster:
    """known: all brokers that live, this one too.

    takes   which bus channels callers waited on here since it was asked last.
    on_new  called when this broker was not on the roster, at the start or since it was taken for dead.
    """

    def __init__(
        self,
        others: Others | None,
        telemetry: Telemetry,
        *,
        takes: Callable[[], Collection[str]],
        on_new: Callable[[], None],
    ) -> None:
        self._others = others
        self._telemetry = telemetry
        self._takes = takes
        self._on_new = on_new
        self.known: list[Standing] = []
        self._beat = float("-inf")
        telemetry.brokers.set(1)

    @property
    def is_current(self) -> bool:
        """Whether this broker was lately on the roster, as a majority of the store has it."""
        return asyncio.get_running_loop().time() - self._beat < CURRENT_SECONDS

    def turns_before(self, thing: str, channel: str) -> int:
        """How many others, with callers waiting on the channel, come before this broker in the order of the thing."""
        return self._before(thing, (standing.node for standing in self.known if channel in standing.takes))

    def is_first(self, thing: str) -> bool:
        """Whether this broker comes first in the order of the thing, of all that live."""
        return not self._before(thing, (standing.node for standing in self.known))

    def _before(self, thing: str, nodes: Iterable[str]) -> int:
        if self._others is None:
            return 0
        own = order_of(thing, self._others.node)
        return sum(order_of(thing, node) < own for node in nodes)

    async def run(self) -> None:
        """Say that it lives, until cancelled."""
        if self._others is None:
            return
        while True:
            begun = asyncio.get_running_loop().time()
            try:
                await self._beat_once(self._others)
            except errors.Unavailable:
                pass  # whoever asks the store is told; the roster is kept as it was
            else:
                self._beat = begun
            await asyncio.sleep(BEAT_SECONDS)

    async def _beat_once(self, others: Others) -> None:
        roll = await others.beat(sorted(self._takes())[:MAX_TAKES])
        self.known = roll.living
        self._telemetry.brokers.set(len(roll.living))
        if roll.is_new:
            self._on_new()
