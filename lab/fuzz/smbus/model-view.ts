/**
 * The parts of the model that an answer is held against. The model imports the functions that judge answers,
 * so they take this interface and do not import the model.
 */
import type { SmbusCommand } from "../../../abi/smbus-schema.ts";
import type { PowerModel } from "./power-model.ts";
import type { Rules } from "./rules.ts";
import type { StatusModel } from "./status-model.ts";
import type { Span, World } from "./world.ts";

/** In place of a limit's word: the board's value, of which no word has been read yet. */
export const UNREAD = -1;

export interface ModelView {
  readonly rules: Rules;
  readonly world: World;
  readonly status: StatusModel;
  readonly power: PowerModel;
  readonly page: number;
  readonly writeProtect: number;
  readonly identify: number;
  /** A trace of a fault is kept; null: perhaps. */
  readonly trace: boolean | null;
  readonly transactions: number;
  readonly pecErrors: number;
  readonly abandoned: number;
  readonly refused: Span;
  /** Words that a limit may have, by page and code; the board's own at first. */
  readonly limits: Map<number, readonly number[]>;
  limitKey(command: SmbusCommand): number;
}
