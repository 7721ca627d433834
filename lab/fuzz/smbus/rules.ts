/**
 * The rules for single messages in abi/smbus.ts and the PMBus specification, for the model: the commands
 * that a page of a board has, the lengths of their writes, the meaning of their numbers. It shares only the
 * table with the logic, and need not be fast: it uses floating point, and computes a PEC bit by bit.
 */
import { BLOCK_BYTES, commands, VOUT_EXPONENT } from "../../../abi/smbus.ts";
import type { SmbusCommand } from "../../../abi/smbus-schema.ts";
import type { Board } from "../../../boards/board.ts";
import { quantityOf as boardQuantity, pagesOfRails } from "../../../boards/quantities.ts";
import { pecOf } from "../../../simulator/devices/smbus/pec.ts";

export { pecOf };

const BY_CODE = new Map(commands.map((command) => [command.code, command]));
const BY_NAME = new Map(commands.map((command) => [command.name, command]));

export function commandOf(code: number): SmbusCommand | undefined {
  return BY_CODE.get(code);
}

/** Returns the code of a command in the table. */
export function codeOf(name: string): number {
  const command = BY_NAME.get(name);
  if (!command) throw new Error(`abi/smbus.ts has no ${name}`);
  return command.code;
}

/** As the vocabulary names them: the output voltage of each page, and current and power of page 0. */
export type QuantityName = "VIN" | `VOUT_${number}` | "IOUT" | "POUT" | "TEMPERATURE";

type LimitKind = "high_fault" | "high_warning" | "low_warning" | "low_fault";

export interface Limit {
  readonly quantity: QuantityName;
  readonly kind: LimitKind;
  /** In thousandths of the unit. */
  readonly initial: number;
  readonly minimum: number;
  readonly maximum: number;
  /** How far within the limit the quantity must return to count as good. */
  readonly hysteresis: number;
}

function quantityOf(name: string, page: number): QuantityName | undefined {
  if (name.startsWith("VOUT") || name === "READ_VOUT") return `VOUT_${page}`;
  if (name.startsWith("VIN") || name === "READ_VIN") return "VIN";
  if (name.startsWith("IOUT") || name === "READ_IOUT") return "IOUT";
  if (name.startsWith("POUT") || name === "READ_POUT" || name === "READ_EOUT") return "POUT";
  if (/^[OU]T_/.test(name) || name.startsWith("READ_TEMPERATURE")) return "TEMPERATURE";
  return undefined;
}

function kindOf(name: string): LimitKind {
  const high = name.includes("_O");
  const isHigh = high || name.startsWith("OT_");
  if (name.includes("FAULT")) return isHigh ? "high_fault" : "low_fault";
  return isHigh ? "high_warning" : "low_warning";
}

export class Rules {
  readonly board: Board;
  readonly address: number;
  /** The names of its rails, by page. */
  readonly rails: readonly string[];
  readonly #limits = new Map<number, Limit>();
  readonly #known: boolean[] = [];

  constructor(board: Board, slot: number) {
    this.board = board;
    this.address = board.smbus.address + slot;
    const pages = pagesOfRails(board.rails);
    this.rails = board.rails.map((_, page) => board.rails[pages.indexOf(page)]?.name ?? "");
    for (const command of commands) {
      for (const page of pages) {
        const limit = this.#findLimit(command, page);
        if (limit) this.#limits.set((page << 8) | command.code, limit);
        this.#known[(page << 8) | command.code] = this.#isKnown(command, page, limit);
      }
    }
  }

  /** Returns whether a page of this board has the command. */
  knows(code: number, page: number): boolean {
    return this.#known[(page << 8) | code] ?? false;
  }

  limit(code: number, page: number): Limit | undefined {
    return this.#limits.get((page << 8) | code);
  }

  /** Returns the other limits of the same quantity, with their codes. */
  partners(code: number, page: number): readonly (readonly [number, Limit])[] {
    const quantity = this.limit(code, page)?.quantity;
    return [...this.#limits].flatMap(([key, limit]) =>
      key >> 8 === page && (key & 0xff) !== code && limit.quantity === quantity
        ? [[key & 0xff, limit] as const]
        : [],
    );
  }

  measures(quantity: QuantityName): boolean {
    return boardQuantity(this.board, quantity) !== undefined;
  }

  #findLimit(command: SmbusCommand, page: number): Limit | undefined {
    if (!command.name.endsWith("_LIMIT") || !(command.pages?.includes(page) ?? true)) return undefined;
    const quantity = quantityOf(command.name, page) as QuantityName;
    const limits = this.board.limits[boardQuantity(this.board, quantity)?.name ?? ""];
    const kind = kindOf(command.name);
    const initial = limits?.[kind];
    if (!limits || initial === null || initial === undefined) return undefined;
    const { minimum, maximum, hysteresis } = limits;
    return { quantity, kind, initial, minimum, maximum, hysteresis };
  }

  #isKnown(command: SmbusCommand, page: number, limit: Limit | undefined): boolean {
    if (command.pages && !command.pages.includes(page)) return false;
    if (command.name.endsWith("_LIMIT")) return limit !== undefined;
    if (command.name === "MFR_ENERGY") return this.measures("POUT");
    const quantity = command.name.startsWith("READ_") ? quantityOf(command.name, page) : undefined;
    return quantity === undefined || this.measures(quantity);
  }
}

/** Returns the bytes of a write without PEC, command code included; 0 if the block's count is impossible. */
export function writeLength(command: SmbusCommand, bytes: ArrayLike<number>): number {
  if (command.write === "send") return 1;
  if (command.write === "byte") return 2;
  if (command.write === "word") return 3;
  const count = bytes[1] ?? 0;
  return count >= 1 && count <= BLOCK_BYTES ? count + 2 : 0;
}

/** Returns the data bytes of a read that is not a block. */
export function readLength(command: SmbusCommand): number {
  return command.read === "byte" ? 1 : 2;
}

/** Returns thousandths (part II, 7.1: 5 bits of exponent, 11 of mantissa, both signed). */
function linear11(word: number): number {
  const exponent = word >> 11 > 15 ? (word >> 11) - 32 : word >> 11;
  const mantissa = (word & 0x7ff) > 1023 ? (word & 0x7ff) - 2048 : word & 0x7ff;
  return mantissa * 2 ** exponent * 1000;
}

/** Returns thousandths (part II, 8.3.1), with the exponent that VOUT_MODE reports. */
function linear16(word: number): number {
  return word * 2 ** VOUT_EXPONENT * 1000;
}

/** Returns the value of a linear word in thousandths, and half of its last digit. */
export function linearValue(command: SmbusCommand, word: number): { value: number; half: number } {
  if (command.format === "linear16") return { value: linear16(word), half: 2 ** VOUT_EXPONENT * 500 };
  const exponent = word >> 11 > 15 ? (word >> 11) - 32 : word >> 11;
  return { value: linear11(word), half: 2 ** exponent * 500 };
}

/** Reads a little-endian unsigned number. */
export function number(data: ArrayLike<number>, at: number, bytes: number): number {
  let value = 0;
  for (let index = bytes - 1; index >= 0; index--) value = value * 256 + (data[at + index] ?? 0);
  return value;
}
