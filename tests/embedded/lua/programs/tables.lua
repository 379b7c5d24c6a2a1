-- The order of pairs and the length of lists with holes are Lua's own.
local function keys(t) local r = {} for k in pairs(t) do r[#r + 1] = tostring(k) end return table.concat(r, " ") end
local t = {} for _, w in ipairs { "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa" } do t[w] = true print(keys(t)) end
t.beta = nil t.eta = nil t.lambda = 1 t.mu = 1 print(keys(t))
for i = 1, 40 do t[i * 3] = i end print(keys(t), #t)
for i = 1, 40 do t[i] = i end print(keys(t), #t)
for i = 40, 20, -1 do t[i] = nil print(#t) end
print(#{ 1, 2, nil, 4 }, #{ nil, nil, 3 }, #{ n = 1, 1, 2 }, #{ 1, nil }, #{ nil }, #{ [1] = 1, [2] = 2, [4] = 4 })
local u = {} for i = 10, 1, -1 do u[i] = i end print(#u, keys(u))
local v = { 1, 2, 3, 4, 5, 6, 7, 8 } for i = 1, 8 do v[i] = nil end print(#v) v[3] = 1 print(#v, keys(v)) v.x = 1 print(#v, keys(v))
local w = { [1.5] = 1, [-1] = 2, [0] = 3, [2 ^ 40] = 4, [true] = 5, x = 6 } print(keys(w))
for k in pairs(w) do w[k] = nil end print(next(w)) local n = 0 for i = 1, 1000 do n = n + #{ unpack({ 1, 2, 3 }, 1, i % 4) } end print(n)
