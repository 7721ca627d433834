/** Small modules for the engine tests: each exported function tests one thing. */
import { MEMORY_PAGES } from "../../../scripts/build/check-module.ts";
import type { ValueType } from "../../../scripts/build/wasm/instructions.ts";
import { Writer } from "../../../scripts/build/wasm/writer.ts";

const CODES: Readonly<Record<string, number>> = { i: 0x7f, j: 0x7e };

export interface MadeFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType;
  /** The instructions without the final `end`. */
  readonly body: (to: Writer) => void;
}

export interface MadeModule {
  readonly functions: readonly MadeFunction[];
  /** The functions in the table, by name. */
  readonly table?: readonly string[];
  readonly tableSize?: number;
  /** Further segments of the table: the offset and the functions. */
  readonly elements?: readonly (readonly [number, readonly string[]])[];
  readonly data?: Uint8Array;
  /** Further segments of memory. */
  readonly segments?: readonly (readonly [number, Uint8Array])[];
  /** The start function, by name. */
  readonly start?: string;
}

/**
 * Makes a module with the contract's memory and every function exported by name. Type indices equal
 * function indices.
 */
export function makeModule(made: MadeModule): Uint8Array {
  const { functions, table = [], tableSize, elements = [], data, segments = [], start } = made;
  const indexOf = (name: string) => functions.findIndex((one) => one.name === name);
  const out = new Writer().raw([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const types = (list: Writer, one: readonly ValueType[]) =>
    list.vector(one, (type) => list.byte(CODES[type] as number));
  out.section(1, (inner) =>
    inner.vector(functions, ({ parameters, result }) => {
      inner.byte(0x60);
      types(inner, parameters);
      types(inner, result === undefined ? [] : [result]);
    }),
  );
  out.section(3, (inner) => inner.vector([...functions.keys()], (index) => inner.u32(index)));
  if (table.length > 0) out.section(4, (inner) => inner.byte(1, 0x70, 0).u32(tableSize ?? table.length));
  out.section(5, (inner) => inner.byte(1, 1).u32(MEMORY_PAGES).u32(MEMORY_PAGES));
  out.section(7, (inner) => {
    inner
      .u32(functions.length + 1)
      .name("memory")
      .byte(2, 0);
    for (const [index, { name }] of functions.entries()) inner.name(name).byte(0).u32(index);
  });
  if (start !== undefined) out.section(8, (inner) => inner.u32(indexOf(start)));
  if (table.length > 0) {
    out.section(9, (inner) =>
      inner.vector([[0, table] as const, ...elements], ([offset, names]) => {
        inner.byte(0, 0x41).signed(BigInt(offset)).byte(0x0b);
        inner.vector(names, (name) => inner.u32(indexOf(name)));
      }),
    );
  }
  out.section(10, (inner) =>
    inner.vector(functions, ({ body }) =>
      inner.sized((code) => {
        code.u32(0);
        body(code);
        code.byte(0x0b);
      }),
    ),
  );
  const allData = data ? [[0, data] as const, ...segments] : segments;
  out.section(11, (inner) =>
    inner.vector(allData, ([offset, bytes]) =>
      inner.byte(0, 0x41).signed(BigInt(offset)).byte(0x0b).u32(bytes.length).raw(bytes),
    ),
  );
  return out.finish();
}

/** Pushes all parameters. */
export function pushParameters(to: Writer, count: number): void {
  for (let index = 0; index < count; index++) to.byte(0x20).u32(index);
}
