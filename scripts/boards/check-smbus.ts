/** Checks of a board's SMBus address and of what it tells of itself over PMBus. */
import type { BoardParts } from "./parts.ts";
import type { Problem } from "./problem.ts";

/** The slot straps have four bits. A board may connect fewer, but all 16 addresses are kept free. */
const SLOTS = 16;

/**
 * I2C reserves the addresses outside this range: general call, high speed, ten-bit addresses (UM10204,
 * table 4).
 */
const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;

/** SMBus 3.2, appendix C. PMBus uses the two of ACCESS.bus for its zone commands. */
const RESERVED: ReadonlyMap<number, string> = new Map([
  [0x08, "the SMBus host"],
  [0x0c, "the Alert Response Address"],
  [0x28, "ACCESS.bus hosts"],
  [0x37, "the ACCESS.bus default address"],
  ...[0x48, 0x49, 0x4a, 0x4b].map((address) => [address, "prototypes"] as const),
  [0x61, "the SMBus device default address"],
]);

export function smbusProblems({ smbusAddress }: BoardParts): Problem[] {
  if (smbusAddress === undefined) return [];
  const clash = firstClash(smbusAddress);
  if (clash === undefined) return [];
  const message = `is ${smbusAddress}: ${clash}; allowed: ${allowedAddresses()}`;
  return [{ path: ["smbus", "address"], message }];
}

/** Returns what is wrong with the address of the first slot that clashes, for this address of slot 0. */
function firstClash(base: number): string | undefined {
  for (let slot = 0; slot < SLOTS; slot++) {
    const address = base + slot;
    const place = `slot ${slot} would be at ${hex(address)}`;
    if (address < FIRST_ADDRESS || address > LAST_ADDRESS) {
      return `${place}, and a target must be within ${hex(FIRST_ADDRESS)} to ${hex(LAST_ADDRESS)}`;
    }
    const owner = RESERVED.get(address);
    if (owner !== undefined) return `${place}, which is reserved for ${owner}`;
  }
  return undefined;
}

/** Returns all possible addresses of slot 0, in runs: "13 to 24 (0x0d to 0x18), ...". */
function allowedAddresses(): string {
  const runs: [first: number, last: number][] = [];
  for (let base = FIRST_ADDRESS; base <= LAST_ADDRESS; base++) {
    if (firstClash(base) !== undefined) continue;
    const run = runs.at(-1);
    if (run?.[1] === base - 1) run[1] = base;
    else runs.push([base, base]);
  }
  const range = (first: string, last: string) => (first === last ? first : `${first} to ${last}`);
  return runs
    .map(([first, last]) => `${range(String(first), String(last))} (${range(hex(first), hex(last))})`)
    .join(", ");
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

export function identityProblems({ date }: BoardParts): Problem[] {
  if (date === undefined || isDay(date)) return [];
  const message = `is "${date}", which is not a date; allowed: YYMMDD`;
  return [{ path: ["identity", "date"], message }];
}

/** Returns whether these six digits are a date in 2000 to 2099. */
function isDay(date: string): boolean {
  const [year, month, day] = [0, 2, 4].map((start) => Number(date.slice(start, start + 2)));
  const found = new Date(Date.UTC(2000 + (year ?? 0), (month ?? 0) - 1, day));
  return found.getUTCMonth() + 1 === month && found.getUTCDate() === day;
}
