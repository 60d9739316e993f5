-- A node says that it lives, and hears which others have not said so for as long.
--
-- KEYS 1 node: there while the node lives   2 nodes: ZSET of all -> when they said so last, in milliseconds of this clock
-- ARGV 1 node   2 what it is   3 for how many milliseconds it counts as living   4 "new" where it says so for the first time
-- Answers {1, how many live, those that do not...}, or {0} where it was taken for dead: it must take another name then.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

if ARGV[4] == 'new' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
elseif redis.call('PEXPIRE', KEYS[1], ARGV[3]) == 0 then
  return {0}
end
redis.call('ZADD', KEYS[2], now, ARGV[1])

local late = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3], 'LIMIT', 0, 100)
return {1, redis.call('ZCARD', KEYS[2]) - #late, unpack(late)}
