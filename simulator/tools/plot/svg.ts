/**
 * The picture of a run: power, voltage and current of the compute board's supply over one time axis, the
 * stages of the board as a strip above, and numbered events in a list below.
 *
 * The picture has its own background, light or dark as the reader's system has it, because it can be put into
 * any page. The style sheet has no variables, because not every viewer knows them.
 */
import type { ComputeStage } from "../../devices/compute/compute-load.ts";
import { NANOS_PER_SECOND } from "../../devices/world.ts";
import type { Span } from "./chronicle.ts";
import { envelopePath, meanPath } from "./curve-path.ts";
import type { Envelope } from "./envelope.ts";
import { placeMarkers } from "./markers.ts";
import { CURRENT, POWER, VOLTAGE } from "./power-samples.ts";
import type { SlotEvent } from "./slot-events.ts";
import { timeAxis, valueAxis } from "./ticks.ts";

export interface Run {
  readonly title: string;
  /** The fault that the user asked for, or null. */
  readonly fault: string | null;
  readonly subtitle: string;
  readonly envelope: Envelope;
  readonly events: readonly SlotEvent[];
  readonly eventsLeftOut: number;
  readonly spans: readonly Span[];
}

const WIDTH = 960;
const LEFT = 52;
const COLUMNS = 740;
/** Width of a column in tenths of a unit, which paths use. */
const COLUMN_TENTHS = 12;
const PLOT_WIDTH = (COLUMNS * COLUMN_TENTHS) / 10;
const RIGHT = LEFT + PLOT_WIDTH;
const STRIP_Y = 56;
const STRIP_HEIGHT = 17;
const MARKERS_Y = 90;
const FIRST_PANEL_Y = 118;
const PANEL_HEIGHT = 108;
const PANEL_GAP = 30;
const PANELS_END = FIRST_PANEL_Y + 3 * PANEL_HEIGHT + 2 * PANEL_GAP;
const LIST_Y = PANELS_END + 60;
const LIST_COLUMNS = 3;
const LIST_ROW = 16;
const CHARACTER_WIDTH = 6.2;

/** The three panels. `perUnit` is the number of the samples' units in one unit of the axis. */
const PANELS = [
  { name: "Power", unit: "W", quantity: POWER, perUnit: 1000, style: "p", digits: 2, atLeast: 1 },
  { name: "Voltage", unit: "V", quantity: VOLTAGE, perUnit: 1000, style: "v", digits: 2, atLeast: 5 },
  { name: "Current", unit: "A", quantity: CURRENT, perUnit: 1000, style: "c", digits: 2, atLeast: 0.2 },
] as const;

const STAGE_STYLES: Record<ComputeStage, string> = {
  absent: "s0",
  off: "s0",
  reset: "s1",
  halted: "s1",
  bootloader: "s2",
  "network boot": "s3",
  firmware: "s2",
  kernel: "s3",
  userspace: "s2",
  "log-in prompt": "s4",
  "shutting down": "s1",
  "brown-out": "s5",
};

