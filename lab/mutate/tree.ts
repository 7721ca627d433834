/**
 * A copy of the project in which mutants are planted, below build/. The user's files are only read. The copy
 * has no node_modules of its own: Node and the build find those of the project.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** What a copy needs not, or makes itself. */
const LEFT_OUT = new Set(["build", "node_modules", ".git"]);

export class Tree {
  readonly path: string;
  private readonly project: string;

  /** Makes the copy. Copies that a killed run has left behind are removed first. */
  constructor(project: string) {
    this.project = project;
    const copies = join(project, "build/mutate");
    removeAbandoned(copies);
    this.path = join(copies, String(process.pid));
    rmSync(this.path, { recursive: true, force: true });
    mkdirSync(this.path, { recursive: true });
    for (const name of readdirSync(project)) {
      if (!LEFT_OUT.has(name)) cpSync(join(project, name), join(this.path, name), { recursive: true });
    }
    // Some tools look for their parts by path, and not as Node does.
    if (existsSync(join(project, "node_modules")))
      symlinkSync(join(project, "node_modules"), join(this.path, "node_modules"), "dir");
    // Objects are named by a hash of what they are made of, so the copy can use those of the project.
    const objects = join(project, "build/cache");
    if (existsSync(objects)) cpSync(objects, join(this.path, "build/cache"), { recursive: true });
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  /** Undoes every `write` to the file. */
  restore(file: string): void {
    this.write(file, readFileSync(join(this.project, file), "utf8"));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}

function removeAbandoned(copies: string): void {
  if (!existsSync(copies)) return;
  for (const name of readdirSync(copies)) {
    if (/^\d+$/.test(name) && !isAlive(Number(name)))
      rmSync(join(copies, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
