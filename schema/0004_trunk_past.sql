-- SPDX-License-Identifier: BSD-2-Clause
-- What trunkwatchd knows of a trunk beyond its row, so that a restart in the middle of an
-- incident changes no verdict: calls it accepted and refused lately, and when its
-- credentials, registrations and OPTIONS were accepted. For trunkwatchd alone.
CREATE TABLE trunk_past(
    trunk_id INTEGER NOT NULL CHECK (typeof(trunk_id) = 'integer'), -- trunks.id
    part INTEGER NOT NULL CHECK (typeof(part) = 'integer'), -- 0: the trunk; n: its n-th group of like refusals
    sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'),
    at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'), -- written
    state BLOB NOT NULL CHECK (typeof(state) = 'blob'), -- at most 8192 bytes; no secret; its first byte is its version
    PRIMARY KEY (trunk_id, part)
);
