#!lua flags=allow-oom
-- Makes the log if there is none, and begins a new epoch if this one cannot be joined.
-- KEYS 1 meta, 2 log, 3 epochs, 4 gaps
-- ARGV 1 the newest offset that the node knows, 2 name for a new epoch, 3 format, 4 epochs to remember, 5 replicas that the
--   node waits for
-- Answers 'joined' or 'begun', the newest epoch, the newest offset, the one that was found, and how many
--   replicas the node waited for that opened the log before.
--   'format': the log has another format. 'foreign': there are events and nothing that says of which log.
--   'taken': the name is that of an earlier epoch.
local m = redis.call('HMGET', KEYS[1], 'format', 'epoch', 'newest', 'incarnation', 'replicas')
if not m[1] then
  if redis.call('EXISTS', KEYS[2]) == 1 then return {'foreign'} end
  redis.call('HSET', KEYS[1], 'format', ARGV[3], 'newest', '0', 'committed', '0', 'oldest', '1',
    'total', '0', 'at', text(now('0')), 'shape', '0')
  m = {ARGV[3], '', '0', ''}
end
if m[1] ~= ARGV[3] then return {'format', m[1]} end
local found, known, here = tonumber(m[3]), tonumber(ARGV[1]), incarnation()
-- A write, so that the WAIT that follows waits for all that is there.
redis.call('HINCRBY', KEYS[1], 'openings', 1)
local before = m[5] or ARGV[5]
if m[4] == here and known <= found then
  redis.call('HSET', KEYS[1], 'replicas', ARGV[5])
  return {'joined', m[2], m[3], m[3], before}
end
for _, epoch in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
  if string.sub(epoch, 1, 8) == ARGV[2] then return {'taken'} end
end
local newest = math.max(found, known)
if found < known then
  redis.call('HSET', KEYS[4], text(found + 1), text(known))
end
redis.call('RPUSH', KEYS[3], ARGV[2] .. ':' .. text(newest + 1))
redis.call('LTRIM', KEYS[3], -tonumber(ARGV[4]), -1)
redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'incarnation', here, 'newest', text(newest),
  'replicas', ARGV[5])
redis.call('HINCRBY', KEYS[1], 'shape', 1)
return {'begun', ARGV[2], text(newest), m[3], before}
