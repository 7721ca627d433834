/**
 * A plain model of a PMBus device, after abi/smbus.ts and the specification: what every message must return
 * and what it changes. The caller reports each message with the slot's answers, and the model returns what
 * contradicts the rules. Where the world around the slot decides, the model keeps what is possible, and
 * learns from what is read.
 */
import { BLOCK_BYTES } from "../../../abi/smbus.ts";
import type { SmbusCommand } from "../../../abi/smbus-schema.ts";
import { observe } from "./answers.ts";
import { acceptsLimit } from "./limit-order.ts";
import { type ModelView, UNREAD } from "./model-view.ts";
import {
  ALWAYS_OFF,
  type Circumstances,
  INHIBITING,
  type PowerCommand,
  PowerModel,
  type PowerOutcome,
} from "./power-model.ts";
import { codeOf, commandOf, linearValue, pecOf, type Rules, writeLength } from "./rules.ts";
import {
  CML,
  COMMON_LIMITS,
  INPUT,
  IOUT,
  OUTPUT_LIMITS,
  SLOT,
  StatusModel,
  TEMPERATURE,
  VOUT_LIMITS,
  voutRegister,
} from "./status-model.ts";
import type { Span, World } from "./world.ts";

/** The part of a message from a START or repeated START to the next. `elsewhere`: it has another address. */
export interface Segment {
  readonly write?: readonly number[];
  readonly read?: number;
  readonly elsewhere?: boolean;
}

const INVALID_COMMAND = 0x80;
const INVALID_DATA = 0x40;
const PEC_FAILED = 0x20;
const OTHER_COMMUNICATION = 0x02;
const OTHER_LOGIC = 0x01;
const VOUT_UV_FAULT = 0x10;
const TON_MAX = 0x04;
const RAIL_FAULTS = 0x16; // VOUT_UV_FAULT, TON_MAX, TOFF_MAX
const POWER_FAULT = 0x80;
const REMOVED = 0x40;
const LATCHED = 0x20;
const IOUT_OC_FAULT = 0x80;
const VIN_UV_FAULT = 0x10;
const LOW_VIN = 0x08;
/** For so long after it was on, or a limit was another, what was beyond may still show: two windows. */
const SHOWS_US = 250_000;

const POWER_COMMANDS: readonly PowerCommand[] = ["on", "off", "force-off", "cycle", "reset"];
const OPERATIONS = new Map<number, PowerCommand>([
  [0x00, "force-off"],
  [0x40, "off"],
  [0x80, "on"],
]);
const PROTECTIONS = [0x00, 0x20, 0x40, 0x80];
const SMBALERT_MASK = codeOf("SMBALERT_MASK");
const NOTHING = 0xff;
/** So many bytes of the answer to an unknown command must differ from the PEC... */
const NEVER_A_PEC = 4;
/**
 * ...if the slot has kept all that was written: a block with count and PEC, and one byte to notice excess.
 */
const KEPT_BYTES = BLOCK_BYTES + 4;

/** "data": refused for its data. */
type Outcome = PowerOutcome | "data";
const DONE: readonly Outcome[] = ["done"];
const REFUSED: readonly Outcome[] = ["data"];

export class Model implements ModelView {
  page = 0;
  writeProtect = 0;
  identify = 0;
  /** Whether a trace of a fault is kept; null: unknown. */
  trace: boolean | null = false;
  /** The last time at which the slot may have been on. */
  lastOn_us = Number.NEGATIVE_INFINITY;
  #limitSet_us = 0;
  /** The words that limits had shortly before. A reading may still be compared with them. */
  readonly #former = new Map<number, { readonly words: readonly number[]; readonly at_us: number }>();
  status = new StatusModel();
  power = new PowerModel();
  transactions = 0;
  pecErrors = 0;
  abandoned = 0;
  readonly refused: Span = { least: 0, most: 0 };
  /** The words that a limit may have, by page and code; at first only the board's own. */
  limits = new Map<number, readonly number[]>();
  readonly rules: Rules;
  readonly world: World;

  constructor(rules: Rules, world: World) {
    this.rules = rules;
    this.world = world;
  }

