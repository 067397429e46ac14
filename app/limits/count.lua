-- Counts one call in sliding windows, all or none, if what the caller knows of the client is still true.
--
-- A window is a list of "number:calls" for slices of time (a 6,000th of its length) with the sum beside it. A slice
-- leaves when the whole of it is out of the window, so never more than `limit` calls lie in any window.
--
-- KEYS: version of the client, ticket, then the windows.
-- ARGV: 1 version that the caller knows ('' = it has just read the database)
--       2 version to keep ('' = none), 3 ticket it was read under, 4 time of that ticket, 5 lease in ms,
--       6 life of a ticket in us, 7 calls to count (0 = only look), then per window: limit, length in us, slice in us;
--       last the name of this run of Redis, without which neither version nor ticket means anything.
-- Returns {0, now, ticket} if the version is another (no ticket where there is none), else {1, allowed, wait, now, then
--         per window: remaining, reset}; times in us.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local run = '@' .. ARGV[#ARGV]
if ARGV[1] ~= '' then
    if redis.call('GET', KEYS[1]) ~= ARGV[1] .. run then
        local ticket = redis.call('GET', KEYS[2])
        return {0, now, ticket and ticket .. run}
    end
elseif ARGV[2] ~= '' and (redis.call('GET', KEYS[2]) or '') .. run == ARGV[3] and math.abs(now - ARGV[4]) <= tonumber(ARGV[6]) then
    redis.call('SET', KEYS[1], ARGV[2] .. run, 'PX', ARGV[5])
end

-- When so many calls of a window will have left.
local function free_at(key, length, slice, missing)
    local place = 0
    while true do
        local entry = redis.call('LINDEX', key, place)
        if not entry then
            return now + length
        end
        local colon = string.find(entry, ':', 1, true)
        missing = missing - tonumber(string.sub(entry, colon + 1))
        if missing <= 0 then
            return (tonumber(string.sub(entry, 1, colon - 1)) + 1) * slice + length
        end
        place = place + 1
    end
end

local cost, wait, windows = tonumber(ARGV[7]), 0, {}
for i = 3, #KEYS do
    local base = 8 + (i - 3) * 3
    local key, limit, length, slice = KEYS[i], tonumber(ARGV[base]), tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2])
    local stored = tonumber(redis.call('GET', key .. ':n') or '0')
    local total = stored
    while true do
        local head = redis.call('LINDEX', key, 0)
        if not head then
            total = 0
            break
        end
        local colon = string.find(head, ':', 1, true)
        if stored > 0 and (tonumber(string.sub(head, 1, colon - 1)) + 1) * slice + length > now then
            break
        end
        redis.call('LPOP', key)
        total = total - tonumber(string.sub(head, colon + 1))
    end
    if total ~= stored then
        redis.call('SET', key .. ':n', total, 'PX', math.ceil(length / 1000) + 1000)
    end
    if total + cost > limit then
        wait = math.max(wait, free_at(key, length, slice, total + cost - limit) - now)
    end
    windows[#windows + 1] = {key, limit, length, slice, total}
end

local answer = {1, wait > 0 and 0 or 1, wait, now}
for _, window in ipairs(windows) do
    local key, limit, length, slice, total = unpack(window)
    if wait == 0 and cost > 0 then
        local number = math.floor(now / slice)
        local tail, calls = redis.call('LINDEX', key, -1), cost
        if tail then
            local colon = string.find(tail, ':', 1, true)
            if tonumber(string.sub(tail, 1, colon - 1)) >= number then
                number = tonumber(string.sub(tail, 1, colon - 1))
                calls = tonumber(string.sub(tail, colon + 1)) + cost
                redis.call('RPOP', key)
            end
        end
        total = total + cost
        local life = math.ceil((length + slice) / 1000) + 1000
        redis.call('RPUSH', key, string.format('%.0f:%.0f', number, calls))
        redis.call('PEXPIRE', key, life)
        redis.call('SET', key .. ':n', total, 'PX', life)
    end
    answer[#answer + 1] = math.max(0, limit - total)
    answer[#answer + 1] = total > 0 and free_at(key, length, slice, math.max(1, total + 1 - limit)) or now
end
return answer
