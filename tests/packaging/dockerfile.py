"""As much of a Dockerfile's grammar as the tests need: instructions in their order, continued lines joined."""

from __future__ import annotations

import re
from typing import NamedTuple


class Instruction(NamedTuple):
    name: str
    text: str


def instructions(dockerfile: str) -> list[Instruction]:
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def last_stage(found: list[Instruction]) -> dict[str, list[str]]:
    """The instructions of the stage that becomes the image, by their name."""
    start = max(n for n, instruction in enumerate(found) if instruction.name == "FROM")
    stage: dict[str, list[str]] = {}
    for instruction in found[start:]:
        stage.setdefault(instruction.name, []).append(instruction.text)
    return stage
