/**
 * Random traffic to the logic in Node, where a message takes microseconds. Messages are whole, but they
 * queue up, and everything around the slot can happen between them, before them or at the same time.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contract } from "../../../abi/contract.ts";
import type { Board } from "../../../boards/board.ts";
import { quantitiesOf, quantityOf } from "../../../boards/quantities.ts";
import { Event, Port, Signal } from "../../../simulator/generated/abi.ts";
import { LogicHost } from "../../../simulator/logic-host/logic-host.ts";
import type { Segment as HostSegment } from "../../../simulator/logic-host/smbus-host.ts";
import { readBoard } from "../../../simulator/tools/build-directory.ts";
import { Contradiction, History, messageText } from "./history.ts";
import type { Model } from "./model.ts";
import { Random } from "./random.ts";
import type { QuantityName } from "./rules.ts";
import { codeOf, Rules } from "./rules.ts";
import { codesOf, goodSignals, mvOfCode, powerChannelsOf, type Supply, suppliesOf } from "./supplies.ts";
import { Suspects } from "./suspects.ts";
import { type Message, Traffic } from "./traffic.ts";
import { World } from "./world.ts";

const CONSOLE_ROOM = 64;
const COMPUTE_ROOM = 1024;
/** One reading and two windows: by then no older reading is left. */
const SETTLED_US = 250_000;
/** Longer than the longest filter time of these boards, plus two windows. */
const FILTERED_US = 1_300_000;
/** A sensor that has been plausible for this long is trusted again. */
const BELIEVED_US = 1_000_000;
/** Supplies follow their enables within this time. */
const FOLLOW_US = 10_000;
/** A power-good that is still asserted after this time is stuck, or will soon count as stuck. */
const STUCK_US = 400_000;
const CLEAR_FAULTS = codeOf("CLEAR_FAULTS");
const POWER_STATE = codeOf("MFR_POWER_STATE");
const STATUS_SLOT = codeOf("STATUS_MFR_SPECIFIC");
const STATUS_VOUT = codeOf("STATUS_VOUT");
const STATUS_INPUT = codeOf("STATUS_INPUT");
const STATUS_CML = codeOf("STATUS_CML");
const WRITE_PROTECT = codeOf("WRITE_PROTECT");
const PAGE = codeOf("PAGE");
const OPERATION = codeOf("OPERATION");
const FAULT_CLEAR = codeOf("MFR_FAULT_CLEAR");
const LAST_FAULT = codeOf("MFR_LAST_FAULT");
/** The time of a few rounds of the converter. */
const ROUNDS_US = 250;
/** A code of VIN: 5 V, which is below every limit that may be set. */
const DROPPED_CODE = 775;
/** Parts of the 31 s and four time-outs of its retries; the last one has some reserve. */
const TRIES_US = [500_000, 1_000_000, 2_000_000, 4_000_000, 20_000_000, 5_000_000];
/** A code that PMBus does not define. */
const NO_COMMAND = 0xcf;
/** With this many pending requests the address is no longer acknowledged. */
const CLOSED = contract.smbus.requests - contract.smbus.requestsKept + 1;

/** Lines as a user types them. The console refuses those that do not suit the moment. */
const TYPED = [
  "power on\r",
  "power off --yes\r",
  "power force-off --yes\r",
  "power cycle --yes\r",
  "power reset --yes\r",
  "fault clear\r",
];
const PRINTED = ["U-Boot 2024.01\r\n", "Linux version 6.6\r\n", "raspberrypi login:", "\x1b[0m\r\n"];

export class NodeRun {
  readonly #random: Random;
  readonly #seed: number;
  readonly #board: Board;
  readonly #supplies: readonly Supply[];
  readonly #host: LogicHost;
  readonly #world = new World();
  readonly #suspects: Suspects;
  readonly #traffic: Traffic;
  readonly #history = new History();
  /** Texts for the compute board's console that have not arrived there yet. */
  #typed: { readonly bytes: readonly number[]; readonly sure: boolean }[] = [];
  #sentSeen = 0;
  #printedSeen = 0;
  #waiting = 0;
  #passes = 0;
  /** A converter channel that shows a wrong code. */
  #astray: { readonly channel: number; readonly code: number } | null = null;
  #changed_us = 0;
  #disturbed_us = 0;
  #followed_us = 0;
  transactions = 0;
  supplyFailures = 0;
  inputFailures = 0;
  triesInVain = 0;

