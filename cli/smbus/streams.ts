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

const RESTARTED = "[the BMC has restarted, and what it printed and kept before is gone]";

/**
 * Shows the boot log from where the last `log` ended, the first time from the oldest byte that is kept.
 * Unless it follows, it ends with the byte that is the newest now: a board may print faster than the bus
 * carries.
 */
export async function showLog(session: Session, follow: boolean): Promise<void> {
  const safe = new SafeText("plain");
  let endsLine = true;
  let isEmpty = true;
  const isFirst = session.lastOfLog === null;
  const print = (chunk: Chunk) => {
    const text = safe.push(chunk.data);
    if (chunk.restarted) session.say(`${endsLine ? "" : "\n"}${RESTARTED}`);
    if (chunk.lost > 0)
      session.say(
        `${endsLine ? "" : "\n"}[${chunk.lost} bytes are missing: the log came faster than it was read]`,
      );
    session.put(text);
    endsLine = text === "" ? endsLine : text.endsWith("\n");
    if (chunk.restarted) endsLine = true;
    session.lastOfLog = chunk;
    isEmpty = false;
  };
  const { captured } = await session.client.get("MFR_LOG_STATUS");
  for (let restedMs = 0; ; restedMs += POLL_MS) {
    for await (const chunk of session.client.log(session.lastOfLog ?? undefined)) {
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

/** The console's output since the last call. */
async function* newOutput(session: Session): AsyncGenerator<Uint8Array> {
  for await (const chunk of session.client.consoleOutput(session.lastOfConsole ?? undefined)) {
    if (chunk.restarted) session.note(RESTARTED);
    session.lastOfConsole = chunk;
    yield chunk.data;
  }
}

/** Types the line and shows what the console prints until it rests, echo and next prompt included. */
export async function talk(session: Session, line: string): Promise<void> {
  // Skips the output from before the line.
  let before = 0;
  for await (const data of newOutput(session)) {
    before += data.length;
    if (before > BEFORE_MOST_BYTES) break;
  }
  await typeText(session.client, "MFR_CONSOLE_INPUT", `${line}\r`, (ms) => session.pause(ms));
  const safe = new SafeText("plain");
  let answer = "";
  let bytes = 0;
  for (let quietMs = 0, waitedMs = 0; waitedMs < ANSWER_LATE_MS; quietMs += POLL_MS, waitedMs += POLL_MS) {
    for await (const data of newOutput(session)) {
      answer += safe.push(data);
      quietMs = 0;
      bytes += data.length;
      if (bytes > ANSWER_MOST_BYTES) break;
    }
    if (bytes > ANSWER_MOST_BYTES) break;
    if (answer.includes("\n") && quietMs >= ANSWER_QUIET_MS) break;
    await session.pause(POLL_MS);
  }
  session.say(...answer.replaceAll("\r", "").trimEnd().split("\n"));
  if (bytes > ANSWER_MOST_BYTES) session.note("the console goes on printing, and the rest is not shown");
}
