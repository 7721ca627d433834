/**
 * Checks the lock file and the versions in it. `npm ci` must fetch the same packages from any registry that a
 * user has set, and link the workspaces of this project.
 */
import type { Sources } from "./sources.ts";
import { type Manifest, manifestOf, type Workspace, workspacesOf } from "./workspaces.ts";

interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  /** The address that npm fetched it from. For a link it is the folder that the link leads to. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The packages by folder. "" is the root package. */
type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** One line for each entry that `npm ci` would refuse, or treat differently on another machine. */
export function lockProblems(sources: Sources): string[] {
  const packages: LockedPackages = JSON.parse(sources.get("package-lock.json") ?? "{}").packages ?? {};
  const workspaces = workspacesOf(sources);
  return [
    ...Object.entries(packages).flatMap(([path, entry]) => entryProblems(path, entry, packages, workspaces)),
    ...workspaces.flatMap((workspace) => workspaceProblems(workspace, packages, sources)),
    ...manifestProblems("", manifestOf("", sources), packages),
    ...workspaces.flatMap(({ folder, manifest }) => manifestProblems(folder, manifest, packages)),
  ];
}

function entryProblems(
  path: string,
  entry: LockedPackage,
  packages: LockedPackages,
  workspaces: readonly Workspace[],
): string[] {
  const problems: string[] = [];
  const report = (what: string) => problems.push(`package-lock.json: ${path} ${what}`);
  for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    // `npm ci` refuses such a lock file, on every system, though npm itself writes it when the
    // registry at hand does not carry a package for another one.
    if (lockedAt(name, path, packages) === undefined) report(`needs ${name}, not there`);
  }
  // Both are folders of this project, so that npm fetches nothing.
  const isLink = entry.link === true && workspaces.some((one) => isLinkTo(one, path, entry));
  const isFolder = path === "" || workspaces.some(({ folder }) => path === folder);
  if (entry.resolved !== undefined && !isLink) report('has a "resolved" address');
  if (!isFolder && !isLink && entry.integrity === undefined && entry.inBundle !== true)
    report("has no integrity hash");
  return problems;
}

function isLinkTo({ folder, manifest }: Workspace, path: string, { resolved }: LockedPackage): boolean {
  return path === `node_modules/${manifest.name}` && resolved === folder;
}

/** A workspace is private, has the project's version, and is in the lock file as a folder and a link. */
function workspaceProblems(
  { folder, manifest }: Workspace,
  packages: LockedPackages,
  sources: Sources,
): string[] {
  const { name, version } = manifest;
  if (name === undefined) return [`package.json: the workspace ${folder} has no package.json with a name`];
  const problems: string[] = [];
  const root = manifestOf("", sources).version;
  if (manifest.private !== true) problems.push(`${folder}/package.json: not private`);
  if (version !== root) problems.push(`${folder}/package.json: is at ${version}, the project at ${root}`);
  const locked = packages[folder];
  if (packages[`node_modules/${name}`]?.link !== true || locked === undefined)
    problems.push(`package-lock.json: the workspace ${folder} is not in it`);
  else if (locked.version !== version || locked.name !== name)
    problems.push(`package-lock.json: ${folder} is ${locked.name} ${locked.version}, not ${name} ${version}`);
  return problems;
}

/** Every version in a package.json must be one exact version, and that of the lock file. */
function manifestProblems(folder: string, manifest: Manifest, packages: LockedPackages): string[] {
  const file = folder === "" ? "package.json" : `${folder}/package.json`;
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
  return Object.entries(wanted).flatMap(([name, version]) => {
    const problems: string[] = [];
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      problems.push(`${file}: ${name} ${version} is not pinned`);
    const path = lockedAt(name, folder, packages);
    const found = path === undefined ? undefined : packages[path];
    const locked = found?.link && found.resolved ? packages[found.resolved] : found;
    if (locked?.version !== version)
      problems.push(`package-lock.json: ${name} is at ${locked?.version}, not ${version}`);
    return problems;
  });
}

/**
 * The folder where a package finds another. Node looks beside the package first, then in the folders above.
 */
function lockedAt(name: string, from: string, packages: LockedPackages): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === "") return undefined;
  }
}
