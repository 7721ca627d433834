/**
 * The logic in Node: the same module that is flashed, under @assemblyscript/loader. A test owns the host's
 * time, signals, converter and serial lines. It is fast enough for millions of passes.
 *
 * This host keeps the contract's promises (bounded queues, checked arguments, latched falls), and no more.
 * The emulator, not this host, models what the hardware does.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { contract } from "../../abi/contract.ts";
import {
  Event,
  type HostImports,
  type LogicExports,
  Port,
  type PortCounters,
  PortCountersFields,
  SamplesFields,
  Signal,
  SmbusCountersFields,
  type SystemInfo,
  SystemInfoFields,
  TraceFields,
  TripFields,
} from "../generated/abi.ts";
import { ConverterHost } from "./converter-host.ts";
import { FlashHost } from "./flash-host.ts";
import { I2cHost } from "./i2c-host.ts";
import { type Segment, SmbusHost } from "./smbus-host.ts";

/** A trap as the native host would record it. */
export class LogicTrap extends Error {}

/** Size of the host's transmit queue, as in host/peripherals/uart.c. */
const TRANSMIT_BYTES = 1024;

const OUTPUTS = signalMask("out");
const POWER_GOODS = Signal.PG_RAIL_0 | Signal.PG_RAIL_1 | Signal.PG_RAIL_2 | Signal.PG_RAIL_3;

function signalMask(direction: "in" | "out"): number {
  return contract.signals
    .filter((signal) => signal.direction === direction)
    .reduce((mask, signal) => mask | (1 << signal.value), 0);
}

class SerialPort {
  received: number[] = [];
  readonly sent: number[] = [];
  /** Bytes queued for sending that the line has not taken yet. */
  queued = 0;
  full = false;
  counters: PortCounters = zeroed(PortCountersFields);
}

function zeroed<Field extends string>(fields: readonly Field[]): Record<Field, number> {
  return Object.fromEntries(fields.map((field) => [field, 0])) as Record<Field, number>;
}

export class LogicHost {
  now_us = 0n;
  /** Levels of the inputs and latches of the outputs; a bit is set where the signal is asserted. */
  signals = 0;
  fell = 0;
  /** The power-goods that fell first, among those that fell. */
  private fellFirst = 0;
  readonly converter = new ConverterHost(() => this.now_us);
  readonly ports = [new SerialPort(), new SerialPort()] as const;
  readonly smbus = new SmbusHost();
  /** The sensor bus; empty unless a test puts devices on it. */
  readonly i2c = new I2cHost();
  system: SystemInfo = zeroed(SystemInfoFields);
  restartRequested = false;
  /** Survives restarts: a test that makes a new host passes these words on to it. */
  retained: number[] = Array.from({ length: contract.retained.words }, () => 0);
  /** Survives everything: a test passes it on likewise. */
  readonly flash: FlashHost;
  /** The time at which the logic wants the event TIMER. */
  deadline_us: bigint = contract.noDeadline;
  passes = 0;

  /** Everything that the module exports, including what is not in the contract. */
  readonly exports: Readonly<Record<string, unknown>>;
  private readonly logic: LogicExports;
  private readonly memory: WebAssembly.Memory;
  private pending = 0;

  /**
   * `imports` replaces single imports, for replaying a recorded trace. A test with many lives can pass a
   * compiled module, which saves the time of compiling it each time.
   */
  constructor(
    wasm: Uint8Array | WebAssembly.Module,
    imports: Partial<HostImports> = {},
    flash: FlashHost = new FlashHost(),
  ) {
    this.flash = flash;
    const source = wasm instanceof WebAssembly.Module ? wasm : new Uint8Array(wasm);
    const { exports } = instantiateSync(source, {
      [contract.module]: { ...this.imports(), ...imports } as unknown as Record<string, unknown>,
      env: { abort: () => this.trap("assertion failed") },
    });
    this.exports = exports as unknown as Record<string, unknown>;
    this.logic = exports as unknown as LogicExports;
    this.memory = (exports as unknown as { memory: WebAssembly.Memory }).memory;
    if (this.logic.contract_version() !== contract.version) this.trap("another contract");
  }

  start(): void {
    this.deadline_us = this.pass("start");
  }

  /** Makes one bare pass, as the engine does. Returns the deadline. */
  pass(events: number | "start"): bigint {
    return BigInt.asUintN(64, events === "start" ? this.logic.start() : this.logic.handle(events));
  }

