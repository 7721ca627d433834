/** Reads the output of the BMC's console: the answers that the demonstration needs, and the raw log. */

/** Joins the lines that the console has broken because they were wider than a terminal. */
export function unwrapped(text: string): string {
  return text.replace(/\r\n {4}(?=\S)/g, " ");
}

/** Returns the `key<spaces>value` lines of `status`. The last line of a key counts. */
export function statusLines(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of unwrapped(text).split(/\r?\n/)) {
    const match = /^([A-Za-z][A-Za-z0-9 ]*?) {2,}(\S.*)$/.exec(line);
    if (match) values.set(match[1] as string, match[2] as string);
  }
  return values;
}

/** The first whole number of a status value, or null. */
export function leadingNumber(value: string | undefined): number | null {
  const match = /^-?\d+/.exec(value ?? "");
  return match ? Number(match[0]) : null;
}

/** A reading of `sensors`, in the unit that the console gives; null where it is missing. */
export function reading(text: string, name: string): number | null {
  const match = new RegExp(`^${name} +(-?\\d+) (?:mV|mA|mW|mdeg)\\b`, "m").exec(text);
  return match ? Number(match[1]) : null;
}

/**
 * What `sensors` says about sensors that do not simply read well: "V5 nonsense: stuck". That the monitor
 * deviates is not among it: it and the converter measure over different times, and a load that jumps makes
 * them differ.
 */
export function sensorRemarks(text: string): string[] {
  const remark = /^(\S+) .*?(nonsense: .*|FAULT|warning|\d+ errors, .*)\r?$/gm;
  return [...text.matchAll(remark)].map(([, name, said]) => `${name} ${said}`);
}

export interface RawLog {
  readonly fromByte: number;
  readonly bytes: Uint8Array;
  readonly dropped: number;
}

const RAW_BEGIN = /raw log from byte (\d+)\r\n/;
/**
 * The pattern does not consume the line end behind it, because the end of an imitation may be the beginning
 * of the real line.
 */
const RAW_END = /\r\nraw log to byte (\d+), (\d+) dropped(?=\r\n)/g;

/**
 * Offset at which the raw bytes begin, once `log --raw` has announced itself. The text has one character per
 * byte.
 */
export function rawLogStart(text: string): { readonly offset: number; readonly fromByte: number } | null {
  const match = RAW_BEGIN.exec(text);
  return match ? { offset: match.index + match[0].length, fromByte: Number(match[1]) } : null;
}

/**
 * True if `log --raw` has printed its closing line in this text, which should begin after the Ctrl-C that
 * ends it.
 */
export function rawLogClosed(text: string): boolean {
  return text.search(RAW_END) >= 0;
}

/**
 * The raw log in a finished answer, or null. The log itself may hold anything, even lines that look like the
 * closing one and state the right length. Only the last such line is the BMC's own.
 */
export function rawLog(text: string): RawLog | null {
  const start = rawLogStart(text);
  if (!start) return null;
  const end = [...text.slice(start.offset).matchAll(RAW_END)].at(-1);
  if (!end) return null;
  const bytes = Buffer.from(text.slice(start.offset, start.offset + end.index), "latin1");
  return { fromByte: start.fromByte, bytes, dropped: Number(end[2]) };
}
