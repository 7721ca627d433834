/** Helpers of all generators of C: the contract's types, blocks and records in C. */

import { contract } from "../../abi/contract.ts";
import type { Export, Import, Parameter, Pointer } from "../../abi/contract-schema.ts";

export const NOTICE = "Generated from abi/contract.ts by `npm run generate`. Do not edit.";

export const imports: readonly Import[] = contract.imports;
export const exports: readonly Export[] = contract.exports;

export const C_TYPES = { u32: "uint32_t", u64: "uint64_t" } as const;
export const C_ELEMENTS = { 1: "uint8_t", 2: "uint16_t", 4: "uint32_t" } as const;

export function isPointer(type: Parameter["type"]): type is Pointer {
  return typeof type === "object";
}

export function snakeCase(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, "_$1").toLowerCase();
}

/** The record that an import's block holds, if it is one. */
export function recordOf(item: Import): string | undefined {
  const block = item.parameters.find((parameter) => isPointer(parameter.type));
  return contract.records.find((record) => block && snakeCase(record.name).endsWith(block.name))?.name;
}

/** The pointer type of a block as a parameter of the host's function. */
export function cBlock(item: Import, type: Pointer): string {
  const record = recordOf(item);
  if (record) return `struct ${snakeCase(record)} *`;
  return `${type.direction === "in" ? "const " : ""}${C_ELEMENTS[type.elementBytes]} *`;
}

/** The conditions under which the glue refuses a scalar. */
export function scalarChecks({ name, maximum, reach, signals }: Parameter): string[] {
  const checks = maximum === undefined ? [] : [`${name} > ${maximum}u`];
  if (reach) checks.push(`(uint64_t)${name} + ${reach.with} > ${reach.maximum}u`);
  return signals ? [...checks, `(${name} & ~SIGNALS_${signals.toUpperCase()}) != 0`] : checks;
}
