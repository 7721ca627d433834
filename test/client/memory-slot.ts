/**
 * A PMBus device in memory for the client's tests, written against the specification and not against the
 * client: bytes in, bytes out, by the command table. It knows pages, PEC, STATUS_CML, write protection and a
 * log.
 */

import { NoAnswerError, type SmbusBus } from "@racklet/client";
import { commands } from "../../abi/smbus.ts";
import type { SmbusCommand } from "../../abi/smbus-schema.ts";

const byCode = new Map(commands.map((command) => [command.code, command]));
const codeOf = (name: string) => commands.find((command) => command.name === name)?.code ?? -1;

/** CRC-8 as polynomial division over the message's bits. */
export function crc8(bytes: readonly number[]): number {
  let remainder = 0n;
  for (const byte of [...bytes, 0]) remainder = (remainder << 8n) | BigInt(byte);
  const length = (bytes.length + 1) * 8;
  for (let bit = BigInt(length - 1); bit >= 8n; bit--) {
    if ((remainder >> bit) & 1n) remainder ^= 0x107n << (bit - 8n);
  }
  return Number(remainder);
}

const ABSENT = [0xff, 0xff];

/** The commands that a BMC in its minimal state answers, as docs/smbus.md has them. */
const IN_MINIMAL = [
  ...["PAGE", "OPERATION", "CLEAR_FAULTS", "WRITE_PROTECT", "CAPABILITY", "STATUS_BYTE", "STATUS_WORD"],
  ...["STATUS_CML", "STATUS_MFR_SPECIFIC", "PMBUS_REVISION", "MFR_ID", "MFR_MODEL", "MFR_REVISION"],
  ...["MFR_LOCATION", "MFR_DATE", "IC_DEVICE_ID", "MFR_POWER_STATE", "MFR_FIRMWARE", "MFR_RAIL"],
];

/** The rails of the reference board, by page. */
const RAILS = ["5V", "3V3_AUX"];

export class MemorySlot implements SmbusBus {
  readonly address: number;
  /** The names of its rails, by page. */
  readonly rails: readonly string[];
  /** Data bytes by page and code; common commands are on page 0. */
  readonly values = new Map<string, number[]>();
  /** Every message as hexadecimal text: the sent bytes behind "w" or "r", the answer behind ">". */
  readonly trace: string[] = [];
  log = Buffer.from("");
  oldest = 0;
  /** A board that prints: bytes of `log` that each read captures, into a ring of so many bytes. */
  printing: { captured: number; readonly perRead: number; readonly ring: number } | null = null;
  /** What its console prints, as the log does. */
  readonly console = { bytes: Buffer.from(""), printed: 0, perRead: 0, ring: 4096 };
  /** When the BMC started; null: firmware that does not say so. */
  started_ms: number | null = 20;
  /** The log of the BMC's next start. */
  nextLog = Buffer.from("");
  /**
   * Blocks of MFR_EVENT_READ without their numbers, from `firstEvent` on; null where an event has got a later
   * number.
   */
  events: (Buffer | null)[] = [];
  firstEvent = 0;
  /** Rounds of five codes, 10 us apart, a quarter of them after the fault. */
  traceRounds: number[][] = [];
  /** When the trace's fault was noticed; null: firmware that does not say so. */
  traceFault_ms: number | null = null;
  /** Is called after each read of an event, and after each read of the trace. */
  onEventRead: () => void = () => {};
  onTraceRead: () => void = () => {};
  page = 0;
  cml = 0;
  /** Messages refused, for MFR_COUNTERS. */
  refused = 0;
  /** The number of further block writes that find no room, which STATUS_CML does not show. */
  busyFor = 0;
  /** Without it, FFh stands where the PEC would be, or FEh where FFh would fit. */
  knowsPec = true;
  /**
   * A command that does not exist never has a PEC that fits, as on the slot: FEh where FFh would be right.
   */
  silent = false;
  /** Whether power commands are refused, as without a compute board. */
  refusesPower = false;
  /** An error to throw instead of carrying out the next message. */
  failNext: Error | null = null;
  /** The BMC restarts before the message after this many; null: never. */
  restartsAfter: number | null = null;
  /** Flips a bit of the next answer. */
  disturbNext = false;

  constructor(address = 0x10, rails: readonly string[] = RAILS) {
    this.address = address;
    this.rails = rails;
    for (const { code, read, pages = [0] } of commands) {
      const length = { byte: 1, word: 2, block: 1, call: 1 }[read ?? "byte"];
      for (const page of pages) if (page < rails.length) this.put(code, new Array(length).fill(0), page);
    }
    this.put("CAPABILITY", [0xd0]);
    this.put("MFR_LOG_STATUS", new Array(12).fill(0));
    for (const [page, name] of rails.entries()) {
      this.put("VOUT_MODE", [0x14], page);
      this.put("MFR_RAIL", [rails.length, ...Buffer.from(name)], page);
    }
  }

