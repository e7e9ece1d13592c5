"""Submit ten processes at once and wait for all. Needs COLONIES_SERVER and COLONIES_KEY (an operator's)."""

import asyncio
import os

from colonies import AsyncColonies, Conditions, ProcessSpec


async def main() -> None:
    async with AsyncColonies(os.environ["COLONIES_SERVER"], key=os.environ["COLONIES_KEY"]) as client:
        specs = [
            ProcessSpec(conditions=Conditions(executortype="cli"), func="add", args=[number, number], maxexectime=10)
            for number in range(10)
        ]
        done = await asyncio.gather(*(client.submit(spec, wait=True) for spec in specs))
        print([process.out[0] for process in done])


if __name__ == "__main__":
    asyncio.run(main())
