"""A replica set of three, shared by the tests of this folder: each heals what it has broken.

`make test` runs them by themselves, one after the other: with two such sets at once, two cores would be busy with elections
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.replica_set import ReplicaSet, running_replica_set

# Beyond it something hangs. Elections and clients that come back take their time on a busy machine.
SECONDS = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with running_replica_set(tmp_path_factory.mktemp("replica-set")) as started:
        yield started


@pytest.fixture(scope="session")
def set_with_doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    """One whose members single processes can be cut from."""
    with running_replica_set(tmp_path_factory.mktemp("set-with-doors"), with_doors=True) as started:
        yield started
