/**
 * Translates a module to one file of C, for the ahead-of-time engine (host/engine/aot/). The module has
 * been checked. The C file needs host/engine/aot/runtime.h for the instructions, and the imports for the
 * calls to the host.
 */
import { importedFunctions, typeOfFunction, type WasmModule } from "../wasm/module.ts";
import { bodyInC, C_TYPES, parametersInC, resultInC } from "./body.ts";
import { callGraph, recursiveFunctions, sameType } from "./call-graph.ts";
import { copiedWords, packData } from "./data.ts";

/** Returns a name as part of a C identifier. Different names give different identifiers. */
function identifier(name: string): string {
  return name.replace(/\W/gu, (letter) => `$${letter.codePointAt(0)?.toString(16)}$`);
}

/** "assembly/shell/run" becomes f12_shell_run: the number makes it unique, the rest makes it readable. */
function localName(name: string, index: number): string {
  const readable = name.replace(/^assembly\//, "").replace(/\W+/g, "_");
  return readable === "" ? `f${index}` : `f${index}_${readable}`;
}

/** Returns the name of the C function for an export. */
export function exportInC(name: string): string {
  return `export_${identifier(name)}`;
}

/**
 * Returns a function that gives the C name for a function index. `names`: the functions' names in the
 * source.
 */
function namesInC(module: WasmModule, names: ReadonlyMap<number, string>): (index: number) => string {
  const imported = importedFunctions(module);
  return (index) => {
    const one = imported[index];
    return one
      ? `import_${identifier(one.name)}`
      : localName(names.get(index) ?? "", index - imported.length);
  };
}

/** Returns the C names of the functions that the module defines, in its order. */
export function functionsInC(module: WasmModule, names: ReadonlyMap<number, string>): string[] {
  const imported = importedFunctions(module).length;
  return module.functions.map((_, index) => index + imported).map(namesInC(module, names));
}

/** Returns the C functions that call_indirect may reach. */
export function functionsInTable(module: WasmModule, names: ReadonlyMap<number, string>): string[] {
  const indices = new Set(module.elements.flatMap(({ contents }) => contents));
  return [...indices].map(namesInC(module, names));
}

/** `names`: the functions' names in the source, for the debugger and the profile. */
export function translate(module: WasmModule, names: ReadonlyMap<number, string> = new Map()): string {
  const imported = importedFunctions(module);
  const recursive = recursiveFunctions(callGraph(module));
  const nameOf = namesInC(module, names);
  const callee = (index: number) => ({ name: nameOf(index), type: typeOfFunction(module, index) });
  const signature = (index: number) => {
    const { name, type } = callee(index);
    return `${resultInC(type)} ${name}(${parametersInC(type)})`;
  };
  const defined = module.functions.map((_, index) => index + imported.length);
  const lines = [
    "// Translated from WebAssembly by the build.",
    '#include "imports-aot.h"',
    "",
    ...module.globals.map(
      ({ type, value }, index) =>
        `static ${C_TYPES[type]} g${index};  // starts as 0x${BigInt.asUintN(64, value).toString(16)}`,
    ),
    ...defined.map((index) => `static ${signature(index)};`),
    "",
    ...table(module, nameOf),
    "",
  ];
  for (const [index, body] of module.functions.entries()) {
    const context = { module, callee, isRecursive: recursive.has(index) };
    lines.push(`static ${signature(index + imported.length)} {`, ...bodyInC(body, context), "}", "");
  }
  lines.push(...instantiation(module, nameOf), ...exportsInC(module, nameOf));
  return `${lines.join("\n")}\n`;
}

/** The table as it is after instantiation: no WebAssembly instruction that the engines know can change it. */
function table(module: WasmModule, nameOf: (index: number) => string): string[] {
  const size = module.table?.minimum ?? 0;
  const entries: (number | undefined)[] = Array.from({ length: size });
  for (const { offset, contents } of module.elements)
    for (const [index, element] of contents.entries()) entries[offset + index] = element;
  // Types with equal parameters and results are the same type: the first of them stands for all.
  const canonical = (type: number) => module.types.findIndex((_, other) => sameType(module, type, other));
  const types = module.types.map((_, index) => `#define TYPE_${index} ${canonical(index) + 1}u`);
  const imported = importedFunctions(module);
  const typeIndexOf = (index: number) =>
    imported[index]?.type ?? module.functions[index - imported.length]?.type ?? 0;
  const rows = entries.map((element) =>
    element === undefined
      ? "  {0, 0},"
      : `  {TYPE_${typeIndexOf(element)}, (void (*)(void))${nameOf(element)}},`,
  );
  return [
    ...types,
    `#define TABLE_SIZE ${size}u`,
    `static const struct table_entry table[${Math.max(size, 1)}] = {`,
    ...(rows.length > 0 ? rows : ["  {0, 0},"]),
    "};",
    "TABLE_ENTRY(table, TABLE_SIZE)",
  ];
}

/** Instantiation: memory, globals and the start function (core specification 4.5.4). */
function instantiation(module: WasmModule, nameOf: (index: number) => string): string[] {
  const words = packData(module.data);
  const lines = [
    // The empty segment at the end is not counted: C has no array without elements.
    `const uint32_t logic_data[] = {${[...words, 0, 0].map((word) => `${word}u`).join(",")}};`,
    '__asm__(".global logic_data_copy_bytes");',
    `__asm__(".set logic_data_copy_bytes, ${4 * copiedWords(words)}");`,
    "",
    "void logic_instantiate(const uint32_t *data) {",
    `  memory_unpack(data != NULL ? data : logic_data, ${words.length}u);`,
  ];
  for (const [index, { value, type }] of module.globals.entries())
    lines.push(`  g${index} = 0x${BigInt.asUintN(type === "i" ? 32 : 64, value).toString(16)}u;`);
  if (module.start !== null) lines.push(`  ${nameOf(module.start)}();`);
  return [...lines, "}", ""];
}

function exportsInC(module: WasmModule, nameOf: (index: number) => string): string[] {
  return module.exports
    .filter(({ kind }) => kind === "function")
    .flatMap(({ name, index }) => {
      const type = typeOfFunction(module, index);
      const args = type.parameters.map((_, position) => `l${position}`).join(", ");
      const call = `${nameOf(index)}(${args});`;
      return [
        `${resultInC(type)} ${exportInC(name)}(${parametersInC(type)}) { ${type.results.length ? "return " : ""}${call} }`,
      ];
    });
}
