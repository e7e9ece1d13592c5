"""What came of measuring, as one tree: it is printed as tables, written as JSON and drawn.

`SCHEMA` rises when a field changes its meaning or goes; new fields may come with it unchanged.
Rates are a second; `of_verifications` is a rate divided by how many Ed25519 signatures one
core of the same machine verifies, `of_commits` by how many durable commits its disk takes.
A time `in_verifications` is how many of them that core would do meanwhile. All of these are
null where the broker is on another machine.
"""

from __future__ import annotations

from msgspec import Struct, field

SCHEMA = 2


class Result(Struct, frozen=True, kw_only=True):
    """What all results share: named fields that do not change."""


class Usage(Result, frozen=True, kw_only=True):
    """What a program, or several, used of the machine while it was measured.

    cpu_seconds, cores  null where they cannot be seen: the program is on another machine.
    peak_bytes          the most memory since it was started; 0 where it cannot be seen.
    """

    cpu_seconds: float | None
    cores: float | None
    peak_bytes: int


class Spent(Result, frozen=True, kw_only=True):
    """store: only where it is a program of its own on this machine. others: cores that everything else used.

    busiest_load   cores of the program of the load that used most; a program has one.
    is_load_bound  that is nearly all of one: the load was measured, and not the broker.
    """

    seconds: float
    broker: Usage
    load: Usage
    store: Usage | None
    others: float
    busiest_load: float
    is_load_bound: bool


class Percentiles(Result, frozen=True, kw_only=True):
    """Milliseconds. missing: how many of them never came; a percentile that lies among them is null."""

    count: int
    missing: int
    p50: float | None
    p90: float | None
    p99: float | None
    p999: float | None
    max: float | None


class Rate(Result, frozen=True, kw_only=True):
    """verifications: V of that moment, just before and after the run, for machines are not always equally fast.

    All but `per_second` are null where the broker is on another machine.
    """

    per_second: float
    verifications: float | None
    of_verifications: float | None
    of_commits: float | None


class Machine(Result, frozen=True, kw_only=True):
    """verifications: of Ed25519 over 200 bytes, one core, a second. rounds: of plain Python, likewise.
    commits: of one small row, in that folder."""

    cores: int
    processor: str
    memory_bytes: int
    system: str
    verifications: float
    rounds: float
    commits: float
    commits_in: str


class Lifecycle(Result, frozen=True, kw_only=True):
    """From submit through assign to close. inflight: processes on their way at most.
    submit: until acknowledged, in a closed loop: what stands still is met by few, unlike in `Latency`."""

    producers: int
    workers: int
    inflight: int
    programs: int
    processes: int
    rate: Rate
    submit: Percentiles
    spent: Spent


class Submit(Result, frozen=True, kw_only=True):
    """One producer. inflight: frames on their way at most.
    frame: from its being sent until all of it is answered, in a closed loop too."""

    batch: int
    inflight: int
    processes: int
    rate: Rate
    frame: Percentiles
    spent: Spent


class Latency(Result, frozen=True, kw_only=True):
    """At a fixed rate. due_…: from when something should have been submitted. sent_…: from when it was.

    commit_ms  what a bare durable commit takes at that rate, median: no broker can be quicker on this disk; null where
               the broker is on another machine.
    of_commit  p50 of each of the six, divided by that.
    """

    rate: float
    commit_ms: float | None
    of_commit: dict[str, float | None]
    due_to_acknowledged: Percentiles
    due_to_worker: Percentiles
    due_to_subscriber: Percentiles
    sent_to_acknowledged: Percentiles
    sent_to_worker: Percentiles
    sent_to_subscriber: Percentiles
    spent: Spent


class Deliveries(Result, frozen=True, kw_only=True):
    """What one server delivered, counted at the subscribers.

    broker of spent  is that server, whichever it is.
    cpu_us           processor time of the server for one delivery; null where it cannot be seen.
    frames…          a broker joins messages in a frame, the others send each in one of its own.
    """

    server: str
    deliveries: int
    per_second: float
    of_verifications: float | None
    frames_per_second: float
    us: float
    cpu_us: float | None
    spent: Spent


class Fanout(Result, frozen=True, kw_only=True):
    """ratios: deliveries a second, by those of each of the others; null where the broker is on another machine."""

    subscribers: int
    inflight: int
    message_bytes: int
    broker: Deliveries
    starlette: Deliveries
    broadcast: Deliveries
    to_starlette: float | None
    to_broadcast: float | None


class Idle(Result, frozen=True, kw_only=True):
    """What idle connections cost one server.

    bytes_each  resident memory that one more connection took; null where it cannot be seen, or did not grow.
    cores       of the server, while all were idle; null where it cannot be seen.
    """

    server: str
    connections: int
    bytes_each: float | None
    cores: float | None
    connects_per_second: float
    connects_of_verifications: float | None
    peak_bytes: int


class Connections(Result, frozen=True, kw_only=True):
    """memory_ratio: `bytes_each` of the broker, by that of the other; null where one is unknown or elsewhere."""

    seconds: float
    broker: Idle
    starlette: Idle
    memory_ratio: float | None


class Depth(Result, frozen=True, kw_only=True):
    """One assign while so many wait, medians. cpu_us: of broker and store; null where it cannot be seen.

    assigns  how many were measured.
    """

    waiting: int
    assigns: int
    fill_per_second: float
    fill_of_verifications: float | None
    wall_us: float
    wall_in_verifications: float | None
    cpu_us: float | None
    wall_ratio: float
    cpu_ratio: float | None


class Sweep(Result, frozen=True, kw_only=True):
    """Limits that ran out while many others ran. late: from when a limit ended until a subscriber was told."""

    running: int
    fired: int
    late: Percentiles
    spent: Spent


class Backlog(Result, frozen=True, kw_only=True):
    depths: list[Depth]
    sweep: Sweep | None


class Promise(Result, frozen=True, kw_only=True):
    """What was promised, and whether it is kept.

    measured    in the unit of the promise; "never" where it did not come, "not seen" where nothing told.
    reached     null where it is not judged; not_judged says why then, and is empty otherwise.
    """

    what: str
    promised: str
    measured: str
    reached: bool | None
    not_judged: str = ""


class Report(Result, frozen=True, kw_only=True):
    schema: int = SCHEMA
    taken: str
    store: str
    own_broker: bool
    on_this_machine: bool = True
    versions: dict[str, str]
    machine: Machine
    lifecycle: list[Lifecycle] = field(default_factory=list)
    submit: Submit | None = None
    latency: Latency | None = None
    fanout: Fanout | None = None
    connections: Connections | None = None
    backlog: Backlog | None = None
    promises: list[Promise] = field(default_factory=list)
