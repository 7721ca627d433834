/**
 * Finds the sensors that Linux' generic `pmbus` driver will find in a device, with the same messages as the
 * driver (drivers/hwmon/pmbus: pmbus_core.c, pmbus.c). For the driver a command exists if a read of it
 * succeeds and STATUS_CML does not say "unsupported" afterwards. CLEAR_FAULTS follows every such question.
 */
import type { SmbusBus } from "./bus.ts";
import { decodeLinear11, decodeLinear16, voutExponent } from "./linear.ts";
import { Messages } from "./messages.ts";
import { GROUPS, LIMITS, OUTPUTS, type Sensor } from "./pmbus-registers.ts";
import { numberOf } from "./values.ts";

export interface FoundLimit {
  readonly name: string;
  readonly value: number;
}

export interface FoundSensor {
  readonly name: string;
  readonly page: number;
  readonly unit: Sensor["unit"];
  readonly value: number;
  /**
   * Whether its status register exists. The driver makes alarms of its bits, and looks for limits only then.
   */
  readonly alarms: boolean;
  readonly limits: readonly FoundLimit[];
}

export interface PmbusProbe {
  readonly pec: boolean;
  readonly statusWord: boolean;
  readonly writeProtected: boolean;
  readonly revision: number | null;
  readonly pages: number;
  /** MFR_ID and the other texts that exist, by the names of their commands. */
  readonly identification: Readonly<Record<string, string>>;
  readonly sensors: readonly FoundSensor[];
}

/** The driver would not bind to the device. */
export class ProbeError extends Error {}

const PAGE = 0x00;
const CLEAR_FAULTS = 0x03;
const WRITE_PROTECT = 0x10;
const CAPABILITY = 0x19;
const VOUT_MODE = 0x20;
const STATUS_BYTE = 0x78;
const STATUS_WORD = 0x79;
const STATUS_CML = 0x7e;
const REVISION = 0x98;
const IDENTIFICATION: readonly (readonly [string, number])[] = [
  ["MFR_ID", 0x99],
  ["MFR_MODEL", 0x9a],
  ["MFR_REVISION", 0x9b],
  ["MFR_LOCATION", 0x9c],
  ["MFR_DATE", 0x9d],
  ["MFR_SERIAL", 0x9e],
];

const CAPABILITY_PEC = 0x80;
const STATUS_CML_BIT = 0x02;
const INVALID_COMMAND = 0x80;
/** PB_WP_ANY: all, all but OPERATION and PAGE, all but those and VOUT. */
const WRITE_PROTECT_ANY = 0xe0;
/** PMBUS_PAGES. */
const MOST_PAGES = 32;

/** Throws a ProbeError where the driver would give up. */
export async function probePmbus(bus: SmbusBus, address: number): Promise<PmbusProbe> {
  const probe = new Probe(bus, address);
  await probe.initialize();
  await probe.identify();
  return probe.result();
}

class Probe {
  readonly #messages: Messages;
  #statusWord = true;
  #writeProtected = false;
  #revision: number | null = null;
  #pages = 0;
  /** data->currpage: PAGE as last written, -1 before that. */
  #page = -1;
  readonly #exponents: number[] = [];
  readonly #sensors: { readonly page: number; readonly sensor: Sensor }[] = [];
  /** Pages and codes of the status registers that exist. */
  readonly #statuses = new Set<string>();

  constructor(bus: SmbusBus, address: number) {
    this.#messages = new Messages(bus, address, false);
  }

  /** pmbus_init_common() up to identification. */
  async initialize(): Promise<void> {
    // The first message goes without PEC: its answer says whether the device knows any.
    const capability = await this.#byte(CAPABILITY);
    this.#messages.pec = capability !== null && (capability & CAPABILITY_PEC) !== 0;
    const word = await this.#word(STATUS_WORD);
    if (word === null || word === 0xffff) {
      this.#statusWord = false;
      const byte = await this.#byte(STATUS_BYTE);
      if (byte === null || byte === 0xff)
        throw new ProbeError("PMBus status register not found: the driver would not bind to this device");
    }
    const protection = await this.#byte(WRITE_PROTECT);
    this.#writeProtected = protection !== null && (protection & WRITE_PROTECT_ANY) !== 0;
    this.#revision = await this.#byte(REVISION);
    await this.#clearFaults();
  }

