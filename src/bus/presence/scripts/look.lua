-- How many watch these rooms, all at one moment.
--
-- KEYS 1 top: ZSET of rooms -> viewers   2 turn: counts the changes of all rooms
-- ARGV the rooms, at least one
-- Answers {turn, viewers of each...}
local answer = {tonumber(redis.call('GET', KEYS[2]) or '0')}
for place, viewers in ipairs(redis.call('ZMSCORE', KEYS[1], unpack(ARGV))) do
  answer[place + 1] = viewers and tonumber(viewers) or 0
end
return answer
