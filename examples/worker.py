"""A worker with two functions. Run it with COLONIES_SERVER and COLONIES_KEY (an executor's) in the environment.

On the broker of `make run` no executor that is there will do, for each has a worker or a page at work. One of your own:

    colonies executor add trial --type trial --approve -c dev-owner
"""

import os
import time

from colonies import WorkContext, Worker

worker = Worker(os.environ["COLONIES_SERVER"], key=os.environ["COLONIES_KEY"], concurrency=2)


@worker.function
def add(left: int, right: int) -> int:
    return left + right


@worker.function
def count(upto: int, context: WorkContext) -> int:
    """Blocks, and so runs in a thread; stops when it is cancelled or out of time."""
    for number in range(upto):
        if context.cancelled.is_set():
            return number
        context.log(f"at {number}")
        time.sleep(0.01)  # the work
    return upto


if __name__ == "__main__":
    worker.run_forever()
