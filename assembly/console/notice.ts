/**
 * Notices: messages that no command asked for. A notice is printed above the line that a user may be typing.
 * While the console carries the raw boot log, notices are held back, so that they do not mix into its bytes.
 */
import { CharCode } from "./char-code";
import { clearLine, redrawLine } from "./line-editor";
import { endLine, hold, put, seconds, Terminal, terminal, text, wrapLines } from "./output";

/** A notice may come in the middle of an answer, which goes on as it was. */
let wrappedBefore: bool = false;

/** Makes room for a notice and prints its time. The caller prints the text, then calls `endNotice`. */
export function beginNotice(now_us: u64): void {
  if (terminal == Terminal.LINE) clearLine();
  else if (terminal == Terminal.LOG) endLine();
  else if (terminal == Terminal.RAW_LOG) hold(true);
  // A listing prints whole lines, and so the notice begins a line of its own.
  wrappedBefore = wrapLines(true);
  put(CharCode.OPEN_BRACKET);
  seconds(now_us, 9);
  text("] ");
}

export function endNotice(): void {
  endLine();
  wrapLines(wrappedBefore);
  if (terminal == Terminal.LINE) redrawLine();
  else if (terminal == Terminal.RAW_LOG) hold(false);
}