  constructor(directory: string, seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#board = readBoard(directory);
    this.#supplies = suppliesOf(this.#board);
    const slot = this.#random.below(16);
    const rules = new Rules(this.#board, slot);
    this.#suspects = new Suspects(rules, this.#world);
    this.#traffic = new Traffic(this.#random, rules);
    this.#host = new LogicHost(readFileSync(join(directory, "logic.wasm")));
    this.#host.signals = Signal.PRESENT | (slot * Signal.SLOT_ID0);
    this.#host.converter.codes = this.#codes();
    this.#host.converter.powerChannels = powerChannelsOf(this.#board);
    this.#world.onComputeInput = (bytes, sure) => this.#typed.push({ bytes, sure });
    this.#world.console.most = Number.POSITIVE_INFINITY;
    this.#read(false);
    this.#host.start();
    this.#advance(SETTLED_US);
  }

  /** Sends one message and perhaps changes something around it. Throws a Contradiction. */
  step(): void {
    this.transactions++;
    const random = this.#random;
    if (random.oneIn(10)) this.#happen();
    const message = this.#traffic.next(true);
    this.message(message);
    if (random.oneIn(3)) this.#serve();
  }

  message({ segments, broken }: Message): void {
    // The slot hears nothing of a part for another address.
    const own = segments.filter(({ elsewhere }) => !elsewhere);
    const late = broken && this.#waiting > 0;
    if (this.#waiting >= CLOSED - 1 || late || (own.length > 1 && this.#waiting > 0)) this.#serve();
    this.#put({ segments, broken });
  }

  #put({ segments, broken }: Message): void {
    const own = segments.filter(({ elsewhere }) => !elsewhere);
    const answers = this.#host.message(own as HostSegment[], broken ? "broken" : "stop");
    this.#history.add(messageText(segments, answers, broken));
    if (!answers) this.#fail("the address was not acknowledged");
    if (own.at(-1)?.write && !broken) this.#waiting++;
    // Pending requests are served in several passes, and the order of events is not known.
    if (this.#host.passes !== this.#passes || this.#waiting > 0)
      this.#suspects.each((model) => model.passes());
    this.#passes = this.#host.passes;
    const problem = this.#suspects.play(segments, answers, broken);
    if (problem) this.#fail(problem);
  }

  /** Processes all requests. Then the lines must have the levels of the model. */
  #serve(): void {
    this.#host.serveSmbus();
    this.#waiting = 0;
    this.#settled();
  }

  #settled(): void {
    const model = this.#model;
    const pulled = (this.#host.signals & Signal.SMBALERT) !== 0;
    if (model.status.alert !== null && model.status.alert !== pulled) {
      this.#fail(`SMBALERT# is ${pulled ? "pulled" : "not pulled"}, the model says otherwise`);
    }
    model.status.alert = pulled;
    const lit = (this.#host.signals & Signal.LED_IDENTIFY) !== 0;
    if (lit !== (model.identify === 1)) this.#fail(`the identify LED is ${lit ? "lit" : "dark"}`);
    this.#readPowerGood();
  }

  get #model(): Model {
    return this.#suspects.first;
  }

  // ------------------------------------------------------------------- around the slot

  #happen(): void {
    const random = this.#random;
    const kind = random.below(20);
    if (random.oneIn(60)) this.#tryInVain();
    else if (kind < 9) this.#advance(this.#duration());
    else if (kind < 11) this.#alertResponse();
    else if (kind < 13) this.#powerFails(random.oneIn(2), random.oneIn(3));
    else if (kind < 15) this.#print();
    else if (kind < 16) this.#type();
    else if (kind < 17) this.#plug();
    else if (kind < 18) this.#readDifferently();
    else if (kind < 19) this.#pretendHalted();
    else this.#pileUp();
  }

  /**
   * Writes come faster than the logic takes them: it must close the address in time and lose no accepted
   * write.
   */
  #pileUp(): void {
    this.#serve();
    while (this.#waiting < CLOSED) {
      const message = this.#traffic.next(false);
      if (message.segments.length > 1 || !message.segments[0]?.write) continue;
      this.#put(message);
      this.transactions++;
    }
    this.#world.timesClosed++;
    if (this.#host.smbus.answers) this.#fail(`the address is answered with ${CLOSED} writes waiting`);
    this.#serve();
  }

