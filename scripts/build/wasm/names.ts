/**
 * The name section of a module (core specification, appendix 7.4.1), which has the functions' source names.
 */
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

const CUSTOM_SECTION = 0;
const FUNCTION_NAMES = 1;
const HEADER_BYTES = 8;

/**
 * Returns the name of each function by index, imported functions included; empty if the module has no
 * names.
 */
export function functionNames(bytes: Uint8Array): Map<number, string> {
  const names = new Map<number, string>();
  for (const { id, reader } of sections(bytes)) {
    if (id !== CUSTOM_SECTION || reader.name() !== "name") continue;
    while (!reader.done) {
      const kind = reader.byte();
      const end = reader.u32() + reader.at;
      if (kind === FUNCTION_NAMES) {
        for (let count = reader.u32(); count > 0; count--) names.set(reader.u32(), reader.name());
      }
      reader.at = end;
    }
  }
  return names;
}

/** Returns the module without names and other custom sections, which would only take up flash. */
export function withoutCustomSections(bytes: Uint8Array): Uint8Array {
  const out = new Writer().raw(bytes.subarray(0, HEADER_BYTES));
  for (const { id, reader } of sections(bytes)) {
    if (id !== CUSTOM_SECTION) out.section(id, (inner) => inner.raw(bytes.subarray(reader.at, reader.end)));
  }
  return out.finish();
}

function* sections(bytes: Uint8Array): Generator<{ id: number; reader: Reader }> {
  const file = new Reader(bytes, HEADER_BYTES);
  while (!file.done) {
    const id = file.byte();
    const length = file.u32();
    yield { id, reader: new Reader(bytes, file.at, file.at + length) };
    file.at += length;
  }
}
