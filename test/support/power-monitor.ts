/**
 * The logic's record of the power monitor, read from its linear memory, where it is the same under Node and
 * in the image. Its address is found once, by a run with readings that occur nowhere else in memory.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { contract } from "../../abi/contract.ts";
import { Pac1921 } from "../../simulator/devices/pac1921.ts";
import { LogicHost } from "../../simulator/logic-host/logic-host.ts";
import type { Slot } from "../../simulator/slot/slot.ts";
import { readSymbols } from "../../simulator/tools/elf.ts";
import { builtLogic } from "./logic.ts";
import { buildDirectory } from "./simulated-slot.ts";

/** MonitorState and Comparison of assembly/sensors/power-monitor.ts, in their order. */
const STATES = ["not fitted", "probing", "ok", "absent", "failed", "wrong device"] as const;
const COMPARISONS = ["unknown", "agrees", "deviates"] as const;
/** Values of `trouble` that are not results of the bus. */
export const WRONG_ID = 16;
export const CONFIGURATION_LOST = 17;
export const FROZEN = 18;

/** Fields of PowerMonitor from its beginning on. */
export interface MonitorView {
  readonly voltage_mv: number;
  readonly current_ma: number;
  readonly power_mw: number;
  readonly state: (typeof STATES)[number];
  readonly trouble: number;
  readonly transfers: number;
  readonly errors: number;
  readonly recoveries: number;
  readonly busClears: number;
  readonly comparison: (typeof COMPARISONS)[number];
  readonly deviation_permille: number;
}

const MEMORY_BYTES = contract.memory.bytes;

/** A logic in Node with a power monitor on its bus. A test sets the true voltage and current. */
export class MonitoredLogic {
  readonly host: LogicHost;
  readonly truth = { busMv: 5100, shuntMa: 2000 };
  readonly chip: Pac1921;
  readonly warnings: string[] = [];

  constructor(seed = 1) {
    const host = new LogicHost(builtLogic());
    this.host = host;
    this.chip = new Pac1921({
      clock: {
        get nanos() {
          return Number(host.now_us) * 1000;
        },
      },
      address: 0x18,
      seed,
      shuntMicroOhm: 10_000,
      busMv: () => this.truth.busMv,
      shuntMa: () => this.truth.shuntMa,
      warn: (message) => this.warnings.push(message),
    });
    host.i2c.devices.push(this.chip);
    host.start();
  }

  /** Lets emulated milliseconds pass. */
  wait(ms: number): void {
    this.host.advance(this.host.now_us + BigInt(Math.round(ms * 1000)));
  }

  /** Gives the converter the values that the monitor sees: half the voltage, half a volt per ampere. */
  followTruth(): void {
    const code = (pinMv: number) => Math.min(4095, Math.round((pinMv / 3300) * 4096));
    this.host.converter.codes = [2048, code(this.truth.busMv / 2), code(this.truth.shuntMa / 2), 2048, 876];
  }

  get monitor(): MonitorView {
    return viewOf(this.host.block(0, MEMORY_BYTES), addressOfMonitor());
  }
}

let monitorAddress = -1;

function addressOfMonitor(): number {
  if (monitorAddress >= 0) return monitorAddress;
  const logic = new MonitoredLogic();
  logic.wait(200);
  const words = new DataView(logic.host.block(0, MEMORY_BYTES).slice().buffer);
  const near = (at: number, value: number) => Math.abs(words.getUint32(at, true) - value) < value / 50;
  const found: number[] = [];
  for (let at = 0; at < MEMORY_BYTES - 48; at += 4) {
    if (near(at, 5100) && near(at + 4, 2000) && near(at + 8, 10_200)) found.push(at);
  }
  assert.equal(found.length, 1, `the monitor's readings are found once, not at ${found.join(", ")}`);
  monitorAddress = found[0] as number;
  return monitorAddress;
}

function viewOf(memory: Uint8Array, at: number): MonitorView {
  const view = new DataView(memory.buffer, memory.byteOffset + at);
  const word = (index: number) => view.getUint32(index * 4, true);
  return {
    voltage_mv: word(0),
    current_ma: word(1),
    power_mw: word(2),
    state: STATES[word(3)] as MonitorView["state"],
    trouble: word(4),
    transfers: word(5),
    errors: word(6),
    recoveries: word(7),
    busClears: word(8),
    comparison: COMPARISONS[word(9)] as MonitorView["comparison"],
    deviation_permille: word(10),
  };
}

let linearMemory = -1;

/** The same record in the image. Translated logic has its linear memory where the linker says. */
export function monitorOf(slot: Slot): MonitorView {
  if (linearMemory < 0) {
    const elf = readFileSync(`${buildDirectory()}/firmware.elf`);
    linearMemory = readSymbols(elf).get("linear_memory") as number;
  }
  const offset = linearMemory - 0x2000_0000;
  return viewOf(slot.chip.bus.sram.subarray(offset, offset + MEMORY_BYTES), addressOfMonitor());
}
