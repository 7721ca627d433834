/**
 * One slot of the rack: the RP2040 with everything around it, wired as the board file says. A test with a
 * slot reads like a story: it powers the slot, types, runs until something shows, and checks rails, log and
 * board. A wait that fails reports the seed, the last console lines and the state of each device.
 */
import { readFileSync } from "node:fs";
import type { Board, BoardSignal } from "../../boards/board.ts";
import { computeRail } from "../../boards/quantities.ts";
import type { AdcOptions } from "../chip/adc/adc.ts";
import type { XipCacheOption } from "../chip/memory/xip-cache.ts";
import { Rp2040 } from "../chip/rp2040.ts";
import { type SensorErrors, sensePins } from "../devices/analog.ts";
import { ComputeBoard } from "../devices/compute/compute-board.ts";
import { faultNamed } from "../devices/faults.ts";
import { I2cTargetLines } from "../devices/i2c-target-lines.ts";
import { Pac1921 } from "../devices/pac1921.ts";
import { Sensors } from "../devices/sensors.ts";
import { SmbusController } from "../devices/smbus/controller.ts";
import type { SmbusFault } from "../devices/smbus/faults.ts";
import type { Outcome } from "../devices/smbus/outcome.ts";
import type { Protocol } from "../devices/smbus/steps.ts";
import { PlainTarget } from "../devices/smbus/target.ts";
import { InputSupply } from "../devices/supply/input-supply.ts";
import { RailLoad } from "../devices/supply/rail-load.ts";
import { Supply } from "../devices/supply/supply.ts";
import { Terminal } from "../devices/terminal.ts";
import { Truth } from "../devices/truth.ts";
import { BITS_PER_FRAME, NANOS_PER_MS, type SerialInput, Signal } from "../devices/world.ts";
import { readBuild } from "../tools/build-directory.ts";
import type { VcdWriter } from "../tools/vcd.ts";
import { SlotFaults } from "./slot-faults.ts";
import { watchSlot } from "./slot-vcd.ts";

export interface SlotOptions {
  /** A build directory with firmware.uf2 and board.json. */
  readonly directory: string;
  /** Replaces the directory's firmware.uf2. */
  readonly image?: Uint8Array;
  /** The boot log that the compute board prints. The default is the project's own network boot. */
  readonly bootlog?: Uint8Array;
  readonly seed?: number;
  /** One of the board's, see devices/faults.ts. */
  readonly fault?: string;
  /** Slot number set by the straps, 0 to 15. */
  readonly slotId?: number;
  /** True if a compute board is plugged in. The default is true. */
  readonly present?: boolean;
  readonly vcd?: VcdWriter;
  /**
   * Models the cache before the flash, so that flash costs as many cycles as on the chip. Without it every
   * access costs no more than a hit of the cache.
   */
  readonly xipCache?: XipCacheOption;
  /** The imperfections of the converter. The default is those of silicon. */
  readonly adc?: AdcOptions;
  /** Offsets and gain errors between the quantities and the converter's pins, for tests that calibrate. */
  readonly sensorErrors?: SensorErrors;
  /** Voltage that the rack feeds the slot with, in mV. The default is 12 V, the most 20 V. */
  readonly inputMv?: number;
  /** Other targets on the SMBus of the backplane. */
  readonly neighbours?: readonly { readonly address: number; readonly stretchNanos?: number }[];
}

/** Current limit of the supplies. Our choice: a 3 A converter limits at half as much again. */
const SUPPLY_LIMIT_MA = 4500;
const CONSOLE_LINES_SHOWN = 12;
/** The slowest class, which every controller speaks; `slot.smbus.hz` can be set. */
const SMBUS_HZ = 100_000;
/** The longest block at 10 kHz takes a quarter of a second, and a held line 35 ms more. */
const TRANSFER_LIMIT_MS = 500;
/** A start takes 3 ms with the cache of the flash modelled, and the prompt is on the wire after the first. */
const PARTS_START_MS = 4;

/** The project's own boot log, for callers without one. */
export function ownBootlog(): Uint8Array {
  return readFileSync(new URL("./bootlogs/network-boot.log", import.meta.url));
}

/** The board lacks something that every slot needs. The message names it. */
export class UnfitBoardError extends Error {}

