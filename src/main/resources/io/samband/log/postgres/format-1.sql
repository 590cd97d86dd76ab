-- The shared log, format 1. Run once, in a transaction, with the schema of the log as search_path.
CREATE TABLE meta (
  one int PRIMARY KEY CHECK (one = 1),
  format int NOT NULL,
  trimmed_through bigint NOT NULL,
  -- of the newest event that was trimmed: what the next one counts on from if none is left
  trimmed_bytes bigint NOT NULL
);

CREATE TABLE epoch (
  number int PRIMARY KEY,
  name text NOT NULL UNIQUE,
  first_offset bigint NOT NULL,
  -- of the server that began it; compared for equality only
  incarnation text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  begun_by text NOT NULL
);

CREATE TABLE event (
  event_offset bigint PRIMARY KEY,
  type text NOT NULL,
  audience text, -- null: everybody
  json bytea NOT NULL,
  total_bytes bigint NOT NULL,
  appended_at bigint NOT NULL -- milliseconds, by the clock of this server; never decreases
);
-- No attempt to compress each event.
ALTER TABLE event ALTER COLUMN json SET STORAGE EXTERNAL;

CREATE TABLE publication (
  idempotency_key text PRIMARY KEY,
  body_hash text NOT NULL,
  event_offset bigint NOT NULL
);
CREATE INDEX publication_offset ON publication (event_offset);

CREATE TABLE gap (
  first_offset bigint PRIMARY KEY,
  last_offset bigint NOT NULL
);

-- The answers that nodes may ask for again. Rows are only added; trim() removes all but the newest of each node.
CREATE TABLE batch (
  node text NOT NULL,
  number bigint NOT NULL,
  first_offset bigint NOT NULL,
  newest bigint NOT NULL,
  offsets bigint[] NOT NULL,
  appended_at bigint NOT NULL,
  PRIMARY KEY (node, number)
);

-- Functions are in plpgsql, even the short ones: a connection keeps their plans, and makes those of SQL functions anew for each
-- append, which then took 1.5 ms instead of 1 ms.

-- Which server this is: another value after a restart, a promotion, a restore, and for other tables of the same name.
CREATE FUNCTION incarnation() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT s.system_identifier
    || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
    || '/' || extract(epoch FROM pg_postmaster_start_time())
    || '/' || 'epoch'::regclass::oid
    || '/' || pg_relation_filenode('epoch'::regclass)
  FROM pg_control_system() s);
END $$;

-- Held by whoever numbers, until its commit is acknowledged. Other logs of the same database have other keys.
CREATE FUNCTION lock_numbering() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock((1935764834::bigint << 32) + 'event'::regclass::oid::bigint);
END $$;

-- One statement, so that it sees one state: trim() may run at the same time.
CREATE FUNCTION newest_offset() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN greatest(
    (SELECT trimmed_through FROM meta),
    (SELECT event_offset FROM event ORDER BY event_offset DESC LIMIT 1),
    (SELECT last_offset FROM gap ORDER BY first_offset DESC LIMIT 1));
END $$;

