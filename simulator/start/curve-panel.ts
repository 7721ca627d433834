/**
 * The rows between console and status line that show the compute board's power over about the last minute of
 * emulated time. A column that is drawn keeps its times: columns begin at multiples of their length, so that
 * the curve moves by whole columns and does not flicker.
 */

import type { Slot } from "../slot/slot.ts";
import { CURRENT, POWER, VOLTAGE } from "../tools/plot/power-samples.ts";
import { valueAxis } from "../tools/plot/ticks.ts";
import { type CurveStyle, curveStyle } from "./curve-style.ts";
import type { CurveWish } from "./options.ts";
import { RecentPower, STEP_MS } from "./recent-power.ts";
import type { Panel } from "./screen.ts";

/**
 * From this size on, the console keeps as much as a terminal of 24 rows gives it, and the curve is large
 * enough to read.
 */
const ROOMY = { rows: 30, columns: 80 };
/** In a smaller terminal the console or the curve would be of no use. */
const FEWEST = { rows: 16, columns: 40 };
/** The title and the time axis take a row each. */
const FRAME_ROWS = 2;
const FEWEST_PANEL_ROWS = 6;
const MOST_PANEL_ROWS = 14;
const GUTTER = 6;
const SUMMARY = 24;
const FEWEST_COLUMNS_WITH_SUMMARY = 72;
const SPARK_COLUMNS = 15;

const LEAST_SECONDS = 60;
const STEPS_PER_SECOND = 1000 / STEP_MS;
/** Lengths that a column may have, in steps. */
const STEPS_A_COLUMN = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30];
const TICK_SECONDS = [5, 10, 15, 20, 30, 60];
const FEWEST_COLUMNS_A_TICK = 10;
/** An axis that ends lower would show nothing but noise. */
const LOWEST_AXIS_W = 1;

const DIM = "\x1b[2m";
const POWER_COLOUR = "\x1b[36m";
const VOLTAGE_COLOUR = "\x1b[32m";
const CURRENT_COLOUR = "\x1b[33m";
const NORMAL = "\x1b[m";

/** The panel for a terminal, or null if the user wants none. The slot must not have run yet. */
export function curvePanel(slot: Slot, wish: CurveWish): Panel | null {
  if (wish === "off") return null;
  const style = curveStyle(process.env);
  const recent = RecentPower.of(slot);
  return {
    rows: (rows, columns) => panelRows(wish, rows, columns),
    draw: (rows, columns) => drawPanel(recent, style, rows, columns),
  };
}

/** Number of rows that the panel takes in a terminal; 0 where it is not wanted or has no room. */
export function panelRows(wish: "on" | "auto", rows: number, columns: number): number {
  const least = wish === "on" ? FEWEST : ROOMY;
  if (rows < least.rows || columns < least.columns) return 0;
  return Math.min(MOST_PANEL_ROWS, Math.max(FEWEST_PANEL_ROWS, 2 * Math.round(rows / 8)));
}

/** Draws the rows. Each is exactly as wide as the terminal. */
export function drawPanel(recent: RecentPower, style: CurveStyle, rows: number, columns: number): string[] {
  const height = rows - FRAME_ROWS;
  const summaryColumns = columns >= FEWEST_COLUMNS_WITH_SUMMARY ? SUMMARY : 0;
  const width = columns - GUTTER - summaryColumns;
  const view = viewOf(recent, width);
  const paint = (colour: string, text: string) => (style.colours ? `${colour}${text}${NORMAL}` : text);
  const highestW = (recent.extent(POWER, view.from, view.to)?.highest ?? 0) / 1000;
  const { end } = valueAxis(Math.max(LOWEST_AXIS_W, highestW), height);
  const cells = drawCells(recent, view, style, height, end * 1000);
  const labels = new Map([[0, `${round(end)} W`]]);
  if (height % 2 === 0) labels.set(height / 2, `${round(end / 2)} W`);
  const summary = summaryColumns > 0 ? drawSummary(recent, view, style, height, paint) : [];
  const title = ` power of the compute board, last ${Math.round((width * view.steps) / STEPS_PER_SECOND)} s `;
  return [
    paint(DIM, (style.rule.repeat(2) + title).padEnd(columns, style.rule).slice(0, columns)),
    ...cells.map((row, index) => {
      const label = paint(DIM, `${(labels.get(index) ?? "").padStart(GUTTER - 1)} `);
      return label + paint(POWER_COLOUR, row) + (summary[index] ?? " ".repeat(summaryColumns));
    }),
    paint(DIM, `${"0 W".padStart(GUTTER - 1)} ${timeRow(view, width, style)}${" ".repeat(summaryColumns)}`),
  ];
}

/** Columns of `steps` steps each. The last one is still growing. */
interface View {
  readonly steps: number;
  readonly firstColumn: number;
  readonly from: number;
  readonly to: number;
}

