/**
 * Reports the power benchmark's figures as a Markdown table and as JSON, and lists the goals that are
 * missed.
 */
import type { EngineName } from "../../boards/image.ts";
import { type Inrush, STATED } from "./power-inrush.ts";
import type { ResetFigures } from "./power-resets.ts";
import type { Accuracy, Cutoff, EnergyFigures } from "./power-runs.ts";
import { table } from "./report.ts";

const BEGIN = "<!-- npm run bench:power: from here -->";
const END = "<!-- npm run bench:power: to here -->";

export interface PowerFigures {
  readonly short: Cutoff;
  readonly overcurrent: Cutoff;
  readonly inrush: readonly Inrush[];
  readonly overload: Cutoff;
  readonly power_on_to_run_ms: number;
  readonly share: { readonly on_pct: number; readonly off_pct: number };
  readonly accuracy: Accuracy;
  readonly energy: EnergyFigures;
  readonly resets: ResetFigures;
}

const GOAL_SHORT_US = 60;
/** Four codes in a row and the end of their buffer: 70 us, and the interrupt. */
const GOAL_OVERCURRENT_US = 80;
const GOAL_VOLTAGE_PCT = 0.5;
const GOAL_CURRENT_PCT = 1;
const GOAL_ENERGY_PCT = 0.2;

const fixed = (value: number, digits: number) => value.toFixed(digits);
const cutoff = ({ median_us, most_us, trials }: Cutoff) =>
  `${fixed(median_us, 1)}, most ${fixed(most_us, 1)} of ${trials}`;

export function tables(engine: EngineName, figures: PowerFigures): string {
  const { short, overcurrent, overload, share, accuracy, energy, resets } = figures;
  const rows = [
    ["short circuit to EN_5V low, us", cutoff(short), `under ${GOAL_SHORT_US}`],
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
    inrushTable(figures.inrush),
    `Resets by where the slot was: ${states.join(", ")}.`,
  ].join("\n\n");
}

/** Which pulses of current are ridden through, and how soon the others are cut. */
function inrushTable(inrush: readonly Inrush[]): string {
  const rows = inrush.map(({ ma, us, trials, ridden, most_us }) => [
    `${ma / 1000} A`,
    Number.isFinite(us) ? `${us} us` : "it stays",
    `${ridden} of ${trials}`,
    most_us === null ? "" : fixed(most_us, 1),
    isStated({ ma, us }) ? `${trials} of ${trials}` : "",
  ]);
  return table(["current", "for", "ridden through", "EN_5V low after at most, us", "goal"], rows);
}

/** The inrush that the default is meant for, or a shorter one. */
function isStated({ ma, us }: Pick<Inrush, "ma" | "us">): boolean {
  return ma <= STATED.ma && us <= STATED.us;
}

export function powerJson(figures: PowerFigures): string {
  const { overcurrent, short, overload, accuracy, energy, resets, share } = figures;
  return `${JSON.stringify(
    {
      short_off_us: short.most_us,
      overcurrent_off_us: overcurrent.most_us,
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
  if (short.most_us >= GOAL_SHORT_US) problems.push(`a short circuit lasted ${fixed(short.most_us, 1)} us`);
  if (overcurrent.most_us >= GOAL_OVERCURRENT_US)
    problems.push(`an over-current lasted ${fixed(overcurrent.most_us, 1)} us`);
  for (const { ma, us, trials, ridden } of figures.inrush) {
    if (isStated({ ma, us }) && ridden < trials)
      problems.push(
        `${trials - ridden} of ${trials} inrushes of ${ma} mA for ${us} us switched the slot off`,
      );
  }
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
