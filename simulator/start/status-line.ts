/**
 * The text of the status line. In a narrow terminal it leaves out whole fields, the least important first,
 * because a field cut in the middle would state something wrong. The power state and the key that leaves stay
 * the longest.
 */

export interface StatusFacts {
  readonly power: "off" | "rails" | "reset" | "on";
  /** False while no compute board is in the slot. */
  readonly plugged: boolean;
  readonly millivolts: number;
  readonly milliamperes: number;
  readonly stage: string;
  readonly emulatedSeconds: number;
  /** Emulated seconds per wall-clock second, over the last moment. */
  readonly pace: number;
  /** True while a debugger holds the core. */
  readonly held: boolean;
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${String(whole % 60).padStart(2, "0")}.${Math.floor((seconds - whole) * 10)}`;
}

function pace(facts: StatusFacts): string {
  if (facts.held) return "held by debugger";
  return facts.pace >= 9.95 ? `${Math.round(facts.pace)}x` : `${facts.pace.toFixed(1)}x`;
}

/** Returns exactly `columns` characters, printable ASCII only. */
export function statusLine(facts: StatusFacts, columns: number): string {
  const watts = (facts.millivolts * facts.milliamperes) / 1e6;
  /** In their order on the line. The least important field has the lowest rank. */
  const fields: { readonly rank: number; readonly text: string }[] = [
    { rank: 8, text: `power ${facts.power}` },
    { rank: 7, text: `${(facts.millivolts / 1000).toFixed(2)} V` },
    { rank: 4, text: `${(facts.milliamperes / 1000).toFixed(2)} A` },
    { rank: 3, text: `${watts.toFixed(1)} W` },
    // Without it a slot that stays off would need an explanation.
    facts.plugged ? { rank: 1, text: facts.stage } : { rank: 6, text: "no board plugged in" },
    { rank: 2, text: clock(facts.emulatedSeconds) },
    // A console that does not answer because the core is held needs an explanation.
    { rank: facts.held ? 5 : 0, text: pace(facts) },
    { rank: 9, text: "Ctrl-] leaves" },
  ];
  const kept = new Set(fields);
  const line = () => ` ${[...kept].map((field) => field.text).join("  ")}`;
  for (const field of [...fields].sort((a, b) => a.rank - b.rank)) {
    if (line().length <= columns || kept.size === 1) break;
    kept.delete(field);
  }
  return line().slice(0, Math.max(0, columns)).padEnd(Math.max(0, columns));
}