export class Slot {
  readonly chip: Rp2040;
  readonly board: Board;
  readonly seed: number;
  /** The rack's supply and the slot's bulk capacitor. */
  readonly input: InputSupply;
  readonly supplies: Record<string, Supply> = {};
  /** Name of the rail that feeds the compute board. */
  readonly computeRail: string;
  /** The loads on the compute rail. */
  readonly load: RailLoad;
  readonly sensors: Sensors;
  /** The true values that the sensors should show. */
  readonly truth: Truth;
  readonly compute: ComputeBoard;
  readonly terminal: Terminal;
  /** The controller of the rack on the backplane's SMBus. */
  readonly smbus: SmbusController;
  readonly neighbours: readonly PlainTarget[];
  /** What is wrong with the slot. Faults can come and go while it runs. */
  readonly faults: SlotFaults;
  /** SMBALERT#; null where the board does not wire it. */
  readonly smbusAlert: Signal | null;
  /** The power monitor on the sensor bus, and its bus interface; null where the board has none. */
  readonly powerMonitor: { readonly chip: Pac1921; readonly lines: I2cTargetLines } | null;
  /** The supplies in a list, because the input asks each of them a hundred thousand times a second. */
  readonly #allSupplies: Supply[] = [];
  #searchedTo = 0;

