"""Named contexts: a server, a colony and a key file under one name, in one file of the config folder.

A file that cannot be read as contexts is refused and never overwritten.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from .failure import misused, refuse
from .folder import config_folder, write_private


class Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Empty strings where the context does not say."""

    server: str = ""
    colony: str = ""
    key_file: str = ""


class Contexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    current: str = ""
    contexts: dict[str, Context] = msgspec.field(default_factory=dict)

    def named(self, name: str) -> Context:
        """The context of that name; a sentence when there is none."""
        if (found := self.contexts.get(name)) is None:
            known = ", ".join(sorted(self.contexts)) or "none yet; `colonies context add` makes one"
            refuse(f"there is no context {name!r}; known: {known}")
        return found

    def chosen(self, name: str = "") -> Context:
        """The context of that name, else the current one, else an empty one."""
        if name or self.current:
            return self.named(name or self.current)
        return Context()

    def with_context(self, name: str, context: Context, *, use: bool) -> Contexts:
        if not name:
            misused("a context needs a name")
        current = name if use or not self.current else self.current
        return Contexts(current=current, contexts={**self.contexts, name: context})

    def without(self, name: str) -> Contexts:
        self.named(name)
        left = {kept: context for kept, context in self.contexts.items() if kept != name}
        return Contexts(current="" if self.current == name else self.current, contexts=left)


def contexts_path(environment: Mapping[str, str] | None = None) -> Path:
    return config_folder(os.environ if environment is None else environment) / "contexts.json"


def load(environment: Mapping[str, str] | None = None) -> Contexts:
    path = contexts_path(environment)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Contexts)
    except FileNotFoundError:
        return Contexts()
    except (msgspec.DecodeError, OSError) as error:
        refuse(f"cannot read the contexts in {path}: {error}")


def save(contexts: Contexts) -> None:
    write_private(contexts_path(), msgspec.json.format(msgspec.json.encode(contexts)).decode() + "\n")