  #duration(): number {
    const random = this.#random;
    if (random.oneIn(200)) return 61_000_000;
    if (random.oneIn(20)) return 3_000_000;
    return random.below(random.oneIn(3) ? SETTLED_US + 60_000 : 12_000);
  }

  /** Lets time pass. Supplies follow their enables; now and then they do not. */
  #advance(us: number, follows = !this.#random.oneIn(12)): void {
    if (this.#waiting > 0) this.#serve();
    this.#history.add(`(${us} us pass${follows ? "" : ", supplies stay as they are"})`);
    const world = this.#world;
    const wasSane = world.sane;
    const end_us = world.now_us + us;
    const areGood = (this.#host.signals & goodSignals(this.#supplies)) !== 0;
    world.mayStick = areGood && (follows ? world.now_us : end_us) - this.#followed_us >= STUCK_US;
    do {
      world.now_us = Math.min(end_us, world.now_us + FOLLOW_US);
      this.#host.advance(BigInt(world.now_us));
      if (follows) this.#supply();
    } while (world.now_us < end_us);
    if (!follows || this.#astray) this.#disturbed_us = world.now_us;
    const isSane = world.now_us - this.#disturbed_us >= BELIEVED_US;
    world.sane = wasSane && isSane;
    this.#suspects.each((model) => model.elapse());
    world.sane = isSane;
    if (world.now_us - this.#changed_us >= SETTLED_US) this.#read(false);
    const filtered_us = world.now_us - FILTERED_US;
    if (this.#changed_us <= filtered_us) this.#suspects.each((model) => model.filtered(filtered_us));
    this.#look();
    this.#world.consoleRoom = CONSOLE_ROOM;
    this.#world.computeRoom = COMPUTE_ROOM;
    this.#host.advance(BigInt(this.#world.now_us));
    this.#compareSent();
    this.#settled();
  }

  /** Makes the logic read its inputs. */
  #look(): void {
    this.#host.handle(0);
    this.#suspects.each((model) => model.elapse());
  }

  #supply(): void {
    const { signals } = this.#host;
    for (const { enable, good } of this.#supplies) this.#host.setInputs(good, signals & enable ? good : 0);
    this.#followed_us = this.#world.now_us;
    this.#show();
  }

  #readPowerGood(): void {
    const { signals } = this.#host;
    for (const { page, good } of this.#supplies) this.#world.powerGood[page] = (signals & good) !== 0;
  }

  #write(...bytes: number[]): void {
    this.message({ segments: [{ write: bytes }], broken: false });
  }

  #lookAt(...codes: number[]): void {
    for (const code of codes) this.message({ segments: [{ write: [code] }, { read: 2 }], broken: false });
  }

  /** A power-good or the input fails for a moment, perhaps at the moment of an alert response. */
  #powerFails(withAlertResponse: boolean, isInput: boolean): void {
    this.#write(CLEAR_FAULTS);
    if (withAlertResponse) this.#lookAt(NO_COMMAND);
    this.#serve();
    // None of these reads needs the logic, so nothing can happen between them.
    this.#lookAt(STATUS_VOUT, STATUS_SLOT, STATUS_INPUT, POWER_STATE);
    if (!this.#model.power.surelyOn) {
      this.#comeUp();
      return;
    }
    if (withAlertResponse) this.#answerAlert();
    if (isInput) this.#inputFails();
    else this.#supplyFails();
    if (this.#random.oneIn(2)) this.#write(OPERATION, this.#random.pick([0x80, 0x40, 0x00]));
    this.#serve();
  }

  /** Makes everything work and switches the slot on, so that something can fail. */
  #comeUp(): void {
    this.#astray = null;
    this.#show();
    this.#plugIn();
    this.#write(WRITE_PROTECT, 0);
    const { page } = this.#model;
    const others = this.#supplies.map((supply) => supply.page).filter((each) => each !== page);
    for (const each of [...others, page]) {
      this.#write(PAGE, each);
      for (const bytes of this.#traffic.initialLimits(each)) this.#write(...bytes);
    }
    this.#advance(FILTERED_US, true);
    this.#write(FAULT_CLEAR);
    this.#write(OPERATION, 0x80);
    for (let wait = 0; wait < 8; wait++) this.#advance(FOLLOW_US, true);
    this.#lookAt(POWER_STATE);
  }

  #supplyFails(): void {
    const { page } = this.#model;
    const good = this.#supplies.find((supply) => supply.page === page)?.good ?? 0;
    this.#history.add(`(power-good of page ${page} glitches)`);
    this.#host.setInputs(good, 0);
    this.#host.setInputs(good, good);
    this.#suspects.each((model) => model.supplyFailed(page));
    this.supplyFailures++;
  }

  /** The input fails for too short a time to be seen in a window. */
  #inputFails(): void {
    const channel = quantityOf(this.#board, "VIN")?.sensor?.adc_channel;
    // A sensor that is not trusted shows nothing about the input.
    if (channel === undefined || !this.#world.sane) return;
    this.#history.add("(input power drops out)");
    this.#host.setCode(channel, DROPPED_CODE);
    this.#host.setCode(channel, this.#codes()[channel] as number);
    // It is known after one round of the converter.
    this.#world.now_us += ROUNDS_US;
    this.#host.advance(BigInt(this.#world.now_us));
    this.#suspects.each((model) => model.inputFailed());
    this.inputFailures++;
  }

  /** Switches on a slot whose supplies never come up, and reads during its retries, until it gives up. */
  #tryInVain(): void {
    this.#astray = null;
    this.#show();
    this.#plugIn();
    this.#advance(FILTERED_US);
    this.#write(WRITE_PROTECT, 0);
    this.#write(FAULT_CLEAR);
    this.#write(OPERATION, 0x00);
    for (let pass = 0; pass < 3; pass++) this.#advance(FILTERED_US);
    this.#write(OPERATION, 0x80);
    this.#serve();
    this.#lookAt(POWER_STATE);
    if (!this.#model.power.surelyComingUp || this.#followed_us < this.#world.now_us) return;
    for (const us of TRIES_US) {
      this.#advance(us, false);
      this.#lookAt(POWER_STATE, STATUS_SLOT);
      // With these limits, no input may be good enough.
      if (this.#model.power.maybeWithoutInput) return;
    }
    const { page: first = 0 } = this.#supplies[0] ?? {};
    this.#suspects.each((model) => model.triedInVain(first));
    this.#lookAt(POWER_STATE, STATUS_VOUT, STATUS_SLOT, LAST_FAULT);
    this.#write(OPERATION, this.#random.pick([0x80, 0x40, 0x00]));
    this.#serve();
    this.#lookAt(STATUS_CML, POWER_STATE);
    this.triesInVain++;
  }

  #alertResponse(): void {
    // It is reported before pending requests, so there must be none.
    this.#serve();
    this.#answerAlert();
    this.#serve();
  }

  /** As in the host: SMBALERT# is released before the logic is notified. */
  #answerAlert(): void {
    if (!(this.#host.signals & Signal.SMBALERT)) return;
    this.#history.add("(alert response)");
    this.#host.signals &= ~Signal.SMBALERT;
    this.#host.smbus.alertAnswered();
    this.#world.alertsAnswered++;
    this.#suspects.each((model) => model.alertAnswered());
  }

  #print(): void {
    const random = this.#random;
    const text = random.oneIn(2)
      ? [...Buffer.from(random.pick(PRINTED))]
      : random.bytes(1 + random.below(200));
    if (random.oneIn(20)) text.push(...random.bytes(5000));
    this.#history.add(`(the compute board prints ${text.length} bytes)`);
    this.#host.receive(Port.COMPUTE, Uint8Array.from(text));
    this.#host.handle(0);
    this.#world.log.append(text);
    if (!this.#host.smbus.waiting) this.#waiting = 0;
  }

  #type(): void {
    const line = this.#random.pick(TYPED);
    this.#serve();
    this.#history.add(`(typed: ${line.trim()})`);
    // Clears whatever was on the line before.
    this.#host.receive(Port.CONSOLE, `\x03\r${line}`);
    const forget = (model: Model) => {
      model.power.anywhere();
      model.trace = null;
    };
    this.#suspects.each(forget);
    this.#advance(20_000);
    this.#suspects.each(forget);
  }

  /** Pulls the board out, in most cases for a short time. */
  #plug(): void {
    const isPresent = this.#random.oneIn(4) ? this.#model.power.present !== true : true;
    this.#plugIn(isPresent);
  }

  #plugIn(isPresent = true): void {
    this.#serve();
    this.#history.add(`(compute board ${isPresent ? "present" : "absent"})`);
    this.#host.setInputs(Signal.PRESENT, isPresent ? Signal.PRESENT : 0);
    this.#host.handle(Event.INPUTS);
    this.#suspects.each((model) => {
      model.power.present = isPresent;
      model.elapse();
    });
  }

  #pretendHalted(): void {
    this.#serve();
    const halted = this.#random.oneIn(2) ? Signal.HALTED : 0;
    this.#host.setInputs(Signal.HALTED, halted);
    // Long enough for an OS that was asked, and sometimes for one that was not (assembly/power/halt.ts).
    this.#advance(this.#random.oneIn(4) ? 2_100_000 : 60_000);
  }

  // ------------------------------------------------------------------- readings

  #codes(): number[] {
    const codes = codesOf(this.#board, this.#host.signals);
    if (this.#astray) codes[this.#astray.channel] = this.#astray.code;
    return codes;
  }

  /** Makes the converter show the supplies. */
  #show(): void {
    const codes = this.#codes();
    if (codes.every((code, channel) => code === this.#host.converter.codes[channel])) return;
    for (const [channel, code] of codes.entries()) this.#host.setCode(channel, code);
    this.#changed_us = this.#world.now_us;
    this.#read(true);
  }

  #readDifferently(): void {
    const random = this.#random;
    this.#serve();
    this.#disturbed_us = this.#world.now_us;
    this.#world.sane = false;
    this.#astray = random.oneIn(2) ? { channel: random.below(5), code: random.below(4096) } : null;
    this.#show();
    this.#history.add(`(converter codes ${this.#host.converter.codes})`);
    this.#look();
    this.#settled();
    if (random.oneIn(2)) this.#advance(SETTLED_US);
  }

  /** Sets the readings that are possible with these codes; `also`: the ones from before stay possible. */
  #read(also: boolean): void {
    const { codes } = this.#host.converter;
    const spans = new Map<QuantityName, [number, number]>();
    for (const { quantity, sensor } of quantitiesOf(this.#board)) {
      if (!sensor) continue;
      const at = mvOfCode(codes[sensor.adc_channel] ?? 0);
      if (quantity === "TEMPERATURE") {
        const mdeg = 27_000 - ((at - 706) * 1e6) / 1721; // RP2040 datasheet 4.9.5
        spans.set(quantity, [mdeg - 3, mdeg + 3]);
      } else {
        const value = (at * sensor.numerator) / sensor.denominator;
        spans.set(quantity as QuantityName, [value - 1, value + 1]);
      }
    }
    const [voltsLeast = 0, voltsMost = 0] = spans.get("VOUT_0") ?? [];
    const [ampsLeast = 0, ampsMost = 0] = spans.get("IOUT") ?? [];
    const least = (Math.max(0, voltsLeast) * Math.max(0, ampsLeast)) / 1000 - 1;
    spans.set("POUT", [least, (voltsMost * ampsMost) / 1000 + 1]);
    for (const [name, [from, to]] of spans) {
      const before = also ? this.#world.readings.get(name) : undefined;
      this.#world.readings.set(name, {
        least: Math.min(from, before?.least ?? from),
        most: Math.max(to, before?.most ?? to),
      });
    }
    const { most } = this.#world.reading("POUT");
    this.#world.powerPeak = Math.max(this.#world.powerPeak, most);
    this.#world.millijoules.peak_mw = Math.max(this.#world.millijoules.peak_mw, most);
  }

  // ------------------------------------------------------------------- serial lines

  #compareSent(): void {
    const { sent } = this.#host.ports[Port.COMPUTE];
    while (this.#sentSeen < sent.length) {
      const block = this.#typed.shift();
      if (!block) this.#fail(`bytes on the compute board's console that were not typed`);
      const fits = block.bytes.every((byte, index) => sent[this.#sentSeen + index] === byte);
      if (fits) this.#sentSeen += block.bytes.length;
      else if (block.sure) this.#fail(`typed for the compute board and not sent: ${block.bytes}`);
    }
    if (this.#typed.some(({ sure }) => sure)) this.#fail("typed for the compute board and not sent");
    this.#typed = [];
    sent.length = this.#sentSeen = 0;
    this.#comparePrinted();
  }

  #comparePrinted(): void {
    const { sent } = this.#host.ports[Port.CONSOLE];
    for (const byte of sent) {
      if (!this.#world.console.record(this.#printedSeen++, byte)) {
        this.#fail(`the console printed another byte at ${this.#printedSeen - 1} than was read`);
      }
    }
    sent.length = 0;
    const { console } = this.#world;
    console.least = Math.max(console.least, this.#printedSeen);
  }

  #fail(problem: string): never {
    throw new Contradiction(
      [
        `in Node, seed ${this.#seed}, transaction ${this.transactions}: ${problem}`,
        "the last messages and events:",
        this.#history.toString(),
        `the model: ${this.#model.describe()}`,
        `the world: ${this.#world}`,
        `the logic: signals ${this.#host.signals.toString(16)}h, ${this.#host.passes} passes`,
      ].join("\n"),
    );
  }
}
