/** `log` and `console`: the boot log and the BMC's console over the bus, made safe for the terminal. */

import { type Chunk, typeText } from "@racklet/client";
import { SafeText } from "../safe-text.ts";
import type { Session } from "./session.ts";

const POLL_MS = 50;
/**
 * `log -f` takes a boot log that rests for this long as finished: without a terminal there is no Ctrl-C that
 * could end it.
 */
const RESTS_MS = 10_000;
/** An answer of the console is complete after this long without output, and missing after ANSWER_LATE_MS. */
const ANSWER_QUIET_MS = 100;
const ANSWER_LATE_MS = 3000;

/** Shows the boot log from where the last `log` ended, the first time from the oldest byte that is kept. */
export async function showLog(session: Session, follow: boolean): Promise<void> {
  const safe = new SafeText("plain");
  let endsLine = true;
  let isEmpty = true;
  const isFirst = session.logPosition === null;
  const print = (chunk: Chunk) => {
    const text = safe.push(chunk.data);
    if (chunk.lost > 0)
      session.say(
        `${endsLine ? "" : "\n"}[${chunk.lost} bytes are missing: the log came faster than it was read]`,
      );
    session.put(text);
    endsLine = text === "" ? endsLine : text.endsWith("\n");
    session.logPosition = chunk.next;
    isEmpty = false;
  };
  for (let restedMs = 0; ; restedMs += POLL_MS) {
    for await (const chunk of session.client.log(session.logPosition ?? undefined)) {
      print(chunk);
      restedMs = 0;
    }
    if (!follow || restedMs >= RESTS_MS) break;
    await session.pause(POLL_MS);
  }
  if (!endsLine) session.put("\n");
  if (isEmpty) session.note(isFirst ? "the boot log is empty" : "nothing new in the boot log");
}

/** Types the line and shows what the console prints until it rests, echo and next prompt included. */
export async function talk(session: Session, line: string): Promise<void> {
  // Skips the output from before the line.
  for await (const chunk of session.client.consoleOutput(session.consolePosition ?? undefined))
    session.consolePosition = chunk.next;
  await typeText(session.client, "MFR_CONSOLE_INPUT", `${line}\r`, (ms) => session.pause(ms));
  const safe = new SafeText("plain");
  let answer = "";
  for (let quietMs = 0, waitedMs = 0; waitedMs < ANSWER_LATE_MS; quietMs += POLL_MS, waitedMs += POLL_MS) {
    for await (const chunk of session.client.consoleOutput(session.consolePosition ?? 0)) {
      answer += safe.push(chunk.data);
      session.consolePosition = chunk.next;
      quietMs = 0;
    }
    if (answer.includes("\n") && quietMs >= ANSWER_QUIET_MS) break;
    await session.pause(POLL_MS);
  }
  session.say(...answer.replaceAll("\r", "").trimEnd().split("\n"));
}
