-- SPDX-License-Identifier: BSD-2-Clause
-- What an admin would dig out next: since when the trunk is as it is, and what differs from
-- its last good call.
ALTER TABLE failures ADD COLUMN differs TEXT CHECK (differs IS NULL OR typeof(differs) IN ('text', 'blob')); -- from the trunk's accepted calls; wire text inside; NULL: nothing, or there was none
ALTER TABLE trunks ADD COLUMN seen_as TEXT CHECK (typeof(seen_as) IN ('text', 'null')); -- our ip[:port] in its newest received=/rport=
ALTER TABLE trunks ADD COLUMN credentials_at_us INTEGER CHECK (typeof(credentials_at_us) IN ('integer', 'null')); -- ours were accepted last
ALTER TABLE trunks ADD COLUMN registration_at_us INTEGER CHECK (typeof(registration_at_us) IN ('integer', 'null')); -- the last REGISTER was decided
ALTER TABLE trunks ADD COLUMN options_at_us INTEGER CHECK (typeof(options_at_us) IN ('integer', 'null')); -- the last OPTIONS was decided
ALTER TABLE trunks ADD COLUMN options_code INTEGER CHECK (typeof(options_code) IN ('integer', 'null')); -- its answer; NULL: none
ALTER TABLE trunks ADD COLUMN config_changed_at_us INTEGER CHECK (typeof(config_changed_at_us) IN ('integer', 'null')); -- its lines in asterisk.files
