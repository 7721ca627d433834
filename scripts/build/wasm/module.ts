/**
 * Parses a WebAssembly module into the parts that the build checks and the ahead-of-time engine translates.
 * V8 has validated the module before, so this is not a second validator.
 */
import { type Instruction, readInstruction, VALUE_TYPES, type ValueType } from "./instructions.ts";
import { Reader } from "./reader.ts";

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: "function" | "table" | "memory" | "global";
  /** For a function only. */
  readonly type: number;
}

export interface WasmFunction {
  readonly type: number;
  /** Without the parameters. */
  readonly locals: readonly ValueType[];
  /** The first byte of its instructions, and the one after its final `end`. */
  readonly begin: number;
  readonly end: number;
}

export interface Global {
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly value: bigint;
}

export interface Limits {
  readonly minimum: number;
  readonly maximum: number | null;
}

/** An active segment: the offset and the contents written there. */
export interface Segment<Contents> {
  readonly offset: number;
  readonly contents: Contents;
}

export interface Export {
  readonly name: string;
  readonly kind: "function" | "table" | "memory" | "global";
  readonly index: number;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly types: FunctionType[];
  readonly imports: Import[];
  /** The defined functions. Their indices follow those of the imported ones. */
  readonly functions: WasmFunction[];
  readonly table: Limits | null;
  readonly memory: Limits | null;
  readonly globals: Global[];
  readonly exports: Export[];
  readonly start: number | null;
  readonly elements: Segment<readonly number[]>[];
  readonly data: Segment<Uint8Array>[];
}

const KINDS = ["function", "table", "memory", "global"] as const;

function valueType(reader: Reader): ValueType {
  const code = reader.byte();
  const type = VALUE_TYPES[code];
  if (type === undefined) throw new Error(`value type 0x${code.toString(16)} is unknown to the engines`);
  return type;
}

function limits(reader: Reader): Limits {
  const flags = reader.byte();
  if (flags > 1) throw new Error("its memory or table is shared, or has addresses of 64 bits");
  return { minimum: reader.u32(), maximum: flags === 1 ? reader.u32() : null };
}

/** The engines support only one table and one memory. */
function single<T>(what: string, all: readonly T[]): T | null {
  if (all.length > 1) throw new Error(`it has more than one ${what}`);
  return all[0] ?? null;
}

function tableLimits(reader: Reader): Limits {
  if (reader.byte() !== 0x70) throw new Error("a table holds elements that are not functions");
  return limits(reader);
}

/** The engines support only constants, because the contract offers no globals to import. */
function constant(reader: Reader): bigint {
  const first = readInstruction(reader);
  if (first.operation.immediate !== "number" || readInstruction(reader).operation.name !== "end")
    throw new Error("an initial value is not a constant");
  return first.value;
}

/**
 * Throws an Error that names what the engines cannot run. Floating point is parsed here and refused later.
 */
export function readModule(bytes: Uint8Array): WasmModule {
  const types: FunctionType[] = [];
  const imports: Import[] = [];
  const typeOf: number[] = [];
  const functions: WasmFunction[] = [];
  const globals: Global[] = [];
  const exports: Export[] = [];
  const elements: Segment<readonly number[]>[] = [];
  const data: Segment<Uint8Array>[] = [];
  let table: Limits | null = null;
  let memory: Limits | null = null;
  let start: number | null = null;

  const readType = (reader: Reader) => {
    if (reader.byte() !== 0x60) throw new Error("a type is not a function type");
    return {
      parameters: reader.vector(() => valueType(reader)),
      results: reader.vector(() => valueType(reader)),
    };
  };
  const readImport = (reader: Reader): Import => {
    const [module, name] = [reader.name(), reader.name()];
    const kind = KINDS[reader.byte()] ?? "global";
    let type = 0;
    if (kind === "function") type = reader.u32();
    else if (kind === "table") tableLimits(reader);
    else if (kind === "memory") limits(reader);
    else reader.take(2);
    return { module, name, kind, type };
  };
  const readGlobal = (reader: Reader): Global => ({
    type: valueType(reader),
    mutable: reader.byte() === 1,
    value: constant(reader),
  });
  const readExport = (reader: Reader): Export => ({
    name: reader.name(),
    kind: KINDS[reader.byte()] ?? "global",
    index: reader.u32(),
  });
  const readElement = (reader: Reader) => {
    if (reader.u32() !== 0) throw new Error("it has an element segment of a kind unknown to the engines");
    return { offset: Number(constant(reader)) >>> 0, contents: reader.vector(() => reader.u32()) };
  };
  const readFunction = (reader: Reader, type: number): WasmFunction => {
    const end = reader.u32() + reader.at;
    const locals: ValueType[] = [];
    for (let groups = reader.u32(); groups > 0; groups--) {
      const count = reader.u32();
      if (locals.length + count > 50_000) throw new Error("a function has more than 50,000 locals");
      const one = valueType(reader);
      for (let index = 0; index < count; index++) locals.push(one);
    }
    const begin = reader.at;
    reader.at = end;
    return { type, locals, begin, end };
  };
  const readData = (reader: Reader) => {
    if (reader.u32() !== 0) throw new Error("it has a data segment that is passive or names a memory");
    return { offset: Number(constant(reader)) >>> 0, contents: reader.take(reader.u32()) };
  };

  const file = new Reader(bytes, 8);
  while (!file.done) {
    const id = file.byte();
    const length = file.u32();
    const section = new Reader(bytes, file.at, file.at + length);
    file.at += length;
    const each = <T>(into: T[], read: () => T) => section.vector(() => into.push(read()));
    if (id === 1) each(types, () => readType(section));
    else if (id === 2) each(imports, () => readImport(section));
    else if (id === 3) each(typeOf, () => section.u32());
    else if (id === 4)
      table = single(
        "table",
        section.vector(() => tableLimits(section)),
      );
    else if (id === 5)
      memory = single(
        "memory",
        section.vector(() => limits(section)),
      );
    else if (id === 6) each(globals, () => readGlobal(section));
    else if (id === 7) each(exports, () => readExport(section));
    else if (id === 8) start = section.u32();
    else if (id === 9) each(elements, () => readElement(section));
    else if (id === 10) each(functions, () => readFunction(section, typeOf[functions.length] ?? 0));
    else if (id === 11) each(data, () => readData(section));
  }
  return { bytes, types, imports, functions, table, memory, globals, exports, start, elements, data };
}

/** Yields the instructions of a function, in order. */
export function* instructionsOf(module: WasmModule, body: WasmFunction): Generator<Instruction> {
  const reader = new Reader(module.bytes, body.begin, body.end);
  while (!reader.done) yield readInstruction(reader);
}

export function importedFunctions(module: WasmModule): Import[] {
  return module.imports.filter(({ kind }) => kind === "function");
}

/** Returns the type of any function, imported or defined. */
export function typeOfFunction(module: WasmModule, index: number): FunctionType {
  const imported = importedFunctions(module);
  const type = imported[index]?.type ?? module.functions[index - imported.length]?.type;
  const found = type === undefined ? undefined : module.types[type];
  if (found === undefined) throw new Error(`there is no function ${index}`);
  return found;
}
