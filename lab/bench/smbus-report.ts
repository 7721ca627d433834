/** Reports the SMBus benchmark's figures as Markdown tables and as JSON. */
import type { EngineName } from "../../boards/image.ts";
import { table } from "./report.ts";
import { HOLD_CLOCKS, type HoldFigures } from "./smbus-holds.ts";
import { type ScenarioName, SPEEDS_HZ, type SpeedFigures } from "./smbus-runs.ts";

const BEGIN = "<!-- npm run bench:smbus: from here -->";
const END = "<!-- npm run bench:smbus: to here -->";

/** The figures by scenario, then by speed in hertz. */
export type SmbusFigures = Readonly<Record<ScenarioName, Readonly<Record<number, SpeedFigures>>>>;

/** The shortest holds, by the name of the clock. */
export type Holds = ReadonlyMap<string, readonly HoldFigures[]>;

const us = (value: number) => value.toFixed(value < 10 ? 2 : 1);
const kilohertz = (hz: number) => `${hz / 1000} kHz`;

/** The goals: prepared reads are answered within one bit time, everything else within 25 ms (tLOW:SEXT). */
const OTHER_LIMIT_US = 25_000;

function bitTime_us(hz: number): number {
  return 1e6 / hz;
}

function summaryTable(figures: SmbusFigures): string {
  const header = ["largest time SCL is held low in a message, us", ...SPEEDS_HZ.map(kilohertz), "goal"];
  const rows = (Object.entries(figures) as [ScenarioName, Record<number, SpeedFigures>][]).flatMap(
    ([scenario, speeds]) => {
      const row = (name: string, value: (of: SpeedFigures) => number, goal: string) => [
        `${scenario}: ${name}`,
        ...SPEEDS_HZ.map((hz) => us(value(speeds[hz] as SpeedFigures))),
        goal,
      ];
      return [
        row("prepared reads, most", (of) => of.telemetry_max_stretch_us, "one bit: 10, 2.5, 1"),
        row("everything else, median", (of) => of.other_p50_us, ""),
        row("everything else, 99 of 100", (of) => of.other_p99_us, ""),
        row("everything else, most", (of) => of.other_max_us, "25,000"),
      ];
    },
  );
  return table(header, rows);
}

/** A table by kind of message, for the busiest scenario. */
function kindTable(speeds: Readonly<Record<number, SpeedFigures>>): string {
  const header = ["median / 99 of 100 / most, us", ...SPEEDS_HZ.map(kilohertz)];
  const names = speeds[SPEEDS_HZ[0]]?.kinds.map(({ name }) => name) ?? [];
  const rows = names.map((name) => [
    name,
    ...SPEEDS_HZ.map((hz) => {
      const kind = speeds[hz]?.kinds.find((candidate) => candidate.name === name);
      return kind ? `${us(kind.p50_us)} / ${us(kind.p99_us)} / ${us(kind.max_us)}` : "";
    }),
  ]);
  return table(header, rows);
}

/** Half a clock, or what part of the messages breaks it. */
function shortestHold({ shortest_us, short, messages }: HoldFigures): string {
  if (shortest_us === null) return "none";
  return short === 0 ? us(shortest_us) : `${us(shortest_us)}; ${short} of ${messages} too short`;
}

function holdTable(holds: Holds): string {
  const clocks = HOLD_CLOCKS.filter(({ name }) => holds.has(name));
  const header = ["shortest hold that is not none, us", ...clocks.map(({ name }) => name)];
  const figures = clocks.map(({ name }) => holds.get(name) as readonly HoldFigures[]);
  const rows = (figures[0] ?? []).map(({ name }, row) => [
    name,
    ...figures.map((column) => shortestHold(column[row] as HoldFigures)),
  ]);
  const goals = clocks.map(({ hz, isGoal }) => (isGoal ? `at least ${us(bitTime_us(hz) / 2)}` : ""));
  return table(header, [...rows, ["goal: half a clock", ...goals]]);
}

export function tables(engine: EngineName, figures: SmbusFigures, holds: Holds): string {
  const scenarios = Object.keys(figures) as ScenarioName[];
  const busiest = scenarios.at(-1) as ScenarioName;
  return [
    `Engine: ${engine}.`,
    summaryTable(figures),
    `Kind by kind, ${busiest}:`,
    kindTable(figures[busiest]),
    "How short a hold can be, by the clock of the controller:",
    holdTable(holds),
  ].join("\n\n");
}

/**
 * Speeds in kilohertz. The scenario is the one in which the compute board prints and no console follows its
 * log.
 */
export function smbusJson(figures: SmbusFigures): string {
  const speeds = figures["compute board printing"];
  const value = Object.fromEntries(
    SPEEDS_HZ.map((hz) => {
      const { telemetry_max_stretch_us, other_p50_us, other_p99_us, other_max_us } = speeds[
        hz
      ] as SpeedFigures;
      return [`${hz / 1000}`, { telemetry_max_stretch_us, other_p50_us, other_p99_us, other_max_us }];
    }),
  );
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Returns one sentence for each goal that is missed. */
export function broken(figures: SmbusFigures): string[] {
  return Object.entries(figures).flatMap(([scenario, speeds]) =>
    SPEEDS_HZ.flatMap((hz) => {
      const { telemetry_max_stretch_us, other_max_us } = speeds[hz] as SpeedFigures;
      const at = `at ${kilohertz(hz)}, ${scenario}`;
      const problems: string[] = [];
      if (telemetry_max_stretch_us > bitTime_us(hz))
        problems.push(
          `a prepared read held SCL for ${us(telemetry_max_stretch_us)} us ${at}: more than one bit`,
        );
      if (other_max_us > OTHER_LIMIT_US) problems.push(`a message held SCL for ${us(other_max_us)} us ${at}`);
      return problems;
    }),
  );
}

/** Returns one sentence for each kind of message whose holds are too short. */
export function tooShort(holds: Holds): string[] {
  return HOLD_CLOCKS.flatMap(({ name: clock, isGoal }) =>
    (isGoal ? (holds.get(clock) ?? []) : []).flatMap((row) =>
      row.short === 0
        ? []
        : [`${row.name} held SCL for less than half a clock, ${clock}: ${shortestHold(row)}`],
    ),
  );
}

/** Replaces the tables between the page's marks. Throws an Error if the page has no marks. */
export function smbusPage(page: string, tablesNow: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error("docs/figures.md has lost the marks between which the SMBus' figures are renewed");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tablesNow}\n\n${page.slice(end)}`;
}
