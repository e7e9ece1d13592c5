"""The client for programs that block: threads, callbacks, Ctrl-C and its end."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from colonies import Colonies, Process, SubscriptionEnded, errors
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec
from tests.support.mongod import free_port

PATIENCE = 30


@pytest.fixture
def client(broker: Broker, keys: ColonyKeys) -> Iterator[Colonies]:
    with Colonies(broker.address, key=keys.operator) as opened:
        yield opened


def test_several_threads_share_a_client(client: Colonies) -> None:
    with ThreadPoolExecutor(4) as threads:
        submitted = list(threads.map(lambda number: client.submit(spec(args=[number])), range(40)))
    assert {process.processid for process in client.iter_processes(limit=7)} == {p.processid for p in submitted}


def test_a_callback_may_call_the_client_as_the_guide_does(client: Colonies, broker: Broker, keys: ColonyKeys) -> None:
    threads: list[threading.Thread] = []

    def work(_: Process) -> None:
        threads.append(threading.current_thread())
        process = client.assign_latest(keys.owner.id, keys.executor.private_key)
        client.close_process(process.processid, keys.executor.private_key)

    submitted = client.submit(spec())
    with pytest.raises(SubscriptionEnded, match="timeout"):
        client.subscribe_processes("cli", 1, 0, keys.executor.private_key, work)
    assert threads == [threading.current_thread()]
    assert client.get_process(submitted.processid).state.name == "SUCCESSFUL"


def test_iterating_over_a_subscription_blocks_and_leaving_it_ends_it(client: Colonies, keys: ColonyKeys) -> None:
    submitted = client.submit(spec())
    subscription = client.subscribe("cli", prvkey=keys.executor)
    for process in subscription:
        assert process.processid == submitted.processid
        break
    with pytest.raises(SubscriptionEnded, match="cancelled"):
        subscription.next_event()
    with client.watch(submitted.processid, states=[0, 4]) as moves:
        events = moves.events()
        assert next(events).event == "submitted"
        client.cancel(submitted.processid)
        assert next(events).event == "cancelled"
    with pytest.raises(SubscriptionEnded, match="cancelled"):
        moves.next_event()


def test_entering_a_subscription_raises_what_refuses_it(client: Colonies) -> None:
    with pytest.raises(errors.UnknownIdentity), client.subscribe("cli", prvkey=Identity.generate()):
        pass


def test_a_closed_client_says_so_and_its_thread_has_ended(broker: Broker, keys: ColonyKeys) -> None:
    before = set(threading.enumerate())
    client = Colonies(broker.address, key=keys.operator)
    client.get_stats()
    (own,) = set(threading.enumerate()) - before
    client.close()
    client.close()
    assert not own.is_alive()
    with pytest.raises(errors.Closed):
        client.get_stats()


def test_closing_frees_who_waits_in_another_thread(broker: Broker, keys: ColonyKeys) -> None:
    client = Colonies(broker.address, key=keys.executor)
    client.get_stats()
    subscription = client.subscribe("cli")
    with ThreadPoolExecutor(2) as threads:
        assigning = threads.submit(client.assign, 60)
        hearing = threads.submit(lambda: list(subscription))
        with subscription:  # it is made, and so they wait
            client.close()
        assert isinstance(assigning.exception(PATIENCE), errors.Closed)
        assert hearing.result(PATIENCE) == []


def test_a_client_that_was_never_used_ends_at_once() -> None:
    with Colonies(f"http://127.0.0.1:{free_port()}"):
        pass


FORGETFUL = """
import sys, threading
from colonies import Colonies
client = Colonies(sys.argv[1], key=sys.argv[2])
threading.Thread(target=lambda: list(client.subscribe("cli")), daemon=True).start()
print(client.submit({"conditions": {"executortype": "cli"}, "func": "f"}).state.name)
"""


def test_a_program_that_forgets_to_close_its_client_ends_without_a_word(broker: Broker, keys: ColonyKeys) -> None:
    arguments = [sys.executable, "-c", FORGETFUL, broker.address, keys.operator.private_key]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert (done.stdout, done.stderr) == ("WAITING\n", "")


WAITING = """
import sys
from colonies import Colonies
client = Colonies(sys.argv[1], key=sys.argv[2])
client.get_stats()
print("waiting", flush=True)
try:
    client.assign(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.stdin.readline()
    client.close()
"""


def test_ctrl_c_interrupts_a_waiting_assign_and_loses_no_process(
    client: Colonies, broker: Broker, keys: ColonyKeys
) -> None:
    before = _waiting_assigns(broker)
    program = subprocess.Popen(
        [sys.executable, "-c", WAITING, broker.address, keys.executor.private_key],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            assert program.stdout.readline() == "waiting\n"
            while _waiting_assigns(broker) == before:
                client.get_stats()
            program.send_signal(signal.SIGINT)
            assert program.stdout.readline() == "interrupted\n"
            # Its place in line is still there: what it is given must come back.
            submitted = client.submit(spec())
            assert client.assign(PATIENCE, prvkey=keys.executor).processid == submitted.processid
            program.stdin.write("\n")
            program.stdin.flush()
            assert program.wait(PATIENCE) == 0
        finally:
            program.kill()


def _waiting_assigns(broker: Broker) -> float:
    text = httpx.get(f"{broker.address}/metrics", trust_env=False).text
    (line,) = [line for line in text.splitlines() if line.startswith("colonies_waiting_assigns ")]
    return float(line.split()[1])
