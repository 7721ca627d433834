/**
 * Random modules: Binaryen's fuzzer makes WebAssembly from random bytes, and `integersOnly` removes
 * floating point.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../scripts/build/toolchain.ts";
import { integersOnly } from "./integers.ts";

const WASM_OPT = fileURLToPath(new URL("../../node_modules/binaryen/bin/wasm-opt", import.meta.url));
const OPTIONS = ["--translate-to-fuzz", "-mvp", "--enable-sign-ext", "-q"];
/** More bytes make larger modules. Our choice: 4000 give about a thousand instructions. */
const SEED_BYTES = 4000;

function randomBytes(seed: number): Uint8Array {
  const parts: Buffer[] = [];
  for (let index = 0; index * 32 < SEED_BYTES; index++)
    parts.push(createHash("sha256").update(`module ${seed}/${index}`).digest());
  return Buffer.concat(parts);
}

/** Returns the same module for the same seed. Throws an Error if the result is not a valid module. */
export async function randomModule(seed: number, folder: string): Promise<Uint8Array> {
  mkdirSync(folder, { recursive: true });
  const [input, output] = [join(folder, "random.bin"), join(folder, "random.wasm")];
  writeFileSync(input, randomBytes(seed));
  await run(process.execPath, [WASM_OPT, input, ...OPTIONS, "-o", output]);
  const module = integersOnly(readFileSync(output));
  if (!WebAssembly.validate(new Uint8Array(module))) throw new Error(`seed ${seed} became an invalid module`);
  return module;
}
