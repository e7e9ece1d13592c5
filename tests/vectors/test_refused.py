"""The broker's pipeline is held to the refusals of the vectors: each frame, its close code, and what is answered first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from broker.channels.outbox import Outbox
from broker.engine.connection import Connection
from broker.engine.node import Node
from broker.handlers.registry import all_handlers
from broker.server.pipeline import FrameRefused, Pipeline
from broker.settings import Settings
from broker.store.open import open_store
from colonies.wire.frames import Response, decode_messages

FOLDER = Path(__file__).parent
REFUSED = json.loads((FOLDER / "refused.json").read_text())
ENVELOPES = json.loads((FOLDER / "envelopes.json").read_text())


@pytest.fixture
async def pipeline(tmp_path: Path) -> Pipeline:
    node = Node(open_store(f"sqlite:{tmp_path / 'broker.db'}"), Settings())
    outbox = Outbox(max_messages=10, max_bytes=10_000, on_overflow=lambda: None)
    return Pipeline(node, Connection(outbox), all_handlers(), bytes.fromhex(REFUSED["challenge"]))


def answered(reply: bytes | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    (response,) = decode_messages(reply)
    assert isinstance(response, Response)
    assert response.error is not None
    return {"id": response.id, "code": response.error["code"]}


@pytest.mark.parametrize("vector", REFUSED["refused"], ids=[vector["name"] for vector in REFUSED["refused"]])
async def test_the_last_frame_is_refused_and_none_before_it(vector: dict[str, Any], pipeline: Pipeline) -> None:
    *accepted, last = [bytes.fromhex(frame) for frame in vector["frames"]]
    for frame in accepted:
        assert pipeline.open(frame)
    with pytest.raises(FrameRefused) as refused:
        pipeline.open(last)
    assert int(refused.value.code) == vector["close"]
    assert answered(refused.value.reply) == vector["answered"]


@pytest.mark.parametrize("vector", ENVELOPES["envelopes"], ids=[vector["name"] for vector in ENVELOPES["envelopes"]])
async def test_an_envelope_of_the_vectors_is_let_in(vector: dict[str, Any], pipeline: Pipeline) -> None:
    assert pipeline.open(bytes.fromhex(vector["frame"]))


async def test_two_keys_on_a_connection_count_their_ids_apart(pipeline: Pipeline) -> None:
    by_key = {
        vector["key"]: vector
        for vector in ENVELOPES["envelopes"]
        if vector["name"] in ("server.info", "the shortest submit")
    }
    identities = {pipeline.open(bytes.fromhex(vector["frame"]))[0].identity for vector in by_key.values()}
    assert len(identities) == 2
