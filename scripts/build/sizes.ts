/** The flash and SRAM that an image uses, compared with the budgets, as data and as a table. */
import { join } from "node:path";
import type { EngineName } from "../../boards/image.ts";
import type { Firmware } from "./firmware.ts";
import { PREFIX, run } from "./toolchain.ts";

export interface Sizes {
  readonly engine: EngineName;
  readonly image_bytes: number;
  readonly wasm_bytes: number;
  readonly flash_used_bytes: number;
  readonly flash_budget_bytes: number;
  readonly ram_used_bytes: number;
  readonly ram_budget_bytes: number;
  /** Bytes by section of the ELF file. */
  readonly sections: Readonly<Record<string, number>>;
  /**
   * The most native stack that each export can need, if the engine can compute it; null if there is no
   * bound.
   */
  readonly native_stack_bytes?: Readonly<Record<string, number | null>>;
}

/** Reads the sections and the linker script's totals from the ELF file in `out`. */
export async function measureSizes(
  out: string,
  { engine, image, moduleBytes, nativeStackBytes }: Firmware,
): Promise<Sizes> {
  const elf = join(out, "firmware.elf");
  const sections: Record<string, number> = {};
  for (const line of (await run(`${PREFIX}size`, ["-A", elf])).split("\n")) {
    const [, name, bytes, address] = /^(\.\S+)\s+(\d+)\s+(\d+)/.exec(line) ?? [];
    if (name && Number(address) > 0) sections[name] = Number(bytes);
  }
  const symbols = await run(`${PREFIX}nm`, [elf]);
  const symbol = (name: string) => {
    const found = new RegExp(`^([0-9a-f]+) \\w ${name}$`, "m").exec(symbols);
    if (!found) throw new Error(`host/link.ld does not define ${name}`);
    return Number.parseInt(found[1] ?? "", 16);
  };
  return {
    engine,
    image_bytes: image.length,
    wasm_bytes: moduleBytes,
    flash_used_bytes: symbol("flash_used_bytes"),
    flash_budget_bytes: symbol("FLASH_BUDGET_BYTES"),
    ram_used_bytes: symbol("ram_used_bytes"),
    ram_budget_bytes: symbol("SRAM_BUDGET_BYTES"),
    sections,
    native_stack_bytes: nativeStackBytes,
  };
}

export function sizeTable(sizes: Sizes): string {
  const row = (name: string, used: number, budget: number) =>
    `  ${name.padEnd(8)}${used.toLocaleString("en").padStart(9)} of ${budget.toLocaleString("en").padStart(7)} bytes  ${Math.round((used / budget) * 100)} %`;
  const stack = Object.entries(sizes.native_stack_bytes ?? {}).map(([name, bytes]) => {
    const most = bytes === null ? "no bound: it may recurse" : `${bytes.toLocaleString("en")} bytes at most`;
    return `  native stack in ${name}: ${most}`;
  });
  const parts = Object.entries(sizes.sections)
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => `  ${name.padEnd(16)}${bytes.toLocaleString("en").padStart(9)}`);
  return [
    row("flash", sizes.flash_used_bytes, sizes.flash_budget_bytes),
    row("SRAM", sizes.ram_used_bytes, sizes.ram_budget_bytes),
    `  of it, by section (engine ${sizes.engine}; the module is ${sizes.wasm_bytes.toLocaleString("en")} bytes of WebAssembly):`,
    ...parts.map((part) => `  ${part}`),
    ...stack,
  ].join("\n");
}
