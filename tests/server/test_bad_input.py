"""Bad input: refused as the protocol says, with the broker alive and everybody else undisturbed."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from colonies.wire import errors
from colonies.wire.errors import CloseCode
from colonies.wire.frames import MAX_FRAME_BYTES, encode_envelope, encode_request, pack, signed_bytes
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, make_colony, spec
from tests.support.peer import Peer, peer


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def unsigned(frame: bytes) -> Any:
    return lambda link, key: frame


def signed(body: bytes) -> Any:
    return lambda link, key: link.envelope(key, body)


def wrong_challenge(link: Peer, key: Identity) -> bytes:
    body = encode_request(1, "server.info", {})
    return encode_envelope(bytes.fromhex(key.id), key.sign(signed_bytes(bytes(32), body)), body)


REFUSED = {
    "empty": (unsigned(b""), CloseCode.BAD_FRAME),
    "random bytes": (unsigned(random.Random(1).randbytes(500)), CloseCode.BAD_FRAME),
    "not an array": (unsigned(pack({"a": 1})), CloseCode.BAD_FRAME),
    "two parts": (unsigned(pack([b"k" * 32, b"s" * 64])), CloseCode.BAD_FRAME),
    "short key": (unsigned(pack([b"k" * 31, b"s" * 64, b"b"])), CloseCode.BAD_FRAME),
    "strings for binaries": (unsigned(pack(["k" * 32, "s" * 64, "b"])), CloseCode.BAD_FRAME),
    "deep envelope": (unsigned(b"\x91" * 100_000), CloseCode.BAD_FRAME),
    "trailing bytes": (
        lambda link, key: link.envelope(key, encode_request(1, "server.info", {})) + b"\x00",
        CloseCode.BAD_FRAME,
    ),
    "no signature of this key": (unsigned(pack([b"k" * 32, b"s" * 64, b"b"])), CloseCode.BAD_SIGNATURE),
    "another challenge": (wrong_challenge, CloseCode.BAD_SIGNATURE),
    "body not MessagePack": (signed(b"\xc1"), CloseCode.BAD_FRAME),
    "body with extension": (signed(b"\xd4\x01\x00"), CloseCode.BAD_FRAME),
    "body too deep": (signed(pack([0, 1, "server.info", {"x": nested(31)}])), CloseCode.BAD_FRAME),
    "empty batch": (signed(pack([])), CloseCode.BAD_FRAME),
    "response instead of request": (signed(pack([1, 1, None, None])), CloseCode.BAD_FRAME),
    "id zero": (signed(pack([0, 0, "server.info", {}])), CloseCode.BAD_FRAME),
    "id of a bool": (signed(pack([0, True, "server.info", {}])), CloseCode.BAD_FRAME),
    "id over 2^53-1": (signed(pack([0, 2**53, "server.info", {}])), CloseCode.BAD_FRAME),
    "batch of 257": (signed(pack([[0, n, "server.info", {}] for n in range(1, 258)])), CloseCode.BAD_FRAME),
    "ids that do not rise": (signed(pack([[0, 2, "server.info", {}], [0, 2, "server.info", {}]])), CloseCode.REPLAYED),
    "just over a mebibyte": (unsigned(bytes(2**20 + 1)), CloseCode.TOO_LARGE),
    "far over a mebibyte": (unsigned(bytes(2**23)), CloseCode.TOO_LARGE),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_bad_frame_closes_its_own_connection_and_no_other(
    name: str, broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    made, code = REFUSED[name]
    in_line = await link.send(keys.executor, "process.assign", timeout=30)
    async with peer(broker.address) as bad:
        with contextlib.suppress(ConnectionClosed):  # closed while a large frame is still on its way
            await bad.socket.send(made(bad, keys.executor))
        assert await bad.closed() == code
    process = await link.call(keys.operator, "process.submit", spec=spec())
    assert (await asyncio.wait_for(in_line, 20))["processid"] == process["processid"]


async def test_a_text_frame_is_refused(broker: Broker) -> None:
    async with peer(broker.address) as bad:
        await bad.socket.send("hello")
        assert await bad.closed() == CloseCode.BAD_FRAME


async def test_a_frame_of_another_connection_is_worth_nothing(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    frame = link.envelope(keys.operator, encode_request(7, "process.submit", {"spec": spec()}))
    async with peer(broker.address) as other:
        await other.socket.send(frame)
        assert await other.closed() == CloseCode.BAD_SIGNATURE


async def test_a_frame_sent_twice_is_answered_as_replayed_and_done_once(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    async with peer(broker.address) as twice:
        frame = twice.envelope(keys.operator, encode_request(1, "process.submit", {"spec": spec("once")}))
        await twice.answered(frame, 1)
        await twice.socket.send(frame)
        assert await twice.closed() == CloseCode.REPLAYED
        last = twice.arrived[-1]
        assert getattr(last, "error", {})["code"] == "replayed"
    page = await link.call(keys.viewer, "process.list", func="once")
    assert page["total"] == 1


async def test_frames_of_several_keys_share_a_connection(link: Peer, keys: ColonyKeys) -> None:
    assert (await link.call(keys.viewer, "server.info"))["name"] == "colonies-broker"
    assert (await link.call(keys.operator, "process.submit", spec=spec()))["submitterid"] == keys.operator.id
    assert (await link.call(keys.executor, "process.assign", timeout=5))["assigneeid"] == keys.executor.id


@pytest.mark.parametrize(
    ("method", "params", "field", "message"),
    [
        ("no.such", {}, "method", "expected a method of this protocol, got str 'no.such'"),
        ("process.get", {}, "processid", "expected a value, got nothing"),
        ("process.get", {"processid": 5}, "processid", "got int 5"),
        ("process.assign", {"timeout": 61}, "timeout", "expected float <= 60"),
        ("process.assign", {"timeout": float("nan")}, "timeout", "expected float >= 0"),
        ("process.submit", {"spec": spec(maxwaittim=3)}, "spec.maxwaittim", "did you mean `maxwaittime`?"),
        ("process.submit", {"spec": spec(maxexectime="5")}, "spec.maxexectime", "got str '5'"),
        ("process.submit", {"spec": spec(priority=50001)}, "spec.priority", "expected int <= 50000"),
        ("process.submit", {"spec": {"conditions": {}, "func": "f"}}, "spec.conditions", "an executortype"),
        (
            "process.submit",
            {"spec": {**spec(), "conditions": {"executortype": "x", "dependencies": ["a"]}}},
            "spec.conditions.dependencies",
            "nothing outside a workflow",
        ),
        ("process.submit", {"spec": spec(env={"": "x"})}, "spec.env", "keys are str of length >= 1"),
        ("process.list", {"cursor": "nonsense"}, "cursor", "expected"),
        ("subscribe", {"executortype": "x", "wake": "two"}, "wake", "two"),
    ],
)
async def test_a_wrong_request_is_answered_with_its_field_and_the_connection_goes_on(
    link: Peer, keys: ColonyKeys, method: str, params: dict[str, Any], field: str, message: str
) -> None:
    key = keys.executor
    with pytest.raises(errors.BadRequest) as refused:
        await link.call(key, method, **params)
    assert refused.value.field == field
    assert message in refused.value.message
    assert await link.call(key, "server.info")


async def test_ids_and_names_of_executors_are_counted_together(link: Peer, keys: ColonyKeys) -> None:
    await add_executor(link, keys, "lamp")
    conditions = {"executorids": [Identity.generate().id for _ in range(64)], "executornames": ["lamp"]}
    with pytest.raises(errors.BadRequest, match="at most 64 executors by id and name, got 65"):
        await link.call(keys.operator, "process.submit", spec={"conditions": conditions, "func": "f"})
    assert (await link.call(keys.viewer, "process.list"))["total"] == 0


async def test_what_is_too_large_is_refused_by_name(link: Peer, keys: ColonyKeys) -> None:
    with pytest.raises(errors.TooLarge, match="spec"):
        await link.call(keys.operator, "process.submit", spec=spec(args=["x" * 300_000]))
    with pytest.raises(errors.TooLarge, match="attribute 'PATH'"):
        await link.call(keys.operator, "process.submit", spec=spec(env={"PATH": "x" * 5000}))
    await link.call(keys.operator, "process.submit", spec=spec())
    process = await link.call(keys.executor, "process.assign", timeout=5)
    close = {"processid": process["processid"], "successful": True}
    with pytest.raises(errors.TooLarge, match="out"):
        await link.call(keys.executor, "process.close", **close, out=["x" * 300_000])
    with pytest.raises(errors.TooLarge, match="attribute"):
        await link.call(keys.executor, "process.close", **close, attributes=[{"key": "k", "value": "x" * 5000}])
    assert (await link.call(keys.viewer, "process.get", processid=process["processid"]))["state"] == 1
    with pytest.raises(errors.TooLarge, match=r"function\.args"):
        await link.call(keys.executor, "function.add", function={"funcname": "f", "args": ["x" * 20_000]})


async def test_an_unknown_key_is_told_so_whatever_it_asks(link: Peer) -> None:
    stranger = Identity.generate()
    assert await link.call(stranger, "server.info")
    for method, params in (("process.assign", {"timeout": 0}), ("process.get", {"nonsense": 1}), ("colony.list", {})):
        with pytest.raises(errors.UnknownIdentity):
            await link.call(stranger, method, **params)


async def test_more_than_the_allowed_number_of_requests_wait_their_turn(broker: Broker, keys: ColonyKeys) -> None:
    async with peer(broker.address) as busy:
        assigns = [
            await busy.send(keys.executor, "process.assign", timeout=60)
            for _ in range(busy.hello["limits"]["inflight"])
        ]
        over = await busy.send(keys.viewer, "server.info")
        async with peer(broker.address) as other:
            await other.call(keys.operator, "process.submit", spec=spec())
        await asyncio.wait_for(over, 20)
        assert sum(assign.done() for assign in assigns) == 1


async def test_roles_may_do_what_they_may_and_no_more(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    others = await make_colony(link, broker.owner, name=f"roles-{keys.owner.id[:8]}")
    pending = Identity.generate()
    executor = {"executorid": pending.id, "executorname": "pending", "executortype": "cli"}
    await link.call(keys.owner, "executor.add", executor=executor)
    refusals: list[tuple[Identity, str, dict[str, Any], type[errors.ColoniesError]]] = [
        (keys.viewer, "process.submit", {"spec": spec()}, errors.Forbidden),
        (keys.operator, "process.assign", {"timeout": 0}, errors.Forbidden),
        (keys.operator, "executor.add", {"executor": executor}, errors.Forbidden),
        (keys.owner, "process.assign", {"timeout": 0}, errors.Forbidden),
        (keys.owner, "colony.list", {}, errors.Forbidden),
        (broker.owner, "process.list", {}, errors.Forbidden),
        (pending, "process.assign", {"timeout": 0}, errors.NotApproved),
        (keys.executor, "executor.approve", {"executorid": pending.id}, errors.Forbidden),
        (keys.operator, "process.list", {"colonyid": others.owner.id}, errors.NotFound),
        (others.operator, "executor.approve", {"executorid": pending.id}, errors.NotFound),
    ]
    for key, method, params, refusal in refusals:
        with pytest.raises(refusal):
            await link.call(key, method, **params)
    await link.call(keys.operator, "executor.approve", executorid=pending.id)
    with pytest.raises(errors.NothingToAssign):
        await link.call(pending, "process.assign", timeout=0)
    await link.call(keys.operator, "executor.reject", executorid=pending.id)
    with pytest.raises(errors.NotApproved):
        await link.call(pending, "process.assign", timeout=0)


async def test_an_executor_cancels_what_it_submitted_itself_and_nothing_else(link: Peer, keys: ColonyKeys) -> None:
    own = await link.call(keys.executor, "process.submit", spec=spec())
    others = await link.call(keys.operator, "process.submit", spec=spec())
    assert (await link.call(keys.executor, "process.cancel", processid=own["processid"]))["state"] == 4
    with pytest.raises(errors.Forbidden):
        await link.call(keys.executor, "process.cancel", processid=others["processid"])


async def test_an_answer_that_fits_no_frame_is_refused_and_the_connection_goes_on(
    link: Peer, keys: ColonyKeys, broker: Broker
) -> None:
    name = "n" * 200
    added = [
        {"executorid": Identity.generate().id, "executorname": f"{name}{number}", "executortype": "t" * 200}
        for number in range(2100)
    ]
    for first in range(0, len(added), 200):
        some = [("executor.add", {"executor": executor}) for executor in added[first : first + 200]]
        await asyncio.gather(*await link.batch(keys.owner, *some))
    async with peer(broker.address, max_size=MAX_FRAME_BYTES) as other:
        with pytest.raises(errors.TooLarge, match=r"the answer has 1\d{6} bytes"):
            await other.call(keys.viewer, "executor.list")
        assert len(await other.call(keys.viewer, "executor.list", executortype="cli")) == 1
