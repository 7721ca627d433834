/**
 * Random messages for a slot. Most could come from a controller that is right or slightly wrong: every
 * command in every form, with and without PEC, with right and wrong lengths and values. Some are completely
 * random.
 */
import { BLOCK_BYTES, commands } from "../../../abi/smbus.ts";
import type { SmbusCommand } from "../../../abi/smbus-schema.ts";
import type { Segment } from "./model.ts";
import type { Random } from "./random.ts";
import { codeOf, commandOf, pecOf, type Rules, readLength } from "./rules.ts";

export interface Message {
  readonly segments: readonly Segment[];
  /** The message ends without a STOP. */
  readonly broken: boolean;
}

/** Commands that influence the others; they are chosen more often. */
const OFTEN = ["PAGE", "CLEAR_FAULTS", "WRITE_PROTECT", "OPERATION", "SMBALERT_MASK", "STATUS_CML"].map(
  codeOf,
);
const MASKABLE = commands.filter(({ name }) => name.startsWith("STATUS_")).map(({ code }) => code);
const LONGEST = 60;
/** Counts at which a target is likely to go wrong. */
const EDGES = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, BLOCK_BYTES + 2];

const CONSOLE_INPUT = codeOf("MFR_CONSOLE_INPUT");

/**
 * Random traffic does not type Enter on the console. With Ctrl-P before it, Enter would run the previous
 * command, and the model of power could not follow.
 */
function withoutEnter(segment: Segment): Segment {
  const { write } = segment;
  if (write?.[0] !== CONSOLE_INPUT) return segment;
  const isEnter = (byte: number) => byte === 0x0a || byte === 0x0d;
  return { ...segment, write: write.map((byte, index) => (index > 1 && isEnter(byte) ? 0x2e : byte)) };
}

export class Traffic {
  readonly #random: Random;
  readonly #rules: Rules;

  constructor(random: Random, rules: Rules) {
    this.#random = random;
    this.#rules = rules;
  }

  /** `mayBreak`: whether a message may end without a STOP. */
  next(mayBreak: boolean): Message {
    const { segments, broken } = this.#any(mayBreak);
    return { segments: segments.map(withoutEnter), broken };
  }

