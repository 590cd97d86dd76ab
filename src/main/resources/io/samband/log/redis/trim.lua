#!lua flags=allow-oom
-- Removes events that are older than they may be, with their keys; not more than a number of them.
-- KEYS 1 meta, 2 log, 3 idempotency keys, 4 their order, 5 gaps
-- ARGV 1 events, 2 ms, 3 bytes that are kept, 4 offsets that one call removes at the most
-- Answers 'ok', how many offsets were removed, and whether there is more to remove ('1').
local m = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation', 'newest', 'committed', 'oldest', 'total', 'at')
if not m[1] or m[2] ~= incarnation() then return {'fenced'} end
local newest, committed, oldest, total = tonumber(m[3]), tonumber(m[4]), tonumber(m[5]), tonumber(m[6])
local born, full = now(m[7]) - tonumber(ARGV[2]), total - tonumber(ARGV[3])
local last = math.min(oldest - 1 + tonumber(ARGV[4]), committed)

-- Whether the first event at or after an offset has to go: it is too old, or those after it fill the bytes without it. So the
-- newest event is never too large. A gap goes with the event after it.
local function goes(offset)
  local found = redis.call('XRANGE', KEYS[2], text(offset) .. '-0', '+', 'COUNT', 1)[1]
  if not found then return false end
  local at, bytes
  for i = 1, #found[2], 2 do
    if found[2][i] == 'a' then at = tonumber(found[2][i + 1]) end
    if found[2][i] == 'b' then bytes = tonumber(found[2][i + 1]) end
  end
  return at < born or bytes <= full
end

-- By halving: times and bytes never decrease. Mostly there is nothing to remove, and one look tells.
local low, high = oldest - 1, last
if high > low and not goes(oldest) then high = low end
while low < high do
  local middle = low + math.floor((high - low + 1) / 2)
  if goes(middle) then low = middle else high = middle - 1 end
end
local target = math.min(last, math.max(low, newest - tonumber(ARGV[1])))
if target < oldest then return {'ok', '0', '0'} end

local next = text(target + 1) .. '-0'
redis.call('XTRIM', KEYS[2], 'MINID', '=', next)
for _, entry in ipairs(redis.call('XRANGE', KEYS[4], '-', text(target) .. '-0')) do
  redis.call('HDEL', KEYS[3], entry[2][2])
end
redis.call('XTRIM', KEYS[4], 'MINID', '=', next)
local gaps = redis.call('HGETALL', KEYS[5])
for i = 1, #gaps, 2 do
  if tonumber(gaps[i + 1]) <= target then redis.call('HDEL', KEYS[5], gaps[i]) end
end
redis.call('HSET', KEYS[1], 'oldest', text(target + 1))
return {'ok', text(target - oldest + 1), (target == last and last < committed) and '1' or '0'}