function viewOf(recent: RecentPower, width: number): View {
  const needed = (LEAST_SECONDS * STEPS_PER_SECOND) / width;
  const steps = STEPS_A_COLUMN.find((length) => length >= needed) ?? (STEPS_A_COLUMN.at(-1) as number);
  const endColumn = Math.floor(Math.max(0, recent.newest) / steps) + 1;
  const firstColumn = endColumn - width;
  return { steps, firstColumn, from: firstColumn * steps, to: endColumn * steps };
}

/**
 * Draws each column solid up to its mean. Where its values left the mean by a cell or more, other characters
 * show how far.
 */
function drawCells(
  recent: RecentPower,
  { steps, from, to }: View,
  style: CurveStyle,
  height: number,
  endMw: number,
): string[] {
  const full = style.levels.length - 1;
  const half = full / 2;
  const scaled = (mw: number) => Math.round((mw / endMw) * height * full);
  const columns: (readonly [lowest: number, mean: number, highest: number])[] = [];
  for (let step = from; step < to; step += steps) {
    const { lowest = 0, mean = 0, highest = 0 } = recent.extent(POWER, step, step + steps) ?? {};
    columns.push([scaled(lowest), scaled(mean), scaled(highest)]);
  }
  return Array.from({ length: height }, (_, row) => {
    const base = (height - 1 - row) * full;
    const cells = columns.map(([lowest, mean, highest]) => {
      const [dipped, peaked] = [mean - lowest >= full, highest - mean >= full];
      if (mean >= base + full) return dipped && lowest < base + half ? style.dipped : style.levels[full];
      if (mean > base) return style.levels[mean - base];
      return peaked && highest > base + half ? style.peaked : " ";
    });
    return cells.join("");
  });
}

/** The time axis, in emulated time as in the status line, so that the user can compare the two. */
function timeRow({ steps, firstColumn }: View, width: number, style: CurveStyle): string {
  const columnsPerSecond = STEPS_PER_SECOND / steps;
  const interval =
    TICK_SECONDS.find((seconds) => seconds * columnsPerSecond >= FEWEST_COLUMNS_A_TICK) ??
    (TICK_SECONDS.at(-1) as number);
  const row = Array.from({ length: width }, () => style.rule);
  for (let column = 0; column < width; column++) {
    const seconds = Math.ceil((firstColumn + column) / columnsPerSecond / interval) * interval;
    const isHere = seconds >= 0 && Math.floor(seconds * columnsPerSecond) === firstColumn + column;
    const label = `${style.mark}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (isHere && column + label.length <= width) row.splice(column, label.length, ...label);
  }
  return row.join("");
}

/** The values that the curve cannot show: numbers of this moment, and small curves of voltage and current. */
function drawSummary(
  recent: RecentPower,
  view: View,
  style: CurveStyle,
  height: number,
  paint: (colour: string, text: string) => string,
): string[] {
  const { newest } = recent;
  const formatted = (quantity: number, from: number, which: "mean" | "highest") => {
    const extent = recent.extent(quantity, from, newest + 1);
    return extent ? (extent[which] / 1000).toFixed(2) : "-";
  };
  const now = (quantity: number) => formatted(quantity, newest, "mean");
  const line = (label: string, colour: string, text: string) => {
    const space = SUMMARY - 2 - label.length - text.length;
    return `  ${label}${paint(colour, text)}${" ".repeat(Math.max(0, space))}`;
  };
  // Of the voltage a dip matters, of the current a peak.
  const volts = sparkline(recent, view, VOLTAGE, "lowest", style);
  const amperes = sparkline(recent, view, CURRENT, "highest", style);
  const lines = [
    line("now     ", POWER_COLOUR, `${now(POWER).padStart(5)} W`),
    line("highest ", POWER_COLOUR, `${formatted(POWER, view.from, "highest").padStart(5)} W`),
    line(`${now(VOLTAGE)} V `, VOLTAGE_COLOUR, volts),
    line(`${now(CURRENT)} A `, CURRENT_COLOUR, amperes),
  ];
  if (height > lines.length) lines.splice(2, 0, " ".repeat(SUMMARY));
  return lines;
}

function sparkline(
  recent: RecentPower,
  { from, to }: View,
  quantity: number,
  which: "lowest" | "highest",
  { levels }: CurveStyle,
): string {
  const scale = Math.max(1, recent.extent(quantity, from, to)?.highest ?? 0);
  const edge = (column: number) => from + Math.floor((column * (to - from)) / SPARK_COLUMNS);
  return Array.from({ length: SPARK_COLUMNS }, (_, column) => {
    const value = recent.extent(quantity, edge(column), edge(column + 1))?.[which] ?? 0;
    return levels[Math.round((value / scale) * (levels.length - 1))] ?? " ";
  }).join("");
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
