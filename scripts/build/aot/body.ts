/**
 * Translates one function of a module to C. The operand stack becomes variables named by type and depth;
 * blocks become labels and gotos. The C compiler finds registers and loops in them again.
 * host/engine/aot/runtime.h has a function for each instruction, under the instruction's name.
 */
import type { Instruction, ValueType } from "../wasm/instructions.ts";
import { readInstruction } from "../wasm/instructions.ts";
import type { FunctionType, WasmFunction, WasmModule } from "../wasm/module.ts";
import { Reader } from "../wasm/reader.ts";

export const C_TYPES: Readonly<Record<ValueType, string>> = {
  i: "uint32_t",
  j: "uint64_t",
  f: "float", // check-module.ts refuses it
  d: "double",
};

/** What the translation of a body needs to know of its module. */
export interface ModuleContext {
  readonly module: WasmModule;
  /** The C name and the type of any function, imported ones included. */
  readonly callee: (index: number) => { name: string; type: FunctionType };
  readonly isRecursive: boolean;
}

interface Frame {
  readonly kind: "block" | "loop" | "if";
  readonly label: string;
  readonly type: FunctionType;
  /** Operands below the block's own. */
  readonly height: number;
  /** The line for a loop's label, which is written only if a branch uses it. */
  readonly begin: number;
  branched: boolean;
  hasElse: boolean;
}

/** `index` is a block's immediate: no result, one result, or the index of a function type. */
function blockType(module: WasmModule, index: number): FunctionType {
  if (index === -64) return { parameters: [], results: [] };
  if (index < 0) return { parameters: [], results: [(["i", "j", "f", "d"] as const)[-index - 1] ?? "i"] };
  return module.types[index] as FunctionType;
}

export function parametersInC(type: FunctionType): string {
  return type.parameters.map((one, index) => `${C_TYPES[one]} l${index}`).join(", ") || "void";
}

export function resultInC(type: FunctionType): string {
  if (type.results.length > 1) throw new Error("a function has more than one result");
  return type.results[0] === undefined ? "void" : C_TYPES[type.results[0]];
}

/** Returns the body between its braces, as lines of C. */
export function bodyInC(body: WasmFunction, context: ModuleContext): string[] {
  return new BodyWriter(body, context).write();
}

class BodyWriter {
  readonly #module: WasmModule;
  readonly #context: ModuleContext;
  readonly #body: WasmFunction;
  readonly #type: FunctionType;
  readonly #lines: string[] = [];
  readonly #variables = new Set<string>();
  readonly #frames: Frame[] = [];
  /** The types of the operands, from the lowest up. */
  readonly #stack: ValueType[] = [];
  #labels = 0;
  /** The number of blocks opened within unreachable code; -1 in reachable code. */
  #skipped = -1;

  constructor(body: WasmFunction, context: ModuleContext) {
    this.#module = context.module;
    this.#context = context;
    this.#body = body;
    this.#type = context.module.types[body.type] as FunctionType;
  }

  write(): string[] {
    this.#open("block", this.#type, 0);
    const reader = new Reader(this.#module.bytes, this.#body.begin, this.#body.end);
    while (this.#frames.length > 0) {
      const instruction = readInstruction(reader);
      if (this.#skipped < 0) this.#instruction(instruction);
      else this.#skip(instruction);
    }
    const declarations = [...this.#variables].map(
      (name) => `  ${name.startsWith("i") ? C_TYPES.i : C_TYPES.j} ${name};`,
    );
    const first = this.#type.parameters.length;
    const locals = this.#body.locals.map((type, index) => `  ${C_TYPES[type]} l${first + index} = 0;`);
    const check = this.#context.isRecursive ? ["  stack_check();"] : [];
    return [...check, ...locals, ...declarations, ...this.#lines];
  }

  // ---------------------------------------------------------------- operands

  #variable(type: ValueType, depth: number): string {
    const name = `${type}${depth}`;
    this.#variables.add(name);
    return name;
  }

  #push(type: ValueType): string {
    this.#stack.push(type);
    return this.#variable(type, this.#stack.length - 1);
  }

  #pop(): string {
    const type = this.#stack.pop();
    if (type === undefined) throw new Error("the operand stack runs empty: the module is not valid");
    return this.#variable(type, this.#stack.length);
  }

