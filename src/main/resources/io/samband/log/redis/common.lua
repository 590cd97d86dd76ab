-- Stands in front of every script.

-- Offsets are doubles here and exact up to 2^53. tostring() would write 1e+14 for the larger ones.
local function text(number)
  return string.format('%d', number)
end

-- Names this process and its data: another one after a restart, after a promotion, and when an earlier primary is one again.
local function incarnation()
  local info = redis.call('INFO', 'server', 'replication')
  return string.match(info, 'run_id:(%x+)') .. ':' .. string.match(info, 'master_replid:(%x+)')
end

-- Milliseconds since 1970 by the clock of the server, never less than an earlier one.
local function now(earlier)
  local time = redis.call('TIME')
  return math.max(tonumber(earlier), time[1] * 1000 + math.floor(time[2] / 1000))
end
