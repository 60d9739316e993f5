-- Who is here: what one node says of one room, or what is taken away of a node that died. What each node says is the truth;
-- this keeps the sum. All that it says may be said again: it changes nothing then.
--
-- KEYS 1 accounts: ZSET of all accounts in the room, each once, in the order of ids   2 several: HASH of those on two nodes or
--      more -> on how many   3 mine: SET of this node's   4 guests: HASH of nodes -> guests   5 top: ZSET of rooms -> viewers
--      6 rooms: SET of this node's rooms   7 node: there while the node lives   8 turn: counts the changes of all rooms
-- ARGV 1 act: "say", by a node that lives, or "clear", of one that does not: as many of its accounts as 9 says
--      2 node   3 room   4 channel   5 what words on it begin with   6 the name by which it was taken for dead, or ""
--      7 guests   8 "more" where the rest of a long list follows   9 how many come   then those who come, then those who go
-- Answers {1, viewers, turn, accounts of this node}; {0} where the node lives that should not, or does not that should.
local accounts, several, mine, guests, top, rooms = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local act, node, room, former, coming = ARGV[1], ARGV[2], ARGV[3], ARGV[6], tonumber(ARGV[9])

local function come(account)
  if redis.call('SADD', mine, account) == 0 then return end
  if redis.call('ZADD', accounts, 0, account) == 1 then return end
  if redis.call('HSETNX', several, account, 2) == 0 then redis.call('HINCRBY', several, account, 1) end
end

-- It is in the set of this node no more.
local function gone(account)
  local nodes = tonumber(redis.call('HGET', several, account) or '1')
  if nodes == 1 then
    redis.call('ZREM', accounts, account)
  elseif nodes == 2 then
    redis.call('HDEL', several, account)
  else
    redis.call('HINCRBY', several, account, -1)
  end
end

local lives = redis.call('EXISTS', KEYS[7]) == 1
if lives ~= (act == 'say') then return {0} end

if act == 'clear' then
  for _, account in ipairs(redis.call('SPOP', mine, coming)) do gone(account) end
else
  for i = 10, 9 + coming do come(ARGV[i]) end
  for i = 10 + coming, #ARGV do
    if redis.call('SREM', mine, ARGV[i]) == 1 then gone(ARGV[i]) end
  end
end
if former ~= '' then redis.call('HDEL', guests, former) end
if ARGV[7] == '0' then redis.call('HDEL', guests, node) else redis.call('HSET', guests, node, ARGV[7]) end

local here = redis.call('SCARD', mine)
if here == 0 and ARGV[7] == '0' then redis.call('SREM', rooms, room) else redis.call('SADD', rooms, room) end

local viewers = redis.call('ZCARD', accounts)
for _, count in ipairs(redis.call('HVALS', guests)) do viewers = viewers + tonumber(count) end
local before = tonumber(redis.call('ZSCORE', top, room) or '0')
local goes_on = ARGV[8] == 'more' or (act == 'clear' and here > 0)
if viewers == before or goes_on then
  return {1, viewers, tonumber(redis.call('GET', KEYS[8]) or '0'), here}
end

if viewers == 0 then redis.call('ZREM', top, room) else redis.call('ZADD', top, viewers, room) end
local turn = redis.call('INCR', KEYS[8])
redis.call('PUBLISH', ARGV[4], ARGV[5] .. string.format('{"v":1,"viewers":%d,"turn":%d}', viewers, turn))
return {1, viewers, turn, here}
