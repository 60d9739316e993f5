-- What is kept of the picture of a stream: a row for each run, whose file is in the data directory of one node.
CREATE TABLE recordings (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    run INTEGER NOT NULL,                  -- counts up within the stream
    node TEXT COLLATE "C" NOT NULL,
    node_url TEXT,
    offset_ms BIGINT NOT NULL,             -- from the start of the stream to the first picture
    duration_ms BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    codecs TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    is_open BOOLEAN NOT NULL,              -- more may come
    created_at BIGINT NOT NULL,
    PRIMARY KEY (stream_id, run)
);
CREATE INDEX recordings_by_node ON recordings (node, created_at);
