-- The last number that a run of a stream has had: one of a recording that was deleted is not given again, since its address may be
-- known, and its film may still lie on a server that is away.
CREATE TABLE recording_numbers (
    stream_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    last INTEGER NOT NULL
);
INSERT INTO recording_numbers (stream_id, last) SELECT stream_id, MAX(run) FROM recordings GROUP BY stream_id;
