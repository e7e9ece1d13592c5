"""A report as it might come of measuring."""

from __future__ import annotations

from typing import Any

import msgspec

from broker.bench.results import (
    Backlog,
    Connections,
    Deliveries,
    Depth,
    Fanout,
    Idle,
    Latency,
    Lifecycle,
    Machine,
    Percentiles,
    Rate,
    Report,
    Spent,
    Submit,
    Sweep,
    Usage,
)

USAGE = Usage(cpu_seconds=1.0, cores=0.05, peak_bytes=64 << 20)
SPENT = Spent(seconds=8.0, broker=USAGE, load=USAGE, store=None, others=0.0, busiest_load=0.3, is_load_bound=False)
UNSEEN = msgspec.structs.replace(SPENT, broker=Usage(cpu_seconds=None, cores=None, peak_bytes=0))
MACHINE = Machine(
    cores=2,
    processor="<Made & up>",
    memory_bytes=1 << 34,
    system="Linux",
    verifications=16_000.0,
    rounds=400_000.0,
    commits=4_000.0,
    commits_in="/tmp",
)


def percentiles(value: float | None = 1.0, *, missing: int = 0) -> Percentiles:
    return Percentiles(count=500, missing=missing, p50=value, p90=value, p99=value, p999=value, max=value)


def rate(of_verifications: float) -> Rate:
    return Rate(
        per_second=of_verifications * 16_000, verifications=16_000, of_verifications=of_verifications, of_commits=0.5
    )


def lifecycle(of_verifications: float, *, producers: int = 32, workers: int = 32) -> Lifecycle:
    return Lifecycle(
        producers=producers,
        workers=workers,
        inflight=2 * producers,
        programs=1,
        processes=1000,
        rate=rate(of_verifications),
        submit=percentiles(),
        spent=SPENT,
    )


def submit(of_verifications: float) -> Submit:
    made = rate(of_verifications)
    return Submit(batch=100, inflight=4, processes=1000, rate=made, frame=percentiles(), spent=SPENT)


def latency(ms: float | None) -> Latency:
    names = [f"{since}_to_{what}" for since in ("due", "sent") for what in ("acknowledged", "worker", "subscriber")]
    of_commit: dict[str, float | None] = dict.fromkeys(names, None if ms is None else ms / 0.8)
    return Latency(
        rate=20.0, commit_ms=0.8, of_commit=of_commit, spent=SPENT, **{name: percentiles(ms) for name in names}
    )


def deliveries(server: str, spent: Spent = SPENT) -> Deliveries:
    return Deliveries(
        server=server,
        deliveries=9,
        per_second=1e5,
        of_verifications=6.25,
        frames_per_second=2e4,
        us=10.0,
        cpu_us=9.0,
        spent=spent,
    )


def fanout(to_starlette: float) -> Fanout:
    return Fanout(
        subscribers=1000,
        inflight=8,
        message_bytes=650,
        broker=deliveries("broker"),
        starlette=deliveries("starlette"),
        broadcast=deliveries("broadcast"),
        to_starlette=to_starlette,
        to_broadcast=1.0,
    )


def connections(memory_ratio: float | None, *, cores: float | None = 0.01) -> Connections:
    def at(server: str) -> Idle:
        return Idle(
            server=server,
            connections=5000,
            bytes_each=1e4,
            cores=cores,
            connects_per_second=9.0,
            connects_of_verifications=0.1,
            peak_bytes=1,
        )

    return Connections(seconds=20.0, broker=at("broker"), starlette=at("starlette"), memory_ratio=memory_ratio)


def backlog(
    cpu_ratio: float,
    *,
    late: float | None = 20.0,
    spent: Spent = SPENT,
    assigns: int = 200,
    fired: int = 300,
    wall: float = 1.0,
) -> Backlog:
    def depth(waiting: int, ratio: float, wall: float = 1.0) -> Depth:
        return Depth(
            waiting=waiting,
            assigns=assigns,
            fill_per_second=9.0,
            fill_of_verifications=0.7,
            wall_us=900.0,
            wall_in_verifications=14.4,
            cpu_us=500.0 * ratio,
            wall_ratio=wall,
            cpu_ratio=ratio,
        )

    sweep = Sweep(running=100_000, fired=fired, late=percentiles(late), spent=spent)
    return Backlog(depths=[depth(1_000, 1.0), depth(1_000_000, cpu_ratio, wall)], sweep=sweep)


def report(store: str = "sqlite", **results: Any) -> Report:
    return Report(
        taken="2026-01-01T00:00:00+00:00",
        store=store,
        own_broker=True,
        versions={"colonies-broker": "0", "python": "3"},
        machine=MACHINE,
        **results,
    )


def whole() -> Report:
    return report(
        lifecycle=[lifecycle(0.2)],
        submit=submit(0.9),
        latency=latency(1.0),
        fanout=fanout(0.9),
        connections=connections(1.2),
        backlog=backlog(1.1),
    )