-- Joins the newest epoch, or begins one. Something is written in both cases, so that the commit waits for a synchronous
-- standby: what was there before is then safe, too.
CREATE FUNCTION open_log(p_known bigint, p_name text, p_by text, OUT begun boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  e epoch%ROWTYPE;
  newest bigint;
BEGIN
  PERFORM lock_numbering();
  newest := newest_offset();
  SELECT * INTO e FROM epoch ORDER BY number DESC LIMIT 1;
  begun := e.number IS NULL OR e.incarnation <> incarnation() OR newest < p_known;
  IF NOT begun THEN
    PERFORM pg_logical_emit_message(true, 'samband', '');
    RETURN;
  END IF;
  IF newest < p_known THEN
    INSERT INTO gap VALUES (newest + 1, p_known);
    newest := p_known;
  END IF;
  INSERT INTO epoch (number, name, first_offset, incarnation, begun_by)
    VALUES (coalesce(e.number, 0) + 1, p_name, newest + 1, incarnation(), p_by);
END $$;

CREATE FUNCTION append(
  p_epoch text, p_node text, p_number bigint, p_lost int,
  p_types text[], p_audiences text[], p_jsons bytea[], p_keys text[], p_hashes text[],
  OUT status text, OUT offsets bigint[], OUT first bigint, OUT newest bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  b batch%ROWTYPE;
  e epoch%ROWTYPE;
  base bigint;
  last_bytes bigint;
  last_at bigint;
  now_at bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
  PERFORM lock_numbering();
  SELECT * INTO b FROM batch WHERE node = p_node AND number = p_number;
  IF FOUND THEN
    -- The first commit may not have been acknowledged by a standby; this one waits for it.
    PERFORM pg_logical_emit_message(true, 'samband', '');
    status := 'repeat'; offsets := b.offsets; first := b.first_offset; newest := b.newest;
    RETURN;
  END IF;
  SELECT * INTO e FROM epoch ORDER BY number DESC LIMIT 1;
  IF e.name IS DISTINCT FROM p_epoch OR e.incarnation <> incarnation() THEN
    status := 'fenced';
    RETURN;
  END IF;
  base := newest_offset();
  SELECT total_bytes, appended_at INTO last_bytes, last_at FROM event ORDER BY event_offset DESC LIMIT 1;
  IF last_bytes IS NULL THEN
    SELECT trimmed_bytes INTO last_bytes FROM meta;
  END IF;
  now_at := greatest(now_at, last_at);
  first := base + 1;
  IF p_lost > 0 THEN
    INSERT INTO gap VALUES (base + 1, base + p_lost);
    base := base + p_lost;
  END IF;
  WITH input AS (
    SELECT u.*, k.event_offset AS old, k.body_hash AS old_hash,
           -- the first entry of the batch with the same key
           CASE WHEN u.key IS NULL THEN u.ord ELSE min(u.ord) OVER (PARTITION BY u.key) END AS lead
    FROM unnest(p_types, p_audiences, p_jsons, p_keys, p_hashes)
           WITH ORDINALITY AS u(type, audience, json, key, hash, ord)
    LEFT JOIN publication k ON k.idempotency_key = u.key
  ), fresh AS (
    SELECT i.*, base + row_number() OVER (ORDER BY i.ord) AS off,
           last_bytes + sum(octet_length(i.json)) OVER (ORDER BY i.ord) AS bytes
    FROM input i WHERE i.old IS NULL AND i.lead = i.ord
  ), events AS (
    INSERT INTO event SELECT off, type, audience, json, bytes, now_at FROM fresh
  ), keys AS (
    INSERT INTO publication SELECT key, hash, off FROM fresh WHERE key IS NOT NULL
  )
  SELECT coalesce(array_agg(
           CASE WHEN i.old IS NOT NULL THEN CASE WHEN i.old_hash = i.hash THEN i.old ELSE 0 END
                WHEN f.hash IS NOT DISTINCT FROM i.hash THEN f.off
                ELSE 0 END ORDER BY i.ord), '{}'),
         coalesce(max(f.off), base)
    INTO offsets, newest
    FROM input i LEFT JOIN fresh f ON f.ord = i.lead;
  INSERT INTO batch VALUES (p_node, p_number, first, newest, offsets, now_at);
  status := 'stored';
END $$;

-- The last offset whose event is too old or beyond the bytes that are kept. The newest event goes only by its age.
CREATE FUNCTION last_expired(p_after bigint, p_newest bigint, p_before bigint, p_through_bytes bigint)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint := p_after;
  high bigint := p_newest;
  middle bigint;
  e record;
BEGIN
  -- Mostly there is nothing to trim, and the first look tells.
  middle := low + 1;
  WHILE low < high LOOP
    SELECT event_offset, total_bytes, appended_at INTO e
      FROM event WHERE event_offset >= middle ORDER BY event_offset LIMIT 1;
    IF FOUND AND (e.appended_at < p_before OR (e.total_bytes <= p_through_bytes AND e.event_offset < p_newest)) THEN
      low := e.event_offset;
    ELSE
      high := middle - 1;
    END IF;
    middle := low + (high - low + 1) / 2;
  END LOOP;
  RETURN low;
END $$;

-- Removes up to p_step offsets; answers how many. Not waited for by a standby: what a failover brings back is removed again.
CREATE FUNCTION trim_log(p_events bigint, p_millis bigint, p_bytes bigint, p_step bigint)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  m meta%ROWTYPE;
  e event%ROWTYPE;
  newest bigint;
  target bigint;
  now_at bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
  PERFORM set_config('synchronous_commit', 'local', true);
  IF NOT pg_try_advisory_xact_lock((1935764835::bigint << 32) + 'event'::regclass::oid::bigint) THEN
    RETURN 0;
  END IF;
  -- Only the newest batch of a node can be asked for again, and only while the node lives.
  DELETE FROM batch b USING (SELECT node, max(number) AS number FROM batch GROUP BY node) n
    WHERE b.node = n.node AND (b.number < n.number OR b.appended_at < now_at - 604800000);
  SELECT * INTO m FROM meta;
  newest := newest_offset();
  SELECT total_bytes INTO e.total_bytes FROM event ORDER BY event_offset DESC LIMIT 1;
  target := greatest(
    newest - p_events,
    last_expired(m.trimmed_through, newest, now_at - p_millis, e.total_bytes - p_bytes));
  target := least(target, m.trimmed_through + p_step);
  IF target <= m.trimmed_through THEN
    RETURN 0;
  END IF;
  SELECT total_bytes INTO e.total_bytes FROM event WHERE event_offset <= target ORDER BY event_offset DESC LIMIT 1;
  UPDATE meta SET trimmed_through = target, trimmed_bytes = greatest(trimmed_bytes, e.total_bytes);
  DELETE FROM event WHERE event_offset <= target;
  DELETE FROM publication WHERE event_offset <= target;
  DELETE FROM gap WHERE last_offset <= target;
  RETURN target - m.trimmed_through;
END $$;

INSERT INTO meta VALUES (1, 1, 0, 0);
