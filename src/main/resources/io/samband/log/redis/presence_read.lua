#!lua flags=allow-oom
-- What is new of a node. It may write, so that a server that would not accept a write refuses it (see head.lua).
-- KEYS 1 nodes, 2 lease, 3 streams, 4 changes
-- ARGV 1 incarnation, 2 the newest version that is known, -1 for none, or empty if the streams are not asked for
-- Answers 'gone' and the time of the server in ms; or 'new' (what came after the version) or 'all', the time, what is left of the lease in ms,
--   the name, the newest event, the version, and id and JSON of each change or stream in turn
local time = text(now('0'))
local left = redis.call('PTTL', KEYS[2])
if left <= 0 then
  redis.call('SREM', KEYS[1], ARGV[1])
  return {'gone', time}
end
local l = redis.call('HMGET', KEYS[2], 'name', 'newest', 'version', 'forgotten')
local found = {}
local status = 'new'
if ARGV[2] ~= '' then
  local seen = tonumber(ARGV[2])
  if seen < tonumber(l[4]) or seen > tonumber(l[3]) then
    status = 'all'
    found = redis.call('HGETALL', KEYS[3])
  else
    for _, entry in ipairs(redis.call('XRANGE', KEYS[4], '(' .. text(seen) .. '-0', '+')) do
      for _, part in ipairs(entry[2]) do found[#found + 1] = part end
    end
  end
end
return {status, time, text(left), l[1], l[2], l[3], found}
