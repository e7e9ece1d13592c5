"""How many files a program may have open: a socket is one, and a broker has as many as the load."""

from __future__ import annotations

from colonies.cli.failure import refuse

BESIDE = 256  # what a program has open beside the sockets that are measured


def allow_files(sockets: int) -> None:
    """Raise the limit for this program and those it starts. Refuses where the machine does not let it."""
    import resource  # here, for Windows has none, and is refused in a sentence before

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = sockets + BESIDE
    if hard != resource.RLIM_INFINITY and hard < needed:
        refuse(
            f"{sockets} sockets need {needed} open files, and this user may have {hard} a program: "
            f"raise it with `ulimit -Hn`, or take fewer than {max(1, hard - BESIDE)}"
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