/** Three hues that colour-blind readers can distinguish, in two brightnesses. */
const STYLE = `
svg{font:12px system-ui,sans-serif}
.b{fill:#fff}.o{stroke:#fff;stroke-width:4;paint-order:stroke}
text{fill:#1f2328}.m{fill:#59636e}.h{font-weight:600}.t{font-size:16px}.f{fill:#cf222e}
.g{stroke:#d1d9e0;fill:none}.a{stroke:#59636e;fill:none}.e{stroke:#818b98;stroke-dasharray:2 3}
.e.f{stroke:#cf222e}.k{fill:none;stroke-width:14}.q{fill-opacity:.3;stroke-width:5;stroke-opacity:.45}
.p{stroke:#0969da}.q.p{fill:#0969da}.v{stroke:#1a7f37}.q.v{fill:#1a7f37}.c{stroke:#bc4c00}.q.c{fill:#bc4c00}
.s0{fill:#eaeef2}.s1{fill:#d1d9e0}.s2{fill:#b6e3ff}.s3{fill:#80ccff}.s4{fill:#aceebb}.s5{fill:#ffaba8}
@media(prefers-color-scheme:dark){
.b{fill:#0d1117}.o{stroke:#0d1117}text{fill:#e6edf3}.m{fill:#9198a1}.f{fill:#ff7b72}
.g{stroke:#2f353d}.a{stroke:#9198a1}.e{stroke:#656c76}.e.f{stroke:#ff7b72}
.p{stroke:#58a6ff}.q.p{fill:#58a6ff}.v{stroke:#3fb950}.q.v{fill:#3fb950}.c{stroke:#f0883e}.q.c{fill:#f0883e}
.s0{fill:#1c2128}.s1{fill:#323943}.s2{fill:#0c2d6b}.s3{fill:#1158c7}.s4{fill:#196c2e}.s5{fill:#8e1519}}
`;

export function drawRun(run: Run): string {
  const endNanos = Math.max(1, run.envelope.endNanos);
  const place = (nanos: number) => LEFT + (PLOT_WIDTH * Math.min(nanos, endNanos)) / endNanos;
  const rows = Math.ceil((run.events.length + (run.eventsLeftOut > 0 ? 1 : 0)) / LIST_COLUMNS);
  const height = LIST_Y + rows * LIST_ROW;
  const name = run.fault === null ? run.title : `${run.title}, fault ${run.fault}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escapeXml(name)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="b" width="${WIDTH}" height="${height}"/>`,
    ...heading(run),
    ...strip(run.spans, endNanos, place),
    ...timeGrid(endNanos),
    ...markers(run.events, place),
    ...PANELS.flatMap((panel, index) => drawPanel(run.envelope, panel, index)),
    ...list(run, rows),
    "</svg>\n",
  ].join("\n");
}

function heading({ title, fault, subtitle }: Run): string[] {
  const faultText = fault === null ? "" : `<tspan class="f">, fault ${escapeXml(fault)}</tspan>`;
  return [
    `<text class="h t" x="${LEFT}" y="26">${escapeXml(title)}${faultText}</text>`,
    text(LEFT, 44, "m", subtitle),
  ];
}

function strip(spans: readonly Span[], endNanos: number, place: (nanos: number) => number): string[] {
  return spans.flatMap(({ fromNanos, stage }, index) => {
    const from = place(fromNanos);
    const width = place(spans[index + 1]?.fromNanos ?? endNanos) - from;
    if (width < 0.3) return [];
    const name = escapeXml(stage);
    const box =
      `<rect class="${STAGE_STYLES[stage]}" x="${short(from)}" y="${STRIP_Y}" width="${short(width)}" ` +
      `height="${STRIP_HEIGHT}"><title>${name}</title></rect>`;
    if (width < stage.length * CHARACTER_WIDTH + 4) return [box];
    return [box, text(from + width / 2, STRIP_Y + 13, "", stage, "middle")];
  });
}

function timeGrid(endNanos: number): string[] {
  const seconds = endNanos / NANOS_PER_SECOND;
  const { ticks, unit } = timeAxis(seconds, 15);
  const lines = ticks.flatMap(({ value, label }) => {
    const x = LEFT + (PLOT_WIDTH * value) / seconds;
    return [
      `<path class="g" d="M${short(x)} ${FIRST_PANEL_Y}V${PANELS_END}"/>`,
      text(x, PANELS_END + 17, "m", label, "middle"),
    ];
  });
  return [...lines, text(LEFT + PLOT_WIDTH / 2, PANELS_END + 34, "m", `emulated time, ${unit}`, "middle")];
}

