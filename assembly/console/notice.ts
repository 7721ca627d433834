/**
 * Messages that come by themselves, printed above the line somebody may be typing. While the
 * console carries raw boot-log bytes they are held back, so that not one byte is mixed in.
 */
import { CharCode } from "./char-code";
import { clearLine, redrawLine } from "./line-editor";
import * as listing from "./listing";
import * as logView from "./log-view";
import { endLine, hold, put, seconds, text } from "./output";

export function beginNotice(now_us: u64): void {
  if (logView.isRaw()) {
    hold(true);
  } else if (logView.isActive()) {
    endLine();
  } else if (!listing.isActive()) {
    clearLine();
  }
  put(CharCode.OPEN_BRACKET);
  seconds(now_us, 9);
  text("] ");
}

export function endNotice(): void {
  endLine();
  if (logView.isRaw()) hold(false);
  else if (!logView.isActive() && !listing.isActive()) redrawLine();
}
