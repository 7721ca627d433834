/** The commands that show what the slot has recorded: events, last fault, trace, energy. Also its policy. */

import { COMMANDS, NUMBERS, readEvents, readTrace, type Trace } from "@racklet/client";
import { UsageError } from "../usage-error.ts";
import { nothingMore, oneOf, takeFlag } from "./arguments.ts";
import { type Channel, CODES } from "./channels.ts";
import { eventLine, faultText, isFault, LATCHED_HINT, noFaultText, seconds } from "./event-text.ts";
import { railsOf } from "./rails.ts";
import type { Action, Session } from "./session.ts";
import { paint, shownReadings, table } from "./show.ts";

const POLICIES = { last: "LAST", "always-on": "ALWAYS_ON", "always-off": "ALWAYS_OFF" } as const;
const POLICY_NAMES = Object.keys(POLICIES) as (keyof typeof POLICIES)[];
const UNKNOWN_BOARD =
  "the trace shows the converter's codes: over a real bus it is not known which sensors the board has";
const JOULES_PER_WATT_HOUR = 3600;

export async function showEvents(session: Session): Promise<void> {
  const rails = await railsOf(session);
  let count = 0;
  for await (const event of readEvents(session.client)) {
    const line = eventLine(event, rails);
    session.say(event.kind === "FAULT" ? paint(line, "yellow", session.style) : line);
    count++;
  }
  if (count === 0) session.note("no event is kept");
}

// ------------------------------------------------------------------- the last fault

export function parseFault(args: readonly string[]): Action {
  const [arg, ...more] = args;
  if (arg === undefined) return showFault;
  oneOf("fault command", arg, ["clear"]);
  nothingMore(more, "fault clear");
  return async (session) => {
    await session.client.send("MFR_FAULT_CLEAR");
    session.say("fault  cleared");
  };
}

async function showFault(session: Session): Promise<void> {
  const { client } = session;
  const fault = await client.get("MFR_LAST_FAULT");
  if (fault.reason === NUMBERS.FAULT_REASON.NONE) {
    session.say(`fault  ${noFaultText(fault)}`);
    return;
  }
  const rails = await railsOf(session);
  const trace = await client.call("MFR_TRACE_READ", { round: 0 });
  const traceRow = ["trace", trace.codes.length > 0 ? '"trace" shows it' : "none"];
  if (!isFault(fault)) {
    // The trace may be that of an earlier fault.
    session.say(...table([["fault", noFaultText(fault)], traceRow]));
    return;
  }
  session.say(
    ...table([
      ["fault", faultText(fault, rails)],
      ["at", `${seconds(fault.time_us / 1000)} after the BMC's power-on; ${fault.count} since its start`],
      ...(fault.measured ? [["readings", shownReadings(fault, rails)]] : []),
      ["latched", fault.latched ? `yes: ${LATCHED_HINT}` : "no"],
      traceRow,
    ]),
  );
}

// ------------------------------------------------------------------- its trace

export function parseTrace(args: readonly string[]): Action {
  const { given: csv, rest } = takeFlag(args, "--csv");
  nothingMore(rest, "trace");
  return (session) => showTrace(session, csv);
}

async function showTrace(session: Session, csv: boolean): Promise<void> {
  const trace = await readTrace(session.client);
  if (trace === null) {
    session.note("there is no trace: none is taken until a fault, and clearing that forgets it");
    return;
  }
  const { channels } = session.connection;
  const columns = channels ?? CODES;
  if (channels === null) session.note(UNKNOWN_BOARD);
  const heading = ["us", ...columns.map(({ name, unit }) => `${name} ${unit}`)];
  const rows = [heading, ...traceRows(trace, columns)];
  session.say(...(csv ? rows.map((row) => row.join(",")) : table(rows, [...heading.keys()])));
}

/** One row for each round of the trace. Its time counts from the round in which the BMC noticed the fault. */
function traceRows({ rounds, after, period_ns }: Trace, columns: readonly Channel[]): string[][] {
  const noticed = rounds.length - after;
  return rounds.map((codes, round) => [
    `${((round - noticed) * period_ns) / 1000}`,
    ...columns.map(({ channel, value }) => `${value(codes[channel] ?? 0)}`),
  ]);
}

// ------------------------------------------------------------------- policy and energy

export function parsePolicy(args: readonly string[]): Action {
  const [arg, ...more] = args;
  if (arg === undefined) {
    return async (session) => {
      const value = await session.client.get("MFR_RESTORE_POLICY");
      const { values } = COMMANDS.MFR_RESTORE_POLICY;
      const name = POLICY_NAMES.find((one) => values[POLICIES[one]] === value);
      session.say(`policy  ${name ?? value}`);
    };
  }
  const name = oneOf("policy", arg, POLICY_NAMES);
  if (more.includes("--yes")) throw new UsageError("policy asks for no --yes");
  nothingMore(more, `policy ${name}`);
  return async (session) => {
    await session.client.set("MFR_RESTORE_POLICY", POLICIES[name]);
    session.say(`policy  ${name}`);
  };
}

export async function showEnergy(session: Session): Promise<void> {
  const { energy_mj } = await session.client.get("MFR_ENERGY");
  const joules = energy_mj / 1000;
  session.say(
    `energy  ${joules.toFixed(3)} J (${(joules / JOULES_PER_WATT_HOUR).toFixed(3)} Wh) since the BMC's power-on`,
  );
}
