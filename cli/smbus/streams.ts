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
/** A console that prints more than this never rests: the longest answer, that of `log`, has about half. */
const ANSWER_MOST_BYTES = 65_536;
/** The slot keeps half as much of what the console has printed before. */
const BEFORE_MOST_BYTES = 8192;

/**
 * Shows the boot log from where the last `log` ended, the first time from the oldest byte that is kept.
 * Unless it follows, it ends with the byte that is the newest now: a board may print faster than the bus
 * carries.
 */
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
  const { captured } = await session.client.get("MFR_LOG_STATUS");
  for (let restedMs = 0; ; restedMs += POLL_MS) {
    for await (const chunk of session.client.log(session.logPosition ?? undefined)) {
      print(chunk);
      restedMs = 0;
      if (!follow && reaches(chunk.next, captured)) break;
    }
    if (!follow || restedMs >= RESTS_MS) break;
    await session.pause(POLL_MS);
  }
  if (!endsLine) session.put("\n");
  if (isEmpty) session.note(isFirst ? "the boot log is empty" : "nothing new in the boot log");
}

/** Whether a position is at another one or behind it; positions wrap. */
function reaches(position: number, other: number): boolean {
  return ((position - other) | 0) >= 0;
}

/** Types the line and shows what the console prints until it rests, echo and next prompt included. */
export async function talk(session: Session, line: string): Promise<void> {
  // Skips the output from before the line.
  let before = 0;
  for await (const { data, next } of session.client.consoleOutput(session.consolePosition ?? undefined)) {
    session.consolePosition = next;
    before += data.length;
    if (before > BEFORE_MOST_BYTES) break;
  }
  await typeText(session.client, "MFR_CONSOLE_INPUT", `${line}\r`, (ms) => session.pause(ms));
  const safe = new SafeText("plain");
  let answer = "";
  let bytes = 0;
  for (let quietMs = 0, waitedMs = 0; waitedMs < ANSWER_LATE_MS; quietMs += POLL_MS, waitedMs += POLL_MS) {
    for await (const chunk of session.client.consoleOutput(session.consolePosition ?? 0)) {
      answer += safe.push(chunk.data);
      session.consolePosition = chunk.next;
      quietMs = 0;
      bytes += chunk.data.length;
      if (bytes > ANSWER_MOST_BYTES) break;
    }
    if (bytes > ANSWER_MOST_BYTES) break;
    if (answer.includes("\n") && quietMs >= ANSWER_QUIET_MS) break;
    await session.pause(POLL_MS);
  }
  session.say(...answer.replaceAll("\r", "").trimEnd().split("\n"));
  if (bytes > ANSWER_MOST_BYTES) session.note("the console goes on printing, and the rest is not shown");
}
