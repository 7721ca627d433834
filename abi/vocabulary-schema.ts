/** The form of the vocabulary: terms with numbers, descriptions and texts, and enumerations of them. */

/** One term: UPPER_SNAKE_CASE here, CamelCase in the logic ("RAIL_UP" is State.RailUp). */
export interface Term {
  readonly name: string;
  readonly value: number;
  /** For the documents and the doc comments; no capital letter, no full stop. */
  readonly description: string;
  /** Not for the bus, although its enumeration is: the logic alone uses it. */
  readonly internal?: true;
  /** What the console calls it; only enumerations that the console prints have texts. */
  readonly text?: string;
}

export interface Enumeration {
  /** Its name in the logic. */
  readonly name: string;
  /** Its name on the SMBus, where it leaves the device. */
  readonly wire?: string;
  readonly description: string;
  readonly terms: readonly Term[];
}

type Row = readonly [name: string, description: string, text?: string];

/** Terms numbered in the order of the rows, from `first` on. */
export function numbered(rows: readonly Row[], first = 0): Term[] {
  return rows.map(([name, description, text], index) => ({
    name,
    value: first + index,
    description,
    ...(text === undefined ? {} : { text }),
  }));
}
