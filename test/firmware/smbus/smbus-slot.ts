/**
 * A started slot and its commands by name, for the tests of the SMBus target. Every read checks that it ended
 * well and that its PEC is right (if it has one), so that a test states only what it expects.
 */
import assert from "node:assert/strict";
import { COMMANDS, type Command, type CommandName } from "@racklet/client";
import type { Outcome } from "../../../simulator/devices/smbus/outcome.ts";
import {
  blockProcessCall,
  readBlock,
  readByte,
  readWord,
  sendByte,
  writeBlock,
  writeByte,
  writeWord,
} from "../../../simulator/devices/smbus/protocols.ts";
import type { Protocol } from "../../../simulator/devices/smbus/steps.ts";
import type { Slot, SlotOptions } from "../../../simulator/slot/slot.ts";
import { startedSlot } from "../../support/simulated-slot.ts";

/** Address of slot 0 on slot-hat. */
export const ADDRESS = 0x10;
export const SPEEDS = [100_000, 400_000, 1_000_000] as const;

export const CML_INVALID_COMMAND = 0x80;
export const CML_INVALID_DATA = 0x40;
export const CML_PEC = 0x20;
export const CML_OTHER_MEMORY_LOGIC = 0x01;

/**
 * Address and instruction on which thread mode stands still: behind everything that the firmware uses
 * (link.ld).
 */
export const PARKED_AT = 0x2003_f000;
export const BRANCH_TO_ITSELF = 0xe7fe;

export const ALL_COMMANDS = Object.entries(COMMANDS) as [CommandName, Command][];

export function code(name: CommandName): number {
  return COMMANDS[name].code;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

export function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

export class SlotBus {
  readonly slot: Slot;
  address: number;
  pec: boolean;

  constructor(slot: Slot, option: { readonly address?: number; readonly pec?: boolean } = {}) {
    this.slot = slot;
    this.address = option.address ?? ADDRESS;
    this.pec = option.pec ?? true;
  }

  to(command: number) {
    return { address: this.address, command, pec: this.pec };
  }

  /** Makes a transfer that must end well, with a right PEC if it has one. */
  done(protocol: Protocol): Outcome {
    const outcome = this.slot.transfer(protocol);
    assert.equal(
      outcome.kind,
      "ok",
      `${protocol.name}: ${outcome.kind} at ${outcome.at}\n${this.slot.describe()}`,
    );
    assert.equal(outcome.disturbances, 0, `${protocol.name}: SDA moved while SCL was high`);
    return outcome;
  }

  /** The protocol with which the command is read, by the table. A process call sends `sent`. */
  reading(name: CommandName, sent: ArrayLike<number> = []): Protocol {
    const { code: command, read }: Command = COMMANDS[name];
    const to = this.to(command);
    if (read === "byte") return readByte(to);
    if (read === "word") return readWord(to);
    if (read === "block") return readBlock(to);
    if (read === "call") return blockProcessCall(to, Uint8Array.from(sent));
    throw new Error(`${name} cannot be read`);
  }

  /** The protocol with which the command is written, by the table. */
  writing(name: CommandName, value: number | ArrayLike<number> = 0): Protocol {
    const { code: command, write }: Command = COMMANDS[name];
    const to = this.to(command);
    if (write === "send") return sendByte(to);
    if (write === "block") return writeBlock(to, Uint8Array.from(value as ArrayLike<number>));
    if (typeof value !== "number" || write === undefined) throw new Error(`${name} cannot be written so`);
    return write === "byte" ? writeByte(to, value) : writeWord(to, value);
  }

  bytes(name: CommandName, sent: ArrayLike<number> = []): Uint8Array {
    return this.done(this.reading(name, sent)).data;
  }

  number(name: CommandName): number {
    return littleEndian(this.bytes(name));
  }

  write(name: CommandName, value: number | ArrayLike<number> = 0): Outcome {
    return this.done(this.writing(name, value));
  }

  /** Returns STATUS_CML after all writes so far were handled, and clears it by writing its ones back. */
  takeCml(): number {
    const cml = this.number("STATUS_CML");
    if (cml !== 0) this.write("STATUS_CML", cml);
    return cml;
  }

  refused(protocol: Protocol, cml: number): void {
    this.takeCml();
    this.done(protocol);
    assert.equal(this.takeCml(), cml, `STATUS_CML after ${protocol.name}`);
  }
}

export function startedBus(options: Partial<SlotOptions> = {}, hz: number = SPEEDS[1]): SlotBus {
  const slot = startedSlot(options);
  slot.smbus.hz = hz;
  return new SlotBus(slot, { address: ADDRESS + (options.slotId ?? 0) });
}
