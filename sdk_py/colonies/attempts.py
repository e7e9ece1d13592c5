"""Attempts to connect: at which address the next one is made, and how long to wait before it."""

from __future__ import annotations

from collections.abc import Sequence

from .backoff import CAP_SECONDS, full_jitter, shuffled


class Attempts:
    """failures: how many failed in a row; 0 when whoever asks now has waited for nothing yet."""

    def __init__(self, addresses: Sequence[str], connect_seconds: float) -> None:
        """connect_seconds: how long a request waits for a first broker.

        Clients that are given the same list each go through it in an order of their own: so all brokers get some of
        them, and those of one that stops go to all the others.
        """
        self.addresses = shuffled(addresses)
        self.connect_seconds = connect_seconds
        self.failures = 0
        self._turn = 0
        self._failures_before = 0

    def begin(self) -> str:
        """Begin one, at the address whose turn it is."""
        self.failures += 1
        self._failures_before = self.failures
        self._turn += 1
        return self.addresses[(self._turn - 1) % len(self.addresses)]

    def succeed(self) -> None:
        """A broker talks: coming back from here takes hardly a pause."""
        self.failures = 1

    def unsucceed(self) -> None:
        """It did answer, but only to say that it has too much to do."""
        self.failures = self._failures_before

    def pause(self, asked_for: float, *, has_answered: bool) -> float:
        """Seconds until the next one. asked_for: by the broker that was left. has_answered: whether ever one did."""
        if not self.failures:
            return asked_for
        # While a call waits for a first broker, it is tried for more than once.
        cap = CAP_SECONDS if has_answered else min(CAP_SECONDS, self.connect_seconds / 2)
        return max(asked_for, full_jitter(self.failures, cap=cap))
