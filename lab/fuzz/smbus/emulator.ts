/**
 * Random traffic to the real image in the emulator, bit by bit and at every speed, with bus faults. It is a
 * thousand times slower than in Node, but leaves nothing out: interrupts, the I2C peripheral, a compute
 * board that boots during the messages.
 */
import { pagesOfRails } from "../../../boards/quantities.ts";
import { isBusFault } from "../../../simulator/devices/smbus/faults.ts";
import { alertResponse, rawMessage } from "../../../simulator/devices/smbus/protocols.ts";
import {
  ending,
  type Protocol,
  START,
  STOP,
  type Step,
  type Steps,
} from "../../../simulator/devices/smbus/steps.ts";
import { Slot } from "../../../simulator/slot/slot.ts";
import { randomFault, versionsOf } from "./cut.ts";
import { Contradiction, History, messageText } from "./history.ts";
import type { Segment } from "./model.ts";
import { Random } from "./random.ts";
import { codeOf, Rules } from "./rules.ts";
import { Suspects } from "./suspects.ts";
import { type Message, Traffic } from "./traffic.ts";
import { World } from "./world.ts";

const SPEEDS_HZ = [10_000, 50_000, 100_000, 100_000, 400_000, 400_000, 1_000_000];
const ELSEWHERE = 0x2b;
/** After this time all pending requests are processed. */
const SERVED_MS = 20;
const MISSED_AT_MOST = 8;
const PAGE = codeOf("PAGE");
/** The commands to read when it is unknown how the slot understood a message. */
const LOOKS = [
  "WRITE_PROTECT",
  "STATUS_CML",
  "MFR_POWER_STATE",
  "MFR_IDENTIFY",
  "STATUS_VOUT",
  "STATUS_INPUT",
  "STATUS_TEMPERATURE",
  "STATUS_MFR_SPECIFIC",
].map(codeOf);
const SUSPECTS_AT_MOST = 500;
const FED_TOO_LATE = /data written after a transmit abort is lost/;
const HELD_TOO_LONG = /SDA moves while SCL is high: IC_SDA_HOLD/;

/** The largest values that the emulated supplies, compute board and chip can reach, in thousandths. */
const PHYSICAL = [
  ["VIN", 11_500, 12_500],
  ["IOUT", 0, 5000],
  ["POUT", 0, 27_000],
  ["TEMPERATURE", -40_000, 125_000],
] as const;
/** An output never goes beyond its nominal voltage by more than a tenth. */
const OUTPUT_MOST = 1.1;

/** Turns segments into a protocol. A read returns its data as one piece. */
function protocolOf(address: number, segments: readonly Segment[]): Protocol {
  return {
    name: `message of ${segments.length} parts`,
    *steps(): Steps {
      const data: number[] = [];
      for (const { write, read, elsewhere } of segments) {
        yield START;
        const goOn = elsewhere ?? false;
        const to = (elsewhere ? ELSEWHERE : address) << 1;
        const at = data.length > 0 || read ? "read-address" : "address";
        yield { op: "write", byte: to | (read ? 1 : 0), at, goOn };
        for (const byte of write ?? []) yield { op: "write", byte, at: "data", goOn } satisfies Step;
        for (let index = 0; index < (read ?? 0); index++) {
          data.push(yield { op: "read", ack: index < (read ?? 0) - 1, at: "data" });
        }
      }
      yield STOP;
      return ending("ok", "stop", Uint8Array.from(data));
    },
  };
}

export class EmulatorRun {
  readonly #random: Random;
  readonly #slot: Slot;
  readonly #seed: number;
  readonly #world = new World();
  readonly #suspects: Suspects;
  readonly #traffic: Traffic;
  readonly #history = new History();
  readonly #address: number;
  #missed = 0;
  /** There was a bus fault, and the slot may notice its end only in the next message. */
  #struck = false;
  transactions = 0;
  faults = 0;
  alerts = 0;

