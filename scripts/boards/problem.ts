/** A problem of a board file, as the checks report it and `load.ts` prints it. */

export type Path = readonly (string | number)[];

export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** What the other side of a conflict calls this one; without it, the second step of the path. */
  readonly name?: string;
  /** The other side of a conflict, and the same problem as seen from there. */
  readonly rival?: { readonly path: Path; readonly name: string; readonly message: string };
}
