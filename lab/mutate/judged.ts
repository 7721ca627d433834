/**
 * Mutants that no test can kill, as a person has judged: what they change makes no difference. judged.json
 * lists each with the reason. They are not tried.
 */
import { readFileSync } from "node:fs";
import { type Change, isSameChange } from "./mutant.ts";

export interface Judged {
  readonly file: string;
  /** The line without indentation. */
  readonly text: string;
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

export function readJudged(): Judged[] {
  return JSON.parse(readFileSync(new URL("judged.json", import.meta.url), "utf8")) as Judged[];
}

export function isJudged(change: Change, judged: readonly Judged[]): boolean {
  return judged.some((each) => isSameChange(each, change));
}
