/**
 * The nouns: plain objects with the field names of the wire.
 *
 * Times are milliseconds since the epoch, 0 where there is none yet; durations in a spec are seconds
 * and may be fractions. Strings are empty rather than absent.
 */

/** Where a process stands. The last three are final. */
export const State = Object.freeze({ WAITING: 0, RUNNING: 1, SUCCESSFUL: 2, FAILED: 3, CANCELLED: 4 });

/** Whether an executor may work. */
export const ExecutorState = Object.freeze({ PENDING: 0, APPROVED: 1, REJECTED: 2 });

/** @param {number} state */
export function isFinal(state) {
  return state >= State.SUCCESSFUL;
}

/**
 * Who may run it: a type, or exactly the named executors, or named executors of that type.
 * @typedef {object} Conditions
 * @property {string} [executortype]
 * @property {string[]} [executorids]
 * @property {string[]} [executornames]
 * @property {string} [colonyid]
 * @property {string[]} [dependencies]
 */

/**
 * What is asked. Seconds at or below 0 mean no limit; maxretries −1 means without end.
 * @typedef {object} ProcessSpec
 * @property {Conditions} conditions
 * @property {string} func
 * @property {any[]} [args]
 * @property {Record<string, any>} [kwargs]
 * @property {Record<string, string>} [env]
 * @property {number} [maxwaittime]
 * @property {number} [maxexectime]
 * @property {number} [maxretries]
 * @property {number} [priority]
 * @property {string} [label]
 * @property {string} [latestkey]
 */

/** @typedef {"in" | "out" | "err" | "env"} AttributeKind */

/** @typedef {{ key: string, value: any, kind?: AttributeKind }} Attribute */

/**
 * One line of a process's history. `ended` is empty while it runs, then one of successful, failed,
 * overrun, handed_back, removed or cancelled. `claimid` is what its executor called the assign, empty: nothing.
 * @typedef {{ attempt: number, executorid: string, start: number, end: number, ended: string, claimid: string }} Attempt
 */

/**
 * One submitted spec and what became of it. attempt: how many times it has been assigned. waitdeadline and
 * execdeadline: when waiting and running end, 0: never. history: its last 20 attempts, oldest first.
 * @typedef {object} Process
 * @property {string} processid
 * @property {string} colonyid
 * @property {string} submitterid
 * @property {Required<ProcessSpec>} spec
 * @property {number} state
 * @property {string} assigneeid
 * @property {number} attempt
 * @property {number} retries
 * @property {number} submissiontime
 * @property {number} starttime
 * @property {number} endtime
 * @property {number} waitdeadline
 * @property {number} execdeadline
 * @property {any[]} out
 * @property {string[]} errors
 * @property {Attribute[]} attributes
 * @property {Attempt[]} history
 * @property {string} retryof
 */

/** @typedef {{ colonyid: string, name: string }} Colony */

/**
 * @typedef {object} Executor
 * @property {string} executorid
 * @property {string} executorname
 * @property {string} executortype
 * @property {string} colonyid
 * @property {number} state
 * @property {boolean} online
 * @property {number} lastseen when it was last connected (ms), now while it is; 0: never
 * @property {number} lastasked when it last asked for work or was given some (ms), now while it stands in line; 0: not
 *   since the broker started
 * @property {number} running how many processes it holds
 */

/** @typedef {{ userid: string, name: string, role: "viewer" | "operator" }} User */

/** @typedef {{ funcname: string, description: string, args: any[], executorid: string }} ColonyFunction */

/** @typedef {{ processid: string, seq: number, time: number, attempt: number, executorid: string, message: string }} Log */

/** @typedef {{ processes: Process[], cursor: string, total: number }} Page */

/**
 * @typedef {object} TypeCounts
 * @property {string} executortype
 * @property {number} waiting
 * @property {number} running
 * @property {number} successful
 * @property {number} failed
 * @property {number} cancelled
 * @property {number} successfulminute how many became successful in the last minute
 * @property {number} failedminute how many failed in it
 * @property {number} oldest when the longest waiting process was submitted (ms), 0: none
 * @property {number} executors
 * @property {number} online
 * @property {number} busy
 * @property {number} lastseen when an approved executor of the type was last connected (ms), now when one is; 0: never
 */

/** left: how many types are left out, where there are very many. @typedef {{ time: number, types: TypeCounts[], left: number }} Stats */

/**
 * How many became successful and failed, minute by minute, oldest first.
 * @typedef {{ executortype: string, successful: number[], failed: number[] }} TypeHistory
 */

/**
 * The last 60 minutes. time: now, at which the last of them, the one under way, stands. Quiet types are left out.
 * @typedef {{ time: number, types: TypeHistory[] }} StatsHistory
 */

/**
 * Failed processes of one type and function for the same cause.
 * @typedef {object} FailureGroup
 * @property {string} executortype
 * @property {string} func
 * @property {string} cause the first error with its numbers and ids taken out, so that equal ones are one
 * @property {number} number how many are stored
 * @property {number} first when the first of them failed since the group was empty (ms)
 * @property {number} last when the last did (ms)
 * @property {string} processid of the one that failed last
 */

/**
 * That a process changed, in brief.
 * @typedef {object} Activity
 * @property {number} time ms
 * @property {EventName} event
 * @property {string} processid
 * @property {string} executortype
 * @property {string} func
 * @property {string} label
 * @property {number} state
 * @property {number} attempt
 * @property {string} executorid who runs it, or did
 * @property {string} error its first, cut
 */

/**
 * Who the caller is in its colony.
 * @typedef {object} Whoami
 * @property {string} id
 * @property {string} name
 * @property {"owner" | "operator" | "viewer" | "executor"} role
 * @property {string} colonyid
 * @property {string} colonyname
 */

/**
 * matched: how many there were when it began. done: with how many something was done.
 * @typedef {{ matched: number, done: number }} Matched
 */

/** @typedef {{ reasons: string[], executors: number, ahead: number }} Explanation */

/** @typedef {{ name: string, version: string, time: number, store: string }} ServerInfo */

/** @typedef {"submitted" | "assigned" | "successful" | "failed" | "cancelled" | "requeued" | "backlog"} EventName */
