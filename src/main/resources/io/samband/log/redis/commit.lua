#!lua flags=allow-oom
-- Readers may have everything up to an offset, and know of the newest epoch: enough replicas have it.
-- KEYS 1 meta
-- ARGV 1 epoch, 2 offset, 3 channel, 4 sender
local m = redis.call('HMGET', KEYS[1], 'epoch', 'newest', 'committed', 'incarnation', 'shown')
if m[1] ~= ARGV[1] or m[4] ~= incarnation() then return {'fenced'} end
if tonumber(ARGV[2]) > tonumber(m[2]) then return {'fenced'} end
local committed = math.max(tonumber(m[3]), tonumber(ARGV[2]))
if m[5] ~= m[1] or text(committed) ~= m[3] then
  redis.call('HSET', KEYS[1], 'shown', m[1], 'committed', text(committed))
  redis.call('PUBLISH', ARGV[3], ARGV[4])
end
return {'ok'}
