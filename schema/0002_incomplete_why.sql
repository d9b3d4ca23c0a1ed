-- SPDX-License-Identifier: BSD-2-Clause
-- Why a failure's evidence may be incomplete. NULL: it is not, or the row is older.
ALTER TABLE failures ADD COLUMN incomplete_why TEXT CHECK (typeof(incomplete_why) IN ('text', 'null')); -- packets_lost, stream_gap, cut_short, request_unseen, challenge_unseen, answer_unseen, capture_ended; several with blanks between