  clone(): Model {
    const copy = new Model(this.rules, this.world);
    Object.assign(copy, { page: this.page, writeProtect: this.writeProtect, identify: this.identify });
    Object.assign(copy, { transactions: this.transactions, pecErrors: this.pecErrors });
    Object.assign(copy, { abandoned: this.abandoned, trace: this.trace, lastOn_us: this.lastOn_us });
    Object.assign(copy.refused, this.refused);
    copy.#limitSet_us = this.#limitSet_us;
    for (const [key, former] of this.#former) copy.#former.set(key, former);
    copy.status = this.status.clone();
    copy.power = this.power.clone();
    copy.limits = new Map(this.limits);
    return copy;
  }

  /** Two models with the same key behave alike. */
  get key(): string {
    const { page, writeProtect, identify, status, power, limits } = this;
    const own = `${page}/${writeProtect}/${identify}/${this.trace}/${this.lastOn_us}/${this.#limitSet_us}`;
    return `${own}/${status.key}/${power.key}/${[...limits].join(";")}`;
  }

  describe(): string {
    const { page, writeProtect, identify, status, power, refused } = this;
    const counts = `${this.transactions} messages, ${this.pecErrors} PEC errors, ${refused.least} refused`;
    const own = `page ${page}, protect ${writeProtect}, identify ${identify}, power ${power}`;
    const limits = [...this.limits].map(([key, words]) => `${key.toString(16)}h ${words.join(" or ")}`);
    return `${own}, ${counts}, ${status}, limits ${limits.join(", ")}`;
  }

  /** Plays one message with the answers of its reads. Returns what is wrong, or null. */
  play(segments: readonly Segment[], answers: readonly Uint8Array[], broken = false): string | null {
    let written: readonly number[] | null = null;
    let reads = 0;
    for (const { write, read, elsewhere } of segments) {
      if (elsewhere) continue;
      if (write) {
        if (written) this.brokenOff();
        written = write.length > 0 ? write : null;
        if (written) this.transactions++;
      } else if (read !== undefined) {
        const answer = answers[reads++] as Uint8Array;
        const problem = written ? this.#read(written, answer) : this.#readNothing(answer);
        written = null;
        if (problem) return problem;
      }
    }
    if (written && broken) this.brokenOff();
    else if (written) this.#write(written);
    return null;
  }

  /** A write did not end in a STOP. */
  brokenOff(): void {
    this.abandoned++;
    // The slot may report several as one.
    this.refused.most++;
    this.status.set(CML, OTHER_COMMUNICATION);
  }

  /** The slot has won an Alert Response. */
  alertAnswered(): void {
    this.status.alert = false;
  }

  // ------------------------------------------------------------------- the world

  /** The logic has read its inputs. Some transitions wait only for that. */
  passes(): void {
    const circumstances = this.#circumstances;
    const isFaultPossible = this.power.elapse(circumstances);
    if (this.power.maybeOn) this.lastOn_us = this.world.now_us;
    if (circumstances.inputMayFail) this.status.might(INPUT, VIN_UV_FAULT);
    if (this.power.maybeWithoutInput) this.status.might(INPUT, LOW_VIN);
    if (!isFaultPossible) return;
    for (const page of this.rules.rails.keys()) this.status.might(voutRegister(page), RAIL_FAULTS);
    this.status.might(SLOT, POWER_FAULT | REMOVED);
    if (this.power.faulted !== false) this.status.might(SLOT, LATCHED);
    const { most } = this.world.reading("IOUT");
    if (most >= this.rules.board.protection.overcurrent_ma - 2) this.status.might(IOUT, IOUT_OC_FAULT);
    this.trace = this.trace || null;
  }

  /** Time may have passed: supplies, readings and the compute board have changed as they could. */
  elapse(): void {
    this.passes();
    this.#showLimits();
  }

  /** Sets the bits of exceeded limits, again after they were cleared. */
  #showLimits(): void {
    for (const [limit, register, bit] of COMMON_LIMITS) this.#compare(limit, register, bit);
    if (this.world.now_us - this.lastOn_us > SHOWS_US) return;
    for (const page of this.rules.rails.keys())
      for (const [limit, bit] of VOUT_LIMITS) this.#compare(limit, voutRegister(page), bit, page);
    for (const [limit, bit] of OUTPUT_LIMITS) this.#compare(limit, IOUT, bit);
  }

