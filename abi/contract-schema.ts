/**
 * The form of the contract between host and logic: what an import, an export, a record and a signal consist
 * of.
 */

/** Scalars as WebAssembly knows them. */
export type Scalar = "u32" | "u64";

/** A block in linear memory. The host checks `address .. address + length * elementBytes`, or traps. */
export interface Pointer {
  readonly kind: "pointer";
  /** The parameter that holds the number of elements, or a constant number of them. */
  readonly length: string | number;
  /** Also the alignment the host insists on. */
  readonly elementBytes: 1 | 2 | 4;
  /** Who writes the block: the host ("out" of the host) or the logic ("in" to the host). */
  readonly direction: "in" | "out";
}

export interface Parameter {
  readonly name: string;
  readonly type: Scalar | Pointer;
  /** Largest value the host accepts; above it is a trap. */
  readonly maximum?: number;
  /** Together with that parameter at most so much; above it is a trap. */
  readonly reach?: { readonly with: string; readonly maximum: number };
  /** Signals the host accepts: a set bit that is none of them is a trap. */
  readonly signals?: "in" | "out";
}

export interface Import {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly returns?: Scalar;
}

export interface Export {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly returns?: Scalar;
}

export interface NamedNumber {
  readonly name: string;
  readonly value: number;
  readonly description: string;
}

/** A record of 32-bit unsigned words, in this order, little-endian, no gaps. */
export interface RecordLayout {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly { readonly name: string; readonly description: string }[];
}

export interface Signal extends NamedNumber {
  readonly direction: "in" | "out";
}