  constructor(directory: string, seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
    const slotId = this.#random.below(16);
    this.#slot = new Slot({ directory, seed, slotId });
    const rules = new Rules(this.#slot.board, slotId);
    this.#address = rules.address;
    this.#suspects = new Suspects(rules, this.#world);
    this.#traffic = new Traffic(this.#random, rules);
    this.#world.countsExactly = false;
    this.#world.log.most = this.#world.console.most = Number.POSITIVE_INFINITY;
    this.#world.powerGood.fill(null);
    for (const [quantity, least, most] of PHYSICAL) this.#world.readings.set(quantity, { least, most });
    for (const [index, page] of pagesOfRails(this.#slot.board.rails).entries()) {
      const { nominal_mv = 0 } = this.#slot.board.rails[index] ?? {};
      this.#world.readings.set(`VOUT_${page}`, { least: 0, most: nominal_mv * OUTPUT_MOST });
    }
    this.#world.powerPeak = this.#world.millijoules.peak_mw = this.#world.reading("POUT").most;
    this.#slot.powerOn();
    this.#slot.expectStart();
  }

  /** Sends one message, correctly or not, and perhaps changes something around it. Throws a Contradiction. */
  step(): void {
    const random = this.#random;
    if (random.oneIn(8)) this.#slot.smbus.hz = random.pick(SPEEDS_HZ);
    if (random.oneIn(12)) this.#happen();
    const message = this.#traffic.next(false);
    const { segments } = message;
    const isPlain = segments[0]?.write && segments.every(({ write }, index) => index === 0 || !write);
    if (isPlain && random.oneIn(5)) this.#faulty(segments);
    else this.#message(message);
  }

  #message({ segments }: Message): void {
    this.transactions++;
    const own = segments.filter(({ elsewhere }) => !elsewhere);
    // A broken-off message is reported before pending requests, so there must be none.
    if (own.filter(({ write }) => write).length > 1) this.#lookAt(PAGE);
    for (let attempt = 0; !this.#sent(segments); attempt++) {
      if (attempt > 0) this.#fail("the address is not acknowledged, though nothing can wait any more");
      this.#slot.runFor(SERVED_MS);
    }
    if (segments.at(-1)?.read) this.#compareAlert();
  }

  /** Returns false if the address was not acknowledged, because too many requests were pending. */
  #sent(segments: readonly Segment[]): boolean {
    const { kind, at, data, disturbances } = this.#transfer(protocolOf(this.#address, segments));
    const answers: Uint8Array[] = [];
    let taken = 0;
    for (const { read = 0 } of segments) {
      if (read > 0) answers.push(data.slice(taken, taken + read));
      taken += read;
    }
    const isBusy = kind === "nack" && /address/.test(at) && data.length === 0;
    this.#history.add(messageText(segments, isBusy ? null : answers, false));
    if (isBusy && segments.filter(({ elsewhere }) => !elsewhere).length === 1) return false;
    if (isBusy && segments[0]?.read === undefined && segments.length === 2 && segments[1]?.read) return false;
    this.#checkWarnings();
    if (kind !== "ok") this.#fail(`the message ended with ${kind} at ${at}`);
    if (disturbances > 0) this.#fail(`${disturbances} edges of SDA while SCL was high`);
    this.#play(segments, answers);
    return true;
  }

