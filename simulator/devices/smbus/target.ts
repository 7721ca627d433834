/**
 * A plain SMBus target: a neighbour on the bus, and the target against which the controller is tested. It is
 * written from the specification and shares nothing with the controller but the PEC. Its registers are as
 * simple as they can be (see `registerKind`). It lets go of everything when SCL stays low for tTIMEOUT, and
 * answers the alert response address.
 */
import type { Clock, Net } from "../world.ts";
import { Pec } from "./pec.ts";
import { Reply, registerKind, WriteMessage } from "./target-registers.ts";

export interface PlainTargetOptions {
  readonly clock: Clock;
  readonly sda: Net;
  readonly scl: Net;
  readonly address: number;
  /** SMBALERT#, open drain. */
  readonly alert?: Net;
  /** How long the target keeps SCL low after the ACK of each byte that is meant for it. */
  readonly stretchNanos?: number;
}

/** tHD;DAT, as in the controllers (SMBus before 3.0). It is below tVD;DAT of every class. */
const DATA_HOLD_NANOS = 300;
/** Our choice: between tTIMEOUT's 25 and 35 ms. */
const TIMEOUT_NANOS = 30e6;
const ALERT_RESPONSE_ADDRESS = 0x0c;

/** "ignore" lasts until the next START. */
type State = "ignore" | "address" | "receive" | "send";

export class PlainTarget {
  readonly address: number;
  /** The registers by command: each holds the bytes between the count, if any, and the PEC. */
  readonly registers: Uint8Array[] = Array.from({ length: 256 }, (_, command) => initialRegister(command));
  /**
   * What the target carried out, newest last: "quick write", "quick read", "command 0x..", "write 0x.. of n".
   */
  readonly executed: string[] = [];
  /** Number of messages that the target did not carry out because of PEC or length. */
  rejected = 0;
  timeouts = 0;
  stretchNanos: number;

  readonly #clock: Clock;
  readonly #sda: Net;
  readonly #scl: Net;
  readonly #alert: Net | null;
  readonly #name: string;
  #state: State = "ignore";
  /** Index of the clock within the byte, 0 to 8; -1 between START and the first falling edge. */
  #bit = -1;
  #shift = 0;
  #sending = 0;
  #acked = false;
  #quickRead = false;
  #alerting = false;
  #answersAlert = false;
  #message: WriteMessage | null = null;
  /** Writes that a repeated START followed. They take effect with the STOP, as a group command requires. */
  #pending: WriteMessage[] = [];
  #reply = new Reply(new Uint8Array(0), new Pec());
  #pec = new Pec();
  #command = 0;
  #sdaLow = false;
  #stretching = false;
  #sclFellNanos = 0;
  #watching = false;

