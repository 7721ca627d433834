/**
 * The protocols of SMBus, made of raw messages to one address, with or without PEC. Answers are checked for
 * their length and their PEC; the meaning of a command is not known here.
 */
import { BadAnswerError, BadPecError, type SmbusBus } from "./bus.ts";
import { addressByte, pecOf } from "./pec.ts";

/** SMBus 2 allows no longer block, and Linux refuses it. A count of FFh means that no device drives SDA. */
const LARGEST_BLOCK = 32;

export class Messages {
  readonly bus: SmbusBus;
  readonly address: number;
  /**
   * Whether messages carry a PEC. Every PMBus device that knows PEC accepts writes with and without it.
   */
  pec: boolean;

  constructor(bus: SmbusBus, address: number, pec: boolean) {
    this.bus = bus;
    this.address = address;
    this.pec = pec;
  }

  /** Send byte, where there is no data; write byte and write word, with one byte or two. */
  async write(code: number, data: Uint8Array = new Uint8Array(0)): Promise<void> {
    const message = [code, ...data];
    if (this.pec) message.push(pecOf([addressByte(this.address, "write"), ...message]));
    await this.bus.write(this.address, Uint8Array.from(message));
  }

  async writeBlock(code: number, data: Uint8Array): Promise<void> {
    await this.write(code, Uint8Array.from([data.length, ...data]));
  }

  /** Read byte and read word; the low byte comes first. */
  async read(code: number, length: number): Promise<Uint8Array> {
    const sent = Uint8Array.of(code);
    const answer = await this.bus.read(this.address, sent, length + Number(this.pec));
    this.#check(sent, answer);
    return answer.slice(0, length);
  }

  async readBlock(code: number): Promise<Uint8Array> {
    return this.#block(Uint8Array.of(code));
  }

  /** Block write - block read process call. */
  async call(code: number, data: Uint8Array): Promise<Uint8Array> {
    return this.#block(Uint8Array.from([code, data.length, ...data]));
  }

  async #block(sent: Uint8Array): Promise<Uint8Array> {
    const answer = await this.bus.read(this.address, sent, "block", Number(this.pec));
    const count = answer[0] ?? 0;
    const whole = answer.length === 1 + count + Number(this.pec);
    if (count < 1 || count > LARGEST_BLOCK || !whole)
      throw new BadAnswerError(
        this.address,
        `with a block of ${count} bytes, 1 to ${LARGEST_BLOCK} are possible`,
        answer,
      );
    this.#check(sent, answer);
    return answer.slice(1, 1 + count);
  }

  /** The PEC over both addresses and all bytes, the received PEC included, is 0 where it fits. */
  #check(sent: Uint8Array, answer: Uint8Array): void {
    if (!this.pec) return;
    const { address } = this;
    const all = [addressByte(address, "write"), ...sent, addressByte(address, "read"), ...answer];
    if (pecOf(all) !== 0) throw new BadPecError(address, answer);
  }
}
