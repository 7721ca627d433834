/** Checks a module against the contract. The firmware runs only modules that pass this check. */
import { contract } from "../../abi/contract.ts";
import type { Export, Import } from "../../abi/contract-schema.ts";
import { type Instruction, isFloatingPoint } from "./wasm/instructions.ts";
import {
  type FunctionType,
  importedFunctions,
  instructionsOf,
  readModule,
  typeOfFunction,
  type WasmModule,
} from "./wasm/module.ts";
import { functionNames } from "./wasm/names.ts";
import { instantiateWithoutHost } from "./wasm/without-host.ts";

/** The contract's memory in WebAssembly's pages. */
export const MEMORY_PAGES = contract.memory.bytes / 65_536;

/** Throws an Error if the firmware could not run the module. It lists every problem. */
export function checkModule(bytes: Uint8Array): void {
  try {
    new WebAssembly.Module(new Uint8Array(bytes));
  } catch (error) {
    throw new Error(`the module is not valid WebAssembly: ${(error as Error).message}`);
  }
  const problems = problemsOf(bytes);
  if (problems.length === 0) problems.push(...versionProblems(bytes));
  if (problems.length > 0)
    throw new Error(`the module does not fit the contract:\n  ${problems.join("\n  ")}`);
}

function problemsOf(bytes: Uint8Array): string[] {
  let module: WasmModule;
  try {
    module = readModule(bytes);
  } catch (error) {
    return [(error as Error).message];
  }
  return [
    ...importProblems(module),
    ...exportProblems(module),
    ...memoryProblems(module),
    ...tableProblems(module),
    ...instructionProblems(module, namesIn(bytes)),
  ];
}

/** A module can answer one question without a host: which version of the contract it was made for. */
function versionProblems(bytes: Uint8Array): string[] {
  try {
    const exports = instantiateWithoutHost(bytes);
    const version = (exports.contract_version as () => number)();
    if (version === contract.version) return [];
    return [`it was made for version ${version} of the contract, abi/contract.ts has ${contract.version}`];
  } catch (error) {
    return [`it cannot be set up: ${(error as Error).message}`];
  }
}

/** The table is in flash, entry by entry. Our choice: far more than the logic needs. */
const MOST_TABLE_ENTRIES = 1024;
/** Block types without floating point: no result, i32 and i64. */
const PLAIN_BLOCKS: readonly number[] = [-64, -1, -2];
const FLOAT_BLOCKS: readonly number[] = [-3, -4];

const LETTERS = { u32: "i", u64: "j" } as const;

/** Returns a contract function's type in the notation of `typeText`. */
function contractType({ parameters, returns }: Import | Export): string {
  const letters = parameters.map(({ type }) => (typeof type === "object" ? "i" : LETTERS[type]));
  return `${letters.join("")}:${returns ? LETTERS[returns] : ""}`;
}

function typeText({ parameters, results }: FunctionType): string {
  return `${parameters.join("")}:${results.join("")}`;
}

function importProblems(module: WasmModule): string[] {
  const offered = new Map<string, string>([["env.abort", "iiii:"]]);
  for (const item of contract.imports as readonly Import[])
    offered.set(`${contract.module}.${item.name}`, contractType(item));
  return module.imports.flatMap(({ module: from, name, kind, type }) => {
    const wanted = kind === "function" ? offered.get(`${from}.${name}`) : undefined;
    if (wanted === undefined)
      return [`it imports ${kind} ${from}.${name}, which abi/contract.ts does not offer`];
    const found = typeText(module.types[type] as FunctionType);
    return found === wanted
      ? []
      : [`it imports ${from}.${name} with other types than abi/contract.ts has (${found}, not ${wanted})`];
  });
}

function exportProblems(module: WasmModule): string[] {
  const problems: string[] = [];
  for (const item of contract.exports as readonly Export[]) {
    const found = module.exports.find(({ name, kind }) => name === item.name && kind === "function");
    if (!found) problems.push(`it does not export the function ${item.name}`);
    else if (typeText(typeOfFunction(module, found.index)) !== contractType(item))
      problems.push(`it exports ${item.name} with other types than abi/contract.ts has`);
  }
  const { exportName } = contract.memory;
  if (!module.exports.some(({ name, kind }) => name === exportName && kind === "memory"))
    problems.push("it does not export its memory");
  // wasm3 compares names only up to a zero byte.
  if (module.exports.some(({ name }) => name.includes("\0")))
    problems.push("an export's name has a zero byte");
  return problems;
}

/** Names are used in messages only. A module with a damaged name section is still valid. */
function namesIn(bytes: Uint8Array): ReadonlyMap<number, string> {
  try {
    return functionNames(bytes);
  } catch {
    return new Map();
  }
}

/** The entries that a segment writes must be within the table. */
function tableProblems({ table, elements }: WasmModule): string[] {
  const size = table?.minimum ?? 0;
  if (size > MOST_TABLE_ENTRIES) return [`its table has ${size} entries, more than ${MOST_TABLE_ENTRIES}`];
  return elements.flatMap(({ offset, contents }) => {
    const end = offset + contents.length;
    if (end > size) return [`an element segment ends at ${end}, beyond its table of ${size}`];
    return end === 0 ? ["an element segment fills nothing, which wasm3 cannot load"] : [];
  });
}

/** The module must have exactly the memory that the host provides, and its static data must be within it. */
function memoryProblems({ memory, data }: WasmModule): string[] {
  const problems: string[] = [];
  if (memory?.minimum !== MEMORY_PAGES || (memory.maximum ?? MEMORY_PAGES) !== MEMORY_PAGES) {
    problems.push(
      `its memory is ${memory?.minimum ?? 0} to ${memory?.maximum ?? "any"} pages, not exactly ${MEMORY_PAGES}`,
    );
  }
  for (const { offset, contents } of data) {
    const end = offset + contents.length;
    if (end > contract.memory.bytes)
      problems.push(`its data ends at ${end}, beyond the ${contract.memory.bytes} bytes the host gives`);
  }
  return problems;
}

/** Floating point is refused by name: neither the engines nor the processor support it. */
function instructionProblems(module: WasmModule, names: ReadonlyMap<number, string>): string[] {
  const imported = importedFunctions(module).length;
  const refusal = (what: string) => `it uses floating point (${what}), which the engines do not support`;
  const globals = module.globals.some(({ type }) => /[fd]/.test(type)) ? [refusal("a global")] : [];
  return globals.concat(
    module.functions.flatMap((body, index) => {
      const where = names.get(index + imported) ?? `function ${index + imported}`;
      const { parameters, results } = module.types[body.type] as FunctionType;
      if ([...parameters, ...results, ...body.locals].some((type) => /[fd]/.test(type)))
        return [refusal(`a value in ${where}`)];
      if (results.length > 1) return [`${where} returns more than one value`];
      try {
        for (const { operation, index: type } of instructionsOf(module, body) as Iterable<Instruction>) {
          const isBlock = operation.immediate === "block";
          if (isFloatingPoint(operation) || (isBlock && FLOAT_BLOCKS.includes(type)))
            return [refusal(`${operation.name} in ${where}`)];
          if (isBlock && !PLAIN_BLOCKS.includes(type))
            return [`${where} has a ${operation.name} with parameters or several results`];
        }
      } catch (error) {
        return [`${where}: ${(error as Error).message}`];
      }
      return [];
    }),
  );
}
