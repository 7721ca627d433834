/**
 * Base of the peripherals that this simulator models itself: the four atomic aliases
 * (datasheet 2.1.2), unknown registers as strict warnings, and a reset.
 *
 * Each peripheral's file begins with its register offsets under the datasheet's names. They are an
 * enumeration because the transpiler writes its numbers into the `case` labels of the same file. The host has
 * offsets of its own (host/registers.h) and does not share these: both are taken from the datasheet, so that
 * a wrong number on either side fails a firmware test.
 */
import type { SystemBus } from "./bus.ts";

export abstract class Peripheral {
  readonly name: string;
  protected readonly bus: SystemBus;
  /** The value on the bus, for write-one-to-clear bits: an alias must clear no bit that it did not name. */
  protected written = 0;

  constructor(bus: SystemBus, name: string) {
    this.bus = bus;
    this.name = name;
  }

  protected abstract read(offset: number): number | undefined;
  /** False for a register that does not exist. */
  protected abstract write(offset: number, value: number): boolean;
  /** All registers to their reset values; interrupts and outputs follow. */
  abstract reset(): void;

  readUint32(offset: number): number {
    const value = this.read(offset & 0xfff);
    if (value === undefined) {
      this.warn(`read of unknown register 0x${(offset & 0xfff).toString(16)}`);
      return 0;
    }
    return value >>> 0;
  }

  writeUint32(offset: number, value: number): void {
    this.writeUint32Atomic(offset, value, 0);
  }

  writeUint32Atomic(offset: number, value: number, alias: number): void {
    this.written = value >>> 0;
    let result = value;
    if (alias !== 0) {
      const current = this.peek(offset) ?? 0;
      result = alias === 1 ? current ^ value : alias === 2 ? current | value : current & ~value;
    }
    if (!this.write(offset, result >>> 0)) {
      this.warn(`write of 0x${(value >>> 0).toString(16)} to unknown register 0x${offset.toString(16)}`);
    }
  }

  /** The value an alias starts from; peripherals whose reads have side effects override it. */
  protected peek(offset: number): number | undefined {
    return this.read(offset);
  }

  protected warn(message: string): void {
    this.bus.log.warn(this.name, message);
  }
}
