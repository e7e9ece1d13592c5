"""Which errors of the driver mean that MongoDB cannot be reached now, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from colonies.wire import errors

# The text is all that tells it from what we asked wrongly.
_BAD_VALUE, _NO_SUCH_INDEX = 2, "hint provided does not correspond to an existing index"

_LABELS = ("RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult")

# Codes of an operation that was refused for what the server is in, not for what was asked.
_CODES = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        13,  # Unauthorized: somebody has to give this user its role
        18,  # AuthenticationFailed
        24,  # LockTimeout
        43,  # CursorNotFound: the server it was on is gone
        50,  # MaxTimeMSExpired
        64,  # WriteConcernFailed
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        112,  # WriteConflict
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        175,  # QueryPlanKilled: by a change of primary
        189,  # PrimarySteppedDown
        251,  # NoSuchTransaction: ended by a change of primary
        262,  # ExceededTimeLimit
        276,  # IndexBuildAborted
        290,  # TransactionExceededLifetimeLimitSeconds
        10058,  # the old NotMaster, as 10107
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace
    }
)


# Of those, what another primary may answer at once.
_BROKEN_OFF = frozenset({6, 7, 89, 91, 189, 10058, 10107, 11600, 11602, 13435, 13436})


def is_broken_off(error: PyMongoError) -> bool:
    """Whether a connection broke or the primary stepped down, and there is time left to ask the next one."""
    if error.timeout or isinstance(error, ServerSelectionTimeoutError | WaitQueueTimeoutError):
        return False
    if isinstance(error, BulkWriteError):
        refused = error.details.get("writeErrors", []) + error.details.get("writeConcernErrors", [])
        return any(write.get("code") in _BROKEN_OFF for write in refused)
    return isinstance(error, ConnectionFailure) or (isinstance(error, OperationFailure) and error.code in _BROKEN_OFF)


def is_out_of_reach(error: PyMongoError) -> bool:
    """Whether the same call may succeed later, unchanged. Anything else is a bug of ours."""
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WriteConcernError | ConfigurationError):
        return True
    if error.timeout or any(error.has_error_label(label) for label in _LABELS):
        return True
    if isinstance(error, BulkWriteError):
        return _is_partly_out_of_reach(error.details)
    return isinstance(error, OperationFailure) and (error.code in _CODES or _is_index_missing(error))


def _is_index_missing(error: PyMongoError) -> bool:
    """Somebody dropped it, or a broker that starts makes it anew."""
    return isinstance(error, OperationFailure) and error.code == _BAD_VALUE and _NO_SUCH_INDEX in str(error)


def _is_partly_out_of_reach(details: Any) -> bool:
    refused = details.get("writeErrors", [])
    return bool(details.get("writeConcernErrors")) or any(write.get("code") in _CODES for write in refused)


def unavailable(error: PyMongoError, place: str) -> errors.Unavailable:
    """place: the hosts of the address, without what is secret in it."""
    if _is_index_missing(error):
        return errors.Unavailable(
            f"MongoDB at {place} lacks an index; wait while a broker makes it again, or start one, which does"
        )
    reason = _reason(error)
    return errors.Unavailable(
        f"MongoDB at {place} cannot be used now: {reason}; see that its replica set runs and has a primary"
    )


def _reason(error: PyMongoError) -> str:
    if isinstance(error, BulkWriteError):
        return "a majority did not confirm a write"
    # What follows are topologies and timeouts, for those who debug the driver.
    return str(error).split(" (configured timeouts", 1)[0].split(", Timeout:", 1)[0].split(", full error", 1)[0][:200]


def refuse_standalone(hello: Mapping[str, Any], place: str) -> None:
    """hello: what the server says of itself."""
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise errors.Unavailable(f"MongoDB at {place} is no replica set; start it with --replSet, one member is enough")
