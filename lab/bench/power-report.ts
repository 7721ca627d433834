/**
 * Reports the power benchmark's figures as a Markdown table and as JSON, and lists the goals that are
 * missed.
 */
import type { EngineName } from "../../boards/image.ts";
import type { ResetFigures } from "./power-resets.ts";
import type { Accuracy, Cutoff, EnergyFigures } from "./power-runs.ts";
import { table } from "./report.ts";

const BEGIN = "<!-- npm run bench:power: from here -->";
const END = "<!-- npm run bench:power: to here -->";

export interface PowerFigures {
  readonly short: Cutoff;
  readonly overcurrent: Cutoff;
  readonly overload: Cutoff;
  readonly power_on_to_run_ms: number;
  readonly share: { readonly on_pct: number; readonly off_pct: number };
  readonly accuracy: Accuracy;
  readonly energy: EnergyFigures;
  readonly resets: ResetFigures;
}

const GOAL_OVERCURRENT_US = 60;
const GOAL_VOLTAGE_PCT = 0.5;
const GOAL_CURRENT_PCT = 1;
const GOAL_ENERGY_PCT = 0.2;

const fixed = (value: number, digits: number) => value.toFixed(digits);
const cutoff = ({ median_us, most_us, trials }: Cutoff) =>
  `${fixed(median_us, 1)}, most ${fixed(most_us, 1)} of ${trials}`;

export function tables(engine: EngineName, figures: PowerFigures): string {
  const { short, overcurrent, overload, share, accuracy, energy, resets } = figures;
  const rows = [
    ["short circuit to EN_5V low, us", cutoff(short), `under ${GOAL_OVERCURRENT_US}`],
    ["6 A from a supply that holds to EN_5V low, us", cutoff(overcurrent), `under ${GOAL_OVERCURRENT_US}`],
    ["4.2 A (fault limit 4 A, filter 50 ms) to EN_5V low, us", cutoff(overload), ""],
    ["`power on` entered to COMPUTE_RUN asserted, ms", fixed(figures.power_on_to_run_ms, 1), ""],
    [
      "largest error of VIN, V5, V3V3, % of the value; before calibration",
      `${fixed(accuracy.voltage_error_pct, 3)}; ${fixed(accuracy.raw_voltage_error_pct, 2)}`,
      `${GOAL_VOLTAGE_PCT}`,
    ],
    [
      "largest error of I5, % of full scale; before calibration",
      `${fixed(accuracy.current_error_pct, 3)}; ${fixed(accuracy.raw_current_error_pct, 2)}`,
      `${GOAL_CURRENT_PCT}`,
    ],
    [
      `error of energy over ${energy.minutes} minutes, %`,
      fixed(energy.energy_error_pct, 4),
      `${GOAL_ENERGY_PCT}`,
    ],
    ["watchdog resets at random moments", resets.resets.toLocaleString("en"), "10,000"],
    ["edges on enables and COMPUTE_RUN in them", String(resets.glitches), "0"],
    ["of them ended otherwise than without", String(resets.wrong), "0"],
    ["processor load, slot on and quiet, %", fixed(share.on_pct, 2), ""],
    ["processor load, slot off, %", fixed(share.off_pct, 2), ""],
  ];
  const states = Object.entries(resets.states).map(([name, count]) => `${name} ${count}`);
  return [
    `Engine: ${engine}.`,
    table(["power", "measured", "goal"], rows),
    `Resets by where the slot was: ${states.join(", ")}.`,
  ].join("\n\n");
}

export function powerJson(figures: PowerFigures): string {
  const { overcurrent, short, overload, accuracy, energy, resets, share } = figures;
  return `${JSON.stringify(
    {
      overcurrent_off_us: Math.max(overcurrent.most_us, short.most_us),
      slow_fault_off_us: overload.most_us,
      power_on_to_run_ms: figures.power_on_to_run_ms,
      voltage_error_pct: accuracy.voltage_error_pct,
      current_error_pct: accuracy.current_error_pct,
      energy_error_pct: energy.energy_error_pct,
      resets: resets.resets,
      glitches: resets.glitches,
      cpu_share_pct: share.on_pct,
    },
    null,
    2,
  )}\n`;
}

/** Returns one sentence for each goal that is missed. */
export function broken(figures: PowerFigures): string[] {
  const { overcurrent, short, accuracy, energy, resets } = figures;
  const problems: string[] = [...resets.problems];
  const most_us = Math.max(overcurrent.most_us, short.most_us);
  if (most_us >= GOAL_OVERCURRENT_US) problems.push(`an over-current lasted ${fixed(most_us, 1)} us`);
  if (accuracy.voltage_error_pct > GOAL_VOLTAGE_PCT)
    problems.push(`a voltage was ${fixed(accuracy.voltage_error_pct, 2)} % off`);
  if (accuracy.current_error_pct > GOAL_CURRENT_PCT)
    problems.push(`the current was ${fixed(accuracy.current_error_pct, 2)} % of full scale off`);
  if (energy.energy_error_pct > GOAL_ENERGY_PCT)
    problems.push(`energy was ${fixed(energy.energy_error_pct, 3)} % off`);
  return problems;
}

/** Replaces the table between the page's marks. Throws an Error if the page has no marks. */
export function powerPage(page: string, engine: EngineName, figures: PowerFigures): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error("docs/figures.md has lost the marks between which the power figures are renewed");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables(engine, figures)}\n\n${page.slice(end)}`;
}
