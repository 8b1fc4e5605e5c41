// One line of the table that every bench prints: what, the figure, the bar, and whether it is met.

const WIDTHS = [52, 16, 18];

/** The table's first line. */
export function heading() {
  return line(["bench", "ratio", "bar", ""]);
}

/**
 * Prints a figure against its bar, and makes the process fail when the bar is missed.
 * Give `atMost` or `atLeast`; without a bar the figure is only shown.
 * @param {{ name: string, value: number, unit?: string, atMost?: number, atLeast?: number }} row
 */
export function printRow({ name, value, unit = "×", atMost, atLeast }) {
  const show = (/** @type {number} */ figure) =>
    `${figure < 100 ? figure.toFixed(2) : thousands(figure)} ${unit}`;
  const met = (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast);
  const bars = [
    ...(atMost === undefined ? [] : [`≤ ${show(atMost)}`]),
    ...(atLeast === undefined ? [] : [`≥ ${show(atLeast)}`]),
  ];
  console.log(line([name, show(value), bars.length === 0 ? "-" : bars.join(" "), met ? "ok" : "UNDER"]));
  if (!met) process.exitCode = 1;
}

/** @param {number} figure */
function thousands(figure) {
  return String(Math.round(figure)).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** @param {readonly string[]} cells */
function line(cells) {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(" ")
    .trimEnd();
}
