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
  /** MFR_POWER_STATE and MFR_BOOT_STAGE by name. */
  readonly power: string;
  readonly bootStage: string;
  readonly rails: readonly Rail[];
  /** The registers that the device has, those of each rail included. */
  readonly registers: readonly StatusRegister[];
  /** Why one of the pages could not be read, or null. The rest of the status is valid in any case. */
  readonly unread: PageError | null;
  readonly lastFault: ValueOf<"MFR_LAST_FAULT">;
}

/** Reads everything and clears nothing. */
export async function statusOf(slot: SlotCommands): Promise<SlotStatus> {
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
  return {
    power: valueName("MFR_POWER_STATE", await slot.get("MFR_POWER_STATE")),
    bootStage: valueName("MFR_BOOT_STAGE", await slot.get("MFR_BOOT_STAGE")),
    rails,
    registers,
    unread,
    lastFault: await slot.get("MFR_LAST_FAULT"),
  };
}

/** The name of a number where it has one, else the number. */
function valueName(command: ReadableName, value: number): string {
  const values = commandNamed(command)?.values ?? {};
  return Object.keys(values).find((name) => values[name] === value) ?? `${value}`;
}
