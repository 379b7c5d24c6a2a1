/**
 * The Lua language: programs print the same as in Lua 5.1, and can be stopped.
 */

import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { Killed, LuaError } from "../../../lib/embedded/lua/value.ts";
import { load, run } from "./run.ts";

const FOLDER = new URL("./programs/", import.meta.url);

for (const name of ["language", "numbers", "tables"]) {
  Deno.test(`the program ${name}.lua prints what Lua 5.1 prints`, async () => {
    const read = async (suffix: string) => {
      const bytes = await Deno.readFile(new URL(name + suffix, FOLDER));
      return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    };
    const printed = run(await read(".lua"), `${name}.lua`);
    deepEqual(printed.split("\n"), (await read(".out")).split("\n"));
  });
}

Deno.test("a program can be paused between any two instructions", () => {
  const programs = [
    "for i = 1, 1e5 do end print(1)",
    "local i = 0 while i < 1e5 do i = i + 1 end print(1)",
    "pcall(function() for i = 1, 1e5 do end end) print(1)",
    "table.sort({3, 2, 1}, function(a, b) for i = 1, 1e5 do end return a < b end) print(1)",
    "string.gsub('abc', '.', function() for i = 1, 1e5 do end end) print(1)",
    "local t = setmetatable({}, {__index = function() for i = 1, 1e5 do end return 1 end}) print(t.x)",
    "local t = setmetatable({}, {__lt = function() for i = 1, 1e5 do end return true end}) print(t < t and 1)",
    "local t = setmetatable({}, {__concat = function() for i = 1, 1e5 do end return 1 end}) print(t .. 'x' .. t)",
    "local co = coroutine.wrap(function() for i = 1, 1e5 do end coroutine.yield(1) end) print(co())",
    "local function f(n) if n > 0 then return f(n - 1) end return 1 end print(f(1e5))",
  ];
  for (const program of programs) {
    const [machine, lines] = load(program);
    let pauses = 0;
    machine.host = { interrupt: () => "pause" };
    while (!machine.run()) pauses++;
    ok(pauses > 3, program);
    deepEqual(lines, ["1"], program);
  }
});

Deno.test("the host can end a program that catches all errors", () => {
  const [machine, lines] = load(
    "while true do pcall(function() while true do end end) print('caught') end",
  );
  machine.host = {
    interrupt() {
      throw new Killed("ended");
    },
  };
  throws(() => machine.run(), Killed);
  deepEqual(lines, []);
});

Deno.test("endless recursion is a Lua error", () => {
  match(
    run("local function f() return 1 + f() end print(pcall(f))"),
    /^false\ttest\.lua:1: stack overflow\n$/,
  );
  match(
    run("local function f() return pcall(f) end print(select('#', f()))"),
    /^\d+\n$/,
  );
  match(
    run(
      "local t = {} setmetatable(t, {__index = function(t, k) return t[k] end}) print(pcall(function() return t.x end))",
    ),
    /C stack overflow/,
  );
  match(
    run(
      "local function f() local co = coroutine.wrap(f) return co() end print(pcall(f))",
    ),
    /C stack overflow/,
  );
});

Deno.test("a string that would be too long is a Lua error", () => {
  const programs = [
    "string.rep('x', 2 ^ 31)",
    "local s = 'x' while true do s = s .. s end",
    "local t = {} for i = 1, 1000 do t[i] = string.rep('x', 2 ^ 20) end table.concat(t)",
  ];
  for (const program of programs) {
    equal(
      run(`print(pcall(function() ${program} end))`),
      "false\tnot enough memory\n",
    );
  }
});

Deno.test("a pattern that recurses too deeply is a Lua error", () => {
  match(
    run(
      "print(pcall(string.find, string.rep('a', 1e5), string.rep('a?', 1e5)))",
    ),
    /pattern too complex/,
  );
});

Deno.test("a syntax error names its line and the unexpected token", () => {
  const messages: [string, string][] = [
    ["x = = 2", "test.lua:1: unexpected symbol near '='"],
    ["x = 'abc\ndef'", "test.lua:1: unfinished string near ''abc'"],
    [
      "f(\n1\n",
      "test.lua:3: ')' expected (to close '(' at line 1) near '<eof>'",
    ],
    ["x = 3x", "test.lua:1: malformed number near '3x'"],
    ["break", "test.lua:1: no loop to break near '<eof>'"],
    ["x = '\\300'", "test.lua:1: escape sequence too large near '''"],
    ["goto x", "test.lua:1: '=' expected near 'x'"],
    ["x = \x01", "test.lua:1: unexpected symbol near 'char(1)'"],
    [
      "return function() return ... end",
      "test.lua:1: cannot use '...' outside a vararg function near '...'",
    ],
    [
      `x = ${"(".repeat(300)}1`,
      "test.lua:1: chunk has too many syntax levels",
    ],
  ];
  for (const [text, message] of messages) {
    throws(
      () => load(text),
      (error) =>
        error instanceof LuaError && equal(error.value, message) === undefined,
    );
  }
});