  #any(mayBreak: boolean): Message {
    const random = this.#random;
    const kind = random.below(100);
    if (kind < 45) return this.#one(this.reading(this.#command()));
    if (kind < 82) return this.#maybeBroken(this.#writing(this.#command()), mayBreak);
    if (kind < 90) return this.#one(this.#several());
    return this.#maybeBroken(this.#wild(), mayBreak);
  }

  /** A correct read, now and then with another length. */
  reading(command: SmbusCommand): Segment[] {
    const random = this.#random;
    const written = [command.code, ...(command.read === "call" ? this.#callData(command) : [])];
    const isFixed = command.read === "byte" || command.read === "word";
    const natural = isFixed ? readLength(command) : 1 + (random.oneIn(2) ? BLOCK_BYTES : random.below(33));
    const read = random.oneIn(16) ? 1 + random.below(LONGEST) : natural + random.below(2);
    return [{ write: written }, { read }];
  }

  /**
   * Returns writes of the board's own limits on a page. In the order of their codes those that rise are
   * accepted, and in the opposite order those that fall, because the codes of a quantity go from its highest
   * limit to its lowest.
   */
  initialLimits(page: number): number[][] {
    const writes = commands.flatMap(({ code, format }) => {
      const limit = this.#rules.limit(code, page);
      if (!limit) return [];
      const word = format === "linear16" ? Math.round(limit.initial * 4.096) : this.#linear11(limit.initial);
      return [[code, word & 0xff, word >> 8]];
    });
    return [...writes, ...[...writes].reverse()];
  }

  /** Returns the write of these bytes, command code first, with the correct PEC. */
  withPec(bytes: readonly number[]): number[] {
    return [...bytes, pecOf([this.#rules.address << 1, ...bytes])];
  }

  #one(segments: Segment[]): Message {
    return { segments, broken: false };
  }

  #maybeBroken(segments: Segment[], mayBreak: boolean): Message {
    return { segments, broken: mayBreak && this.#random.oneIn(20) };
  }

  #command(): SmbusCommand {
    const random = this.#random;
    if (random.oneIn(4)) return commandOf(random.pick(OFTEN)) as SmbusCommand;
    if (random.oneIn(25)) return { code: random.below(256), name: "", description: "" };
    return random.pick(commands);
  }

  /** Returns the count and the bytes of a process call. */
  #callData(command: SmbusCommand): number[] {
    const random = this.#random;
    if (random.oneIn(20)) return random.bytes(random.below(8));
    if (command.name === "SMBALERT_MASK")
      return [1, random.oneIn(10) ? random.below(256) : random.pick(MASKABLE)];
    if (command.name === "MFR_TRACE_READ" || (command.name === "MFR_EVENT_READ" && random.oneIn(2)))
      return [4, random.below(256), random.oneIn(4) ? 1 : 0, 0, 0];
    // Near the beginning, where the logs are for most of a run, or anywhere.
    const position = random.oneIn(10) ? random.below(2 ** 31) * 2 : random.below(1 << (1 + random.below(20)));
    return [4, position & 0xff, (position >>> 8) & 0xff, (position >>> 16) & 0xff, position >>> 24];
  }

  #writing(command: SmbusCommand): Segment[] {
    const random = this.#random;
    let bytes = [command.code, ...this.#data(command)];
    if (random.oneIn(15)) bytes.push(...random.bytes(1 + random.below(3)));
    else if (random.oneIn(20) && bytes.length > 1) bytes.pop();
    const pec = random.below(4);
    if (pec < 2) bytes = this.withPec(bytes);
    if (pec === 1 && random.oneIn(3)) bytes.push(((bytes.pop() as number) + 1 + random.below(255)) & 0xff);
    if (random.oneIn(60)) {
      const other = { write: random.bytes(1 + random.below(4)), elsewhere: true };
      return random.oneIn(2) ? [other, { write: bytes }] : [{ write: bytes }, other];
    }
    return [{ write: bytes }];
  }

  #data(command: SmbusCommand): number[] {
    const random = this.#random;
    switch (command.write) {
      case "byte":
        return [this.#byte(command)];
      case "word":
        return this.#word(command);
      case "block": {
        const count = random.oneIn(5) ? random.pick(EDGES) : 1 + random.below(BLOCK_BYTES);
        const bytes = random.oneIn(2) ? [...Buffer.from("status\rhelp\r\x03uptime\r")] : random.bytes(count);
        return [random.oneIn(20) ? random.below(256) : bytes.length, ...bytes];
      }
      case "send":
        return [];
      default:
        return random.bytes(random.below(4));
    }
  }

  #byte({ name, values, format }: SmbusCommand): number {
    const random = this.#random;
    if (random.oneIn(12)) return random.below(256);
    if (name === "PAGE") return random.below(2);
    if (name === "ON_OFF_CONFIG") return 0x18;
    // If the slot were protected most of the time, little else could be tested.
    if (name === "WRITE_PROTECT" && random.oneIn(2)) return 0;
    if (format === "bits") return random.oneIn(3) ? 0xff : 1 << random.below(8);
    return values ? random.pick(values).value : random.below(256);
  }

  #word({ name, code, format }: SmbusCommand): number[] {
    const random = this.#random;
    if (name === "SMBALERT_MASK") {
      return [
        random.oneIn(10) ? random.below(256) : random.pick(MASKABLE),
        random.pick([0, 0, 0xff, 0x40, 0x20]),
      ];
    }
    const limit = this.#rules.limit(code, random.below(2));
    if (!limit || random.oneIn(10)) return random.bytes(2);
    // Within the board's range, at its ends, or slightly outside.
    const width = limit.maximum - limit.minimum;
    const milli = random.pick([
      limit.initial,
      limit.minimum,
      limit.maximum,
      limit.minimum + random.below(width),
      limit.minimum - width / 8 + random.below(width + width / 4),
    ]);
    const word = format === "linear16" ? Math.round((milli * 4.096) & 0xffff) : this.#linear11(milli);
    return [word & 0xff, (word >> 8) & 0xff];
  }

  /** Returns any word near the value: the controller may choose the exponent. */
  #linear11(milli: number): number {
    const smallest = Math.max(-16, Math.ceil(Math.log2(Math.max(Math.abs(milli), 1) / 1000 / 1023)));
    const exponent = Math.min(15, smallest + this.#random.below(4));
    return ((exponent & 0x1f) << 11) | (Math.round(milli / 1000 / 2 ** exponent) & 0x7ff);
  }

  /** Writes that a repeated START breaks off, and writes after reads. */
  #several(): Segment[] {
    const random = this.#random;
    const first = random.oneIn(2) ? this.#writing(this.#command()) : this.reading(this.#command());
    const second = random.oneIn(2) ? this.#writing(this.#command()) : this.reading(this.#command());
    // If another device is addressed in between, it is not specified which write a read belongs to.
    return [...first, ...second].filter(({ elsewhere }) => !elsewhere);
  }

  #wild(): Segment[] {
    const random = this.#random;
    if (random.oneIn(8)) return [{ read: 1 + random.below(LONGEST) }];
    const segments: Segment[] = [];
    for (let part = random.below(3); part >= 0; part--) {
      if (segments.length > 0 && random.oneIn(2)) segments.push({ read: 1 + random.below(LONGEST) });
      else segments.push({ write: random.bytes(1 + random.below(random.oneIn(2) ? 5 : LONGEST)) });
    }
    return segments;
  }
}
