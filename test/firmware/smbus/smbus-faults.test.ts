/**
 * A controller that misbehaves at every bit of every protocol, in every way. Afterwards the bus is free, the
 * next transaction brings the right value, the BMC was not reset, and it carried out nothing but what the
 * controller sent.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StrictWarning } from "../../../simulator/chip/strict-log.ts";
import {
  busFaultsAt,
  isBusFault,
  messageFaults,
  type SmbusFault,
} from "../../../simulator/devices/smbus/faults.ts";
import type { Outcome } from "../../../simulator/devices/smbus/outcome.ts";
import {
  groupCommand,
  processCall,
  quick,
  readWord,
  receiveByte,
} from "../../../simulator/devices/smbus/protocols.ts";
import type { Protocol } from "../../../simulator/devices/smbus/steps.ts";
import { assertNoWarnings } from "../../support/simulated-slot.ts";
import { ADDRESS, code, hex, littleEndian, SlotBus, SPEEDS, startedBus } from "./smbus-slot.ts";

/** A setting that a message may change: how it is read and restored, and its value before. */
interface Setting {
  read(bus: SlotBus): number;
  readonly before: number;
  restore(bus: SlotBus): void;
}

interface Scenario {
  readonly name: string;
  readonly protocol: (bus: SlotBus) => Protocol;
  /** The setting and the value that the protocol writes. */
  readonly setting?: Setting;
  readonly value?: number;
  /** True if the protocol types on the compute board's console. */
  readonly types?: boolean;
}

interface Expected {
  readonly exact: boolean;
  readonly never: boolean;
  readonly what: string;
}

const NEIGHBOUR = 0x44;
/** 61 degrees, as LINEAR11 with exponent 0. */
const WARN_LIMIT = 61;
const TYPED = [0x4c, 0x65, 0x6e, 0x61];

function setting(name: "PAGE" | "MFR_IDENTIFY" | "UT_WARN_LIMIT", before: number): Setting {
  return {
    before,
    read: (bus) => bus.number(name),
    restore: (bus) => void bus.write(name, before),
  };
}

const UT_WARN_BEFORE = 0xdd80; // as the board has it: -20 degrees

const SCENARIOS: readonly Scenario[] = [
  { name: "quick write", protocol: () => quick(ADDRESS, "write") },
  { name: "quick read", protocol: () => quick(ADDRESS, "read") },
  { name: "send byte", protocol: (bus) => bus.writing("CLEAR_FAULTS") },
  { name: "receive byte", protocol: (bus) => receiveByte({ address: ADDRESS, pec: bus.pec }) },
  {
    name: "write byte",
    protocol: (bus) => bus.writing("MFR_IDENTIFY", 1),
    setting: setting("MFR_IDENTIFY", 0),
    value: 1,
  },
  {
    name: "write byte to PAGE",
    protocol: (bus) => bus.writing("PAGE", 1),
    setting: setting("PAGE", 0),
    value: 1,
  },
  {
    name: "write word",
    protocol: (bus) => bus.writing("UT_WARN_LIMIT", WARN_LIMIT),
    setting: setting("UT_WARN_LIMIT", UT_WARN_BEFORE),
    value: WARN_LIMIT,
  },
  { name: "read byte", protocol: (bus) => bus.reading("CAPABILITY") },
  { name: "read word", protocol: (bus) => bus.reading("READ_VIN") },
  { name: "unsupported read word", protocol: (bus) => readWord(bus.to(0x89)) },
  { name: "process call", protocol: (bus) => processCall(bus.to(code("READ_VIN")), 0x1234) },
  { name: "write block", protocol: (bus) => bus.writing("MFR_COMPUTE_INPUT", TYPED), types: true },
  { name: "read block", protocol: (bus) => bus.reading("MFR_MODEL") },
  { name: "read block by the logic", protocol: (bus) => bus.reading("MFR_COUNTERS") },
  {
    name: "block process call",
    protocol: (bus) => bus.reading("SMBALERT_MASK", [code("STATUS_VOUT")]),
  },
  {
    name: "group command",
    protocol: (bus) =>
      groupCommand(
        [
          { address: ADDRESS, command: code("MFR_IDENTIFY"), data: [1] },
          { address: NEIGHBOUR, command: 0x10, data: [7] },
        ],
        { pec: bus.pec },
      ),
    setting: setting("MFR_IDENTIFY", 0),
    value: 1,
  },
];

/** A command that is read after each fault and never written. */
const KNOWN = "VIN_OV_WARN_LIMIT";

class FaultRuns {
  readonly bus: SlotBus;
  readonly known: number;
  readonly #resets: number;
  readonly #typed: number[] = [];
  readonly #failures: string[] = [];
  readonly #shown: number;
  runs = 0;

