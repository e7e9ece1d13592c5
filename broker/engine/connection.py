"""What the engine knows of one socket: its outbox, its keys and its subscriptions. Not the socket."""

from __future__ import annotations

from dataclasses import dataclass, field

from broker.channels.outbox import Outbox

from .subscription import Subscription

# More than this waiting in an outbox: its reader is slower than what it is told.
BEHIND_MESSAGES = 64


@dataclass(eq=False, slots=True)
class Connection:
    """identities: the keys that have signed on it. subscriptions: by the number that the wire knows them by."""

    outbox: Outbox
    identities: set[str] = field(default_factory=set)
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    last_subscription: int = 0

    def tell(self, message: bytes) -> None:
        """Offer a message that nobody has to hear of when it does not leave."""
        self.outbox.offer(message)

    def is_behind(self) -> bool:
        """Whether it has not yet read what it was told a while ago."""
        return len(self.outbox) > BEHIND_MESSAGES
