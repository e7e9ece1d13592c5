"""Tables and indexes of the SQLite store, each index with the query that it serves.

What is kept of the processes in figures beside them stands in `sqlite_figures.py`.
"""

TABLES = """
-- What never changes stands last: a state is read without walking over a long spec.
CREATE TABLE processes (
    processid TEXT PRIMARY KEY, colonyid TEXT NOT NULL, submitterid TEXT NOT NULL,
    state INTEGER NOT NULL, assigneeid TEXT NOT NULL, attempt INTEGER NOT NULL, retries INTEGER NOT NULL,
    submissiontime INTEGER NOT NULL, starttime INTEGER NOT NULL, endtime INTEGER NOT NULL,
    waitdeadline INTEGER NOT NULL, execdeadline INTEGER NOT NULL, due INTEGER,
    place INTEGER NOT NULL, submitted INTEGER NOT NULL,
    executortype TEXT NOT NULL, func TEXT NOT NULL, label TEXT NOT NULL, latestkey TEXT NOT NULL,
    retryof TEXT NOT NULL, cause TEXT NOT NULL,
    attributes BLOB NOT NULL, history BLOB NOT NULL, errors BLOB NOT NULL, out BLOB NOT NULL,
    text TEXT NOT NULL, spec BLOB NOT NULL
);
-- listings in the order of submission: of a colony, of one state, of one state and type
CREATE INDEX processes_submitted ON processes (colonyid, submitted, processid);
CREATE INDEX processes_state ON processes (colonyid, state, submitted, processid);
CREATE INDEX processes_type ON processes (colonyid, state, executortype, submitted, processid);
-- the sweep: what falls due next
CREATE INDEX processes_due ON processes (due) WHERE due IS NOT NULL;
-- what an executor runs
CREATE INDEX processes_held ON processes (colonyid, assigneeid) WHERE state = 1;
-- older waiting processes of a latestkey
CREATE INDEX processes_latestkey ON processes (colonyid, latestkey) WHERE state = 0 AND latestkey != '';

-- A row for each lane in which a process waits now: a claim is one probe of the primary key, whatever lies behind it.
CREATE TABLE lanes (
    lane TEXT NOT NULL, place INTEGER NOT NULL, processid TEXT NOT NULL,
    submitted INTEGER NOT NULL, waitdeadline INTEGER NOT NULL,
    PRIMARY KEY (lane, place, processid)
) WITHOUT ROWID;
-- a claim of the latest
CREATE INDEX lanes_latest ON lanes (lane, submitted);

-- The newest process of each latestkey, whatever became of it.
CREATE TABLE latestkeys (
    colonyid TEXT NOT NULL, latestkey TEXT NOT NULL, processid TEXT NOT NULL,
    PRIMARY KEY (colonyid, latestkey)
) WITHOUT ROWID;

CREATE TABLE logs (
    processid TEXT NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL,
    attempt INTEGER NOT NULL, executorid TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (processid, seq)
);

CREATE TABLE colonies (colonyid TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE executors (
    executorid TEXT PRIMARY KEY, colonyid TEXT NOT NULL, executorname TEXT NOT NULL, executortype TEXT NOT NULL,
    state INTEGER NOT NULL, lastseen INTEGER NOT NULL, UNIQUE (colonyid, executorname)
);
CREATE TABLE users (
    userid TEXT PRIMARY KEY, colonyid TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, UNIQUE (colonyid, name)
);
CREATE TABLE functions (
    executorid TEXT NOT NULL, funcname TEXT NOT NULL, colonyid TEXT NOT NULL, description TEXT NOT NULL,
    args BLOB NOT NULL, PRIMARY KEY (executorid, funcname)
) WITHOUT ROWID;
CREATE INDEX functions_colony ON functions (colonyid);
"""

# Apart, since a file may have been made before one of these was thought of: it gets what it lacks when it is opened.
LATER_INDEXES = """
-- listings in the order of submission: of one type in whatever state, of what failed for one cause, of one group of
-- it, of what one executor ran
CREATE INDEX IF NOT EXISTS processes_any ON processes (colonyid, executortype, submitted, processid);
CREATE INDEX IF NOT EXISTS processes_cause ON processes (colonyid, cause, submitted, processid) WHERE state = 3;
CREATE INDEX IF NOT EXISTS processes_group ON processes (colonyid, cause, executortype, func, submitted, processid)
    WHERE state = 3;
CREATE INDEX IF NOT EXISTS processes_assignee ON processes (colonyid, assigneeid, submitted, processid)
    WHERE assigneeid != '';
-- which of a group of failures failed last
CREATE INDEX IF NOT EXISTS processes_failed ON processes (colonyid, cause, executortype, func, endtime, processid)
    WHERE state = 3;
"""
