"""Who asks: a connection, a key, and the way from a method's parameters to its typed result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from .addresses import socket_addresses
from .answer import Answer
from .asked import Progress, unheard
from .connection import Connection
from .subscription import Event, Feed, Subscription
from .wire import errors
from .wire.identity import Identity, Signer
from .wire.validation import decode

Key: TypeAlias = str | Signer
T = TypeVar("T")
KEPT_SIGNERS = 1024


class Caller:
    def __init__(
        self,
        address: str | Sequence[str],
        *,
        key: Key | None,
        colony: str | None,
        connect_seconds: float,
        request_seconds: float,
    ) -> None:
        self.connection = Connection(socket_addresses(address), connect_seconds=connect_seconds)
        self._signer = None if key is None else signer_of(key)
        self._signers: dict[str, Signer] = {}
        self._colony = colony
        self._request_seconds = request_seconds

    async def ask(
        self,
        method: str,
        kind: type[T],
        params: Mapping[str, Any],
        prvkey: Key | None,
        *,
        more_seconds: float = 0,
        progress: Progress = unheard,
    ) -> T:
        """Ask and wait for the result, which is of this kind. None among params means: not given.

        more_seconds  how much longer than for other requests the broker may take.
        progress      called with (done, matched) meanwhile.
        """
        answer = self.begin(method, params, prvkey, more_seconds=more_seconds, progress=progress)
        return decode(await answer.wait(), kind)

    def begin(
        self,
        method: str,
        params: Mapping[str, Any],
        prvkey: Key | None,
        *,
        more_seconds: float = 0,
        progress: Progress = unheard,
    ) -> Answer:
        """Ask without waiting, so that what is asked next leaves in the same frame."""
        seconds, signer = self._request_seconds + more_seconds, self.signer_for(prvkey)
        return self.connection.ask(method, self._complete(params), signer, seconds=seconds, progress=progress)

    def subscription(
        self, method: str, params: Mapping[str, Any], prvkey: Key | None, *, seconds: float, lasts: bool = True
    ) -> Subscription:
        return Subscription(
            self.connection,
            method,
            self._complete(params),
            self.signer_for(prvkey),
            kind=Event,
            patience=self._request_seconds,
            seconds=seconds,
            lasts=lasts,
        )

    def feed(
        self,
        method: str,
        kind: type[T],
        params: Mapping[str, Any],
        prvkey: Key | None,
        *,
        newest_only: bool = False,
        first: Any = None,
    ) -> Feed[T]:
        return Feed(
            self.connection,
            method,
            self._complete(params),
            self.signer_for(prvkey),
            kind=kind,
            patience=self._request_seconds,
            newest_only=newest_only,
            first=first,
        )

    def _complete(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out what was not given, and name the client's colony where the caller named none."""
        given = {name: value for name, value in params.items() if value is not None}
        return given if self._colony is None else {"colonyid": self._colony, **given}

    def signer_for(self, prvkey: Key | None) -> Signer:
        if prvkey is None:
            if self._signer is None:
                raise errors.BadRequest("prvkey", "a key: give one to the client, or to the call", "none")
            return self._signer
        if not isinstance(prvkey, str):
            return prvkey
        # Making a key pair costs as much as a signature: once for each key, not for each call that names it.
        if prvkey not in self._signers:
            if len(self._signers) >= KEPT_SIGNERS:
                self._signers.clear()
            self._signers[prvkey] = signer_of(prvkey)
        return self._signers[prvkey]


def signer_of(key: Key) -> Signer:
    """The signer of a private key in hex, or the signer itself. ValueError when it is no key."""
    return Identity(key) if isinstance(key, str) else key