  /** Pops operands and returns them in the order in which they were pushed. */
  #popMany(count: number): string[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  #line(text: string): void {
    this.#lines.push(`  ${text}`);
  }

  // ---------------------------------------------------------------- control

  #open(kind: Frame["kind"], type: FunctionType, height: number): void {
    const label = `L${this.#labels++}`;
    if (kind === "loop") this.#lines.push("");
    this.#frames.push({
      kind,
      label,
      type,
      height,
      begin: this.#lines.length - 1,
      branched: false,
      hasElse: false,
    });
  }

  #frame(depth: number): Frame {
    const frame = this.#frames[this.#frames.length - 1 - depth];
    if (frame === undefined) throw new Error("a branch leads nowhere: the module is not valid");
    return frame;
  }

  /** Returns the code of a branch to the frame. The operands it carries are on top of the stack. */
  #branch(depth: number): string {
    const frame = this.#frame(depth);
    if (depth === this.#frames.length - 1) return this.#return();
    frame.branched = true;
    const carried = frame.kind === "loop" ? frame.type.parameters : frame.type.results;
    const from = this.#stack.length - carried.length;
    // The moves go downwards, in order, so every operand is read before it is overwritten.
    const moves = carried
      .map((type, index) => [this.#variable(type, frame.height + index), this.#variable(type, from + index)])
      .filter(([to, source]) => to !== source)
      .map(([to, source]) => `${to} = ${source}; `);
    return `{ ${moves.join("")}goto ${frame.label}; }`;
  }

  #return(): string {
    const [type] = this.#type.results;
    return type === undefined ? "return;" : `return ${this.#variable(type, this.#stack.length - 1)};`;
  }

  #unreachableFromHere(): void {
    this.#skipped = 0;
  }

  #skip({ operation }: Instruction): void {
    if (operation.immediate === "block") this.#skipped++;
    else if (operation.name === "end" && this.#skipped > 0) this.#skipped--;
    else if (this.#skipped === 0 && (operation.name === "end" || operation.name === "else")) {
      this.#skipped = -1;
      if (operation.name === "end") this.#end();
      else this.#else();
    }
  }

  /** Sets the operand stack of a block: the operands below it, then `types`. */
  #resetStack(frame: Frame, types: readonly ValueType[]): void {
    this.#stack.length = frame.height;
    for (const type of types) this.#push(type);
  }

  #else(): void {
    const frame = this.#frame(0);
    frame.hasElse = true;
    this.#lines.push("  } else {");
    this.#resetStack(frame, frame.type.parameters);
  }

  #end(): void {
    const frame = this.#frames.pop() as Frame;
    if (frame.kind === "if") this.#lines.push("  }");
    if (this.#frames.length === 0) {
      this.#resetStack(frame, frame.type.results);
      this.#line(this.#return());
      return;
    }
    if (frame.kind === "loop") {
      if (frame.branched) this.#lines[frame.begin] = `${frame.label}:;`;
    } else if (frame.branched) this.#lines.push(`${frame.label}:;`);
    this.#resetStack(frame, frame.type.results);
  }

  // ---------------------------------------------------------------- instructions

  #instruction(instruction: Instruction): void {
    const { operation, index } = instruction;
    switch (operation.name) {
      case "unreachable":
        this.#line("trap(TRAP_UNREACHABLE);");
        this.#unreachableFromHere();
        break;
      case "nop":
        break;
      case "block":
      case "loop": {
        const type = blockType(this.#module, index);
        this.#open(operation.name, type, this.#stack.length - type.parameters.length);
        break;
      }
      case "if": {
        const type = blockType(this.#module, index);
        this.#line(`if (${this.#pop()}) {`);
        this.#open("if", type, this.#stack.length - type.parameters.length);
        break;
      }
      case "else":
        this.#else();
        break;
      case "end":
        this.#end();
        break;
      case "br":
        this.#line(this.#branch(index));
        this.#unreachableFromHere();
        break;
      case "br_if": {
        const condition = this.#pop();
        this.#line(`if (${condition}) ${this.#branch(index)}`);
        break;
      }
      case "br_table":
        this.#branchTable(instruction.labels);
        break;
      case "return":
        this.#line(this.#return());
        this.#unreachableFromHere();
        break;
      case "call":
        this.#call(index);
        break;
      case "call_indirect":
        this.#callIndirect(index);
        break;
      case "drop":
        this.#pop();
        break;
      case "select": {
        const [one, other, condition] = this.#popMany(3) as [string, string, string];
        const type = one[0] as ValueType;
        this.#line(`${this.#push(type)} = ${condition} ? ${one} : ${other};`);
        break;
      }
      case "local.get":
        this.#line(`${this.#push(this.#localType(index))} = l${index};`);
        break;
      case "local.set":
        this.#line(`l${index} = ${this.#pop()};`);
        break;
      case "local.tee": {
        const value = this.#pop();
        this.#push(value[0] as ValueType);
        this.#line(`l${index} = ${value};`);
        break;
      }
      case "global.get":
        this.#line(`${this.#push(this.#module.globals[index]?.type ?? "i")} = g${index};`);
        break;
      case "global.set":
        this.#line(`g${index} = ${this.#pop()};`);
        break;
      default:
        this.#plain(instruction);
    }
  }

  #localType(index: number): ValueType {
    const { parameters } = this.#type;
    const type = parameters[index] ?? this.#body.locals[index - parameters.length];
    if (type === undefined) throw new Error(`there is no local ${index}: the module is not valid`);
    return type;
  }

  #branchTable(labels: readonly number[]): void {
    const selector = this.#pop();
    this.#line(`switch (${selector}) {`);
    for (const [value, depth] of labels.slice(0, -1).entries())
      this.#line(`case ${value}: ${this.#branch(depth)}`);
    this.#line(`default: ${this.#branch(labels.at(-1) as number)}`);
    this.#line("}");
    this.#unreachableFromHere();
  }

  #call(index: number): void {
    const { name, type } = this.#context.callee(index);
    const args = this.#popMany(type.parameters.length).join(", ");
    const [result] = type.results;
    this.#line(`${result === undefined ? "" : `${this.#push(result)} = `}${name}(${args});`);
  }

  #callIndirect(typeIndex: number): void {
    const type = this.#module.types[typeIndex] as FunctionType;
    const element = this.#pop();
    const args = this.#popMany(type.parameters.length).join(", ");
    const parameters = type.parameters.map((one) => C_TYPES[one]).join(", ") || "void";
    const pointer = `${resultInC(type)} (*)(${parameters})`;
    const [result] = type.results;
    const target = result === undefined ? "" : `${this.#push(result)} = `;
    this.#line(`${target}((${pointer})table_entry(${element}, TYPE_${typeIndex}))(${args});`);
  }

  /** An instruction with a signature calls the function of its name in the runtime. */
  #plain({ operation, index, value, align }: Instruction): void {
    const [takes, gives] = (operation.signature as string).split(":") as [string, string];
    const operands = this.#popMany(takes.length);
    const name = operation.name.replace(".", "_");
    if (operation.immediate === "number") {
      const bits = operation.name.startsWith("i32") ? 32 : 64;
      const text = `0x${BigInt.asUintN(bits, value).toString(16)}${bits === 32 ? "u" : "ull"}`;
      this.#line(`${this.#push(gives as ValueType)} = ${text};`);
      return;
    }
    let suffix = "";
    if (operation.immediate === "memory") {
      operands.splice(1, 0, `${index}u`);
      // Below its natural alignment, the access may be unaligned often: a fault each time would be slow.
      if (1 << align < (operation.bytes as number)) suffix = "_unaligned";
    }
    const call = `${name}${suffix}(${operands.join(", ")});`;
    this.#line(gives ? `${this.#push(gives as ValueType)} = ${call}` : call);
  }
}
