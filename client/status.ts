/**
 * Reads all status registers of a slot: the bits that are set in each, and the last power fault.
 */
import { AbsentError, PageError } from "./bus.ts";
import { pagesOf, type Rail } from "./rails.ts";
import type { SlotCommands } from "./slot-commands.ts";
import { commandNamed, type ReadableName, type ValueOf } from "./values.ts";

const REGISTERS = [
  "STATUS_WORD",
  "STATUS_VOUT",
  "STATUS_IOUT",
  "STATUS_INPUT",
  "STATUS_TEMPERATURE",
  "STATUS_CML",
  "STATUS_MFR_SPECIFIC",
] as const satisfies readonly ReadableName[];

export interface StatusRegister {
  readonly name: (typeof REGISTERS)[number];
  /** Undefined for a register that all pages have in common. */
  readonly page?: number;
  readonly bits: ReadonlySet<string>;
}

export interface SlotStatus {
  /** Why the BMC is in its minimal state, in which it runs no logic; null where it is not. */
  readonly minimal: string | null;
  /** MFR_POWER_STATE by name. */
  readonly power: string;
  /** MFR_BOOT_STAGE by name; null in the minimal state, where the BMC does not follow the boot. */
  readonly bootStage: string | null;
  readonly rails: readonly Rail[];
  /** The registers that the device has, those of each rail included. */
  readonly registers: readonly StatusRegister[];
  /** Why one of the pages could not be read, or null. The rest of the status is valid in any case. */
  readonly unread: PageError | null;
  /** Null in the minimal state, where the BMC keeps no record of it. */
  readonly lastFault: ValueOf<"MFR_LAST_FAULT"> | null;
}

/** Returns why the BMC is in its minimal state; null where it is not. */
export async function minimalOf(slot: SlotCommands): Promise<string | null> {
  if (!(await slot.get("STATUS_MFR_SPECIFIC")).has("MINIMAL")) return null;
  return (await slot.get("MFR_FIRMWARE")).replace(/^minimal: /, "");
}

/** Reads everything and clears nothing. */
export async function statusOf(slot: SlotCommands): Promise<SlotStatus> {
  const minimal = await minimalOf(slot);
  const rails = await slot.rails();
  const registers: StatusRegister[] = [];
  let unread: PageError | null = null;
  for (const name of REGISTERS) {
    for (const page of pagesOf(name, rails)) {
      const where = page === undefined ? {} : { page };
      try {
        registers.push({ name, ...where, bits: await slot.get(name, where) });
      } catch (error) {
        if (error instanceof PageError) unread = error;
        else if (!(error instanceof AbsentError)) throw error;
      }
    }
  }
  const power = valueName("MFR_POWER_STATE", await slot.get("MFR_POWER_STATE"));
  const shared = { minimal, power, rails, registers, unread };
  if (minimal !== null) return { ...shared, bootStage: null, lastFault: null };
  const bootStage = valueName("MFR_BOOT_STAGE", await slot.get("MFR_BOOT_STAGE"));
  return { ...shared, bootStage, lastFault: await slot.get("MFR_LAST_FAULT") };
}

/** The name of a number where it has one, else the number. */
function valueName(command: ReadableName, value: number): string {
  const values = commandNamed(command)?.values ?? {};
  return Object.keys(values).find((name) => values[name] === value) ?? `${value}`;
}
