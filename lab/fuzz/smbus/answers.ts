/** What a read may bring, command by command. What was read narrows what the model thinks possible. */

import { MOST_PAGES, quantities } from "../../../abi/quantities.ts";
import type { SmbusCommand } from "../../../abi/smbus-schema.ts";
import { type ModelView, UNREAD } from "./model-view.ts";
import { observeEvent, observeEventStatus, observeMillijoules, observeTrace } from "./records.ts";
import type { QuantityName } from "./rules.ts";
import { linearValue, number } from "./rules.ts";
import { StatusModel } from "./status-model.ts";

/**
 * The accumulator of READ_EOUT, in quarter watts. It rolls over after 1023, and a byte counts the
 * roll-overs.
 */
const ROLLOVER = 1023;
const ENERGY_WRAP = ROLLOVER * 256;
const SAMPLES_WRAP = 2 ** 24;
/** There are ten samples a second, but windows do not end exactly on tenths of a second. */
const SAMPLE_US = 95_000;
const LAST_FAULT_BYTES = 27;
const LAST_FAULT_LIMIT = 22;
/** Where the output voltages of pages 2 and 3 begin. */
const LAST_FAULT_VOUT_2 = 23;
const EXPONENT_MINUS_2 = 0x1e;
/** Commands that always read the same. */
const CONSTANTS: Readonly<Record<string, number>> = {
  ON_OFF_CONFIG: 0x18,
  CAPABILITY: 0xd0,
  VOUT_MODE: 0x14,
  PMBUS_REVISION: 0x33,
};
/** Of FAULT_REASON; four limits for each QUANTITY. */
const LIMIT = 6;
const LIMITS = 4 * quantities.length;

const is = (value: number, expected: number) =>
  value === expected ? null : `reads ${value}, expected ${expected}`;

function isText(data: Uint8Array, expected: string | RegExp): string | null {
  const text = Buffer.from(data).toString("latin1");
  const fits = typeof expected === "string" ? text === expected : expected.test(text);
  return fits ? null : `reads ${JSON.stringify(text)}, expected ${expected}`;
}

/** `data`: the answer without count and PEC. Returns what is wrong, or null. */
export function observe(
  model: ModelView,
  command: SmbusCommand,
  data: Uint8Array,
  written: readonly number[],
): string | null {
  const { status, power, world, page, rules } = model;
  const { identity, name } = rules.board;
  const value = number(data, 0, Math.min(data.length, 4));
  const constant = CONSTANTS[command.name];
  if (constant !== undefined) return is(value, constant);
  switch (command.name) {
    case "PAGE":
      return is(value, page);
    case "OPERATION":
      return power.observeOperation(value);
    case "WRITE_PROTECT":
      return is(value, model.writeProtect);
    case "SMBALERT_MASK":
      return is(value, status.mask(StatusModel.registerOf(written[2] as number, page)));
    case "STATUS_BYTE":
    case "STATUS_WORD":
      return observeWord(model, value, command.name === "STATUS_BYTE" ? 0xff : 0xffff);
    case "READ_EOUT":
      return observeEnergy(model, data);
    case "READ_VIN":
      return observeReading(model, command, value, "VIN");
    case "READ_VOUT":
      return observeReading(model, command, value, `VOUT_${page}`);
    case "READ_IOUT":
      return observeReading(model, command, value, "IOUT");
    case "READ_TEMPERATURE_1":
      return observeReading(model, command, value, "TEMPERATURE");
    case "READ_POUT":
      return observeReading(model, command, value, "POUT");
    case "MFR_ID":
      return isText(data, identity.manufacturer);
    case "MFR_MODEL":
      return isText(data, name);
    case "MFR_REVISION":
      return isText(data, identity.revision);
    case "MFR_LOCATION":
      return isText(data, `slot ${rules.address - rules.board.smbus.address}`);
    case "MFR_DATE":
      return isText(data, identity.date);
    case "MFR_SERIAL":
      return isText(data, /^[0-9A-F]{16}$/i);
    case "IC_DEVICE_ID":
      return isText(data, "RP2040");
    case "MFR_FIRMWARE":
      return isText(data, /^racklet-bmc \d+\.\d+\.\d+, contract \d+$/);
    case "MFR_POWER_STATE":
      return power.observe(value);
    case "MFR_BOOT_STAGE":
      return observeStage(model, value);
    case "MFR_LAST_FAULT":
      return observeFault(model, data);
    case "MFR_LOG_STATUS":
      return observeLogStatus(model, data);
    case "MFR_LOG_READ":
      return world.log.observe(number(Uint8Array.from(written), 2, 4), value, data.subarray(4));
    case "MFR_CONSOLE_OUTPUT":
      return world.console.observe(number(Uint8Array.from(written), 2, 4), value, data.subarray(4));
    case "MFR_IDENTIFY":
      return is(value, model.identify);
    case "MFR_COUNTERS":
      return observeCounters(model, data);
    case "MFR_RESTORE_POLICY":
      return is(value, power.policy);
    case "MFR_ENERGY":
      return observeMillijoules(model, data);
    case "MFR_EVENT_STATUS":
      return observeEventStatus(model, data);
    case "MFR_EVENT_READ":
      return observeEvent(model, data, number(Uint8Array.from(written), 2, 4));
    case "MFR_TRACE_READ":
      return observeTrace(model, data, number(Uint8Array.from(written), 2, 4));
    case "MFR_RAIL":
      return is(data[0] ?? -1, rules.rails.length) ?? isText(data.subarray(1), rules.rails[page] ?? "");
    default:
      if (command.name.endsWith("_LIMIT")) return observeLimit(model, command, value);
      return status.observe(StatusModel.registerOf(command.code, page), value);
  }
}

