/**
 * Random Lua programs for EVAL.
 *
 * A program works on a few variables of any type, so most operations fail somewhere:
 * then the text and the line of the error must be the same.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import type { Family } from "../differential.ts";

const NAMES = ["a", "b", "c", "d", "t"];

/** Lua code that shows a value without addresses, which differ between runs. */
const PRELUDE = `local o = {}
local function s(v)
  local k = type(v)
  if k == "table" then return "T" .. #v elseif k == "function" or k == "thread" then return k end
  return tostring(v)
end
local function p(...) for i = 1, select("#", ...) do o[#o + 1] = s((select(i, ...))) end end
local a, b, c, d, t = 1, "2", {1, 2, 3}, nil, {x = 1, y = "z", 7}`;

const STRINGS = ['""', '"abc"', '"10"', '"a,b,c"', '"0x1f"', '" 5 "', '"k1"'];
const NUMBERS = ["0", "1", "2", "3", "-1", "0.5", "10", "1e15", "-7", "255"];
const PATTERNS = ['"%w+"', '"."', '"(%a)(%d?)"', '"[^,]+"', '"^%s*"', '"b"'];
const KEYS = ["KEYS[1]", "KEYS[2]", '"{k}"', "a", "b"];

class Generator {
  readonly #random: Random;
  /** The maximum nesting of loops, as each level multiplies the time. */
  #loops = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  program(): string {
    const lines: string[] = [];
    for (let i = 1 + this.#random.below(8); i > 0; i--) {
      const line = this.statement(5);
      // Most errors are caught, so that the program can have more than one.
      lines.push(
        this.#random.chance(0.8) ? `p(pcall(function()\n${line}\nend))` : line,
      );
    }
    return `${PRELUDE}\n${lines.join("\n")}\nreturn o`;
  }

  block(size: number): string {
    const lines: string[] = [];
    const count = 1 + this.#random.below(size);
    for (let i = 0; i < count; i++) lines.push(this.statement(size - 1));
    return lines.join("\n");
  }

  statement(size: number): string {
    const random = this.#random;
    const name = random.pick(NAMES);
    const inner = Math.max(1, size >> 1);
    switch (random.below(size > 1 ? 18 : 9)) {
      case 0:
      case 1:
        return `${name} = ${this.expression(3)}`;
      case 2:
        return `${name}, ${random.pick(NAMES)} = ${this.expression(2)}, ${
          this.expression(2)
        }`;
      case 3:
        return `${name}[${this.expression(1)}] = ${this.expression(2)}`;
      case 4:
        return `${name}.${random.pick(["x", "y", "z"])} = ${
          this.expression(2)
        }`;
      case 5:
      case 6:
        return `p(${this.expression(3)}, ${this.expression(2)})`;
      case 7:
        return `p(pcall(function() return ${this.expression(3)} end))`;
      case 8:
        return `p(${this.call()})`;
      case 9:
        return `if ${this.expression(2)} then\n${this.block(inner)}\nelse\n${
          this.block(inner)
        }\nend`;
      case 10:
        return this.loop(
          `for i = ${random.below(4)}, ${random.below(6)}${
            random.chance(0.3) ? ", 2" : ""
          } do`,
          inner,
        );
      case 11:
        return this.loop(`for k, v in pairs(${name}) do p(k, v)`, inner);
      case 12:
        return this.loop(`for i, v in ipairs(${name}) do p(v)`, inner);
      case 13:
        return `do local f = function(x, ...) ${name} = x ${
          this.block(inner)
        }\nreturn x, ... end p(f(${this.expression(2)}, ${
          this.expression(1)
        })) end`;
      case 14:
        return `p(pcall(function()\n${this.block(inner)}\nend))`;
      case 15:
        return `do local co = coroutine.wrap(function(x) local y = coroutine.yield(x)\n${
          this.block(inner)
        }\nreturn y end) p(co(${this.expression(1)})) p(pcall(co, ${
          this.expression(1)
        })) end`;
      case 16:
        return `${name} = setmetatable({}, {__index = function(_, k) return ${
          this.expression(1)
        } end, __add = function(x, y) return ${
          this.expression(1)
        } end, __concat = function(x, y) return "cat" end, __call = function(_, x) return x end, __lt = function() return ${
          this.expression(1)
        } end, __eq = function() return true end})`;
    }
    return `table.${random.pick(["insert", "remove", "sort"])}(${name}${
      random.chance(0.4) ? `, ${this.expression(1)}` : ""
    })`;
  }

  loop(head: string, size: number): string {
    if (this.#loops > 1) return "p(1)";
    this.#loops++;
    const body = this.block(size);
    this.#loops--;
    // A loop ends even if its body changes the table.
    const leave = this.#random.chance(0.1) ? "break" : "";
    return `do local n = 0 ${head} n = n + 1 if n > 8 then break end\n${body}\n${leave} end end`;
  }

  expression(depth: number): string {
    const random = this.#random;
    if (depth <= 0 || random.chance(0.25)) return this.atom();
    const one = () => this.expression(depth - 1);
    switch (random.below(15)) {
      case 0:
      case 1:
        return `${one()} ${random.pick(["+", "-", "*"])} ${one()}`;
      case 2:
        return `(${one()}) ${random.pick(["/", "%"])} ${one()}`;
      case 3:
        return `string.sub(${one()} .. ${one()}, 1, 30)`;
      case 4:
        return `(${one()} ${
          random.pick(["==", "~=", "<", "<=", ">", ">="])
        } ${one()})`;
      case 5:
        return `(${one()} ${random.pick(["and", "or"])} ${one()})`;
      case 6:
        return `${random.pick(["not ", "-", "#"])}${this.atom()}`;
      case 7:
        return `${random.pick(NAMES)}[${one()}]`;
      case 8:
        return `${random.pick(NAMES)}.${random.pick(["x", "y", "z"])}`;
      case 9:
        return `{${one()}, ${one()}, x = ${one()}, [${one()} or 1] = ${one()}}`;
      case 10:
        return `string.${
          random.pick(["len", "upper", "reverse", "lower", "byte"])
        }(${one()})`;
      case 11:
        return `(string.${random.pick(["find", "match"])}(${one()}, ${
          random.pick(PATTERNS)
        }))`;
      case 12:
        return `(string.gsub(${one()}, ${random.pick(PATTERNS)}, ${
          random.pick(['"<%0>"', '"%1"', "t", "string.upper", '"x"'])
        }))`;
      case 13:
        return random.pick([
          `tostring(${one()} ~= nil)`,
          `tonumber(${one()})`,
          `type(${one()})`,
          `select("#", ${one()}, ${one()})`,
          `math.floor(${one()})`,
          `math.max(${one()}, ${one()})`,
          `string.format("%5.1f|%s|%d|%q", ${one()}, ${one()}, ${one()}, ${one()})`,
          `table.concat(${one()}, ",")`,
          `cjson.encode(${one()})`,
          `cjson.encode(cjson.decode(${one()}))`,
          `cmsgpack.pack(${one()})`,
          `bit.bxor(${one()}, ${one()})`,
          `struct.pack(">I2", ${one()})`,
          `unpack(${one()})`,
          `next(${one()})`,
        ]);
    }
    return this.call();
  }

  /** A command of Redis. */
  call(): string {
    const random = this.#random;
    const key = random.pick(KEYS);
    const how = random.chance(0.5) ? "call" : "pcall";
    const value = this.expression(0);
    return `redis.${how}(${
      random.pick([
        `"set", ${key}, ${value}`,
        `"get", ${key}`,
        `"incr", ${key}`,
        `"incrby", ${key}, ${value}`,
        `"rpush", ${key}, ${value}`,
        `"lrange", ${key}, 0, -1`,
        `"hset", ${key}, "f", ${value}`,
        `"hget", ${key}, "f"`,
        `"zadd", ${key}, ${value}, "m"`,
        `"zscore", ${key}, "m"`,
        `"del", ${key}`,
        `"exists", ${key}`,
        `"type", ${key}`,
        `"nosuch", ${key}`,
        `"get"`,
      ])
    })`;
  }

  atom(): string {
    const random = this.#random;
    switch (random.below(8)) {
      case 0:
      case 1:
        return random.pick(NUMBERS);
      case 2:
        return random.pick(STRINGS);
      case 3:
        return random.pick(["true", "false", "nil", "ARGV[1]", "KEYS[1]"]);
    }
    return random.pick(NAMES);
  }
}

/** Random programs, and the keys that they leave. */
export const SCRIPT_FAMILY: Family = {
  name: "scripts",
  generate(random) {
    if (random.chance(0.1)) {
      return random.pick([["GET", "k1"], ["TYPE", "k2"], ["DBSIZE"]]);
    }
    const program = new Generator(random).program();
    return ["EVAL", program, "2", "k1", "k2", random.pick(["5", "x", ""])];
  },
  // The sign of NaN depends on the processor, and JavaScript cannot see it.
  normalize: (_args, reply) =>
    reply.replace(/-?nan/g, "nan").replace(/\$\d+\r\n/g, "$\r\n"),
};
