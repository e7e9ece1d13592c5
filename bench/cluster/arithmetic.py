"""What more brokers could do, by what one process and one change were measured to cost.

A broker uses one core. Where channels are spread, each kind of work has its workers at one broker, which reads the changes
of its own kinds and no others; whoever submits is at any broker. Where all hear all, every broker has workers of every
kind. The primary has to write every process, and to look through every change for each broker once, whether or not that
broker is told of it.
"""

from __future__ import annotations

import msgspec

from .throughput import Run

MANY = (1, 3, 10, 100)


class Costs(msgspec.Struct, frozen=True):
    """Processor seconds.

    process           of a broker, for a process whose clients are its own.
    change            of a broker, for a change of another one that it is told of.
    changes           how many changes a process is.
    primary           of the primary, for a process. others: of the other two mongods, together.
    passed, told      of the primary, for a change and a broker, where it is left out, and where it is told.
    """

    process: float
    change: float
    changes: float
    primary: float
    others: float
    passed: float
    told: float


class Reach(msgspec.Struct, frozen=True):
    """rate: processes a second that the brokers can take. primary: cores that its mongod would need for them."""

    brokers: int
    rate: float
    primary: float
    rate_when_all_hear_all: float
    primary_when_all_hear_all: float


def costs(alone: Run, hears_nothing: Run, hears_all: Run) -> Costs:
    """alone: one broker works. The others: the same beside brokers that read nothing, and all of it.

    What is less than the noise comes out as nothing.
    """
    changes = hears_all.changes / max(1, hears_all.processes * len(hears_all.beside))
    primary = alone.mongods[0] * alone.each

    def more(run: Run) -> float:
        """What the primary needed more, for each change and each stream."""
        return max(0.0, (run.mongods[0] * run.each - primary) / max(1.0, changes * run.streams))

    # A broker beside does nothing else, but for its beat, which it has when it hears nothing too.
    reading = max(0.0, sum(hears_all.beside) - sum(hears_nothing.beside)) * hears_all.seconds
    return Costs(
        process=alone.brokers[0] * alone.each,
        change=reading / max(1.0, hears_all.changes),
        changes=changes,
        primary=primary,
        others=sum(alone.mongods[1:]) * alone.each,
        passed=more(hears_nothing),
        told=more(hears_all),
    )


def reach(cost: Costs, brokers: int) -> Reach:
    """With every broker's core in full use."""
    others = brokers - 1
    elsewhere = others / brokers  # the part of changes that another broker made than the one that is told
    spread = brokers / (cost.process + cost.changes * elsewhere * cost.change)
    everything = brokers / (cost.process + cost.changes * others * cost.change)
    passed = (others - elsewhere) * cost.passed
    return Reach(
        brokers,
        spread,
        spread * (cost.primary + cost.changes * (elsewhere * cost.told + passed)),
        everything,
        everything * (cost.primary + cost.changes * others * cost.told),
    )
