/**
 * The client's transport to a simulated slot: the controller on its backplane sends each message bit by bit.
 * Emulated time passes for as long as the message takes, and otherwise stands still.
 */

import {
  ArbitrationLostError,
  BusTimeoutError,
  NoAnswerError,
  NotAcknowledgedError,
  type SmbusBus,
} from "@racklet/client";
import type { Outcome } from "../devices/smbus/outcome.ts";
import { rawMessage } from "../devices/smbus/protocols.ts";
import { ending, type Protocol, START, STOP, type Steps } from "../devices/smbus/steps.ts";
import type { Slot } from "./slot.ts";

/** Where a NACK means that no target took the address: at the start, or for the part that reads. */
const ADDRESS_PLACES = ["address", "read-address"];

export class SimulatedBus implements SmbusBus {
  readonly #slot: Pick<Slot, "transfer">;

  constructor(slot: Pick<Slot, "transfer">) {
    this.#slot = slot;
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    this.#transfer(address, rawMessage(address, bytes));
  }

  async read(address: number, sent: Uint8Array, length: number | "block", extra = 0): Promise<Uint8Array> {
    const protocol =
      length === "block" ? rawBlock(address, sent, extra) : rawMessage(address, sent, length + extra);
    return this.#transfer(address, protocol).data;
  }

  #transfer(address: number, protocol: Protocol): Outcome {
    const outcome = this.#slot.transfer(protocol);
    switch (outcome.kind) {
      case "nack":
        if (ADDRESS_PLACES.includes(outcome.at)) throw new NoAnswerError(address);
        throw new NotAcknowledgedError(address);
      case "timeout":
        throw new BusTimeoutError(address);
      case "arbitration-lost":
        throw new ArbitrationLostError(address);
      default:
        return outcome;
    }
  }
}

/**
 * Sends bytes, repeats the START, then reads as many bytes as the first one says and `extra` more. After a
 * count of 0 with nothing behind it one byte is read all the same: a target that sends must see a NACK before
 * the STOP.
 */
function rawBlock(address: number, sent: Uint8Array, extra: number): Protocol {
  return {
    name: `raw block read after ${sent.length} bytes`,
    *steps(): Steps {
      yield START;
      yield { op: "write", byte: address << 1, at: "address" };
      for (const byte of sent) yield { op: "write", byte, at: "data" };
      yield START;
      yield { op: "write", byte: (address << 1) | 1, at: "read-address" };
      const answer = [yield { op: "read", ack: true, at: "count" }];
      const more = Math.max(1, (answer[0] as number) + extra);
      for (let left = more - 1; left >= 0; left--)
        answer.push(yield { op: "read", ack: left > 0, at: "data" });
      yield STOP;
      return ending("ok", "stop", Uint8Array.from(answer));
    },
  };
}
