"""Making what a MongoDB lacks: collections, and indexes as this program knows them.

Several brokers may do it at once, and others may be at work meanwhile. An index of another
form that bears one of our names, or has its keys under another name, as an older version or
an operator may have left it, goes and is made anew; every other index that we did not make
is left alone. Until a large one is made again, whoever asks for it by name is told so
(`mongo_errors.py`).
"""

from __future__ import annotations

import logging
from typing import Any

from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, DuplicateKeyError, OperationFailure

from broker.logs import fields
from colonies.wire import errors

from .mongo_database import Collection, Collections, Document
from .mongo_indexes import OF_COLLECTION

log = logging.getLogger(__name__)

_NAMESPACE_EXISTS = 48
_INDEX_NOT_FOUND = 27
# Same keys with other options; same name with other keys; another broker dropped it while it was being made.
_IN_THE_WAY = frozenset({85, 86, 276})
_TRIES = 20  # each time a rival goes, or another broker was at it


async def make_all(database: Collections) -> None:
    """Make what is missing. Unavailable where what is stored does not allow it."""
    for name, indexes in OF_COLLECTION.items():
        await _make_indexes(getattr(database, name), name, indexes)
    for name in ("latestkeys", "logs"):
        await _make(database, name)


async def _make(database: Collections, name: str) -> None:
    """Make a collection now: one that is made inside a transaction makes every other transaction wait."""
    try:
        await database.make(name)
    except CollectionInvalid:
        pass  # it is there
    except OperationFailure as error:
        if error.code != _NAMESPACE_EXISTS:  # another broker was faster
            raise


async def _make_indexes(collection: Collection, name: str, indexes: list[IndexModel]) -> None:
    for _ in range(_TRIES):
        try:
            await collection.create_indexes(indexes)
        except DuplicateKeyError as error:
            raise errors.Unavailable(_two_alike(name, error)) from error
        except OperationFailure as error:
            if error.code not in _IN_THE_WAY:
                raise
            await _clear(collection, name, indexes)
        else:
            return
    raise errors.Unavailable(f"other brokers make the indexes of {name} in another form; stop those of another version")


def _two_alike(name: str, error: DuplicateKeyError) -> str:
    value = (error.details or {}).get("keyValue", {})
    return f"two documents of {name} have the same {dict(value)}, which may not be; remove one of them and start again"


# — what stands in the way —


async def _clear(collection: Collection, name: str, indexes: list[IndexModel]) -> None:
    """Drop what bears the name of one of ours, or has its keys, and is another index."""
    there = await collection.index_information()
    wanted = {index.document["name"]: _form(index.document) for index in indexes}
    for found, options in there.items():
        if _is_rival(found, _form(options), wanted):
            log.warning(
                "an index is in the way of one of ours, which is made anew",
                extra=fields("index_made_anew", collection=name, dropped=found),
            )
            await _drop(collection, found)


def _is_rival(name: str, form: Document, wanted: dict[str, Document]) -> bool:
    if name in wanted:
        return form != wanted[name]
    return any(_identity(form) == _identity(ours) for ours in wanted.values())


def _form(options: Any) -> Document:
    """What an index is, in the words of MongoDB, without its name."""
    keys = options["key"]
    return {
        "key": list(keys.items() if isinstance(keys, dict) else keys),
        "partialFilterExpression": options.get("partialFilterExpression", {}),
        "unique": bool(options.get("unique")),
        "sparse": bool(options.get("sparse")),
        "collation": options.get("collation"),
        "expireAfterSeconds": options.get("expireAfterSeconds"),
    }


def _identity(form: Document) -> Document:
    """Two indexes that agree in all of this cannot be there at once."""
    return {name: value for name, value in form.items() if name != "expireAfterSeconds"}


async def _drop(collection: Collection, name: str) -> None:
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        if error.code != _INDEX_NOT_FOUND:  # another broker was faster
            raise
