/**
 * Draws a table of rates as a chart: a row for each kind of work, a dot for each client,
 * on a logarithmic scale. Readable in light and dark mode.
 *
 * @module
 */

import { type ResultRow, toTheBest } from "./results.ts";

const WIDTH = 860;
const LABEL = 262;
const RIGHT = 74;
const ROW = 23;
const HEAD = 58;
const GROUP = 26;
/** Readable on white and on black; the first colour is sorrel's. */
const COLORS = [
  ...["#e4572e", "#3b82c4", "#5f9e3f", "#a46bc2", "#c79a1b", "#7c8794"],
  "#2aa198",
];

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .group { font-weight: 600 }
  .axis, .ratio { font-size: 11px; fill: #57606a }
  .line { stroke: #d0d7de } .row { stroke: #eaeef2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .axis, .ratio { fill: #9da7b3 }
    .line { stroke: #3d444d } .row { stroke: #262c36 }
  }`;

/** The groups, and patterns for the titles of their rows. */
const GROUPS: readonly (readonly [string, RegExp])[] = [
  [
    "Short commands",
    /^(GET|SET),|pipeline|as bytes, 64|non-ASCII|EVAL|XADD|HSET|MULTI/,
  ],
  ["Lists, hashes, sets", / of 1,000, | of 1,000 with| of 100, /],
  ["Large values", /KiB|MiB/],
  ["Connections and messages", /./],
];

/**
 * Draws the rows: the further to the right, the faster. Each row ends with the ratio
 * of sorrel's rate to the best other.
 */
export function chart(
  rows: readonly ResultRow[],
  names: readonly string[],
): string {
  const rates = rows.flatMap(({ results }) =>
    names.flatMap((name) => results[name]?.rate ?? [])
  );
  const low = Math.floor(Math.log10(Math.min(...rates)));
  const high = Math.ceil(Math.log10(Math.max(...rates)));
  const x = (rate: number) =>
    LABEL + (Math.log10(rate) - low) / (high - low) * (WIDTH - LABEL - RIGHT);
  const parts: string[] = [];
  names.forEach((name, i) => {
    const at = 8 + i * 122;
    parts.push(dot(at + 6, 12, i), text(at + 16, 16, "name", name));
  });
  let y = HEAD;
  const left = new Set(rows);
  for (const [group, pattern] of GROUPS) {
    const members = [...left].filter(({ title }) => pattern.test(title));
    if (members.length === 0) continue;
    parts.push(text(8, y + 4, "group", group));
    y += GROUP;
    for (const row of members) {
      left.delete(row);
      parts.push(
        text(16, y + 4, "title", row.title),
        `<line class="row" x1="${LABEL}" x2="${
          WIDTH - RIGHT
        }" y1="${y}" y2="${y}"/>`,
      );
      // sorrel is drawn last, on top.
      for (let i = names.length - 1; i >= 0; i--) {
        const result = row.results[names[i]!];
        if (result !== undefined) parts.push(dot(x(result.rate), y, i));
      }
      parts.push(text(WIDTH - RIGHT + 12, y + 4, "ratio", ratio(row)));
      y += ROW;
    }
    y += 8;
  }
  const axis: string[] = [];
  for (let power = low; power <= high; power++) {
    const at = x(10 ** power);
    axis.push(
      `<line class="line" x1="${at}" x2="${at}" y1="${HEAD - 12}" y2="${
        y - 8
      }"/>`,
      text(at - 14, HEAD - 18, "axis", (10 ** power).toLocaleString("en")),
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Operations per second by client, on a logarithmic scale">
<style>${STYLE}
</style>
${[...axis, ...parts].join("\n")}
</svg>
`;
}

function ratio(row: ResultRow): string {
  const ratio = toTheBest(row);
  return Number.isNaN(ratio) ? "" : `× ${ratio.toPrecision(2)}`;
}

function dot(x: number, y: number, client: number): string {
  const color = COLORS[client % COLORS.length];
  return `<circle cx="${x.toFixed(1)}" cy="${y}" r="${
    client === 0 ? 6 : 4.5
  }" fill="${color}"/>`;
}

function text(x: number, y: number, kind: string, content: string): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(0)}" y="${y}" class="${kind}">${safe}</text>`;
}
