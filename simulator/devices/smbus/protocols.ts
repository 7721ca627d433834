/**
 * The bus protocols of SMBus 3.2, chapter 6.5, as a controller speaks them, in the order of the chapter. The
 * protocols that are common on I2C follow. `data` of an outcome is what was read, without count and PEC.
 */
import { Pec } from "./pec.ts";
import { ending, type Place, type Protocol, START, STOP, type Step, type Steps } from "./steps.ts";

export interface PecOption {
  readonly pec?: boolean;
}

/** The target's address (7 bits), the command, and the choice of a PEC. */
export interface Destination extends PecOption {
  readonly address: number;
  readonly command: number;
}

/** SMBus 3.2, appendix A.2. */
const ALERT_RESPONSE_ADDRESS = 0x0c;
/** SMBus 3.0 and later, 6.5.7. */
const BLOCK_MAX_BYTES = 255;

const WRITE = 0;
const READ = 1;

class Message {
  readonly #pec = new Pec();
  readonly #checked: boolean;

  constructor(option: PecOption) {
    this.#checked = option.pec ?? false;
  }

  *address(address: number, direction: 0 | 1, at: Place = "address"): Generator<Step, void, number> {
    yield START;
    yield* this.write(((address << 1) | direction) & 0xff, at);
  }

