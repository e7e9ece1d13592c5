"""A MongoDB that is measured: which programs it is where it runs on this machine, and databases that are used once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pymongo
from pymongo.errors import PyMongoError

from broker.store.mongo_address import parts_of
from colonies.cli.failure import Failure, misused, refuse

from . import leftovers
from .meters import PROC

LOOK_MS = 5000
DEFAULT_PORT = 27017
OF_SEVERAL = {"replicaset", "directconnection", "loadbalanced", "srvservicename", "srvmaxhosts"}


class Seen(NamedTuple):
    """pids: of the members that run on this machine. folder: where the primary writes, if files can be made there."""

    version: str
    pids: list[int]
    folder: Path | None


def look(address: str) -> Seen:
    """Failure where it does not answer."""
    try:
        parts_of(address)
    except ValueError as error:
        misused(str(error))
    try:
        with pymongo.MongoClient[dict[str, Any]](address, serverSelectionTimeoutMS=LOOK_MS) as client:
            client.admin.command("ping")
            version = str(client.server_info()["version"])
            pids = [pid for host, port in client.nodes if (pid := _pid(host, port, address))]
            return Seen(version, pids, _folder(client) if pids else None)
    except PyMongoError as error:
        raise Failure(f"the MongoDB cannot be measured: {type(error).__name__}; does it run?") from error


def _pid(host: str, port: int | None, address: str) -> int:
    """The process of one member, or 0 where it is on another machine or does not say."""
    alone = address_of_member(address, host, port)
    try:
        with pymongo.MongoClient[dict[str, Any]](alone, serverSelectionTimeoutMS=LOOK_MS) as member:
            status = member.admin.command("serverStatus")
    except PyMongoError:
        return 0
    here = str(status["host"]).partition(":")[0] == socket.gethostname()
    pid = int(status["pid"])
    return pid if here and _is_mongod(pid) else 0


def address_of_member(address: str, host: str, port: int | None) -> str:
    """One member alone, with the login, the encryption and whatever else the address says of connections."""
    parts = urlsplit(address)
    login, at, _ = parts.netloc.rpartition("@")
    said = {name: value for name, value in parse_qsl(parts.query) if name.lower() not in OF_SEVERAL}
    if parts.scheme == "mongodb+srv":  # DNS may name where the login lies, and encryption goes without saying
        found = pymongo.uri_parser.parse_uri(address, validate=False)["options"]
        said = {"tls": "true", "authSource": str(found.get("authsource", "admin")), **said}
    place = f"[{host}]" if ":" in host else host
    query = urlencode({**said, "directConnection": "true"})
    return urlunsplit(("mongodb", f"{login}{at}{place}:{port or DEFAULT_PORT}", parts.path or "/", query, ""))


def _is_mongod(pid: int) -> bool:
    """Whether it is that here: a container of the same name would have other numbers."""
    try:
        return (PROC / str(pid) / "comm").read_text().startswith("mongo")
    except OSError:
        return False


def _folder(client: pymongo.MongoClient[dict[str, Any]]) -> Path | None:
    try:
        said = client.admin.command("getCmdLineOpts")["parsed"]
    except PyMongoError:
        return None
    folder = Path(said.get("storage", {}).get("dbPath", "/data/db")).parent
    return folder if folder.is_dir() and os.access(folder, os.W_OK) else None


def database_beside(address: str, name: str) -> str:
    """The same address with a database of its own. A login stays where it was, also where that was the database."""
    parts = urlsplit(address)
    _, database = parts_of(address)
    said, query = {option.lower() for option, _ in parse_qsl(parts.query)}, parts.query
    if "@" in parts.netloc and parts.path.strip("/") and not said & {"authsource", "authmechanism"}:
        query = "&".join(filter(None, (query, urlencode({"authSource": database}))))
    return urlunsplit(parts._replace(path=f"/{database[:40]}_bench_{name}", query=query))


def drop(address: str) -> None:
    """Failure names what remains."""
    hosts, database = parts_of(address)
    try:
        with pymongo.MongoClient[dict[str, Any]](address, serverSelectionTimeoutMS=LOOK_MS) as client:
            client.drop_database(database)
    except PyMongoError as error:
        why = type(error).__name__  # what it says may hold the address, and with it a password
        refuse(f"the database {database} at {hosts} remains ({why}): drop it once the MongoDB answers")


def used_once(address: str) -> contextlib.AbstractAsyncContextManager[None]:
    """Drop the database after the block."""
    return leftovers.afterwards(lambda: asyncio.shield(asyncio.to_thread(drop, address)))
