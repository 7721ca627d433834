/**
 * What a slot refused. Nothing on the wire tells: a write is acknowledged before anybody has looked at it,
 * and what does not exist reads as FFh. STATUS_CML tells afterwards, MFR_COUNTERS where the slot was busy.
 */
import { AbsentError, BadAnswerError, BadPecError, RefusedError } from "./bus.ts";
import { COMMANDS, type CommandName } from "./generated/commands.ts";
import type { Messages } from "./messages.ts";
import { bitNames, type Command, decodeFields, numberOf } from "./values.ts";

/** A write, and what is told of it when it was refused. */
export interface Written {
  readonly name: CommandName;
  /** " on page 1 (3V3_AUX)", or nothing. */
  readonly where: string;
  readonly data: Uint8Array;
}

/** The bits of STATUS_CML that tell of a write which did not do what it should. */
const REASONS = ["INVALID_COMMAND", "INVALID_DATA", "PEC_FAILED", "OTHER_MEMORY_LOGIC"] as const;

/**
 * What a command that does not exist reads as: FFh, and FEh where FFh would be the PEC of the bytes before
 * (docs/architecture.md).
 */
export function isSilence(answer: Uint8Array): boolean {
  return answer[0] === 0xff && answer.every((byte) => byte >= 0xfe);
}

/** A read that failed because only silence came. */
export function silenceIn(error: unknown): boolean {
  return (error instanceof BadPecError || error instanceof BadAnswerError) && isSilence(error.answer);
}

export class Refusals {
  readonly #messages: Messages;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  /** Whether INVALID_COMMAND is set; it is cleared, unless the slot is write-protected. */
  async takeInvalidCommand(): Promise<boolean> {
    const bit = 1 << COMMANDS.STATUS_CML.values.INVALID_COMMAND;
    if (((await this.#byte("STATUS_CML")) & bit) === 0) return false;
    await this.#messages.write(COMMANDS.STATUS_CML.code, Uint8Array.of(bit));
    return true;
  }

  /** Throws a RefusedError where the write was refused, an AbsentError where there is nothing to write to. */
  async verified(written: Written, write: () => Promise<void>): Promise<void> {
    await this.#clearCml();
    const before = await this.#refused();
    await write();
    const cml = await this.#byte("STATUS_CML");
    const bits = bitNames(COMMANDS.STATUS_CML, cml);
    const reasons = new Set<string>(REASONS.filter((reason) => bits.has(reason)));
    // BUSY itself stays set until CLEAR_FAULTS, and cannot tell this write from one before it.
    if (cml === 0 && (await this.#refused()) !== before) reasons.add("BUSY");
    if (reasons.size === 0) return;
    const { address } = this.#messages;
    const { name, where } = written;
    if (reasons.has("INVALID_COMMAND") && (await this.#byte("WRITE_PROTECT")) === 0)
      throw new AbsentError(address, name, where);
    throw new RefusedError(address, name, reasons, await this.#hint(written, reasons));
  }

  /** WRITE_PROTECT keeps PAGE too. */
  async pageIsProtected(): Promise<boolean> {
    return (await this.#byte("WRITE_PROTECT")) === COMMANDS.WRITE_PROTECT.values.ALL;
  }

  /** What to do about it. */
  async #hint({ name, data }: Written, reasons: ReadonlySet<string>): Promise<string> {
    if (reasons.has("INVALID_COMMAND")) return '"get WRITE_PROTECT" tells whether it is protected';
    if (reasons.has("INVALID_DATA")) return allowed(name);
    if (reasons.has("BUSY")) return "the slot is busy, and takes it a moment later";
    if (!reasons.has("OTHER_MEMORY_LOGIC")) return "try again";
    return this.#hindrance(name, data);
  }

  /** What keeps a power command from being carried out, as far as the slot's state tells. */
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

  /** What STATUS_CML held before a write could not be told from what the write adds. */
  async #clearCml(): Promise<void> {
    const before = await this.#byte("STATUS_CML");
    if (before === 0) return;
    await this.#messages.write(COMMANDS.STATUS_CML.code, Uint8Array.of(before));
    // A write-protected slot refuses that, and lets only everything be cleared at once.
    if ((await this.#byte("STATUS_CML")) !== 0) await this.#messages.write(COMMANDS.CLEAR_FAULTS.code);
  }

  /** How many messages the slot has refused; it wraps. */
  async #refused(): Promise<number> {
    const { code, fields } = COMMANDS.MFR_COUNTERS;
    return decodeFields(fields, await this.#messages.readBlock(code)).refused as number;
  }

  async #byte(name: "STATUS_CML" | "WRITE_PROTECT" | "MFR_POWER_STATE"): Promise<number> {
    return numberOf(await this.#messages.read(COMMANDS[name].code, 1));
  }
}

/** Limits depend on the board; everything else is the same on all. */
function allowed(name: CommandName): string {
  const { values, format }: Command = COMMANDS[name];
  if (name.endsWith("_LIMIT")) return "the board's range for it is in docs/boards.md";
  if (values && format === "number") return `it takes ${Object.keys(values).join(", ")}`;
  return "docs/smbus.md says what it takes";
}
