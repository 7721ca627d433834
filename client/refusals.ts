/**
 * Finds out whether a slot refused a command. The wire does not show it: the slot acknowledges a write before
 * its logic has seen it, and a command that does not exist reads as FFh. STATUS_CML shows it afterwards, and
 * MFR_COUNTERS where the slot was busy.
 */
import { AbsentError, BadAnswerError, BadPecError, RefusedError } from "./bus.ts";
import { COMMANDS, type CommandName } from "./generated/commands.ts";
import type { Messages } from "./messages.ts";
import { bitNames, type Command, decodeFields, numberOf } from "./values.ts";

/** A write, with its name and page for the message of a refusal. */
export interface Written {
  readonly name: CommandName;
  /** Returns " on page 1 (3V3_AUX)" for a paged command, else nothing. */
  readonly where: () => Promise<string>;
  readonly data: Uint8Array;
}

const INVALID_COMMAND = 1 << COMMANDS.STATUS_CML.values.INVALID_COMMAND;

/** The bits of STATUS_CML that a refused write sets. */
const REASONS = ["INVALID_COMMAND", "INVALID_DATA", "PEC_FAILED", "OTHER_MEMORY_LOGIC"] as const;

/**
 * Whether an answer is that of a command which does not exist: FFh, and FEh where FFh would be the PEC of the
 * bytes before (docs/architecture.md).
 */
export function isSilence(answer: Uint8Array): boolean {
  return answer[0] === 0xff && answer.every((byte) => byte >= 0xfe);
}

/** Whether a read failed because its answer was silence. */
export function silenceIn(error: unknown): boolean {
  return (error instanceof BadPecError || error instanceof BadAnswerError) && isSilence(error.answer);
}

export class Refusals {
  readonly #messages: Messages;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  /** Returns whether INVALID_COMMAND is set, and clears it unless the slot is write-protected. */
  async takeInvalidCommand(): Promise<boolean> {
    if (!(await this.#isInvalidCommand())) return false;
    await this.#messages.write(COMMANDS.STATUS_CML.code, Uint8Array.of(INVALID_COMMAND));
    return true;
  }

  /**
   * Reads a block; null where the device lacks the command. An INVALID_COMMAND that was set before stays set.
   * One that this question sets is cleared, unless the slot is write-protected.
   */
  async blockIfThere(name: CommandName): Promise<Uint8Array | null> {
    const wasSet = await this.#isInvalidCommand();
    for (let tries = 1; ; tries++) {
      try {
        return await this.#messages.readBlock(COMMANDS[name].code);
      } catch (error) {
        if (!silenceIn(error)) throw error;
        if (!wasSet && !(await this.takeInvalidCommand())) throw error;
        // An older bit proves nothing, two silent answers do: a BMC is hardly ever too busy twice in a row.
        if (!wasSet || tries > 1) return null;
      }
    }
  }

  /** Writes. Throws a RefusedError where the slot refused it, an AbsentError where it lacks the command. */
  async verified(written: Written, write: () => Promise<void>): Promise<void> {
    await this.#clearCml();
    const before = await this.#refused();
    await write();
    const cml = await this.#byte("STATUS_CML");
    const bits = bitNames(COMMANDS.STATUS_CML, cml);
    const reasons = new Set<string>(REASONS.filter((reason) => bits.has(reason)));
    // The bit BUSY stays set until CLEAR_FAULTS, so it may be of an earlier write; the counter is not.
    if (cml === 0 && (await this.#refused()) !== before) reasons.add("BUSY");
    if (reasons.size === 0) return;
    const { address } = this.#messages;
    const { name, where } = written;
    if (reasons.has("INVALID_COMMAND") && (await this.#byte("WRITE_PROTECT")) === 0)
      throw new AbsentError(address, name, await where());
    throw new RefusedError(address, name, reasons, await this.#hint(written, reasons));
  }

  /** Whether WRITE_PROTECT keeps PAGE as well. */
  async pageIsProtected(): Promise<boolean> {
    return (await this.#byte("WRITE_PROTECT")) === COMMANDS.WRITE_PROTECT.values.ALL;
  }

  /** Advice for the user. */
  async #hint({ name, data }: Written, reasons: ReadonlySet<string>): Promise<string> {
    if (reasons.has("INVALID_COMMAND")) return '"get WRITE_PROTECT" tells whether it is protected';
    if (reasons.has("INVALID_DATA")) return allowed(name);
    if (reasons.has("BUSY")) return "the slot is busy, and takes it a moment later";
    if (!reasons.has("OTHER_MEMORY_LOGIC")) return "try again";
    return this.#hindrance(name, data);
  }

  /** Why the slot does not carry out a power command, as far as its state shows. */
  async #hindrance(name: CommandName, data: Uint8Array): Promise<string> {
    const { ON, SHUTTING_DOWN, FAULT, NO_INPUT } = COMMANDS.MFR_POWER_STATE.values;
    const { CYCLE, RESET } = COMMANDS.MFR_POWER_COMMAND.values;
    const state = await this.#byte("MFR_POWER_STATE");
    if (state === FAULT) return 'a fault is latched: "fault" says which, "fault clear" lets go of it';
    if (state === NO_INPUT) return "there is no input power";
    const needsPower = name === "MFR_POWER_COMMAND" && [CYCLE, RESET].some((value) => value === data[0]);
    if (needsPower && state !== ON && state !== SHUTTING_DOWN) return "the slot is off: power on first";
    return 'is a compute board in the slot? If so, "events" tells which sensor cannot be believed';
  }

  /** Clears STATUS_CML before a write, so that every bit in it afterwards is of that write. */
  async #clearCml(): Promise<void> {
    const before = await this.#byte("STATUS_CML");
    if (before === 0) return;
    await this.#messages.write(COMMANDS.STATUS_CML.code, Uint8Array.of(before));
    // A write-protected slot refuses that; it takes CLEAR_FAULTS, which clears everything at once.
    if ((await this.#byte("STATUS_CML")) !== 0) await this.#messages.write(COMMANDS.CLEAR_FAULTS.code);
  }

  /** The number of messages that the slot has refused; the counter wraps. */
  async #refused(): Promise<number> {
    const { code, fields } = COMMANDS.MFR_COUNTERS;
    return decodeFields(fields, await this.#messages.readBlock(code)).refused as number;
  }

  async #isInvalidCommand(): Promise<boolean> {
    return ((await this.#byte("STATUS_CML")) & INVALID_COMMAND) !== 0;
  }

  async #byte(name: "STATUS_CML" | "WRITE_PROTECT" | "MFR_POWER_STATE"): Promise<number> {
    return numberOf(await this.#messages.read(COMMANDS[name].code, 1));
  }
}

/**
 * The values that a command takes. Those of limits depend on the board, all others are the same everywhere.
 */
function allowed(name: CommandName): string {
  const { values, format }: Command = COMMANDS[name];
  if (name.endsWith("_LIMIT"))
    return (
      "it has a range (docs/boards.md), and must not pass the other limits of its quantity: to move several, " +
      "raise from the highest down, then lower from the lowest up"
    );
  if (values && format === "number") return `it takes ${Object.keys(values).join(", ")}`;
  return "docs/smbus.md says what it takes";
}