  constructor(options: SlotOptions) {
    const build = readBuild(options.directory);
    this.board = build.board;
    this.computeRail = this.board.rails[computeRail(this.board.rails)]?.name ?? "";
    this.seed = options.seed ?? 1;
    this.chip = new Rp2040({
      image: options.image ?? build.image,
      flashBytes: this.board.flash.bytes,
      crystalHz: this.board.crystal_hz,
      seed: this.seed,
      xipCache: options.xipCache,
      adc: options.adc,
    });
    this.#placeResistors();
    this.#strapSlotId(options.slotId ?? 0);
    this.smbusAlert = this.signal("SMBALERT");
    const bus = {
      clock: this.chip,
      sda: this.#requiredNet("I2C1_SDA"),
      scl: this.#requiredNet("I2C1_SCL"),
    };
    this.smbus = new SmbusController({ ...bus, hz: SMBUS_HZ });
    const alertWiring = this.#wiring("SMBALERT");
    const alert = alertWiring ? { alert: this.#net(alertWiring.gpio) } : {};
    this.neighbours = (options.neighbours ?? []).map((own) => new PlainTarget({ ...bus, ...alert, ...own }));
    const isAbsent = options.fault !== undefined && faultNamed(options.fault, this.board).absent === true;
    this.input = this.#feed(options.inputMv);
    this.#placeSupplies();
    const supply = this.#computeSupply();
    this.load = new RailLoad({ clock: this.chip, supply, seed: this.seed });
    this.truth = new Truth({ clock: this.chip, supply, input: this.input });
    const wires = options.vcd ? watchSlot(this, options.vcd) : null;
    const wired = (uart: 0 | 1): SerialInput => ({
      receive: (frame) => {
        wires?.received(uart, this.chip.nanos - BITS_PER_FRAME * frame.bitNanos, frame);
        this.chip.uarts[uart].receive(frame);
      },
    });
    this.terminal = new Terminal(this.chip, wired(1));
    for (const uart of [0, 1] as const) {
      this.chip.uarts[uart].onFrame((byte, startNanos, bitNanos) => {
        wires?.sent(uart, startNanos, { byte, bitNanos });
        if (uart === 1) this.terminal.frame(byte, bitNanos);
      });
    }
    const plugged = (options.present ?? true) && !isAbsent;
    this.compute = this.#plugCompute(options, plugged, wired(0));
    this.sensors = this.#connectSensors(options.sensorErrors);
    this.powerMonitor = this.#placePowerMonitor();
    this.faults = new SlotFaults(this);
    if (options.fault) this.faults.expect(options.fault);
  }

  powerOn(): void {
    this.powerMonitor?.chip.powerUp();
    this.chip.powerOn();
  }

  runFor(ms: number): void {
    this.chip.runUntilNanos(this.chip.nanos + ms * NANOS_PER_MS);
  }

  /** Runs until the condition holds; throws after `timeoutMs` of emulated time. */
  runUntil(condition: () => boolean, timeoutMs: number, what: string): void {
    const limitNanos = this.chip.nanos + timeoutMs * NANOS_PER_MS;
    if (this.chip.runUntil(condition, limitNanos)) return;
    throw new Error(`waited ${timeoutMs} ms for ${what} in vain\n${this.describe()}`);
  }

  /** Waits for console text after the last match and returns the match. */
  expect(pattern: RegExp | string, timeoutMs: number): RegExpMatchArray {
    const expression = typeof pattern === "string" ? new RegExp(escapeText(pattern)) : pattern;
    let match: RegExpMatchArray | null = null;
    let lookedAt = -1;
    const found = () => {
      if (this.terminal.received === lookedAt) return false;
      lookedAt = this.terminal.received;
      match = this.#unsearchedText().match(expression);
      return match !== null;
    };
    this.runUntil(found, timeoutMs, `${expression} on the console`);
    const { index = 0, 0: text } = match as unknown as RegExpMatchArray;
    this.#searchedTo = Math.max(this.#searchedTo, this.terminal.discarded) + index + text.length;
    return match as unknown as RegExpMatchArray;
  }

  /**
   * Waits until the BMC has started. The prompt comes while the logic still starts; a few milliseconds later
   * every part of it answers, the SMBus included.
   */
  expectStart(timeoutMs = 1000): void {
    this.expect("bmc> ", timeoutMs);
    this.runFor(PARTS_START_MS);
  }

  /** Makes one SMBus transfer, from now to its end. Throws if it takes more than `limitMs`. */
  transfer(protocol: Protocol, fault?: SmbusFault, limitMs = TRANSFER_LIMIT_MS): Outcome {
    const run = this.smbus.begin(protocol, fault);
    this.runUntil(() => run.done, limitMs, `the end of "${protocol.name}"`);
    return run.outcome;
  }

  /** The text that a failure must show: seed, time, the state of each device and the last console lines. */
  describe(): string {
    const { chip, compute } = this;
    const rails = Object.values(this.supplies).map(
      (supply) =>
        `  ${supply.name}: ${supply.enabled ? "enabled" : "disabled"}, ${Math.round(supply.millivolts)} mV, ` +
        `power-good ${supply.powerGood}`,
    );
    const warnings = chip.log.warnings.slice(-5).map((entry) => `  ${entry.source}: ${entry.message}`);
    const lines = this.terminal.text.split("\n").slice(-CONSOLE_LINES_SHOWN);
    return [
      `seed ${this.seed}, at ${(chip.nanos / NANOS_PER_MS).toFixed(3)} ms, chip ${chip.state}, ` +
        `resets ${chip.resets.map((reset) => reset.kind).join(", ")}`,
      `  input: ${Math.round(this.input.millivolts)} mV, ${this.input.good ? "enough" : "too little"} for the supplies`,
      ...rails,
      `  compute board: ${compute.stage}, ${Math.round(compute.currentMa)} mA, ${compute.sentBytes} bytes sent, ` +
        `log ${compute.bootlogFinished ? "finished" : "unfinished"}, OS ${compute.osUp ? "up" : "not up"}`,
      `${chip.log.warnings.length} strict warnings`,
      ...warnings,
      "last console lines:",
      ...lines.map((line) => `  ${JSON.stringify(line)}`),
    ].join("\n");
  }

  /** The signal of that name, with or without the # of an active-low one; null where it is not wired. */
  signal(name: string): Signal | null {
    const wiring = this.#wiring(name);
    if (!wiring) return null;
    return new Signal(name, this.#net(wiring.gpio), wiring.active);
  }

  #wiring(name: string): BoardSignal | null {
    const plain = name.replace(/#$/, "");
    return this.board.signals[plain] ?? this.board.signals[`${plain}#`] ?? null;
  }

  #net(gpio: number) {
    const pin = this.chip.pins[gpio];
    if (!pin) throw new UnfitBoardError(`board ${this.board.name}: GPIO${gpio} does not exist`);
    return pin;
  }

  #requiredNet(name: string) {
    const wiring = this.#wiring(name);
    if (!wiring)
      throw new UnfitBoardError(`board ${this.board.name} does not wire ${name}, which its slot needs`);
    return this.#net(wiring.gpio);
  }

