import { equal, throws } from "node:assert/strict";
import { addLongDouble } from "../../lib/embedded/base/long_double.ts";
import {
  formatDouble,
  formatLongDouble,
  isInteger,
  parseFloat64,
  parseInteger,
  smallInteger,
  toRange,
} from "../../lib/embedded/base/numbers.ts";

Deno.test("an integer is valid only in the form in which Redis prints it", () => {
  for (
    const text of ["0", "-1", "9223372036854775807", "-9223372036854775808"]
  ) {
    equal(parseInteger(text), BigInt(text));
    equal(isInteger(text), true);
  }
  for (
    const text of [
      "",
      "-",
      "-0",
      "+1",
      "01",
      " 1",
      "1 ",
      "1.0",
      "1e3",
      "0x1",
      "9223372036854775808",
      "-9223372036854775809",
    ]
  ) {
    equal(parseInteger(text), null, text);
    equal(isInteger(text), false, text);
    equal(smallInteger(text), NaN, text);
  }
  equal(smallInteger("-123"), -123);
  equal(smallInteger("999999999999999"), 999_999_999_999_999);
});

Deno.test("an integer out of range has its own error", () => {
  equal(toRange("5", 1, 5), 5);
  throws(() => toRange("6", 1, 5), {
    message: "ERR value is out of range, value must between 1 and 5",
  });
  throws(() => toRange("x", 1, 5), {
    message: "ERR value is not an integer or out of range",
  });
  throws(() => toRange("6", 1, 5, () => new Error("mine")), {
    message: "mine",
  });
});

Deno.test("doubles are parsed as by C's strtod", () => {
  const numbers: [string, number | null][] = [
    ["1.5", 1.5],
    [".5", 0.5],
    ["5.", 5],
    ["+1e3", 1000],
    ["0x1p-3", 0.125],
    ["0x.8", 0.5],
    ["-Infinity", -Infinity],
    ["inf", Infinity],
    ["5e-324", 5e-324],
    ["0e-999", 0],
    ["1e-999", null],
    ["1e999", null],
    ["nan", null],
    ["", null],
    [".", null],
    ["0x", null],
    ["1_000", null],
    [" 1", null],
  ];
  for (const [text, value] of numbers) equal(parseFloat64(text), value, text);
});

// The expected texts are those of `printf "%.17g"`.
Deno.test("a double is printed with the fewest digits, in Redis's layout", () => {
  const numbers: [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [3, "3"],
    [0.1, "0.1"],
    [-1.5, "-1.5"],
    [1e16, "10000000000000000"],
    [29546593641862272, "29546593641862272"],
    [1e21, "1e+21"],
    [0.00001, "0.00001"],
    [1e-7, "1e-7"],
    [1.5e-7, "1.5e-7"],
    [123.456e-7, "1.23456e-5"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [5e-324, "5e-324"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
  ];
  for (const [value, text] of numbers) equal(formatDouble(value), text);
});

Deno.test("a score of a large sorted set is printed as C's %.17g", () => {
  const numbers: [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [3, "3"],
    [0.1, "0.10000000000000001"],
    [-1.5, "-1.5"],
    [1e16, "10000000000000000"],
    [1e17, "1e+17"],
    [29546593641862272, "29546593641862272"],
    [0.0001, "0.0001"],
    [0.00001, "1.0000000000000001e-05"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [5e-324, "4.9406564584124654e-324"],
    // A tie between two texts of 17 digits rounds to the even one.
    [5 + 2 ** -17, "5.0000076293945312"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
  ];
  for (const [value, text] of numbers) equal(formatLongDouble(value), text);
});

// The expected replies of INCRBYFLOAT are from redis-server 7.0 on x86-64.
Deno.test("sums are those of an 80-bit long double", () => {
  const sums: [string, string, string][] = [
    ["10.50", "0.1", "10.6"],
    ["5.0e3", "2.0e2", "5200"],
    ["0.1", "0.2", "0.3"],
    ["3", "-3", "0"],
    ["-1e-30", "0", "0"],
    ["1e18", "0.5", "1000000000000000000.5"],
    ["0x1p3", "0x.8", "8.5"],
    ["123456789012345678", "0.1", "123456789012345678.1015625"],
  ];
  for (const [a, b, sum] of sums) equal(addLongDouble(a, b), sum);
  for (const [a, b] of [["1", "inf"], ["inf", "-inf"], ["1e4932", "1e4932"]]) {
    throws(() => addLongDouble(a!, b!), {
      message: "ERR increment would produce NaN or Infinity",
    });
  }
  for (const text of ["", "x", "nan", "1e5000", "1e-5000", " 1", "0x"]) {
    throws(() => addLongDouble(text, "1"), {
      message: "ERR value is not a valid float",
    }, text);
  }
});
