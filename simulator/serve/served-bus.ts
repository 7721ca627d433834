/**
 * The client's transport to a served slot, and the errors of a bus on their way through the socket. With the
 * simulated bus and the request for a message, these are the files of the simulator that know the client.
 */
import {
  ArbitrationLostError,
  BusTimeoutError,
  NoAnswerError,
  NotAcknowledgedError,
  type SmbusBus,
} from "@racklet/client";
import type { ServedClient } from "./client.ts";
import { RequestError } from "./protocol.ts";

/** The errors of a transport by their names on the socket. */
const ERRORS = {
  "no-answer": NoAnswerError,
  "not-acknowledged": NotAcknowledgedError,
  "bus-timeout": BusTimeoutError,
  "arbitration-lost": ArbitrationLostError,
} as const;

/** The refusal that stands for an error of the bus; any other error as it is. */
export function refusalOf(error: unknown): unknown {
  const found = Object.entries(ERRORS).find(([, kind]) => error instanceof kind);
  return found === undefined ? error : new RequestError(found[0], (error as Error).message);
}

export class ServedBus implements SmbusBus {
  readonly #client: ServedClient;
  readonly #hz: number;

  /** `hz`: speed of this bus' messages; other clients have their own. */
  constructor(client: ServedClient, hz = 100_000) {
    this.#client = client;
    this.#hz = hz;
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    await this.#ask("bus.write", address, { send: hexOf(bytes) });
  }

  async read(address: number, sent: Uint8Array, length: number | "block", extra = 0): Promise<Uint8Array> {
    const result = await this.#ask("bus.read", address, { send: hexOf(sent), length, extra });
    return Buffer.from((result as { data: string }).data, "hex");
  }

  async #ask(request: string, address: number, more: object): Promise<object> {
    try {
      return await this.#client.ask(request, { address, hz: this.#hz, ...more });
    } catch (error) {
      const kind = error instanceof RequestError ? error.kind : "";
      if (Object.hasOwn(ERRORS, kind)) throw new ERRORS[kind as keyof typeof ERRORS](address);
      throw error;
    }
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
