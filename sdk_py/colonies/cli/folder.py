"""The user's config folder, and private files in it.

Private keys lie in files of their own, 0600, in a folder 0700. A key file that others can
read is refused with the command that mends it: a key that was seen is somebody else's too.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from colonies.wire import errors
from colonies.wire.identity import Identity

from .failure import refuse


def config_folder(environment: Mapping[str, str] | None = None) -> Path:
    """$COLONIES_CONFIG_HOME, else `colonies` in $XDG_CONFIG_HOME, else in ~/.config."""
    environment = os.environ if environment is None else environment
    if own := environment.get("COLONIES_CONFIG_HOME"):
        return Path(own)
    return Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "colonies"


def key_path(name: str) -> Path:
    """Where the key of that name is kept."""
    if not name or name.startswith(".") or any(letter in name for letter in "/\\\0"):
        refuse(f"{name!r} cannot name a key file; use letters, digits, - and _")
    return config_folder() / "keys" / f"{name}.key"


def write_private(path: Path, text: str) -> None:
    """Replace the file as a whole, readable by its owner alone; a crash leaves the old one."""
    try:
        _make_private(path.parent)
        number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with 0600
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError as error:
        refuse(f"cannot write {path}: {error.strerror}")


def _make_private(folder: Path) -> None:
    """Make a folder that is missing, 0700; one that is there keeps its rights."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)


def new_key(path: Path) -> Identity:
    """Make a key and write it to a file that must not be there yet."""
    identity = Identity.generate()
    try:
        _make_private(path.parent)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(identity.private_key + "\n")
    except FileExistsError:
        refuse(f"{path} is there already; a key is never overwritten, choose another file")
    except OSError as error:
        refuse(f"cannot write the key to {path}: {error.strerror}")
    return identity


@contextlib.contextmanager
def key_for(name: str) -> Iterator[Identity]:
    """Make a key, kept under this name, for something that may yet be refused: then it is taken away again.

    Where no answer came it stays, for what was asked may have happened.
    """
    path = key_path(name)
    identity = new_key(path)
    try:
        yield identity
    except errors.ColoniesError as error:
        if not isinstance(error, errors.Unavailable):
            path.unlink()
        raise


def read_key(path: Path) -> Identity:
    """The key in this file, which nobody but its owner may be able to read."""
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(1024)
    except FileNotFoundError:
        refuse(f"there is no key file {path}; `colonies key new --out {path}` makes one")
    except OSError as error:
        refuse(f"cannot read the key file {path}: {error.strerror}")
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        refuse(f"the key file {path} can be read by others; mend it with: chmod 600 {path}")
    return key_of(text, where=str(path))


def key_of(text: str, *, where: str) -> Identity:
    try:
        return Identity(text)
    except ValueError as error:
        refuse(f"no key in {where}: {error}")
