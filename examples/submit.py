"""Submit ten processes at once and wait for all. Run it with COLONIES_SERVER and COLONIES_KEY (an operator's).

They are for executors of type `trial`, of which `worker.py` must be one; if none takes them within a minute, they fail.
"""

import asyncio
import os
import sys

from colonies import AsyncColonies, Conditions, ProcessSpec, State


async def main() -> int:
    async with AsyncColonies(os.environ["COLONIES_SERVER"], key=os.environ["COLONIES_KEY"]) as client:
        specs = [
            ProcessSpec(
                conditions=Conditions(executortype="trial"),
                func="add",
                args=[number, number],
                maxwaittime=60,
                maxexectime=10,
            )
            for number in range(10)
        ]
        done = await asyncio.gather(*(client.submit(spec, wait=True) for spec in specs))
    for process in done:
        if process.state != State.SUCCESSFUL:
            print(f"{process.spec.func} {process.spec.args}:", *process.errors, file=sys.stderr)
    print([process.out[0] for process in done if process.state == State.SUCCESSFUL])
    return int(any(process.state != State.SUCCESSFUL for process in done))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