  /** Passes the events on, with TIMER added when it is due. */
  handle(events: number): void {
    const due = this.now_us >= this.deadline_us ? Event.TIMER : 0;
    this.passes++;
    const over = this.i2c.takeEvent(this.now_us) ? Event.I2C : 0;
    const mask = events | this.pending | due | over;
    this.pending = 0;
    this.deadline_us = this.pass(mask);
  }

  /** Lets time pass up to `until_us`, serving every deadline on the way. Bounded by `maximumPasses`. */
  advance(until_us: bigint, maximumPasses = 100_000): void {
    for (let pass = 0; pass < maximumPasses; pass++) {
      this.drainTransmitters();
      const event_us = this.i2c.event_us ?? until_us + 1n;
      const wake_us = event_us < this.deadline_us ? event_us : this.deadline_us;
      if (this.pending !== 0 || wake_us <= this.now_us) {
        this.handle(0);
      } else if (wake_us <= until_us) {
        this.now_us = wake_us;
        this.handle(0);
      } else {
        this.now_us = until_us;
        return;
      }
    }
    throw new Error(`the logic wanted ${maximumPasses} passes without letting time go on`);
  }

  /** Sets the code of a converter channel. The fast paths act at once, as the interrupt would. */
  setCode(channel: number, code: number): void {
    this.converter.codes[channel] = code;
    const { released, events } = this.converter.look();
    this.signals &= ~released;
    this.pending |= events;
  }

  /** Sets input signals; a change is an event, a fall is latched as the interrupt would. */
  setInputs(mask: number, asserted: number): void {
    const before = this.signals;
    this.signals = (before & ~mask) | (asserted & mask);
    const falling = before & ~this.signals & ~OUTPUTS;
    if ((this.fell & POWER_GOODS) === 0) this.fellFirst = falling & POWER_GOODS;
    this.fell |= falling;
    if (this.signals !== before) this.pending |= Event.INPUTS;
  }

  receive(port: number, bytes: Uint8Array | string): void {
    const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    const target = this.port(port);
    for (const byte of data) target.received.push(byte);
    target.counters.received_bytes += data.length;
    this.pending |= port === Port.CONSOLE ? Event.CONSOLE_RX : Event.COMPUTE_RX;
  }

  /** Sends one SMBus message to the slot, see SmbusHost. While a read waits, the logic gets passes. */
  message(segments: readonly Segment[], ending?: "stop" | "broken"): Uint8Array[] | null {
    return this.smbus.message(segments, () => this.serveSmbus(), ending);
  }

  /** Makes passes until the logic has taken every request of the SMBus. Bounded by `maximumPasses`. */
  serveSmbus(maximumPasses = 100_000): void {
    for (let pass = 0; pass < maximumPasses; pass++) {
      this.handle(Event.SMBUS);
      if (!this.smbus.waiting) return;
    }
    throw new Error(`the logic left the SMBus waiting for ${maximumPasses} passes`);
  }

  /** Everything sent so far, as text. */
  sentText(port: number): string {
    return Buffer.from(this.port(port).sent).toString("latin1");
  }

  block(address: number, bytes: number): Uint8Array {
    if (address + bytes > contract.memory.bytes) this.trap("bad import argument");
    return new Uint8Array(this.memory.buffer, address, bytes);
  }

  /** The line is ideal: everything queued is sent by the next pass. */
  private drainTransmitters(): void {
    for (const port of this.ports) {
      port.queued = 0;
      if (port.full) this.pending |= Event.CONSOLE_TX;
      port.full = false;
    }
  }

  private port(port: number): SerialPort {
    const found = this.ports[port];
    return found ?? this.trap("bad import argument");
  }

  private flashRange(offset: number, length: number): Uint8Array {
    // Wasm passes numbers as signed.
    if ((offset >>> 0) + (length >>> 0) > contract.flash.regionBytes) this.trap("bad import argument");
    return this.flash.bytes.subarray(offset, offset + length);
  }

  private trap(why: string): never {
    throw new LogicTrap(why);
  }

  private writeRecord(address: number, fields: readonly string[], values: Record<string, number>): void {
    const block = this.block(address, fields.length * 4);
    const view = new DataView(block.buffer, block.byteOffset);
    fields.forEach((field, index) => {
      view.setUint32(index * 4, values[field] ?? 0, true);
    });
  }