  constructor() {
    this.bus = startedBus({ neighbours: [{ address: NEIGHBOUR }] });
    const { slot } = this.bus;
    slot.chip.uarts[0].onFrame((byte) => this.#typed.push(byte));
    this.known = this.bus.number(KNOWN);
    this.#resets = slot.chip.resets.length;
    this.#shown = slot.terminal.received;
  }

  /**
   * Runs one fault and collects its failure: all of them together show the cause better than the first alone.
   */
  attempt(...run: Parameters<FaultRuns["run"]>): void {
    try {
      this.run(...run);
    } catch (error) {
      this.#failures.push((error as Error).message.replaceAll("\n", " "));
    }
  }

  report(): void {
    const few = this.#failures.slice(0, 12).join("\n");
    assert.equal(this.#failures.length, 0, `${this.#failures.length} of ${this.runs} runs failed\n${few}`);
  }

  /** Runs one fault and checks what must be true afterwards. */
  run(scenario: Scenario, fault: SmbusFault, hz: number, pec: boolean): void {
    const { bus } = this;
    const { slot } = bus;
    const what = `${scenario.name}${pec ? " with PEC" : ""}, ${JSON.stringify(fault)}, ${hz} Hz`;
    this.runs++;
    slot.smbus.hz = hz;
    bus.pec = pec;
    this.#typed.length = 0;
    const outcome = slot.transfer(scenario.protocol(bus), fault);
    bus.pec = true;
    const next = slot.transfer(bus.reading(KNOWN));
    const strict = slot.chip.log.warnings.splice(0).filter((warning) => !isOfTheFault(warning, fault));
    assert.deepEqual(strict, [], `${what}: strict warnings`);
    assert.equal(`${next.kind} ${hex(next.data)}`, `ok ${hex(wordBytes(this.known))}`, `${what}: next read`);
    const expected: Expected = {
      exact: isExact(fault, pec, outcome),
      never: pec && fault.kind === "wrong-pec",
      what,
    };
    if (scenario.setting) this.checkSetting(scenario, expected);
    if (scenario.types) this.checkTyped(expected);
  }

  private checkSetting({ setting, value }: Scenario, { exact, never, what }: Expected): void {
    const { before, read, restore } = setting as Setting;
    const now = read(this.bus);
    if (now === before) return;
    assert.ok(!never, `${what}: carried out`);
    if (exact) assert.equal(now, value, `${what}: written`);
    restore(this.bus);
    assert.equal(read(this.bus), before, `${what}: written back`);
  }

  private checkTyped({ exact, never, what }: Expected): void {
    this.bus.slot.runFor(1);
    if (this.#typed.length === 0) return;
    assert.ok(!never, `${what}: carried out`);
    if (exact) assert.deepEqual(this.#typed, TYPED, `${what}: typed`);
  }

  /** Checks the settings that no message of any scenario may change. */
  checkAll(when: string): void {
    const { bus } = this;
    const { slot } = bus;
    const state = {
      page: bus.number("PAGE"),
      operation: bus.number("OPERATION"),
      power: bus.number("MFR_POWER_STATE"),
      identify: bus.number("MFR_IDENTIFY"),
      protect: bus.number("WRITE_PROTECT"),
      warn: bus.number("OT_WARN_LIMIT"),
      fault: bus.number("OT_FAULT_LIMIT"),
      vout: bus.number("VOUT_OV_FAULT_LIMIT"),
      mask: littleEndian(bus.bytes("SMBALERT_MASK", [code("STATUS_VOUT")])),
    };
    const expected = { page: 0, operation: 0, power: 0, identify: 0, protect: 0, mask: 0 };
    assert.deepEqual(state, { ...state, ...expected }, when);
    assert.equal(slot.terminal.received, this.#shown, `${when}: nothing on the console`);
    assert.equal(slot.chip.resets.length, this.#resets, `${when}: no reset\n${slot.describe()}`);
    assertNoWarnings(slot);
  }
}

function wordBytes(word: number): Uint8Array {
  return Uint8Array.of(word & 0xff, word >> 8);
}

/** Faults that put other bits on the bus than the controller meant, after which it goes on. */
const FALSIFYING = ["hold-sda-low", "glitch-scl", "glitch-sda", "too-many-bytes", "wrong-count"];

/**
 * True if a message can only be carried out as it was meant. Where a fault falsifies bits, only a PEC detects
 * this, and the controller must have got as far as its PEC: a write without one is valid, and so is a message
 * that ends before it. Lost arbitration is another controller's message, which ends where that controller
 * ends it.
 */
function isExact(fault: SmbusFault, pec: boolean, outcome: Outcome): boolean {
  if (fault.kind === "lose-arbitration") return false;
  return !FALSIFYING.includes(fault.kind) || (pec && outcome.kind === "ok");
}

/**
 * True for warnings of the model about the fault and not about the firmware. A clock of 200 ns has no room
 * for a hold time, and bytes that are queued while a controller breaks off the read are lost, which does no
 * harm.
 */
function isOfTheFault({ message }: StrictWarning, fault: SmbusFault): boolean {
  if (message.startsWith("SDA moves while SCL is high")) return fault.kind === "glitch-scl";
  return message.startsWith("data written after a transmit abort is lost") && isBusFault(fault);
}

/** Number of bits of the protocol, from a run without a fault. */
function bitsOf(runs: FaultRuns, scenario: Scenario, pec: boolean): number {
  runs.bus.pec = pec;
  const { bits } = runs.bus.slot.transfer(scenario.protocol(runs.bus));
  runs.bus.pec = true;
  scenario.setting?.restore(runs.bus);
  return bits;
}

/** The three speeds in turn, so that neighbouring bits and faults use different ones. */
const speedOf = (bit: number, index: number) => SPEEDS[(bit + index) % SPEEDS.length] as number;

for (const scenario of SCENARIOS) {
  test(`${scenario.name}: the slot survives every fault at every bit`, () => {
    const runs = new FaultRuns();
    const next = runs.bus.reading("MFR_MODEL");
    for (const pec of [true, false]) {
      const bits = bitsOf(runs, scenario, pec);
      for (let bit = 0; bit < bits; bit++) {
        for (const [index, fault] of busFaultsAt(bit, next).entries())
          runs.attempt(scenario, fault, speedOf(bit, index), pec);
      }
      for (const [index, fault] of messageFaults(next).entries()) {
        for (const hz of SPEEDS) runs.attempt(scenario, fault, hz, pec);
        runs.checkAll(`${scenario.name}, message fault ${index}`);
      }
      runs.checkAll(scenario.name);
    }
    runs.report();
  });
}
