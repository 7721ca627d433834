/**
 * Checks the imports between folders, which are layers. The contract and the boards import nothing. The logic
 * imports only itself, the host its own headers and the engine, and only tests may import everything. The
 * simulator imports nothing of the firmware, and runs the built file that is also flashed. The client imports
 * the contract alone, so that a service can use it without the rest of the project.
 */
import { type Import, importsOf, isC, isScript, type Sources } from "./sources.ts";
import { manifestOf, type Workspace, workspaceNamed, workspaceOf, workspacesOf } from "./workspaces.ts";

interface Layer {
  /** Folders it may import from, besides itself. */
  readonly folders: readonly string[];
  /** True if it may import npm packages and Node's own modules. */
  readonly packages: boolean;
}

/** A transport of the client. It implements the client's interface and throws the client's errors. */
const SIMULATED_BUS = "simulator/slot/simulated-bus.ts";

/** What an attached program and a served slot need; the slot carries out messages of the client's bus. */
const SERVE = "simulator/serve";
/** The program behind `npm start`, which alone starts a server. */
const START = "simulator/start.ts";

/**
 * The layers by the path of a folder, or of a single file that may import more than its folder. A file
 * belongs to the layer with the longest path that contains it.
 */
const LAYERS: Readonly<Record<string, Layer>> = {
  abi: { folders: [], packages: false },
  boards: { folders: [], packages: false },
  assembly: { folders: [], packages: false },
  host: { folders: [], packages: false },
  client: { folders: ["abi"], packages: true },
  cli: { folders: [], packages: true },
  // The SMBus command line starts a simulated slot; the simulator's own command line shares the rest of cli.
  "cli/smbus": { folders: ["cli", "client", "simulator", SIMULATED_BUS, SERVE], packages: true },
  // The command line of served slots knows them by their sockets alone.
  "cli/slot": { folders: ["cli", SERVE], packages: true },
  simulator: { folders: ["abi", "boards", "cli"], packages: true },
  [SIMULATED_BUS]: { folders: ["client", "simulator"], packages: true },
  [SERVE]: { folders: ["abi", "boards", "cli", "client", "simulator", SIMULATED_BUS], packages: true },
  [START]: { folders: ["boards", "cli", "simulator", SERVE], packages: true },
  flash: { folders: ["boards"], packages: true },
  scripts: { folders: ["abi", "boards", "assembly", "cli", "host", "simulator", "flash"], packages: true },
  lab: { folders: ["abi", "assembly", "boards", "cli", "scripts", "simulator"], packages: true },
  test: {
    folders: [
      ...["abi", "boards", "assembly", "cli", "cli/slot", "cli/smbus", "client", "host", "lab", "simulator"],
      ...[SIMULATED_BUS, SERVE, START, "flash", "scripts"],
    ],
    packages: true,
  },
};

/** Headers that the host may include besides its own: those that the build makes, and those of the engine. */
const BUILT_HEADERS = ["board.h", "module.h"];
const ENGINE_HEADER = /^(wasm3|m3_\w+)\.h$/;

/**
 * One line for each import that its layer does not allow, or of a package that is missing in package.json.
 */
export function importProblems(sources: Sources): string[] {
  const workspaces = workspacesOf(sources);
  return [...sources.keys()]
    .filter((path) => isScript(path) || isC(path))
    .flatMap((path) => fileProblems(path, sources, workspaces));
}

function fileProblems(path: string, sources: Sources, workspaces: readonly Workspace[]): string[] {
  const [folder = ""] = path.split("/");
  const name = layerOf(path);
  const layer = LAYERS[name];
  const problems: string[] = [];
  for (const imported of importsOf(path, sources)) {
    const { specifier, target, isSystem } = imported;
    const report = (why: string) => problems.push(`${path} imports "${specifier}": ${why}`);
    if (isC(path)) {
      const known = BUILT_HEADERS.includes(specifier) || ENGINE_HEADER.test(specifier);
      const fromHost = target?.startsWith(`${folder}/`) ?? false;
      // C that is measured or tested may include the host's headers: it is linked with the host's parts.
      const guest = ["lab", "test"].includes(folder) && target !== undefined;
      const allowed = isSystem || known || fromHost || guest;
      if (!allowed) report("host may include its own and generated headers, board.h, module.h and wasm3's");
    } else if (target !== undefined) {
      const within = [name, ...(layer?.folders ?? [])];
      const toConfiguration = !target.includes("/");
      if (layer !== undefined && !toConfiguration && !within.includes(layerOf(target)))
        report(`${name} may import from ${within.join(", ")}`);
      else workspaceProblems(path, imported, sources, workspaces).forEach(report);
    } else if (layer?.packages === false) {
      report(`${name} may import no packages`);
    } else {
      workspaceProblems(path, imported, sources, workspaces).forEach(report);
    }
  }
  return problems;
}

/** The layer that a file belongs to. For a file in no layer it is the outermost folder. */
function layerOf(path: string): string {
  const [folder = ""] = path.split("/");
  const holding = Object.keys(LAYERS).filter((name) => path === name || path.startsWith(`${name}/`));
  return holding.sort((left, right) => right.length - left.length)[0] ?? folder;
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The problem with an imported package, or with the import of a workspace. */
function workspaceProblems(
  path: string,
  { specifier, target }: Import,
  sources: Sources,
  workspaces: readonly Workspace[],
): string[] {
  const own = workspaceOf(path, workspaces);
  if (specifier.startsWith(".")) {
    const other = workspaceOf(target ?? "", workspaces);
    if (other === undefined || other === own) return [];
    return [`${other.folder} is a package, imported as ${other.manifest.name}`];
  }
  if (specifier.startsWith("node:")) return [];
  const named = workspaceNamed(specifier, workspaces);
  if (named !== undefined && target === undefined) return [`${named.folder}/package.json does not export it`];
  if (named !== undefined && named === own) return ["a package imports its own files by their paths"];
  // npm links every workspace for the root package, which does not declare them.
  if (named !== undefined && own === undefined) return [];
  const { dependencies = {}, devDependencies = {} } = own?.manifest ?? manifestOf("", sources);
  // A project that uses the package gets only the dependencies that its package.json names.
  const declared = { ...dependencies, ...(own === undefined ? devDependencies : {}) };
  const name = packageName(specifier);
  return Object.hasOwn(declared, name) ? [] : [`${name} is not in ${manifestPath(own)}`];
}

function manifestPath(workspace: Workspace | undefined): string {
  return workspace === undefined ? "package.json" : `${workspace.folder}/package.json, in its dependencies`;
}