  put(command: number | string, bytes: number[], page = 0): void {
    this.values.set(`${page} ${typeof command === "string" ? codeOf(command) : command}`, bytes);
  }

  /** Removes commands, as on a board without the sensor. */
  remove(command: string, page = 0): void {
    this.values.delete(`${page} ${codeOf(command)}`);
  }

  /** Leaves what the minimal state answers; everything else is silent. */
  becomeMinimal(why: string): void {
    this.silent = true;
    for (const { name } of commands)
      for (const page of this.rails.keys()) if (!IN_MINIMAL.includes(name)) this.remove(name, page);
    this.put("STATUS_MFR_SPECIFIC", [0x03]);
    this.put("MFR_FIRMWARE", [...Buffer.from(`minimal: ${why}`)]);
  }

  /** What a restart of the BMC does to what the client may have relied on. */
  restart(): void {
    this.page = 0;
    this.restartsAfter = null;
    if (this.started_ms !== null) this.started_ms += 60_000;
    this.log = this.nextLog;
    this.oldest = 0;
    this.console.printed = 0;
  }

  taken(command: string, page = 0): number[] | undefined {
    return this.values.get(`${page} ${codeOf(command)}`);
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    this.#arrive(address, `w ${Buffer.from(bytes).toString("hex")}`);
    if (bytes.length === 0) return;
    const [code = 0, ...rest] = bytes;
    const command = byCode.get(code);
    const length = this.#written(command, rest);
    if (!command || length < 0) this.#refuse(0x80);
    else if (rest.length === length + 1 && crc8([address << 1, ...bytes]) !== 0) this.#refuse(0x20);
    else if (rest.length !== length && rest.length !== length + 1) this.#refuse(0x40);
    else this.#execute(command, rest.slice(0, length));
  }

  async read(address: number, sent: Uint8Array, length: number | "block", extra = 0): Promise<Uint8Array> {
    this.#arrive(address, `r ${Buffer.from(sent).toString("hex")}`);
    const data = this.#answer(sent);
    const asked = length === "block" ? 1 + (data[0] ?? 0) + extra : length;
    const message = [address << 1, ...sent, (address << 1) | 1, ...data];
    const fitting = crc8(message);
    const isWrong = !this.knowsPec || (this.silent && data === ABSENT);
    const pec = isWrong ? (fitting === 0xff ? 0xfe : 0xff) : fitting;
    const answer = Uint8Array.from({ length: asked }, (_, at) => [...data, pec][at] ?? 0xff);
    if (this.disturbNext && answer.length > 0) answer[answer.length - 1] = (answer.at(-1) ?? 0) ^ 0x04;
    this.disturbNext = false;
    this.trace.push(`> ${Buffer.from(answer).toString("hex")}`);
    return answer;
  }

