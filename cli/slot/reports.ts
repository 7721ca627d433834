/** What `npm run slot` prints about a served slot. */
import type { FaultList, Greeting, SlotFacts } from "../../simulator/serve/protocol.ts";

const NAMES = {
  off: "off",
  rails: "rails up, compute board without power",
  reset: "on, compute board held in reset",
  on: "on",
} as const;

export function statusLines(greeting: Greeting, facts: SlotFacts): string[] {
  const rails = facts.rails.map(
    ({ name, enabled, power_good, mv }) =>
      `${name} ${volts(mv)}${enabled ? "" : " disabled"}${enabled && !power_good ? " without power-good" : ""}`,
  );
  const load = facts.load_ma === null ? "" : ", a load that was set";
  const rows: readonly (readonly [string, string])[] = [
    ["slot", `${greeting.name}: board ${greeting.board} at 0x${greeting.address.toString(16)}`],
    ["power", NAMES[facts.power]],
    ["compute board", facts.board_plugged ? facts.stage : "not plugged in"],
    ["rails", rails.join(", ")],
    ["output", `${volts(facts.output_mv)}, ${(facts.output_ma / 1000).toFixed(3)} A${load}`],
    ["input", `${volts(facts.input_mv)}, the rack's supply is set to ${volts(facts.supply_mv)}`],
    ["faults", facts.faults.length > 0 ? facts.faults.join(", ") : "none"],
    ["SMBALERT#", facts.alert === null ? "not wired" : facts.alert ? "asserted" : "not asserted"],
    ["BMC", facts.chip === "running" ? "running" : `stopped: ${facts.chip}`],
    ["emulated time", `${facts.emulated_s.toFixed(3)} s, ${facts.strict_warnings} strict warnings`],
    ["attached", `${facts.clients}, this one included`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(15)}${value}`);
}

function volts(mv: number): string {
  return `${(mv / 1000).toFixed(2)} V`;
}

export function faultLines({ in_force, known }: FaultList): string[] {
  const width = Math.max(...known.map(({ name }) => name.length)) + 2;
  const lines = known.map(
    ({ name, description }) => `${in_force.includes(name) ? "* " : "  "}${name.padEnd(width)}${description}`,
  );
  const inForce = in_force.length > 0 ? `in force (*): ${in_force.join(", ")}` : "no fault is in force";
  return [...lines, inForce];
}
