/**
 * Reads board files: follows `extends`, merges, checks, and returns a `Board`. It collects all problems of
 * a board and reports them together, each with its file, line and key and the values allowed there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Board } from "../../boards/board.ts";
import { didYouMean } from "../../cli/nearest.ts";
import { checkBoard } from "./check.ts";
import {
  JsonSyntaxError,
  type JsonValue,
  type LocatedJson,
  type Position,
  parseJson,
  pathText,
} from "./json.ts";
import { LIMITS, WATCHING } from "./limits.ts";
import type { Path, Problem } from "./problem.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
export const BOARDS_DIRECTORY = join(PROJECT, "boards");
const SCHEMA = "schema.json";

/**
 * The same pattern as in boards/schema.json. That one is for editors; this one has a message in plain
 * words.
 */
const BOARD_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The longest name that fits into the logic's banner and the tables. */
const BOARD_NAME_CHARACTERS = 24;

/** Suits most crystals (RP2040 datasheet 2.16.3). */
const CRYSTAL_STARTUP_MS = 1;

/** Adds what `Board` does not have: the pins that the board itself uses, for checks and the pin table. */
export interface LoadedBoard extends Board {
  readonly wired_gpios?: Readonly<Record<string, string>>;
}

/** A board that cannot be used. The message lists every problem, one per line. */
export class BoardError extends Error {
  readonly problems: readonly string[];

  constructor(board: string, problems: readonly string[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const lines = problems.map(printable);
    super(
      `board ${printable(board)} cannot be used, ${count}:\n${lines.map((line) => `  ${line}`).join("\n")}`,
    );
    this.problems = lines;
  }
}

/** There is no board of that name: a wrong option of the user, not a fault in a file. */
export class UnknownBoardError extends BoardError {}

/**
 * Messages quote board files, which may come from anywhere, on a terminal: so control characters are
 * replaced.
 */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

interface BoardFile extends LocatedJson {
  /** The file's name in messages. */
  readonly label: string;
}

/** Names of all boards, sorted. */
export function listBoards(directory = BOARDS_DIRECTORY): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json") && name !== SCHEMA)
    .map((name) => basename(name, ".json"))
    .sort();
}

/**
 * Returns the board of that name, merged and checked. Throws a `BoardError` that lists everything wrong
 * with it.
 */
export function loadBoard(name: string, directory = BOARDS_DIRECTORY): LoadedBoard {
  const known = listBoards(directory);
  if (!known.includes(name)) {
    const list = known.join(", ");
    throw new UnknownBoardError(name, [
      `there is no board "${name}"; allowed: ${list}${didYouMean(name, known)}`,
    ]);
  }
  const chain = readChain(name, directory);
  const own = chain[0] as BoardFile;
  const merged = chain.reduceRight<JsonValue>((base, file) => merge(base, file.value), {});
  const { extends: _base, $schema: _schema, ...content } = asObject(merged);
  const problems = [
    ...nameProblems(own, name, known),
    ...unfittedProblems(chain),
    ...checkBoard(content).map((problem) => located(problem, chain, content)),
  ];
  if (problems.length > 0) throw new BoardError(name, problems);
  return normalised(content) as unknown as LoadedBoard;
}

/** The file name is the board's name; the file repeats it, and does not inherit it. */
function nameProblems(own: BoardFile, name: string, known: readonly string[]): string[] {
  if (!BOARD_NAME.test(name) || name.length > BOARD_NAME_CHARACTERS) {
    const better = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^[^a-z]+|-+$/g, "")
      .slice(0, BOARD_NAME_CHARACTERS);
    const example =
      BOARD_NAME.test(better) && !known.includes(better) ? `, to ${better}.json for example` : "";
    return [
      `${own.label}: the file's name is the board's: rename the file${example}; allowed are lower case ` +
        `letters, digits and single -, a letter first, ${BOARD_NAME_CHARACTERS} characters at most`,
    ];
  }
  const given = asObject(own.value).name ?? null;
  if (given === name) return [];
  if (given === null) return [at(own, ["name"], `is missing; add "name": "${name}"`)];
  return [at(own, ["name"], `is ${JSON.stringify(given)}; allowed: "${name}", the name of the file`)];
}

