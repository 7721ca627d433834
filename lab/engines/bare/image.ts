/**
 * Links code without a host for simulator/tools/bare.ts: translated modules, C, or wasm3 without a module.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contract } from "../../../abi/contract.ts";
import { translate } from "../../../scripts/build/aot/translate.ts";
import { CPU, HOST_FLAGS, LOGIC_FLAGS, wasm3Library } from "../../../scripts/build/engines.ts";
import { type Compilation, compileAll, PREFIX, run } from "../../../scripts/build/toolchain.ts";
import { readModule } from "../../../scripts/build/wasm/module.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const HOST = join(PROJECT, "host");
const BARE = join(PROJECT, "lab/engines/bare");
const CACHE = join(PROJECT, "build/cache");
const INCLUDES = [HOST, join(HOST, "generated"), join(HOST, "engine/aot")];

export interface BareParts {
  /** A module to translate; its exports become functions named by `exportInC`. */
  readonly module?: Uint8Array;
  readonly wasm3?: boolean;
  readonly further?: readonly Compilation[];
  /**
   * The functions that will be called. The linker drops everything of wasm3 and `further` that they do not
   * need.
   */
  readonly calls?: readonly string[];
  /** Another cache, for modules that are built only once: their objects are not worth keeping. */
  readonly cache?: string;
}

/** Writes `out`/image.elf and returns its path. Throws an Error with the message of compiler or linker. */
export async function bareImage(out: string, parts: BareParts): Promise<string> {
  mkdirSync(out, { recursive: true });
  const compilations: Compilation[] = [
    { source: join(HOST, "start.S"), flags: CPU, includes: [HOST] },
    { source: join(BARE, "bare.c"), flags: HOST_FLAGS, includes: INCLUDES },
    ...(parts.further ?? []),
  ];
  if (parts.wasm3) compilations.push(...wasm3Library());
  const objects = await compileAll(compilations, CACHE);
  if (parts.module) {
    const logic = join(out, "logic.c");
    writeFileSync(logic, translate(readModule(parts.module)));
    const translated = [
      { source: logic, flags: LOGIC_FLAGS, includes: INCLUDES },
      { source: join(HOST, "engine/aot/fault.c"), flags: HOST_FLAGS, includes: INCLUDES },
    ];
    objects.push(...(await compileAll(translated, parts.cache ?? CACHE)));
  }
  const elf = join(out, "image.elf");
  await run(`${PREFIX}gcc`, [
    ...CPU,
    "-nostartfiles",
    "--specs=nano.specs",
    "-Wl,--gc-sections,--fatal-warnings,--no-warn-rwx-segments",
    ...(parts.calls ?? []).map((name) => `-Wl,-u,${name}`),
    `-Wl,--defsym=LINEAR_MEMORY_BYTES=${contract.memory.bytes}`,
    "-T",
    join(BARE, "bare.ld"),
    ...objects,
    "-lc",
    "-lgcc",
    "-o",
    elf,
  ]);
  return elf;
}
