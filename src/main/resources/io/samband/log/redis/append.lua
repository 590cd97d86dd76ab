#!lua
-- Stores a batch whole, or nothing of it. Without "allow-oom" it is refused before it begins when the memory is full.
-- KEYS 1 meta, 2 log, 3 the last answer that this node got, 4 idempotency keys, 5 their order, 6 gaps
-- ARGV 1 epoch, 2 number of the batch, 3 lost events before it, 4 life of the answer in ms,
--      5 '1': readers may have it at once, 6 channel, 7 sender,
--      then for each entry: type, audience ('' for everybody), json, key ('' for none), hash of the body
-- Answers 'ok' or 'repeat', the newest epoch, the first offset, the newest offset, one offset for each entry.
--   'fenced': the epoch is not the newest, or the server is not the one of the newest.
--   'past': the node has appended a later batch.
local m = redis.call('HMGET', KEYS[1], 'epoch', 'newest', 'total', 'at', 'incarnation')
if not m[1] then return {'fenced'} end
local known = redis.call('GET', KEYS[3])
if known then
  local number, first, newest, offsets = string.match(known, '^(%d+) (%d+) (%d+) (.*)$')
  if number == ARGV[2] then
    -- A write, so that the WAIT that follows waits for what is answered here.
    redis.call('PEXPIRE', KEYS[3], ARGV[4])
    return {'repeat', m[1], first, newest, offsets}
  end
  if tonumber(number) > tonumber(ARGV[2]) then return {'past'} end
end
if m[1] ~= ARGV[1] or m[5] ~= incarnation() then return {'fenced'} end

local newest, total, at, lost = tonumber(m[2]), tonumber(m[3]), now(m[4]), tonumber(ARGV[3])
local first, offsets = newest + 1, {}
if lost > 0 then
  redis.call('HSET', KEYS[6], text(newest + 1), text(newest + lost))
  redis.call('HINCRBY', KEYS[1], 'shape', 1)
  newest = newest + lost
end
for i = 8, #ARGV, 5 do
  local type, audience, json, key, hash = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local earlier = key ~= '' and redis.call('HGET', KEYS[4], key)
  if earlier then
    local offset, body = string.match(earlier, '^(%d+) (.*)$')
    offsets[#offsets + 1] = body == hash and offset or '0'
  else
    newest = newest + 1
    total = total + #json
    local offset = text(newest)
    if audience == '' then
      redis.call('XADD', KEYS[2], offset .. '-0', 't', type, 'j', json, 'a', text(at), 'b', text(total))
    else
      redis.call('XADD', KEYS[2], offset .. '-0', 't', type, 'j', json, 'a', text(at), 'b', text(total), 'u', audience)
    end
    if key ~= '' then
      redis.call('HSET', KEYS[4], key, offset .. ' ' .. hash)
      redis.call('XADD', KEYS[5], offset .. '-0', 'k', key)
    end
    offsets[#offsets + 1] = offset
  end
end
local answer = {text(first), text(newest), table.concat(offsets, ',')}
redis.call('SET', KEYS[3], ARGV[2] .. ' ' .. table.concat(answer, ' '), 'PX', ARGV[4])
redis.call('HSET', KEYS[1], 'newest', answer[2], 'total', text(total), 'at', text(at))
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[1], 'committed', answer[2])
  redis.call('PUBLISH', ARGV[6], ARGV[7])
end
return {'ok', m[1], answer[1], answer[2], answer[3]}
