/**
 * Budgets: sizes beyond which a file, function or folder needs a reason. Lines of files, files of folders and
 * lines of C functions are counted here. Biome counts lines, parameters and cognitive complexity of functions
 * in TypeScript; their limits are in biome.json.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withoutAnyComments } from "./comments.ts";
import type { Finding } from "./frozen.ts";
import { isC, isGenerated, isScript, type Sources } from "./sources.ts";

/** Only lines of code count, so that a comment need not be short to fit into the budget. */
const FILE_LINES = 400;
/** The limit for tests is higher, because a test file is a list of independent cases. */
const TEST_FILE_LINES = 500;
const FUNCTION_LINES = 70;
const FOLDER_FILES = 20;

export function fileFindings(sources: Sources): Finding[] {
  return handWritten(sources).flatMap(([path, text]) => {
    const most = path.startsWith("test/") ? TEST_FILE_LINES : FILE_LINES;
    // To find the comments takes long, and most files are short.
    const lines = linesIn(text) > most ? linesIn(withoutAnyComments(text)) : 0;
    if (lines <= most) return [];
    return [{ where: path, figure: lines, message: `${path}: ${lines} lines of code, budget ${most}` }];
  });
}

/** Lines that are not blank. */
function linesIn(text: string): number {
  return text.match(/^.*\S.*$/gm)?.length ?? 0;
}

/** Counts the files directly in each folder. Files of a subfolder count for the subfolder. */
export function folderFindings(sources: Sources): Finding[] {
  const counts = new Map<string, number>();
  for (const [path] of handWritten(sources)) {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (folder !== "") counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].flatMap(([where, figure]) =>
    figure > FOLDER_FILES
      ? [{ where, figure, message: `${where}: ${figure} files, budget ${FOLDER_FILES}` }]
      : [],
  );
}

function handWritten(sources: Sources): (readonly [string, string])[] {
  return [...sources].filter(
    ([path]) => (isScript(path) || isC(path) || path.endsWith(".ld")) && !isGenerated(path),
  );
}

/** Counts the lines of C functions. A definition and its closing brace begin in the first column. */
const C_FUNCTION = /^(?:[a-zA-Z][^;{}#"]*?\b(?!__attribute__)(\w+)\([^;{}]*?\)[^;{}]*?)\{\n[\s\S]*?^\}/gm;

export function cFunctionFindings(sources: Sources): Finding[] {
  return handWritten(sources)
    .filter(([path]) => isC(path))
    .flatMap(([path, text]) =>
      [...text.matchAll(C_FUNCTION)].flatMap(([body, name]) => {
        const lines = body.split("\n").length;
        const where = `${path} ${name}`;
        if (lines <= FUNCTION_LINES) return [];
        return [{ where, figure: lines, message: `${where}: ${lines} lines, budget ${FUNCTION_LINES}` }];
      }),
    );
}

/** The rules of Biome that are budgets, by their names in the frozen list. */
const FUNCTION_RULES = {
  "lines of functions": "complexity/noExcessiveLinesPerFunction",
  "parameters of functions": "complexity/useMaxParams",
  "complexity of functions": "complexity/noExcessiveCognitiveComplexity",
} as const;

export type FunctionRule = keyof typeof FUNCTION_RULES;

const BIOME = fileURLToPath(new URL("../../node_modules/@biomejs/biome/bin/biome", import.meta.url));
const REPORT_BYTES = 64 * 1024 * 1024;

interface Diagnostic {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

/** Biome's report on a folder with a biome.json. Rejects if Biome gives no report. */
export async function biomeReport(folder: string): Promise<readonly Diagnostic[]> {
  const rules = Object.values(FUNCTION_RULES).map((rule) => `--only=${rule}`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [BIOME, "lint", ...rules, "--max-diagnostics=none", "--reporter=json", "."],
    { cwd: folder, maxBuffer: REPORT_BYTES },
  );
  return JSON.parse(stdout).diagnostics;
}

/**
 * The findings of one rule in Biome's report. Of several functions with one name in a file it takes the
 * worst.
 */
export function functionFindings(
  rule: FunctionRule,
  report: readonly Diagnostic[],
  sources: Sources,
): Finding[] {
  const worst = new Map<string, Finding>();
  for (const { category, message, location } of report) {
    if (category !== `lint/${FUNCTION_RULES[rule]}`) continue;
    const line = (sources.get(location.path) ?? "").split("\n")[location.start.line - 1] ?? "";
    // A suite is a list of tests, and each test is counted by itself.
    if (rule === "lines of functions" && /^\s*describe\b/.test(line)) continue;
    const where = `${location.path} ${nameIn(line)}`;
    const figure = Number(/\d+/.exec(message)?.[0]);
    const finding = { where, figure, message: `${where} (line ${location.start.line}): ${message}` };
    if (figure > (worst.get(where)?.figure ?? 0)) worst.set(where, finding);
  }
  return [...worst.values()];
}

const NAMES = [
  /\bfunction\*?\s+([\w$]+)/,
  /^\s*(?:test|it|describe)[\w.]*\(\s*["'`](.*?)["'`],/,
  /\b(?:const|let)\s+([\w$]+)\s*=/,
  /^\s*(?:\w+\s+)*\*?([#\w$]+)\s*[(<=:]/,
];

/** The name of the function that begins on a line. */
function nameIn(line: string): string {
  for (const pattern of NAMES) {
    const name = pattern.exec(line)?.[1];
    if (name !== undefined) return name;
  }
  return "a function without a name";
}
