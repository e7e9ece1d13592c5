"""A replica set of three, shared by the tests of this folder: each heals what it has broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.replica_set import ReplicaSet, running_replica_set


@pytest.fixture(scope="session")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with running_replica_set(tmp_path_factory.mktemp("replica-set")) as started:
        yield started


@pytest.fixture(scope="session")
def set_with_doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    """One whose members single processes can be cut from."""
    with running_replica_set(tmp_path_factory.mktemp("set-with-doors"), with_doors=True) as started:
        yield started