function observeWord({ status, power, world, page }: ModelView, value: number, mask: number): string | null {
  const { enabled } = power;
  const off = enabled === null ? null : !enabled;
  return status.observeWord(page, value, off, world.powerGood[page] ?? null, mask);
}

function observeReading(model: ModelView, command: SmbusCommand, word: number, quantity: QuantityName) {
  const { value, half } = linearValue(command, word);
  const { least, most } = model.world.reading(quantity);
  if (value >= least - half - 1 && value <= most + half + 1) return null;
  return `reads ${value}, possible is ${least} to ${most}`;
}

/** Energy only grows, by no more than the power allows, and samples come ten times a second. */
function observeEnergy({ world }: ModelView, data: Uint8Array): string | null {
  if (data.length !== 6) return `${data.length} bytes`;
  const word = number(data, 0, 2);
  if (word >> 11 !== EXPONENT_MINUS_2) return `the accumulator's exponent field is ${word >> 11}`;
  const mantissa = word & 0x7ff;
  if (mantissa > ROLLOVER) return `accumulator ${mantissa}`;
  const sum = number(data, 2, 1) * ROLLOVER + mantissa;
  const samples = number(data, 3, 3);
  const more = (samples - world.energy.samples + SAMPLES_WRAP) % SAMPLES_WRAP;
  const gained = (sum - world.energy.sum + ENERGY_WRAP) % ENERGY_WRAP;
  world.energy = { sum, samples };
  if (samples > world.now_us / SAMPLE_US + 2) return `${samples} samples after ${world.now_us} us`;
  const most = (world.powerPeak * more * 4) / 1000 + 1;
  world.powerPeak = world.reading("POUT").most;
  if (most < ENERGY_WRAP && gained > most) return `${gained}/4 W more in ${more} samples, at most ${most}/4`;
  return null;
}

function observeStage({ world }: ModelView, stage: number): string | null {
  if (stage > 5) return `stage ${stage}`;
  if (stage === 0 && world.bootStage !== 0) return "never released, and was before";
  world.bootStage = stage;
  return null;
}

