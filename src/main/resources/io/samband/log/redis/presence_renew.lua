#!lua flags=allow-oom
-- Renews the lease of a node. All keys of a node end with its lease, or a little later.
-- KEYS 1 nodes, 2 lease, 3 streams, 4 changes
-- ARGV 1 incarnation, 2 name, 3 newest event, 4 life of the lease in ms, 5 of the streams, 6 a version: who has seen less of a lease that begins reads everything
-- Answers 'kept', or 'begun' if there was no lease: then there are no streams either
local kept = redis.call('EXISTS', KEYS[2]) == 1
if not kept then
  redis.call('DEL', KEYS[3], KEYS[4])
  redis.call('HSET', KEYS[2], 'version', ARGV[6], 'forgotten', ARGV[6])
end
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'name', ARGV[2], 'newest', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[5])
redis.call('PEXPIRE', KEYS[4], ARGV[5])
return {kept and 'kept' or 'begun'}
