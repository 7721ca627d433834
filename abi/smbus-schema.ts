/** The form of the SMBus command table: how a command is written and read, and what its bytes mean. */

/** What follows the command code of a write. "send" is the code alone (SMBus: send byte). */
export type WriteForm = "send" | "byte" | "word" | "block";

/**
 * What a read brings. "call" is SMBus' block write - block read process call: a block goes out after the
 * command code, one comes back.
 */
export type ReadForm = "byte" | "word" | "block" | "call";

/** How the data bytes are to be understood. */
export type DataFormat =
  /** PMBus LINEAR11: 5-bit signed exponent, 11-bit signed mantissa. */
  | "linear11"
  /** PMBus LINEAR16: unsigned mantissa, the exponent is VOUT_MODE's. */
  | "linear16"
  /** An unsigned number, or one of named values. */
  | "number"
  /** Named bits. */
  | "bits"
  /** ASCII without an end mark. */
  | "text"
  /** Bytes with a layout of their own, see `fields`. */
  | "bytes";

export interface NamedValue {
  readonly value: number;
  readonly name: string;
  readonly description: string;
}

export interface SmbusField {
  readonly name: string;
  readonly bytes: number;
  readonly description: string;
}

export interface SmbusCommand {
  readonly code: number;
  readonly name: string;
  readonly description: string;
  readonly read?: ReadForm;
  readonly write?: WriteForm;
  readonly format?: DataFormat;
  /** Of a linear format. */
  readonly unit?: "V" | "A" | "W" | "°C";
  /** Pages that know the command; left out, it is common to all pages. */
  readonly pages?: readonly number[];
  /**
   * The host answers reads from its table of prepared responses, so that the bus does not wait for the logic.
   */
  readonly prepared?: boolean;
  /** WRITE_PROTECT levels under which it can still be written; [] is the rule. */
  readonly writableUnder?: readonly number[];
  /** Names of the values, or of the bits by their number. */
  readonly values?: readonly NamedValue[];
  /** Layout of "bytes", little-endian, in order; a field of 0 bytes takes what is left. */
  readonly fields?: readonly SmbusField[];
  /** What a process call sends. */
  readonly callFields?: readonly SmbusField[];
}

/** What numbers in the fields of blocks mean, under the name that the fields' descriptions use. */
export interface NumberNames {
  readonly name: string;
  readonly description: string;
  readonly values: readonly NamedValue[];
}