  private imports(): HostImports {
    return {
      time_us: () => this.now_us,
      signals_read: () => this.signals,
      signals_fell: () => {
        const fell = (BigInt(this.fellFirst >>> 0) << 32n) | BigInt(this.fell >>> 0);
        this.fell = this.fellFirst = 0;
        return fell;
      },
      signals_write: (mask, asserted) => {
        if (mask & ~OUTPUTS) this.trap("bad import argument");
        const allowed = asserted & ~this.converter.heldOutputs;
        this.signals = (this.signals & ~mask) | (allowed & mask);
      },
      samples_take: (samples) => {
        this.writeRecord(samples, SamplesFields, this.converter.take());
      },
      sampling_pace: (fast) => this.converter.setPace(fast !== 0),
      overcurrent_arm: (channel, code, rounds, outputs) => {
        if (outputs & ~OUTPUTS) this.trap("bad import argument");
        this.converter.armOvercurrent(channel, code, rounds, outputs);
      },
      brownout_arm: (channel, code) => this.converter.armBrownOut(channel, code),
      trip_read: (trip) => this.writeRecord(trip, TripFields, this.converter.trip),
      trace_freeze: () => this.converter.freeze(),
      trace_clear: () => this.converter.clearTrace(),
      trace_info: (trace) => this.writeRecord(trace, TraceFields, this.converter.traceInfo),
      trace_read: (round, codes) => {
        const block = this.block(codes, 10);
        const view = new DataView(block.buffer, block.byteOffset);
        this.converter.traceRound(round).forEach((code, channel) => {
          view.setUint16(channel * 2, code, true);
        });
      },
      uart_read: (port, buffer, capacity) => {
        const source = this.port(port);
        const taken = source.received.splice(0, capacity);
        this.block(buffer, capacity).set(taken);
        return taken.length;
      },
      uart_write: (port, buffer, length) => {
        const target = this.port(port);
        const taken = Math.min(length, TRANSMIT_BYTES - target.queued);
        for (const byte of this.block(buffer, length).subarray(0, taken)) target.sent.push(byte);
        target.queued += taken;
        target.counters.sent_bytes += taken;
        target.full = taken < length;
        return taken;
      },
      uart_counters: (port, counters) => {
        this.writeRecord(counters, PortCountersFields, this.port(port).counters);
      },
      smbus_open: (address) => this.smbus.open(address),
      smbus_publish: (page, command, response, length) => {
        if (page >= contract.smbus.pages || command > 0xff) this.trap("bad import argument");
        if (length > contract.smbus.responseBytes) this.trap("bad import argument");
        this.smbus.publish(page, command, this.block(response, length));
      },
      smbus_page: (page) => this.smbus.selectPage(page),
      smbus_take: (request) => this.smbus.take(this.block(request, contract.smbus.requestBytes)),
      smbus_answer: (number, response, length) => {
        if (length > contract.smbus.responseBytes) this.trap("bad import argument");
        this.smbus.answer(number, this.block(response, length));
      },
      smbus_counters: (counters) => {
        this.writeRecord(counters, SmbusCountersFields, this.smbus.counters);
      },
      i2c_begin: (address, request, length, readLength) => {
        const { writeBytes, readBytes } = contract.i2c;
        if (address > 0x7f || length > writeBytes || readLength > readBytes) this.trap("bad import argument");
        return this.i2c.begin(this.now_us, address, this.block(request, length), readLength);
      },
      i2c_take: (response, capacity) => this.i2c.take(this.now_us, this.block(response, capacity)),
      system_info: (info) => {
        this.writeRecord(info, SystemInfoFields, this.system);
      },
      retained_read: (place) => this.retained[place] ?? this.trap("bad import argument"),
      retained_write: (place, word) => {
        if (place >= contract.retained.words) this.trap("bad import argument");
        this.retained[place] = word >>> 0;
      },
      flash_read: (offset, buffer, length) => {
        this.block(buffer, length).set(this.flashRange(offset, length));
      },
      flash_program: (offset, data, length) => {
        this.flashRange(offset, length);
        return this.flash.program(offset, this.block(data, length).slice());
      },
      flash_erase: (sector) => {
        if (sector >>> 0 >= contract.flash.regionBytes / contract.flash.sectorBytes)
          this.trap("bad import argument");
        return this.flash.erase(sector);
      },
      restart: () => {
        this.restartRequested = true;
      },
    };
  }
}
