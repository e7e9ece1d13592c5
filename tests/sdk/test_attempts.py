"""Where clients go, and in which order."""

from __future__ import annotations

from itertools import permutations

from colonies.attempts import Attempts

ADDRESSES = ["a", "b", "c"]


def test_clients_of_one_list_go_through_it_in_every_order() -> None:
    """So that each broker gets a share of them, and each other one a share of those it leaves behind."""
    clients = [Attempts(ADDRESSES, 10) for _ in range(500)]
    orders = {tuple(client.begin() for _ in ADDRESSES) for client in clients}
    assert orders == set(permutations(ADDRESSES))


def test_a_client_goes_through_its_list_again_and_again() -> None:
    client = Attempts(ADDRESSES, 10)
    first = [client.begin() for _ in ADDRESSES]
    assert [client.begin() for _ in ADDRESSES] == first
