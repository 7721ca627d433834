/**
 * The operations of wasm3's compiled code, as in m3_exec.h. An operation is a word with the address of a C
 * function, followed by the words that this function reads.
 */

/**
 * The kind of a word behind an operation. A slot is an index on wasm3's stack, a target an address in the
 * code.
 */
export type Operand = "slot" | "value" | "global" | "target" | "callee" | "function" | "pointer";

/**
 * How an operation continues: with the next one (and perhaps its targets), or only with its targets or its
 * caller.
 */
export type Flow = "next" | "ends";

export interface Shape {
  readonly operands: readonly Operand[];
  readonly flow: Flow;
}

const shape = (operands: string, flow: Flow = "next"): Shape => ({
  operands: operands.split(" ").filter((item) => item !== "") as Operand[],
  flow,
});

/** Operations whose names do not show their operands. BranchTable also has a word for each target. */
const NAMED: Readonly<Record<string, Shape>> = {
  Branch: shape("target", "ends"),
  BranchIf_r: shape("target"),
  BranchIf_s: shape("slot target"),
  BranchIfPrologue_r: shape("target"),
  BranchIfPrologue_s: shape("slot target"),
  BranchTable: shape("slot value", "ends"),
  Call: shape("callee slot"),
  CallIndirect: shape("slot pointer pointer slot"),
  CallRawFunction: shape("function pointer pointer", "ends"),
  Compile: shape("pointer slot"),
  Const32: shape("value slot"),
  Const64: shape("value value slot"),
  // Returns the address of its loop, and op_Loop begins the next round.
  ContinueLoop: shape("pointer", "ends"),
  ContinueLoopIf: shape("pointer"),
  CopySlot_32: shape("slot slot"),
  CopySlot_64: shape("slot slot"),
  End: shape("", "ends"),
  Entry: shape("pointer"),
  GetGlobal_s32: shape("global slot"),
  GetGlobal_s64: shape("global slot"),
  If_r: shape("target"),
  If_s: shape("slot target"),
  Loop: shape(""),
  MemCopy: shape("slot slot"),
  MemFill: shape("slot slot"),
  MemGrow: shape(""),
  MemSize: shape(""),
  PreserveCopySlot_32: shape("slot slot slot"),
  PreserveCopySlot_64: shape("slot slot slot"),
  Return: shape("", "ends"),
  SetGlobal_i32: shape("global"),
  SetGlobal_i64: shape("global"),
  SetGlobal_s32: shape("global slot"),
  SetGlobal_s64: shape("global slot"),
  Unreachable: shape("", "ends"),
};

/** The other operations. The end of the name says where each operand is: r in the register, s in a slot. */
const PATTERNS: readonly [RegExp, (where: string) => Shape][] = [
  [/^(?:SetRegister|SetSlot)_i(?:32|64)$/, () => shape("slot")],
  [/^PreserveSetSlot_i(?:32|64)$/, () => shape("slot slot")],
  [/^[iu](?:32|64)_(?:Load|Store)_[iu]\d+_([rs]+)$/, (where) => shape(`${slots(where)} value`)],
  [/^Select_i(?:32|64)_([rs]{3})$/, (where) => shape(slots(where))],
  [/^[iu](?:32|64)_\w+?_([rs]{1,2})$/, (where) => shape(slots(where))],
];

function slots(where: string): string {
  return [...where]
    .filter((letter) => letter === "s")
    .map(() => "slot")
    .join(" ");
}

/**
 * Returns the shape of op_`name`. Throws an Error for an operation that no logic may have, such as floating
 * point.
 */
export function shapeOf(name: string): Shape {
  const named = NAMED[name];
  if (named) return named;
  for (const [pattern, make] of PATTERNS) {
    const found = pattern.exec(name);
    if (found) return make(found[1] ?? "");
  }
  throw new Error(`wasm3 has compiled an operation that the build does not know: op_${name}`);
}