/** Only a rail of a base can be taken away. */
function unfittedProblems(chain: readonly BoardFile[]): string[] {
  return chain.flatMap((file, depth) => {
    const inherited = chain.slice(depth + 1).flatMap((base) => railsOf(base).map(nameOf));
    const known = [...new Set(inherited)].filter((name) => name !== undefined);
    return railsOf(file).flatMap((rail, index) => {
      const name = nameOf(rail);
      if (name === undefined || asObject(rail).fitted !== false || known.includes(name)) return [];
      const allowed = `allowed: ${known.join(", ")}${didYouMean(name, known)}`;
      const why =
        known.length === 0
          ? "this board extends none; leave the rail out"
          : `the base has no rail "${name}"; ${allowed}`;
      return [at(file, ["rails", index, "fitted"], `is false, but ${why}`)];
    });
  });
}

function railsOf({ value }: BoardFile): JsonValue[] {
  const { rails } = asObject(value);
  return Array.isArray(rails) ? rails : [];
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
  // An empty list stays empty, so that the check refuses it: a file without changes leaves the key out.
  if (patch.length === 0) return [];
  const names = patch.map(nameOf);
  // Two elements with the same name in one file are a mistake, so they are not merged but reported.
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

/**
 * Adds the nulls that merging has removed and drops the notes, so that the result has the shape of `Board`.
 */
function normalised(content: JsonObject): JsonObject {
  const withoutNotes = dropNotes(content) as JsonObject;
  const limits = asObject(withoutNotes.limits ?? {});
  const rails = (withoutNotes.rails ?? []) as JsonValue[];
  return {
    ...withoutNotes,
    crystal_startup_ms: withoutNotes.crystal_startup_ms ?? CRYSTAL_STARTUP_MS,
    power_monitor: withoutNotes.power_monitor ?? null,
    rails: rails
      .map(asObject)
      .filter(({ fitted }) => fitted !== false)
      .map(({ fitted: _, ...rail }) => ({
        ...rail,
        sensor: rail.sensor ?? null,
        feeds_compute: rail.feeds_compute ?? false,
      })),
    sensors: asObject(withoutNotes.sensors ?? {}),
    limits: Object.fromEntries(
      Object.entries(limits).flatMap(([name, one]) => (isObject(one) ? [[name, allLimits(one)]] : [])),
    ),
  };
}

function allLimits(limits: JsonObject): JsonObject {
  return Object.fromEntries([...LIMITS, ...WATCHING].map(({ key }) => [key, limits[key] ?? null]));
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

/**
 * Adds the position to a problem. In a conflict of two keys, the message is about the one in the more
 * derived file, which was probably written last; the other one is named as well.
 */
function located(problem: Problem, chain: readonly BoardFile[], merged: JsonObject): string {
  const place = placeOf(problem.path, chain, merged);
  if (problem.rival === undefined) return at(place.file, place.path, problem.message, place.position);
  const other = placeOf(problem.rival.path, chain, merged);
  const where = ({ file, position }: Place) =>
    position === undefined ? file.label : `${file.label}:${position.line}:${position.column}`;
  if (chain.indexOf(other.file) < chain.indexOf(place.file)) {
    const rest = `; ${problem.name ?? String(problem.path[1])} is at ${where(place)}`;
    return at(other.file, other.path, problem.rival.message + rest, other.position);
  }
  const rest = `; ${problem.rival.name} is at ${where(other)}`;
  return at(place.file, place.path, problem.message + rest, place.position);
}

interface Place {
  readonly file: BoardFile;
  readonly path: Path;
  readonly position: Position | undefined;
}

/** Returns the most derived file that has the key, or otherwise its nearest parent. */
function placeOf(wanted: Path, chain: readonly BoardFile[], merged: JsonObject): Place {
  for (let length = wanted.length; length > 0; length--) {
    for (const file of chain) {
      const path = pathInFile(wanted.slice(0, length), file, merged);
      if (path !== undefined && file.positions.has(pathText(path))) {
        const position = file.positions.get(pathText(path));
        return { file, path: [...path, ...wanted.slice(length)], position };
      }
    }
  }
  return { file: chain[0] as BoardFile, path: wanted, position: undefined };
}

/** A rail may have another index in a file that changes only one of them, so rails are found by name. */
function pathInFile(path: Path, file: BoardFile, merged: JsonObject): Path | undefined {
  const [list, index, ...rest] = path;
  if (list !== "rails" || typeof index !== "number") return path;
  const own = asObject(file.value).rails;
  const name = nameOf((merged.rails as JsonValue[])[index]);
  if (!Array.isArray(own)) return undefined;
  // Without a name it comes from a list that is not merged.
  if (name === undefined) return nameOf(own[index]) === undefined ? path : undefined;
  if (own.filter((rail) => nameOf(rail) === name).length > 1) return path;
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