  *write(byte: number, at: Place): Generator<Step, void, number> {
    yield { op: "write", byte: this.#pec.add(byte), at };
  }

  *read(last: boolean, at: Place): Generator<Step, number, number> {
    return this.#pec.add(yield { op: "read", ack: !last || this.#checked, at });
  }

  *block(bytes: ArrayLike<number>): Generator<Step, void, number> {
    yield* this.write(bytes.length, "count");
    for (let index = 0; index < bytes.length; index++) yield* this.write(bytes[index] as number, "data");
  }

  /** PEC and STOP of a message that ends with a write. */
  *endOfWrite(): Steps {
    if (this.#checked) yield { op: "write", byte: this.#pec.value, at: "pec" };
    yield STOP;
    return ending("ok", "stop");
  }

  *readBytes(count: number): Steps {
    const data = new Uint8Array(count);
    for (let index = 0; index < count; index++) data[index] = yield* this.read(index === count - 1, "data");
    return yield* this.#endOfRead(data);
  }

  /**
   * Reads a block. After an impossible count the controller does not acknowledge the next byte: a sending
   * target must see a NACK before the controller can be sure of SDA for its STOP.
   */
  *readBlock(): Steps {
    const count = yield* this.read(false, "count");
    if (count > 0) return yield* this.readBytes(count);
    yield { op: "read", ack: false, at: "data" };
    yield STOP;
    return ending("bad-length", "count");
  }

  *#endOfRead(data: Uint8Array): Steps {
    let good = true;
    if (this.#checked) {
      const expected = this.#pec.value;
      good = (yield { op: "read", ack: false, at: "pec" }) === expected;
    }
    yield STOP;
    return good ? ending("ok", "stop", data) : ending("bad-pec", "pec", data);
  }
}

const word = (value: number) => [value & 0xff, (value >> 8) & 0xff];

/** A protocol from the steps of its message; its name says if it uses a PEC. */
function protocol(name: string, option: PecOption, body: (message: Message) => Steps): Protocol {
  return { name: option.pec ? `${name} with PEC` : name, steps: () => body(new Message(option)) };
}

function writing(name: string, to: Destination, payload: ArrayLike<number>): Protocol {
  return protocol(name, to, function* (message) {
    yield* message.address(to.address, WRITE);
    yield* message.write(to.command, "command");
    for (let index = 0; index < payload.length; index++)
      yield* message.write(payload[index] as number, "data");
    return yield* message.endOfWrite();
  });
}

function reading(name: string, from: Destination, sent: ArrayLike<number>, count: number): Protocol {
  return protocol(name, from, function* (message) {
    yield* message.address(from.address, WRITE);
    yield* message.write(from.command, "command");
    for (let index = 0; index < sent.length; index++) yield* message.write(sent[index] as number, "data");
    yield* message.address(from.address, READ, "read-address");
    return yield* message.readBytes(count);
  });
}

/**
 * 6.5.1. A quick read has no byte. A target whose first data bit is 0 keeps SDA low and so prevents the STOP.
 */
export function quick(address: number, direction: "read" | "write"): Protocol {
  return protocol(`quick ${direction}`, {}, function* (message) {
    yield* message.address(address, direction === "read" ? READ : WRITE);
    yield STOP;
    return ending("ok", "stop");
  });
}

/** 6.5.2. */
export const sendByte = (to: Destination): Protocol => writing("send byte", to, []);

/** 6.5.3. */
export function receiveByte(from: PecOption & { readonly address: number }, name = "receive byte"): Protocol {
  return protocol(name, from, function* (message) {
    yield* message.address(from.address, READ);
    return yield* message.readBytes(1);
  });
}

/** 6.5.4. */
export const writeByte = (to: Destination, value: number): Protocol => writing("write byte", to, [value]);
export const writeWord = (to: Destination, value: number): Protocol => writing("write word", to, word(value));

/** 6.5.5. */
export const readByte = (from: Destination): Protocol => reading("read byte", from, [], 1);
/** The outcome's data has the low byte first, as on the bus. */
export const readWord = (from: Destination): Protocol => reading("read word", from, [], 2);

/** 6.5.6. */
export function processCall(to: Destination, value: number): Protocol {
  return reading("process call", to, word(value), 2);
}

/** 6.5.7. */
export function writeBlock(to: Destination, bytes: Uint8Array): Protocol {
  checkBlock(bytes);
  return protocol("write block", to, function* (message) {
    yield* message.address(to.address, WRITE);
    yield* message.write(to.command, "command");
    yield* message.block(bytes);
    return yield* message.endOfWrite();
  });
}

export function readBlock(from: Destination): Protocol {
  return protocol("read block", from, function* (message) {
    yield* message.address(from.address, WRITE);
    yield* message.write(from.command, "command");
    yield* message.address(from.address, READ, "read-address");
    return yield* message.readBlock();
  });
}

/** 6.5.8. */
export function blockProcessCall(to: Destination, bytes: Uint8Array): Protocol {
  checkBlock(bytes);
  return protocol("block process call", to, function* (message) {
    yield* message.address(to.address, WRITE);
    yield* message.write(to.command, "command");
    yield* message.block(bytes);
    yield* message.address(to.address, READ, "read-address");
    return yield* message.readBlock();
  });
}

/** Appendix A.2: asks which target pulls SMBALERT#. The answer holds its address in the upper seven bits. */
export function alertResponse(option: PecOption = {}): Protocol {
  return receiveByte({ address: ALERT_RESPONSE_ADDRESS, ...option }, "alert response");
}

/**
 * Writes any bytes after the address, then reads any number of bytes after a repeated START. Either may be
 * none.
 */
export function rawMessage(address: number, written: ArrayLike<number>, readCount = 0): Protocol {
  return protocol(`raw message of ${written.length} and ${readCount}`, {}, function* (message) {
    if (written.length > 0 || readCount === 0) {
      yield* message.address(address, WRITE);
      for (let index = 0; index < written.length; index++)
        yield* message.write(written[index] as number, "data");
    }
    if (readCount === 0) return yield* message.endOfWrite();
    yield* message.address(address, READ, written.length > 0 ? "read-address" : "address");
    return yield* message.readBytes(readCount);
  });
}

/**
 * PMBus part I, group command protocol: writes to several targets with repeated STARTs and one STOP, at which
 * the targets act. Each write has a PEC of its own.
 */
export function groupCommand(
  parts: readonly { readonly address: number; readonly command: number; readonly data: ArrayLike<number> }[],
  option: PecOption = {},
): Protocol {
  return {
    name: `group command of ${parts.length}${option.pec ? " with PEC" : ""}`,
    *steps(): Steps {
      for (const { address, command, data } of parts) {
        const body = writing("", { address, command, ...option }, data).steps();
        for (let next = body.next(); !next.done && next.value !== STOP; ) next = body.next(yield next.value);
      }
      yield STOP;
      return ending("ok", "stop");
    },
  };
}

function checkBlock(bytes: Uint8Array): void {
  if (bytes.length < 1 || bytes.length > BLOCK_MAX_BYTES) {
    throw new RangeError(`a block of ${bytes.length} bytes: a block has 1 to ${BLOCK_MAX_BYTES}`);
  }
}
