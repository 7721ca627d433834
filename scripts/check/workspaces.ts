/**
 * The npm workspaces: folders with their own package.json, which the root's package.json lists. Files outside
 * import such a package by its name, as another project would. npm links the name to the folder.
 */
/** Texts by path, as in sources.ts. The type is repeated here, because that file imports this one. */
type Sources = ReadonlyMap<string, string>;

/** The parts of a package.json that the checks look at. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | { readonly default?: string }>>;
}

export interface Workspace {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The package.json of a folder; "" means the root. It is empty if there is none. */
export function manifestOf(folder: string, sources: Sources): Manifest {
  return JSON.parse(sources.get(folder === "" ? "package.json" : `${folder}/package.json`) ?? "{}");
}

export function workspacesOf(sources: Sources): Workspace[] {
  const folders = manifestOf("", sources).workspaces ?? [];
  return folders.map((folder) => ({ folder, manifest: manifestOf(folder, sources) }));
}

/** The workspace that a file is in, or undefined for a file of the root package. */
export function workspaceOf(path: string, workspaces: readonly Workspace[]): Workspace | undefined {
  return workspaces.find(({ folder }) => path.startsWith(`${folder}/`));
}

/** The workspace that an import names, with or without a path behind its name. */
export function workspaceNamed(specifier: string, workspaces: readonly Workspace[]): Workspace | undefined {
  return workspaces.find(
    ({ manifest: { name = "" } }) => specifier === name || specifier.startsWith(`${name}/`),
  );
}

/** The file that an import of a workspace means, or undefined if its package.json does not export it. */
export function exportedFile({ folder, manifest }: Workspace, specifier: string): string | undefined {
  const { name = "", exports = {} } = manifest;
  const exported = exports[`.${specifier.slice(name.length)}`];
  const file = typeof exported === "string" ? exported : exported?.default;
  return file?.replace(/^\.\//, `${folder}/`);
}

/** All files that a workspace exports. */
export function exportedFiles(workspace: Workspace): string[] {
  const { name = "", exports = {} } = workspace.manifest;
  const files = Object.keys(exports).map((path) => exportedFile(workspace, `${name}${path.slice(1)}`));
  return files.filter((file): file is string => file !== undefined);
}