  #required(name: string): Signal {
    const signal = this.signal(name);
    if (!signal)
      throw new UnfitBoardError(`board ${this.board.name} does not wire ${name}, which its slot needs`);
    return signal;
  }

  #unsearchedText(): string {
    return this.terminal.text.slice(Math.max(0, this.#searchedTo - this.terminal.discarded));
  }

  #placeResistors(): void {
    for (const wiring of Object.values(this.board.signals)) {
      if (wiring.external_pull) this.#net(wiring.gpio).pull(wiring.external_pull);
    }
  }

  /** A strap ties its pin to ground or leaves it to the pull-up. */
  #strapSlotId(slotId: number): void {
    for (let bit = 0; bit < 4; bit++) {
      const name = `SLOT_ID${bit}`;
      const wiring = this.#wiring(name);
      if (!wiring) continue;
      const high = ((slotId >> bit) & 1) === (wiring.active === "high" ? 1 : 0);
      this.#net(wiring.gpio).drive("slot strap", high ? null : false);
    }
  }

  #feed(nominalMv?: number): InputSupply {
    const all = this.#allSupplies;
    const convertedMw = (nanos: number) => {
      let mw = 0;
      for (const supply of all) mw += supply.convertedMwAt(nanos);
      return mw;
    };
    return new InputSupply({ clock: this.chip, convertedMw, ...(nominalMv ? { nominalMv } : {}) });
  }

  #computeSupply(): Supply {
    const supply = this.supplies[this.computeRail];
    if (!supply) throw new UnfitBoardError(`no rail of board ${this.board.name} feeds the compute board`);
    return supply;
  }

  #placeSupplies(): void {
    for (const rail of this.board.rails) {
      const supply = new Supply({
        clock: this.chip,
        name: rail.name,
        nominalMv: rail.nominal_mv,
        enable: this.#required(rail.enable),
        powerGood: this.#required(rail.power_good),
        limitMa: SUPPLY_LIMIT_MA,
        input: this.input,
      });
      this.supplies[rail.name] = supply;
      this.#allSupplies.push(supply);
    }
  }

  #plugCompute(options: SlotOptions, plugged: boolean, serial: SerialInput) {
    return new ComputeBoard({
      clock: this.chip,
      serial,
      supply: this.#computeSupply(),
      load: this.load,
      run: this.#required("COMPUTE_RUN"),
      present: this.signal("PRESENT"),
      shutdownRequest: this.signal("SHUTDOWN_REQ"),
      halted: this.signal("HALTED"),
      bootlog: options.bootlog ?? ownBootlog(),
      seed: this.seed,
      plugged,
    });
  }

  /**
   * The power monitor has the same supply as the BMC, the standby supply. Its shunt is in the output of the
   * compute supply.
   */
  #placePowerMonitor() {
    const { board, seed } = this;
    const monitor = board.power_monitor;
    if (!monitor) return null;
    const supply = this.#computeSupply();
    const chip = new Pac1921({
      clock: this.chip,
      address: monitor.address,
      seed,
      shuntMicroOhm: monitor.shunt_micro_ohm,
      busMv: () => supply.millivolts,
      shuntMa: () => supply.milliamperes,
      warn: (message) => this.chip.log.warn(monitor.chip, message),
    });
    const [sda, scl] = [this.#requiredNet("I2C0_SDA"), this.#requiredNet("I2C0_SCL")];
    return {
      chip,
      lines: new I2cTargetLines({ clock: this.chip, sda, scl, name: monitor.chip, responder: chip }),
    };
  }

  #connectSensors(errors: SensorErrors = {}): Sensors {
    const supply = this.#computeSupply();
    const { board, supplies, input } = this;
    const bySensor = new Map(board.rails.map((rail) => [rail.sensor, supplies[rail.name]]));
    const quantities = {
      railMv: (sensor: string, nanos: number) => bySensor.get(sensor)?.millivoltsAt(nanos) ?? null,
      computeMa: (nanos: number) => supply.milliamperesAt(nanos),
      computeMw: (nanos: number) => (supply.millivoltsAt(nanos) * supply.milliamperesAt(nanos)) / 1000,
      inputMv: (nanos: number) => input.millivoltsAt(nanos),
    };
    return new Sensors(this.chip, sensePins(board, this.seed, quantities, errors), this.seed);
  }
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