function markers(events: readonly SlotEvent[], place: (nanos: number) => number): string[] {
  return placeMarkers(events, place).flatMap(({ lines, label, labelX, isFault }) => {
    const path = lines.map((x) => `M${x} ${MARKERS_Y + 4}V${PANELS_END}`).join("");
    const style = isFault ? " f" : "";
    return [
      `<path class="e${style}" d="${path}"/>`,
      text(labelX, MARKERS_Y, isFault ? "h f" : "m", label, "middle"),
    ];
  });
}

function drawPanel(envelope: Envelope, panel: (typeof PANELS)[number], index: number): string[] {
  const { name, unit, quantity, perUnit, style, digits, atLeast } = panel;
  const top = FIRST_PANEL_Y + index * (PANEL_HEIGHT + PANEL_GAP);
  const whole = envelope.extent(quantity);
  const axis = valueAxis(Math.max(atLeast, (whole?.highest ?? 0) / perUnit), 5);
  const y = (value: number) => short(top + PANEL_HEIGHT * (1 - value / axis.end));
  const columns = envelope.columns(quantity, Math.min(COLUMNS, envelope.length));
  const columnWidth = (COLUMNS * COLUMN_TENTHS) / columns.length;
  const scale = { columnWidth, height: PANEL_HEIGHT * 10, end: axis.end * perUnit };
  const formatted = (value: number) => (value / perUnit).toFixed(digits);
  const summary = whole
    ? `lowest ${formatted(whole.lowest)}, mean ${formatted(whole.mean)}, ` +
      `highest ${formatted(whole.highest)} ${unit}`
    : "no samples";
  return [
    text(LEFT, top - 7, "h o", `${name}, ${unit}`),
    text(RIGHT, top - 7, "m o", summary, "end"),
    ...axis.ticks.flatMap(({ value, label }) => [
      `<path class="${value === 0 ? "a" : "g"}" d="M${LEFT} ${y(value)}H${RIGHT}"/>`,
      text(LEFT - 6, Number(y(value)) + 4, "m", label, "end"),
    ]),
    `<g transform="translate(${LEFT} ${top})scale(.1)">`,
    `<path class="q ${style}" d="${envelopePath(columns, scale)}"/>`,
    `<path class="k ${style}" d="${meanPath(columns, scale)}"/>`,
    "</g>",
  ];
}

/** Lists the events column by column, as one reads a table of times. */
function list({ events, eventsLeftOut }: Run, rows: number): string[] {
  const entries = events.map(({ nanos, text: content, isFault }, index) => ({
    number: `${index + 1}`,
    time: `${(nanos / NANOS_PER_SECOND).toFixed(3)} s`,
    content,
    isFault,
  }));
  if (eventsLeftOut > 0) {
    const content = `and ${eventsLeftOut} in between that are not shown`;
    entries.push({ number: "", time: "", content, isFault: false });
  }
  return entries.flatMap(({ number, time, content, isFault }, index) => {
    const x = LEFT + (Math.floor(index / rows) * PLOT_WIDTH) / LIST_COLUMNS;
    const y = LIST_Y + (index % rows) * LIST_ROW;
    return [
      text(x + 14, y, "m", number, "end"),
      text(x + 78, y, "m", time, "end"),
      text(x + 86, y, isFault ? "f" : "", content),
    ];
  });
}

function text(x: number, y: number, style: string, content: string, anchor?: "middle" | "end"): string {
  const attributes = (style && ` class="${style}"`) + (anchor ? ` text-anchor="${anchor}"` : "");
  return `<text x="${short(x)}" y="${short(y)}"${attributes}>${escapeXml(content)}</text>`;
}

/** Rounds to a tenth of a unit, which is finer than the eye sees. */
function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

const XML_ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML allows no control characters, not even escaped ones, and no halves of surrogate pairs. */
function escapeXml(content: string): string {
  return content
    .replace(/[\x00-\x1f\x7f-\x9f\ufffe\uffff]|\p{Surrogate}/gu, ".")
    .replace(/[&<>"]/g, (character) => XML_ENTITIES[character] as string);
}
