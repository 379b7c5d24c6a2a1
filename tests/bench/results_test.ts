import assert from "node:assert/strict";
import {
  markdown,
  type Results,
  together,
  withTable,
} from "../../bench/results.ts";

/** A run with these rates of sorrel and another client. */
function run(date: string, sorrel: number, other: number): Results {
  const result = (rate: number) => ({
    rate,
    range: [rate - 10, rate + 10] as const,
    cpu: 1,
  });
  return {
    about: { date, rounds: 3 },
    rows: [{
      title: "GET",
      results: { "sorrel": result(sorrel), "other": result(other) },
    }],
  };
}

Deno.test("runs are put together as medians, with the range of all", () => {
  const [a, b, c] = [run("1", 100, 50), run("2", 300, 100), run("3", 200, 80)];
  const all = together([together([a, b]), c]);
  assert.deepEqual(all.about, { date: "1, 2, 3", rounds: 3, runs: 3 });
  assert.deepEqual(all.rows, [{
    title: "GET",
    results: {
      sorrel: { rate: 200, range: [90, 310], cpu: 1 },
      other: { rate: 80, range: [40, 110], cpu: 1 },
    },
  }]);
  assert.deepEqual(all.runs, [a, b, c]);
});

Deno.test("the table shows the ratio to the best other client and its range", () => {
  const all = together([run("1", 100, 50), run("2", 300, 100), run("3", 2, 4)]);
  assert.equal(
    markdown(all),
    "| work | sorrel | other | to the best |\n| --- | --- | --- | --- |\n" +
      "| GET | 100 (1) | 50 (1) | 2.0 (0.50 to 3.0) |\n",
  );
  const marks = "<!-- bench:rivals writes from here -->\nold\n<!-- to here -->";
  const page = withTable(`before\n${marks}\nafter`, all);
  assert.match(page, /^before\n<!--.*-->\n\ndate 1, 2, 3; rounds 3; runs 3\n/);
  assert.match(page, /\| GET \|.*\n\n<!-- to here -->\nafter$/);
  assert.doesNotMatch(page, /old/);
  assert.equal(withTable(page, all), page);
  assert.throws(() => withTable("before", all), /The page lacks/);
});
