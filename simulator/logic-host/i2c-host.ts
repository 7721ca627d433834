/**
 * The sensor bus as the logic sees it, for tests in Node: whole transfers with any device that answers bytes
 * (devices/i2c-target-lines.ts), the time they take at 400 kHz, and the ways they end. The emulator, not this
 * host, models bits and lines.
 */
import type { I2cResponder } from "../devices/i2c-target-lines.ts";
import { I2cResult } from "../generated/abi.ts";

/** Time of a byte: nine bits at 400 kHz. START and STOP have a time of their own. */
const BYTE_NANOS = 22_500n;
const FRAME_NANOS = 10_000n;
/** A transfer that lasts this long ends when the logic asks for its result (host/i2c/i2c-controller.c). */
const LIMIT_US = 10_000n;

export class I2cHost {
  readonly devices: I2cResponder[] = [];
  /**
   * If set, every transfer ends with this result. A result that only `i2c_take` brings about comes after 10
   * ms.
   */
  fault: number | null = null;
  /** Number of transfers begun, and the bytes that the logic wrote in the last one. */
  transfers = 0;
  written: readonly number[] = [];
  private outcome: number[] | null = null;
  private done_us = 0n;
  private told = false;

  /** The time at which the event I2C is due; null when none is due. */
  get event_us(): bigint | null {
    const raised = this.outcome !== null && !this.told && !this.needsTake;
    return raised ? this.done_us : null;
  }

  /** Returns true once, when the event is due. */
  takeEvent(now_us: bigint): boolean {
    const { event_us } = this;
    if (event_us === null || now_us < event_us) return false;
    this.told = true;
    return true;
  }

  private get needsTake(): boolean {
    return this.fault !== null && this.fault >= I2cResult.TIMEOUT;
  }

  begin(now_us: bigint, address: number, request: Uint8Array, readLength: number): number {
    if (this.outcome !== null || request.length + readLength === 0) return 0;
    this.transfers++;
    this.written = [...request];
    this.told = false;
    this.outcome = this.fault === null ? this.transfer(address, request, readLength) : [this.fault];
    const count = BigInt(request.length + readLength + 2);
    this.done_us = now_us + (this.needsTake ? LIMIT_US : (FRAME_NANOS + count * BYTE_NANOS) / 1000n);
    return 1;
  }

  take(now_us: bigint, response: Uint8Array): number {
    if (this.outcome === null || now_us < this.done_us || response.length === 0) return 0;
    const filled = this.outcome.slice(0, response.length);
    response.set(filled);
    this.outcome = null;
    return filled.length;
  }

  private transfer(address: number, request: Uint8Array, readLength: number): number[] {
    const device = (read: boolean) => this.devices.find((candidate) => candidate.addressed(address, read));
    if (request.length > 0) {
      const target = device(false);
      if (!target) return [I2cResult.NACK_ADDRESS];
      for (const byte of request) if (!target.received(byte)) return [I2cResult.NACK_DATA];
    }
    if (readLength === 0) return [I2cResult.OK];
    const source = device(true);
    if (!source) return [I2cResult.NACK_ADDRESS];
    return [I2cResult.OK, ...Array.from({ length: readLength }, () => source.send())];
  }
}
