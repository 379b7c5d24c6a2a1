/**
 * Draws a table of rates as a bar chart, for light and dark themes.
 *
 * @module
 */

/** One line of the table. */
export interface ChartRow {
  /** What was measured. */
  readonly title: string;
  /** The rate of each client that was. */
  readonly results: Readonly<Record<string, { readonly rate: number }>>;
}

const WIDTH = 760;
const LABEL = 130;
const BAR = 13;
const GAP = 3;
const HEAD = 26;
const COLORS = ["#e4572e", "#4d7ea8", "#7a9e5a", "#b08bbb", "#8d99ae"];

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .name, .rate { font-size: 11px }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }`;

/** Draws a group of bars for each row; the longest bar of a group is its fastest. */
export function chart(
  rows: readonly ChartRow[],
  names: readonly string[],
): string {
  const parts: string[] = [];
  let y = 4;
  for (const { title, results } of rows) {
    parts.push(text(0, y + 16, "title", `${title}, per second`));
    y += HEAD;
    const fastest = Math.max(
      ...Object.values(results).map(({ rate }) => rate),
    );
    for (const [i, name] of names.entries()) {
      const result = results[name];
      if (result === undefined) continue;
      const length = Math.max(
        1,
        Math.round(result.rate / fastest * (WIDTH - LABEL - 90)),
      );
      const color = COLORS[i % COLORS.length];
      parts.push(
        text(8, y + 11, "name", name),
        `<rect x="${LABEL}" y="${y}" width="${length}" height="${BAR}" rx="2" fill="${color}"/>`,
        text(
          LABEL + length + 6,
          y + 11,
          "rate",
          result.rate.toLocaleString("en"),
        ),
      );
      y += BAR + GAP;
    }
    y += 8;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Commands per second by client">
<style>${STYLE}
</style>
${parts.join("\n")}
</svg>
`;
}

function text(x: number, y: number, kind: string, content: string): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" class="${kind}">${safe}</text>`;
}
