-- Which node has the picture of a stream, and how it is, for the other nodes. A server alone on its database writes none.
CREATE TABLE pictures (
    stream_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    boot TEXT COLLATE "C" NOT NULL,
    node_url TEXT,
    source TEXT NOT NULL,
    is_free BOOLEAN NOT NULL,
    seen_at BIGINT NOT NULL
);
