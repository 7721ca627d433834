/** Round numbers along an axis, and their labels. */

export interface Axis {
  /** The axis goes from 0 to here. */
  readonly end: number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) as number) * power;
}

/** An axis for values from 0 to `highest` that ends with a tick and has at most `mostSteps` steps. */
export function valueAxis(highest: number, mostSteps: number): Axis {
  const step = roundStep(Math.max(highest, 1e-3) / mostSteps);
  const count = Math.max(1, Math.ceil(highest / step - 1e-9));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, index) => ({
    value: index * step,
    label: (index * step).toFixed(digits),
  }));
  return { end: count * step, ticks };
}

/** Steps beyond ten seconds, where people count in parts of minutes and hours. */
const LONG_STEPS_S = [10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** An axis that ends exactly at `seconds`, with ticks in between. */
export function timeAxis(seconds: number, mostSteps: number): Axis & { readonly unit: string } {
  const least = Math.max(seconds, 1e-6) / mostSteps;
  const step =
    least <= 5 ? roundStep(least) : (LONG_STEPS_S.find((long) => long >= least) ?? roundStep(least));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const isLong = seconds >= 600;
  const ticks = Array.from({ length: Math.floor(seconds / step + 1e-9) + 1 }, (_, index) => {
    const value = index * step;
    return { value, label: isLong ? clock(value) : value.toFixed(digits) };
  });
  return { end: seconds, ticks, unit: isLong ? "h:min:s" : "s" };
}

/** 3725 seconds are "1:02:05". */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}
