-- Answers for the hosts beyond the site, as their stubs describe, and notes everything that is asked.
-- Runs in nginx's only worker: what it remembers is the whole truth.

local cjson = require "cjson.safe"

local FOLDER = "/opt/stagectl/outside/"
local JOURNAL = "/var/log/stagectl/outside.jsonl"
local MOST_REMEMBERED = 10000
-- Twice as much as is shown: the secrets in it go before.
local MOST_BODY = 131072

local answers = {}

local function load(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return assert(cjson.decode(text))
end

-- In the master process, which may; the worker inherits the open file.
local stubs = load(FOLDER .. "stubs.json")
local journal = assert(io.open(JOURNAL, "ab"))
journal:setvbuf("line")
local asked = {}
local times = {}

local function body_of_request()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local path = not body and ngx.req.get_body_file()
  if path then
    local file = assert(io.open(path, "rb"))
    body = file:read("*a")
    file:close()
  end
  return body or ""
end

-- True where the found value has everything that is wanted; lists are the same from end to end.
local function contains(found, wanted)
  if type(wanted) ~= "table" or type(found) ~= "table" then return found == wanted end
  if #wanted > 0 and #wanted ~= #found then return false end
  for key, value in pairs(wanted) do
    if not contains(found[key], value) then return false end
  end
  return true
end

local function first(value)
  if type(value) == "table" then return value[1] end
  return value
end

local function is_meant(request, seen)
  if request.method and request.method ~= seen.method then return false end
  if request.path and request.path ~= seen.path then return false end
  if request.below and seen.path:sub(1, #request.below) ~= request.below then return false end
  for name, value in pairs(request.query) do
    if first(seen.query[name]) ~= value then return false end
  end
  for name, value in pairs(request.headers) do
    if first(seen.headers[name]) ~= value then return false end
  end
  if request.body and request.body ~= seen.body then return false end
  if request.json ~= nil then
    local found = cjson.decode(seen.body)
    if found == nil or not contains(found, request.json) then return false end
  end
  return true
end

local function choose(host, seen)
  for index, request in ipairs(stubs[host]) do
    if is_meant(request, seen) then
      local key = host .. " " .. index
      times[key] = (times[key] or 0) + 1
      return request.answers[math.min(times[key], #request.answers)]
    end
  end
end

-- Text as JSON can hold it: other bytes are shown as `?`.
local function readable(text)
  if #text > MOST_BODY then text = text:sub(1, MOST_BODY) .. "..." end
  if text:find("[\128-\255]") and not ngx.re.find(text, "^.*$", "us") then
    text = text:gsub("[\128-\255]", "?")
  end
  return text
end

local function texts(map)
  local copy = {}
  for key, value in pairs(map) do
    copy[key] = type(value) == "table" and value or tostring(value)
  end
  return copy
end

local function note(entry)
  local line = cjson.encode(entry)
  journal:write(line, "\n")
  journal:flush()
  asked[#asked + 1] = entry
  if #asked > MOST_REMEMBERED then table.remove(asked, 1) end
end

function answers.answer()
  local host = ngx.var.stub
  local seen = {
    method = ngx.req.get_method(),
    path = ngx.var.uri,
    query = ngx.req.get_uri_args(0),
    headers = ngx.req.get_headers(0),
    body = body_of_request(),
  }
  local answer = choose(host, seen)
  note({
    at = ngx.now(),
    host = host,
    scheme = ngx.var.scheme,
    method = seen.method,
    path = seen.path,
    query = texts(seen.query),
    headers = texts(seen.headers),
    body = readable(seen.body),
    answer = answer and (answer.error or tostring(answer.status)) or "unknown",
  })
  if not answer then
    ngx.status = 501
    ngx.header.content_type = "text/plain; charset=utf-8"
    ngx.print("the stub of ", host, " knows no such request: ", seen.method, " ", seen.path, "\n")
    return ngx.exit(ngx.HTTP_OK)
  end
  if answer.delay then ngx.sleep(answer.delay) end
  if answer.error then return ngx.exec("@" .. answer.error) end
  ngx.status = answer.status
  for _, header in ipairs(answer.headers) do ngx.header[header[1]] = header[2] end
  if answer.status ~= 204 and answer.status ~= 304 then
    ngx.header.content_length = #answer.body
    ngx.print(answer.body)
  end
  return ngx.exit(ngx.HTTP_OK)
end

-- What was asked so far, oldest first; DELETE forgets it, and begins every sequence anew.
function answers.tell()
  if ngx.req.get_method() == "DELETE" then
    asked, times = {}, {}
    return ngx.exit(ngx.HTTP_NO_CONTENT)
  end
  local wanted = ngx.req.get_uri_args()
  local chosen = {}
  for _, entry in ipairs(asked) do
    local is_wanted = true
    for key, value in pairs(wanted) do is_wanted = is_wanted and entry[key] == value end
    if is_wanted then chosen[#chosen + 1] = entry end
  end
  -- An empty table would be an object.
  ngx.print(#chosen == 0 and "[]" or cjson.encode(chosen), "\n")
end

return answers