  #arrive(address: number, what: string): void {
    this.trace.push(what);
    if (this.restartsAfter !== null && this.restartsAfter-- === 0) this.restart();
    const failure = this.failNext ?? (address === this.address ? null : new NoAnswerError(address));
    this.failNext = null;
    if (failure) throw failure;
  }

  /** Data bytes of a write, count included, or -1 where the command has none. */
  #written(command: SmbusCommand | undefined, rest: number[]): number {
    const length = { none: -1, send: 0, byte: 1, word: 2, block: 1 + (rest[0] ?? 0) };
    return length[command?.write ?? "none"];
  }

  #execute(command: SmbusCommand, data: number[]): void {
    const protection = this.taken("WRITE_PROTECT")?.[0] ?? 0;
    if (protection !== 0 && !command.writableUnder?.includes(protection)) this.#refuse(0x80);
    else if (command.name === "CLEAR_FAULTS") this.cml = 0;
    else if (command.name === "STATUS_CML") this.cml &= ~(data[0] ?? 0);
    else if (command.name === "PAGE") this.#turn(data[0] ?? 0);
    else if (command.name === "MFR_POWER_COMMAND" && this.refusesPower) this.#refuse(0x01);
    else if (command.format === "number" && command.values && !isNamed(command, data)) this.#refuse(0x40);
    else if (command.write === "block" && this.busyFor > 0) this.#beBusy();
    else if (!this.values.has(`${command.pages ? this.page : 0} ${command.code}`)) this.#refuse(0x80);
    else this.put(command.code, data, command.pages ? this.page : 0);
  }

  #refuse(bit: number): void {
    this.cml |= bit;
    this.refused++;
  }

  #beBusy(): void {
    this.busyFor--;
    this.refused++;
  }

  #turn(page: number): void {
    if (page >= this.rails.length) this.#refuse(0x40);
    else this.page = page;
  }

  #answer(sent: Uint8Array): number[] {
    const command = byCode.get(sent[0] ?? -1);
    const page = command?.pages ? this.page : 0;
    const value = command?.read ? this.values.get(`${page} ${command.code}`) : undefined;
    if (!command || !value) {
      this.#refuse(0x80);
      return ABSENT;
    }
    switch (command.name) {
      case "PAGE":
        return [this.page];
      case "STATUS_CML":
        return [this.cml];
      case "STATUS_WORD":
        return [(value[0] ?? 0) | (this.cml ? 2 : 0), value[1] ?? 0];
      case "STATUS_BYTE":
        return [(value[0] ?? 0) | (this.cml ? 2 : 0)];
      case "MFR_COUNTERS":
        return [18, ...this.#counters()];
      case "MFR_LOG_STATUS":
        this.#print();
        return this.#logStatus(value);
      case "MFR_LOG_READ":
        this.#print();
        return this.#logAnswer(Buffer.from(sent.slice(2)).readUInt32LE());
      case "MFR_CONSOLE_OUTPUT":
        return this.#consoleAnswer(Buffer.from(sent.slice(2)).readUInt32LE());
      case "MFR_EVENT_STATUS":
        return [8, ...words(this.firstEvent, this.firstEvent + this.events.length)];
      case "MFR_EVENT_READ":
        return this.#eventAnswer(Buffer.from(sent.slice(2)).readUInt32LE());
      case "MFR_TRACE_READ":
        return this.#traceAnswer(Buffer.from(sent.slice(2)).readUInt32LE());
    }
    return command.read === "block" || command.read === "call" ? [value.length, ...value] : value;
  }

  /** Bytes 10 and 11 count the refused messages; the other counters stay 0. */
  #counters(): Uint8Array {
    const counters = Buffer.alloc(18);
    counters.writeUInt16LE(this.refused & 0xffff, 10);
    return counters;
  }

  #eventAnswer(asked: number): number[] {
    const end = this.firstEvent + this.events.length;
    let number = Math.min(Math.max(asked, this.firstEvent), end);
    while (number < end && this.events[number - this.firstEvent] === null) number++;
    const event = this.events[number - this.firstEvent] ?? Buffer.alloc(0);
    this.onEventRead();
    return [4 + event.length, ...words(number), ...event];
  }

  #traceAnswer(asked: number): number[] {
    const first = Math.min(asked, this.traceRounds.length);
    const codes = this.traceRounds.slice(first, first + 2).flat();
    const data = codes.flatMap((code) => [code & 0xff, code >> 8]);
    const after = this.traceRounds.length / 4;
    if (this.traceFault_ms !== null && this.traceRounds.length > 0) data.push(...words(this.traceFault_ms));
    this.onTraceRead();
    return [8 + data.length, first & 0xff, first >> 8, after & 0xff, after >> 8, ...words(10_000), ...data];
  }

  #print(): void {
    if (!this.printing) return;
    this.printing.captured = Math.min(this.log.length, this.printing.captured + this.printing.perRead);
    this.oldest = Math.max(this.oldest, this.printing.captured - this.printing.ring);
  }

  #logStatus(value: number[]): number[] {
    const kept = this.printing ? words(this.oldest, this.printing.captured, 0) : value;
    const status = this.started_ms === null ? kept : [...kept, ...words(this.started_ms)];
    return [status.length, ...status];
  }

  #logAnswer(asked: number): number[] {
    return slice(this.log, this.oldest, this.printing?.captured ?? this.log.length, asked);
  }

  #consoleAnswer(asked: number): number[] {
    const { bytes, perRead, ring } = this.console;
    this.console.printed = Math.min(bytes.length, this.console.printed + perRead);
    return slice(bytes, Math.max(0, this.console.printed - ring), this.console.printed, asked);
  }
}

/** Devices at one address: SDA is low where one of them pulls it low, and all of them hear every write. */
export class Overlapping implements SmbusBus {
  readonly #devices: readonly MemorySlot[];

  constructor(...devices: MemorySlot[]) {
    this.#devices = devices;
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    for (const device of this.#devices) await device.write(address, bytes);
  }

  async read(address: number, sent: Uint8Array, length: number | "block", extra = 0): Promise<Uint8Array> {
    const most = length === "block" ? 33 + extra : length;
    const wire = new Uint8Array(most).fill(0xff);
    for (const device of this.#devices) {
      const answer = await device.read(address, sent, most);
      for (const at of wire.keys()) wire[at] = (wire[at] ?? 0) & (answer[at] ?? 0xff);
    }
    return length === "block" ? wire.subarray(0, 1 + (wire[0] ?? 0) + extra) : wire;
  }
}

/** What is kept from a position on, 28 bytes at most; behind the end nothing, and the position is the end. */
function slice(bytes: Buffer, oldest: number, end: number, asked: number): number[] {
  const position = Math.min(Math.max(asked, oldest), end);
  const data = bytes.subarray(position, Math.min(position + 28, end));
  return [4 + data.length, ...words(position), ...data];
}

function words(...values: number[]): number[] {
  return values.flatMap((value) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
}

function isNamed({ values = [] }: SmbusCommand, [byte]: number[]): boolean {
  return values.some(({ value }) => value === byte);
}
