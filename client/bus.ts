/**
 * The bus as the client sees it: raw messages, so that the same client speaks to a simulated slot and,
 * through /dev/i2c-N, to a real one (I2C_RDWR; a block read is a message with I2C_M_RECV_LEN). What may go
 * wrong on a bus is an error class each, whose message says what to do next.
 */

export interface SmbusBus {
  /** START, address and W, these bytes, STOP. Without bytes it only asks whether somebody answers. */
  write(address: number, bytes: Uint8Array): Promise<void>;
  /**
   * START, address and W, `sent`, a repeated START, address and R, then so many bytes; without anything sent
   * only the part that reads. "block": the first byte says how many follow it, 1 to 32, and `extra` more
   * come behind those, for a PEC. All of it is returned, the count and the extra bytes too.
   */
  read(address: number, sent: Uint8Array, length: number | "block", extra?: number): Promise<Uint8Array>;
}

export function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, "0")}`;
}

/** Anything that went wrong with a message. */
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
      `nothing answers at ${hexAddress(address)}; "scan" shows who does. A slot answers at its board's base ` +
        "address plus the number of its straps, and not while its BMC restarts or has more requests than it can keep",
    );
  }
}

/** Somebody answered to the address and then not to a byte. */
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
  /** What came, the code that does not fit included. */
  readonly answer: Uint8Array;

  constructor(address: number, answer: Uint8Array) {
    super(
      address,
      `the packet error code of ${hexAddress(address)} does not fit: try again, and look at the bus if that happens ` +
        "often (a lower speed, stronger pull-ups); a device without PEC needs --no-pec",
    );
    this.answer = answer;
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

/** The bytes came, but they cannot be what was asked for. */
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

/** The device lacks a command of the table, as without its sensor; `where`: " on page 1 (3V3_AUX)". */
export class AbsentError extends SmbusError {
  constructor(address: number, name: string, where: string) {
    super(address, `${hexAddress(address)} has no ${name}${where}`);
  }
}

/** PAGE cannot be turned, or reads back as another: what follows would be of the wrong supply. */
export class PageError extends SmbusError {
  constructor(address: number, page: string, current: number, isProtected: boolean) {
    const why = isProtected
      ? "WRITE_PROTECT ALL keeps PAGE; set WRITE_PROTECT NONE lets go of it"
      : "try again, unless another controller turns it as well";
    super(address, `${hexAddress(address)} does not turn to page ${page} and stays on ${current}: ${why}`);
  }
}

/** A write arrived and was refused: STATUS_CML says so, or MFR_COUNTERS where the slot was busy. */
export class RefusedError extends SmbusError {
  /** Names of STATUS_CML's bits, or BUSY alone. */
  readonly reasons: ReadonlySet<string>;

  constructor(address: number, name: string, reasons: ReadonlySet<string>, hint: string) {
    super(address, `${hexAddress(address)} refused ${name}: ${[...reasons].join(", ")}; ${hint}`);
    this.reasons = reasons;
  }
}
