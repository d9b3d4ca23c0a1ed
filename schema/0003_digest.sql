-- SPDX-License-Identifier: BSD-2-Clause
-- What became of comparing the credentials of a refused attempt with the configured secret
-- (asterisk.secrets, --asterisk-config). Only the result is kept.
ALTER TABLE failures ADD COLUMN digest TEXT CHECK (typeof(digest) IN ('text', 'null')); -- matches, mangled, no_match, no_secret; NULL: not compared
ALTER TABLE failures ADD COLUMN mangling TEXT CHECK (typeof(mangling) IN ('text', 'null')); -- what became of the secret, or how it is written
