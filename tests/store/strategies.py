"""What the state machine chooses from: specs, processes, callers."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import strategies as st

TYPES = ("cli", "lamp")
Pick: TypeAlias = tuple[str, int]

workers = st.integers(0, 2)
# Most moves are about what runs or waits; without that leaning hardly any would do more than be refused.
numbers = st.integers(0, 40)
running: st.SearchStrategy[Pick] = st.tuples(st.sampled_from(["running"] * 5 + ["any"]), numbers)
waiting: st.SearchStrategy[Pick] = st.tuples(st.sampled_from(["waiting"] * 5 + ["any"]), numbers)
picks: st.SearchStrategy[Pick] = st.tuples(st.sampled_from(["running", "waiting", "any"]), numbers)
mostly = st.sampled_from([True, True, True, False])
attempts = st.sampled_from([None, "this", "this", "earlier"])
specs = st.fixed_dictionaries(
    {
        "executortype": st.sampled_from(["cli", "cli", "cli", "lamp", ""]),
        "executorids": st.one_of(st.just([]), st.just([]), st.lists(workers, max_size=2, unique=True)),
        "priority": st.integers(-1, 1),
        "latestkey": st.sampled_from(["", "", "hall", "hall", "attic"]),
        "maxwaittime": st.sampled_from([0, 0, 5]),
        "maxexectime": st.sampled_from([0, 3]),
        "maxretries": st.sampled_from([0, 1, 2, -1]),
    }
).filter(lambda spec: bool(spec["executortype"] or spec["executorids"]))
rarely = st.sampled_from([False, False, False, True])
