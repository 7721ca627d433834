/**
 * Reads board files: follows `extends`, merges, checks, and gives a `Board`. All problems of a
 * board are collected and told at once, each with the file, line and key it comes from and what
 * is allowed there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Board } from "../../boards/board.ts";
import { didYouMean } from "../nearest.ts";
import { checkBoard, type Path, type Problem } from "./check.ts";
import { JsonSyntaxError, type JsonValue, type LocatedJson, parseJson, pathText } from "./json.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
export const BOARDS_DIRECTORY = join(PROJECT, "boards");
const SCHEMA = "schema.json";

/** What the loader knows beyond `Board`: pins the board itself has taken, for checks and the pin table. */
export interface LoadedBoard extends Board {
  readonly wired_gpios?: Readonly<Record<string, string>>;
}

/** A board that cannot be used. The message names every problem, one per line. */
export class BoardError extends Error {
  readonly problems: readonly string[];

  constructor(board: string, problems: readonly string[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`board ${board} cannot be used, ${count}:\n${problems.map((line) => `  ${line}`).join("\n")}`);
    this.problems = problems;
  }
}

interface BoardFile extends LocatedJson {
  /** As messages name it. */
  readonly label: string;
}

/** Names of all boards, sorted. */
export function listBoards(directory = BOARDS_DIRECTORY): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json") && name !== SCHEMA)
    .map((name) => basename(name, ".json"))
    .sort();
}

/** The board of that name, merged and checked; throws a `BoardError` that tells everything wrong with it. */
export function loadBoard(name: string, directory = BOARDS_DIRECTORY): LoadedBoard {
  const known = listBoards(directory);
  if (!known.includes(name)) {
    const list = known.join(", ");
    throw new BoardError(name, [`there is no board "${name}"; allowed: ${list}${didYouMean(name, known)}`]);
  }
  const chain = readChain(name, directory);
  const merged = chain.reduceRight<JsonValue>((base, file) => merge(base, file.value), {});
  const { extends: _base, $schema: _schema, ...content } = asObject(merged);
  const problems = checkBoard(content, name);
  if (problems.length > 0) {
    throw new BoardError(
      name,
      problems.map((problem) => located(problem, chain, content)),
    );
  }
  return normalised(content) as unknown as LoadedBoard;
}

/** The file itself first, then what it extends, and so on to the board that extends nothing. */
function readChain(name: string, directory: string): BoardFile[] {
  const chain: BoardFile[] = [];
  const seen: string[] = [];
  const known = listBoards(directory);
  for (let next: string | undefined = name; next !== undefined; ) {
    seen.push(next);
    const file = readBoardFile(join(directory, `${next}.json`), name);
    chain.push(file);
    const base = asObject(file.value).extends;
    if (base === undefined) return chain;
    const fail = (message: string): never => {
      throw new BoardError(name, [at(file, ["extends"], message)]);
    };
    if (typeof base !== "string" || !known.includes(base)) {
      const others = known.filter((other) => !seen.includes(other));
      const guess = typeof base === "string" ? didYouMean(base, others) : "";
      return fail(`${JSON.stringify(base)} is no board; allowed: ${others.join(", ")}${guess}`);
    }
    if (seen.includes(base)) fail(`goes in a circle: ${[...seen, base].join(" extends ")}`);
    next = base;
  }
  return chain;
}

function readBoardFile(path: string, board: string): BoardFile {
  const inside = relative(PROJECT, path);
  const label = inside.startsWith("..") ? path : inside.replaceAll("\\", "/");
  try {
    const located = parseJson(readFileSync(path, "utf8"));
    if (!isObject(located.value)) throw new JsonSyntaxError("an object is expected", { line: 1, column: 1 });
    return { ...located, label };
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      const { line, column } = error.position;
      throw new BoardError(board, [`${label}:${line}:${column}: not JSON: ${error.message}`]);
    }
    throw new BoardError(board, [`${label}: cannot be read: ${(error as Error).message}`]);
  }
}

type JsonObject = { [key: string]: JsonValue };

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asObject(value: JsonValue): JsonObject {
  return isObject(value) ? value : {};
}

/** JSON merge patch (RFC 7386), except that lists of named things are merged by name. */
function merge(base: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (isObject(patch)) {
    const result = new Map(Object.entries(isObject(base) ? base : {}));
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) result.delete(key);
      else result.set(key, merge(result.get(key), value));
    }
    return Object.fromEntries(result);
  }
  if (!Array.isArray(patch)) return patch;
  const names = patch.map(nameOf);
  // Two of one name in the same file are a mistake to report, not to merge away.
  const distinct = new Set(names).size === names.length && !names.includes(undefined);
  if (!distinct || !Array.isArray(base)) return patch.map((element) => merge({}, element));
  const added = patch.filter((element) => !base.some((old) => nameOf(old) === nameOf(element)));
  const kept = base.map((old) => {
    const change = patch.find((element) => nameOf(element) === nameOf(old));
    return change === undefined ? old : merge(old, change);
  });
  return [...kept, ...added.map((element) => merge({}, element))];
}

function nameOf(value: JsonValue | undefined): string | undefined {
  const name = isObject(value) ? value.name : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Fills in the nulls that merging took away and drops the notes, so that the shape is `Board`'s. */
function normalised(content: JsonObject): JsonObject {
  const withoutNotes = dropNotes(content) as JsonObject;
  const sensors = asObject(withoutNotes.sensors ?? {});
  const rails = (withoutNotes.rails ?? []) as JsonValue[];
  return {
    ...withoutNotes,
    rails: rails.map((rail) => ({ ...asObject(rail), sensor: asObject(rail).sensor ?? null })),
    sensors: Object.fromEntries(
      ["VIN", "V5", "I5", "V3V3", "TEMPERATURE"].map((name) => [name, sensors[name] ?? null]),
    ),
  };
}

function dropNotes(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(dropNotes);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "note")
      .map(([key, inner]) => [key, dropNotes(inner)]),
  );
}

/** The problem with the file that said it last: the most derived that has the key, or its nearest parent. */
function located(problem: Problem, chain: readonly BoardFile[], merged: JsonObject): string {
  for (let length = problem.path.length; length > 0; length--) {
    for (const file of chain) {
      const path = pathInFile(problem.path.slice(0, length), file, merged);
      if (path !== undefined && file.positions.has(pathText(path))) {
        const rest = [...path, ...problem.path.slice(length)];
        return at(file, rest, problem.message, file.positions.get(pathText(path)));
      }
    }
  }
  return at(chain[0] as BoardFile, problem.path, problem.message);
}

/** Rails have other indices in a file that changes only one of them: they are found by name. */
function pathInFile(path: Path, file: BoardFile, merged: JsonObject): Path | undefined {
  const [list, index, ...rest] = path;
  if (list !== "rails" || typeof index !== "number") return path;
  const own = asObject(file.value).rails;
  const name = nameOf((merged.rails as JsonValue[])[index]);
  if (!Array.isArray(own)) return undefined;
  if (name === undefined || own.filter((rail) => nameOf(rail) === name).length > 1) return path;
  const ownIndex = own.findIndex((rail) => nameOf(rail) === name);
  return ownIndex < 0 ? undefined : ["rails", ownIndex, ...rest];
}

function at(
  file: BoardFile,
  path: Path,
  message: string,
  position = file.positions.get(pathText(path)),
): string {
  const where = position === undefined ? file.label : `${file.label}:${position.line}:${position.column}`;
  return path.length === 0 ? `${where}: ${message}` : `${where}: ${pathText(path)}: ${message}`;
}