  /**
   * Readings have been the same since then, which is longer than any filter time. Limits of input and
   * temperature always apply.
   */
  filtered(since_us: number): void {
    if (since_us < this.#limitSet_us) return;
    this.#compare("VIN_OV_WARN_LIMIT", INPUT, 0x40, 0, true);
    this.#compare("VIN_UV_WARN_LIMIT", INPUT, 0x20, 0, true);
    this.#compare("VIN_UV_FAULT_LIMIT", INPUT, VIN_UV_FAULT, 0, true);
    this.#compare("OT_FAULT_LIMIT", TEMPERATURE, 0x80, 0, true);
    this.#compare("UT_WARN_LIMIT", TEMPERATURE, 0x20, 0, true);
  }

  /** A power-good was deasserted, perhaps only for a moment, while the slot was certainly on. */
  supplyFailed(page: number): void {
    this.power.supplyFailed(this.#circumstances);
    this.status.set(voutRegister(page), VOUT_UV_FAULT);
    this.status.set(SLOT, POWER_FAULT);
    if (this.power.faulted !== false) this.status.might(SLOT, LATCHED);
    this.trace = true;
  }

  /** The rail of this page, the first one, never came up, and all tries are used up. */
  triedInVain(page: number): void {
    this.power.triedInVain();
    this.status.set(SLOT, POWER_FAULT | LATCHED);
    if (!this.#mayBeInhibited) this.status.set(voutRegister(page), TON_MAX);
  }

  /** Input power failed for a moment while the slot was certainly on. */
  inputFailed(): void {
    this.power.inputFailed();
    this.status.set(INPUT, VIN_UV_FAULT);
    this.status.might(INPUT, LOW_VIN);
  }

  get #circumstances(): Circumstances {
    const { now_us, sane, mayStick } = this.world;
    return { now_us, sane, mayStick, inputMayFail: this.#inputMayFail, inhibited: this.#mayBeInhibited };
  }

  /** Input or temperature may be beyond a fault limit that inhibits power-on. */
  get #mayBeInhibited(): boolean {
    return INHIBITING.some((name) => this.#beyond(name, 0) !== false);
  }

  /** Whether input power may fail. It counts as good at its warning limit and above. */
  get #inputMayFail(): boolean {
    return (
      this.#beyond("VIN_UV_FAULT_LIMIT", 0) !== false ||
      this.#beyond("VIN_UV_WARN_LIMIT", 0) !== false ||
      !this.rules.measures("VIN")
    );
  }

  #compare(name: string, register: number, bit: number, page = 0, certainly = false): void {
    const beyond = this.#beyond(name, page);
    if (beyond === false) return;
    if (!certainly) this.status.might(register, bit);
    else if (beyond === true && this.#isPlausible(name)) this.status.set(register, bit);
  }

  /** The input is not plausible at the ends of its range, nor near zero while its supply is on. */
  #isPlausible(name: string): boolean {
    const quantity = /^[OU]T_/.test(name) ? "TEMPERATURE" : "VIN";
    const { least, most } = this.world.reading(quantity);
    // docs/smbus.md has the range of temperatures that count; in thousandths here.
    return quantity === "VIN" ? least > 2500 && most < 26_000 : least > -75_000 && most < 175_000;
  }

  /**
   * Whether the quantity is beyond the limit; null: unknown, or it was and has not yet returned far enough.
   */
  #beyond(name: string, page: number): boolean | null {
    const code = codeOf(name);
    const limit = this.rules.limit(code, page);
    if (!limit || !this.rules.measures(limit.quantity)) return false;
    const { least, most } = this.world.reading(limit.quantity);
    const command = commandOf(code) as SmbusCommand;
    const key = command.pages ? (page << 8) | code : code;
    const words = [...(this.limits.get(key) ?? [UNREAD]), ...this.#formerWords(key)];
    const values = words.map((word) => (word === UNREAD ? limit.initial : linearValue(command, word).value));
    // Inside the slot, limits and readings are whole thousandths, so each may differ by one.
    const isHigh = limit.kind.startsWith("high");
    const { hysteresis } = limit;
    if (values.every((value) => (isHigh ? least > value + 1 : most < value - 1))) return true;
    const perhaps = (value: number) =>
      isHigh ? most > value - hysteresis - 1 : least < value + hysteresis + 1;
    return values.some(perhaps) ? null : false;
  }

  // ------------------------------------------------------------------- reads

  /** A read whose answer was not seen. Returns the command if it could be answered. */
  readUnseen(written: readonly number[]): SmbusCommand | null {
    const code = written[0] as number;
    const command = commandOf(code);
    if (!command?.read || !this.rules.knows(code, this.page)) {
      // A process call of a command that cannot be read: which of the two is reported as wrong is not
      // specified.
      this.#refuse(command && written.length > 1 ? [INVALID_COMMAND, INVALID_DATA] : [INVALID_COMMAND]);
      return null;
    }
    if (this.#isAskedRight(command, written)) return command;
    this.#refuse([INVALID_DATA]);
    return null;
  }

  #read(written: readonly number[], answer: Uint8Array): string | null {
    const command = this.readUnseen(written);
    if (!command) return this.#nothing(written, answer);
    const length = command.read === "byte" ? 1 : command.read === "word" ? 2 : 1 + (answer[0] as number);
    if (answer.length === 0) return null;
    if (length > 1 + BLOCK_BYTES) return `${command.name}: a block of ${length - 1} bytes`;
    const data = answer.subarray(0, length);
    if (answer.length > length) {
      const { address } = this.rules;
      const pec = pecOf([address << 1, ...written, (address << 1) | 1, ...data]);
      if (answer[length] !== pec) return `${command.name}: PEC ${answer[length]}, right is ${pec}`;
      if (answer.subarray(length + 1).some((byte) => byte !== NOTHING)) return "bytes behind the PEC";
    }
    if (answer.length < length) return null;
    const isBlock = command.read === "block" || command.read === "call";
    const problem = observe(this, command, isBlock ? data.subarray(1) : data, written);
    return problem && `${command.name}: ${problem}`;
  }

  /**
   * A read has no data before it; a process call has a block with its count and the right number of bytes.
   */
  #isAskedRight(command: SmbusCommand, written: readonly number[]): boolean {
    if (command.read !== "call") return written.length === 1;
    const bytes = (command.callFields ?? []).reduce((sum, field) => sum + field.bytes, 0);
    if (written.length !== bytes + 2 || written[1] !== bytes) return false;
    return command.code !== SMBALERT_MASK || StatusModel.registerOf(written[2] as number, this.page) >= 0;
  }

