-- SPDX-License-Identifier: BSD-2-Clause
-- Views for people with sqlite3. Their columns are a promise (SCHEMA.md): add at
-- the end, never rename. They are made anew by every trunkwatch that opens the
-- file for writing, so a change here needs no migration.
--
-- Times are UTC text, 'YYYY-MM-DD HH:MM:SS.mmm', so that they compare with
-- datetime('now', '-1 hour').

DROP VIEW IF EXISTS recent_failures;
DROP VIEW IF EXISTS all_failures;
DROP VIEW IF EXISTS open_incidents;
DROP VIEW IF EXISTS trunk_status;
DROP VIEW IF EXISTS failures_by_hour;

-- Every failure, readable. A member of an incident shows the incident's current
-- verdict; its own first one is first_verdict.
CREATE VIEW all_failures AS
SELECT
    f.id,
    strftime('%Y-%m-%d %H:%M:%f', f.at_us / 1000000.0, 'unixepoch') AS at,
    strftime('%Y-%m-%d %H:%M:%f', f.started_at_us / 1000000.0, 'unixepoch') AS started_at,
    f.trunk,
    f.direction,
    f.method,
    f.caller,
    f.caller_name,
    f.called,
    f.code,
    f.reason,
    f.outcome,
    COALESCE(i.verdict, f.verdict) AS verdict,
    v.title,
    COALESCE(i.confidence, f.confidence) AS confidence,
    CASE WHEN i.id IS NULL THEN f.runner_up ELSE i.runner_up END AS runner_up,
    f.incident_id AS incident,
    f.remote,
    f.local,
    f.transport,
    f.call_id,
    f.from_domain,
    f.request_uri,
    f.challenge_code,
    f.realm,
    f.auth_user,
    f.rounds,
    f.reason_header,
    f.warning,
    f.q850_cause,
    f.user_agent,
    f.server,
    f.seen_as,
    f.carrier_id,
    f.incomplete,
    f.verdict AS first_verdict,
    COALESCE(v.trunk_failure, 1) AS trunk_failure,
    v.advice,
    f.sensor,
    f.at_us,
    f.thinned,
    f.incomplete_why,
    f.digest,
    f.mangling,
    f.differs
FROM failures f
LEFT JOIN incidents i ON i.id = f.incident_id
LEFT JOIN verdicts v ON v.slug = COALESCE(i.verdict, f.verdict);

-- The last 24 hours, counted from the newest record (so that an old capture shows
-- too), newest first, without what is no failure of a trunk.
CREATE VIEW recent_failures AS
SELECT
    id, at, started_at, trunk, direction, method, caller, caller_name, called, code,
    reason, outcome, verdict, title, confidence, runner_up, incident, remote, local,
    transport, call_id, from_domain, request_uri, challenge_code, realm, auth_user,
    rounds, reason_header, warning, q850_cause, user_agent, server, seen_as,
    carrier_id, incomplete, first_verdict, advice, sensor, thinned,
    incomplete_why, digest, mangling, differs
FROM all_failures
WHERE trunk_failure <> 0
    AND at_us >= max(
        COALESCE((SELECT max(at_us) FROM failures), 0),
        COALESCE((SELECT max(last_seen_us) FROM trunks), 0)) - 86400000000
ORDER BY at_us DESC, id DESC;

CREATE VIEW open_incidents AS
SELECT
    i.id,
    i.trunk,
    i.verdict,
    v.title,
    i.confidence,
    strftime('%Y-%m-%d %H:%M:%f', i.opened_at_us / 1000000.0, 'unixepoch') AS opened_at,
    strftime('%Y-%m-%d %H:%M:%f', i.last_at_us / 1000000.0, 'unixepoch') AS last_at,
    i.failures,
    i.attempts,
    i.first_failure,
    i.last_failure,
    i.summary,
    i.runner_up,
    v.advice,
    i.sensor
FROM incidents i
LEFT JOIN verdicts v ON v.slug = i.verdict
WHERE i.closed_at_us IS NULL
ORDER BY i.last_at_us DESC, i.id DESC;

CREATE VIEW trunk_status AS
SELECT
    t.name AS trunk,
    t.account,
    t.carrier_id,
    t.remotes,
    t.registration,
    t.registration_code,
    strftime('%Y-%m-%d %H:%M:%f', t.registered_until_us / 1000000.0, 'unixepoch')
        AS registered_until,
    t.reachability,
    t.rtt_us / 1000.0 AS rtt_ms,
    t.attempts,
    t.answered,
    t.refused,
    t.normal,
    t.active_calls,
    strftime('%Y-%m-%d %H:%M:%f', t.last_success_at_us / 1000000.0, 'unixepoch')
        AS last_success_at,
    strftime('%Y-%m-%d %H:%M:%f', t.last_failure_at_us / 1000000.0, 'unixepoch')
        AS last_failure_at,
    t.verdict,
    v.title,
    strftime('%Y-%m-%d %H:%M:%f', t.first_seen_us / 1000000.0, 'unixepoch') AS first_seen,
    strftime('%Y-%m-%d %H:%M:%f', t.last_seen_us / 1000000.0, 'unixepoch') AS last_seen,
    t.sensor,
    t.seen_as,
    strftime('%Y-%m-%d %H:%M:%f', t.credentials_at_us / 1000000.0, 'unixepoch')
        AS credentials_accepted_at,
    strftime('%Y-%m-%d %H:%M:%f', t.registration_at_us / 1000000.0, 'unixepoch')
        AS registration_at,
    strftime('%Y-%m-%d %H:%M:%f', t.options_at_us / 1000000.0, 'unixepoch') AS options_at,
    t.options_code,
    strftime('%Y-%m-%d %H:%M:%f', t.config_changed_at_us / 1000000.0, 'unixepoch')
        AS config_changed_at
FROM trunks t
LEFT JOIN verdicts v ON v.slug = t.verdict
ORDER BY t.name;

-- One line per hour, trunk, code and verdict; hours without a failure are absent.
CREATE VIEW failures_by_hour AS
SELECT
    strftime('%Y-%m-%d %H:00', at_us / 1000000, 'unixepoch') AS hour,
    trunk,
    direction,
    method,
    code,
    verdict,
    title,
    count(*) AS failures,
    min(id) AS first_failure,
    max(id) AS last_failure,
    sensor
FROM all_failures
WHERE trunk_failure <> 0
GROUP BY at_us / 3600000000, sensor, trunk, direction, method, code, verdict
ORDER BY at_us / 3600000000 DESC, failures DESC;