function observeFault({ world, power, rules }: ModelView, data: Uint8Array): string | null {
  if (data.length !== LAST_FAULT_BYTES) return `${data.length} bytes`;
  const [reason = 0, page = 0, latched = 0, measured = 0] = data;
  const count = number(data, 4, 2);
  const time_us = number(data, 6, 8);
  const limit = data[LAST_FAULT_LIMIT] as number;
  const pages = rules.rails.length;
  if (reason > LIMIT || page >= pages || latched > 1 || measured > 1) return `reads ${[...data]}`;
  for (let absent = Math.max(pages, 2); absent < MOST_PAGES; absent++) {
    if (number(data, LAST_FAULT_VOUT_2 + 2 * (absent - 2), 2) !== 0) return `a voltage of page ${absent}`;
  }
  if (limit >= LIMITS || (reason !== LIMIT && limit !== 0)) return `reason ${reason} with limit ${limit}`;
  // Input voltage and temperature are on page 0.
  const home = quantities[limit >> 2]?.page ?? 0;
  if (reason === LIMIT && page !== home) return `limit ${limit} on page ${page}`;
  if ((count === 0) !== (reason === 0)) return `reason ${reason} with ${count} faults`;
  if ((count - world.faultCount + 0x10000) % 0x10000 > 0x8000)
    return `${count} faults, were ${world.faultCount}`;
  world.faultCount = count;
  if (time_us > world.now_us) return `happened at ${time_us} us, it is ${world.now_us}`;
  const { faulted } = power;
  if (faulted !== null && (latched === 1) !== faulted) return `latched ${latched}, power state ${power}`;
  return null;
}

function observeLogStatus({ world }: ModelView, data: Uint8Array): string | null {
  if (data.length !== 16) return `${data.length} bytes`;
  const oldest = number(data, 0, 4);
  const captured = number(data, 4, 4);
  if (oldest !== Math.max(0, captured - 32_768)) return `oldest ${oldest}, captured ${captured}`;
  return world.log.observeEnd(captured);
}

function observeCounters(model: ModelView, data: Uint8Array): string | null {
  if (data.length !== 18) return `${data.length} bytes`;
  const { world, refused } = model;
  const widths = [4, 2, 2, 2, 2, 2, 2, 2];
  const starts = widths.map((_, index) => widths.slice(0, index).reduce((sum, bytes) => sum + bytes, 0));
  const read = widths.map((bytes, index) => number(data, starts[index] as number, bytes));
  for (const [index, value] of read.entries()) {
    const wrap = 256 ** (widths[index] as number);
    const before = world.counters[index] ?? 0;
    if ((value - before + wrap) % wrap > wrap / 2) return `count ${index} fell from ${before} to ${value}`;
  }
  world.counters = read;
  if (!world.countsExactly) return null;
  const exact = [model.transactions, 0, model.pecErrors, model.abandoned, -1, world.timesClosed, 0];
  for (const [index, expected] of [...exact, world.alertsAnswered].entries()) {
    const wrap = 256 ** (widths[index] as number);
    if (expected >= 0 && read[index] !== expected % wrap) {
      return `count ${index} is ${read[index]}, expected ${expected % wrap}`;
    }
  }
  const more = ((read[4] as number) - (refused.least % 0x10000) + 0x10000) % 0x10000;
  if (more > refused.most - refused.least) {
    return `${read[4]} refused, expected ${refused.least} to ${refused.most}`;
  }
  refused.least += more;
  refused.most = refused.least;
  return null;
}

/** A limit reads as the word written. Before that it is the board's value, as near as the format allows. */
function observeLimit(model: ModelView, command: SmbusCommand, word: number): string | null {
  const key = model.limitKey(command);
  const words = model.limits.get(key) ?? [UNREAD];
  const limit = model.rules.limit(command.code, model.page);
  const { value, half } = linearValue(command, word);
  const isInitial = limit && words.includes(UNREAD) && Math.abs(value - limit.initial) <= half;
  if (!words.includes(word) && !isInitial) {
    return `reads ${word}, written was ${words.join(" or ")}, the board's is ${limit?.initial}`;
  }
  model.limits.set(key, [word]);
  return null;
}
