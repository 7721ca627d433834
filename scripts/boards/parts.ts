/** A board file taken apart: `check.ts` gives these parts to the checks of rails, sensors and signals. */
import type {
  BoardLimits,
  BoardPowerMonitor,
  BoardRail,
  BoardSensor,
  BoardSignal,
} from "../../boards/board.ts";

/** The well-shaped parts of a board, and the names of all parts, well-shaped or not. */
export interface BoardParts {
  readonly signals: ReadonlyMap<string, BoardSignal>;
  /** With the names that were probably meant where one is unknown. */
  readonly signalNames: readonly string[];
  readonly wiredGpios: ReadonlyMap<number, string>;
  /** With their index in the file. */
  readonly rails: readonly (readonly [number, BoardRail])[];
  /** Undefined where the list of rails is itself wrong. */
  readonly railNames: readonly string[] | undefined;
  /** What a board of the base has and this one has not, with its index. */
  readonly unfittedRails: readonly (readonly [number, Partial<BoardRail>])[];
  readonly sensors: ReadonlyMap<string, BoardSensor>;
  /** What the board has, well-shaped or not; undefined where the group is itself missing or wrong. */
  readonly sensorNames: readonly string[] | undefined;
  /** In a file a limit that does not exist is null or left out. */
  readonly limits: ReadonlyMap<string, Partial<BoardLimits>>;
  readonly limitNames: readonly string[] | undefined;
  readonly flash: { readonly chip: string; readonly bytes: number } | undefined;
  readonly overcurrent: number | undefined;
  readonly smbusAddress: number | undefined;
  readonly powerMonitor: BoardPowerMonitor | undefined;
  /** Six digits. */
  readonly date: string | undefined;
}