  /** pmbus_identify(), then pmbus_identify_common() for each page. */
  async identify(): Promise<void> {
    if (await this.#hasByte(0, PAGE)) {
      this.#pages = MOST_PAGES;
      let page = 1;
      while (page < MOST_PAGES && (await this.#setPage(page))) page++;
      await this.#setPage(0);
      this.#pages = page;
    } else {
      this.#pages = 1;
    }
    for (let page = 0; page < this.#pages; page++) {
      if (await this.#setPage(page)) await this.#clearFaults();
    }
    if (await this.#hasByte(0, VOUT_MODE)) checkVoutMode(await this.#byte(VOUT_MODE));
    for (const { sensors, status, configuration } of GROUPS) {
      if (configuration !== undefined && !(await this.#hasByte(0, configuration))) continue;
      const found: boolean[] = [];
      for (const sensor of sensors) found.push(await this.#findSensor(0, sensor));
      if (found.includes(true)) await this.#findStatus(0, 0, status);
    }
    for (let page = 0; page < this.#pages; page++) await this.#findOutputs(page);
    for (let page = 0; page < this.#pages; page++) {
      const mode = (await this.#setPage(page)) ? await this.#byte(VOUT_MODE) : null;
      if (mode !== null && mode !== 0xff) checkVoutMode(mode);
      this.#exponents.push(mode === null ? 0 : voutExponent(mode));
      if (await this.#setPage(page)) await this.#clearFaults();
    }
  }

  /** The part of pmbus_find_sensor_groups() that is about pages. */
  async #findOutputs(page: number): Promise<void> {
    const { vout, iout, pout } = OUTPUTS;
    if (await this.#findSensor(page, vout)) await this.#findStatus(page, page, vout.status);
    // The driver asks page 0 for STATUS_IOUT, whatever the page is.
    if (await this.#findSensor(page, iout)) await this.#findStatus(page, 0, iout.status);
    await this.#findSensor(page, pout);
  }

  async #findSensor(page: number, sensor: Sensor): Promise<boolean> {
    if (!(await this.#exists(page, () => this.#word(sensor.code)))) return false;
    this.#sensors.push({ page, sensor });
    return true;
  }

  async #findStatus(page: number, asked: number, code: number): Promise<void> {
    if (await this.#hasByte(asked, code)) this.#statuses.add(`${page} ${code}`);
  }

  /** pmbus_find_attributes(): limits of what was found, and a first reading. */
  async result(): Promise<PmbusProbe> {
    const sensors: FoundSensor[] = [];
    for (const { page, sensor } of this.#sensors) {
      const { name, unit, status } = sensor;
      const alarms = this.#statuses.has(`${page} ${status}`);
      const limits: FoundLimit[] = [];
      for (const limit of alarms ? (LIMITS[name] ?? []) : []) {
        if (!(await this.#exists(page, () => this.#word(limit.code)))) continue;
        limits.push({ name: limit.name, value: await this.#value(sensor, page, limit.code) });
      }
      const value = await this.#value(sensor, page, sensor.code);
      sensors.push({ name, page, unit, value, alarms, limits });
    }
    return {
      pec: this.#messages.pec,
      statusWord: this.#statusWord,
      writeProtected: this.#writeProtected,
      revision: this.#revision,
      pages: this.#pages,
      identification: await this.#identification(),
      sensors,
    };
  }

  /** NaN for a sensor that exists and cannot be read. */
  async #value(sensor: Sensor, page: number, code: number): Promise<number> {
    const word = (await this.#setPage(page)) ? await this.#word(code) : null;
    if (word === null) return Number.NaN;
    return sensor.linear16 ? decodeLinear16(word, this.#exponents[page] ?? 0) : decodeLinear11(word);
  }

  /** The files in the driver's debugfs. The driver checks for them as it does for sensors. */
  async #identification(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const [name, code] of IDENTIFICATION) {
      const read = () => this.#messages.readBlock(code).catch(() => null);
      if (!(await this.#exists(0, read))) continue;
      found[name] = Buffer.from((await read()) ?? []).toString("latin1");
    }
    return found;
  }

  /** pmbus_check_register(): the read, STATUS_CML, CLEAR_FAULTS in any case. */
  async #exists(page: number, read: () => Promise<unknown>): Promise<boolean> {
    let there = (await this.#setPage(page)) && (await read()) !== null;
    // A device that is write-protected cannot clear STATUS_CML, so its bits mean nothing.
    if (there && !this.#writeProtected) there = await this.#supported();
    await this.#clearFaults();
    return there;
  }

  #hasByte(page: number, code: number): Promise<boolean> {
    return this.#exists(page, () => this.#byte(code));
  }

  async #supported(): Promise<boolean> {
    const status = this.#statusWord ? await this.#word(STATUS_WORD) : await this.#byte(STATUS_BYTE);
    if (status !== null && (status & STATUS_CML_BIT) === 0) return true;
    const cml = await this.#byte(STATUS_CML);
    return cml !== null && (cml & INVALID_COMMAND) === 0;
  }

  /** pmbus_set_page(): writes it and reads it back, unless there is only one or it is the one in force. */
  async #setPage(page: number): Promise<boolean> {
    if (this.#pages > 1 && page !== this.#page) {
      const written = await this.#messages.write(PAGE, Uint8Array.of(page)).then(
        () => true,
        () => false,
      );
      if (!written || (await this.#byte(PAGE)) !== page) return false;
    }
    this.#page = page;
    return true;
  }

  /** Failures are ignored, as the driver does. */
  async #clearFaults(): Promise<void> {
    await this.#messages.write(CLEAR_FAULTS).catch(() => undefined);
  }

  #byte(code: number): Promise<number | null> {
    return this.#messages.read(code, 1).then(numberOf, () => null);
  }

  #word(code: number): Promise<number | null> {
    return this.#messages.read(code, 2).then(numberOf, () => null);
  }
}

function checkVoutMode(mode: number | null): void {
  if (mode === null || mode === 0xff || mode >> 5 === 0) return;
  throw new ProbeError(
    `VOUT_MODE ${mode.toString(16)}h is not LINEAR16: the readings of this device need a driver of its own`,
  );
}
