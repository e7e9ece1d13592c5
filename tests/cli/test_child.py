"""Programs run for a process: what they write, how they end, and that nothing of them is left."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from colonies.cli import child

from .waiting import is_alive, wait_gone

PATIENCE = 30.0


async def run(*command: str, heard: list[str] | None = None) -> child.Ended:
    lines = [] if heard is None else heard
    async with asyncio.timeout(PATIENCE):
        return await child.run(command, env=dict(os.environ), hear=lines.append)


async def run_shell(script: str, heard: list[str] | None = None) -> child.Ended:
    return await run("/bin/sh", "-c", script, heard=heard)


async def test_standard_output_is_kept_and_both_streams_are_heard_line_by_line() -> None:
    heard: list[str] = []
    ended = await run_shell("echo one; echo two >&2; printf three", heard)
    assert ended == child.Ended(0, "one\nthree")
    assert sorted(heard) == ["one", "three", "two"]


async def test_the_exit_code_and_the_signal_are_told_apart() -> None:
    assert (await run_shell("exit 7")).exit_code == 7
    assert (await run_shell("kill -9 $$")).exit_code == -9


async def test_long_output_keeps_its_end_and_says_what_was_cut() -> None:
    ended = await run(sys.executable, "-c", "print('x' * 1_000_000); print('the end')")
    note, _, text = ended.out.partition("\n")
    assert text.endswith("x\nthe end\n")
    assert len(text) == child.MAX_OUT_BYTES
    assert note == f"[{1_000_009 - child.MAX_OUT_BYTES} bytes before this were cut]"


async def test_bytes_that_are_no_text_still_fit() -> None:
    ended = await run(sys.executable, "-c", r"import sys; sys.stdout.buffer.write(b'\xff' * 131072)")
    assert len(ended.out.encode()) <= child.MAX_OUT_BYTES + 100
    assert ended.out.endswith("�")


async def test_a_line_without_an_end_is_heard_in_pieces() -> None:
    heard: list[str] = []
    await run(sys.executable, "-c", "print('y' * 10_000, end='')", heard=heard)
    assert "".join(heard) == "y" * 10_000
    assert max(map(len, heard)) == child.MAX_LINE_BYTES


async def test_a_program_that_is_not_there_raises_what_the_system_says() -> None:
    with pytest.raises(FileNotFoundError):
        await run("/no/such/program")


async def started(script: str) -> tuple[asyncio.Task[child.Ended], list[int]]:
    """A running script that writes the ids of its programs, one a line, then `go`."""
    heard: list[str] = []
    going = asyncio.Event()

    def hear(line: str) -> None:
        heard.append(line)
        if line == "go":
            going.set()

    work = child.run(["/bin/sh", "-c", script], env=dict(os.environ), hear=hear)
    task = asyncio.create_task(work)
    async with asyncio.timeout(PATIENCE):
        await going.wait()
    return task, [int(line) for line in heard[:-1]]


async def test_a_cancelled_program_takes_its_whole_group_with_it() -> None:
    task, pids = await started("sleep 1000 & echo $!; echo $$; echo go; wait")
    assert all(is_alive(pid) for pid in pids)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for pid in pids:
        wait_gone(pid)


async def test_a_program_that_ignores_sigterm_is_killed() -> None:
    script = "trap '' TERM; echo $$; echo go; while true; do sleep 1000; done"
    task, (pid,) = await started(script)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    wait_gone(pid)


async def test_a_program_gets_a_moment_to_tidy_up_when_it_is_stopped(tmp_path: Path) -> None:
    tidied = tmp_path / "tidied"
    script = f"trap 'touch {tidied}; exit' TERM; echo go; while true; do sleep 0.05; done"
    task, _ = await started(script)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tidied.exists()


async def test_what_a_program_leaves_behind_is_ended_with_it() -> None:
    heard: list[str] = []
    ended = await run_shell("sleep 1000 & echo $!", heard)
    assert ended.exit_code == 0
    wait_gone(int(heard[0]))


async def test_no_open_file_is_left() -> None:
    await run_shell("true")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        await run_shell("echo x; echo y >&2")
        with pytest.raises(FileNotFoundError):
            await run("/no/such/program")
    await asyncio.sleep(0)
    assert len(os.listdir("/proc/self/fd")) <= before
