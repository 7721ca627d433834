/**
 * Parses console lines as an operator or a script types them: splits them into words, looks up the command,
 * and parses its verb, options and numbers. Some of the lines are wrong, because users type such lines too.
 */
import { copyText, LENGTH, matches, NAME_BYTES, putNames } from "./common";

const LINES: StaticArray<string> = [
  "help",
  "status",
  "power on",
  "power  force-off   --yes",
  "power cycle --yes",
  "power sideways",
  "log -n 200 --raw",
  "log -f",
  "log -n",
  "log -n 12x",
  "log -n 100000 -f",
  "sensors",
  "fan 0 75",
  "fan 1 0x40",
  "sel list -n 16",
  "sel clear --yes",
  "i2c 0 0x58 0x8b 2",
  "i2c 1 0x40 0x88 2 --raw",
  "i2c 1 0xzz",
  "",
  "   uptime  ",
  "reboot --yes",
  "reboot --no",
  "pwoer on",
  "log -n 4294967295 -f",
  "log -n 4294967300",
  "a b c d e f g h i j",
  "i2c 3 0xdeadbeef 4294967296",
];
const ROUNDS: u32 = 2;

const COMMANDS: StaticArray<string> = [
  "help",
  "status",
  "power",
  "log",
  "sensors",
  "version",
  "fan",
  "sel",
  "i2c",
  "uptime",
  "reboot",
];
const VERBS: StaticArray<string> = ["on", "off", "force-off", "cycle", "reset", "list", "clear"];
/** The first option takes a number. */
const OPTIONS: StaticArray<string> = ["-n", "-f", "--raw", "--yes"];

const LINE_WORDS: u32 = 8;

/** The result of parsing a line. */
enum Outcome {
  Empty,
  Understood,
  TooManyWords,
  UnknownCommand,
  UnknownOption,
  UnknownWord,
  BadNumber,
}

const COMMAND_COUNT: i32 = 11;
const VERB_COUNT: i32 = 7;
const OPTION_COUNT: i32 = 4;

const commandNames: usize = memory.data(88, 4);
const verbNames: usize = memory.data(56, 4);
const optionNames: usize = memory.data(32, 4);
const text: usize = memory.data(512, 4);
let textEnd: usize = 0;

const starts: usize = memory.data(32, 4);
const lengths: usize = memory.data(32, 4);

// The results of the last line.
let command: i32 = -1;
let verb: i32 = -1;
let options: u32 = 0;
let numbers: u32 = 0;
/** The last number, and the sum of all numbers in the line. */
let value: u32 = 0;
let valueSum: u32 = 0;

export function prepareConsoleLine(): void {
  putNames(commandNames, COMMANDS);
  putNames(verbNames, VERBS);
  putNames(optionNames, OPTIONS);
  let at = text;
  for (let i = 0; i < LINES.length; i++) {
    at = copyText(at, unchecked(LINES[i]));
    store<u8>(at++, 0x0a);
  }
  textEnd = at;
}

/** Returns the number of words in the line. It may exceed LINE_WORDS; only the first LINE_WORDS are kept. */
function split(at: usize, end: usize): u32 {
  let count: u32 = 0;
  while (at != end) {
    while (at != end && load<u8>(at) == 0x20) at++;
    if (at == end) break;
    const start = at;
    while (at != end && load<u8>(at) != 0x20) at++;
    if (count < LINE_WORDS) {
      store<usize>(starts + (count << 2), start);
      store<u32>(lengths + (count << 2), at - start);
    }
    count++;
  }
  return count;
}

/** Returns the index of the name that equals the word, or -1. */
function find(word: u32, names: usize, count: i32): i32 {
  const start = load<usize>(starts + (word << 2));
  const length = load<u32>(lengths + (word << 2));
  for (let i = 0; i < count; i++) {
    if (load<u32>(names, LENGTH) == length && matches(start, names)) return i;
    names += NAME_BYTES;
  }
  return -1;
}

/** Reads a word as a 32-bit number into `value`, decimal or with 0x. Returns false if it is not a number. */
function parseNumber(word: u32): bool {
  let at = load<usize>(starts + (word << 2));
  const end = at + load<u32>(lengths + (word << 2));
  let base: u32 = 10;
  if (end - at > 2 && load<u8>(at) == 0x30 && load<u8>(at + 1) == 0x78) {
    base = 16;
    at += 2;
  }
  const largest: u32 = base == 10 ? u32.MAX_VALUE / 10 : u32.MAX_VALUE / 16;
  value = 0;
  for (; at != end; at++) {
    const digit = digitOf(load<u8>(at));
    if (digit >= base || value > largest) return false;
    const shifted = value * base;
    value = shifted + digit;
    if (value < shifted) return false;
  }
  return true;
}

/** Returns the value of a digit, or 255 for a character that is not a digit of any base. */
function digitOf(letter: u32): u32 {
  if (letter >= 0x30 && letter <= 0x39) return letter - 0x30;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x61 + 10;
  return 255;
}

function takeNumber(word: u32): bool {
  if (!parseNumber(word)) return false;
  numbers++;
  valueSum = valueSum * 31 + value;
  return true;
}

function parse(at: usize, end: usize): Outcome {
  command = -1;
  verb = -1;
  options = 0;
  numbers = 0;
  valueSum = 0;
  const count = split(at, end);
  if (count == 0) return Outcome.Empty;
  if (count > LINE_WORDS) return Outcome.TooManyWords;
  command = find(0, commandNames, COMMAND_COUNT);
  if (command < 0) return Outcome.UnknownCommand;
  for (let word: u32 = 1; word < count; word++) {
    const first: u32 = load<u8>(load<usize>(starts + (word << 2)));
    if (first == 0x2d) {
      const option = find(word, optionNames, OPTION_COUNT);
      if (option < 0) return Outcome.UnknownOption;
      options |= 1 << option;
      if (option == 0 && (++word == count || !takeNumber(word))) return Outcome.BadNumber;
    } else if (first >= 0x30 && first <= 0x39) {
      if (!takeNumber(word)) return Outcome.BadNumber;
    } else {
      verb = find(word, verbNames, VERB_COUNT);
      if (verb < 0) return Outcome.UnknownWord;
    }
  }
  return Outcome.Understood;
}

export function console_line(): u32 {
  let sum: u32 = 0;
  for (let round: u32 = 0; round < ROUNDS; round++) {
    let start = text;
    for (let at = text; at != textEnd; at++) {
      if (load<u8>(at) != 0x0a) continue;
      sum = sum * 31 + parse(start, at);
      sum = sum * 31 + command;
      sum = sum * 31 + verb;
      sum = sum * 31 + options;
      sum = sum * 31 + numbers;
      sum = sum * 31 + valueSum;
      start = at + 1;
    }
  }
  return sum;
}
