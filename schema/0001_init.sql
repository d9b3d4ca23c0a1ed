-- SPDX-License-Identifier: BSD-2-Clause
-- The first schema. What admins may rely on stands in SCHEMA.md; read it before
-- you change anything here.
--
-- SQLite 3.34 must read this (EL9): no STRICT. Each column's type is held by a
-- CHECK instead, and tests/lint/schema.py proves that none was forgotten. Its IN
-- has two words at most: for three SQLite builds a temporary b-tree each time a row
-- is checked, which made an insert five times as slow.
--
-- Time         INTEGER, microseconds since 1970-01-01 UTC, in columns named _us.
--              NULL: has not happened.
-- Wire text    Bytes that came from the network: TEXT when they are UTF-8
--              without NUL, else BLOB. Never trust them on a terminal.
--              NULL: there was none; '': there was an empty one.
-- Words        verdict, outcome, direction... are the words of the JSON output.
-- sensor       The trunkwatchd that wrote the row.

CREATE TABLE failures( -- one refused or unanswered attempt
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (typeof(id) = 'integer'), -- never used twice
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'), -- decided: last packet or give-up time
    started_at_us INTEGER NOT NULL CHECK (typeof(started_at_us) = 'integer'), -- first packet
    -- who to whom
    trunk_id INTEGER CHECK (typeof(trunk_id) IN ('integer', 'null')), -- trunks.id
    trunk TEXT CHECK (trunk IS NULL OR typeof(trunk) IN ('text', 'blob')), -- its name then; wire text when it was inferred
    carrier_id TEXT CHECK (carrier_id IS NULL OR typeof(carrier_id) IN ('text', 'blob')), -- ViciDial's carrier_id
    direction TEXT NOT NULL CHECK (typeof(direction) = 'text'), -- outbound, inbound, internal, transit
    method TEXT CHECK (method IS NULL OR typeof(method) IN ('text', 'blob')), -- as sent: INVITE, REGISTER...
    transport TEXT NOT NULL CHECK (typeof(transport) = 'text'), -- udp, tcp, ws, hep
    local TEXT CHECK (typeof(local) IN ('text', 'null')), -- our ip:port (transit: the requester's)
    remote TEXT CHECK (typeof(remote) IN ('text', 'null')), -- the other end's ip:port
    seen_as TEXT CHECK (typeof(seen_as) IN ('text', 'null')), -- our ip[:port] in received=/rport=
    -- the request. call_id has no index on purpose: random keys cost more than all
    -- the rest of the row, and it is not unique (see SCHEMA.md).
    call_id TEXT CHECK (call_id IS NULL OR typeof(call_id) IN ('text', 'blob')),
    caller TEXT CHECK (caller IS NULL OR typeof(caller) IN ('text', 'blob')), -- From user
    caller_name TEXT CHECK (caller_name IS NULL OR typeof(caller_name) IN ('text', 'blob')), -- From display name: ViciDial's caller code
    called TEXT CHECK (called IS NULL OR typeof(called) IN ('text', 'blob')), -- Request-URI user
    from_domain TEXT CHECK (from_domain IS NULL OR typeof(from_domain) IN ('text', 'blob')),
    asserted TEXT CHECK (asserted IS NULL OR typeof(asserted) IN ('text', 'blob')), -- user of P-Asserted-Identity, P-Preferred-Identity or Remote-Party-ID
    request_uri TEXT CHECK (request_uri IS NULL OR typeof(request_uri) IN ('text', 'blob')),
    contact_host TEXT CHECK (contact_host IS NULL OR typeof(contact_host) IN ('text', 'blob')),
    user_agent TEXT CHECK (user_agent IS NULL OR typeof(user_agent) IN ('text', 'blob')),
    request_bytes INTEGER CHECK (typeof(request_bytes) IN ('integer', 'null')), -- size of the last request, bytes
    -- the answer
    code INTEGER CHECK (typeof(code) IN ('integer', 'null')), -- final status; NULL: none came
    reason TEXT CHECK (reason IS NULL OR typeof(reason) IN ('text', 'blob')), -- phrase of the status line
    reason_header TEXT CHECK (reason_header IS NULL OR typeof(reason_header) IN ('text', 'blob')),
    warning TEXT CHECK (warning IS NULL OR typeof(warning) IN ('text', 'blob')),
    q850_cause INTEGER CHECK (typeof(q850_cause) IN ('integer', 'null')),
    retry_after_s INTEGER CHECK (typeof(retry_after_s) IN ('integer', 'null')), -- seconds
    extra TEXT CHECK (extra IS NULL OR typeof(extra) IN ('text', 'blob')), -- X-..., P-... or Call-Info that explains
    server TEXT CHECK (server IS NULL OR typeof(server) IN ('text', 'blob')),
    outcome TEXT NOT NULL CHECK (typeof(outcome) = 'text'), -- refused, timed_out, ...
    icmp TEXT CHECK (typeof(icmp) IN ('text', 'null')), -- port_unreachable, ...
    tcp_refused INTEGER NOT NULL CHECK (typeof(tcp_refused) = 'integer'), -- 0/1: RST answered the SYN
    -- the challenge
    challenge_code INTEGER CHECK (typeof(challenge_code) IN ('integer', 'null')), -- first 401 or 407
    realm TEXT CHECK (realm IS NULL OR typeof(realm) IN ('text', 'blob')),
    algorithms TEXT CHECK (algorithms IS NULL OR typeof(algorithms) IN ('text', 'blob')), -- offered by the challenges
    auth_user TEXT CHECK (auth_user IS NULL OR typeof(auth_user) IN ('text', 'blob')), -- username= of our credentials
    rounds INTEGER NOT NULL CHECK (typeof(rounds) = 'integer'), -- requests with credentials
    challenges INTEGER NOT NULL CHECK (typeof(challenges) = 'integer'), -- distinct ones
    retransmits INTEGER NOT NULL CHECK (typeof(retransmits) = 'integer'), -- packets repeated
    -- the load when it was decided
    active_calls INTEGER NOT NULL CHECK (typeof(active_calls) = 'integer'), -- at this remote
    invites_per_s INTEGER NOT NULL CHECK (typeof(invites_per_s) = 'integer'), -- to it, in the second before
    -- the diagnosis
    verdict TEXT NOT NULL CHECK (typeof(verdict) = 'text'), -- its own, first one; the views show the incident's
    runner_up TEXT CHECK (typeof(runner_up) IN ('text', 'null')),
    confidence REAL NOT NULL CHECK (typeof(confidence) = 'real'), -- 0..1
    incident_id INTEGER CHECK (typeof(incident_id) IN ('integer', 'null')), -- incidents.id
    in_dialog INTEGER NOT NULL CHECK (typeof(in_dialog) = 'integer'), -- 0/1: re-INVITE, UPDATE...
    incomplete INTEGER NOT NULL CHECK (typeof(incomplete) = 'integer'), -- 0/1: packets were lost meanwhile
    thinned INTEGER NOT NULL CHECK (typeof(thinned) = 'integer') -- 0/1: evidence and messages left out under a storm
);
CREATE INDEX failures_at ON failures(at_us);
CREATE INDEX failures_trunk_at ON failures(trunk_id, at_us);
CREATE INDEX failures_incident ON failures(incident_id) WHERE incident_id IS NOT NULL;

CREATE TABLE evidence( -- why a failure got its verdict
    failure_id INTEGER NOT NULL CHECK (typeof(failure_id) = 'integer'), -- failures.id
    position INTEGER NOT NULL CHECK (typeof(position) = 'integer'), -- 0, 1, 2: as diagnosed
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    weight INTEGER NOT NULL CHECK (typeof(weight) = 'integer'), -- > 0 for, < 0 against
    text TEXT NOT NULL CHECK (typeof(text) IN ('text', 'blob')), -- wire text inside
    PRIMARY KEY (failure_id, position)
) WITHOUT ROWID;

CREATE TABLE messages( -- the recorded SIP of a failure, secrets masked
    id INTEGER PRIMARY KEY CHECK (typeof(id) = 'integer'), -- in the order of the ladder
    failure_id INTEGER NOT NULL CHECK (typeof(failure_id) = 'integer'), -- failures.id
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'),
    src TEXT CHECK (typeof(src) IN ('text', 'null')), -- ip:port
    dst TEXT CHECK (typeof(dst) IN ('text', 'null')), -- ip:port
    transport TEXT NOT NULL CHECK (typeof(transport) = 'text'), -- udp, tcp, ws, hep
    copies INTEGER NOT NULL CHECK (typeof(copies) = 'integer'), -- how often it was seen
    truncated INTEGER NOT NULL CHECK (typeof(truncated) = 'integer'), -- 0/1: the capture cut it
    bytes TEXT NOT NULL CHECK (typeof(bytes) IN ('text', 'blob')) -- wire text
);
CREATE INDEX messages_failure ON messages(failure_id);

CREATE TABLE incidents( -- a run of failures of one trunk with one verdict
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (typeof(id) = 'integer'), -- i7 on the command line
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    trunk_id INTEGER CHECK (typeof(trunk_id) IN ('integer', 'null')), -- trunks.id
    trunk TEXT CHECK (trunk IS NULL OR typeof(trunk) IN ('text', 'blob')), -- its name
    verdict TEXT NOT NULL CHECK (typeof(verdict) = 'text'), -- the current one
    runner_up TEXT CHECK (typeof(runner_up) IN ('text', 'null')),
    confidence REAL NOT NULL CHECK (typeof(confidence) = 'real'), -- 0..1
    opened_at_us INTEGER NOT NULL CHECK (typeof(opened_at_us) = 'integer'),
    last_at_us INTEGER NOT NULL CHECK (typeof(last_at_us) = 'integer'), -- newest failure
    closed_at_us INTEGER CHECK (typeof(closed_at_us) IN ('integer', 'null')), -- NULL: open
    failures INTEGER NOT NULL CHECK (typeof(failures) = 'integer'), -- counted, also those retention deleted
    attempts INTEGER NOT NULL CHECK (typeof(attempts) = 'integer'), -- on the trunk meanwhile
    first_failure INTEGER CHECK (typeof(first_failure) IN ('integer', 'null')), -- failures.id
    last_failure INTEGER CHECK (typeof(last_failure) IN ('integer', 'null')), -- failures.id
    revision INTEGER NOT NULL CHECK (typeof(revision) = 'integer'), -- verdict changes so far
    summary TEXT CHECK (summary IS NULL OR typeof(summary) IN ('text', 'blob'))
);
CREATE INDEX incidents_open ON incidents(opened_at_us) WHERE closed_at_us IS NULL;

CREATE TABLE incident_verdicts( -- how an incident's verdict changed as evidence came in
    incident_id INTEGER NOT NULL CHECK (typeof(incident_id) = 'integer'), -- incidents.id
    revision INTEGER NOT NULL CHECK (typeof(revision) = 'integer'), -- incidents.revision then
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'), -- newest failure then
    verdict TEXT NOT NULL CHECK (typeof(verdict) = 'text'),
    runner_up TEXT CHECK (typeof(runner_up) IN ('text', 'null')),
    confidence REAL NOT NULL CHECK (typeof(confidence) = 'real'), -- 0..1
    PRIMARY KEY (incident_id, revision)
) WITHOUT ROWID;

CREATE TABLE trunks( -- what each trunk is and how it does now
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (typeof(id) = 'integer'),
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    name TEXT NOT NULL CHECK (typeof(name) IN ('text', 'blob')), -- wire text when it was inferred
    account TEXT CHECK (account IS NULL OR typeof(account) IN ('text', 'blob')), -- digest user
    carrier_id TEXT CHECK (carrier_id IS NULL OR typeof(carrier_id) IN ('text', 'blob')), -- ViciDial's carrier_id
    remotes TEXT CHECK (typeof(remotes) IN ('text', 'null')), -- ip:port, separated by blanks
    registration TEXT NOT NULL CHECK (typeof(registration) = 'text'), -- registered, refused, ...
    registration_code INTEGER CHECK (typeof(registration_code) IN ('integer', 'null')), -- last final status
    registered_until_us INTEGER CHECK (typeof(registered_until_us) IN ('integer', 'null')),
    reachability TEXT NOT NULL CHECK (typeof(reachability) = 'text'), -- reachable, unreachable, unknown
    rtt_us INTEGER CHECK (typeof(rtt_us) IN ('integer', 'null')), -- of the last OPTIONS, microseconds
    attempts INTEGER NOT NULL CHECK (typeof(attempts) = 'integer'), -- since the database began
    answered INTEGER NOT NULL CHECK (typeof(answered) = 'integer'),
    refused INTEGER NOT NULL CHECK (typeof(refused) = 'integer'),
    normal INTEGER NOT NULL CHECK (typeof(normal) = 'integer'), -- busy, no answer, not found
    active_calls INTEGER NOT NULL CHECK (typeof(active_calls) = 'integer'), -- now
    first_seen_us INTEGER CHECK (typeof(first_seen_us) IN ('integer', 'null')),
    last_seen_us INTEGER CHECK (typeof(last_seen_us) IN ('integer', 'null')),
    last_success_at_us INTEGER CHECK (typeof(last_success_at_us) IN ('integer', 'null')),
    last_failure_at_us INTEGER CHECK (typeof(last_failure_at_us) IN ('integer', 'null')),
    verdict TEXT CHECK (typeof(verdict) IN ('text', 'null')) -- of its newest open incident
);

CREATE TABLE minutes( -- how many attempts of a trunk ended how in one minute
    minute_us INTEGER NOT NULL CHECK (typeof(minute_us) = 'integer'), -- its start
    trunk_id INTEGER NOT NULL CHECK (typeof(trunk_id) = 'integer'), -- trunks.id
    outcome TEXT NOT NULL CHECK (typeof(outcome) = 'text'),
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    attempts INTEGER NOT NULL CHECK (typeof(attempts) = 'integer'),
    PRIMARY KEY (minute_us, trunk_id, outcome)
) WITHOUT ROWID;

CREATE TABLE capture_minutes( -- what the capture saw and lost in one minute
    minute_us INTEGER NOT NULL CHECK (typeof(minute_us) = 'integer'), -- its start
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    packets INTEGER NOT NULL CHECK (typeof(packets) = 'integer'),
    messages INTEGER NOT NULL CHECK (typeof(messages) = 'integer'), -- SIP, every copy
    malformed INTEGER NOT NULL CHECK (typeof(malformed) = 'integer'), -- SIP that did not parse
    dropped_kernel INTEGER NOT NULL CHECK (typeof(dropped_kernel) = 'integer'), -- packets
    dropped_ring INTEGER NOT NULL CHECK (typeof(dropped_ring) = 'integer'), -- packets
    dropped_reassembly INTEGER NOT NULL CHECK (typeof(dropped_reassembly) = 'integer'), -- gaps
    PRIMARY KEY (minute_us, sensor)
) WITHOUT ROWID;

CREATE TABLE meta( -- what a trunkwatchd says about itself
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    value TEXT NOT NULL CHECK (typeof(value) IN ('text', 'blob')),
    UNIQUE (sensor, key)
);

-- What the verdicts mean; written anew by every trunkwatch that opens the file.
-- The one table without a sensor: it describes the program, not the traffic.
CREATE TABLE verdicts(
    slug TEXT PRIMARY KEY NOT NULL CHECK (typeof(slug) = 'text'),
    title TEXT NOT NULL CHECK (typeof(title) = 'text'),
    why TEXT NOT NULL CHECK (typeof(why) = 'text'), -- what it means
    advice TEXT NOT NULL CHECK (typeof(advice) = 'text'), -- what to change
    trunk_failure INTEGER NOT NULL CHECK (typeof(trunk_failure) = 'integer') -- 0/1: 0 for strangers and our own phones
) WITHOUT ROWID;
