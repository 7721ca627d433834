/**
 * The expected results of the kernels, computed again as plainly as possible: with arrays, strings, BigInt
 * and regular expressions, and without any method that the kernels use.
 */

/** Xorshift32 (Marsaglia, Journal of Statistical Software 8(14), 2003), which makes the kernels' input. */
export class Random {
  private state: number;
  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state;
  }
}

/** The kernels' running checksum. */
export function mix(sum: number, value: number): number {
  return (Math.imul(sum, 31) + value) >>> 0;
}

function mixAll(sum: number, values: readonly number[]): number {
  return values.reduce(mix, sum);
}

/** CRC-8 of SMBus by its definition: x^8 + x^2 + x + 1, one bit at a time. */
export function pecOf(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x107) & 0xff : crc << 1;
  }
  return crc;
}

export function pecSum(): number {
  const random = new Random(0x5ec);
  const codes = Array.from({ length: 64 }, () => pecOf(Uint8Array.from({ length: 32 }, () => random.next())));
  return mixAll(0, codes);
}

export function adcBlockSum(): number {
  const random = new Random(0xadc);
  const levels = [2400, 3100, 1200, 2050, 870];
  const blocks = Array.from({ length: 4 }, () =>
    Array.from({ length: 64 }, () => levels.map((level) => level + (random.next() & 63))),
  );
  const scaled = (code: number) => Math.floor((code * 6600) / 4096 + 0.5);
  const seen: number[][] = levels.map(() => []);
  const filters = levels.map(() => 0);
  let energy = 0n;
  let sum = 0;
  for (const block of blocks) {
    for (const [channel, values] of seen.entries()) {
      for (const round of block) {
        const sample = round[channel] as number;
        const filter = filters[channel] as number;
        filters[channel] = filter + Math.floor((sample * 256 - filter) / 16);
        values.push(sample);
      }
      sum = mixAll(sum, [filters[channel] as number, Math.min(...values), Math.max(...values)]);
    }
    for (const [, voltage, current] of block) {
      energy += BigInt(scaled(voltage as number)) * BigInt(scaled(current as number));
    }
    sum = mixAll(sum, [Number(energy & 0xffffffffn), Number(energy >> 32n)]);
  }
  return sum;
}

export function ringCopySum(): number {
  const random = new Random(0x419);
  const source = Array.from({ length: 512 }, () => random.next() & 0xff);
  const sizes = Array.from({ length: 128 }, () => [(random.next() % 200) + 1, (random.next() % 200) + 1]);
  const queue: number[] = [];
  const target = new Array<number>(200).fill(0);
  let sum = 0;
  for (const [i, [putSize = 0, takeSize = 0]] of sizes.entries()) {
    const given = source.slice(i, i + Math.min(putSize, 2048 - queue.length));
    queue.push(...given);
    const taken = queue.splice(0, takeSize);
    target.splice(0, taken.length, ...taken);
    const { length } = taken;
    const looks = [0, length >> 1, length - 1].map((at) => target[at] as number);
    sum = mixAll(sum, [given.length, length, ...looks]);
  }
  return sum;
}

/** The words, by the bit that says a line contains them. */
const WATCHED: readonly (readonly [string, number])[] = [
  ["panic", 1 << 1],
  ["login:", 1 << 2],
  ["error", 1 << 3],
  ["FAILED", 1 << 4],
];

export function lineScanSum(text: string): number {
  const lines = text.split("\r\n").slice(0, -1);
  let sum = 0;
  for (const [number, line] of lines.entries()) {
    const found = WATCHED.filter(([word]) => line.includes(word)).reduce((mask, [, bit]) => mask | bit, 0);
    if (found !== 0) sum = mixAll(sum, [number, found]);
  }
  return mixAll(sum, [lines.length, Math.max(...lines.map((line) => line.length))]);
}

const COMMANDS = "help status power log sensors version fan sel i2c uptime reboot".split(" ");
const VERBS = "on off force-off cycle reset list clear".split(" ");
const OPTIONS = ["-n", "-f", "--raw", "--yes"];

interface Parsed {
  outcome: number;
  command: number;
  verb: number;
  options: number;
  readonly numbers: number[];
}

export function consoleLineSum(text: string): number {
  const lines = text.split("\n").slice(0, -1);
  let sum = 0;
  for (const line of [...lines, ...lines]) {
    const { outcome, command, verb, options, numbers } = parse(line);
    sum = mixAll(sum, [outcome, command, verb, options, numbers.length, mixAll(0, numbers)]);
  }
  return sum;
}

/** Outcomes: 0 empty, 1 understood, then too many words, unknown command, option, word, bad number. */
function parse(line: string): Parsed {
  const parsed: Parsed = { outcome: 1, command: -1, verb: -1, options: 0, numbers: [] };
  const words = line.split(" ").filter((word) => word !== "");
  if (words.length === 0) return { ...parsed, outcome: 0 };
  if (words.length > 8) return { ...parsed, outcome: 2 };
  parsed.command = COMMANDS.indexOf(words[0] as string);
  if (parsed.command < 0) return { ...parsed, outcome: 3 };
  const rest = words.slice(1);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith("-")) {
      const option = OPTIONS.indexOf(word);
      if (option < 0) return { ...parsed, outcome: 4 };
      parsed.options |= 1 << option;
      if (option === 0 && !takeNumber(rest.shift(), parsed.numbers)) return { ...parsed, outcome: 6 };
    } else if (/^[0-9]/.test(word)) {
      if (!takeNumber(word, parsed.numbers)) return { ...parsed, outcome: 6 };
    } else {
      parsed.verb = VERBS.indexOf(word);
      if (parsed.verb < 0) return { ...parsed, outcome: 5 };
    }
  }
  return parsed;
}

function takeNumber(word: string | undefined, numbers: number[]): boolean {
  if (word === undefined || !/^(0x[0-9a-f]+|[0-9]+)$/.test(word) || Number(word) > 0xffffffff) return false;
  numbers.push(Number(word));
  return true;
}
