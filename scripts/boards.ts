/**
 * Board descriptions: everything the other scripts need of boards/, exported from one module.
 * The implementation is in scripts/boards/.
 */
export { boardAssemblyScript } from "./boards/assembly.ts";
export { boardHeader } from "./boards/header.ts";
export {
  BOARDS_DIRECTORY,
  BoardError,
  listBoards,
  loadBoard,
  UnknownBoardError,
} from "./boards/load.ts";
export { boardPinTable, withGeneratedSection } from "./boards/table.ts";
