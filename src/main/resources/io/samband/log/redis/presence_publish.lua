#!lua flags=allow-oom
-- Publishes changes of the streams of a node, once per version.
-- KEYS 1 lease, 2 streams, 3 changes
-- ARGV 1 version, 2 life of the streams in ms, then id and JSON of each change; the JSON is empty if the stream has ended
-- Answers 'ok', or 'ended' if there is no lease: all of it is published anew with the next one
local version = redis.call('HGET', KEYS[1], 'version')
if not version then return {'ended'} end
if tonumber(ARGV[1]) <= tonumber(version) then return {'ok'} end
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[2], ARGV[i])
  else
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  end
end
redis.call('XADD', KEYS[3], ARGV[1] .. '-0', unpack(ARGV, 3))
redis.call('HSET', KEYS[1], 'version', ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return {'ok'}
