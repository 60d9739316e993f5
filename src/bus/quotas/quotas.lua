-- How often somebody may try, over all nodes: so many times in a window that begins with the first; and so many wrong passwords
-- of an account from an address, from which on each doubles the wait. The arithmetic is that of auth/throttle.
--
-- KEYS 1 window: how often in this one   2 failures: HASH of failed -> how many, until -> when the wait is over, in milliseconds
--      of this clock, right -> when a password was right, which ends what waits   3 tries: ZSET of those that are being checked -> when they are given up
-- ARGV 1 act: "count" in the window alone, "begin" a try, which then "fail"ed, was right ("forget") or was "withdraw"n; or ask
--      how long ago one was "right"
--      2 how many are let through in a window, 0 for all   3 how long one is   4 how many wrong passwords are free, 0 for all
--      5 the try   6 how long one may be under way   7 the wait while as many are as are left
--      8 the first wait after a wrong password   9 the longest   10 when wrong ones are forgotten; all times in milliseconds
-- Answers {"go", {used in the window, when it ends, failed}}, {"window", {wait}} or {"account", {wait}}; {"right", {how long ago}}
-- or {"right", {}}
local window, failures, tries = KEYS[1], KEYS[2], KEYS[3]
local act, try = ARGV[1], ARGV[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function count()
  local limit, used = tonumber(ARGV[2]), tonumber(redis.call('GET', window) or '0')
  if limit == 0 then return end
  if used >= limit then return {'window', {math.max(redis.call('PTTL', window), 1)}} end
  if redis.call('INCR', window) == 1 then redis.call('PEXPIRE', window, ARGV[3]) end
end

local function failed() return tonumber(failures and redis.call('HGET', failures, 'failed') or '0') end

local function begin()
  local free = tonumber(ARGV[4])
  if free == 0 then return end
  local till = tonumber(redis.call('HGET', failures, 'until') or '0')
  if now < till then return {'account', {till - now}} end
  redis.call('ZREMRANGEBYSCORE', tries, '-inf', now)
  if redis.call('ZCARD', tries) >= math.max(free - failed(), 1) then return {'account', {tonumber(ARGV[7])}} end
  redis.call('ZADD', tries, now + ARGV[6], try)
  redis.call('PEXPIRE', tries, ARGV[6])
  redis.call('PEXPIRE', failures, ARGV[10])
end

local function fail()
  local free = tonumber(ARGV[4])
  if free == 0 then return end
  redis.call('ZREM', tries, try)
  local doublings = redis.call('HINCRBY', failures, 'failed', 1) - free
  if doublings >= 0 then
    local wait = math.min(ARGV[8] * 2 ^ math.min(doublings, 16), tonumber(ARGV[9]))
    redis.call('HSET', failures, 'until', string.format('%d', now + wait))
  end
  redis.call('PEXPIRE', failures, ARGV[10])
end

local function forget()
  redis.call('DEL', failures, tries)
  redis.call('HSET', failures, 'right', string.format('%d', now))
  redis.call('PEXPIRE', failures, ARGV[10])
end

local refused
if act == 'count' then
  refused = count()
elseif act == 'begin' then
  refused = count() or begin()
elseif act == 'fail' then
  fail()
elseif act == 'forget' then
  forget()
elseif act == 'withdraw' then
  redis.call('ZREM', tries, try)
elseif act == 'right' then
  local right = redis.call('HGET', failures, 'right')
  return {'right', right and {math.max(now - right, 0)} or {}}
end
if refused then return refused end
return {'go', {tonumber(redis.call('GET', window) or '0'), math.max(redis.call('PTTL', window), 0), failed()}}
