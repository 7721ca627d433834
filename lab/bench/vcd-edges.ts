/** Reads the edges of one wire from a VCD file (IEEE 1364, chapter 18), for measurements in a trace. */

export interface Edge {
  readonly nanos: number;
  readonly level: boolean;
}

const UNIT_NANOS: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3, ns: 1, ps: 1e-3 };

/**
 * Returns the changes of the wire of that name, in order. Throws an Error if the file does not declare it.
 */
export function vcdEdges(text: string, name: string): Edge[] {
  const scale = /\$timescale\s+(\d+)\s*(\w+)\s+\$end/.exec(text);
  const tick = Number(scale?.[1] ?? 1) * (UNIT_NANOS[scale?.[2] ?? "ns"] ?? 1);
  const escaped = name.replace(/[^\w]/g, "\\$&");
  const code = new RegExp(`\\$var\\s+wire\\s+1\\s+(\\S+)\\s+${escaped}\\s+\\$end`).exec(text)?.[1];
  if (code === undefined) throw new Error(`the trace has no wire ${name}`);
  const edges: Edge[] = [];
  let nanos = 0;
  let last: boolean | null = null;
  for (const line of text.slice(text.indexOf("$enddefinitions")).split("\n")) {
    if (line.startsWith("#")) nanos = Number(line.slice(1)) * tick;
    if (line.slice(1) !== code || !/^[01]/.test(line)) continue;
    const level = line.startsWith("1");
    if (level !== last && last !== null) edges.push({ nanos, level });
    last = level;
  }
  return edges;
}
