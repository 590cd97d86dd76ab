-- Who is connected at which node. Beside the log, with the schema of the log as search_path; run once, in a transaction. A node
-- of a version that does not know these tables works beside others that do.
-- UNLOGGED: a commit waits for no disk and no standby. After a crash or a failover they are empty, and the nodes fill them again.
CREATE UNLOGGED TABLE presence_node (
  incarnation text PRIMARY KEY,
  name text NOT NULL,
  newest_event text NOT NULL,
  renewed_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  -- of the newest change of its streams
  version bigint NOT NULL,
  -- up to which ended streams may be missing in presence_stream
  forgotten bigint NOT NULL
);

CREATE UNLOGGED TABLE presence_stream (
  incarnation text NOT NULL,
  id bigint NOT NULL,
  -- of the change that wrote it
  version bigint NOT NULL,
  stream text, -- JSON; null: it has ended
  PRIMARY KEY (incarnation, id)
);
CREATE INDEX presence_stream_version ON presence_stream (incarnation, version);