  #play(segments: readonly Segment[], answers: readonly Uint8Array[]): void {
    this.#live();
    const problem = this.#suspects.play(segments, answers);
    if (problem) this.#fail(problem);
  }

  /** Lets something around the slot change. */
  #live(): void {
    this.#world.now_us = this.#slot.chip.nanos / 1000 + 1000;
    this.#suspects.each((model) => model.elapse());
  }

  #transfer(protocol: Protocol, fault?: Parameters<Slot["transfer"]>[1]) {
    try {
      return this.#slot.transfer(protocol, fault, 3000);
    } catch (error) {
      return this.#fail(`a transfer without end: ${(error as Error).message}`);
    }
  }

  #lookAt(code: number): void {
    if (!this.#sent([{ write: [code] }, { read: 2 }])) {
      this.#slot.runFor(SERVED_MS);
      if (!this.#sent([{ write: [code] }, { read: 2 }])) this.#fail("the address is not acknowledged");
    }
    this.#compareAlert();
  }

  /** After a read, everything before it is processed, so SMBALERT# must have its final level. */
  #compareAlert(): void {
    const { smbusAlert } = this.#slot;
    if (!smbusAlert) return;
    const pulled = smbusAlert.asserted;
    if (!this.#suspects.keep(({ status }) => status.alert === null || status.alert === pulled)) {
      this.#fail(`SMBALERT# is ${pulled ? "pulled" : "not pulled"}, the model says otherwise`);
    }
    this.#suspects.each(({ status }) => {
      status.alert = pulled;
    });
  }

  // ------------------------------------------------------------------- faults

  #faulty(segments: readonly Segment[]): void {
    this.#lookAt(PAGE);
    this.transactions++;
    this.faults++;
    const fault = randomFault(this.#random, segments, rawMessage(this.#address, [PAGE], 2));
    const { kind } = this.#transfer(protocolOf(this.#address, segments), fault);
    const { next: _, ...named } = fault as { next?: unknown };
    this.#history.add(`${messageText(segments, [], false)} with ${JSON.stringify(named)}: ${kind}`);
    // A low pulse of SCL shorter than SMBus allows is not the firmware's fault.
    if (fault.kind === "glitch-scl") this.#excuse(HELD_TOO_LONG);
    // Nor is a lost arbitration while the slot fills the FIFO, which then loses the rest of the answer.
    this.#struck = isBusFault(fault);
    this.#checkWarnings();
    this.#live();
    this.#suspects.split(versionsOf(segments, fault));
    // The next correct message must succeed, whatever happened before.
    this.#lookAt(PAGE);
    this.#struck = false;
    const [code = PAGE] = segments.find(({ write }) => write)?.write ?? [];
    for (const look of [code, ...LOOKS]) {
      if (this.#suspects.count === 1) return;
      this.#lookAt(look);
    }
    if (this.#suspects.count > SUSPECTS_AT_MOST)
      throw new Error("too many suspects: the fuzzer reads back too rarely");
  }

  #checkWarnings(): void {
    if (this.#struck) this.#excuse(FED_TOO_LATE);
    if (this.#slot.chip.log.warnings.length > 0) this.#fail("a strict warning of the chip");
  }

  #excuse(message: RegExp): void {
    const { warnings } = this.#slot.chip.log;
    const left = warnings.filter((warning) => !message.test(warning.message));
    warnings.splice(0, warnings.length, ...left);
  }

  // ------------------------------------------------------------------- around the slot

  #happen(): void {
    const random = this.#random;
    const kind = random.below(8);
    if (kind < 3) this.#slot.runFor(random.pick([1, 5, 30, 150]));
    else if (kind < 4) this.#slot.terminal.type(random.pick(["status\r", "log -n 5\r", "sensors\r", "\x03"]));
    else this.#alertResponse();
  }

  #alertResponse(): void {
    this.#lookAt(PAGE);
    const pulled = this.#slot.smbusAlert?.asserted ?? false;
    const { kind, data } = this.#transfer(alertResponse({ pec: this.#random.oneIn(2) }));
    this.#history.add(`alert response: ${kind} ${data}`);
    if (kind === "nack") {
      // The slot takes part in the responses whose beginning it sees. It cannot miss all of them for long.
      if (pulled && ++this.#missed > MISSED_AT_MOST)
        this.#fail("the alert response was missed time and again");
      return;
    }
    if (kind !== "ok") this.#fail(`the alert response ended with ${kind}`);
    if (!pulled) this.#live();
    if ((data[0] as number) >> 1 !== this.#address) this.#fail(`the alert response says ${data[0]}`);
    this.#missed = 0;
    this.alerts++;
    this.#suspects.each((model) => model.alertAnswered());
  }

  #fail(problem: string): never {
    throw new Contradiction(
      [
        `in the emulator, seed ${this.#seed}, transaction ${this.transactions}: ${problem}`,
        "the last messages and events:",
        this.#history.toString(),
        `the model, one of ${this.#suspects.count}: ${this.#suspects.first.describe()}`,
        this.#slot.describe(),
      ].join("\n"),
    );
  }
}
