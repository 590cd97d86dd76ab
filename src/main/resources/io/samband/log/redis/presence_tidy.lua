#!lua flags=allow-oom
-- Forgets changes up to a version: who does not know them reads all streams.
-- KEYS 1 lease, 2 changes
-- ARGV 1 version
if redis.call('EXISTS', KEYS[1]) == 0 then return {'ended'} end
redis.call('HSET', KEYS[1], 'forgotten', ARGV[1])
redis.call('XTRIM', KEYS[2], 'MINID', text(tonumber(ARGV[1]) + 1) .. '-0')
return {'ok'}
