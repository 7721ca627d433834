/** What a client may ask of a served slot. Each request checks all its arguments before it does anything. */
import { didYouMean } from "../../cli/nearest.ts";
import { safeLine } from "../../cli/safe-text.ts";
import type { Arguments } from "./arguments.ts";
import { LIMITS, RequestError } from "./protocol.ts";
import { refusalOf } from "./served-bus.ts";
import type { ServedSlot } from "./served-slot.ts";

/** The server as a request sees it. */
export interface Server {
  readonly served: ServedSlot;
  /** Number of clients attached, consoles included. */
  clients(): number;
  /** Shows one line to the user of the server. */
  report(event: string): void;
  /** Ends the server soon, after this request has its answer. */
  stop(): void;
}

/** `isGone` aborts when the client that asks has left. */
type Handler = (given: Arguments, server: Server, isGone: AbortSignal) => object | Promise<object>;

/** Speeds that the simulated controller can send at. */
const SLOWEST_HZ = 10_000;
const FASTEST_HZ = 1_000_000;
/** Our choice: beyond any supply of a rack, and within the input's model. */
const LARGEST_SUPPLY_MV = 26_000;
const LARGEST_LOAD_MA = 20_000;

const HANDLERS: Readonly<Record<string, Handler>> = {
  "bus.write": async (given, { served }) => {
    const message = messageOf(given);
    given.end();
    served.slot.smbus.hz = message.hz;
    await onBus(served.bus.write(message.address, message.send));
    return {};
  },
  "bus.read": async (given, { served }) => {
    const message = messageOf(given);
    const length = given.isText("length", "block") ? "block" : given.number("length", 1, LIMITS.messageBytes);
    const extra = given.number("extra", 0, 8, 0);
    given.end();
    served.slot.smbus.hz = message.hz;
    const data = await onBus(served.bus.read(message.address, message.send, length, extra));
    return { data: Buffer.from(data).toString("hex") };
  },
  pause: async (given, { served }, isGone) => {
    const ms = given.number("ms", 0, LIMITS.pauseMs);
    given.end();
    await served.pause(ms, isGone);
    return {};
  },
  status: (given, server) => {
    given.end();
    return server.served.facts(server.clients());
  },
  faults: (given, { served }) => {
    given.end();
    return served.faults();
  },
  "fault.inject": (given, { served, report }) => {
    const name = given.text("name");
    given.end();
    const description = served.injectFault(name);
    report(`fault ${name}: ${description}`);
    return { description };
  },
  "fault.clear": (given, { served, report }) => {
    const name = given.text("name");
    given.end();
    const cleared = served.clearFaults(name);
    for (const one of cleared) report(`fault ${one} taken back`);
    return { cleared };
  },
  "board.pull": (given, { served, report }) => {
    given.end();
    served.plug(false);
    report("compute board pulled out");
    return {};
  },
  "board.plug": (given, { served, report }) => {
    given.end();
    served.plug(true);
    report("compute board plugged in");
    return {};
  },
  supply: (given, { served, report }) => {
    const mv = given.number("mv", 0, LARGEST_SUPPLY_MV);
    given.end();
    served.supply(mv);
    report(`the rack's supply is set to ${mv / 1000} V`);
    return {};
  },
  load: (given, { served, report }) => {
    const ma = given.isNull("ma") ? null : given.number("ma", 0, LARGEST_LOAD_MA);
    given.end();
    served.load(ma);
    report(ma === null ? "the compute board draws its own current" : `the load is set to ${ma / 1000} A`);
    return {};
  },
  "bmc.reset": (given, { served, report }) => {
    given.end();
    served.restartBmc("reset");
    report("the BMC is reset by its RUN pin");
    return {};
  },
  "bmc.power-cycle": (given, { served, report }) => {
    given.end();
    served.restartBmc("power-cycle");
    report("the BMC's own supply went away and came back");
    return {};
  },
  stop: (given, { stop, report }) => {
    given.end();
    report("a client ends the server");
    stop();
    return {};
  },
};

function messageOf(given: Arguments): { address: number; send: Uint8Array; hz: number } {
  return {
    address: given.number("address", 0, 0x7f),
    send: given.bytes("send", LIMITS.messageBytes),
    hz: given.number("hz", SLOWEST_HZ, FASTEST_HZ, 100_000),
  };
}

async function onBus<T>(message: Promise<T>): Promise<T> {
  try {
    return await message;
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Carries out a request. Throws a RequestError that says what is wrong with it. */
export async function carryOut(
  name: string,
  given: Arguments,
  server: Server,
  isGone: AbortSignal,
): Promise<object> {
  const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
  if (handler !== undefined) return await handler(given, server, isGone);
  const known = Object.keys(HANDLERS);
  throw new RequestError(
    "unknown-request",
    `unknown request "${safeLine(name.slice(0, 64))}"; ` +
      `known requests: ${known.join(", ")}${didYouMean(name, known)}`,
  );
}
