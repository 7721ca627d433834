/** A slot's logic in Node as a controller on the SMBus sees it. The PEC of every read is checked. */
import assert from "node:assert/strict";
import { Cml, Code, State } from "../../abi/generated/vocabulary.ts";
import { commands } from "../../abi/smbus.ts";
import type { SmbusCommand } from "../../abi/smbus-schema.ts";
import { Signal } from "../../simulator/generated/abi.ts";
import { codesOf, RUNNING, type Supplies } from "./codes.ts";
import { LogicUnderTest } from "./logic.ts";

export const ADDRESS = 0x10;
export const { INVALID_COMMAND, INVALID_DATA, PEC_FAILED, OTHER_COMMUNICATION, OTHER_MEMORY_LOGIC } = Cml;
export const { PAGE, OPERATION, CLEAR_FAULTS, WRITE_PROTECT } = Code;
export const { STATUS_BYTE, STATUS_WORD, STATUS_VOUT, STATUS_IOUT, STATUS_INPUT, STATUS_CML } = Code;
export const { STATUS_MFR_SPECIFIC } = Code;
export const { MFR_POWER_COMMAND: POWER_COMMAND, MFR_POWER_STATE: POWER_STATE } = Code;

/** The rails of the reference board, in the order they come up. */
const RAILS = [
  [Signal.EN_RAIL_0, Signal.PG_RAIL_0],
  [Signal.EN_RAIL_1, Signal.PG_RAIL_1],
] as const;

/** CRC-8 as the SMBus specification defines it, bit by bit. */
export function pec(...bytes: number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x107) & 0xff : crc << 1;
  }
  return crc;
}

export function named(name: string): SmbusCommand {
  const found = commands.find((command) => command.name === name);
  assert.ok(found, name);
  return found;
}

export function littleEndian(value: number, bytes = 4): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) % 256);
}

/** MFR_LAST_FAULT by its fields. */
export interface LastFault {
  readonly reason: number;
  readonly page: number;
  readonly latched: number;
  readonly measured: number;
  readonly count: number;
  readonly time_us: number;
  readonly vin_mv: number;
  readonly vout_0_mv: number;
  readonly vout_1_mv: number;
  readonly iout_ma: number;
  readonly limit: number;
}

export class SmbusSlot extends LogicUnderTest {
  /** Reads `length` bytes of a command and checks the PEC behind them. */
  read(command: number, length: number): number[] {
    const [bytes] = this.host.message([{ write: [command] }, { read: length + 1 }]) ?? [];
    assert.ok(bytes, "the address is answered");
    const data = [...bytes.subarray(0, length)];
    const expected = pec(ADDRESS << 1, command, (ADDRESS << 1) | 1, ...data);
    assert.equal(bytes[length], expected, `PEC of 0x${command.toString(16)}`);
    return data;
  }

  byte(command: number): number {
    return this.read(command, 1)[0] as number;
  }

  word(command: number): number {
    const [low = 0, high = 0] = this.read(command, 2);
    return low | (high << 8);
  }

  text(command: number): string {
    const [bytes] = this.host.message([{ write: [command] }, { read: 33 }]) ?? [];
    assert.ok(bytes);
    return Buffer.from(bytes.subarray(1, 1 + (bytes[0] as number))).toString("latin1");
  }

  /** Reads a block of `length` bytes and returns it without its count. */
  block(command: number, length: number): Buffer {
    const [count, ...data] = this.read(command, 1 + length);
    assert.equal(count, length);
    return Buffer.from(data);
  }

  write(...bytes: number[]): void {
    assert.ok(this.host.message([{ write: bytes }]), "the address is answered");
    this.host.serveSmbus();
  }

  /** Makes a process call. Its PEC covers everything, including the bytes sent. */
  call(command: number, ...sent: number[]): Buffer {
    const written = [command, sent.length, ...sent];
    const [bytes] = this.host.message([{ write: written }, { read: 34 }]) ?? [];
    assert.ok(bytes, "the address is answered");
    const end = 1 + (bytes[0] as number);
    const expected = pec(ADDRESS << 1, ...written, (ADDRESS << 1) | 1, ...bytes.subarray(0, end));
    assert.equal(bytes[end], expected, `PEC of a call of 0x${command.toString(16)}`);
    return Buffer.from(bytes.subarray(1, end));
  }

  /** Asserts that a read is refused: it brings nothing that a PEC could fit. */
  assertRefused(written: readonly number[], cml: number): void {
    const [bytes] = this.host.message([{ write: written }, { read: 3 }]) ?? [];
    assert.ok((bytes?.[0] ?? 0) >= 0xfe, `${written}`);
    const before = [ADDRESS << 1, ...written, (ADDRESS << 1) | 1];
    assert.notEqual(bytes?.[1], pec(...before, bytes?.[0] ?? 0));
    assert.notEqual(bytes?.[2], pec(...before, bytes?.[0] ?? 0, bytes?.[1] ?? 0));
    assert.equal(this.takeCml(), cml, `${written}`);
  }

  /** Reads STATUS_CML and clears it. */
  takeCml(): number {
    const value = this.byte(STATUS_CML);
    this.write(STATUS_CML, 0xff);
    assert.equal(this.byte(STATUS_CML), 0);
    return value;
  }

  lastFault(): LastFault {
    const block = this.block(Code.MFR_LAST_FAULT, 27);
    return {
      reason: block.readUInt8(0),
      page: block.readUInt8(1),
      latched: block.readUInt8(2),
      measured: block.readUInt8(3),
      count: block.readUInt16LE(4),
      time_us: Number(block.readBigUInt64LE(6)),
      vin_mv: block.readUInt16LE(14),
      vout_0_mv: block.readUInt16LE(16),
      vout_1_mv: block.readUInt16LE(18),
      iout_ma: block.readUInt16LE(20),
      limit: block.readUInt8(22),
    };
  }

  /** Sets the converter's codes from now on. The over-current and brown-out paths see each change. */
  supplies(supplies: Supplies): void {
    for (const [channel, code] of codesOf(supplies).entries()) this.host.setCode(channel, code);
  }

  /** Lets time pass. Power-good follows the enables within a millisecond. */
  live(ms: number): void {
    for (let passed = 0; passed < ms; passed++) {
      for (const [enable, good] of RAILS) this.host.setInputs(good, this.host.signals & enable ? good : 0);
      this.wait(1);
    }
  }

  /** Switches the slot on, with supplies that follow. */
  comeUp(supplies: Supplies = RUNNING): void {
    this.write(OPERATION, 0x80);
    this.live(5);
    this.supplies(supplies);
    this.live(200);
    assert.equal(this.byte(POWER_STATE), State.On);
    this.write(CLEAR_FAULTS);
  }
}
