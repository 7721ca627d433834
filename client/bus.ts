/**
 * The bus as the client sees it. A transport implements SmbusBus with raw messages: on Linux, for example,
 * with I2C_RDWR on /dev/i2c-N, where a block read is a message with I2C_M_RECV_LEN. Each thing that can go
 * wrong has an error class, whose message says what to do next.
 */

export interface SmbusBus {
  /** START, address and W, these bytes, STOP. Without bytes it only asks whether a device answers. */
  write(address: number, bytes: Uint8Array): Promise<void>;
  /**
   * START, address and W, `sent`, a repeated START, address and R, `length` bytes and `extra` more, STOP.
   * Where nothing is sent, the message starts with the part that reads. For a "block" the first byte says how
   * many follow it, 1 to 32; `extra` bytes, for a PEC, come behind those. The result holds every byte read,
   * the count and the extra bytes included.
   */
  read(address: number, sent: Uint8Array, length: number | "block", extra?: number): Promise<Uint8Array>;
}

export function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, "0")}`;
}

/** A message failed; each subclass is one way to fail. */
export class SmbusError extends Error {
  readonly address: number;

  constructor(address: number, message: string) {
    super(message);
    this.name = new.target.name;
    this.address = address;
  }
}

export class NoAnswerError extends SmbusError {
  constructor(address: number) {
    super(
      address,
      `nothing answers at ${hexAddress(address)}; "scan" shows which devices do. A slot answers at its board's base ` +
        "address plus the number of its straps, and not while its BMC restarts or has more requests than it can keep",
    );
  }
}

/** A device acknowledged the address and then not one of the bytes. */
export class NotAcknowledgedError extends SmbusError {
  constructor(address: number) {
    super(
      address,
      `${hexAddress(address)} stopped acknowledging in the middle of a message; STATUS_CML may say why, ` +
        "and a message that was refused for being busy goes through a moment later",
    );
  }
}

export class BadPecError extends SmbusError {
  /** The bytes that were read, with the code that does not fit. */
  readonly answer: Uint8Array;

  constructor(address: number, answer: Uint8Array) {
    super(
      address,
      `the packet error code of ${hexAddress(address)} does not fit: try again, and look at the bus if that happens ` +
        "often (a lower speed, stronger pull-ups, two devices at one address); a device without PEC needs --no-pec",
    );
    this.answer = answer;
  }
}

/** Two devices have the same address. */
export class SharedAddressError extends SmbusError {
  constructor(address: number) {
    super(
      address,
      `two devices answer at ${hexAddress(address)}: their answers overlap, and a write reaches both. Pull one of them ` +
        "out: each slot needs straps of its own, and no other device may have a slot's address",
    );
  }
}

export class BusTimeoutError extends SmbusError {
  constructor(address: number) {
    super(
      address,
      `the bus stood still for more than 35 ms in a message to ${hexAddress(address)}: a device holds SCL or SDA. ` +
        "It lets go by itself within 35 ms if it keeps to SMBus; if not, only its power does",
    );
  }
}

export class ArbitrationLostError extends SmbusError {
  constructor(address: number) {
    super(address, `another controller had the bus during a message to ${hexAddress(address)}: try again`);
  }
}

/** Bytes were read that are no valid answer. */
export class BadAnswerError extends SmbusError {
  readonly answer: Uint8Array;

  constructor(address: number, what: string, answer: Uint8Array) {
    super(
      address,
      `${hexAddress(address)} answered ${what}: try again, its BMC may have been too busy to answer in time`,
    );
    this.answer = answer;
  }
}

/** A record that takes several messages was another each time it was read. `what`: "the trace". */
export class ChangedError extends SmbusError {
  constructor(address: number, what: string) {
    super(
      address,
      `${what} of ${hexAddress(address)} was cleared or replaced each time while it was read: another program clears ` +
        "faults, or the slot fails again and again; try again when that is over",
    );
  }
}

/**
 * The device lacks a command of the table, for example because a sensor is missing. `where`: " on page 1
 * (3V3_AUX)".
 */
export class AbsentError extends SmbusError {
  constructor(address: number, name: string, where: string) {
    super(address, `${hexAddress(address)} has no ${name}${where}`);
  }
}

/**
 * PAGE cannot be written, or reads back as another page: further commands would concern the wrong rail.
 * `page` and `current`: "1 (3V3_AUX)".
 */
export class PageError extends SmbusError {
  constructor(address: number, page: string, current: string, isProtected: boolean) {
    const why = isProtected
      ? "WRITE_PROTECT ALL keeps PAGE; set WRITE_PROTECT NONE lets go of it"
      : "try again, unless another controller turns it as well";
    super(address, `${hexAddress(address)} does not turn to page ${page} and stays on ${current}: ${why}`);
  }
}

/** The slot refused a write: STATUS_CML says so, or MFR_COUNTERS where the slot was busy. */
export class RefusedError extends SmbusError {
  /** Names of STATUS_CML's bits, or BUSY alone. */
  readonly reasons: ReadonlySet<string>;

  constructor(address: number, name: string, reasons: ReadonlySet<string>, hint: string) {
    super(address, `${hexAddress(address)} refused ${name}: ${[...reasons].join(", ")}; ${hint}`);
    this.reasons = reasons;
  }
}
