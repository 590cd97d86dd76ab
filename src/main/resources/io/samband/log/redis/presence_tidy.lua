#!lua flags=allow-oom
-- Forgets changes up to a version: who does not know them reads all streams. A version of an earlier lease changes nothing.
-- KEYS 1 lease, 2 changes
-- ARGV 1 version
local forgotten = redis.call('HGET', KEYS[1], 'forgotten')
if not forgotten then return {'ended'} end
if tonumber(ARGV[1]) <= tonumber(forgotten) then return {'ok'} end
redis.call('HSET', KEYS[1], 'forgotten', ARGV[1])
redis.call('XTRIM', KEYS[2], 'MINID', text(tonumber(ARGV[1]) + 1) .. '-0')
return {'ok'}
