/** The text of the status line: what matters most comes first, so that a narrow terminal keeps it. */

export interface StatusFacts {
  readonly power: "off" | "rails" | "reset" | "on";
  readonly millivolts: number;
  readonly milliamperes: number;
  readonly stage: string;
  readonly emulatedSeconds: number;
  /** Emulated seconds per wall second, over the last moment. */
  readonly pace: number;
  /** A debugger holds the core. */
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

/** At most `columns` characters, printable ASCII only. */
export function statusLine(facts: StatusFacts, columns: number): string {
  const watts = (facts.millivolts * facts.milliamperes) / 1e6;
  const parts = [
    `power ${facts.power}`,
    `${(facts.millivolts / 1000).toFixed(2)} V`,
    `${(facts.milliamperes / 1000).toFixed(2)} A`,
    `${watts.toFixed(1)} W`,
    facts.stage,
    clock(facts.emulatedSeconds),
    pace(facts),
    "Ctrl-] leaves",
  ];
  return ` ${parts.join("  ")}`.slice(0, Math.max(0, columns)).padEnd(Math.max(0, columns));
}