  constructor(options: PlainTargetOptions) {
    this.address = options.address;
    this.stretchNanos = options.stretchNanos ?? 0;
    this.#clock = options.clock;
    this.#sda = options.sda;
    this.#scl = options.scl;
    this.#alert = options.alert ?? null;
    this.#name = `target 0x${options.address.toString(16)}`;
    this.#scl.onChange((level) => (level ? this.#sclRose() : this.#sclFell()));
    this.#sda.onChange((level) => {
      if (!this.#scl.level) return;
      if (level) this.#stop();
      else this.#start();
    });
  }

  get alerting(): boolean {
    return this.#alerting;
  }

  /** Pulls SMBALERT# until the controller has sent an alert response (SMBus 3.2, appendix A.2). */
  raiseAlert(): void {
    if (!this.#alert) throw new Error(`${this.#name} has no SMBALERT#`);
    this.#alerting = true;
    this.#alert.drive(this.#name, false);
  }

  #start(): void {
    if (this.#message && this.#state === "receive") this.#message.beforeRestart(this.#bit === 0);
    else this.#message = null;
    if (!this.#message) this.#pec = new Pec();
    this.#release();
    this.#state = "address";
    this.#bit = -1;
    this.#quickRead = false;
    if (!this.#watching) this.#watch(TIMEOUT_NANOS);
  }

  #stop(): void {
    const message = this.#message;
    this.#message = null;
    for (const earlier of this.#pending) this.#execute(earlier);
    this.#pending = [];
    // A STOP is valid behind an acknowledged byte. Its SCL pulse has counted as the first bit of another
    // byte.
    if (this.#state === "receive" && message && this.#bit === 0) this.#execute(message);
    if (this.#quickRead) this.executed.push("quick read");
    this.#quickRead = false;
    this.#release();
    this.#state = "ignore";
  }

  #sclRose(): void {
    if (this.#state === "ignore") return;
    const level = this.#sda.level;
    if (this.#bit < 8) {
      this.#shift = (this.#shift << 1) | Number(level);
      // UM10204, 3.1.8 for a sending target: a target that sends a one and sees a zero has lost arbitration.
      if (this.#state === "send" && !level && !this.#sdaLow) this.#state = "ignore";
    } else if (this.#state === "send") {
      this.#acked = !level;
    }
  }

  #sclFell(): void {
    this.#sclFellNanos = this.#clock.nanos;
    if (this.#state === "ignore") return;
    this.#bit++;
    if (this.#bit === 8) this.#eighthBitOver();
    else if (this.#bit === 9) this.#ackOver();
    else if (this.#bit === 0) this.#shift = 0;
    if (this.#state === "send" && this.#bit < 8) this.#drive(((this.#sending >> (7 - this.#bit)) & 1) === 0);
    if (this.#bit > 0) this.#quickRead = false;
  }

  #eighthBitOver(): void {
    const byte = this.#shift & 0xff;
    switch (this.#state) {
      case "address":
        this.#drive(this.#addressed(byte));
        break;
      case "receive":
        this.#drive((this.#message as WriteMessage).take(byte));
        break;
      default:
        this.#drive(false);
    }
  }

  /** Returns true if the address is this target's, and prepares what follows. */
  #addressed(byte: number): boolean {
    const read = (byte & 1) === 1;
    this.#answersAlert = read && this.#alerting && byte >> 1 === ALERT_RESPONSE_ADDRESS;
    const ours = byte >> 1 === this.address || this.#answersAlert;
    if (this.#message && !(ours && read)) {
      this.#pending.push(this.#message);
      this.#message = null;
      this.#pec = new Pec();
    }
    if (!ours) {
      this.#state = "ignore";
      return false;
    }
    this.#pec.add(byte);
    if (read) this.#prepareReply();
    else this.#message = new WriteMessage(this.#pec);
    return true;
  }

  #prepareReply(): void {
    const { answer, command } = this.#message?.question(this.registers) ?? {};
    if (command !== undefined) this.#command = command;
    const kind = registerKind(this.#command);
    let bytes = answer ?? (this.registers[this.#command] as Uint8Array);
    if (this.#answersAlert) bytes = Uint8Array.of(this.address << 1);
    else if (kind === "block" && this.#message) bytes = Uint8Array.of(bytes.length, ...bytes);
    this.#reply = new Reply(bytes, this.#pec);
    this.#message = null;
  }

  #ackOver(): void {
    this.#bit = 0;
    if (this.#state === "address") {
      const reading = this.#message === null;
      this.#state = reading ? "send" : "receive";
      this.#quickRead = reading;
      if (reading) this.#sending = this.#reply.next();
    } else if (this.#state === "send") {
      if (this.#answersAlert) this.#alertAnswered();
      if (this.#acked) this.#sending = this.#reply.next();
      else this.#state = "ignore";
    } else if (!(this.#message as WriteMessage).accepted) {
      this.#state = "ignore";
      this.rejected++;
      this.#message = null;
    }
    this.#shift = 0;
    if (this.#state !== "send") this.#drive(false);
    if (this.#state !== "ignore" && this.stretchNanos > 0) this.#stretch();
  }

  #alertAnswered(): void {
    this.#answersAlert = false;
    this.#alerting = false;
    this.#alert?.drive(this.#name, null);
  }

  #execute(message: WriteMessage): void {
    if (message.count === 0 && !message.broken) {
      this.executed.push("quick write");
      return;
    }
    const write = message.finish();
    if (!write) {
      this.rejected++;
      return;
    }
    this.#command = write.command;
    const name = `0x${write.command.toString(16).padStart(2, "0")}`;
    if (write.data === null) {
      this.executed.push(`command ${name}`);
    } else {
      this.registers[write.command] = write.data;
      this.executed.push(`write ${name} of ${write.data.length}`);
    }
  }

  #stretch(): void {
    this.#stretching = true;
    this.#scl.drive(this.#name, false);
    this.#clock.schedule(this.stretchNanos, () => {
      if (!this.#stretching) return;
      this.#stretching = false;
      this.#scl.drive(this.#name, null);
    });
  }

  /**
   * Watches for tTIMEOUT, with one scheduled action for as long as a message lasts instead of one for each
   * clock.
   */
  #watch(nanos: number): void {
    this.#watching = true;
    this.#clock.schedule(nanos, () => {
      this.#watching = false;
      const left = this.#sclFellNanos + TIMEOUT_NANOS - this.#clock.nanos;
      if (!this.#scl.level && left <= 0) {
        this.timeouts++;
        this.#message = null;
        this.#pending = [];
        this.#state = "ignore";
        this.#release();
      } else if (this.#state !== "ignore") {
        this.#watch(this.#scl.level ? TIMEOUT_NANOS : left);
      }
    });
  }

  #drive(low: boolean): void {
    if (low === this.#sdaLow) return;
    this.#sdaLow = low;
    this.#clock.schedule(DATA_HOLD_NANOS, () => this.#sda.drive(this.#name, this.#sdaLow ? false : null));
  }

  #release(): void {
    if (this.#stretching) this.#scl.drive(this.#name, null);
    this.#stretching = false;
    if (!this.#sdaLow) return;
    this.#sdaLow = false;
    this.#sda.drive(this.#name, null);
  }
}

/** The first value of each register. Bytes start as 0xff, so that a quick read can be ended by a STOP. */
function initialRegister(command: number): Uint8Array {
  const kind = registerKind(command);
  if (kind === "word") return Uint8Array.of(command, command ^ 0xff);
  return kind === "block" ? Uint8Array.of(command, 1, 2, 3) : Uint8Array.of(0xff);
}