  #nothing(written: readonly number[], answer: Uint8Array): string | null {
    const { address } = this.rules;
    const before = [address << 1, ...written, (address << 1) | 1];
    const isKept = written.length <= KEPT_BYTES;
    for (const [index, byte] of answer.entries()) {
      if (!isKept && (byte === NOTHING || (byte === NOTHING - 1 && index < NEVER_A_PEC))) continue;
      const pec = index < NEVER_A_PEC ? pecOf(before) : -1;
      if (byte === pec) return `byte ${index} of an answer to what does not exist is a right PEC, ${byte}`;
      if (byte !== NOTHING && pec !== NOTHING) return `byte ${index} of such an answer is ${byte}`;
      before.push(byte);
    }
    return null;
  }

  #readNothing(answer: Uint8Array): string | null {
    return answer.every((byte) => byte === NOTHING) ? null : `a read without a command brings ${answer}`;
  }

  // ------------------------------------------------------------------- writes

  /** Refuses for one of these reasons. */
  #refuse(cmlBits: readonly number[]): void {
    this.refused.least++;
    this.refused.most++;
    for (const bit of cmlBits) {
      if (cmlBits.length === 1) this.status.set(CML, bit);
      else this.status.might(CML, bit);
    }
  }

  #write(bytes: readonly number[]): void {
    const code = bytes[0] as number;
    const command = commandOf(code);
    if (!command?.write) {
      this.#refuse([INVALID_COMMAND]);
      return;
    }
    const length = writeLength(command, bytes);
    const hasPec = length > 0 && bytes.length === length + 1;
    if (hasPec && pecOf([this.rules.address << 1, ...bytes.slice(0, length)]) !== bytes[length]) {
      this.pecErrors++;
      this.#refuse([PEC_FAILED]);
    } else if (!this.rules.knows(code, this.page) || !this.#mayWrite(command)) {
      this.#refuse([INVALID_COMMAND]);
    } else if (length === 0 || (bytes.length !== length && !hasPec)) {
      this.#refuse([INVALID_DATA]);
    } else {
      this.#note(this.#execute(command, bytes.slice(1, length)));
    }
  }

  #mayWrite(command: SmbusCommand): boolean {
    return this.writeProtect === 0 || (command.writableUnder ?? []).includes(this.writeProtect);
  }

  #note(outcomes: readonly Outcome[]): void {
    const surely = outcomes.length === 1;
    for (const outcome of outcomes) {
      if (outcome === "done") continue;
      if (outcome === "busy") {
        this.status.busy = surely ? true : this.status.busy || null;
      } else {
        const bit = outcome === "data" ? INVALID_DATA : OTHER_LOGIC;
        if (surely) this.status.set(CML, bit);
        else this.status.might(CML, bit);
      }
    }
    if (!outcomes.includes("done")) this.refused.least++;
    if (outcomes !== DONE && outcomes.some((outcome) => outcome !== "done")) this.refused.most++;
  }

  /** Returns the possible outcomes of a write without a formal error, and applies its effect. */
  #execute(command: SmbusCommand, data: readonly number[]): readonly Outcome[] {
    const [value = 0, second = 0] = data;
    switch (command.name) {
      case "PAGE":
        if (value >= this.rules.rails.length) return REFUSED;
        this.page = value;
        return DONE;
      case "OPERATION":
        return this.#request(OPERATIONS.get(value));
      case "MFR_POWER_COMMAND":
        return this.#request(POWER_COMMANDS[value - 1]);
      case "ON_OFF_CONFIG":
        return value === 0x18 ? DONE : REFUSED;
      case "CLEAR_FAULTS":
        this.status.clearFaults(this.page);
        this.#comeBack();
        return DONE;
      case "MFR_RESTORE_POLICY":
        if (value > ALWAYS_OFF) return REFUSED;
        this.power.policy = value;
        return DONE;
      case "MFR_FAULT_CLEAR":
        this.trace = false;
        return this.#request("clear");
      case "WRITE_PROTECT":
        if (!PROTECTIONS.includes(value)) return REFUSED;
        this.writeProtect = value;
        return DONE;
      case "SMBALERT_MASK":
        return this.#setMask(value, second);
      case "MFR_IDENTIFY":
        if (value > 1) return REFUSED;
        this.identify = value;
        return DONE;
      case "MFR_CONSOLE_INPUT": {
        const fits = data.length - 1 <= this.world.consoleRoom;
        this.world.consoleRoom = Math.max(0, this.world.consoleRoom - data.length + 1);
        return fits ? DONE : ["done", "busy"];
      }
      case "MFR_COMPUTE_INPUT": {
        const fits = data.length - 1 <= this.world.computeRoom;
        this.world.computeRoom = Math.max(0, this.world.computeRoom - data.length + 1);
        this.world.onComputeInput(data.slice(1), fits);
        return fits ? DONE : ["done", "busy"];
      }
      default:
        if (command.name.endsWith("_LIMIT")) return this.#setLimit(command, value | (second << 8));
        this.status.clear(StatusModel.registerOf(command.code, this.page), value);
        this.#comeBack();
        return DONE;
    }
  }

  /** A bit that was cleared while its cause persists is set again at once. */
  #comeBack(): void {
    this.#showLimits();
    if (this.#inputMayFail) this.status.might(INPUT, VIN_UV_FAULT);
    if (this.power.maybeWithoutInput) this.status.might(INPUT, LOW_VIN);
  }

  #request(command: PowerCommand | undefined): readonly Outcome[] {
    if (!command) return REFUSED;
    const outcomes = this.power.request(command, this.#circumstances);
    return outcomes.length === 1 && outcomes[0] === "done" ? DONE : outcomes;
  }

  #setMask(code: number, mask: number): readonly Outcome[] {
    const register = StatusModel.registerOf(code, this.page);
    if (register < 0) return REFUSED;
    this.status.setMask(register, mask);
    return DONE;
  }

  #setLimit(command: SmbusCommand, word: number): readonly Outcome[] {
    const accepted = acceptsLimit(this, command, word);
    if (accepted === false) return REFUSED;
    const key = this.limitKey(command);
    const before = this.limits.get(key);
    const now_us = this.world.now_us;
    this.#limitSet_us = now_us;
    this.#former.set(key, { words: [...(before ?? [UNREAD]), ...this.#formerWords(key)], at_us: now_us });
    this.limits.set(key, accepted ? [word] : [...(before ?? [UNREAD]), word]);
    return accepted ? DONE : ["done", "data"];
  }

  #formerWords(key: number): readonly number[] {
    const { words = [], at_us = 0 } = this.#former.get(key) ?? {};
    return this.world.now_us - at_us <= SHOWS_US ? words : [];
  }

  /** Common limits have one value for all pages. */
  limitKey(command: SmbusCommand): number {
    return command.pages ? (this.page << 8) | command.code : command.code;
  }
}
