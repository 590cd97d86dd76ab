#!lua flags=allow-oom
-- Ends the lease of a node.
-- KEYS 1 nodes, 2 lease, 3 streams, 4 changes
-- ARGV 1 incarnation
redis.call('SREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
return {'ok'}
