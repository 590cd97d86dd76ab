#!lua flags=allow-oom
-- Says where the log stands. It may write although it does not, so that a server that would not accept a write refuses it:
-- a replica, and a primary that has lost too many of its replicas (min-replicas-to-write).
-- KEYS 1 meta, 2 epochs, 3 gaps
-- ARGV 1 the shape that the node knows
-- Answers 'ok', the shape, the newest epoch that readers may know, the newest offset that they may have, the oldest offset,
--   the newest offset of all;
--   and if the shape is another one: the epochs as name:first, and the gaps as from, to, from, to ...
local m = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation', 'shape', 'shown', 'committed', 'oldest', 'newest')
if not m[1] or m[2] ~= incarnation() then return {'fenced'} end
local shape = m[1] .. ':' .. m[3]
local answer = {'ok', shape, m[4] or '', m[5], m[6], m[7]}
if shape ~= ARGV[1] then
  answer[7] = redis.call('LRANGE', KEYS[2], 0, -1)
  answer[8] = redis.call('HGETALL', KEYS[3])
end
return answer
