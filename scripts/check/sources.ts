/** The project's own text files, read once, for checks that look across languages and folders. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exportedFile, workspaceNamed, workspacesOf } from "./workspaces.ts";

/** Text by path inside the project, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

/** Folders without committed sources: the build, git's own, and node_modules, which a workspace has too. */
const SKIPPED_FOLDER = /^(?:build|\.git|(?:.*\/)?node_modules)$/;
const TEXT_NAME = /\.(ts|mjs|js|json|c|h|S|s|ld|md|txt|log|yml|sh)$/;
const OTHER_TEXT = new Set(["LICENSE", "NOTICE", ".gitignore", ".npmrc", ".ci/run"]);

export function readSources(project: string): Sources {
  const sources = new Map<string, string>();
  const visit = (folder: string) => {
    const entries = readdirSync(join(project, folder), { withFileTypes: true });
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED_FOLDER.test(path)) visit(path);
      else if (entry.isFile() && (TEXT_NAME.test(path) || OTHER_TEXT.has(path)))
        sources.set(path, readFileSync(join(project, path), "utf8"));
    }
  };
  visit("");
  return sources;
}

export function isScript(path: string): boolean {
  return /\.(ts|mjs|js)$/.test(path);
}

export function isC(path: string): boolean {
  return /\.(c|h|S)$/.test(path);
}

export function isGenerated(path: string): boolean {
  return path.includes("/generated/");
}

export interface Import {
  /** The import as it is written. */
  readonly specifier: string;
  /** The file of the project that it means, if there is one. */
  readonly target: string | undefined;
  /** True for `<...>` in C. */
  readonly isSystem: boolean;
}

const SCRIPT_IMPORTS = [
  /^[ \t]*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"'\n]+)["']/gm,
  /^[ \t]*import\s*["']([^"'\n]+)["']/gm,
  /\bimport\s*\(\s*["']([^"'\n]+)["']\s*\)/g,
];
const C_INCLUDE = /^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]/gm;
/** Folders in which the compiler looks for headers, besides that of the including file. */
const INCLUDE_FOLDERS = ["host", "host/generated", "host/engine/aot", "host/engine/wasm3"];

/** The imports and includes of a source file in TypeScript, JavaScript, AssemblyScript or C. */
export function importsOf(path: string, sources: Sources): Import[] {
  const text = withoutComments(sources.get(path) ?? "");
  if (isScript(path)) {
    const workspaces = workspacesOf(sources);
    const target = (specifier: string) => {
      if (specifier.startsWith(".")) return scriptTarget(path, specifier, sources);
      const workspace = workspaceNamed(specifier, workspaces);
      return workspace === undefined ? undefined : exportedFile(workspace, specifier);
    };
    return SCRIPT_IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)]).map(([, specifier = ""]) => ({
      specifier,
      target: target(specifier),
      isSystem: false,
    }));
  }
  if (!isC(path)) return [];
  return [...text.matchAll(C_INCLUDE)].map(([, bracket, specifier = ""]) => {
    const isSystem = bracket === "<";
    return { specifier, target: isSystem ? undefined : headerTarget(path, specifier, sources), isSystem };
  });
}

/** The file that an import of AssemblyScript means. It has no extension, and a folder means its index. */
function scriptTarget(from: string, specifier: string, sources: Sources): string {
  const path = joined(folderOf(from), specifier);
  return [path, `${path}.ts`, `${path}/index.ts`].find((candidate) => sources.has(candidate)) ?? path;
}

function headerTarget(from: string, specifier: string, sources: Sources): string | undefined {
  return [folderOf(from), ...INCLUDE_FOLDERS]
    .map((folder) => joined(folder, specifier))
    .find((candidate) => sources.has(candidate));
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Joins paths and resolves `.` and `..`. A path that leaves the project keeps its leading `..`. */
function joined(folder: string, relative: string): string {
  const steps: string[] = [];
  for (const step of `${folder}/${relative}`.split("/")) {
    if (step === "" || step === ".") continue;
    if (step === ".." && steps.length > 0 && steps.at(-1) !== "..") steps.pop();
    else steps.push(step);
  }
  return steps.join("/");
}

/** Removes comments that start a line. Elsewhere `//` is often part of an address in a string. */
export function withoutComments(text: string): string {
  return text.replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, "").replace(/^[ \t]*\/\/.*$/gm, "");
}
