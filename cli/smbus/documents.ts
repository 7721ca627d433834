/**
 * The answers of `--json`: one document for each command that has one, with the names of the protocol,
 * numbers in the unit that their name or `unit` says, and null for what the slot does not have.
 */
import {
  commandNamed,
  type FieldValues,
  limitOf,
  NUMBERS,
  nameIn,
  probePmbus,
  type Rail,
  railName,
  readEvents,
  readTrace,
  type ValueOf,
} from "@racklet/client";
import { CODES } from "./channels.ts";
import { eventLine, faultText, isFault } from "./event-text.ts";
import { railsOf } from "./rails.ts";
import { addressesInUse, readSensors, slotOf } from "./reports.ts";
import type { Session } from "./session.ts";

/** Asks the slot and returns what `JSON.stringify` prints. */
export type Document = (session: Session) => Promise<object>;

type Fault = ValueOf<"MFR_LAST_FAULT">;

export async function scanDocument(session: Session): Promise<object> {
  const devices = (await addressesInUse(session)).map(({ address, ...what }) => ({
    address,
    slot: slotOf(session, address),
    ...what,
  }));
  return { devices };
}

export async function statusDocument(session: Session): Promise<object> {
  const { minimal, power, bootStage, registers, unread, lastFault } = await session.client.status();
  const rails = await railsOf(session);
  return {
    minimal,
    power,
    bootStage,
    rails,
    registers: registers.map(({ name, page = null, bits }) => ({ name, page, bits: [...bits] })),
    lastFault: lastFault && faultFields(lastFault, rails),
    unread: unread?.message ?? null,
  };
}

export async function sensorsDocument(session: Session): Promise<object> {
  const rails = await railsOf(session);
  const { found, unread } = await readSensors(session, rails);
  const sensors = found.map(({ line: { name, page }, values }) => {
    const [value = null, lowFault = null, lowWarning = null, highWarning = null, highFault = null] = values;
    return {
      name,
      page: page ?? null,
      rail: page === undefined ? null : railName(rails, page),
      unit: commandNamed(name)?.unit ?? null,
      ...{ value, lowFault, lowWarning, highWarning, highFault },
    };
  });
  return { sensors, unread: unread?.message ?? null };
}

export async function eventsDocument(session: Session): Promise<object> {
  const rails = await railsOf(session);
  const events: object[] = [];
  for await (const event of readEvents(session.client)) {
    const { kind = null, origin = null, ...rest } = event;
    events.push({ ...rest, kind, origin, text: eventLine(event, rails) });
  }
  return { events };
}

export async function faultDocument(session: Session): Promise<object> {
  const fault = await session.client.get("MFR_LAST_FAULT");
  return { fault: faultFields(fault, await railsOf(session)) };
}

/** The fields of MFR_LAST_FAULT that mean something for this fault; null where there is none. */
function faultFields(fault: Fault, rails: readonly Rail[]): object | null {
  if (!isFault(fault)) return null;
  const { reason, page, latched, count, time_us, vin_mv, iout_ma } = fault;
  const isLimit = reason === NUMBERS.FAULT_REASON.LIMIT;
  const fields: FieldValues = fault;
  const outputs = rails.map((rail) => ({ ...rail, vout_mv: fields[`vout_${rail.page}_mv`] ?? null }));
  return {
    reason: nameIn("FAULT_REASON", reason) ?? reason,
    text: faultText(fault, rails),
    page,
    rail: railName(rails, page),
    limit: isLimit ? limitOf(fault.limit) : null,
    latched: latched !== 0,
    count,
    time_us,
    readings: fault.measured ? { vin_mv, iout_ma, outputs } : null,
  };
}

export async function traceDocument(session: Session): Promise<object> {
  const trace = await readTrace(session.client);
  if (trace === null) return { trace: null };
  const columns = session.connection.channels ?? CODES;
  return {
    trace: {
      period_ns: trace.period_ns,
      after: trace.after,
      columns: columns.map(({ name, unit }) => ({ name, unit })),
      rounds: trace.rounds.map((codes) => columns.map(({ channel, value }) => value(codes[channel] ?? 0))),
    },
  };
}

export async function probeDocument(session: Session): Promise<object> {
  const rails = await railsOf(session);
  const found = await probePmbus(session.bus, session.address).finally(() => session.client.forgetPage());
  return { address: session.address, minimal: await session.client.minimal(), rails, ...found };
}
