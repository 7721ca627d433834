/**
 * The SMBus as the logic sees it in Node: whole messages instead of bits. It keeps the contract's promises
 * for prepared responses, requests and their order, as the native host does. The emulator models what a bus
 * does to messages.
 */
import { contract } from "../../abi/contract.ts";
import { pecOf } from "../devices/smbus/pec.ts";
import { type SmbusCounters, SmbusCountersFields, SmbusRequest } from "../generated/abi.ts";

const HEADER_BYTES = 4;
const MESSAGE_BYTES = contract.smbus.requestBytes - HEADER_BYTES;
const NOTHING = 0xff;

/** One part of a message: from a START or repeated START to the next one or the STOP. */
export type Segment = { readonly write: ArrayLike<number> } | { readonly read: number };

interface Request {
  readonly kind: number;
  readonly number: number;
  readonly bytes: Uint8Array;
  /** The request changes no response: the host has already followed this write of PAGE. */
  readonly followed: boolean;
}

export class SmbusHost {
  address = 0;
  counters: SmbusCounters = Object.fromEntries(
    SmbusCountersFields.map((field) => [field, 0]),
  ) as SmbusCounters;
  readonly #prepared = new Map<number, Uint8Array>();
  #page = 0;
  #requests: Request[] = [];
  #alertAnswered = false;
  #unsettled = 0;
  #inHand: { readonly settles: boolean; readonly followed: boolean } | null = null;
  #number = 0;
  #answer: Uint8Array | null = null;
  #closedForRoom = false;

  /** True while the logic has something to take. */
  get waiting(): boolean {
    return this.#alertAnswered || this.#requests.length > 0;
  }

  /**
   * True while the host answers its address. It does not before the logic opens it, nor while requests have
   * piled up.
   */
  get answers(): boolean {
    return this.address !== 0 && !this.#closedForRoom;
  }

  /**
   * Sends one message to this address. `serve` gives the logic passes while the controller waits. A read that
   * the logic leaves unanswered brings FFh. Returns what each reading segment brought, or null if the address
   * did not answer.
   */
  message(
    segments: readonly Segment[],
    serve: () => void,
    ending: "stop" | "broken" = "stop",
  ): Uint8Array[] | null {
    if (!this.answers) return null;
    let written: Uint8Array | null = null;
    const reads: Uint8Array[] = [];
    for (const segment of segments) {
      if ("write" in segment) {
        if (segment.write.length === 0) continue; // the address alone, which no request follows
        if (written) this.#breakOff();
        written = Uint8Array.from(segment.write);
        this.counters.messages++;
      } else {
        reads.push(this.#padded(written ? this.#read(written, serve) : new Uint8Array(0), segment.read));
        written = null;
      }
    }
    if (written && ending === "broken") this.#breakOff();
    else if (written) this.#write(written);
    return reads;
  }

  /** The controller read the Alert Response Address, and this address won the arbitration. */
  alertAnswered(): void {
    this.counters.alerts++;
    if (!this.#alertAnswered) this.#unsettled++;
    this.#alertAnswered = true;
  }

  #padded(response: Uint8Array, length: number): Uint8Array {
    const bytes = new Uint8Array(length).fill(NOTHING);
    bytes.set(response.subarray(0, length));
    return bytes;
  }

  #response(command: number): Uint8Array | undefined {
    return this.#prepared.get((this.#page << 8) | command);
  }

  #read(written: Uint8Array, serve: () => void): Uint8Array {
    const command = written[0] as number;
    const isPrepared = () => written.length === 1 && this.#response(command) !== undefined;
    if (isPrepared() && this.#unsettled > 0) serve();
    if (isPrepared() && this.#unsettled === 0) return this.#response(command) as Uint8Array;
    this.#number = (this.#number + 1) & 0xffff;
    this.#answer = null;
    if (this.#room <= contract.smbus.requestsKept) return this.#unanswered();
    const bytes = written.slice(0, MESSAGE_BYTES);
    this.#requests.push({ kind: SmbusRequest.READ, number: this.#number, bytes, followed: false });
    this.#unsettled++;
    serve();
    return this.#answer ?? this.#unanswered();
  }

  #unanswered(): Uint8Array {
    this.counters.late_answers++;
    return new Uint8Array(0);
  }

  /** Requests that still fit. The room that one message may need is kept while the host answers. */
  get #room(): number {
    return contract.smbus.requests - this.#requests.length;
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length > MESSAGE_BYTES) this.counters.too_long++;
    const followed = this.#unsettled === 0 && this.#isPageWrite(bytes);
    if (followed) this.#page = bytes[1] as number;
    else this.#unsettled++;
    const kind = SmbusRequest.WRITE;
    this.#requests.push({ kind, number: 0, bytes: bytes.slice(0, MESSAGE_BYTES), followed });
    if (this.#room >= contract.smbus.requestsKept) return;
    this.#closedForRoom = true;
    this.counters.busy++;
  }

  #isPageWrite(bytes: Uint8Array): boolean {
    const [command, page = NOTHING, code] = bytes;
    if (
      command !== contract.smbus.pageCommand ||
      bytes.length < 2 ||
      bytes.length > 3 ||
      page >= contract.smbus.pages
    )
      return false;
    if (!this.#prepared.has((page << 8) | contract.smbus.pageCommand)) return false;
    return code === undefined || code === pecOf([this.address << 1, contract.smbus.pageCommand, page]);
  }

  #breakOff(): void {
    this.counters.broken_off++;
    const kind = SmbusRequest.BROKEN_OFF;
    if (this.#requests.at(-1)?.kind === kind) return; // one after the other counts as one
    this.#requests.push({ kind, number: 0, bytes: new Uint8Array(0), followed: false });
    this.#unsettled++;
  }

  // ------------------------------------------------------------------- the contract's imports

  open(address: number): void {
    this.address = address;
    this.#page = this.#unsettled = 0;
    this.#requests = [];
    this.#alertAnswered = false;
    this.#inHand = null;
    this.#closedForRoom = false;
  }

  publish(page: number, command: number, response: Uint8Array): void {
    const key = (page << 8) | command;
    if (response.length === 0) this.#prepared.delete(key);
    else this.#prepared.set(key, response.slice());
  }

  selectPage(page: number): void {
    if (!this.#inHand?.followed) this.#page = page;
  }

  /** Fills the block. Returns how many bytes it filled. */
  take(block: Uint8Array): number {
    if (this.#inHand?.settles) this.#unsettled--;
    this.#inHand = null;
    if (this.#alertAnswered) {
      this.#alertAnswered = false;
      this.#inHand = { settles: true, followed: false };
      block.set([SmbusRequest.ALERT_ANSWERED, 0, 0, 0]);
      return HEADER_BYTES;
    }
    const request = this.#requests.shift();
    if (!request) return 0;
    const { kind, number, bytes, followed } = request;
    this.#inHand = { settles: !followed, followed };
    if (this.#requests.length <= contract.smbus.requests / 2) this.#closedForRoom = false;
    block.set([kind, bytes.length, number & 0xff, number >> 8]);
    block.set(bytes, HEADER_BYTES);
    return HEADER_BYTES + bytes.length;
  }

  answer(number: number, response: Uint8Array): void {
    if (number === this.#number) this.#answer = response.slice();
  }
}
