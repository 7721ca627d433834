/**
 * Writes every generated file that is committed. With `--check` it lists the files that are stale.
 *
 * - abi/contract.ts is the source of both sides of the contract
 * - abi/vocabulary.ts is the source of all named numbers
 * - abi/quantities.ts is the source of the quantities and their limits
 * - abi/smbus.ts is the source of the SMBus commands in the logic, the client and the document
 * - abi/console.ts is the source of the console's commands in the logic and the document
 * - boards/ is the source of the logic's constants and the pin tables
 *
 * The build makes its own products (board.h, board.json).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { didYouMean } from "../cli/nearest.ts";
import {
  BoardError,
  boardAssemblyScript,
  boardPinTable,
  listBoards,
  loadBoard,
  withGeneratedSection,
} from "./boards.ts";
import { abiFiles, type GeneratedFile } from "./generate/abi.ts";
import { consoleLogicFile } from "./generate/console.ts";
import { consoleDocument } from "./generate/console-document.ts";
import { smbusLogicFile } from "./generate/smbus.ts";
import { smbusClientFile } from "./generate/smbus-client.ts";
import { smbusDocument } from "./generate/smbus-document.ts";
import { vocabularyFiles } from "./generate/vocabulary.ts";
import { notWritable } from "./setup/not-writable.mjs";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const REFERENCE_BOARD = "slot-hat";
const BOARDS_DOCUMENT = "docs/boards.md";
const SMBUS_DOCUMENT = "docs/smbus.md";
const CONSOLE_DOCUMENT = "docs/console.md";
const USAGE = `usage: npm run generate -- [--check]

Writes the generated files that are committed, from abi/ and boards/.
  --check   change nothing; list the stale files, with exit status 1 if there are any`;

function current(path: string): string | undefined {
  const absolute = join(PROJECT, path);
  return existsSync(absolute) ? readFileSync(absolute, "utf8") : undefined;
}

function boardFiles(): GeneratedFile[] {
  const names = listBoards();
  const order = [REFERENCE_BOARD, ...names.filter((name) => name !== REFERENCE_BOARD)];
  const tables = boardPinTable(order.map((name) => loadBoard(name)));
  return [
    { path: "assembly/generated/board.ts", text: boardAssemblyScript(loadBoard(REFERENCE_BOARD)) },
    {
      path: BOARDS_DOCUMENT,
      text: withGeneratedSection(current(BOARDS_DOCUMENT) ?? "# Boards\n", tables),
    },
  ];
}

function smbusFiles(): GeneratedFile[] {
  const document = smbusDocument(current(SMBUS_DOCUMENT) ?? "# SMBus\n");
  return [smbusLogicFile(), smbusClientFile(), { path: SMBUS_DOCUMENT, text: document }];
}

function consoleFiles(): GeneratedFile[] {
  const document = consoleDocument(current(CONSOLE_DOCUMENT) ?? "# Console\n");
  return [consoleLogicFile(), { path: CONSOLE_DOCUMENT, text: document }];
}

function main(options: readonly string[]): number {
  if (options.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const unknown = options.find((option) => option !== "--check");
  if (unknown !== undefined) {
    console.error(`unknown option ${unknown}${didYouMean(unknown, ["--check", "--help"])}\n\n${USAGE}`);
    return 2;
  }
  const files = [...abiFiles(), ...vocabularyFiles(), ...smbusFiles(), ...consoleFiles(), ...boardFiles()];
  const stale = files.filter(({ path, text }) => current(path) !== text);
  if (options.includes("--check")) {
    for (const { path } of stale) console.error(`${path} is stale`);
    if (stale.length > 0) console.error("run `npm run generate` and commit what it writes");
    return stale.length === 0 ? 0 : 1;
  }
  for (const { path, text } of stale) {
    mkdirSync(dirname(join(PROJECT, path)), { recursive: true });
    writeFileSync(join(PROJECT, path), text);
    console.log(`wrote ${path}`);
  }
  if (stale.length === 0) console.log("all generated files are up to date");
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  const foreign = notWritable(error, PROJECT);
  if (foreign === undefined && !(error instanceof BoardError)) throw error;
  console.error(foreign ?? (error as Error).message);
  process.exitCode = 1;
}
